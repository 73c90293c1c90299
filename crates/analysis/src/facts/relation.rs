//! Names and sizes of relations, and the keys by which sections are joined.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use pgdba_pg::Bytes;
use pgdba_pg::quote::{quote_literal, quote_qualified, quote_qualified_raw};
use pgdba_pg::text::one_line;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::system::System;

use crate::format::{Quantity, Subject, SubjectKind};

/// Identifies a relation: each database assigns its own oids.
pub(super) type RelationKey<'a> = (Option<&'a str>, i64);

/// The name of a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelationName {
    schema: String,
    name: String,
    database: Option<String>,
    /// Whether the snapshot contains several databases, so that the name alone does not identify the relation.
    names_database: bool,
}

impl RelationName {
    /// Schema and name, quoted where needed, for statements.
    #[must_use]
    pub fn sql(&self) -> String {
        quote_qualified(&self.schema, &self.name)
    }

    /// The same as a value of type `regclass`. Its input function takes no Unicode escapes in a name, so the literal around
    /// the name has them.
    #[must_use]
    pub fn regclass(&self) -> String {
        format!("{}::regclass", quote_literal(&quote_qualified_raw(&self.schema, &self.name)))
    }

    /// The name without its schema, as the server has it.
    #[must_use]
    pub fn bare(&self) -> &str {
        &self.name
    }

    /// The relation as the subject of a finding.
    #[must_use]
    pub fn subject(&self, kind: SubjectKind) -> Subject {
        Subject::named(kind, &self.name).in_schema(&self.schema).in_database(self.database.as_deref())
    }

    /// `statements`, with a comment that names the database if the snapshot contains several.
    #[must_use]
    pub fn run_there(&self, statements: String) -> String {
        match self.database.as_ref().filter(|_| self.names_database) {
            // A newline in the name must not end the comment.
            Some(database) => format!("-- in database {}\n{statements}", one_line(database)),
            None => statements,
        }
    }
}

impl fmt::Display for RelationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sql())?;
        let database = self.database.iter().filter(|_| self.names_database);
        database.into_iter().try_for_each(|database| write!(f, " in database {database}"))
    }
}

/// The size of a relation's main file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// In bytes.
    pub bytes: Bytes,
    /// Whether the file was measured; else it is as of the last VACUUM or ANALYZE.
    pub is_measured: bool,
}

impl Size {
    /// The sum of sizes, which is measured where all of them are; none of no sizes.
    pub fn sum(sizes: impl IntoIterator<Item = Self>) -> Option<Self> {
        sizes.into_iter().reduce(|sum, size| Self {
            bytes: Bytes(sum.bytes.0.saturating_add(size.bytes.0)),
            is_measured: sum.is_measured && size.is_measured,
        })
    }
}

impl From<Size> for Quantity {
    fn from(size: Size) -> Self {
        if size.is_measured { Self::Bytes(size.bytes.0) } else { Self::EstimatedBytes(size.bytes.0) }
    }
}

/// The relations of a snapshot.
#[derive(Debug)]
pub struct Relations {
    /// Their rows, in the order of the snapshot.
    pub classes: Vec<PgClass>,
    names_databases: bool,
    block_size: Option<i64>,
}

impl Relations {
    pub(super) fn new(classes: Vec<PgClass>, system: Option<&System>) -> Self {
        let first = classes.first().map(|class| &class.datname);
        let names_databases = classes.iter().any(|class| Some(&class.datname) != first);
        Self { names_databases, block_size: system.and_then(|system| system.block_size), classes }
    }

    /// The name of a relation.
    pub(super) fn name(&self, class: &PgClass) -> RelationName {
        RelationName {
            schema: class.nspname.clone(),
            name: class.relname.clone(),
            database: class.datname.clone(),
            names_database: self.names_databases,
        }
    }

    /// Each by its key.
    pub(super) fn by_key(&self) -> BTreeMap<RelationKey<'_>, &PgClass> {
        self.classes.iter().map(|class| (key(class), class)).collect()
    }

    /// The sizes of their main files; those of partitioned tables and indexes are the sums of their partitions.
    pub(super) fn sizes(&self) -> BTreeMap<RelationKey<'_>, Size> {
        self.with_sums(|class| self.own_size(class))
    }

    /// The sizes of their TOAST tables, likewise.
    pub(super) fn toast_sizes(&self) -> BTreeMap<RelationKey<'_>, Size> {
        let toast: BTreeMap<RelationKey<'_>, Size> = self
            .classes
            .iter()
            .filter(|class| class.relkind.as_deref() == Some("t"))
            .filter_map(|class| Some((key(class), self.own_size(class)?)))
            .collect();
        self.with_sums(|class| toast.get(&(class.datname.as_deref(), class.reltoastrelid?)).copied())
    }

    /// The measured size, otherwise `relpages` as of the last VACUUM or ANALYZE; none if it was never counted.
    fn own_size(&self, class: &PgClass) -> Option<Size> {
        let is_measured = class.size_source.as_deref() == Some("pg_relation_size");
        let was_counted =
            class.relpages.is_some_and(|pages| pages > 0) || class.reltuples.is_some_and(|rows| rows > 0.0);
        let estimate = || Some(Bytes::from_pages(class.relpages?, self.block_size?));
        let bytes = class.size_bytes.map(Bytes).or_else(estimate).filter(|size| size.0 >= 0)?;
        (is_measured || was_counted).then_some(Size { bytes, is_measured })
    }

    /// The sizes of relations that have a file, and for each partitioned relation the sum of its partitions.
    fn with_sums(&self, own: impl Fn(&PgClass) -> Option<Size>) -> BTreeMap<RelationKey<'_>, Size> {
        let by_key = self.by_key();
        let mut sizes = BTreeMap::new();
        let files = self.classes.iter().filter(|class| !is_partitioned(class));
        for (class, size) in files.filter_map(|class| Some((class, own(class)?))) {
            sizes.insert(key(class), size);
            // An invalid document must not make a relation its own ancestor.
            let mut seen = BTreeSet::from([class.oid]);
            let mut below = class;
            while let Some(parent) = parent(below).and_then(|parent| by_key.get(&parent)) {
                if !seen.insert(parent.oid) {
                    break;
                }
                let sum = Size::sum(sizes.get(&key(parent)).copied().into_iter().chain([size]));
                sizes.extend(sum.map(|sum| (key(parent), sum)));
                below = parent;
            }
        }
        sizes
    }
}

fn key(class: &PgClass) -> RelationKey<'_> {
    (class.datname.as_deref(), class.oid)
}

/// Whether it has no file of its own: its partitions have.
fn is_partitioned(class: &PgClass) -> bool {
    matches!(class.relkind.as_deref(), Some("p" | "I"))
}

/// The partitioned relation that it is a partition of.
fn parent(class: &PgClass) -> Option<RelationKey<'_>> {
    let oid = class.inhparent.filter(|_| class.relispartition == Some(true))?;
    Some((class.datname.as_deref(), oid))
}
