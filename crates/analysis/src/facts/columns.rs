//! The columns of tables and of expression indexes.

use std::collections::BTreeSet;

use pgdba_snapshot::sections::pg_attribute::PgAttribute;

use super::database_numbers::DatabaseNumbers;
use super::relation::Relations;
use super::sections::Reader;
use crate::format::Checked;

/// What facts need to know of a column: a snapshot has many, so nothing else is kept.
#[derive(Debug, Clone, Default)]
pub(super) struct ColumnDefinition {
    /// Its number; dropped columns leave gaps.
    pub(super) number: i64,
    pub(super) name: String,
    /// The OID of its type.
    pub(super) ty: Option<i64>,
    /// The modifier of its type, such as a length.
    pub(super) modifier: Option<i64>,
    /// `p` plain, `e` external, `m` main, `x` extended.
    pub(super) storage: Option<char>,
    /// Whether rows older than the column take its value from the catalog.
    pub(super) has_missing: bool,
    /// Its statistics target, where it is not the default.
    pub(super) statistics_target: Option<i64>,
    /// The OID of its collation, if its type has one.
    pub(super) collation: Option<i64>,
}

impl From<PgAttribute> for ColumnDefinition {
    fn from(row: PgAttribute) -> Self {
        Self {
            number: row.attnum,
            name: row.attname,
            ty: row.atttypid,
            modifier: row.atttypmod,
            storage: row.attstorage,
            has_missing: row.atthasmissing == Some(true),
            statistics_target: row.attstattarget,
            collation: row.attcollation,
        }
    }
}

/// The columns of all relations.
#[derive(Debug)]
pub struct Columns {
    /// By the position of the relation, in the order of their numbers.
    of_relations: Vec<Vec<ColumnDefinition>>,
    /// The collations that columns have, by the number of the database and OID.
    collations: BTreeSet<(usize, i64)>,
    databases: DatabaseNumbers,
}

impl Columns {
    pub(super) fn read(reader: &Reader<'_>, relations: &Relations) -> Checked<Self> {
        let mut of_relations: Vec<Vec<ColumnDefinition>> = relations.classes.iter().map(|_| Vec::new()).collect();
        let (mut collations, mut databases) = (BTreeSet::new(), DatabaseNumbers::default());
        reader.visit(|row: PgAttribute| {
            collations.extend(row.attcollation.map(|oid| (databases.assign(row.datname.as_deref()), oid)));
            let position = relations.position(row.datname.as_deref(), row.attrelid);
            if let Some(columns) = position.and_then(|position| of_relations.get_mut(position)) {
                columns.push(row.into());
            }
        })?;
        of_relations.iter_mut().for_each(|columns| columns.sort_by_key(|column| column.number));
        Ok(Self { of_relations, collations, databases })
    }

    /// Those of the relation at this position.
    pub(super) fn of(&self, position: usize) -> &[ColumnDefinition] {
        self.of_relations.get(position).map_or(&[], Vec::as_slice)
    }

    /// Whether a column of a database has this collation.
    pub(super) fn has_collation(&self, datname: Option<&str>, oid: i64) -> bool {
        self.databases.find(datname).is_some_and(|database| self.collations.contains(&(database, oid)))
    }

    /// The one with this number.
    pub(super) fn find(&self, position: usize, number: i64) -> Option<&ColumnDefinition> {
        self.of(position).iter().find(|column| column.number == number)
    }
}
