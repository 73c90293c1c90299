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
        Self { settings, major: version.map_or(0, ServerVersion::major), enabled: settings.runs_autovacuum() }
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
        let is_toast = counted.class.relkind == Some('t');
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Facts;
    use crate::example;
    use crate::facts::tables::Table;
    use crate::facts::thresholds::Thresholds;

    /// The settings as a server has them that nobody configured, except its version.
    fn settings() -> Value {
        let setting = |(name, setting): (&str, &str)| json!({ "name": name, "setting": setting });
        let all = [
            ("autovacuum", "on"),
            ("track_counts", "on"),
            ("autovacuum_vacuum_threshold", "50"),
            ("autovacuum_vacuum_scale_factor", "0.2"),
            ("autovacuum_vacuum_max_threshold", "100000000"),
            ("autovacuum_vacuum_insert_threshold", "1000"),
            ("autovacuum_vacuum_insert_scale_factor", "0.2"),
            ("autovacuum_analyze_threshold", "50"),
            ("autovacuum_analyze_scale_factor", "0.1"),
            ("autovacuum_freeze_max_age", "200000000"),
            ("autovacuum_multixact_freeze_max_age", "400000000"),
        ];
        all.map(setting).into_iter().collect()
    }

    /// The tables of a server of this version, of which each class is given by what is not usual about it.
    fn tables(version: i64, classes: &[Value]) -> Vec<Table> {
        let class = |(oid, own): (usize, &Value)| {
            let mut class = json!({ "oid": oid, "nspname": "s", "relname": format!("t{oid}"), "relkind": "r",
                                    "relpages": 1000, "reltuples": 100_000 });
            class.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
            class
        };
        let document = json!({
            "version": version, "pg_settings": settings(), "pg_stat_user_tables": [],
            "pg_class": (1..).zip(classes).map(class).collect::<Vec<_>>(),
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        Facts::of(&snapshot).tables().unwrap().all.clone()
    }

    fn thresholds(version: i64, class: Value) -> Thresholds {
        tables(version, &[class])[0].thresholds
    }

    #[test]
    fn the_server_adds_a_share_of_the_rows_to_a_base() {
        let expected = Thresholds {
            vacuum: Some(20_050.0),
            insert: Some(21_000.0),
            analyze: Some(10_050.0),
            freeze: Some(200_000_000),
            multixact: Some(400_000_000),
            scale_factor: Some(0.2),
        };
        assert_eq!(thresholds(17, json!({})), expected);
        // Autovacuum takes a table that was never counted for an empty one.
        let uncounted = thresholds(17, json!({ "relpages": 0, "reltuples": -1 }));
        assert_eq!([uncounted.vacuum, uncounted.insert, uncounted.analyze], [Some(50.0), Some(1000.0), Some(50.0)]);
        assert_eq!(thresholds(12, json!({})).insert, None);
    }

    #[test]
    fn version_18_caps_the_threshold_and_leaves_frozen_pages_out() {
        let huge = |options: &[&str]| json!({ "reltuples": 1e9, "reloptions": options });
        let vacuum = |version: i64, options: &[&str]| thresholds(version, huge(options)).vacuum;
        assert_eq!([vacuum(17, &[]), vacuum(18, &[])], [Some(200_000_050.0), Some(100_000_000.0)]);
        assert_eq!(vacuum(18, &["autovacuum_vacuum_max_threshold=-1"]), Some(200_000_050.0));
        assert_eq!(vacuum(18, &["autovacuum_vacuum_max_threshold=5000"]), Some(5000.0));
        let frozen = || json!({ "relallfrozen": 750 });
        let insert = |version: i64, class: Value| thresholds(version, class).insert;
        assert_eq!([insert(17, frozen()), insert(18, frozen())], [Some(21_000.0), Some(6000.0)]);
        // More frozen pages than there were at the last count.
        assert_eq!(insert(18, json!({ "relallfrozen": 2000 })), Some(1000.0));
    }

    #[test]
    fn storage_parameters_take_precedence_and_can_only_lower_an_age() {
        let with = |options: &[&str]| thresholds(17, json!({ "reloptions": options }));
        let own = with(&["fillfactor=50", "autovacuum_vacuum_threshold=10", "autovacuum_vacuum_scale_factor=0.01"]);
        assert_eq!((own.vacuum, own.scale_factor), (Some(1010.0), Some(0.01)));
        assert_eq!(with(&["autovacuum_vacuum_insert_threshold=-1"]).insert, None);
        let ages = |age: &str| {
            let parameter = |name: &str| format!("autovacuum_{name}={age}");
            let (xid, multixact) = (parameter("freeze_max_age"), parameter("multixact_freeze_max_age"));
            let with = with(&[&xid, &multixact]);
            [with.freeze, with.multixact]
        };
        assert_eq!(ages("1000000"), [Some(1_000_000); 2]);
        assert_eq!(ages("1900000000"), [Some(200_000_000), Some(400_000_000)]);
    }

    #[test]
    fn a_toast_table_has_its_own_parameters_or_all_of_its_table() {
        let pair = |own: &[&str]| {
            let owner = json!({ "reltoastrelid": 2,
                                "reloptions": ["autovacuum_enabled=false", "autovacuum_vacuum_scale_factor=0"] });
            let toast = json!({ "relkind": "t", "reloptions": own });
            tables(17, &[owner, toast]).remove(1)
        };
        let inherited = pair(&[]);
        assert_eq!((inherited.thresholds.vacuum, inherited.thresholds.analyze), (Some(50.0), None));
        assert!(inherited.autovacuum.is_disabled_for_table() && inherited.autovacuum.is_inherited());
        // One parameter of its own, and none of its table applies.
        let own = pair(&["autovacuum_vacuum_threshold=70"]);
        assert_eq!(own.thresholds.vacuum, Some(20_070.0));
        assert!(!own.autovacuum.is_disabled() && !own.autovacuum.is_inherited());
        assert_eq!(own.remedied().to_string(), "s.t1");
    }
}
