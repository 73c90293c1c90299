//! One snapshot of several, and what is read of it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_snapshot::DiagSnapshot;

use super::series::{Limit, Named};
use crate::Facts;
use crate::facts::relation::Size;
use crate::facts::sequences::Sequence;
use crate::facts::tables::Table;
use crate::facts::{Beside, Fact, View, declared};
use crate::format::{Checked, NotAssessed};

/// The facts that are read of each snapshot.
static READS: &[&Fact] = &[
    &declared::relations,
    &declared::tables,
    &declared::sessions,
    &declared::freeze,
    &declared::sequences,
    &declared::hardware,
    &declared::databases,
    &declared::surroundings,
    &declared::settings,
    &declared::counters,
    &declared::checkpoints,
    &declared::wal,
];

/// The sections of a snapshot that a trend reads: the others need not be kept in memory.
#[must_use]
pub fn snapshot_sections() -> Vec<&'static str> {
    Fact::section_names(READS)
}

/// A snapshot with its time and its facts.
pub(super) struct Moment<'a> {
    pub(super) snapshot: &'a DiagSnapshot,
    pub(super) facts: Facts<'a>,
    pub(super) at: Timestamp,
}

/// The snapshots that say when they were collected, the oldest first, each once.
pub(super) fn moments<'a>(snapshots: &[&'a DiagSnapshot]) -> Vec<Moment<'a>> {
    let with_time = snapshots.iter().filter_map(|snapshot| Some((snapshot.collected_at?, *snapshot)));
    let mut all: Vec<(Timestamp, &DiagSnapshot)> = with_time.collect();
    all.sort_by_key(|(at, _)| *at);
    all.dedup_by(|(later, second), (earlier, first)| later == earlier && is_same(first, second));
    all.into_iter().map(|(at, snapshot)| Moment { snapshot, facts: Facts::of(snapshot), at }).collect()
}

/// Whether two snapshots are the same document.
fn is_same(first: &DiagSnapshot, second: &DiagSnapshot) -> bool {
    let texts = |snapshot: &DiagSnapshot| {
        snapshot.sections.iter().map(|(name, raw)| (name.clone(), raw.get().to_owned())).collect::<Vec<_>>()
    };
    let is_sealed = first.checksum_fits == Some(true) && second.checksum_fits == Some(true);
    if is_sealed { first.checksum == second.checksum } else { texts(first) == texts(second) }
}

/// The size of each database that was read.
pub(super) fn databases(moment: &Moment<'_>) -> Named {
    let sizes = moment.facts.relations()?.by_database();
    Ok(sizes.into_iter().filter_map(|(name, size)| Some((name?, size.bytes.0 as f64))).collect())
}

/// The size of each table, with its TOAST table.
pub(super) fn tables(moment: &Moment<'_>) -> Named {
    let tables = moment.facts.tables()?.all.iter().filter(|table| table.has_rows());
    let size = |table: &Table| Size::sum(table.size.into_iter().chain(table.toast_size));
    Ok(tables.filter_map(|table| Some((table.name.to_string(), size(table)?.bytes.0 as f64))).collect())
}

/// The dead rows of all tables; missing if the server does not count them, or has not counted those from before a reset or a crash.
pub(super) fn dead_rows(moment: &Moment<'_>) -> Checked<f64> {
    View::new(&moment.facts, Beside::default(), READS).require_dead_rows()?;
    let tables = moment.facts.tables()?.all.iter().filter(|table| table.has_rows());
    Ok(tables.filter_map(Table::dead_rows).fold(0, i64::saturating_add) as f64)
}

/// Client sessions; missing if some are hidden from the collecting role.
pub(super) fn connections(moment: &Moment<'_>) -> Checked<f64> {
    Ok(moment.facts.sessions()?.clients().count() as f64)
}

/// The age of the oldest unfrozen transaction ID.
pub(super) fn xid_age(moment: &Moment<'_>) -> Checked<f64> {
    let oldest = moment.facts.freeze()?.databases.first().and_then(|database| database.xid);
    oldest.map(|xid| xid.age as f64).ok_or_else(|| NotAssessed::because("no database has an age"))
}

/// The next age at which the server acts: autovacuum prevents wraparound, or else the server assigns no more IDs.
pub(super) fn xid_limit(moment: &Moment<'_>) -> Option<Limit> {
    let oldest = moment.facts.freeze().ok()?.databases.first()?.xid?;
    let freeze = oldest.limits.freeze.filter(|freeze| *freeze > oldest.age);
    Some(match freeze {
        Some(freeze) => Limit { value: freeze as f64, words: "autovacuum_freeze_max_age".to_owned() },
        None => Limit { value: oldest.limits.stop as f64, words: "no more transaction IDs".to_owned() },
    })
}

/// The numbers that each sequence can still give out; those that cycle have no end.
pub(super) fn sequences(moment: &Moment<'_>) -> Named {
    let left = |sequence: &Sequence| Some((sequence.name.to_string(), sequence.left()? as f64));
    Ok(ending(moment.facts.sequences()?).filter_map(left).collect())
}

/// The names of the sequences that are nearest their end, the nearest first.
pub(super) fn nearest_end(moment: &Moment<'_>, count: usize) -> Vec<String> {
    let Ok(sequences) = moment.facts.sequences() else { return Vec::new() };
    let mut used: Vec<(f64, String)> =
        ending(sequences).filter_map(|one| Some((one.used()?.0, one.name.to_string()))).collect();
    used.retain(|(share, _)| *share > 0.0);
    used.sort_by(|(a, one), (b, other)| b.partial_cmp(a).unwrap_or(Ordering::Equal).then_with(|| one.cmp(other)));
    used.into_iter().take(count).map(|(_, name)| name).collect()
}

/// The free space of each file system that holds the cluster.
pub(super) fn free_space(moment: &Moment<'_>) -> Named {
    let all = moment.facts.hardware()?.require_file_systems()?;
    Ok(all.iter().map(|disk| (disk.holds.to_owned(), disk.free.0 as f64)).collect::<BTreeMap<_, _>>())
}

fn ending(sequences: &[Sequence]) -> impl Iterator<Item = &Sequence> {
    sequences.iter().filter(|sequence| sequence.row.seqcycle != Some(true))
}
