//! What a section is: its declaration, its typed rows, and how they are read from the document.

use serde::Serialize;

pub use crate::rows::{
    Availability, Cells, Partial, Sample, SampleHead, Section, SectionHead, UntypedSection, read_table,
};

/// Whose data a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Scope {
    /// The same from every database.
    Cluster,
    /// One database's own; its rows name the database.
    Database,
}

/// What chooses the SQL of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionedBy {
    /// The server's major version.
    Server,
    /// The installed version of this extension, `1.10` counted as 110.
    Extension(&'static str),
}

/// How a column's text becomes JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ColumnType {
    /// A string; also identifiers beyond 2^53.
    Text,
    /// A number without fraction.
    Integer,
    /// A number; `NaN` and `Infinity` become strings.
    Float,
    /// `true` or `false`.
    Boolean,
    /// RFC 3339 in UTC.
    Timestamp,
    /// An array of numbers, from `int2vector`, `oidvector` or an array.
    IntegerList,
    /// An array of numbers, from an array of floating-point numbers.
    FloatList,
    /// An array of strings, from `text[]`.
    TextList,
}

/// What is done to a column's text before it enters the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// Query text: comments removed, literals replaced, utility statements cut to their first words.
    Sql,
    /// The value of the parameter that the row's `name` column names.
    Setting,
    /// A free text in which people put addresses: user information of URLs is replaced.
    Urls,
    /// A connection string: every value that is not known to be harmless is replaced.
    Conninfo,
    /// An expression: literals replaced by `?` and a hash under a key that nobody keeps, so that equal ones stay equal.
    Expression,
    /// The identifier of the statement in the row's `query` column: null unless that text shows a statement whose
    /// identifier does not depend on constants, see [`pgdba_pg::lexer::is_plannable`].
    QueryId,
}

/// One column of a section.
#[derive(Debug, Clone, Copy)]
pub struct ColumnSpec {
    /// The column's name, as the server names it.
    pub name: &'static str,
    /// How its text becomes JSON.
    pub ty: ColumnType,
    /// What it means, and in which unit.
    pub doc: &'static str,
    /// What is removed from it at the source.
    pub mask: Option<Mask>,
}

/// A statement that reads more, for the roles that may run it.
#[derive(Debug)]
pub struct Privileged {
    /// A boolean expression that asks the server whether the role may run it.
    pub when: &'static str,
    /// "From this version on" and the statement, in ascending order.
    pub sql: &'static [(i64, &'static str)],
    /// What every other role does not see, where that is worth saying.
    pub otherwise: Option<&'static str>,
}

/// The declaration of a section: everything about it that is data.
#[derive(Debug)]
pub struct SectionSpec {
    /// The section's name in the document, mostly that of the view it reads.
    pub name: &'static str,
    /// What the section holds, for the docs and the report.
    pub doc: &'static str,
    /// What it is needed for: one sentence, for those who decide whether it may be read.
    pub why: &'static str,
    /// Whose data it holds.
    pub scope: Scope,
    /// First major server version that has it.
    pub since: i64,
    /// What chooses between the entries of `sql`.
    pub versioned_by: VersionedBy,
    /// "From this version on" and the statement, in ascending order.
    pub sql: &'static [(i64, &'static str)],
    /// The statement for roles that may see more; it has the same columns.
    pub privileged: Option<Privileged>,
    /// A query of one value that says why the section cannot be read, or NULL. Asking first keeps the server's log clean.
    pub guard: Option<&'static str>,
    /// The predefined role without which rows or columns stay hidden.
    pub complete_with: Option<&'static str>,
    /// Whether its numbers only grow until they are reset, so that two samples give rates.
    pub cumulative: bool,
    /// Whether it is read each second of a delta and counted by all its columns but the last; else it is not read.
    pub sampled: bool,
    /// The columns of its rows.
    pub columns: &'static [ColumnSpec],
}

impl SectionSpec {
    /// The statement for `version` (of the server or of the extension, as [`Self::versioned_by`] says), and for a role
    /// that may run the privileged one or not.
    ///
    /// A version newer than any known gets the newest statement.
    #[must_use]
    pub fn sql_for(&self, version: i64, privileged: bool) -> Option<&'static str> {
        let more = self.privileged.as_ref().filter(|_| privileged);
        let sql = more.map_or(self.sql, |more| more.sql);
        sql.iter().rev().find(|(from, _)| *from <= version).map(|(_, sql)| *sql)
    }

    /// The declaration of the column `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A typed row of a section. Implemented by the `section!` macro only.
pub trait Row: Sized {
    /// The section the row belongs to.
    const SPEC: &'static SectionSpec;

    /// Builds the row from the values of its declared columns, in their order; `None` where a required one is missing.
    fn from_cells(cells: &mut Cells<'_, '_>) -> Option<Self>;
}
