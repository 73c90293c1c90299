//! Passwords that expire soon.

use jiff::Timestamp;

use crate::engine::prelude::*;
use crate::facts::roles::Role;
use crate::facts::time::age;

rule! {
    /// ## What it sees
    ///
    /// Roles that can log in and whose password expires within {SOON}, or expired less than {SOON} ago.
    ///
    /// ## Why it matters
    ///
    /// After that moment, logins with the password fail; existing sessions stay. Certificates and other methods are not affected.
    ///
    /// ## Threshold
    ///
    /// Warning within {SOON} before; notice within {SOON} after. A role whose password expired longer ago has probably been retired.
    ///
    /// ## Remedy
    ///
    /// Set a new password and a new date.
    ///
    /// ## When to ignore this
    ///
    /// If the role is meant to lose access.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "collected_at": "2026-01-01T00:00:00Z",
    ///   "pg_roles": [ { "oid": 16384, "rolname": "app", "rolcanlogin": true, "rolvaliduntil": "2026-01-03T00:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "collected_at": "2026-01-01T00:00:00Z",
    ///   "pg_roles": [ { "oid": 16384, "rolname": "app", "rolcanlogin": true, "rolvaliduntil": "2026-06-01T00:00:00Z" },
    ///                 { "oid": 16385, "rolname": "gone", "rolcanlogin": true, "rolvaliduntil": "2020-01-01T00:00:00Z" } ] }
    /// ```
    rule expiring_passwords {
        code: PGD1312,
        title: "Passwords of login roles expire soon",
        passed: "No password of a login role expires soon",
        worst: Warning,
        reads: [roles],
        source: "PostgreSQL manual, CREATE ROLE: VALID UNTIL",
        thresholds: {
            /// How long before and after the end a role is reported.
            SOON: Millis = Millis(604_800_000.0),
        },
    }
}

struct Expiring<'a> {
    role: &'a Role,
    until: Timestamp,
    is_over: bool,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Expiring<'a>>> {
    let now = view.now()?;
    let expiring = |role: &'a Role| {
        let until = role.row.rolvaliduntil.filter(|_| role.can_log_in())?;
        let (past, ahead) = (age(now, until), age(until, now));
        past.or(ahead).is_some_and(|distance| distance <= SOON).then_some(Expiring { role, until, is_over: past.is_some() })
    };
    Ok(view.roles()?.iter().filter_map(expiring).collect())
}

fn subject(expiring: &Expiring<'_>) -> About {
    About::role(expiring.role)
        .severity(if expiring.is_over { Severity::Notice } else { Severity::Warning })
        .figures([Figure::new("valid_until", expiring.until)])
}

fn describe(found: &Found<Expiring<'_>>) -> Draft {
    let verb = if found.all(|expiring| expiring.is_over) { "expired" } else { "expire" };
    Draft::new(format!("Renew the passwords of {}", found.named("role", "roles")))
        .because(format!("Logins with a password fail after VALID UNTIL. The passwords of {} {verb}.", found.names()))
        .advise("Set a new password in psql with \\password, then a new date: ALTER ROLE name VALID UNTIL 'date'.")
        .query("SELECT rolname, rolvaliduntil FROM pg_roles WHERE rolcanlogin AND rolvaliduntil IS NOT NULL ORDER BY 2;")
}
