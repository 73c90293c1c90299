//! Passwords that expire soon.

use jiff::Timestamp;

use crate::engine::prelude::*;
use crate::facts::roles::Role;
use crate::facts::time::age;

rule! {
    /// ## What it sees
    ///
    /// Roles that can log in and whose password expires within {SOON}, or expired less than {SOON} ago. A role that is known to have
    /// no password is left out.
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
        let until = role.row.rolvaliduntil.filter(|_| role.can_log_in() && role.has_password() != Some(false))?;
        let (past, ahead) = (age(now, until), age(until, now));
        past.or(ahead).is_some_and(|distance| distance <= SOON).then_some(Expiring { role, until, is_over: past.is_some() })
    };
    Ok(view.roles()?.iter().filter_map(expiring).collect())
}

fn subject(expiring: &Expiring<'_>) -> About {
    About::role(expiring.role)
        .severity(if expiring.is_over { Severity::Notice } else { Severity::Warning })
        .figures([
            Figure::new("valid_until", expiring.until),
            Figure::new("state", if expiring.is_over { "expired" } else { "expires soon" }),
        ])
}

fn describe(found: &Found<Expiring<'_>>) -> Draft {
    let (are_over, are_ahead) = (found.any(|expiring| expiring.is_over), found.any(|expiring| !expiring.is_over));
    let verb = match (are_over, are_ahead) {
        (true, false) => "expired",
        (false, _) => "expire soon",
        (true, true) => "expire soon or expired already",
    };
    let passwords = if are_ahead { "passwords" } else { "expired passwords" };
    Draft::new(format!("Renew the {passwords} of {}", found.named("role", "roles")))
        .because(format!("Logins with a password fail after VALID UNTIL. The passwords of {} {verb}.", found.names()))
        .advise("Set a new password in psql with \\password, then a new date: ALTER ROLE name VALID UNTIL 'date'.")
        .query("SELECT rolname, rolvaliduntil FROM pg_roles WHERE rolcanlogin AND rolvaliduntil IS NOT NULL ORDER BY 2;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::format::Finding;
    use crate::{Options, analyze, example};

    /// What is found on 5 January of roles whose passwords expire on these days.
    fn found(kind: Option<&str>, days: &[i64]) -> Option<Finding> {
        let role = |day: &i64| {
            json!({ "oid": 16384 + day, "rolname": format!("r{day}"), "rolcanlogin": true, "password_kind": kind,
                    "rolvaliduntil": format!("2026-01-0{day}T00:00:00Z") })
        };
        let roles: Vec<_> = days.iter().map(role).collect();
        let document = json!({ "collected_at": "2026-01-05T00:00:00Z", "pg_roles": roles });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.code == "PGD1312")
    }

    #[test]
    fn a_role_without_a_password_has_nothing_to_renew() {
        assert!(found(Some("none"), &[6]).is_none());
        assert!(found(Some("scram-sha-256"), &[6]).is_some());
        assert!(found(None, &[6]).is_some(), "the kind is not known");
    }

    #[test]
    fn what_is_past_has_expired() {
        let words = |days: &[i64]| found(None, days).map(|finding| (finding.summary, finding.rationale)).unwrap();
        let (summary, rationale) = words(&[4]);
        assert_eq!(summary, "Renew the expired passwords of r4");
        assert!(rationale.ends_with("The passwords of r4 expired."), "{rationale}");
        let (summary, rationale) = words(&[4, 6]);
        assert_eq!(summary, "Renew the passwords of 2 roles");
        assert!(rationale.ends_with("expire soon or expired already."), "{rationale}");
        assert!(words(&[6]).1.ends_with("The passwords of r6 expire soon."));
    }
}
