//! Values for roles and databases that are dangerous.

use std::collections::BTreeSet;

use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_pg::quote::quote_identifier;

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// Values set by ALTER ROLE or ALTER DATABASE that disable planner methods, row-level security or triggers: `enable_… = off`,
    /// `row_security = off`, `session_replication_role = replica`, `zero_damaged_pages`, `ignore_checksum_failure`,
    /// `ignore_system_indexes`.
    ///
    /// ## Why it matters
    ///
    /// They apply to every new session of the role or in the database, are easily forgotten, and are not shown by the configuration of
    /// the server. `session_replication_role = replica` also disables foreign keys.
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
    rule risky_role_setting {
        code: PGD203,
        title: "Roles or databases have dangerous parameter values",
        passed: "No role or database has a dangerous parameter value",
        worst: Notice,
        reads: [role_settings],
        source: "pgdba",
    }
}

/// Parameters and the value that is dangerous.
const RISKY: [(&str, &[&str]); 5] = [
    ("row_security", &["off", "false", "no", "0"]),
    ("session_replication_role", &["replica"]),
    ("zero_damaged_pages", &["on", "true", "yes", "1"]),
    ("ignore_checksum_failure", &["on", "true", "yes", "1"]),
    ("ignore_system_indexes", &["on", "true", "yes", "1"]),
];

/// A value that is dangerous.
struct Risky<'a> {
    row: &'a PgDbRoleSetting,
    parameter: &'a str,
}

fn risky(row: &PgDbRoleSetting) -> Option<Risky<'_>> {
    let parameter = row.name.as_deref()?;
    let value = row.setting.as_deref()?.to_ascii_lowercase();
    let is_listed = RISKY.iter().any(|(name, values)| parameter == *name && values.contains(&value.as_str()));
    let is_method = parameter.starts_with("enable_") && ["off", "false", "no", "0"].contains(&value.as_str());
    (is_listed || is_method).then_some(Risky { row, parameter })
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Risky<'a>>> {
    Ok(view.role_settings()?.iter().filter_map(risky).collect())
}

fn subject(Risky { row, parameter }: &Risky<'_>) -> About {
    let database = row.datname.as_deref();
    let (subject, target) = match (row.rolname.as_deref(), database) {
        (Some(role), Some(database)) => (
            Subject::named(SubjectKind::Role, role).in_database(Some(database)),
            format!("ROLE {} IN DATABASE {}", quote_identifier(role), quote_identifier(database)),
        ),
        (Some(role), None) => (Subject::named(SubjectKind::Role, role), format!("ROLE {}", quote_identifier(role))),
        (None, Some(database)) => {
            (Subject::named(SubjectKind::Database, database), format!("DATABASE {}", quote_identifier(database)))
        }
        (None, None) => (Subject::cluster(), "ROLE ALL".to_owned()),
    };
    About::new(subject, Weight::Count(1))
        .figures([
            Figure::new("parameter", *parameter),
            Figure::new("value", row.setting.clone()),
            Figure::new("in_database", database.unwrap_or("all").to_owned()),
        ])
        .run(format!("ALTER {target} RESET {parameter};"))
}

fn describe(found: &Found<Risky<'_>>) -> Draft {
    let parameters = found.iter().map(|risky| risky.parameter).collect::<BTreeSet<_>>();
    let parameters = parameters.into_iter().collect::<Vec<_>>().join(", ");
    Draft::new(format!("Review {parameters}, set for {}", found.named("role or database", "roles and databases")))
        .because("These values apply to every new session there, and the configuration of the server does not show them.")
        .advise("Reset what is not needed any more. New sessions get the value of the server.")
        .undo_text("Set the former value again with ALTER ROLE or ALTER DATABASE.")
}
