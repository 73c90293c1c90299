//! The guards of every transaction: what keeps a statement from doing harm, and the session's settings from
//! changing what it reads.
//!
//! Only `SET LOCAL`: a plain `SET` would stay in a pooled server session for its next client. The texts are constant
//! from run to run, so that pg_stat_statements counts each of them once.

use std::time::Duration;

use pgdba_pg::quote::quote_literal;
use pgdba_snapshot::guards::{self, SETTINGS, Setting, UNCOUNTED};

/// Takes text as it is, whatever its encoding.
const UNCONVERTED: &str = "SET LOCAL client_encoding = 'SQL_ASCII';\n";

/// The longest a statement of a section may take, whatever the time for all of them.
pub const STATEMENT_LIMIT: Duration = Duration::from_secs(guards::STATEMENT_SECONDS);

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
        let uncounted = self.uncounted.then_some(&UNCOUNTED);
        let chosen = uncounted.into_iter().chain(SETTINGS).filter(|(since, ..)| *since <= self.major);
        let settings: String = chosen.map(set_local).collect();
        // Whole seconds: an ordinary run has the same text for every section.
        let limit = rest.min(STATEMENT_LIMIT).as_millis().div_ceil(1000).max(1);
        let timeout = format!("SET LOCAL statement_timeout = '{limit}s';\n");
        format!("{};\n{settings}{unconverted}{timeout}{};\nCOMMIT", guards::BEGIN, sql.trim_end())
    }
}

fn set_local((_, name, value): &Setting) -> String {
    // In quotes a list of schemas would be one schema.
    let value = if *name == "search_path" { (*value).to_owned() } else { quote_literal(value) };
    format!("SET LOCAL {name} = {value};\n")
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
        assert_eq!(lines.first(), Some(&"begin isolation level read committed read only not deferrable;"));
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
