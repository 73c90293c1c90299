select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attstorage, a.attnotnull, a.atthasdef,
       a.atthasmissing, nullif(a.attidentity, '') as attidentity, nullif(a.attgenerated, '') as attgenerated,
       nullif(a.attstattarget, -1) as attstattarget, a.attoptions, a.attcollation
from pg_catalog.pg_attribute a
where a.attnum > 0
  and not a.attisdropped
  and a.attrelid >= 16384
  and coalesce(a.attrelid in (select c.oid from pg_catalog.pg_class c where c.relkind in ('r', 'p', 'm', 'f')
                              union all
                              select i.indexrelid from pg_catalog.pg_index i where i.indexprs is not null), false)
