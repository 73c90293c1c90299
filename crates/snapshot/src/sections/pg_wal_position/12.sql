select r.is_in_recovery, case when not r.is_in_recovery then pg_catalog.pg_current_wal_insert_lsn() end as insert_lsn,
       case when not r.is_in_recovery then pg_catalog.pg_current_wal_lsn() end as current_lsn,
       case when not r.is_in_recovery then pg_catalog.pg_current_wal_flush_lsn() end as flush_lsn,
       case when not r.is_in_recovery then pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) end as wal_file,
       pg_catalog.pg_last_wal_receive_lsn() as receive_lsn, pg_catalog.pg_last_wal_replay_lsn() as replay_lsn,
       pg_catalog.pg_last_xact_replay_timestamp() as replay_timestamp,
       case when r.is_in_recovery then pg_catalog.pg_is_wal_replay_paused() end as is_replay_paused,
       pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) as next_xid
from (select pg_catalog.pg_is_in_recovery() as is_in_recovery) r
