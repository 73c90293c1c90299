select s.userid, s.dbid, d.datname, s.queryid, s.query, s.calls,
       s.total_exec_time, s.min_exec_time, s.max_exec_time, s.mean_exec_time, s.stddev_exec_time,
       s.plans, s.total_plan_time,
       s.rows, s.shared_blks_hit, s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written,
       s.local_blks_read, s.local_blks_written, s.temp_blks_read, s.temp_blks_written,
       s.shared_blk_read_time, s.shared_blk_write_time,
       s.wal_records, s.wal_fpi, s.wal_bytes,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time
         + s.jit_deform_time as jit_time,
       s.stats_since
from {{pg_stat_statements}}(true) s
left join pg_catalog.pg_database d on d.oid = s.dbid
order by s.total_exec_time desc, s.queryid
limit {{statements}}
