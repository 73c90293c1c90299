//! Autovacuum and dead rows.

use crate::registry;

registry! { Vacuum:
    autovacuum_off,
    autovacuum_off_for_table,
    blocking_wraparound_vacuum,
    busy_autovacuum_workers,
    dead_tuples,
    deferred_cleanup,
    failsafe_near,
    high_freeze_max_age,
    horizon_held_by_prepared_transaction,
    horizon_held_by_session,
    horizon_held_by_slot,
    horizon_held_by_standby,
    incomplete_autovacuum,
    large_scale_factor,
    low_cost_limit,
    low_freeze_max_age,
    multixact_wraparound,
    old_temporary_table,
    overdue_analyze,
    several_index_passes,
    throttled_autovacuum,
    transaction_id_wraparound,
    unfrozen_table,
    unvacuumed_inserts,
}
