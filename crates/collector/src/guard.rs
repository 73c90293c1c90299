//! The guards of every transaction: what keeps a statement from doing harm, and the session's settings from
//! changing what it reads.
//!
//! Only `SET LOCAL`: a plain `SET` would stay in a pooled server session for its next client. The texts are constant
//! from run to run, so that pg_stat_statements counts each of them once.

use std::time::Duration;

/// Named in full: with `serializable` or `deferrable` as a default, the first read may wait or fail on a standby.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY NOT DEFERRABLE;\n";

/// Keeps what follows out of pg_stat_statements; only superusers may.
const UNCOUNTED: &str = "SET LOCAL pg_stat_statements.track = 'none';\n";

/// Takes text as it is, whatever its encoding.
const UNCONVERTED: &str = "SET LOCAL client_encoding = 'SQL_ASCII';\n";

/// From this major version on, these settings. Roles and databases may carry other values of any of them.
const SETTINGS: [(i64, &str); 3] = [
    (
        12,
        "\
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = 'error';
SET LOCAL lock_timeout = '100ms';
SET LOCAL idle_in_transaction_session_timeout = '10s';
SET LOCAL client_encoding = 'UTF8';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'iso_8601';
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1;
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL row_security = off;
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_bitmapscan = on;
SET LOCAL enable_hashagg = on;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_indexonlyscan = on;
SET LOCAL enable_indexscan = on;
SET LOCAL enable_material = on;
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_nestloop = on;
SET LOCAL enable_seqscan = on;
SET LOCAL enable_sort = on;
",
    ),
    (15, "SET LOCAL stats_fetch_consistency = 'none';\n"),
    // It ends the session, so it stands above the limits that only end the statement.
    (17, "SET LOCAL transaction_timeout = '40s';\n"),
];

/// The longest a statement of a section may take, whatever the time for all of them.
pub const STATEMENT_LIMIT: Duration = Duration::from_secs(30);

/// What a server is known to take.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// The server's major version.
    pub major: i64,
    /// Whether its pg_stat_statements can be told not to count us: the library is loaded and we are superuser.
    pub uncounted: bool,
    /// Whether the database's encoding is `SQL_ASCII`: its bytes may be anything, and the server must not look at them.
    pub keeps_any_bytes: bool,
}

impl Guard {
    /// What every server takes that pgdba can read at all.
    pub const UNKNOWN_SERVER: Self = Self { major: 12, uncounted: false, keeps_any_bytes: false };

    /// `sql` in one transaction under all guards, as one message of the simple protocol: if any of it is refused,
    /// the server passes over the rest. `rest` is what is left of the time for the whole collection.
    #[must_use]
    pub fn script(&self, sql: &str, rest: Duration) -> String {
        let unconverted = if self.keeps_any_bytes { UNCONVERTED } else { "" };
        let uncounted = if self.uncounted { UNCOUNTED } else { "" };
        let settings: String =
            SETTINGS.iter().filter(|(since, _)| *since <= self.major).map(|(_, text)| *text).collect();
        // Whole seconds: an ordinary run has the same text for every section.
        let limit = rest.min(STATEMENT_LIMIT).as_millis().div_ceil(1000).max(1);
        let timeout = format!("SET LOCAL statement_timeout = '{limit}s';\n");
        format!("{BEGIN}{uncounted}{settings}{unconverted}{timeout}{};\nCOMMIT", sql.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(major: i64, uncounted: bool, rest: u64) -> String {
        Guard { major, uncounted, keeps_any_bytes: false }.script("select 1\n", Duration::from_millis(rest))
    }

    #[test]
    fn every_setting_is_local() {
        let script = script(18, true, 60_000);
        let lines: Vec<_> = script.lines().collect();
        assert_eq!(lines.first(), Some(&"BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY NOT DEFERRABLE;"));
        assert_eq!(lines[lines.len() - 2..], ["select 1;", "COMMIT"]);
        for line in &lines[1..lines.len() - 2] {
            assert!(line.starts_with("SET LOCAL ") && line.ends_with(';'), "{line}");
        }
    }

    #[test]
    fn settings_follow_the_version_and_the_role() {
        assert!(!script(12, false, 60_000).contains("stats_fetch_consistency"));
        assert!(script(15, false, 60_000).contains("stats_fetch_consistency"));
        assert!(!script(16, false, 60_000).contains("transaction_timeout = '40s'"));
        assert!(script(17, false, 60_000).contains("SET LOCAL transaction_timeout = '40s'"));
        assert!(!script(18, false, 60_000).contains("pg_stat_statements"));
        assert_eq!(script(12, true, 60_000).lines().nth(1), Some("SET LOCAL pg_stat_statements.track = 'none';"));
    }

    #[test]
    fn a_statement_never_outlives_the_whole() {
        assert!(script(12, false, 60_000).contains("statement_timeout = '30s'"));
        assert!(script(12, false, 2_500).contains("statement_timeout = '3s'"));
        assert!(script(12, false, 0).contains("statement_timeout = '1s'"));
    }
}
