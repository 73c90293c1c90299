//! Sequences.

use crate::section;

section! {
    /// Sequences: their limits, the columns they belong to, and how far they have come.
    ///
    /// Reading a sequence waits for whoever holds it exclusively, so those are left out, and so are those that the role
    /// may not read. At most 1,000 are read: those with the least maximum.
    section pg_sequence {
        scope: Database,
        why: "A sequence that reaches its end stops every insert.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgSequence {
        /// The sequence's oid, see `pg_class`.
        seqrelid: i64,
        /// Its type: `int2`, `int4` or `int8`.
        typname: Option<String>,
        /// Where it starts.
        seqstart: Option<i64>,
        /// Its step.
        seqincrement: Option<i64>,
        /// Its least value.
        seqmin: Option<i64>,
        /// Its greatest value.
        seqmax: Option<i64>,
        /// Numbers a session takes at once.
        seqcache: Option<i64>,
        /// Whether it begins anew at its end.
        seqcycle: Option<bool>,
        /// The table it belongs to.
        owned_by_relid: Option<i64>,
        /// The column it belongs to.
        owned_by_attnum: Option<i64>,
        /// Whether `last_value` was read.
        is_read: Option<bool>,
        /// The last number it gave; null if it gave none yet.
        last_value: Option<i64>,
    }
}
