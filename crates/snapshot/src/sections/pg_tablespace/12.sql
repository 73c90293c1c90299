select t.oid, t.spcname, pg_catalog.pg_get_userbyid(t.spcowner) as owner, t.spcoptions
from pg_catalog.pg_tablespace t
order by t.oid
