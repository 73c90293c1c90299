//! Foreign keys that check the same as another, and the statements that make them again.

use std::collections::BTreeMap;

use pgdba_pg::quote::{quote_identifier, quote_literal};
use pgdba_snapshot::sections::pg_constraint::PgConstraint;

use super::Facts;
use super::columns::Columns;
use super::constraints::Constraint;
use super::relation::Relations;
use crate::format::Checked;

/// A foreign key that checks and does the same as another of its table.
#[derive(Debug)]
pub struct RepeatedKey {
    /// The one that is not needed.
    pub key: Constraint,
    /// The one that remains: a validated one, if there is one.
    pub kept: Constraint,
    /// Statements that make the former again; none if a column is not in the snapshot.
    pub definition: Option<String>,
}

impl RepeatedKey {
    /// The statement that drops it. If its definition is unknown, a query before it shows that.
    #[must_use]
    pub fn drop(&self) -> String {
        let (table, name) = (&self.key.table, &self.key);
        let drop = format!("ALTER TABLE {} DROP CONSTRAINT {};", table.sql(), name.sql());
        if self.definition.is_some() {
            return drop;
        }
        let (of, called) = (table.regclass(), quote_literal(&name.row.conname));
        let query = format!(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = {of} AND conname = {called};"
        );
        format!("{query} -- save what it returns\n{drop}")
    }
}

/// The foreign keys of a snapshot that repeat another.
pub(super) fn derive(facts: &Facts<'_>) -> Checked<Vec<RepeatedKey>> {
    let (relations, columns) = (facts.relations()?, facts.columns().ok());
    let is_checked = |key: &&Constraint| key.is('f') && !key.is_of_partition() && key.row.conenforced != Some(false);
    let mut groups = BTreeMap::<_, Vec<&Constraint>>::new();
    for key in facts.constraints()?.iter().filter(is_checked) {
        if let Some(what) = what(&key.row) {
            groups.entry((&key.table, &key.references, what)).or_default().push(key);
        }
    }
    let mut repeated = Vec::new();
    for mut keys in groups.into_values() {
        // The sort is stable.
        keys.sort_by_key(|key| key.row.convalidated == Some(false));
        let Some((kept, others)) = keys.split_first() else { continue };
        let again = |key: &Constraint| definition(key, relations, columns?);
        repeated.extend(others.iter().map(|key| RepeatedKey {
            key: (*key).clone(),
            kept: (*kept).clone(),
            definition: again(key),
        }));
    }
    Ok(repeated)
}

/// What a foreign key does: the pairs of its columns, whose order makes no difference, its actions, and when it is checked.
type What = (Vec<(i64, i64)>, [Option<char>; 3], [Option<bool>; 3]);

/// None if that is not known. From version 15 on, SET NULL and SET DEFAULT can be of some of its columns, which a snapshot does not
/// contain.
fn what(row: &PgConstraint) -> Option<What> {
    let mut pairs: Vec<(i64, i64)> =
        row.conkey.as_ref()?.iter().copied().zip(row.confkey.as_ref()?.iter().copied()).collect();
    pairs.sort_unstable();
    if pairs.len() > 1 && matches!(row.confdeltype, Some('n' | 'd')) {
        return None;
    }
    let actions = [row.confupdtype, row.confdeltype, row.confmatchtype];
    Some((pairs, actions, [row.condeferrable, row.condeferred, row.conperiod]))
}

/// The statements that make a foreign key again. NOT VALID does not apply to a partitioned table.
fn definition(key: &Constraint, relations: &Relations, columns: &Columns) -> Option<String> {
    let row = &key.row;
    let database = row.datname.as_deref();
    let table = relations.position(database, row.conrelid)?;
    let own = names(columns, table, row.conkey.as_deref()?, row)?;
    let others = names(columns, relations.position(database, row.confrelid?)?, row.confkey.as_deref()?, row)?;
    let mut sql = format!(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({own}) REFERENCES {} ({others})",
        key.table.sql(),
        key.sql(),
        key.references.as_ref()?.sql()
    );
    sql.push_str(if row.confmatchtype? == 'f' { " MATCH FULL" } else { "" });
    for (event, letter) in [("UPDATE", row.confupdtype), ("DELETE", row.confdeltype)] {
        if let Some(action) = action(letter?)? {
            sql.push_str(&format!(" ON {event} {action}"));
        }
    }
    sql.push_str(if row.condeferrable? { " DEFERRABLE" } else { "" });
    sql.push_str(if row.condeferred? { " INITIALLY DEFERRED" } else { "" });
    let is_partitioned = relations.classes.get(table)?.relkind? == 'p';
    if is_partitioned {
        return Some(format!("{sql};"));
    }
    let validate = format!("\nALTER TABLE {} VALIDATE CONSTRAINT {};", key.table.sql(), key.sql());
    Some(format!("{sql} NOT VALID;{}", if row.convalidated? { validate } else { String::new() }))
}

