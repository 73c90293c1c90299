select pid, usesysid, usename, application_name, pg_catalog.host(client_addr) as client_addr, backend_start,
       pg_catalog.age(backend_xmin) as backend_xmin_age, state, sent_lsn, write_lsn, flush_lsn, replay_lsn,
       extract(epoch from write_lag) * 1000 as write_lag_ms, extract(epoch from flush_lag) * 1000 as flush_lag_ms,
       extract(epoch from replay_lag) * 1000 as replay_lag_ms, sync_priority, sync_state, reply_time
from pg_catalog.pg_stat_replication
order by pid
