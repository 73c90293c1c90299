//! Names and sizes of relations, and the keys by which sections are joined.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use pgdba_pg::Bytes;
use pgdba_pg::quote::{quote_literal, quote_qualified, quote_qualified_raw};
use pgdba_pg::text::one_line;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_database::PgDatabase;

use super::Facts;
use super::database_numbers::DatabaseNumbers;
use crate::format::{Quantity, Subject, SubjectKind, Weight};

/// Levels of partitions beyond which a document is not believed.
const DEEPEST: usize = 32;

/// The name of a relation, or of another object in a schema. All facts about a relation share it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelationName(Rc<Parts>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Parts {
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
        quote_qualified(&self.0.schema, &self.0.name)
    }

    /// The same as a value of type `regclass`. Its input function takes no Unicode escapes in a name, so the literal around
    /// the name has them.
    #[must_use]
    pub fn regclass(&self) -> String {
        format!("{}::regclass", quote_literal(&quote_qualified_raw(&self.0.schema, &self.0.name)))
    }

    /// Its schema, as the server has it.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.0.schema
    }

    /// The name without its schema, as the server has it.
    #[must_use]
    pub fn bare(&self) -> &str {
        &self.0.name
    }

    /// Whether a user can mean it by `words`: its name, or schema and name.
    #[must_use]
    pub fn is_called(&self, words: &str) -> bool {
        words == self.0.name || words == format!("{}.{}", self.0.schema, self.0.name) || words == self.sql()
    }

    /// Its database, if the snapshot contains which.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.0.database.as_deref()
    }

    /// The relation as the subject of a finding.
    #[must_use]
    pub fn subject(&self, kind: SubjectKind) -> Subject {
        Subject::named(kind, &self.0.name).in_schema(&self.0.schema).in_database(self.0.database.as_deref())
    }

    /// `statements`, with a comment that names the database if the snapshot contains several.
    #[must_use]
    pub fn run_there(&self, statements: &str) -> String {
        match self.0.database.as_ref().filter(|_| self.0.names_database) {
            Some(database) => run_in(database, statements),
            None => statements.to_owned(),
        }
    }
}

/// `statements`, with a comment that names the database in which to run them.
#[must_use]
pub fn run_in(database: &str, statements: &str) -> String {
    // A newline in the name must not end the comment.
    format!("-- in database {}\n{statements}", one_line(database))
}

impl fmt::Display for RelationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sql())?;
        let database = self.0.database.iter().filter(|_| self.0.names_database);
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

/// An unknown size weighs nothing.
impl From<Option<Size>> for Weight {
    fn from(size: Option<Size>) -> Self {
        Self::Bytes(size.map_or(0, |size| size.bytes.0))
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
    /// Their rows, in the order of the snapshot, without temporary ones.
    pub classes: Vec<PgClass>,
    /// Temporary relations.
    pub temporary: Vec<PgClass>,
    /// Their names, in the same order.
    names: Vec<RelationName>,
    positions: Positions,
    /// The sizes of their main files, in the same order; those of partitioned tables and indexes are the sums of their
    /// partitions.
    sizes: Vec<Option<Size>>,
    block_size: Option<i64>,
}

impl Relations {
    /// Temporary relations are left out: only the session that created them can vacuum, analyze or index them.
    pub(super) fn new(mut classes: Vec<PgClass>, block_size: Option<i64>) -> Self {
        let is_temporary = |class: &PgClass| class.relpersistence == Some('t');
        let temporary = classes.extract_if(.., |class| is_temporary(class)).collect();
        let positions = Positions::of(&classes);
        let own: Vec<Option<Size>> = classes.iter().map(|class| own_size(class, block_size)).collect();
        let sizes = with_sums(&classes, &positions, &own);
        let names = classes.iter().map(|class| positions.name(class)).collect();
        Self { classes, temporary, names, positions, sizes, block_size }
    }

    /// The name of the relation at `position`.
    pub(super) fn name(&self, position: usize) -> Option<RelationName> {
        self.names.get(position).cloned()
    }

    /// The name of a temporary relation.
    pub(super) fn temporary_name(&self, class: &PgClass) -> RelationName {
        self.positions.name(class)
    }

    /// The name of another object in a schema, such as a function.
    pub(super) fn object(&self, datname: Option<&str>, schema: &str, name: &str) -> RelationName {
        self.positions.object(datname, schema, name)
    }

    /// Where among [`Self::classes`] the relation with this oid is: each database assigns its own oids.
    pub(super) fn position(&self, datname: Option<&str>, oid: i64) -> Option<usize> {
        self.positions.find(datname, oid)
    }

