//! Clients lose their connections.

use crate::engine::prelude::*;
use crate::facts::observed::{Observed, require_session_counters};

rule! {
    /// ## What it sees
    ///
    /// Sessions of a database that ended because the connection to the client was lost, in relation to all sessions
    /// (`sessions_abandoned`, version 14 and newer), in the window of a delta, otherwise since the counters were
    /// reset.
    ///
    /// ## Why it matters
    ///
    /// The client crashed, was killed, ran into a time limit of its own or lost the network. Its transaction is
    /// rolled back, and while the server does not notice, the session keeps its locks.
    ///
    /// ## Threshold
    ///
    /// At least {MIN} such sessions; notice from {NOTICE} of all sessions on, warning from {WARNING} on.
    ///
    /// ## Remedy
    ///
    /// Find out which clients they are: `log_disconnections` and the log lines "could not receive data from client"
    /// name them. Check the time limits of firewalls and load balancers, and set `tcp_keepalives_idle` below them.
    ///
    /// ## When to ignore this
    ///
    /// If the clients never disconnect cleanly, as some programs that run for short.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "sessions": 10000, "sessions_abandoned": 900 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "sessions": 100000, "sessions_abandoned": 900 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "sessions": 100, "sessions_abandoned": 50 } ] }
    /// ```
    rule abandoned_sessions {
        code: PGD405,
        title: "Clients lose their connections",
        passed: "Clients disconnect cleanly",
        worst: Warning,
        reads: [databases],
        source: "PostgreSQL manual, pg_stat_database: sessions_abandoned; pgdoctor",
        thresholds: {
            /// Fewer abandoned sessions are negligible.
            MIN: i64 = 100,
            /// Share of all sessions that causes a notice.
            NOTICE: Ratio = Ratio(0.01),
            /// Share of all sessions that causes a warning.
            WARNING: Ratio = Ratio(0.05),
        },
    }
}

fn share(observed: &Observed<'_>) -> Option<Ratio> {
    Ratio::of(observed.row.sessions_abandoned?, observed.row.sessions?)
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Observed<'a>>> {
    let counted = view.databases()?.latest(view.now().ok());
    require_session_counters(view, &counted)?;
    let is_many = |observed: &Observed<'_>| observed.row.sessions_abandoned >= Some(MIN) && share(observed) >= Some(NOTICE);
    Ok(counted.into_iter().filter(is_many).collect())
}

fn subject(observed: &Observed<'_>) -> About {
    let share = share(observed);
    About::new(Subject::named(SubjectKind::Database, observed.name), share.unwrap_or(Ratio(0.0)))
        .severity(if share >= Some(WARNING) { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("share", share).labelled("share of all sessions").against(NOTICE),
            Figure::new("sessions_abandoned", observed.row.sessions_abandoned).labelled("abandoned sessions").against(MIN),
            Figure::new("sessions", observed.row.sessions),
            Figure::new("counted_over", observed.length),
        ])
}

fn describe(found: &Found<Observed<'_>>) -> Draft {
    let count = display::count(found.sum(|observed| observed.row.sessions_abandoned));
    Draft::new(format!("Find out why clients of {} lose their connections: {count} sessions abandoned", found.named("database", "databases")))
        .because("The client crashed, was killed, ran into a time limit of its own or lost the network.")
        .advise("Enable log_disconnections and look for \"could not receive data from client\" in the server log.")
        .advise("Set tcp_keepalives_idle below the time limits of firewalls and load balancers.")
        .effort(Effort::Project)
}
