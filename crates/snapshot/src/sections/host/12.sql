with cgroup as (
  select pg_catalog.pg_read_file('/proc/self/cgroup', 0, 100000, true) as text
), place as (
  select case when c.text ~ '(^|\n)0::/' then pg_catalog.rtrim(pg_catalog.substring(c.text, '0::(/[^\n]*)'), '/') end as v2
  from cgroup c
)
select 'server' as source,
       pg_catalog.pg_read_file('/proc/meminfo', 0, 1000000, true) as meminfo,
       pg_catalog.pg_read_file('/sys/devices/system/cpu/online', 0, 1000, true) as cpu_online,
       pg_catalog.pg_read_file('/proc/loadavg', 0, 1000, true) as loadavg,
       coalesce(pg_catalog.pg_read_file('/sys/fs/cgroup' || p.v2 || '/memory.max', 0, 1000, true),
                pg_catalog.pg_read_file('/sys/fs/cgroup/memory.max', 0, 1000, true),
                pg_catalog.pg_read_file('/sys/fs/cgroup/memory/memory.limit_in_bytes', 0, 1000, true)) as cgroup_memory_max,
       coalesce(pg_catalog.pg_read_file('/sys/fs/cgroup' || p.v2 || '/cpu.max', 0, 1000, true),
                pg_catalog.pg_read_file('/sys/fs/cgroup/cpu.max', 0, 1000, true),
                pg_catalog.pg_read_file('/sys/fs/cgroup/cpu/cpu.cfs_quota_us', 0, 1000, true)
                  || ' ' || pg_catalog.pg_read_file('/sys/fs/cgroup/cpu/cpu.cfs_period_us', 0, 1000, true)) as cgroup_cpu_max,
       (select pg_catalog.string_agg(d.name || '=' || pg_catalog.btrim(f.text, E' \n'), ' ' order by d.name)
        from (values ('sda'), ('sdb'), ('vda'), ('vdb'), ('xvda'), ('nvme0n1'), ('nvme1n1'), ('mmcblk0'), ('md0'), ('dm-0')) d (name),
             lateral (select pg_catalog.pg_read_file('/sys/block/' || d.name || '/queue/rotational', 0, 10, true) as text) f
        where f.text is not null) as rotational
from place p
