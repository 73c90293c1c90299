//! The guards of every transaction: what keeps a statement from doing harm, and the session's settings from
//! changing what it reads.
//!
//! Each setting lasts for one transaction: a plain `SET` would stay in a pooled server session for its next client. The
//! texts are constant from run to run, and all are made by one statement where pg_stat_statements counts us, so that few
//! entries of it are ours.

use std::time::Duration;

use pgdba_snapshot::guards::{self, SET_TRANSACTION, SETTINGS, Setting, UNCOUNTED, marked, set_config, set_local};

/// Takes text as it is, whatever its encoding.
const UNCONVERTED: Setting = (12, "client_encoding", "SQL_ASCII");

/// The longest a statement of a section may take, whatever the time for all of them.
pub const STATEMENT_LIMIT: Duration = Duration::from_secs(guards::STATEMENT_SECONDS);

/// Keeps the very first statement out of pg_stat_statements too, where that may be done. It is read before the search path
/// is set, so that its operator is named with its schema too: else a database's owner could have his own run.
const UNCOUNTED_IF_MAY: &str = "\
case when pg_catalog.current_setting('is_superuser') operator(pg_catalog.=) 'on'
      and pg_catalog.current_setting('pg_stat_statements.track', true) is not null
     then pg_catalog.set_config('pg_stat_statements.track', 'none', true) end";

/// Whether pg_stat_statements counts us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Not asked yet.
    Unknown,
    /// It counts us.
    Counted,
    /// It can be told not to: we are superuser.
    Uncounted,
    /// Its library is not loaded.
    Absent,
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
    /// Whether the planner lacks a method, see [`guards::is_method`].
    pub is_hampered: bool,
}

impl Guard {
    /// What every server takes that pgdba can read at all.
    pub const UNKNOWN_SERVER: Self =
        Self { major: 12, counting: Counting::Unknown, keeps_any_bytes: false, is_hampered: false };

    /// `sql` in one transaction under all guards, as one message of the simple protocol: it is one transaction to the
    /// server, and if any of it is refused, the server undoes it and passes over the rest. `rest` is what is left of the
    /// time for the whole collection.
    #[must_use]
    pub fn script(&self, sql: &str, rest: Duration) -> String {
        format!("{SET_TRANSACTION};\n{};\n{}", self.settings(rest), marked(sql))
    }

    fn settings(&self, rest: Duration) -> String {
        let uncounted = (self.counting == Counting::Uncounted).then_some(UNCOUNTED);
        let unconverted = self.keeps_any_bytes.then_some(UNCONVERTED);
        // Whole seconds: an ordinary run has the same text for every section.
        let limit = rest.min(STATEMENT_LIMIT).as_millis().div_ceil(1000).max(1);
        let limit = format!("{limit}s");
        let chosen = uncounted.into_iter().chain(SETTINGS.iter().copied()).chain(unconverted);
        let settings = chosen
            .filter(|setting| setting.0 <= self.major && (self.is_hampered || !guards::is_method(setting)))
            .map(|(_, name, value)| (name, value))
            .chain([("statement_timeout", limit.as_str())]);
        if self.takes_lines() {
            let mut lines: Vec<String> = settings.map(|(name, value)| set_local(name, value)).collect();
            // The one that is still counted comes first.
            if let Some(first) = lines.first_mut() {
                *first = marked(first);
            }
            return lines.join(";\n");
        }
        let if_may = (self.counting == Counting::Unknown).then(|| UNCOUNTED_IF_MAY.to_owned());
        let calls = settings.map(|(name, value)| set_config(name, value));
        let calls: Vec<String> = if_may.into_iter().chain(calls).collect();
        marked(&format!("select {}", calls.join(",\n")))
    }

    /// Whether each setting is a statement of its own, which costs the server least.
    fn takes_lines(&self) -> bool {
        matches!(self.counting, Counting::Uncounted | Counting::Absent)
    }

    /// How many answers with rows come before the one to the `sql` of a script: that of the settings.
    #[must_use]
    pub fn answers_before(&self) -> usize {
        usize::from(!self.takes_lines())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(major: i64, counting: Counting, rest: u64) -> String {
        Guard { major, counting, keeps_any_bytes: false, is_hampered: false }
            .script("select 1\n", Duration::from_millis(rest))
    }

    #[test]
    fn every_setting_lasts_for_the_transaction_only() {
        for counting in [Counting::Uncounted, Counting::Absent] {
            let script = script(18, counting, 60_000);
            let statements: Vec<_> = script.split(";\n").collect();
            let [transaction, settings @ .., sql] = &statements[..] else { panic!("{script}") };
            assert_eq!((*transaction, *sql), (SET_TRANSACTION, "select /* pgdba */ 1"));
            assert!(settings.len() > 15, "{script}");
            assert!(settings[0].starts_with("set /* pgdba */ local "), "{script}");
            for setting in &settings[1..] {
                assert!(setting.starts_with("set local "), "{setting}");
            }
        }
        for counting in [Counting::Unknown, Counting::Counted] {
            let script = script(18, counting, 60_000);
            let statements: Vec<_> = script.split(";\n").collect();
            let [transaction, settings, sql] = statements[..] else { panic!("{script}") };
            assert_eq!((transaction, sql), (SET_TRANSACTION, "select /* pgdba */ 1"));
            let settings = settings.strip_prefix("select /* pgdba */ ").unwrap();
            let settings: Vec<_> = settings.split(",\n").skip(usize::from(counting == Counting::Unknown)).collect();
            assert!(settings.len() > 15, "{script}");
            for setting in settings {
                assert!(setting.starts_with("pg_catalog.set_config('") && setting.ends_with(", true)"), "{setting}");
            }
        }
    }

    #[test]
    fn settings_follow_the_version_and_the_role() {
        use Counting::{Absent, Counted, Uncounted};
        assert!(!script(12, Counted, 60_000).contains("stats_fetch_consistency"));
        assert!(script(15, Counted, 60_000).contains("stats_fetch_consistency"));
        assert!(!script(16, Counted, 60_000).contains("'transaction_timeout'"));
        assert!(script(17, Counted, 60_000).contains("set_config('transaction_timeout', '40s', true)"));
        assert!(script(17, Absent, 60_000).contains("local transaction_timeout = '40s'"));
        assert!(!script(18, Counted, 60_000).contains("pg_stat_statements"));
        assert!(!script(18, Absent, 60_000).contains("pg_stat_statements"));
        // The first of all, so that the others are not counted.
        let first = format!("{SET_TRANSACTION};\nset /* pgdba */ local pg_stat_statements.track = 'none';\n");
        assert!(script(12, Uncounted, 60_000).starts_with(&first));
        let hampered = Guard { is_hampered: true, ..Guard::UNKNOWN_SERVER }.script("select 1", Duration::from_secs(9));
        assert!(hampered.contains("'enable_seqscan', 'on'") && !script(18, Counted, 60_000).contains("enable_"));
        let raw = Guard { keeps_any_bytes: true, ..Guard::UNKNOWN_SERVER }.script("select 1", Duration::from_secs(9));
        assert!(raw.find("'SQL_ASCII'") > raw.find("'UTF8'"), "{raw}");
    }

    #[test]
    fn a_statement_never_outlives_the_whole() {
        for (rest, limit) in [(60_000, "30s"), (2_500, "3s"), (0, "1s")] {
            let counted = format!("'statement_timeout', '{limit}'");
            assert!(script(12, Counting::Counted, rest).contains(&counted));
            let uncounted = format!("local statement_timeout = '{limit}'");
            assert!(script(12, Counting::Uncounted, rest).contains(&uncounted));
        }
    }
}
