//! Sequences.

use crate::section;

section! {
    /// Sequences: their limits, the columns they belong to or number by default, and their current values.
    ///
    /// Reading an exclusively locked sequence would wait, so `last_value` is left out for those, and for those that the
    /// role cannot read. At most 1000 are read: those with the lowest maximum.
    section pg_sequence {
        scope: Database,
        why: "When a sequence reaches its maximum, inserts fail.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgSequence {
        /// The sequence's oid, see `pg_class`.
        seqrelid: i64,
        /// Its type: `int2`, `int4` or `int8`.
        typname: Option<String>,
        /// Its start value.
        seqstart: Option<i64>,
        /// Its increment.
        seqincrement: Option<i64>,
        /// Its minimum value.
        seqmin: Option<i64>,
        /// Its maximum value.
        seqmax: Option<i64>,
        /// Numbers that a session caches.
        seqcache: Option<i64>,
        /// Whether it cycles.
        seqcycle: Option<bool>,
        /// The table it belongs to.
        owned_by_relid: Option<i64>,
        /// The column it belongs to.
        owned_by_attnum: Option<i64>,
        /// The table of the narrowest integer column whose default is its next value, whether it belongs to that column or not.
        /// Another expression over the next value can limit it and does not count.
        default_of_relid: Option<i64>,
        /// That column.
        default_of_attnum: Option<i64>,
        /// Whether `last_value` was read.
        is_read: Option<bool>,
        /// The last number it returned; null before the first.
        last_value: Option<i64>,
    }
}
