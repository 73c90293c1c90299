select pid, datid, relid, command, phase, cluster_index_relid, heap_tuples_scanned, heap_tuples_written,
       heap_blks_total, heap_blks_scanned, index_rebuild_count
from pg_catalog.pg_stat_progress_cluster
order by pid
