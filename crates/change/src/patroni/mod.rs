//! Patroni: what it holds of a parameter, and what a change of its configuration looks like there and back.
//!
//! Patroni keeps one configuration for the whole cluster in its DCS (etcd, Consul, …), the *dynamic configuration*, and writes
//! each member's `postgresql.conf` from it. On one member the value of a parameter is the first of these that there is: what
//! Patroni passes on the command line, `postgresql.auto.conf` (`ALTER SYSTEM`), the member's own `postgresql.parameters` in
//! Patroni's local file, the dynamic configuration, PostgreSQL's default.

mod controlled;
mod dcs;
mod merge;
mod overrides;
mod patch;
mod plan;
mod rest;
mod settled;

pub use controlled::{Refusal, dcs_refuses, is_on_command_line, is_recovery_parameter};
pub use dcs::{Dcs, as_postgresql_reads};
pub use merge::merge;
pub use overrides::{OverriddenBy, Override, Sight, looks_managed, override_of};
pub use patch::{Former, FormerValue, former, patch, restore};
pub use plan::{DcsChange, DcsPlan, Foreign, Way};
pub use rest::{Leader, Member, Members, Node, PatroniVersion, RestartReason, Role, ScheduledSwitchover};
pub use settled::{Evidence, Settled, Shown, Sign, TAKEN_WITHIN, Unsettled, Wanted, Whence, settled};
