select slot_name, plugin, slot_type, datoid, database, temporary, active, active_pid,
       pg_catalog.age(xmin) as xmin_age, pg_catalog.age(catalog_xmin) as catalog_xmin_age, restart_lsn,
       confirmed_flush_lsn, wal_status, safe_wal_size, two_phase,
       slot_name ~ '^pg_[0-9]+_sync_[0-9]+(_[0-9]+)?$' as copies_table
from pg_catalog.pg_replication_slots
order by slot_name
