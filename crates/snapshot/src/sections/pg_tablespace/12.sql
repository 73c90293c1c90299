select t.oid, t.spcname, r.rolname as owner, t.spcoptions
from pg_catalog.pg_tablespace t
left join pg_catalog.pg_roles r on r.oid = t.spcowner
order by t.oid
