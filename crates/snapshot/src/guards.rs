//! The settings under which every statement of a collection runs, natively and in the psql script.
//!
//! They keep a statement from doing harm, and the session's own settings from changing what it reads: a role or a
//! database may carry any value of any of them. Set for one transaction only: what outlives it would stay in a pooled
//! server session for its next client.

/// One setting: from which major version on, its name, its value.
pub type Setting = (i64, &'static str, &'static str);

/// Named in full: with `serializable` or `deferrable` as a default, the first read may wait or fail on a standby.
pub const BEGIN: &str = "begin isolation level read committed read only not deferrable";

/// Keeps a collection out of pg_stat_statements; only superusers may, and only where its library is loaded.
pub const UNCOUNTED: Setting = (12, "pg_stat_statements.track", "none");

/// The settings, in the order in which they are made.
pub const SETTINGS: &[Setting] = &[
    (12, "search_path", "pg_catalog, pg_temp"),
    (12, "client_min_messages", "error"),
    (12, "lock_timeout", "100ms"),
    (12, "idle_in_transaction_session_timeout", "10s"),
    (12, "client_encoding", "UTF8"),
    (12, "DateStyle", "ISO, YMD"),
    (12, "IntervalStyle", "iso_8601"),
    (12, "TimeZone", "UTC"),
    (12, "bytea_output", "hex"),
    (12, "extra_float_digits", "1"),
    (12, "standard_conforming_strings", "on"),
    (12, "quote_all_identifiers", "off"),
    (12, "row_security", "off"),
    // The catalogue of a large cluster is sorted in memory: no temporary file, and no line about it in the log.
    (12, "work_mem", "32MB"),
    (12, "jit", "off"),
    (12, "max_parallel_workers_per_gather", "0"),
    (12, "enable_bitmapscan", "on"),
    (12, "enable_hashagg", "on"),
    (12, "enable_hashjoin", "on"),
    (12, "enable_indexonlyscan", "on"),
    (12, "enable_indexscan", "on"),
    (12, "enable_material", "on"),
    (12, "enable_mergejoin", "on"),
    (12, "enable_nestloop", "on"),
    (12, "enable_seqscan", "on"),
    (12, "enable_sort", "on"),
    (15, "stats_fetch_consistency", "none"),
    // It ends the session, so it stands above the limits that only end the statement.
    (17, "transaction_timeout", "40s"),
];

/// The longest a statement of a section may take, in seconds, whatever the time for all of them.
pub const STATEMENT_SECONDS: u64 = 30;

/// One call that makes a setting for the rest of the transaction.
#[must_use]
pub fn set_config(name: &str, value: &str) -> String {
    use pgdba_pg::quote::quote_literal;
    format!("pg_catalog.set_config({}, {}, true)", quote_literal(name), quote_literal(value))
}
