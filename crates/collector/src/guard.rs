//! The guards of every transaction: what keeps a statement from doing harm, and the session's settings from
//! changing what it reads.
//!
//! Each setting lasts for one transaction: a plain `SET` would stay in a pooled server session for its next client. All are
//! made by one statement, and the texts are constant from run to run, so that pg_stat_statements counts few of ours.

use std::time::Duration;

use pgdba_snapshot::guards::{self, SETTINGS, Setting, UNCOUNTED, set_config};

/// Takes text as it is, whatever its encoding.
const UNCONVERTED: Setting = (12, "client_encoding", "SQL_ASCII");

/// The longest a statement of a section may take, whatever the time for all of them.
pub const STATEMENT_LIMIT: Duration = Duration::from_secs(guards::STATEMENT_SECONDS);

/// Keeps the very first statement out of pg_stat_statements too, where that may be done. It is read before the search path
/// is set, so that its operator is named with its schema too: else a database's owner could have his own run.
const UNCOUNTED_IF_MAY: &str = "\
(select pg_catalog.set_config('pg_stat_statements.track', 'none', true) from pg_catalog.pg_roles r
 where r.rolname operator(pg_catalog.=) current_user and r.rolsuper and pg_catalog.current_setting('pg_stat_statements.track', true) is not null)";

/// Whether pg_stat_statements can be told not to count us: its library is loaded and we are superuser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Not asked yet.
    Unknown,
    /// It counts us, or there is none.
    Counted,
    /// It can be told not to.
    Uncounted,
}

/// What a server is known to take.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// The server's major version.
    pub major: i64,
    /// Whether its pg_stat_statements counts us.
    pub counting: Counting,
    /// Whether the database's encoding is `SQL_ASCII`: its bytes may be anything, and the server must not look at them.
    pub keeps_any_bytes: bool,
}

impl Guard {
    /// What every server takes that pgdba can read at all.
    pub const UNKNOWN_SERVER: Self = Self { major: 12, counting: Counting::Unknown, keeps_any_bytes: false };

    /// `sql` in one transaction under all guards, as one message of the simple protocol: if any of it is refused,
    /// the server passes over the rest. `rest` is what is left of the time for the whole collection.
    #[must_use]
    pub fn script(&self, sql: &str, rest: Duration) -> String {
        let uncounted = (self.counting == Counting::Uncounted).then_some(&UNCOUNTED);
        let if_may = (self.counting == Counting::Unknown).then(|| UNCOUNTED_IF_MAY.to_owned());
        let unconverted = self.keeps_any_bytes.then_some(&UNCONVERTED);
        let chosen = uncounted.into_iter().chain(SETTINGS).chain(unconverted);
        let settings =
            chosen.filter(|(since, ..)| *since <= self.major).map(|(_, name, value)| set_config(name, value));
        // Whole seconds: an ordinary run has the same text for every section.
        let limit = rest.min(STATEMENT_LIMIT).as_millis().div_ceil(1000).max(1);
        let timeout = set_config("statement_timeout", &format!("{limit}s"));
        let settings: Vec<String> = if_may.into_iter().chain(settings).chain([timeout]).collect();
        format!("{};\nselect {};\n{};\ncommit", guards::BEGIN, settings.join(",\n"), sql.trim_end())
    }

    /// How many answers of a script come before the one to its `sql`: that of the settings.
    pub const ANSWERS_BEFORE: usize = 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(major: i64, uncounted: bool, rest: u64) -> String {
        let counting = if uncounted { Counting::Uncounted } else { Counting::Counted };
        Guard { major, counting, keeps_any_bytes: false }.script("select 1\n", Duration::from_millis(rest))
    }

    #[test]
    fn every_setting_lasts_for_the_transaction_only() {
        let script = script(18, true, 60_000);
        let statements: Vec<_> = script.split(";\n").collect();
        let [begin, settings, sql, commit] = statements[..] else { panic!("{script}") };
        assert_eq!((begin, sql, commit), (guards::BEGIN, "select 1", "commit"));
        let settings: Vec<_> = settings.trim_start_matches("select ").split(",\n").collect();
        assert!(settings.len() > 20, "{script}");
        for setting in settings {
            assert!(setting.starts_with("pg_catalog.set_config('") && setting.ends_with(", true)"), "{setting}");
        }
    }

    #[test]
    fn settings_follow_the_version_and_the_role() {
        assert!(!script(12, false, 60_000).contains("stats_fetch_consistency"));
        assert!(script(15, false, 60_000).contains("stats_fetch_consistency"));
        assert!(!script(16, false, 60_000).contains("'transaction_timeout'"));
        assert!(script(17, false, 60_000).contains("set_config('transaction_timeout', '40s', true)"));
        assert!(!script(18, false, 60_000).contains("pg_stat_statements"));
        assert!(
            script(12, true, 60_000).contains("select pg_catalog.set_config('pg_stat_statements.track', 'none', true)")
        );
        let raw = Guard { keeps_any_bytes: true, ..Guard::UNKNOWN_SERVER }.script("select 1", Duration::from_secs(9));
        assert!(raw.find("'SQL_ASCII'") > raw.find("'UTF8'"), "{raw}");
    }

    #[test]
    fn a_statement_never_outlives_the_whole() {
        assert!(script(12, false, 60_000).contains("'statement_timeout', '30s'"));
        assert!(script(12, false, 2_500).contains("'statement_timeout', '3s'"));
        assert!(script(12, false, 0).contains("'statement_timeout', '1s'"));
    }
}
