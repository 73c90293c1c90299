//! Constraints.

use crate::section;

section! {
    /// The constraints of user tables: keys, foreign keys, CHECK and exclusion constraints, and NOT NULL constraints
    /// that are not valid. Never a CHECK expression.
    section pg_constraint {
        scope: Database,
        why: "Keys and foreign keys determine which indexes are required and which are missing.",
        since: 12,
        sql: [12 => "12.sql", 18 => "18.sql"],
    }
    row PgConstraint {
        /// The constraint's oid.
        oid: i64,
        /// Its name.
        conname: String,
        /// The table's oid, see `pg_class`.
        conrelid: i64,
        /// `p` primary key, `u` unique, `f` foreign key, `c` CHECK, `x` exclusion, `n` NOT NULL.
        contype: Option<char>,
        /// Whether it is deferrable.
        condeferrable: Option<bool>,
        /// Whether it is deferred by default.
        condeferred: Option<bool>,
        /// Whether it is validated.
        convalidated: Option<bool>,
        /// Whether it is enforced (18).
        conenforced: Option<bool>,
        /// Whether it has WITHOUT OVERLAPS or PERIOD (18).
        conperiod: Option<bool>,
        /// The index that enforces it, null if none.
        conindid: Option<i64>,
        /// The constraint of the partitioned table it belongs to, null if none.
        conparentid: Option<i64>,
        /// The table that a foreign key refers to, null for other constraints.
        confrelid: Option<i64>,
        /// What a foreign key does on UPDATE: `a` nothing, `r` restrict, `c` cascade, `n` set null, `d` set default;
        /// null for other constraints, as in the two columns below.
        confupdtype: Option<char>,
        /// What a foreign key does on DELETE, with the same letters.
        confdeltype: Option<char>,
        /// How a foreign key matches: `f` full, `s` simple.
        confmatchtype: Option<char>,
        /// Numbers of its columns.
        conkey: Option<Vec<i64>>,
        /// Numbers of the columns it refers to.
        confkey: Option<Vec<i64>>,
        /// Whether it is defined locally.
        conislocal: Option<bool>,
        /// Whether it is not inherited.
        connoinherit: Option<bool>,
    }
}