    /// The name of the relation with this oid. A document of one database might not name it.
    pub(super) fn named(&self, datname: Option<&str>, oid: i64) -> Option<RelationName> {
        let unnamed = || self.position(None, oid);
        self.name(self.position(datname, oid).or_else(unnamed)?)
    }

    /// The partitioned relations that this one is a partition of, the next first. Whatever the document says, they end.
    pub(super) fn ancestors<'c>(&'c self, class: &'c PgClass) -> impl Iterator<Item = &'c PgClass> {
        let above = |class: &'c PgClass| {
            let (datname, oid) = parent(class)?;
            self.classes.get(self.position(datname, oid)?)
        };
        std::iter::successors(above(class), move |class| above(class)).take(DEEPEST)
    }

    /// `rows` at the positions of the relations that they are of.
    pub(super) fn aligned<R>(
        &self,
        rows: impl IntoIterator<Item = R>,
        key: impl Fn(&R) -> (Option<&str>, i64),
    ) -> Vec<Option<R>> {
        let mut aligned: Vec<Option<R>> = self.classes.iter().map(|_| None).collect();
        for row in rows {
            let (datname, oid) = key(&row);
            if let Some(place) = self.position(datname, oid).and_then(|position| aligned.get_mut(position)) {
                *place = Some(row);
            }
        }
        aligned
    }

    /// The size of the main file of the relation at `position`; of a partitioned one the sum of its partitions.
    pub(super) fn size(&self, position: usize) -> Option<Size> {
        self.sizes.get(position).copied().flatten()
    }

    /// The rows that the relation at `position` has if its file is as dense as when VACUUM or ANALYZE counted them; none if it
    /// was not measured, or they did not.
    pub(super) fn rows_by_size(&self, position: usize) -> Option<f64> {
        let class = self.classes.get(position)?;
        let Bytes(now) = self.size(position).filter(|size| size.is_measured)?.bytes;
        let Bytes(then) = Bytes::from_pages(class.relpages.filter(|pages| *pages > 0)?, self.block_size?);
        Some(class.reltuples.filter(|rows| *rows >= 0.0)? * now as f64 / then as f64)
    }

    /// For each TOAST table, by position, the position of the table that it belongs to.
    pub(super) fn owners(&self) -> Vec<Option<usize>> {
        let mut owners = vec![None; self.classes.len()];
        for (position, class) in self.classes.iter().enumerate() {
            let toast = class.reltoastrelid.and_then(|oid| self.position(class.datname.as_deref(), oid));
            if let Some(owner) = toast.and_then(|position| owners.get_mut(position)) {
                *owner = Some(position);
            }
        }
        owners
    }

    /// The sum of their sizes; those of partitioned relations are in it as those of their partitions.
    pub(super) fn total(&self) -> Size {
        let files = self.classes.iter().zip(&self.sizes).filter(|(class, _)| !is_partitioned(class));
        let none = Size { bytes: Bytes(0), is_measured: true };
        Size::sum(files.filter_map(|(_, size)| *size)).unwrap_or(none)
    }

    /// The size of the relations of each database that was read, likewise; one without relations is not among them.
    #[must_use]
    pub fn by_database(&self) -> BTreeMap<Option<String>, Size> {
        let mut sizes = BTreeMap::<Option<String>, Vec<Size>>::new();
        for (class, size) in self.classes.iter().zip(&self.sizes).filter(|(class, _)| !is_partitioned(class)) {
            sizes.entry(class.datname.clone()).or_default().extend(*size);
        }
        sizes.into_iter().filter_map(|(database, sizes)| Some((database, Size::sum(sizes)?))).collect()
    }

    /// The sizes of their TOAST tables, likewise, by position.
    pub(super) fn toast_sizes(&self) -> Vec<Option<Size>> {
        let of_toast = |class: &PgClass| {
            let position = self.position(class.datname.as_deref(), class.reltoastrelid?)?;
            let is_toast = self.classes.get(position)?.relkind == Some('t');
            self.size(position).filter(|_| is_toast)
        };
        let own: Vec<Option<Size>> = self.classes.iter().map(of_toast).collect();
        with_sums(&self.classes, &self.positions, &own)
    }
}

/// Whether the relations of a snapshot are known to be those of all databases that can have data.
pub(super) fn are_all(facts: &Facts<'_>) -> bool {
    let Ok(relations) = facts.relations() else { return false };
    let current = facts.system().ok().and_then(|system| system.current_database.as_deref());
    let named = relations.positions.databases.names.iter().filter_map(|database| database.as_deref().or(current));
    let read: BTreeSet<&str> = named.collect();
    let has_data =
        |database: &&PgDatabase| database.datistemplate != Some(true) && database.datallowconn != Some(false);
    let databases: Vec<PgDatabase> = facts.rows().unwrap_or_default();
    !databases.is_empty() && databases.iter().filter(has_data).all(|database| read.contains(database.datname.as_str()))
}

