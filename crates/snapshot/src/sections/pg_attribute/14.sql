select a.attrelid, a.attnum, a.attname, a.atttypid, nullif(a.atttypmod, -1) as atttypmod, a.attstorage,
       nullif(a.attcompression, '') as attcompression, a.attnotnull, a.atthasdef, a.atthasmissing,
       nullif(a.attidentity, '') as attidentity, nullif(a.attgenerated, '') as attgenerated,
       nullif(a.attstattarget, -1) as attstattarget, a.attoptions, nullif(a.attcollation, 0) as attcollation
from pg_catalog.pg_attribute a
where a.attnum > 0
  and not a.attisdropped
  and a.attrelid = any (array(select c.oid from pg_catalog.pg_class c
                              where c.relkind in ('r', 'p', 'm', 'f') and c.oid >= 16384
                              union all
                              select i.indexrelid from pg_catalog.pg_index i
                              where i.indexprs is not null and i.indexrelid >= 16384))
