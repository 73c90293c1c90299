//! Every role can read or change tables.

use crate::engine::prelude::*;
use crate::facts::public_tables::PublicTable;
use crate::facts::roles::are_restricted;

rule! {
    /// ## What it sees
    ///
    /// Tables, materialized views and foreign tables that PUBLIC, that is every role, has the privilege to read or to change, on a
    /// server with login roles that are not superusers. Tables of extensions are left out, and so are those in schemas on which
    /// PUBLIC does not have USAGE. Of tables with row-level security, only TRUNCATE and TRIGGER count, which it does not restrict.
    /// Privileges on views and on single columns are not in a snapshot.
    ///
    /// ## Why it matters
    ///
    /// A role that was created for one application or one report, or whose password is lost, can read or change the data of all
    /// others. With TRIGGER, it can have its own function run with the privileges of whoever changes the table.
    ///
    /// ## Threshold
    ///
    /// Warning if PUBLIC has INSERT, UPDATE, DELETE, TRUNCATE or TRIGGER, notice if it has SELECT only. PUBLIC has none of them
    /// by default.
    ///
    /// ## Remedy
    ///
    /// Grant the privileges to the roles that need them, then revoke them from PUBLIC. ALTER DEFAULT PRIVILEGES might grant them
    /// again on new tables: `\ddp` in psql shows that.
    ///
    /// ## When to ignore this
    ///
    /// If every role that can connect to the database may read the table, such as a list of countries.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "public_privileges": [ "SELECT" ] } ],
    ///   "pg_namespace": [ { "oid": 2200, "nspname": "public", "public_usage": true } ],
    ///   "pg_roles": [ { "oid": 16384, "rolname": "app", "rolsuper": false, "rolcanlogin": true } ] }
    /// ```
    ///
    /// Of an extension, with row-level security, in a schema that PUBLIC cannot use, and for REFERENCES only:
    ///
    /// ```json passed
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "spatial_ref_sys", "relkind": "r", "extname": "postgis",
    ///                   "public_privileges": [ "SELECT" ] },
    ///                 { "oid": 2, "nspname": "public", "relname": "own", "relkind": "r", "relrowsecurity": true,
    ///                   "public_privileges": [ "SELECT", "UPDATE" ] },
    ///                 { "oid": 3, "nspname": "internal", "relname": "orders", "relkind": "r", "public_privileges": [ "SELECT" ] },
    ///                 { "oid": 4, "nspname": "public", "relname": "country", "relkind": "r", "public_privileges": [ "REFERENCES" ] } ],
    ///   "pg_namespace": [ { "oid": 2200, "nspname": "public", "public_usage": true },
    ///                     { "oid": 16390, "nspname": "internal", "public_usage": false } ],
    ///   "pg_roles": [ { "oid": 16384, "rolname": "app", "rolsuper": false, "rolcanlogin": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "public_privileges": [ "SELECT" ] } ],
    ///   "pg_namespace": [ { "oid": 2200, "nspname": "public", "public_usage": true } ],
    ///   "pg_roles": [ { "oid": 10, "rolname": "postgres", "rolsuper": true, "rolcanlogin": true } ] }
    /// ```
    rule public_tables {
        code: PGD1313,
        title: "Every role can read or change tables",
        passed: "No table can be read or changed by every role",
        worst: Warning,
        reads: [public_tables, roles],
        source: "PostgreSQL manual, Privileges",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a PublicTable>> {
    let tables = view.public_tables()?;
    Ok(if are_restricted(view.roles()?) { tables.iter().collect() } else { Vec::new() })
}

fn subject(table: &&PublicTable) -> About {
    let (name, privileges) = (table.name.sql(), table.privileges.join(", "));
    About::table(&table.name, table.size)
        .severity(if table.is_writable() { Severity::Warning } else { Severity::Notice })
        .figures([Figure::new("privileges", privileges.clone()).labelled("privileges of PUBLIC")])
        .run(format!("REVOKE {privileges} ON TABLE {name} FROM PUBLIC;"))
        .undo(format!("GRANT {privileges} ON TABLE {name} TO PUBLIC;"))
}

fn describe(found: &Found<&PublicTable>) -> Draft {
    Draft::new(format!("Revoke the privileges of PUBLIC on {}", found.each("the table", "tables")))
        .because("PUBLIC is every role that can connect to the database.")
        .because_for(found.part(|table| table.is_writable()).as_ref(), "Each of them can change")
        .because_for(found.part(|table| !table.is_writable()).as_ref(), "Each of them can read")
        .advise("First grant the privileges to the roles that need them.")
        .impact("Roles that were not granted the privileges get permission errors.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::engine::find;
    use crate::facts::Beside;
    use crate::format::{Finding, Severity};
    use crate::{Facts, example};

    fn found(privileges: &Value) -> Result<Option<Finding>, String> {
        found_of(&json!({ "oid": 1, "nspname": "public", "relname": "T", "relkind": "r", "public_privileges": privileges }))
    }

    fn found_of(class: &Value) -> Result<Option<Finding>, String> {
        let document = json!({
            "pg_class": [class],
            "pg_namespace": [{ "oid": 2200, "nspname": "public", "public_usage": true }],
            "pg_roles": [{ "oid": 16384, "rolname": "app", "rolsuper": false, "rolcanlogin": true }],
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default()).map_err(|unread| unread.reason)
    }

    #[test]
    fn what_is_revoked_is_what_public_has() {
        let finding = found(&json!(["INSERT", "SELECT"])).unwrap().unwrap();
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.statements().unwrap(), "REVOKE INSERT, SELECT ON TABLE public.\"T\" FROM PUBLIC;");
        assert_eq!(finding.undo().unwrap().text, "GRANT INSERT, SELECT ON TABLE public.\"T\" TO PUBLIC;");
        assert_eq!(found(&json!(["SELECT"])).unwrap().unwrap().severity, Severity::Notice);
    }

    #[test]
    fn row_level_security_does_not_restrict_truncate() {
        let with = |privileges: Value| {
            let class = json!({ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r", "relrowsecurity": true,
                                "public_privileges": privileges });
            found_of(&class).unwrap()
        };
        assert!(with(json!(["INSERT", "SELECT"])).is_none());
        let finding = with(json!(["SELECT", "TRUNCATE"])).unwrap();
        assert_eq!(finding.statements().unwrap(), "REVOKE TRUNCATE ON TABLE public.t FROM PUBLIC;");
    }

    #[test]
    fn a_snapshot_without_the_privileges_decides_nothing() {
        assert!(found(&json!([])).unwrap().is_none());
        assert!(found(&Value::Null).unwrap_err().contains("does not contain the privileges"));
    }
}
