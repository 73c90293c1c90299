select i.indexrelid, i.indrelid as relid, pg_catalog.pg_stat_get_numscans(i.indexrelid) as idx_scan,
       pg_catalog.pg_stat_get_tuples_returned(i.indexrelid) as idx_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(i.indexrelid) as idx_tup_fetch,
       pg_catalog.pg_stat_get_blocks_fetched(i.indexrelid)
         - pg_catalog.pg_stat_get_blocks_hit(i.indexrelid) as idx_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(i.indexrelid) as idx_blks_hit
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indrelid
where i.indexrelid >= 16384
  and c.relkind in ('r', 'm')
