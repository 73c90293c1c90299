select pid, datid, relid, phase, sample_blks_total, sample_blks_scanned, ext_stats_total, ext_stats_computed,
       child_tables_total, child_tables_done, current_child_table_relid, delay_time
from pg_catalog.pg_stat_progress_analyze
order by pid
