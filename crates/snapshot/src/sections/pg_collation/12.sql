select c.oid, n.nspname, c.collname, c.collprovider, c.collisdeterministic, c.collversion,
       pg_catalog.pg_collation_actual_version(c.oid) as actual_version
from pg_catalog.pg_collation c
join pg_catalog.pg_namespace n on n.oid = c.collnamespace
where c.collencoding in (-1, (select d.encoding from pg_catalog.pg_database d
                              where d.datname = pg_catalog.current_database()))
  and (c.oid < 12000
       or c.oid >= 16384
       or exists (select from pg_catalog.pg_depend d
                  where d.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass and d.refobjid = c.oid))
order by c.oid
