select backend_type, object, context, reads, read_time, writes, write_time, writebacks, writeback_time, extends,
       extend_time, op_bytes, hits, evictions, reuses, fsyncs, fsync_time, stats_reset
from pg_catalog.pg_stat_io
order by backend_type, object, context
