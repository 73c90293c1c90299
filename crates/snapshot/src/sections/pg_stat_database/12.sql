select datid, datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched,
       tup_inserted, tup_updated, tup_deleted, conflicts, temp_files, temp_bytes, deadlocks, checksum_failures,
       blk_read_time, blk_write_time,
       stats_reset
from pg_catalog.pg_stat_database
order by datid
