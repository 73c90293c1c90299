//! How far sequences are used up.

use pgdba_pg::quote::quote_identifier;
use pgdba_pg::{Ratio, display};
use pgdba_snapshot::sections::pg_sequence::PgSequence;

use super::columns::Columns;
use super::relation::{RelationName, Relations};
use crate::format::NotAssessed;

/// A type of a sequence, or of the column that it numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegerType {
    /// `smallint`
    Small,
    /// `integer`
    Integer,
    /// `bigint`
    Big,
}

impl IntegerType {
    fn named(name: &str) -> Option<Self> {
        match name {
            "int2" => Some(Self::Small),
            "int4" => Some(Self::Integer),
            "int8" => Some(Self::Big),
            _ => None,
        }
    }

    /// The OIDs of types are the same on every server.
    const fn with_oid(oid: i64) -> Option<Self> {
        match oid {
            21 => Some(Self::Small),
            23 => Some(Self::Integer),
            20 => Some(Self::Big),
            _ => None,
        }
    }

    /// Its name in SQL.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Small => "smallint",
            Self::Integer => "integer",
            Self::Big => "bigint",
        }
    }

    /// Its last number in a direction.
    const fn end(self, is_descending: bool) -> i64 {
        let (least, greatest) = match self {
            Self::Small => (-32_768, 32_767),
            Self::Integer => (-2_147_483_648, 2_147_483_647),
            Self::Big => (i64::MIN, i64::MAX),
        };
        if is_descending { least } else { greatest }
    }
}

/// What ends a sequence first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A MAXVALUE or MINVALUE within the type.
    Explicit,
    /// The type of its column.
    Column,
    /// Its own type.
    Type,
}

/// A column that a sequence numbers.
#[derive(Debug)]
struct Column {
    name: String,
    integer: Option<IntegerType>,
}

/// A sequence.
#[derive(Debug)]
pub struct Sequence {
    /// Its name.
    pub name: RelationName,
    /// The table whose column it numbers: of the one that it belongs to and those whose default calls it the narrowest.
    pub table: Option<RelationName>,
    /// Its row.
    pub row: PgSequence,
    column: Option<Column>,
}

impl Sequence {
    /// The share of the numbers up to its [end](Self::end) that were given out; none where that is not known.
    #[must_use]
    pub fn used(&self) -> Option<Ratio> {
        if self.row.is_read != Some(true) {
            return None;
        }
        // A sequence that begins at the least negative number has given out half of its numbers when it reaches zero.
        let begin = if self.is_descending()? { self.row.seqmax? } else { self.row.seqmin? };
        let Some(last) = self.row.last_value else { return Some(Ratio(0.0)) };
        let all = self.steps_to_end(begin)?.saturating_add(1);
        let left = self.steps_to_end(last)?;
        let share = 1.0 - left as f64 / all as f64;
        Some(Ratio(share.clamp(0.0, if left > 0 { NEARLY_ALL } else { 1.0 })))
    }

    /// Numbers that are left.
    #[must_use]
    pub fn left(&self) -> Option<i64> {
        Some(i64::try_from(self.steps_to_end(self.row.last_value?)?).unwrap_or(i64::MAX))
    }

    /// How many times it can give out a number after this one.
    fn steps_to_end(&self, number: i64) -> Option<i128> {
        let (number, end, step) = (i128::from(number), i128::from(self.end()?), i128::from(self.row.seqincrement?));
        let distance = if self.is_descending()? { number - end } else { end - number };
        distance.max(0).checked_div(step.abs())
    }

    /// Its type.
    #[must_use]
    pub fn integer(&self) -> Option<IntegerType> {
        self.row.typname.as_deref().and_then(IntegerType::named)
    }

    /// The type of the column that it numbers; none of a column of another type.
    #[must_use]
    pub fn column_type(&self) -> Option<IntegerType> {
        self.column.as_ref().and_then(|column| column.integer)
    }