/// What a foreign key does on an event; nothing by default. None if the letter is not known.
fn action(letter: char) -> Option<Option<&'static str>> {
    Some(match letter {
        'a' => None,
        'r' => Some("RESTRICT"),
        'c' => Some("CASCADE"),
        'n' => Some("SET NULL"),
        'd' => Some("SET DEFAULT"),
        _ => return None,
    })
}

/// The names of these columns as a list; with PERIOD, the last one is a range.
fn names(columns: &Columns, table: usize, numbers: &[i64], row: &PgConstraint) -> Option<String> {
    let name = |number: &i64| Some(quote_identifier(&columns.find(table, *number)?.name));
    let mut names: Vec<String> = numbers.iter().map(name).collect::<Option<_>>()?;
    if let Some(last) = names.last_mut().filter(|_| row.conperiod == Some(true)) {
        *last = format!("PERIOD {last}");
    }
    Some(names.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::example;
    use crate::facts::Facts;

    /// The foreign keys that are not needed, with what remains and the statements that make them again.
    fn repeated(changes: &[Value]) -> Vec<(String, String, Option<String>)> {
        let key = |(number, changes): (i64, &Value)| {
            let mut row = json!({ "oid": number, "conname": format!("k{number}"), "conrelid": 1, "contype": "f", "confrelid": 2,
                                  "conkey": [2], "confkey": [1], "confupdtype": "a", "confdeltype": "a", "confmatchtype": "s",
                                  "condeferrable": false, "condeferred": false, "convalidated": true });
            row.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            row
        };
        let document = json!({
            "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r" }, { "oid": 2, "nspname": "s", "relname": "p", "relkind": "r" }],
            "pg_attribute": [{ "attrelid": 1, "attnum": 2, "attname": "Ref" }, { "attrelid": 1, "attnum": 3, "attname": "b" },
                             { "attrelid": 2, "attnum": 1, "attname": "id" }, { "attrelid": 2, "attnum": 2, "attname": "c" }],
            "pg_constraint": (1..).zip(changes).map(key).collect::<Vec<_>>(),
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let all = facts.repeated_foreign_keys().unwrap().iter();
        let names = all.map(|one| (one.key.row.conname.clone(), one.kept.row.conname.clone(), one.definition.clone()));
        names.collect()
    }

    #[test]
    fn the_validated_one_remains() {
        let found = repeated(&[json!({ "convalidated": false }), json!({})]);
        let again = "ALTER TABLE s.t ADD CONSTRAINT k1 FOREIGN KEY (\"Ref\") REFERENCES s.p (id) NOT VALID;";
        assert_eq!(found, [("k1".to_owned(), "k2".to_owned(), Some(again.to_owned()))]);
    }

    #[test]
    fn keys_that_do_something_different_are_not_duplicates() {
        for change in [
            json!({ "confdeltype": "n" }),
            json!({ "confupdtype": "c" }),
            json!({ "confmatchtype": "f" }),
            json!({ "condeferrable": true }),
            json!({ "conenforced": false }),
            json!({ "conkey": [3] }),
        ] {
            assert!(repeated(&[json!({}), change.clone()]).is_empty(), "{change}");
        }
        // Of which of the columns SET NULL is, is unknown.
        let set_null = json!({ "conkey": [2, 3], "confkey": [1, 2], "confdeltype": "n" });
        assert!(repeated(&[set_null.clone(), set_null]).is_empty());
    }

    #[test]
    fn the_statements_make_the_same_key_again() {
        let full = json!({ "conkey": [3, 2], "confkey": [2, 1], "confdeltype": "c", "confupdtype": "r", "confmatchtype": "f",
                           "condeferrable": true, "condeferred": true });
        let found = repeated(&[full.clone(), full]);
        let again = "ALTER TABLE s.t ADD CONSTRAINT k2 FOREIGN KEY (b, \"Ref\") REFERENCES s.p (c, id) MATCH FULL ON UPDATE RESTRICT \
                     ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID;\nALTER TABLE s.t VALIDATE CONSTRAINT k2;";
        assert_eq!(found[0].2.as_deref(), Some(again));
        let unknown = json!({ "conkey": [9] });
        assert_eq!(repeated(&[unknown.clone(), unknown])[0].2, None);
    }
}
