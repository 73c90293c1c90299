select pid, datid, relid, phase, heap_blks_total, heap_blks_scanned, heap_blks_vacuumed, index_vacuum_count,
       max_dead_tuples, num_dead_tuples
from pg_catalog.pg_stat_progress_vacuum
order by pid
