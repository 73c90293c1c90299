//! Foreign keys that check the same twice.

use std::collections::BTreeMap;

use crate::engine::prelude::*;
use crate::facts::constraints::Constraint;

rule! {
    /// ## What it sees
    ///
    /// Foreign keys of a table with the same columns that refer to the same columns of the same table. Of each group, all but the first
    /// are reported.
    ///
    /// ## Why it matters
    ///
    /// Each is checked for every row written, and locks the referenced row.
    ///
    /// ## Threshold
    ///
    /// None.
    ///
    /// ## Remedy
    ///
    /// Drop all but one. If their actions on UPDATE or DELETE differ, keep the one that is wanted.
    ///
    /// ## When to ignore this
    ///
    /// Never: the others check the same.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 2, "nspname": "public", "relname": "customers", "relkind": "r" } ],
    ///   "pg_constraint": [ { "oid": 9, "conname": "a", "conrelid": 1, "contype": "f", "confrelid": 2, "conkey": [2], "confkey": [1] },
    ///                      { "oid": 10, "conname": "b", "conrelid": 1, "contype": "f", "confrelid": 2, "conkey": [2], "confkey": [1] } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 2, "nspname": "public", "relname": "customers", "relkind": "r" } ],
    ///   "pg_constraint": [ { "oid": 9, "conname": "a", "conrelid": 1, "contype": "f", "confrelid": 2, "conkey": [2], "confkey": [1] },
    ///                      { "oid": 10, "conname": "b", "conrelid": 1, "contype": "f", "confrelid": 2, "conkey": [3], "confkey": [1] } ] }
    /// ```
    rule duplicate_foreign_key {
        code: PGD1405,
        title: "Foreign keys are duplicated",
        passed: "No foreign key is duplicated",
        worst: Notice,
        reads: [constraints],
        source: "pgdba",
    }
}

struct Twice<'a> {
    key: &'a Constraint,
    kept: &'a Constraint,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Twice<'a>>> {
    let mut first = BTreeMap::new();
    let mut found = Vec::new();
    for key in view.constraints()?.iter().filter(|constraint| constraint.is("f") && !constraint.is_of_partition()) {
        let (Some(own), Some(others)) = (&key.row.conkey, &key.row.confkey) else { continue };
        // The order of the pairs makes no difference.
        let mut pairs: Vec<(i64, i64)> = own.iter().copied().zip(others.iter().copied()).collect();
        pairs.sort_unstable();
        let kept = *first.entry((&key.table, &key.references, pairs)).or_insert(key);
        if !std::ptr::eq(kept, key) {
            found.push(Twice { key, kept });
        }
    }
    Ok(found)
}

fn subject(twice: &Twice<'_>) -> About {
    let key = twice.key;
    About::constraint(key, Weight::Count(1))
        .figures([
            Figure::new("table", key.table.to_string()),
            Figure::new("same_as", twice.kept.row.conname.clone()),
            Figure::new("references", key.references.as_ref().map(ToString::to_string)),
        ])
        .run(format!("ALTER TABLE {} DROP CONSTRAINT {};", key.table.sql(), key.sql()))
}

fn describe(found: &Found<Twice<'_>>) -> Draft {
    Draft::new(format!("Drop {}, which another one duplicates", found.each("the foreign key", "foreign keys")))
        .because("Each is checked for every row written.")
        .advise("Compare what they do on UPDATE and DELETE, keep the one that is wanted, and drop the others.")
        .impact("ALTER TABLE waits for transactions that use either table, and blocks new ones meanwhile; then it takes no time.")
        .undo_text("ALTER TABLE … ADD FOREIGN KEY … NOT VALID, then VALIDATE CONSTRAINT.")
}
