//! Tables: catalogue, counters and the thresholds that hold for each.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_pg::{Bytes, ServerVersion};
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;

use super::relation::{RelationKey, RelationName};
use super::settings::Settings;

/// A table or materialised view with its counters.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its oid.
    pub oid: i64,
    /// Its name.
    pub name: RelationName,
    /// `r`, `p`, `m` or `t`.
    pub relkind: Option<String>,
    /// Its size as of the last VACUUM or ANALYZE.
    pub size: Option<Bytes>,
    /// The size of its TOAST table, as of the last VACUUM.
    pub toast_size: Option<Bytes>,
    /// Rows as of the last VACUUM or ANALYZE; none before the first.
    pub reltuples: Option<f64>,
    /// Age of its oldest unfrozen transaction id.
    pub freeze_age: Option<i64>,
    /// Its counters, where the server has them.
    pub stat: Option<PgStatUserTable>,
    /// Whether autovacuum may work on it: the storage parameter, else the server's setting.
    pub autovacuum_enabled: Option<bool>,
    /// Dead rows from which autovacuum vacuums it.
    pub vacuum_threshold: Option<f64>,
}

impl Table {
    /// Whether it is a table in the user's sense, and not the TOAST table of one.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.relkind.as_deref() != Some("t")
    }

    /// When it was last analysed, by hand or by autovacuum.
    #[must_use]
    pub fn last_analyze(&self) -> Option<Timestamp> {
        let stat = self.stat.as_ref()?;
        stat.last_analyze.max(stat.last_autoanalyze)
    }

    /// When it was last vacuumed, by hand or by autovacuum.
    #[must_use]
    pub fn last_vacuum(&self) -> Option<Timestamp> {
        let stat = self.stat.as_ref()?;
        stat.last_vacuum.max(stat.last_autovacuum)
    }
}

/// What the facts of every table rest on.
pub(super) struct Basis<'a> {
    pub(super) settings: &'a Settings,
    pub(super) version: Option<ServerVersion>,
    pub(super) block_size: i64,
    /// Whether a table's name needs its database.
    pub(super) names_databases: bool,
}

/// Joins the catalogue with the counters.
pub(super) fn join(classes: &[PgClass], stats: Vec<PgStatUserTable>, basis: &Basis<'_>) -> Vec<Table> {
    let key = |class: &PgClass| (class.datname.clone(), class.oid);
    let mut stats: BTreeMap<(Option<String>, i64), PgStatUserTable> =
        stats.into_iter().map(|row| ((row.datname.clone(), row.relid), row)).collect();
    let toast: BTreeMap<RelationKey<'_>, Bytes> = classes
        .iter()
        .filter(|class| class.relkind.as_deref() == Some("t"))
        .filter_map(|class| {
            let size = Bytes::from_pages(class.relpages?, basis.block_size);
            Some(((class.datname.as_deref(), class.oid), size))
        })
        .collect();
    let relations = classes.iter().filter(|class| matches!(class.relkind.as_deref(), Some("r" | "p" | "m" | "t")));
    let join_one = |class: &PgClass| {
        let mut table = table(class, stats.remove(&key(class)), basis);
        table.toast_size = class.reltoastrelid.and_then(|oid| toast.get(&(class.datname.as_deref(), oid))).copied();
        table
    };
    relations.map(join_one).collect()
}

fn table(class: &PgClass, stat: Option<PgStatUserTable>, basis: &Basis<'_>) -> Table {
    let analysed = class.relpages.is_some_and(|pages| pages > 0) || class.reltuples.is_some_and(|rows| rows > 0.0);
    let reltuples = class.reltuples.filter(|rows| *rows >= 0.0 && analysed);
    let live = stat.as_ref().and_then(|stat| stat.n_live_tup).map(|rows| rows as f64);
    Table {
        oid: class.oid,
        name: RelationName::of(class, basis.names_databases),
        relkind: class.relkind.clone(),
        size: class.relpages.filter(|_| analysed).map(|pages| Bytes::from_pages(pages, basis.block_size)),
        toast_size: None,
        reltuples,
        freeze_age: class.relfrozenxid_age,
        autovacuum_enabled: option(class, "autovacuum_enabled")
            .map(|value| matches!(value, "true" | "on" | "yes" | "1"))
            .or_else(|| basis.settings.is_on("autovacuum")),
        vacuum_threshold: vacuum_threshold(class, reltuples.or(live), basis),
        stat,
    }
}

/// `autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor × rows`, the table's own parameters first; 18 caps it.
fn vacuum_threshold(class: &PgClass, rows: Option<f64>, basis: &Basis<'_>) -> Option<f64> {
    let number =
        |name: &str| option(class, name).and_then(|value| value.parse().ok()).or_else(|| basis.settings.float(name));
    let base: f64 = number("autovacuum_vacuum_threshold")?;
    let factor: f64 = number("autovacuum_vacuum_scale_factor")?;
    let threshold = base + factor * rows?;
    let cap = number("autovacuum_vacuum_max_threshold").filter(|cap| *cap >= 0.0);
    let capped = basis.version.is_some_and(|version| version.major() >= 18);
    Some(cap.filter(|_| capped).map_or(threshold, |cap| threshold.min(cap)))
}

/// The value of a storage parameter.
fn option<'a>(class: &'a PgClass, name: &str) -> Option<&'a str> {
    let options = class.reloptions.as_ref()?;
    options.iter().filter_map(|option| option.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}
