select c.oid as relid,
       pg_catalog.pg_stat_get_blocks_fetched(c.oid) - pg_catalog.pg_stat_get_blocks_hit(c.oid) as heap_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(c.oid) as heap_blks_hit
from pg_catalog.pg_class c
where c.relkind in ('r', 't', 'm')
  and c.oid >= 16384
