select p.oid, n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid) as identity_arguments,
       p.prokind, l.lanname, pg_catalog.pg_get_userbyid(p.proowner) as owner,
       (select r.rolsuper from pg_catalog.pg_roles r where r.oid = p.proowner) as owner_is_superuser, p.provolatile,
       pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE') as public_execute,
       (select pg_catalog.substr(s, 13) from pg_catalog.unnest(p.proconfig) s
         where s like 'search\_path=%') as search_path,
       array(select pg_catalog.split_part(s, '=', 1) from pg_catalog.unnest(p.proconfig) s) as config_names, e.extname
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
left join pg_catalog.pg_language l on l.oid = p.prolang
left join pg_catalog.pg_depend d
  on d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e'
left join pg_catalog.pg_extension e on e.oid = d.refobjid
where p.prosecdef
  and p.oid >= 16384
order by p.oid
