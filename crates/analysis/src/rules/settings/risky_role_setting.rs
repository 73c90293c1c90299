//! Values for roles and databases that are dangerous.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::parameter::{self, Kind, Value};
use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;

use crate::engine::prelude::*;
use crate::facts::settings::is_for_all_roles;

rule! {
    /// ## What it sees
    ///
    /// Values set by ALTER ROLE or ALTER DATABASE that disable planner methods or triggers, or that ignore damage: `enable_… = off`,
    /// `session_replication_role = replica`, `zero_damaged_pages`, `ignore_checksum_failure`, `ignore_system_indexes`.
    /// Of what ALTER ROLE ALL sets, only `enable_… = off`: the others disable triggers or ignore damage in all sessions, which PGD109
    /// and PGD104 report. `row_security = off` is none of them: it does not disable row-level security, but makes a query fail that a policy would filter.
    ///
    /// ## Why it matters
    ///
    /// They apply to every new session of the role or in the database, are easily forgotten, and are not shown by the configuration of
    /// the server. `session_replication_role = replica` also disables foreign keys, so that invalid data is stored silently: a warning.
    ///
    /// ## Threshold
    ///
    /// None.
    ///
    /// ## Remedy
    ///
    /// Reset them.
    ///
    /// ## When to ignore this
    ///
    /// If the role is one of a replication tool that needs it.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_db_role_setting": [ { "rolname": "loader", "name": "session_replication_role", "setting": "replica" } ] }
    /// ```
    /// ```json passed
    /// { "pg_db_role_setting": [ { "rolname": "report", "name": "work_mem", "setting": "1GB" },
    ///                           { "rolname": "app", "name": "enable_seqscan", "setting": "on" } ] }
    /// ```
    /// ```json passed
    /// { "pg_db_role_setting": [ { "name": "session_replication_role", "setting": "replica" },
    ///                           { "name": "zero_damaged_pages", "setting": "on" } ] }
    /// ```
    rule risky_role_setting {
        code: PGD203,
        title: "Roles or databases have dangerous parameter values",
        passed: "No role or database has a dangerous parameter value",
        worst: Warning,
        reads: [role_settings],
        source: "pgdba",
    }
}

/// Parameters that ignore damage when they are on.
const RESCUES: [&str; 3] = ["zero_damaged_pages", "ignore_checksum_failure", "ignore_system_indexes"];

/// Planner methods that are off by default.
const OFF_BY_DEFAULT: [&str; 2] = ["enable_partitionwise_join", "enable_partitionwise_aggregate"];

/// A role, a database, or both, or all roles, with the dangerous values that are set there.
struct Target<'a> {
    role: Option<&'a str>,
    database: Option<&'a str>,
    /// Parameters with their values.
    values: Vec<(&'a str, &'a str)>,
}

