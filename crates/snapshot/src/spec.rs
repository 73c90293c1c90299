//! What a section is: its declaration.

use pgdba_pg::ServerVersion;
use serde::Serialize;

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

impl ColumnType {
    /// Whether the server has values of this type that are no finite number or time.
    pub(crate) const fn can_be_infinite(self) -> bool {
        matches!(self, Self::Float | Self::Timestamp)
    }
}

/// What a column's values do between two samples of the same row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    /// They may go up and down, or are no numbers.
    Gauge,
    /// A number that only grows until it is reset: two samples give a rate.
    Counter,
    /// The time since which the counters of the row count: another time means that they were reset in between.
    CountedSince,
    /// The largest value so far: it only grows until it is reset, but its growth means nothing.
    Maximum,
    /// The smallest value so far: it only falls until it is reset.
    Minimum,
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
    /// What its values do between two samples.
    pub role: ColumnRole,
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
    /// The columns that tell its rows apart, and by which the rows of two samples are matched. Empty for a section of one
    /// row; none where rows of two samples are not matched.
    pub key: Option<&'static [&'static str]>,
    /// Whether it is also read several times inside the window of a delta, each sample kept.
    pub is_sampled_between: bool,
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

    /// Whether a snapshot of a server of this version has it, as far as the version is known; some are only sampled in a delta.
    #[must_use]
    pub fn is_collected(&self, version: Option<ServerVersion>, is_delta: bool) -> bool {
        version.is_none_or(|version| version.major() >= self.since) && (is_delta || !self.sampled)
    }

    /// Whether it has counters, so that two samples give rates. In a delta it is read twice.
    #[must_use]
    pub fn is_cumulative(&self) -> bool {
        self.columns.iter().any(|column| column.role == ColumnRole::Counter)
    }

    /// The declaration of the column `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }
}
