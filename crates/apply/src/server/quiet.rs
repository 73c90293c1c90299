//! Keeping a statement that holds a secret out of the server's log, pg_stat_statements and pg_stat_activity.

use std::collections::BTreeSet;

use pgdba_change::auto_conf::Alter;
use pgdba_change::facts::Facts;
use pgdba_pg::mask::setting;

use super::Server;

/// What records the text of statements, and the value with which it does not.
const RECORDERS: [(&str, &str); 12] = [
    ("log_statement", "none"),
    ("log_min_duration_statement", "-1"),
    ("log_min_duration_sample", "-1"),
    ("log_transaction_sample_rate", "0"),
    ("log_min_error_statement", "panic"),
    // The message of a value that is refused repeats it.
    ("log_min_messages", "panic"),
    ("debug_print_parse", "off"),
    ("debug_print_rewritten", "off"),
    ("debug_print_plan", "off"),
    ("pgaudit.log", "none"),
    ("pg_stat_statements.track", "none"),
    ("track_activities", "off"),
];

/// The parameters of [`RECORDERS`] that a role may set for its session (15 and newer).
pub(super) fn settable() -> String {
    let names: Vec<String> = RECORDERS.iter().map(|(name, _)| format!("('{name}')")).collect();
    format!(
        "select n.name from (values {}) as n(name)
         where pg_catalog.current_setting(n.name, true) is not null
           and pg_catalog.has_parameter_privilege(n.name, 'SET')",
        names.join(", ")
    )
}

/// Where the server records the text of an ALTER SYSTEM and the role cannot prevent it.
pub(super) fn records(facts: &Facts, settable: &BTreeSet<String>) -> Vec<String> {
    let value = |name: &str| facts.setting(name).map_or("", |setting| setting.setting.as_str());
    let is_fixed = |name: &str| !facts.is_superuser && !settable.contains(name);
    let logs = |name: &str| match name {
        "log_statement" => matches!(value(name), "ddl" | "mod" | "all"),
        "log_transaction_sample_rate" => value(name).parse().is_ok_and(|rate: f64| rate > 0.0),
        "log_min_duration_statement" | "log_min_duration_sample" => value(name).parse().is_ok_and(|ms: i64| ms >= 0),
        _ => false,
    };
    let mut records = Vec::new();
    if RECORDERS.iter().any(|(name, _)| logs(name) && is_fixed(name)) {
        records.push("the server log".to_owned());
    }
    let counts = matches!(value("pg_stat_statements.track"), "top" | "all")
        && value("pg_stat_statements.track_utility") != "off";
    if counts && is_fixed("pg_stat_statements.track") {
        records.push("pg_stat_statements".to_owned());
    }
    records
}

/// Whether a statement holds what may be a secret.
pub(super) fn is_secret(alter: &Alter, major: i64) -> bool {
    alter.written(major).is_some_and(|value| setting::mask(alter.name(), &value) != value)
}

/// The server's words on a statement, with a secret in its value masked.
pub(super) fn without_value(alter: &Alter, major: i64, words: &str) -> String {
    let Some(value) = alter.written(major).filter(|value| !value.is_empty()) else { return words.to_owned() };
    words.replace(&value, &setting::mask(alter.name(), &value))
}

impl Server {
    /// Has nothing record the statements of this session, as far as the role may; the names to give to [`Server::speak`].
    pub(super) async fn hush(&mut self) -> Vec<&'static str> {
        let mut hushed = Vec::new();
        let Some(facts) = &self.observed else { return hushed };
        let known: Vec<_> = RECORDERS.iter().filter(|(name, _)| facts.setting(name).is_some()).collect();
        let is_superuser = facts.is_superuser;
        let settable = self.settable.clone().unwrap_or_default();
        for (name, value) in known {
            let may = is_superuser || settable.contains(*name);
            if may && self.command(&format!("set {name} = '{value}'")).await.is_ok() {
                hushed.push(*name);
            }
        }
        hushed
    }

    /// Takes [`Server::hush`] back.
    pub(super) async fn speak(&mut self, hushed: Vec<&'static str>) {
        for name in hushed {
            // A session that is lost has none of it any more.
            drop(self.command(&format!("reset {name}")).await);
        }
    }
}
