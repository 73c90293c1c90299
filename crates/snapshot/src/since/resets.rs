//! What happened to a server's statistics between two samples, as other sections than the counters' own tell it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Absence;
use crate::document::DiagSnapshot;
use crate::row::Row;
use crate::sections::pg_stat_archiver::PgStatArchiver;
use crate::sections::pg_stat_bgwriter::PgStatBgwriter;
use crate::sections::pg_stat_database::PgStatDatabase;
use crate::sections::pg_stat_statements;
use crate::sections::pg_stat_statements_info::PgStatStatementsInfo;
use crate::sections::system::System;
use crate::spec::{Scope, SectionSpec};

/// What happened to a server's statistics between two samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resets {
    /// When the server started, by the clock that stamped the samples.
    started: Option<Timestamp>,
    /// Whether all statistics begin anew.
    discarded: bool,
    /// The databases whose counters, or some of them, were reset.
    databases: BTreeSet<String>,
    /// Whether all entries of pg_stat_statements were reset.
    statements: bool,
}

impl Resets {
    /// What happened in the window of a delta.
    #[must_use]
    pub fn in_window(snapshot: &DiagSnapshot) -> Self {
        Self { started: started(snapshot), ..Self::of(&Sections { earlier: None, later: snapshot }) }
    }

    /// What happened between two snapshots of one cluster.
    #[must_use]
    pub fn between(earlier: &DiagSnapshot, later: &DiagSnapshot) -> Self {
        let start = |snapshot: &DiagSnapshot| snapshot.section::<System>().rows.first().and_then(|row| row.start_time);
        let is_restarted = start(earlier).zip(start(later)).is_some_and(|(before, now)| before != now);
        // Two clocks may have stamped them: whether it is the same start is sure, when it was is not.
        let started = is_restarted.then_some(Timestamp::MAX);
        Self { started, ..Self::of(&Sections { earlier: Some(earlier), later }) }
    }

    fn of(sections: &Sections<'_>) -> Self {
        let moved = |rows: Option<[Option<Timestamp>; 2]>| {
            rows.is_some_and(|[earlier, later]| earlier.is_some() && later.is_some() && earlier != later)
        };
        let bgwriter = moved(sections.single(|row: &PgStatBgwriter| row.stats_reset));
        let archiver = moved(sections.single(|row: &PgStatArchiver| row.stats_reset));
        Self {
            started: None,
            discarded: bgwriter && archiver,
            databases: sections.databases(),
            statements: moved(sections.single(|row: &PgStatStatementsInfo| row.stats_reset)),
        }
    }

    /// Why no row of `spec`, or none of the database `datname`, can be compared with a sample of the time `earlier`.
    pub(super) fn absence(&self, spec: &SectionSpec, datname: Option<&str>, earlier: Timestamp) -> Option<Absence> {
        let is_reset = match spec.scope {
            Scope::Database => datname.is_some_and(|datname| self.databases.contains(datname)),
            Scope::Cluster => self.statements && spec.name == pg_stat_statements::SPEC.name,
        };
        if self.started.is_some_and(|started| started > earlier) {
            Some(Absence::Restarted)
        } else if self.discarded {
            Some(Absence::Discarded)
        } else {
            is_reset.then_some(Absence::Reset)
        }
    }
}

/// When the server started, by the collector's clock: the two clocks may differ.
fn started(snapshot: &DiagSnapshot) -> Option<Timestamp> {
    let section = snapshot.section::<System>();
    let row = section.rows.first()?;
    let uptime = row.server_time?.duration_since(row.start_time?);
    section.collected_at?.checked_sub(uptime).ok()
}

/// Where the earlier and the later rows of a section are.
struct Sections<'a> {
    /// The earlier snapshot; none where the later one is a delta that has both.
    earlier: Option<&'a DiagSnapshot>,
    later: &'a DiagSnapshot,
}

impl Sections<'_> {
    /// The rows of both samples, where both are there.
    fn rows<R: Row>(&self) -> Option<[Vec<R>; 2]> {
        let later = self.later.section::<R>();
        let earlier = match self.earlier {
            Some(snapshot) => snapshot.section::<R>().rows,
            None => later.earlier?.rows,
        };
        Some([earlier, later.rows])
    }

    /// A value of both samples of a section of one row.
    fn single<R: Row, T>(&self, value: impl Fn(&R) -> T) -> Option<[T; 2]> {
        let [earlier, later] = self.rows::<R>()?;
        Some([value(earlier.first()?), value(later.first()?)])
    }

    /// The databases whose counters were reset, or that were dropped and made anew under the same name.
    fn databases(&self) -> BTreeSet<String> {
        let Some([earlier, later]) = self.rows::<PgStatDatabase>() else { return BTreeSet::new() };
        let is_reset = |row: &PgStatDatabase| {
            let before = earlier.iter().find(|before| before.datname == row.datname);
            before.is_some_and(|before| (before.datid, before.stats_reset) != (row.datid, row.stats_reset))
        };
        later.into_iter().filter(|row| is_reset(row)).filter_map(|row| row.datname).collect()
    }
}
