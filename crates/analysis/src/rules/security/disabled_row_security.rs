//! Policies that do nothing.

use crate::engine::prelude::*;
use crate::facts::policies::Guarded;

rule! {
    /// ## What it sees
    ///
    /// Tables with row security policies on which row-level security is not enabled.
    ///
    /// ## Why it matters
    ///
    /// The policies have no effect: every role with SELECT sees all rows.
    ///
    /// ## Threshold
    ///
    /// None.
    ///
    /// ## Remedy
    ///
    /// Enable row-level security, or drop the policies if they are not wanted.
    ///
    /// ## When to ignore this
    ///
    /// If row security was disabled on purpose, for a maintenance for example.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relrowsecurity": false } ],
    ///   "pg_policy": [ { "polrelid": 16385, "polname": "own_rows", "polcmd": "r", "polpermissive": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relrowsecurity": true } ],
    ///   "pg_policy": [ { "polrelid": 16385, "polname": "own_rows", "polcmd": "r", "polpermissive": true } ] }
    /// ```
    rule disabled_row_security {
        code: PGD1308,
        title: "Tables have row security policies that are not enabled",
        passed: "All tables with policies have row security enabled",
        worst: Warning,
        reads: [guarded_tables],
        source: "PostgreSQL manual, Row Security Policies",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Guarded>> {
    Ok(view.guarded_tables()?.iter().filter(|table| table.is_enabled == Some(false)).collect())
}

fn subject(table: &&Guarded) -> About {
    About::table(&table.name, Weight::Count(table.count()))
        .figures([Figure::new("policies", table.count())])
        .run(format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", table.name.sql()))
}

fn describe(found: &Found<&Guarded>) -> Draft {
    Draft::new(format!("Enable row security on {}", found.named("table", "tables")))
        .because("The policies have no effect while row-level security is not enabled: roles with SELECT see all rows.")
        .advise("Check that the policies are those you want, then enable it.")
        .impact("Roles that no policy covers see no rows. The owner and superusers are not restricted.")
        .undo_text("ALTER TABLE … DISABLE ROW LEVEL SECURITY restores the former state.")
}