fn is_risky(row: &PgDbRoleSetting) -> bool {
    let Some((parameter, value)) = row.name.as_deref().zip(row.setting.as_deref()) else { return false };
    let is = |on: bool| parameter::parse(&Kind::Bool, value) == Ok(Value::Bool(on));
    match parameter {
        "session_replication_role" => value.eq_ignore_ascii_case("replica") && !is_for_all_roles(row),
        _ if RESCUES.contains(&parameter) => is(true) && !is_for_all_roles(row),
        _ => parameter.starts_with("enable_") && !OFF_BY_DEFAULT.contains(&parameter) && is(false),
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Target<'a>>> {
    let mut targets = BTreeMap::<_, Vec<_>>::new();
    for row in view.role_settings()?.iter().filter(|row| is_risky(row)) {
        if let Some(value) = row.name.as_deref().zip(row.setting.as_deref()) {
            targets.entry((row.rolname.as_deref(), row.datname.as_deref())).or_default().push(value);
        }
    }
    let target = |((role, database), values)| Target { role, database, values };
    Ok(targets.into_iter().map(target).collect())
}

fn subject(Target { role, database, values }: &Target<'_>) -> About {
    let count = Weight::Count(i64::try_from(values.len()).unwrap_or(i64::MAX));
    let named = |kind, name: &str| About::new(Subject::named(kind, name).in_database(*database), count);
    let (about, target) = match (role, database) {
        (Some(role), None) => (named(SubjectKind::Role, role), format!("ROLE {}", quote_identifier(role))),
        (Some(role), Some(database)) => (
            named(SubjectKind::Role, role),
            format!("ROLE {} IN DATABASE {}", quote_identifier(role), quote_identifier(database)),
        ),
        (None, Some(database)) => (
            About::new(Subject::named(SubjectKind::Database, database), count),
            format!("DATABASE {}", quote_identifier(database)),
        ),
        (None, None) => (About::new(Subject::cluster(), count).labelled("all roles"), "ROLE ALL".to_owned()),
    };
    let settings: Vec<String> = values.iter().map(|(parameter, value)| format!("{parameter} = {value}")).collect();
    let resets: Vec<String> = values.iter().map(|(parameter, _)| format!("ALTER {target} RESET {parameter};")).collect();
    let allows_violations = values.iter().any(|(parameter, _)| *parameter == "session_replication_role");
    let about = about.severity(if allows_violations { Severity::Warning } else { Severity::Notice });
    let in_database = Figure::new("in_database", database.unwrap_or("all").to_owned());
    about.figures([Figure::new("settings", settings.join(", ")), in_database]).run(resets.join("\n"))
}

fn describe(found: &Found<Target<'_>>) -> Draft {
    let parameters: BTreeSet<&str> = found.iter().flat_map(|target| target.values.iter().map(|(name, _)| *name)).collect();
    let parameters = display::list(&parameters.into_iter().collect::<Vec<_>>());
    Draft::new(format!("Review {parameters}, set for {}", found.named("role or database", "roles or databases")))
        .because("These values apply to every new session there, and the configuration of the server does not show them.")
        .advise("Reset what is not needed any more. New sessions get the value of the server.")
        .undo_text("Set the former value again with ALTER ROLE or ALTER DATABASE.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::format::{Block, Severity};
    use crate::{Options, analyze, example};

    #[test]
    fn a_boolean_is_read_as_the_server_reads_it_and_a_default_is_not_dangerous() {
        for (name, value, is_found) in [
            ("enable_hashjoin", "of", true),
            ("enable_hashjoin", "f", true),
            ("enable_hashjoin", "tr", false),
            ("ignore_system_indexes", "y", true),
            ("enable_partitionwise_join", "off", false),
            ("enable_partitionwise_aggregate", "off", false),
        ] {
            let document = json!({ "pg_db_role_setting": [{ "rolname": "app", "name": name, "setting": value }] });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            assert_eq!(findings.iter().any(|finding| finding.code == "PGD203"), is_found, "{name} = {value}");
        }
    }

    #[test]
    fn only_disabled_foreign_keys_are_a_warning() {
        for (name, value, severity) in
            [("session_replication_role", "replica", Severity::Warning), ("enable_sort", "off", Severity::Notice)]
        {
            let document = json!({ "pg_db_role_setting": [{ "datname": "shop", "name": name, "setting": value }] });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            assert_eq!(findings.iter().map(|finding| finding.severity).collect::<Vec<_>>(), [severity], "{name}");
        }
    }

    #[test]
    fn a_role_with_several_values_counts_once() {
        let row = |role: Option<&str>, database: Option<&str>, name: &str| {
            json!({ "rolname": role, "datname": database, "name": name, "setting": "off" })
        };
        let document = json!({ "pg_db_role_setting": [
            row(Some("app"), None, "enable_seqscan"), row(None, None, "enable_hashjoin"), row(None, Some("shop"), "enable_sort"),
            row(Some("app"), None, "enable_sort"), row(Some("dump"), None, "row_security"), row(None, None, "enable_seqscan"),
        ] });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let finding = analysis.findings.into_iter().find(|finding| finding.code == "PGD203").unwrap();
        assert_eq!(finding.summary, "Review enable_hashjoin, enable_seqscan and enable_sort, set for 3 roles or databases");
        let mut labels: Vec<&str> = finding.subjects.iter().map(|affected| affected.label.as_str()).collect();
        labels.sort_unstable();
        assert_eq!(labels, ["all roles", "app", "shop"]);
        let Some(Block::Table(table)) = finding.table() else { panic!("several subjects have a table") };
        assert_eq!(table.columns.first().map(|column| column.label.as_str()), Some("subject"));
        let sql = finding.statements().unwrap();
        assert!(sql.contains("ALTER ROLE app RESET enable_seqscan;\nALTER ROLE app RESET enable_sort;"), "{sql}");
        assert!(sql.contains("ALTER ROLE ALL RESET enable_hashjoin;"), "{sql}");
    }
}
