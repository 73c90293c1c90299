select a.attrelid, a.attnum, a.attname, a.atttypid, t.typname, t.typtype, a.atttypmod, a.attlen, a.attalign,
       a.attstorage, nullif(a.attcompression, '') as attcompression, a.attnotnull, a.atthasdef, a.atthasmissing,
       nullif(a.attidentity, '') as attidentity, nullif(a.attgenerated, '') as attgenerated,
       nullif(a.attstattarget, -1) as attstattarget, a.attoptions, a.attcollation
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_type t on t.oid = a.atttypid
where a.attnum > 0
  and not a.attisdropped
  and a.attrelid >= 16384
  and n.nspname not in ('pg_catalog', 'information_schema')
  and (c.relkind in ('r', 'p', 'm', 'f')
       or c.relkind in ('i', 'I')
          and exists (select from pg_catalog.pg_index i where i.indexrelid = c.oid and i.indexprs is not null))
order by a.attrelid, a.attnum
