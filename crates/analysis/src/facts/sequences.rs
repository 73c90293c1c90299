//! How far sequences are used up.

use pgdba_pg::Ratio;
use pgdba_snapshot::sections::pg_sequence::PgSequence;

use super::relation::{RelationName, Relations};

/// A sequence.
#[derive(Debug)]
pub struct Sequence {
    /// Its name.
    pub name: RelationName,
    /// The table whose column it numbers, if it belongs to one.
    pub table: Option<RelationName>,
    /// Its row.
    pub row: PgSequence,
}

impl Sequence {
    /// The share of its numbers that were given out; none where that is not known.
    #[must_use]
    pub fn used(&self) -> Option<Ratio> {
        if self.row.is_read != Some(true) {
            return None;
        }
        let (least, greatest) = (self.row.seqmin? as f64, self.row.seqmax? as f64);
        let Some(last) = self.row.last_value.map(|last| last as f64) else { return Some(Ratio(0.0)) };
        // A sequence that begins at the least negative number has given out half of its numbers when it reaches zero.
        let given = if self.row.seqincrement? < 0 { greatest - last } else { last - least };
        let share = given / (greatest - least);
        share.is_finite().then(|| Ratio(share.clamp(0.0, 1.0)))
    }

    /// Numbers that are left.
    #[must_use]
    pub fn left(&self) -> Option<i64> {
        let last = self.row.last_value?;
        let step = self.row.seqincrement?;
        let distance =
            if step < 0 { last.checked_sub(self.row.seqmin?)? } else { self.row.seqmax?.checked_sub(last)? };
        distance.checked_div(step.checked_abs()?)
    }
}

/// The sequences of a snapshot.
pub(super) fn join(rows: Vec<PgSequence>, relations: &Relations) -> Vec<Sequence> {
    let name = |datname: Option<&str>, oid: i64| {
        relations
            .position(datname, oid)
            .and_then(|position| relations.classes.get(position))
            .map(|class| relations.name(class))
    };
    let sequence = |row: PgSequence| {
        let datname = row.datname.as_deref();
        let table = row.owned_by_relid.and_then(|oid| name(datname, oid));
        Some(Sequence { name: name(datname, row.seqrelid)?, table, row })
    };
    rows.into_iter().filter_map(sequence).collect()
}
