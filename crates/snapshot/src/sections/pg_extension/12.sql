select e.oid, e.extname, e.extversion, n.nspname, r.rolname as owner
from pg_catalog.pg_extension e
left join pg_catalog.pg_namespace n on n.oid = e.extnamespace
left join pg_catalog.pg_roles r on r.oid = e.extowner
order by e.oid
