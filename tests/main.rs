//! One test binary for everything that needs a real server or the built programs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic, and so may the functions that only tests call"
)]

mod alter_system;
mod apply_adversary;
mod apply_kills;
mod apply_locks;
mod apply_others;
mod apply_poolers;
mod apply_privileges;
mod apply_recovery;
mod apply_refusals;
mod apply_reload;
mod apply_sources;
mod apply_store;
mod apply_traps;
mod apply_values;
mod architecture;
mod baseline;
mod bloat;
mod calls;
mod circumstances;
mod cluster;
mod collect;
mod config_show;
mod connect;
mod delta;
mod every_parameter;
mod explain;
mod faults;
mod figures;
mod fixtures;
mod healthy;
mod hijack;
mod history;
mod hostile_text;
mod index_advice;
mod index_changes;
mod locks;
mod many;
mod neighbours;
mod new;
mod offline;
mod patroni;
mod plans;
mod planted;
mod policy;
mod privileges;
mod program;
mod psql;
mod queries;
mod query_ids;
mod recorded;
mod redact;
mod replication;
mod rule_reads;
mod scenario;
mod schemas;
mod secrets;
mod sections;
mod site;
mod snapshots;
mod spoiled;
mod starting;
mod stopping;
mod texts;
mod trend;
mod tuning;
mod untouched;
mod vacuum;
mod versions;
mod words;
