with counted as materialized (
  select s.userid, s.dbid, s.queryid, s.toplevel, s.total_exec_time as time, s.calls,
         s.shared_blks_read + s.shared_blks_written as io, s.temp_blks_read + s.temp_blks_written as temp,
         s.wal_bytes as wal
  from {{pg_stat_statements}}(false) s
), chosen as materialized (
  select c.userid, c.dbid, c.queryid, c.toplevel, c.time
  from (select s.*,
               least(
                 pg_catalog.row_number() over (order by s.time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal > 0 then pg_catalog.row_number() over (order by s.wal desc, s.queryid) end) as place
        from counted s) c
  order by c.place, c.queryid
  limit {{statements}}
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written, s.shared_blk_read_time,
       s.shared_blk_write_time, s.temp_blk_read_time, s.temp_blk_write_time, s.wal_records, s.wal_fpi, s.wal_bytes,
       s.jit_functions,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time
         + s.jit_deform_time as jit_time,
       s.stats_since, s.minmax_stats_since
from {{pg_stat_statements}}((
       select coalesce(pg_catalog.max(f.size), 0) < 268435456
       from pg_catalog.pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true) f)) s
left join chosen c
  on s.queryid = c.queryid and s.userid = c.userid and s.dbid = c.dbid and s.toplevel = c.toplevel
left join pg_catalog.pg_database d on d.oid = s.dbid
where c.queryid is not null
   or s.queryid is null and s.total_exec_time >= (select pg_catalog.min(h.time) from chosen h where h.queryid is null)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
