select n.oid, n.nspname, pg_catalog.pg_get_userbyid(n.nspowner) as owner, n.nspacl::pg_catalog.text[] as nspacl,
       pg_catalog.has_schema_privilege('public', n.oid, 'USAGE') as public_usage,
       pg_catalog.has_schema_privilege('public', n.oid, 'CREATE') as public_create
from pg_catalog.pg_namespace n
where n.nspname = 'public'
   or n.oid >= 16384 and n.nspname not like 'pg\_%'
order by n.oid
