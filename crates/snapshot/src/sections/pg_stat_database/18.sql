select datid, datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched,
       tup_inserted, tup_updated, tup_deleted, conflicts, temp_files, temp_bytes, deadlocks, checksum_failures,
       blk_read_time, blk_write_time,
       session_time, active_time, idle_in_transaction_time, sessions, sessions_abandoned, sessions_fatal, sessions_killed,
       parallel_workers_to_launch, parallel_workers_launched,
       stats_reset
from pg_catalog.pg_stat_database
order by datid
