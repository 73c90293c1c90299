select t.oid, n.nspname, t.typname, t.typtype, t.typcategory, t.typlen, t.typalign, t.typstorage,
       nullif(t.typbasetype, 0) as typbasetype, nullif(t.typelem, 0) as typelem
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where t.typtype in ('b', 'd', 'e', 'r', 'm')
  and t.typelem not in (select e.oid from pg_catalog.pg_type e where e.typtype = 'c')
order by t.oid
