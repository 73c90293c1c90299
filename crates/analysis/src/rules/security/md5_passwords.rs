//! Passwords of login roles are stored as MD5.

use crate::engine::prelude::*;
use crate::facts::roles::Role;

rule! {
    /// ## What it sees
    ///
    /// Roles that can log in and whose password is stored as an MD5 hash. Only a superuser can see this; the hash itself is not
    /// collected.
    ///
    /// ## Why it matters
    ///
    /// Whoever obtains the hash, from a backup for example, can log in with it without knowing the password. PostgreSQL 18 deprecates
    /// MD5 passwords, and a later version will remove them.
    ///
    /// ## Threshold
    ///
    /// None.
    ///
    /// ## Remedy
    ///
    /// Set `password_encryption = scram-sha-256` and let each role set its password again. Clients need a driver that supports
    /// SCRAM.
    ///
    /// ## When to ignore this
    ///
    /// If a client of the role cannot use SCRAM.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_roles": [ { "oid": 16384, "rolname": "app", "rolcanlogin": true, "password_kind": "md5" } ] }
    /// ```
    /// ```json passed
    /// { "pg_roles": [ { "oid": 16384, "rolname": "app", "rolcanlogin": true, "password_kind": "scram-sha-256" },
    ///                 { "oid": 16385, "rolname": "old", "rolcanlogin": false, "password_kind": "md5" } ] }
    /// ```
    rule md5_passwords {
        code: PGD1304,
        title: "Passwords are stored as MD5 hashes",
        passed: "No password of a login role is stored as an MD5 hash",
        worst: Notice,
        reads: [roles],
        source: "PostgreSQL manual, Password Authentication; release notes of PostgreSQL 18",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Role>> {
    let logins: Vec<&Role> = view.roles()?.iter().filter(|role| role.can_log_in()).collect();
    if logins.iter().any(|role| role.row.password_kind.is_none()) {
        return Err(NotAssessed::because("only a superuser can see how passwords are stored"));
    }
    Ok(logins.into_iter().filter(|role| role.row.password_kind.as_deref() == Some("md5")).collect())
}

fn subject(role: &&Role) -> About {
    About::role(role)
}

fn describe(found: &Found<&Role>) -> Draft {
    let passwords = if found.only().is_some() { "password" } else { "passwords" };
    Draft::new(format!("Set the {passwords} of {} again with SCRAM", found.named("role", "roles")))
        .because("Whoever obtains a password that is stored as an MD5 hash can log in with the hash.")
        .advise("Set password_encryption to scram-sha-256 first; then each role sets its password with \\password in psql.")
        .advise("Until all have, the method md5 in pg_hba.conf accepts both.")
        .query("SELECT rolname FROM pg_authid WHERE rolcanlogin AND rolpassword LIKE 'md5%';")
        .effort(Effort::Project)
}
