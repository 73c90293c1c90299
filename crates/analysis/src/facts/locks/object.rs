//! What is locked, in words.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_database::PgDatabase;
use pgdba_snapshot::sections::pg_locks::PgLock;

use crate::facts::relation::Relations;

/// The oid of the catalog `pg_database`, which is the same everywhere.
const PG_DATABASE: i64 = 1262;

/// Names of relations and databases.
#[derive(Debug)]
pub(super) struct Names<'a> {
    relations: Option<&'a Relations>,
    databases: BTreeMap<i64, String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(relations: Option<&'a Relations>, databases: Vec<PgDatabase>) -> Self {
        Self { relations, databases: databases.into_iter().map(|row| (row.oid, row.datname)).collect() }
    }

    /// The object of a lock: `relation public.orders`, `transaction 742`, `advisory lock 42`.
    pub(super) fn object(&self, lock: &PgLock) -> String {
        let number = |number: Option<i64>| number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
        let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "unknown".to_owned());
        match lock.locktype.as_deref().unwrap_or_default() {
            "relation" => format!("relation {}", self.relation(lock)),
            "extend" => format!("extension of relation {}", self.relation(lock)),
            "frozenid" => format!("frozen transaction id of database {}", self.database(lock.database)),
            "page" => format!("page {} of relation {}", number(lock.page), self.relation(lock)),
            "tuple" => self.row(lock),
            "transactionid" => format!("transaction {}", word(&lock.transactionid)),
            "virtualxid" => format!("virtual transaction {}", word(&lock.virtualxid)),
            "spectoken" => format!("speculative insertion of transaction {}", word(&lock.transactionid)),
            "advisory" => advisory(lock),
            "object" if lock.classid == Some(PG_DATABASE) => format!("database {}", self.database(lock.objid)),
            "object" => format!("object {} of catalog {}", number(lock.objid), number(lock.classid)),
            other => format!("{other} {}", number(lock.objid)),
        }
    }

    /// `row (0,1) of relation public.orders`.
    pub(super) fn row(&self, lock: &PgLock) -> String {
        let place = lock.page.zip(lock.tuple).map(|(page, tuple)| format!("({page},{tuple}) "));
        format!("row {}of relation {}", place.unwrap_or_default(), self.relation(lock))
    }

    fn database(&self, oid: Option<i64>) -> String {
        let name = oid.and_then(|oid| self.databases.get(&oid).cloned());
        name.or_else(|| oid.map(|oid| format!("with oid {oid}"))).unwrap_or_else(|| "unknown".to_owned())
    }

    fn relation(&self, lock: &PgLock) -> String {
        let Some(oid) = lock.relation else { return "unknown".to_owned() };
        if let Some(catalog) = &lock.catalog {
            return catalog.clone();
        }
        let database = lock.database.filter(|oid| *oid != 0);
        let name = database.and_then(|oid| self.databases.get(&oid)).map(String::as_str);
        let named = self.relations.and_then(|relations| {
            // A snapshot of one database might not name it.
            let position = relations.position(name, oid).or_else(|| relations.position(None, oid))?;
            Some(relations.name(position)?.to_string())
        });
        named.unwrap_or_else(|| match database {
            Some(_) => format!("with oid {oid} in database {}", self.database(database)),
            None => format!("with oid {oid}"),
        })
    }
}

/// As its functions take the key: one number of 8 bytes, or two of 4.
fn advisory(lock: &PgLock) -> String {
    let (Some(high), Some(low)) = (lock.classid, lock.objid) else { return "advisory lock".to_owned() };
    // The server shows both halves without a sign.
    let signed = |half: i64| i64::from(half as u32 as i32);
    match lock.objsubid {
        Some(2) => format!("advisory lock ({}, {})", signed(high), signed(low)),
        _ => format!("advisory lock {}", (high << 32) | (low & 0xffff_ffff)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_advisory_lock_is_what_its_functions_take() {
        let key = |classid: i64, objid: i64, objsubid: i64| {
            let row =
                serde_json::json!({ "locktype": "advisory", "classid": classid, "objid": objid, "objsubid": objsubid });
            let document = serde_json::json!({ "pg_locks": [row] });
            let snapshot = crate::example::snapshot(&document.to_string()).unwrap();
            advisory(&snapshot.section::<PgLock>().rows[0])
        };
        assert_eq!(key(0, 42, 1), "advisory lock 42");
        assert_eq!(key(4_294_967_295, 4_294_967_295, 1), "advisory lock -1");
        assert_eq!(key(1, 4_294_967_294, 2), "advisory lock (1, -2)");
    }
}