/// Where the relations of a snapshot are among its rows.
#[derive(Debug)]
struct Positions {
    databases: DatabaseNumbers,
    /// The number of the database, the oid and the position, sorted.
    keys: Vec<(usize, i64, usize)>,
    /// The one found last: many rows in succession are about one relation.
    last: Cell<Option<(usize, i64, usize)>>,
}

impl Positions {
    fn of(classes: &[PgClass]) -> Self {
        let mut databases = DatabaseNumbers::default();
        let key =
            |(position, class): (usize, &PgClass)| (databases.assign(class.datname.as_deref()), class.oid, position);
        let mut keys: Vec<_> = classes.iter().enumerate().map(key).collect();
        // A server lists relations mostly by oid, which a stable sort takes advantage of.
        keys.sort();
        Self { databases, keys, last: Cell::new(None) }
    }

    fn name(&self, class: &PgClass) -> RelationName {
        self.object(class.datname.as_deref(), &class.nspname, &class.relname)
    }

    fn object(&self, datname: Option<&str>, schema: &str, name: &str) -> RelationName {
        RelationName(Rc::new(Parts {
            schema: schema.to_owned(),
            name: name.to_owned(),
            database: datname.map(str::to_owned),
            names_database: self.databases.names.len() > 1,
        }))
    }

    /// Of several rows of one relation, the last.
    fn find(&self, datname: Option<&str>, oid: i64) -> Option<usize> {
        let database = self.databases.find(datname)?;
        let is_it = |(at, key, _): &(usize, i64, usize)| (*at, *key) == (database, oid);
        if let Some((.., position)) = self.last.get().filter(is_it) {
            return Some(position);
        }
        let after = self.keys.partition_point(|(at, key, _)| (*at, *key) <= (database, oid));
        let found = self.keys.get(after.checked_sub(1)?).copied().filter(is_it);
        self.last.set(found.or(self.last.get()));
        found.map(|(.., position)| position)
    }
}

/// What was measured, else what VACUUM and ANALYZE left in `relpages`; none of what was never counted.
fn own_size(class: &PgClass, block_size: Option<i64>) -> Option<Size> {
    let is_measured = class.size_source.as_deref() == Some("pg_relation_size");
    let was_counted = class.relpages.is_some_and(|pages| pages > 0) || class.reltuples.is_some_and(|rows| rows > 0.0);
    let estimate = || Some(Bytes::from_pages(class.relpages?, block_size?));
    let bytes = class.size_bytes.map(Bytes).or_else(estimate).filter(|size| size.0 >= 0)?;
    (is_measured || was_counted).then_some(Size { bytes, is_measured })
}

/// Sizes of what has a file, and for each partitioned relation the sum of those below it.
fn with_sums(classes: &[PgClass], positions: &Positions, own: &[Option<Size>]) -> Vec<Option<Size>> {
    let mut sizes: Vec<Option<Size>> =
        classes.iter().zip(own).map(|(class, size)| size.filter(|_| !is_partitioned(class))).collect();
    let files = classes.iter().zip(own).enumerate().filter(|(_, (class, _))| !is_partitioned(class));
    for (position, (class, size)) in files.filter_map(|(position, (class, size))| Some((position, (class, (*size)?)))) {
        // Whatever the document says, nobody is his own ancestor.
        let mut seen = BTreeSet::new();
        let mut below = class;
        while let Some(above) = parent(below).and_then(|(datname, oid)| positions.find(datname, oid)) {
            let is_new = above != position && seen.insert(above);
            let (Some(class), Some(sum), true) = (classes.get(above), sizes.get_mut(above), is_new) else { break };
            *sum = Size::sum(sum.iter().copied().chain([size]));
            below = class;
        }
    }
    sizes
}

/// Whether it has no file of its own: its partitions have.
fn is_partitioned(class: &PgClass) -> bool {
    matches!(class.relkind, Some('p' | 'I'))
}

/// The partitioned relation that it is a partition of.
fn parent(class: &PgClass) -> Option<(Option<&str>, i64)> {
    let oid = class.inhparent.filter(|_| class.relispartition == Some(true))?;
    Some((class.datname.as_deref(), oid))
}

/// The value of a storage parameter.
pub(super) fn storage_parameter<'a>(class: &'a PgClass, name: &str) -> Option<&'a str> {
    let options = class.reloptions.as_ref()?;
    options.iter().filter_map(|option| option.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}
