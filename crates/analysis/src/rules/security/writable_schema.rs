//! Every role can create objects in a schema.

use crate::engine::prelude::*;
use crate::facts::roles::are_restricted;
use crate::facts::schemas::Schema;

rule! {
    /// ## What it sees
    ///
    /// Schemas on which PUBLIC, that is every role, has the privilege CREATE, on a server with login roles that are not superusers.
    ///
    /// ## Why it matters
    ///
    /// A role can create a function or an operator there that other roles, also superusers, call by accident, and that runs with
    /// their privileges.
    ///
    /// ## Threshold
    ///
    /// None. In databases that were created before PostgreSQL 15, PUBLIC has this privilege on the schema `public` by default, and keeps
    /// it after an upgrade.
    ///
    /// ## Remedy
    ///
    /// Revoke it. Grant CREATE to the roles that create tables there.
    ///
    /// ## When to ignore this
    ///
    /// If one application, with one role, is all that uses the database, or the schema is meant to be shared and is in nobody else's
    /// `search_path`.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_namespace": [ { "datname": "shop", "oid": 2200, "nspname": "public", "public_create": true } ],
    ///   "pg_roles": [ { "oid": 16384, "rolname": "app", "rolsuper": false, "rolcanlogin": true } ] }
    /// ```
    /// ```json found
    /// { "pg_namespace": [ { "datname": "shop", "oid": 2200, "nspname": "public", "public_create": false },
    ///                     { "datname": "shop", "oid": 16400, "nspname": "exchange", "public_create": true } ],
    ///   "pg_roles": [ { "oid": 16384, "rolname": "app", "rolsuper": false, "rolcanlogin": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_namespace": [ { "datname": "shop", "oid": 2200, "nspname": "public", "public_create": true } ],
    ///   "pg_roles": [ { "oid": 10, "rolname": "postgres", "rolsuper": true, "rolcanlogin": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_namespace": [ { "datname": "shop", "oid": 2200, "nspname": "public", "public_create": false } ],
    ///   "pg_roles": [ { "oid": 16384, "rolname": "app", "rolsuper": false, "rolcanlogin": true } ] }
    /// ```
    rule writable_schema {
        code: PGD1306,
        title: "Every role can create objects in a schema",
        passed: "Not every role can create objects in a schema",
        worst: Notice,
        reads: [schemas, roles],
        source: "PostgreSQL manual, Usage Patterns for schemas; CVE-2018-1058",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Schema>> {
    if !are_restricted(view.roles()?) {
        return Ok(Vec::new());
    }
    Ok(view.schemas()?.iter().filter(|schema| schema.row.public_create == Some(true)).collect())
}

fn subject(schema: &&Schema) -> About {
    let name = schema.sql();
    About::new(schema.subject(), Weight::Count(1))
        .labelled(&schema.label())
        .run(schema.run_there(&format!("REVOKE CREATE ON SCHEMA {name} FROM PUBLIC;")))
        .undo(schema.run_there(&format!("GRANT CREATE ON SCHEMA {name} TO PUBLIC;")))
}

fn describe(found: &Found<&Schema>) -> Draft {
    Draft::new(format!("Revoke CREATE on {} from PUBLIC", found.each("the schema", "schemas")))
        .because("Every role can create functions there that others call by accident, with their own privileges.")
        .advise("First grant CREATE on the schema to the roles that create objects there.")
        .impact("Roles that create objects there and were not granted CREATE get permission errors.")
}

#[cfg(test)]
mod tests {
    use crate::{Options, analyze, example};

    #[test]
    fn a_schema_is_named_with_its_database_and_quoted() {
        let document = r#"{ "pg_roles": [{ "oid": 16384, "rolname": "app", "rolsuper": false, "rolcanlogin": true }],
                            "pg_namespace": [{ "datname": "shop", "oid": 16400, "nspname": "My files", "public_create": true }] }"#;
        let findings = analyze(&example::snapshot(document).unwrap(), &Options::default()).findings;
        let finding = findings.into_iter().find(|finding| finding.code == "PGD1306").unwrap();
        assert_eq!(finding.summary, "Revoke CREATE on the schema \"My files\" in database shop from PUBLIC");
        assert_eq!(finding.subjects[0].id, "PGD1306 schema shop.\"My files\"");
        let database = "-- in database shop\n";
        assert_eq!(
            finding.statements().unwrap(),
            format!("{database}REVOKE CREATE ON SCHEMA \"My files\" FROM PUBLIC;")
        );
        assert_eq!(
            finding.undo().unwrap().text,
            format!("{database}GRANT CREATE ON SCHEMA \"My files\" TO PUBLIC;")
        );
    }
}
