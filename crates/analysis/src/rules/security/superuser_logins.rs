//! Many roles can log in as superuser.

use crate::engine::prelude::*;
use crate::facts::roles::Role;

rule! {
    /// ## What it sees
    ///
    /// Superusers that can log in, besides the one that initdb created.
    ///
    /// ## Why it matters
    ///
    /// A superuser bypasses all permission checks, can read and write files of the host and run programs on it. Each additional one is
    /// one more password that gives all of this.
    ///
    /// ## Threshold
    ///
    /// More than {MOST} besides the initial superuser.
    ///
    /// ## Remedy
    ///
    /// Use predefined roles such as `pg_monitor`, `pg_read_all_data` and `pg_signal_backend`, or the ownership of databases, and
    /// `ALTER ROLE … NOSUPERUSER`.
    ///
    /// ## When to ignore this
    ///
    /// If each of them belongs to a person who administers the server.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_roles": [ { "oid": 10, "rolname": "postgres", "rolsuper": true, "rolcanlogin": true },
    ///                 { "oid": 16384, "rolname": "a", "rolsuper": true, "rolcanlogin": true },
    ///                 { "oid": 16385, "rolname": "b", "rolsuper": true, "rolcanlogin": true },
    ///                 { "oid": 16386, "rolname": "app", "rolsuper": true, "rolcanlogin": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_roles": [ { "oid": 10, "rolname": "postgres", "rolsuper": true, "rolcanlogin": true },
    ///                 { "oid": 16384, "rolname": "a", "rolsuper": true, "rolcanlogin": true },
    ///                 { "oid": 16385, "rolname": "b", "rolsuper": true, "rolcanlogin": false },
    ///                 { "oid": 16386, "rolname": "app", "rolsuper": false, "rolcanlogin": true } ] }
    /// ```
    rule superuser_logins {
        code: PGD1305,
        title: "Many superusers can log in",
        passed: "Few superusers can log in",
        worst: Notice,
        reads: [roles],
        source: "PostgreSQL manual, Role Attributes",
        thresholds: {
            /// Superusers besides the initial one that are not reported.
            MOST: i64 = 2,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Role>> {
    let is_one = |role: &&Role| role.row.rolsuper == Some(true) && role.can_log_in() && !role.is_initial();
    let found: Vec<&Role> = view.roles()?.iter().filter(is_one).collect();
    let are_many = i64::try_from(found.len()).is_ok_and(|count| count > MOST);
    Ok(if are_many { found } else { Vec::new() })
}

fn subject(role: &&Role) -> About {
    About::role(role).run(format!("ALTER ROLE {} NOSUPERUSER;", role.sql()))
}

fn describe(found: &Found<&Role>) -> Draft {
    Draft::new(format!("Review the superuser privilege of {}", found.named("role", "roles")))
        .because("A superuser bypasses all permission checks and can run programs on the host.")
        .advise("Grant what each role needs (predefined roles, ownership), then run the statement for those that need no more.")
        .impact("The role loses all rights that it has not been granted.")
        .undo_text("ALTER ROLE … SUPERUSER restores the privilege.")
}
