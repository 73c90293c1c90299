select wal_records, wal_fpi, wal_bytes, wal_buffers_full, stats_reset
from pg_catalog.pg_stat_wal
