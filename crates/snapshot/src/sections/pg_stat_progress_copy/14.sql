select pid, datid, relid, command, type as copy_type, bytes_processed, bytes_total, tuples_processed, tuples_excluded
from pg_catalog.pg_stat_progress_copy
order by pid
