select s.pid, s.usesysid, pg_catalog.pg_get_userbyid(s.usesysid) as usename, s.application_name,
       pg_catalog.host(s.client_addr) as client_addr, s.backend_start,
       pg_catalog.age(s.backend_xmin) as backend_xmin_age, w.state, w.sent_lsn, w.write_lsn, w.flush_lsn, w.replay_lsn,
       extract(epoch from w.write_lag) * 1000 as write_lag_ms, extract(epoch from w.flush_lag) * 1000 as flush_lag_ms,
       extract(epoch from w.replay_lag) * 1000 as replay_lag_ms, w.sync_priority, w.sync_state, w.reply_time
from pg_catalog.pg_stat_get_wal_senders() w
join pg_catalog.pg_stat_get_activity(null) s on s.pid = w.pid
order by s.pid
