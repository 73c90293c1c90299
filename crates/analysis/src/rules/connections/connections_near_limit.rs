//! Few connection slots are left.

use pgdba_pg::{Ratio, display};

use crate::engine::rule::{Parts, evidence, evidence_against};
use crate::finding::{Confidence, Effort, Remedy, Severity, Subject};
use crate::{Detail, Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// The client sessions at the moment of collection, against the slots that ordinary roles can have:
    /// `max_connections` less `superuser_reserved_connections` and `reserved_connections`.
    ///
    /// ## Why it matters
    ///
    /// When the last slot is taken, the server refuses every further client with "sorry, too many clients already".
    ///
    /// ## Threshold
    ///
    /// Warning from {WARNING} of the slots on, critical from {CRITICAL} on. Only client backends count; background
    /// workers and walsenders have slots of their own.
    ///
    /// ## Remedy
    ///
    /// Put a connection pooler in front, or make the applications' pools smaller. Raising `max_connections` needs a
    /// restart and costs memory and time for every snapshot; it is the last resort.
    ///
    /// ## When it is no fault
    ///
    /// Where pools are sized to fill the server exactly, on purpose, and nothing else connects.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Connection Settings".
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "max_connections", "setting": "5" },
    ///                    { "name": "superuser_reserved_connections", "setting": "3" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "idle", "usename": "app" },
    ///                         { "pid": 2, "backend_type": "client backend", "state": "active", "usename": "app" } ] }
    /// ```
    /// ```json clean
    /// { "pg_settings": [ { "name": "max_connections", "setting": "100" },
    ///                    { "name": "superuser_reserved_connections", "setting": "3" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "idle", "usename": "app" },
    ///                         { "pid": 2, "backend_type": "checkpointer" } ] }
    /// ```
    rule connections_near_limit {
        code: "PGD401",
        title: "Few connection slots are left",
        area: Connections,
        needs: [pg_settings, pg_stat_activity],
        needs_whole: [pg_stat_activity],
        thresholds: {
            /// Share of taken slots from which it is a warning.
            WARNING: Ratio = Ratio(0.75),
            /// Share of taken slots from which it is critical.
            CRITICAL: Ratio = Ratio(0.90),
        },
    }
}

#[derive(Debug)]
struct Found {
    clients: i64,
    slots: i64,
    used: Ratio,
    by_role: Vec<(String, i64, i64)>,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    let Some(slots) = facts.sessions.slots.filter(|slots| *slots > 0) else {
        return Err(NotAssessed::because("pg_settings does not show max_connections"));
    };
    let clients = i64::try_from(facts.sessions.clients().count()).unwrap_or(i64::MAX);
    let used = Ratio::of(clients, slots);
    if used < WARNING {
        return Ok(Vec::new());
    }
    Ok(vec![Found { clients, slots, used, by_role: by_role(facts) }])
}

/// Sessions per role, and how many of them are idle; most sessions first.
fn by_role(facts: &Facts) -> Vec<(String, i64, i64)> {
    let mut roles = std::collections::BTreeMap::<String, (i64, i64)>::new();
    for client in facts.sessions.clients() {
        let (all, idle) = roles.entry(client.usename.clone().unwrap_or_default()).or_default();
        *all += 1;
        *idle += i64::from(client.state.as_deref() == Some("idle"));
    }
    let mut rows: Vec<_> = roles.into_iter().map(|(role, (all, idle))| (role, all, idle)).collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rows
}

fn describe(found: &Found) -> Parts {
    let critical = found.used >= CRITICAL;
    let rows = found.by_role.iter().map(|(role, all, idle)| vec![role.as_str().into(), (*all).into(), (*idle).into()]);
    Parts {
        severity: if critical { Severity::Critical } else { Severity::Warning },
        confidence: Confidence::High,
        subject: Subject::Parameter("max_connections".to_owned()),
        summary: format!("Free connection slots: {} of {} are taken", display::count(found.clients), display::count(found.slots)),
        rationale: "When the last slot is taken, the server refuses every further client.".to_owned(),
        evidence: vec![
            evidence_against("slots taken", found.used, if critical { CRITICAL } else { WARNING }),
            evidence("client sessions", found.clients),
            evidence("slots for ordinary roles", found.slots),
        ],
        details: vec![Detail::table("Client sessions by role", &["role", "sessions", "of them idle"], rows)],
        remedy: Remedy {
            text: "Put a pooler such as PgBouncer in front, or make the applications' pools smaller. Raise \
                   max_connections only if all these sessions are really busy."
                .to_owned(),
            sql: Some(
                "SELECT usename, application_name, state, count(*)\nFROM pg_stat_activity\nWHERE backend_type = 'client \
                 backend'\nGROUP BY 1, 2, 3\nORDER BY 4 DESC;"
                    .to_owned(),
            ),
            effort: Effort::Project,
            impact: None,
            undo: None,
            undo_text: None,
            sets: None,
        },
        source: "PostgreSQL manual, Connection Settings",
    }
}
