//! Foreign keys that check the same twice.

use crate::engine::prelude::*;
use crate::facts::repeated_keys::RepeatedKey;

rule! {
    /// ## What it sees
    ///
    /// Foreign keys of a table with the same columns that refer to the same columns of the same table, with the same actions on UPDATE
    /// and DELETE, matched and deferred alike. Of each group, all but one are reported; a validated one is kept if there is one.
    ///
    /// Foreign keys of several columns with ON DELETE SET NULL or SET DEFAULT are left out: which of the columns are set is not in a
    /// snapshot. So are those that are not enforced.
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
    /// Drop all but one. The statements that make it again are those of "To undo".
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
        reads: [repeated_foreign_keys],
        source: "pgdba",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a RepeatedKey>> {
    Ok(view.repeated_foreign_keys()?.iter().collect())
}

fn subject(repeated: &&RepeatedKey) -> About {
    let (key, kept) = (&repeated.key, &repeated.kept);
    let about = About::constraint(key, Weight::Count(1))
        .figures([
            Figure::new("table", key.table.to_string()),
            Figure::new("same_as", kept.row.conname.clone()),
            Figure::new("references", key.references.as_ref().map(ToString::to_string)),
        ])
        .run(repeated.drop());
    repeated.definition.iter().fold(about, About::undo)
}

fn describe(found: &Found<&RepeatedKey>) -> Draft {
    let is_unknown = found.any(|repeated| repeated.definition.is_none());
    let draft = Draft::new(format!("Drop {}, which another one duplicates", found.each("the foreign key", "foreign keys")))
        .because("Each is checked for every row written.")
        .advise("Drop it: the one that is kept checks the same, with the same actions on UPDATE and DELETE.")
        .advise_if(is_unknown, "Before that, save what pg_get_constraintdef() returns: it is needed to undo this.")
        .impact("ALTER TABLE waits for transactions that use either table, and blocks new ones meanwhile; then it takes no time.");
    match is_unknown {
        true => draft.undo_text("Add the constraint again with the definition that was saved."),
        false => draft,
    }
}
