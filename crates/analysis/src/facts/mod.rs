//! The shared facts: rates, ratios and joined tables, derived once from a snapshot.
//!
//! A rule never derives them again, so that two rules never disagree on what a table's threshold is.

pub mod checkpoints;
pub mod cluster;
pub mod indexes;
pub mod relation;
pub mod sections;
pub mod sessions;
pub mod settings;
pub mod statements;
pub mod tables;

use jiff::Timestamp;
use pgdba_pg::{Millis, ServerVersion};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use pgdba_snapshot::sections::system::System;

use crate::finding::{ClusterSummary, Confidence};
use sections::Sections;

/// Counters younger than this are thinner evidence.
const YOUNG_WINDOW: Millis = Millis(7.0 * 86_400_000.0);

/// Everything the rules look at.
#[derive(Debug)]
pub struct Facts {
    /// When the snapshot was made. The only "now" there is.
    pub now: Option<Timestamp>,
    /// The server's version.
    pub version: Option<ServerVersion>,
    /// When the postmaster started.
    pub start_time: Option<Timestamp>,
    /// Whether the server is a standby; `None` where the snapshot does not say.
    pub in_recovery: Option<bool>,
    /// Size of a page in bytes.
    pub block_size: i64,
    /// Which cluster it is.
    pub cluster: ClusterSummary,
    /// Which sections there are.
    pub sections: Sections,
    /// The configuration in force.
    pub settings: settings::Settings,
    /// Sessions and background processes.
    pub sessions: sessions::Sessions,
    /// Checkpoints, whichever view counts them.
    pub checkpoints: Option<checkpoints::Checkpoints>,
    /// Counters of each database; the one without a name counts the shared objects.
    pub databases: Vec<PgStatDatabase>,
    /// Tables of users.
    pub tables: Vec<tables::Table>,
    /// Indexes of users.
    pub indexes: Vec<indexes::Index>,
    /// Statements.
    pub statements: statements::Statements,
    /// What was odd about the document.
    pub problems: Vec<String>,
}

impl Facts {
    /// Derives the facts of `snapshot`.
    #[must_use]
    pub fn derive(snapshot: &DiagSnapshot) -> Self {
        let mut reader = sections::Reader::new(snapshot);
        let system = reader.rows::<System>().into_iter().next();
        let version = snapshot
            .server_version()
            .or_else(|| system.as_ref().and_then(|system| system.server_version_num).map(ServerVersion));
        let settings = settings::Settings::from_rows(version, reader.rows(), reader.rows_if_read(), reader.rows())
            .seen_by(system.as_ref());
        let classes = reader.rows::<PgClass>();
        let names_databases = relation::are_of_several_databases(&classes);
        let block_size = system.as_ref().and_then(|system| system.block_size).unwrap_or(8192);
        let start_time = system.as_ref().and_then(|system| system.start_time);
        Self {
            now: snapshot.collected_at,
            version,
            start_time,
            in_recovery: system.as_ref().and_then(|system| system.is_in_recovery),
            block_size,
            cluster: cluster::summary(snapshot, system.as_ref(), version),
            sessions: sessions::Sessions::from_rows(reader.rows(), &settings),
            checkpoints: checkpoints::Checkpoints::from_rows(reader.rows(), reader.rows(), snapshot.collected_at),
            databases: reader.rows(),
            tables: tables::join(
                &classes,
                reader.rows(),
                &tables::Basis { settings: &settings, version, block_size, names_databases },
            ),
            indexes: indexes::join(&classes, reader.rows(), &reader.rows(), block_size, names_databases),
            statements: statements::Statements::from_rows(reader.rows()),
            settings,
            problems: reader.problems(),
            sections: reader.finish(version),
        }
    }

    /// How sure a figure is that counts since `since`: high from seven days on, low where the time is unknown.
    #[must_use]
    pub fn confidence_since(&self, since: Option<Timestamp>) -> Confidence {
        match self.age(since) {
            Some(window) if window >= YOUNG_WINDOW => Confidence::High,
            Some(_) => Confidence::Medium,
            None => Confidence::Low,
        }
    }

    /// How long before the collection `moment` was.
    #[must_use]
    pub fn age(&self, moment: Option<Timestamp>) -> Option<Millis> {
        age(self.now, moment)
    }
}

/// How long before `now` the other moment was; none where either is unknown or it lies in the future.
fn age(now: Option<Timestamp>, moment: Option<Timestamp>) -> Option<Millis> {
    let milliseconds = now?.as_millisecond().saturating_sub(moment?.as_millisecond());
    (milliseconds >= 0).then_some(Millis(milliseconds as f64))
}
