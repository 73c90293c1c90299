//! Constraints that existing rows need not meet.

use crate::engine::prelude::*;
use crate::facts::constraints::Constraint;

rule! {
    /// ## What it sees
    ///
    /// Foreign keys, CHECK constraints, and from version 18 on NOT NULL constraints, that were added with NOT VALID and never validated. Constraints that are not enforced (18 and
    /// newer) are left out.
    ///
    /// ## Why it matters
    ///
    /// New rows must meet the constraint, existing ones need not: they may violate it, and the planner does not use it.
    ///
    /// ## Threshold
    ///
    /// None.
    ///
    /// ## Remedy
    ///
    /// Validate it. VALIDATE CONSTRAINT reads the table, but reads and writes continue.
    ///
    /// ## When to ignore this
    ///
    /// While existing rows are being corrected.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "orders", "relkind": "r" } ],
    ///   "pg_constraint": [ { "oid": 9, "conname": "positive", "conrelid": 1, "contype": "c", "convalidated": false } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "orders", "relkind": "r" } ],
    ///   "pg_constraint": [ { "oid": 9, "conname": "positive", "conrelid": 1, "contype": "c", "convalidated": true },
    ///                      { "oid": 10, "conname": "hint", "conrelid": 1, "contype": "c", "convalidated": false, "conenforced": false } ] }
    /// ```
    rule unvalidated_constraint {
        code: PGD1404,
        title: "Constraints are not validated",
        passed: "All constraints are validated",
        worst: Notice,
        reads: [constraints],
        source: "PostgreSQL manual, ALTER TABLE: VALIDATE CONSTRAINT",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Constraint>> {
    let is_open = |constraint: &&Constraint| {
        let row = &constraint.row;
        row.convalidated == Some(false) && row.conenforced != Some(false) && !constraint.is_of_partition()
    };
    Ok(view.constraints()?.iter().filter(is_open).collect())
}

fn subject(constraint: &&Constraint) -> About {
    About::constraint(constraint, Weight::Count(1))
        .figures([
            Figure::new("table", constraint.table.to_string()),
            Figure::new("kind", constraint.kind()),
        ])
        .run(format!("ALTER TABLE {} VALIDATE CONSTRAINT {};", constraint.table.sql(), constraint.sql()))
}

fn describe(found: &Found<&Constraint>) -> Draft {
    Draft::new(format!("Validate {}", found.each("the constraint", "constraints")))
        .because("Rows from before it was added may violate it, and the planner does not use it.")
        .advise("VALIDATE CONSTRAINT names a row that violates it, if there is one; correct those first.")
        .impact("It reads the whole table; reads and writes continue, other changes of the table's definition wait.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn the_kind_of_a_constraint_is_named() {
        for (contype, kind) in [("c", "CHECK"), ("f", "foreign key"), ("n", "NOT NULL")] {
            let document = json!({
                "pg_class": [{ "oid": 1, "nspname": "public", "relname": "orders", "relkind": "r" }],
                "pg_constraint": [{ "oid": 9, "conname": "k", "conrelid": 1, "contype": contype, "convalidated": false }],
            });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            let finding = findings.into_iter().find(|finding| finding.code == "PGD1404").unwrap();
            let figures = finding.subjects.into_iter().flat_map(|affected| affected.figures);
            let shown: Vec<String> = figures.filter(|figure| figure.key == "kind").map(|figure| figure.value.display()).collect();
            assert_eq!(shown, [kind]);
        }
    }
}
