select e.oid, e.extname, e.extversion, n.nspname, pg_catalog.pg_get_userbyid(e.extowner) as owner
from pg_catalog.pg_extension e
left join pg_catalog.pg_namespace n on n.oid = e.extnamespace
order by e.oid
