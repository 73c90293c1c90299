//! Whether the server records statements, and what it records of them.

use pgdba_snapshot::{DiagSnapshot, Prereq};

use crate::facts::settings::Settings;

/// The extension's name.
const NAME: &str = "pg_stat_statements";

/// Whether the server records statements, as far as the snapshot shows.
#[derive(Debug, Clone, Default)]
pub struct Tracking {
    prereq: Option<Prereq>,
    /// Whether the library is loaded; none if the settings are unknown.
    is_loaded: Option<bool>,
    /// The libraries that are loaded at the start, if the role can see them.
    pub libraries: Option<Vec<String>>,
    /// `pg_stat_statements.max`.
    pub max: Option<i64>,
    /// `pg_stat_statements.track`.
    pub track: Option<String>,
    /// `compute_query_id`.
    pub compute_query_id: Option<String>,
    /// `pg_stat_statements.track_planning`.
    pub has_planning: Option<bool>,
    /// `track_io_timing`.
    pub has_io_timing: Option<bool>,
}

/// Why no statements can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The library is not in `shared_preload_libraries`.
    NotLoaded {
        /// Whether the extension has been created all the same.
        is_created: bool,
    },
    /// The library is loaded, but the extension does not exist in the database.
    NotCreated,
    /// The role lacks a privilege.
    Refused,
    /// The extension is older than what pgdba reads.
    TooOld,
}

impl Tracking {
    pub(in crate::facts) fn new(snapshot: &DiagSnapshot, settings: Option<&Settings>) -> Self {
        let text = |name: &str| settings?.text(name).map(str::to_owned);
        let libraries = text("shared_preload_libraries").map(|list| {
            let names = list.split(',').map(|name| name.trim().trim_matches('"').to_owned());
            names.filter(|name| !name.is_empty()).collect()
        });
        Self {
            prereq: snapshot.prereqs.iter().find(|prereq| prereq.name == NAME).cloned(),
            is_loaded: settings.map(|settings| settings.get("pg_stat_statements.max").is_some()),
            libraries,
            max: settings.and_then(|settings| settings.integer("pg_stat_statements.max")),
            track: text("pg_stat_statements.track"),
            compute_query_id: text("compute_query_id"),
            has_planning: settings.and_then(|settings| settings.is_on("pg_stat_statements.track_planning")),
            has_io_timing: settings.and_then(|settings| settings.is_on("track_io_timing")),
        }
    }

    /// Whether the library is loaded; none if that is unknown.
    #[must_use]
    pub fn is_loaded(&self) -> Option<bool> {
        self.is_loaded
    }

    /// Whether the extension exists in the database of the collection; none if that is unknown.
    #[must_use]
    pub fn is_created(&self) -> Option<bool> {
        self.prereq.as_ref().map(|prereq| prereq.version.is_some())
    }

    /// Why statements cannot be read; none if they can, or if the snapshot does not show why.
    #[must_use]
    pub fn obstacle(&self) -> Option<Obstacle> {
        let prereq = self.prereq.as_ref()?;
        let is_created = prereq.version.is_some();
        match (&prereq.error, is_created, self.is_loaded) {
            (None, true, _) => Some(Obstacle::TooOld).filter(|_| prereq.version.as_deref().is_some_and(is_too_old)),
            (None, false, _) => None,
            (Some(_), false, Some(true)) => Some(Obstacle::NotCreated),
            (Some(_), false, _) => Some(Obstacle::NotLoaded { is_created }),
            (Some(reason), true, _) if reason.contains("privilege") => Some(Obstacle::Refused),
            (Some(_), true, _) => Some(Obstacle::NotLoaded { is_created }),
        }
    }
}

/// Whether this version of the extension is older than the first one with a statement in the section.
fn is_too_old(version: &str) -> bool {
    let first = pgdba_snapshot::sections::pg_stat_statements::SPEC.sql.first().map(|(first, _)| *first);
    let version = pgdba_snapshot::prerequisites::extension_version(version);
    version.zip(first).is_some_and(|(version, first)| version < first)
}
