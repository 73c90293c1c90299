select slot_name, plugin, slot_type, datoid, database, temporary, active, active_pid,
       pg_catalog.age(xmin) as xmin_age, pg_catalog.age(catalog_xmin) as catalog_xmin_age, restart_lsn,
       confirmed_flush_lsn, wal_status, safe_wal_size, two_phase
from pg_catalog.pg_replication_slots
order by slot_name
