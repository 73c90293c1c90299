select i.oid as indexrelid, pg_catalog.pg_stat_get_numscans(i.oid) as idx_scan,
       pg_catalog.pg_stat_get_tuples_returned(i.oid) as idx_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(i.oid) as idx_tup_fetch,
       pg_catalog.pg_stat_get_blocks_fetched(i.oid)
         - pg_catalog.pg_stat_get_blocks_hit(i.oid) as idx_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(i.oid) as idx_blks_hit
from pg_catalog.pg_class i
where i.relkind = 'i'
  and i.oid >= 16384
  and i.relnamespace not in (select n.oid from pg_catalog.pg_namespace n where n.nspname like 'pg\_toast%')
