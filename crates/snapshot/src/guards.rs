//! The settings under which every statement of a collection runs, natively and in the psql script.
//!
//! They keep a statement from doing harm, and the session's own settings from changing what it reads: a role or a
//! database may carry any value of any of them. Set for one transaction only: what outlives it would stay in a pooled
//! server session for its next client.

/// One setting: from which major version on, its name, its value.
pub type Setting = (i64, &'static str, &'static str);

/// Stands inside every statement of ours, where pg_stat_statements, pg_stat_activity and the server's log keep it: an
/// administrator sees whose it is, and the section of pg_stat_statements leaves such statements out.
///
/// In front of a statement newer servers drop it.
pub const MARK: &str = "/* pgdba */";

/// Begins a transaction. Its properties are named in full: with `serializable` or `deferrable` as a default, the first
/// read may wait or fail on a standby.
pub const BEGIN: &str = "begin /* pgdba */ isolation level read committed read only not deferrable";

/// Ends a transaction.
pub const COMMIT: &str = "commit /* pgdba */";

/// Begins the transaction of a message of several statements. It ends with the message, so no COMMIT is needed: that of
/// others counts for the same statement in pg_stat_statements from version 16 on, and no mark tells them apart.
pub const SET_TRANSACTION: &str =
    "set /* pgdba */ transaction isolation level read committed, read only, not deferrable";

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
    // The catalog of a large cluster is sorted in memory: no temporary file, and no line about it in the log.
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
    // With pages that seem too dear to fetch, an index is passed over and a list searched for every row.
    (12, "seq_page_cost", "1"),
    (12, "random_page_cost", "4"),
    (15, "stats_fetch_consistency", "none"),
    // It ends the session, so it stands above the limits that only end the statement.
    (17, "transaction_timeout", "40s"),
];

/// Whether `setting` gives the planner a method that a role's or a database's setting may have taken away. Where none is
/// taken away these settings are left alone: they cost time, and what is read does not depend on them.
#[must_use]
pub fn is_method(setting: &Setting) -> bool {
    is_switch(setting) || setting.1.ends_with("_page_cost")
}

fn is_switch(setting: &Setting) -> bool {
    setting.1.starts_with("enable_")
}

/// How many times as dear as one of a sequence a page may be, so that indexes are used still: five times the default.
const DEAREST: u32 = 20;

/// Asks whether the planner lacks a method, in a session in which those settings are left alone.
#[must_use]
pub fn is_hampered() -> String {
    let switches = SETTINGS.iter().filter(|setting| is_switch(setting));
    let values: Vec<String> = switches.map(|(_, name, _)| format!("pg_catalog.current_setting('{name}')")).collect();
    let cost = |name: &str| format!("pg_catalog.current_setting('{name}_page_cost')::pg_catalog.float8");
    format!(
        "('off' = any (array[{}])\n         or {} > {DEAREST} * {})",
        values.join(",\n         "),
        cost("random"),
        cost("seq"),
    )
}

/// The longest a statement of a section may take, in seconds, whatever the time for all of them.
pub const STATEMENT_SECONDS: u64 = 30;

/// One call that makes a setting for the rest of the transaction.
#[must_use]
pub fn set_config(name: &str, value: &str) -> String {
    use pgdba_pg::quote::quote_literal;
    format!("pg_catalog.set_config({}, {}, true)", quote_literal(name), quote_literal(value))
}

/// One statement that makes a setting for the rest of the transaction. It costs the server half of what [`set_config`]
/// does, and where pg_stat_statements counts it an entry for each setting. It bears no mark: reading a comment twenty times
/// over costs more than all it sets.
#[must_use]
pub fn set_local(name: &str, value: &str) -> String {
    use pgdba_pg::quote::quote_literal;
    // In quotes the list would be one schema's name.
    let value = if name == "search_path" { value.to_owned() } else { quote_literal(value) };
    format!("set local {name} = {value}")
}

/// `statement` with [`MARK`] behind its first word.
#[must_use]
pub fn marked(statement: &str) -> String {
    let statement = statement.trim();
    let (first, rest) = statement.split_once(char::is_whitespace).unwrap_or((statement, ""));
    format!("{first} {MARK} {}", rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_bears_the_mark() {
        assert_eq!(marked("\nselect 1\n"), "select /* pgdba */ 1");
        assert_eq!(marked("with\n  a as (select 1)"), "with /* pgdba */ a as (select 1)");
        for statement in [BEGIN, COMMIT, SET_TRANSACTION] {
            assert_eq!(statement.trim_end(), marked(&statement.replacen(MARK, "", 1)).trim_end());
        }
    }

    #[test]
    fn a_list_of_schemas_is_no_name_of_one() {
        assert_eq!(set_local("search_path", "a, b"), "set local search_path = a, b");
        assert_eq!(set_local("DateStyle", "ISO, YMD"), "set local DateStyle = 'ISO, YMD'");
    }
}
