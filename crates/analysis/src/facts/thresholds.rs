//! When autovacuum processes a table: storage parameters take precedence over the settings.

use pgdba_pg::ServerVersion;
use pgdba_pg::parameter::{self, Kind, Value};
use pgdba_snapshot::sections::pg_class::PgClass;

use super::settings::Settings;

/// When autovacuum processes a table. A value is missing if the server's version does not have it, if it is disabled, or if the
/// setting behind it is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Thresholds {
    /// More dead rows than this.
    pub vacuum: Option<f64>,
    /// More rows inserted since the last VACUUM than this (13).
    pub insert: Option<f64>,
    /// More rows changed since the last ANALYZE than this; a TOAST table is never analyzed.
    pub analyze: Option<f64>,
    /// A greater age of `relfrozenxid`, in transactions.
    pub freeze: Option<i64>,
    /// A greater age of `relminmxid`, in multixacts.
    pub multixact: Option<i64>,
    /// The share of a table's rows that belongs to `vacuum`.
    pub scale_factor: Option<f64>,
}

/// What the server counted of a table, which the thresholds depend on.
pub(super) struct Counted<'a> {
    pub(super) class: &'a PgClass,
    /// Rows, 0 before the first VACUUM or ANALYZE.
    pub(super) rows: f64,
}

impl Counted<'_> {
    /// The share of its pages that is not all-frozen (18).
    fn unfrozen(&self) -> f64 {
        let pages = self.class.relpages.filter(|pages| *pages > 0);
        let frozen = self.class.relallfrozen.filter(|frozen| *frozen > 0);
        pages.zip(frozen).map_or(1.0, |(pages, frozen)| 1.0 - frozen.min(pages) as f64 / pages as f64)
    }
}

/// The settings that decide when autovacuum processes a table, unless its storage parameters do.
pub(super) struct Defaults<'a> {
    settings: &'a Settings,
    major: i64,
    /// Whether the server runs autovacuum, which needs `track_counts`.
    enabled: Option<bool>,
}

impl<'a> Defaults<'a> {
    pub(super) fn of(settings: &'a Settings, version: Option<ServerVersion>) -> Self {
        let counts = settings.is_on("track_counts").or(Some(true));
        Self {
            settings,
            major: version.map_or(0, ServerVersion::major),
            enabled: settings.is_on("autovacuum").zip(counts).map(|(a, b)| a && b),
        }
    }

    /// Whether autovacuum processes a table with these storage parameters.
    pub(super) fn autovacuum(&self, storage: &Storage<'_>) -> Autovacuum {
        let table = storage.get("autovacuum_enabled").and_then(boolean);
        Autovacuum { server: self.enabled, table, is_inherited: storage.is_inherited }
    }

    pub(super) fn thresholds(&self, storage: &Storage<'_>, counted: &Counted<'_>) -> Thresholds {
        let of_rows = |base: &str, factor: &str, rows: f64| {
            Some(self.number(storage, base)? + self.number(storage, factor)? * rows)
        };
        let vacuum = of_rows("autovacuum_vacuum_threshold", "autovacuum_vacuum_scale_factor", counted.rows);
        let unfrozen = if self.major >= 18 { counted.unfrozen() } else { 1.0 };
        let insert = ("autovacuum_vacuum_insert_threshold", "autovacuum_vacuum_insert_scale_factor");
        let is_toast = counted.class.relkind.as_deref() == Some("t");
        Thresholds {
            vacuum: vacuum.map(|threshold| self.cap(storage).map_or(threshold, |cap| threshold.min(cap))),
            insert: of_rows(insert.0, insert.1, counted.rows * unfrozen)
                .filter(|_| self.major >= 13 && self.number(storage, insert.0) >= Some(0.0)),
            analyze: of_rows("autovacuum_analyze_threshold", "autovacuum_analyze_scale_factor", counted.rows)
                .filter(|_| !is_toast),
            freeze: self.age(storage, "autovacuum_freeze_max_age"),
            multixact: self.age(storage, "autovacuum_multixact_freeze_max_age"),
            scale_factor: self.number(storage, "autovacuum_vacuum_scale_factor"),
        }
    }

    /// The highest threshold (18), unless it is -1.
    fn cap(&self, storage: &Storage<'_>) -> Option<f64> {
        let cap = self.number(storage, "autovacuum_vacuum_max_threshold").filter(|cap| *cap >= 0.0);
        cap.filter(|_| self.major >= 18)
    }

    fn number(&self, storage: &Storage<'_>, name: &str) -> Option<f64> {
        let own = storage.get(name).and_then(|value| value.parse().ok());
        own.or_else(|| self.settings.float(name))
    }

    /// A storage parameter can only lower an age.
    fn age(&self, storage: &Storage<'_>, name: &str) -> Option<i64> {
        let setting = self.settings.integer(name)?;
        let own = storage.get(name).and_then(|value| value.parse().ok());
        Some(own.filter(|own| *own >= 0).map_or(setting, |own: i64| own.min(setting)))
    }
}

/// The storage parameters that apply to a table.
pub(super) struct Storage<'a> {
    options: &'a [String],
    /// Whether a TOAST table has them from its table.
    is_inherited: bool,
}

impl<'a> Storage<'a> {
    /// A TOAST table with any storage parameter has only its own; without one it has those of its table.
    pub(super) fn of(class: &'a PgClass, owner: Option<&'a PgClass>) -> Self {
        let own = options(class);
        match owner.filter(|_| own.is_empty()) {
            Some(owner) => Self { options: options(owner), is_inherited: true },
            None => Self { options: own, is_inherited: false },
        }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let pairs = self.options.iter().filter_map(|option| option.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

fn options(class: &PgClass) -> &[String] {
    class.reloptions.as_deref().unwrap_or_default()
}

/// Whether autovacuum processes a table: both the server and the table must allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Autovacuum {
    /// Whether the server runs it: `autovacuum` and `track_counts`.
    server: Option<bool>,
    /// The storage parameter, where it is set.
    table: Option<bool>,
    /// Whether a TOAST table has that from its table.
    is_inherited: bool,
}

impl Autovacuum {
    /// Whether it is known to be disabled, for the table or for the server.
    #[must_use]
    pub fn is_disabled(self) -> bool {
        self.is_disabled_for_table() || self.is_disabled_for_server()
    }

    /// Whether the storage parameter disables it.
    #[must_use]
    pub fn is_disabled_for_table(self) -> bool {
        self.table == Some(false)
    }

    /// Whether the server does not run it for any table.
    #[must_use]
    pub fn is_disabled_for_server(self) -> bool {
        self.server == Some(false)
    }

    /// Whether a TOAST table has its storage parameters from its table.
    #[must_use]
    pub fn is_inherited(self) -> bool {
        self.is_inherited
    }

    /// Whether it is enabled, in words.
    #[must_use]
    pub fn words(self) -> Option<&'static str> {
        match (self.is_disabled_for_table(), self.is_disabled_for_server()) {
            (true, true) => Some("disabled for the table and the server"),
            (true, false) => Some("disabled for the table"),
            (false, true) => Some("disabled for the server"),
            (false, false) => self.server.map(|_| "enabled"),
        }
    }
}

/// The meaning of a Boolean storage parameter, which the server keeps as it was written.
fn boolean(text: &str) -> Option<bool> {
    match parameter::parse(&Kind::Bool, text) {
        Ok(Value::Bool(value)) => Some(value),
        _ => None,
    }
}
