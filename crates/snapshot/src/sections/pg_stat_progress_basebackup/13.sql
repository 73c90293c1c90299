select pid, phase, backup_total, backup_streamed, tablespaces_total, tablespaces_streamed
from pg_catalog.pg_stat_progress_basebackup
order by pid
