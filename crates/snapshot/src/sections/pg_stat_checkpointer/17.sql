select num_timed, num_requested, restartpoints_timed, restartpoints_req, restartpoints_done, write_time, sync_time,
       buffers_written, stats_reset
from pg_catalog.pg_stat_checkpointer