    /// What ends it first.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        let (is_descending, end) = (self.is_descending()?, self.end()?);
        let ends = |integer: Option<IntegerType>| integer.is_some_and(|integer| integer.end(is_descending) == end);
        Some(match (self.column_type(), self.integer()) {
            (Some(IntegerType::Small | IntegerType::Integer), _) if ends(self.column_type()) => Limit::Column,
            (_, Some(_)) if !ends(self.integer()) => Limit::Explicit,
            _ => Limit::Type,
        })
    }

    /// Statements that extend it; none if it has all numbers of `bigint`.
    #[must_use]
    pub fn extend(&self) -> Option<String> {
        joined([self.alter_column(IntegerType::Big), self.extend_itself()])
    }

    /// Statements that restore what [`Self::extend`] changes.
    #[must_use]
    pub fn restore(&self) -> Option<String> {
        joined([self.restore_itself(), self.alter_column(self.column_type().unwrap_or(IntegerType::Big))])
    }

    fn extend_itself(&self) -> Option<String> {
        let (name, bound) = (self.name.sql(), self.bound()?);
        let is_largest = self.own_end()? == IntegerType::Big.end(self.is_descending()?);
        match self.limit()? {
            Limit::Explicit => Some(format!("ALTER SEQUENCE {name} NO {bound};")),
            Limit::Column | Limit::Type if is_largest => None,
            Limit::Column | Limit::Type => Some(format!("ALTER SEQUENCE {name} AS bigint NO {bound};")),
        }
    }

    fn restore_itself(&self) -> Option<String> {
        self.extend_itself()?;
        let (name, integer, bound, end) = (self.name.sql(), self.integer()?.sql(), self.bound()?, self.own_end()?);
        Some(format!("ALTER SEQUENCE {name} AS {integer} {bound} {end};"))
    }

    /// Changes the column's type where that is what ends the sequence.
    fn alter_column(&self, integer: IntegerType) -> Option<String> {
        let (table, column) = (self.table.as_ref()?.sql(), quote_identifier(&self.column.as_ref()?.name));
        let sql = format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE {};", integer.sql());
        (self.limit() == Some(Limit::Column)).then_some(sql)
    }

    /// The option that ends it.
    fn bound(&self) -> Option<&'static str> {
        Some(if self.is_descending()? { "MINVALUE" } else { "MAXVALUE" })
    }

    fn is_descending(&self) -> Option<bool> {
        self.row.seqincrement.map(|step| step < 0)
    }

    /// The last number that it can give out.
    fn own_end(&self) -> Option<i64> {
        if self.is_descending()? { self.row.seqmin } else { self.row.seqmax }
    }

    /// The last number that it can give out and its column can hold.
    fn end(&self) -> Option<i64> {
        let (is_descending, own) = (self.is_descending()?, self.own_end()?);
        let of_column = self.column_type().map_or(own, |integer| integer.end(is_descending));
        Some(if is_descending { own.max(of_column) } else { own.min(of_column) })
    }
}

/// The greatest share that is not shown as 100 %, which means that no number is left.
const NEARLY_ALL: f64 = 0.999;

/// How many sequences the collector reads, see the section `pg_sequence`.
const LIMIT: usize = 1000;

/// Why so many sequences were not read, while so many were.
#[must_use]
pub fn unread_because(unread: usize, read: usize) -> NotAssessed {
    let unread = display::counted(unread, "sequence was", "sequences were");
    NotAssessed::because(match read >= LIMIT {
        true => format!(
            "{unread} not read: a snapshot contains the values of {LIMIT} at most, those with the lowest maximum"
        ),
        false => format!("{unread} not read: the role needs SELECT or USAGE on them"),
    })
}

/// The sequences of a snapshot.
pub(super) fn join(rows: Vec<PgSequence>, columns: &Columns, relations: &Relations) -> Vec<Sequence> {
    let sequence = |row: PgSequence| {
        let position = |oid: i64| relations.position(row.datname.as_deref(), oid);
        let name = |position: usize| relations.name(position);
        let numbered = |relid: Option<i64>, attnum: Option<i64>| {
            let table = position(relid?)?;
            let column = columns.find(table, attnum?);
            let integer = column.and_then(|column| column.ty.and_then(IntegerType::with_oid));
            Some((name(table)?, column.map(|column| Column { name: column.name.clone(), integer })))
        };
        let owner = numbered(row.owned_by_relid, row.owned_by_attnum);
        let by_default = numbered(row.default_of_relid, row.default_of_attnum);
        let (table, column) =
            owner.into_iter().chain(by_default).min_by_key(|(_, column)| width(column.as_ref())).unzip();
        Some(Sequence { name: position(row.seqrelid).and_then(name)?, table, column: column.flatten(), row })
    };
    rows.into_iter().filter_map(sequence).collect()
}

/// The order of columns by what they hold; one that is not an integer limits nothing.
fn width(column: Option<&Column>) -> i64 {
    column.and_then(|column| column.integer).map_or(i64::MAX, |integer| integer.end(false))
}

/// Statements, one per line.
fn joined(statements: [Option<String>; 2]) -> Option<String> {
    let all: Vec<String> = statements.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("\n"))
}
