//! A baseline: the state of a server at one time, as a document to keep.
//!
//! Each section has its data and since when its counters count, or why it is missing. Rates are those of the window of a delta, or
//! else those since the counters were reset. The document contains the snapshot that it was derived from, so that everything
//! else that reads a snapshot reads a baseline too.

mod config;
mod io;
mod locks;
mod part;
mod queries;
mod replication;
pub mod schema;
mod section;
mod shown;
mod system;
mod tables;

use pgdba_snapshot::{BASELINE_FORMAT, DiagSnapshot};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

pub use config::Config;
pub use io::{Io, ProcessIo, Slru};
pub use part::Part;
pub use queries::{Queries, QueryFigures, QueryRates};
pub use replication::{Archiver, Receiver, Replay, Replication, Slot};
pub use section::{CountedSince, Section};
pub use system::{Database, Host, Sessions, System, TransactionIds};
pub use tables::{DatabaseSize, TableFigures, Tables};

use self::section::{Derived, Reading};
use crate::facts::{Beside, View};
use crate::format::{Checked, ClusterSummary, Coverage, Recommendation};
use crate::rates::Source;
use crate::topics::{Reply, locks::LockWaits};
use crate::{Facts, Options, analyze};

/// The version of the format.
pub const FORMAT_VERSION: i64 = 1;

/// How a baseline was sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A single sample: rates are those since the counters were reset.
    Instant,
    /// Two samples: rates are those of the time between them.
    Delta,
}

/// The state of a server at one time.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Baseline {
    /// Always `pgdba.baseline`.
    pub format: &'static str,
    /// The version of this format.
    pub format_version: i64,
    /// The cluster.
    pub cluster: ClusterSummary,
    /// How it was sampled.
    pub mode: Mode,
    /// The length of the window of a delta, in seconds.
    pub interval_seconds: Option<f64>,
    /// The sections that were requested.
    pub sections: Sections,
    /// The parameters that should have another value, most important first.
    pub recommendations: Vec<Recommendation>,
    /// How many of the rules that recommend ran: those whose sections were not read did not.
    pub coverage: Coverage,
    /// Problems of the snapshot, one sentence each.
    pub problems: Vec<String>,
    /// The snapshot that all of it was derived from (DiagSnapshot).
    #[schemars(with = "serde_json::Value")]
    pub snapshot: Box<RawValue>,
}

/// The sections of a baseline. One that was not requested is not in the document.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sections {
    /// Parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Section<Config>>,
    /// Statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queries: Option<Section<Queries>>,
    /// Tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tables: Option<Section<Tables>>,
    /// Replication and archiving.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication: Option<Section<Replication>>,
    /// The host, sessions, activity of databases, transaction IDs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<Section<System>>,
    /// Sessions that wait for locks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locks: Option<Section<LockWaits>>,
    /// What is read and written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io: Option<Section<Io>>,
}

/// The baseline of `snapshot`, whose text is `document`, with these sections.
#[must_use]
pub fn baseline(
    snapshot: &DiagSnapshot,
    document: Box<RawValue>,
    parts: &[Part],
    options: &Options<'_>,
) -> Reply<Baseline> {
    let facts = Facts::of(snapshot);
    let making = Making { snapshot, facts: &facts, parts };
    let analysis = analyze(snapshot, &Options { rules_only: true, ..options.clone() });
    let is_delta = snapshot.sampling.mode == "delta";
    let data = Baseline {
        format: BASELINE_FORMAT,
        format_version: FORMAT_VERSION,
        cluster: facts.cluster(),
        mode: if is_delta { Mode::Delta } else { Mode::Instant },
        interval_seconds: snapshot.sampling.interval_seconds.filter(|_| is_delta),
        sections: Sections {
            config: making.section(Part::Config, config::derive),
            queries: making.section(Part::Queries, queries::derive),
            tables: making.section(Part::Tables, tables::derive),
            replication: making.section(Part::Replication, replication::derive),
            system: making.section(Part::System, system::derive),
            locks: making.section(Part::Locks, locks::derive),
            io: making.section(Part::Io, io::derive),
        },
        recommendations: analysis.recommendations,
        coverage: analysis.coverage,
        problems: facts.problems(),
        snapshot: document,
    };
    Reply { shown: shown::shown(&data, &facts), data }
}

/// A baseline on its way.
struct Making<'a> {
    snapshot: &'a DiagSnapshot,
    facts: &'a Facts<'a>,
    parts: &'a [Part],
}

impl<'a> Making<'a> {
    /// A section, if it was requested.
    fn section<T>(&self, part: Part, derive: impl FnOnce(&Reading<'a>) -> Checked<Derived<T>>) -> Option<Section<T>> {
        let (snapshot, facts) = (self.snapshot, self.facts);
        let view = View::new(facts, Beside::default(), part.reads());
        let reading = Reading { snapshot, view, source: Source::own(snapshot, facts) };
        self.parts.contains(&part).then(|| Section::of(derive(&reading)))
    }
}
