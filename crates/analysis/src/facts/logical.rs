//! Logical replication: publications of tables without a replica identity, and subscriptions.

use std::collections::BTreeSet;

use pgdba_pg::quote::quote_identifier;
use pgdba_pg::text::one_line;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_namespace::PgNamespace;
use pgdba_snapshot::sections::pg_publication::PgPublication;
use pgdba_snapshot::sections::pg_subscription::PgSubscription;

use super::Facts;
use super::indexes::Index;
use super::relation::Relations;
use super::sessions::Sessions;
use super::tables::{Table, Tables};
use crate::format::{Checked, Subject, SubjectKind};

/// A published table of which the subscriber cannot find the rows that are updated or deleted.
#[derive(Debug, Clone)]
pub struct Published {
    /// The table.
    pub table: Table,
    /// The publications that publish its updates or deletions.
    pub publications: Vec<String>,
    /// Whether its primary key can identify rows.
    pub has_key: bool,
    /// Whether it has the default replica identity, which is the primary key.
    pub is_default: bool,
}

/// The tables whose updates or deletions are published, and which have neither a primary key nor another replica identity.
pub(super) fn without_identity(
    (publications, schemas): (&[PgPublication], &[PgNamespace]),
    tables: &Tables,
    relations: &Relations,
    indexes: &[Index],
) -> Vec<Published> {
    let is_changed =
        |publication: &&PgPublication| publication.pubupdate == Some(true) || publication.pubdelete == Some(true);
    let changed: Vec<&PgPublication> = publications.iter().filter(is_changed).collect();
    if changed.is_empty() {
        return Vec::new();
    }
    // An index that is checked at the end of the transaction only does not identify rows.
    let can_identify =
        |index: &&Index| index.catalog.indisvalid != Some(false) && index.catalog.indimmediate != Some(false);
    let tables_with = |is_it: fn(&Index) -> bool| -> BTreeSet<(Option<&str>, i64)> {
        let such = indexes.iter().filter(can_identify).filter(|index| is_it(index));
        such.map(|index| (index.catalog.datname.as_deref(), index.catalog.indrelid)).collect()
    };
    let primary = tables_with(|index| index.catalog.indisprimary == Some(true));
    let chosen = tables_with(|index| index.catalog.indisreplident == Some(true));
    let published = |table: &Table| {
        let datname = table.name.database();
        let class = relations.classes.get(relations.position(datname, table.oid)?)?;
        let (identity, key) = (class.relreplident?, (datname, table.oid));
        let has_key = primary.contains(&key);
        let has_identity = match identity {
            'd' => has_key,
            'n' => false,
            // The table keeps this identity when its index is dropped.
            'i' => chosen.contains(&key),
            _ => true,
        };
        // Unlogged tables are not published. Of a partitioned table the rows are in its partitions, whose identity decides, whether they
        // are published as themselves or as the partitioned table.
        let can_be = class.relkind == Some('r') && class.relpersistence == Some('p');
        let of = |publication: &&&PgPublication| {
            let is_there = publication.datname.as_deref() == datname;
            let lists = |class: &&PgClass| {
                publishes(publication, class.oid) || publishes_schema(publication, schemas, &class.nspname)
            };
            is_there && std::iter::once(class).chain(relations.ancestors(class)).any(|class| lists(&class))
        };
        let publications: Vec<String> =
            changed.iter().filter(of).map(|publication| publication.pubname.clone()).collect();
        let is_found = can_be && !has_identity && !publications.is_empty();
        is_found.then(|| Published { table: table.clone(), publications, has_key, is_default: identity == 'd' })
    };
    tables.all.iter().filter_map(published).collect()
}

fn publishes(publication: &PgPublication, table: i64) -> bool {
    let lists = |list: &Vec<i64>| list.contains(&table);
    publication.puballtables == Some(true) || publication.prrelids.as_ref().is_some_and(lists)
}

/// Whether it publishes all tables of the schema (15).
fn publishes_schema(publication: &PgPublication, schemas: &[PgNamespace], name: &str) -> bool {
    let is_it = |schema: &&PgNamespace| schema.nspname == name && schema.datname == publication.datname;
    let schema = schemas.iter().find(is_it).map(|schema| schema.oid);
    publication.pnnspids.as_ref().zip(schema).is_some_and(|(listed, schema)| listed.contains(&schema))
}

/// A subscription.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its row.
    pub row: PgSubscription,
    /// How many subscriptions of its database are enabled.
    pub enabled: i64,
    /// The processes that apply changes in its database; none if the role cannot see all processes.
    pub workers: Option<i64>,
}

/// The subscriptions of a snapshot.
pub(super) fn subscriptions(facts: &Facts<'_>) -> Checked<Vec<Subscription>> {
    Ok(Subscription::all(facts.rows()?, facts.sessions().ok()))
}

impl Subscription {
    pub(super) fn all(rows: Vec<PgSubscription>, sessions: Option<&Sessions>) -> Vec<Self> {
        let enabled = |datname: &Option<String>| {
            let enabled = rows.iter().filter(|row| row.subenabled == Some(true) && row.datname == *datname);
            i64::try_from(enabled.count()).unwrap_or(i64::MAX)
        };
        let all = rows.iter().map(|row| Self {
            row: row.clone(),
            enabled: enabled(&row.datname),
            workers: sessions.map(|sessions| workers(sessions, row.datname.as_deref())),
        });
        all.collect()
    }

    /// `ALTER SUBSCRIPTION` with an action, and a comment that names the database if the snapshot contains which.
    #[must_use]
    pub fn run(&self, action: &str) -> String {
        let statement = format!("ALTER SUBSCRIPTION {}{action}", quote_identifier(&self.row.subname));
        match &self.row.datname {
            Some(database) => format!("-- in database {}\n{statement}", one_line(database)),
            None => statement,
        }
    }

    /// The subscription as the subject of a finding.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Subscription, &self.row.subname).in_database(self.row.datname.as_deref())
    }
}

/// Processes that apply changes. Version 17 gave them another name; without the name of the database, those of all count.
fn workers(sessions: &Sessions, datname: Option<&str>) -> i64 {
    let is_worker = |kind: &str| matches!(kind, "logical replication worker" | "logical replication apply worker");
    let there = sessions.processes.iter().filter(|process| {
        process.backend_type.as_deref().is_some_and(is_worker)
            && (datname.is_none() || process.datname.as_deref() == datname)
    });
    i64::try_from(there.count()).unwrap_or(i64::MAX)
}
