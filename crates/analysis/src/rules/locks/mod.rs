//! Locks and other waits.

use crate::registry;

registry! { Locks:
    advisory_lock_leak,
    blocked_sessions,
    ddl_lock_queue,
    deadlocks,
    idle_in_transaction,
    idle_in_transaction_timeout_off,
    io_waits,
    lock_pile_up,
    lock_table_full,
    lock_waits,
    log_lock_waits_off,
    long_query,
    lwlock_contention,
    prepared_transaction_old,
    short_deadlock_timeout,
}
