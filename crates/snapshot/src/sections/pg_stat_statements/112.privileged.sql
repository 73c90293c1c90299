with counted as materialized (
  select s.*
  from {{pg_stat_statements}}((
         select coalesce(pg_catalog.max(f.size), 0) < 268435456
         from pg_catalog.pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true) f)) with ordinality s
  where (pg_catalog.strpos(s.query, '{{mark}}') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > {{statements}}) s) c
  order by c.place, c.queryid
  limit {{statements}}
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written, s.shared_blk_read_time,
       s.shared_blk_write_time, s.temp_blk_read_time, s.temp_blk_write_time, s.wal_records, s.wal_fpi, s.wal_bytes,
       s.wal_buffers_full, s.jit_functions,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time
         + s.jit_deform_time as jit_time,
       s.parallel_workers_to_launch, s.parallel_workers_launched, s.stats_since, s.minmax_stats_since,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= {{statements}}
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
