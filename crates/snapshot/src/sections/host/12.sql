select pg_catalog.pg_read_file('/proc/meminfo', 0, 1000000, true) as meminfo,
       pg_catalog.pg_read_file('/sys/devices/system/cpu/online', 0, 1000, true) as cpu_online,
       pg_catalog.pg_read_file('/proc/loadavg', 0, 1000, true) as loadavg,
       pg_catalog.pg_read_file('/sys/fs/cgroup/memory.max', 0, 1000, true) as cgroup_memory_max,
       pg_catalog.pg_read_file('/sys/fs/cgroup/cpu.max', 0, 1000, true) as cgroup_cpu_max
