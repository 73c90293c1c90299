//! Everybody can create objects in the schema public.

use crate::engine::prelude::*;
use crate::facts::relation::run_in;
use crate::facts::roles::Role;
use crate::facts::schemas::Schema;

rule! {
    /// ## What it sees
    ///
    /// Databases in which PUBLIC, that is every role, has the privilege CREATE on the schema `public`, on a server with login roles
    /// that are not superusers.
    ///
    /// ## Why it matters
    ///
    /// A role can create a function or an operator there that other roles, also superusers, call by accident, and that runs with
    /// their privileges.
    ///
    /// ## Threshold
    ///
    /// None. Databases that were created before PostgreSQL 15 have this privilege by default, and keep it after an upgrade.
    ///
    /// ## Remedy
    ///
    /// Revoke it. Grant CREATE to the roles that create tables there.
    ///
    /// ## When to ignore this
    ///
    /// If one application, with one role, is all that uses the database.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_namespace": [ { "datname": "shop", "oid": 2200, "nspname": "public", "public_create": true } ],
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
    rule writable_public_schema {
        code: PGD1306,
        title: "Every role can create objects in the schema public",
        passed: "Not every role can create objects in the schema public",
        worst: Notice,
        reads: [schemas, roles],
        source: "PostgreSQL manual, Usage Patterns for schemas; CVE-2018-1058",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Schema>> {
    let is_ordinary = |role: &Role| role.can_log_in() && role.row.rolsuper == Some(false);
    if !view.roles()?.iter().any(is_ordinary) {
        return Ok(Vec::new());
    }
    let is_open = |schema: &&Schema| schema.row.nspname == "public" && schema.row.public_create == Some(true);
    Ok(view.schemas()?.iter().filter(is_open).collect())
}

fn subject(schema: &&Schema) -> About {
    let database = schema.database();
    let sql = run_in(&database.name, "REVOKE CREATE ON SCHEMA public FROM PUBLIC;");
    About::new(database, Weight::All).run(sql)
}

fn describe(found: &Found<&Schema>) -> Draft {
    Draft::new(format!("Revoke CREATE on the schema public from PUBLIC in {}", found.named("database", "databases")))
        .because("Every role can create functions there that others call by accident, with their own privileges.")
        .advise("First grant CREATE ON SCHEMA public to the roles that create objects there.")
        .impact("Roles that create tables in public and were not granted CREATE get permission errors.")
        .undo("GRANT CREATE ON SCHEMA public TO PUBLIC;")
}
