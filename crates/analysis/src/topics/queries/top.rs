//! `query top`: the statements that cost most.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::cells::{IDENTITY, LAST, MAX_LABEL, calls, identity, last, one_line};
use super::{Figures, Row, Shown, by_owner, display, largest_first, measured_over, number_of, over, share};
use crate::facts::View;
use crate::facts::growth::Sampled;
use crate::facts::statements::{Measure, Statements};
use crate::format::Cell;
use crate::topics::Reply;
use crate::{Bars, Block, Checked, NotAssessed, Quantity, Table};

/// What `query top` is asked for.
#[derive(Debug, Clone)]
pub struct TopOptions {
    /// The number of statements.
    pub limit: usize,
    /// By what they are ranked.
    pub measure: Measure,
    /// Only those of this database.
    pub database: Option<String>,
    /// Only those of this role.
    pub role: Option<String>,
    /// The counters since their reset, even of a delta.
    pub is_since_reset: bool,
}

impl Default for TopOptions {
    fn default() -> Self {
        Self { limit: 20, measure: Measure::default(), database: None, role: None, is_since_reset: false }
    }
}

impl TopOptions {
    /// ` of role app in database shop`; nothing without filters.
    fn filter_words(&self) -> String {
        let part = |kind: &str, name: &Option<String>| name.as_ref().map(|name| format!(" {kind} \"{name}\""));
        [part("of role", &self.role), part("in database", &self.database)].into_iter().flatten().collect()
    }
}

/// The time over which statements were counted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Period {
    /// Since the counters were reset.
    SinceReset {
        /// When that was, if it is known (extension version 1.9).
        #[schemars(with = "Option<String>")]
        since: Option<Timestamp>,
        /// The seconds since then.
        seconds: Option<f64>,
    },
    /// The window of a delta.
    Delta {
        /// Its length in seconds.
        seconds: f64,
    },
}

impl Period {
    pub(super) fn of(statements: &Statements, sampled: Option<&Sampled>) -> Self {
        let window = &statements.window;
        match sampled {
            Some(sampled) => Self::Delta { seconds: sampled.length.seconds() },
            None => Self::SinceReset { since: window.since, seconds: window.length.map(|length| length.seconds()) },
        }
    }
}

/// A statement of `query top`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopStatement {
    /// Its text, without constants; null if it is hidden from the collecting role.
    pub query: Option<String>,
    /// `pg_stat_statements.queryid`; null for utility statements.
    pub query_id: Option<String>,
    /// Its database.
    pub database: Option<String>,
    /// The role that runs it.
    pub role: Option<String>,
    /// Whether it is a top-level statement; otherwise a function ran it (extension version 1.9).
    pub is_top_level: Option<bool>,
    /// The figure by which the statements are ranked, in `unit`.
    pub value: f64,
    /// Its share of all recorded statements, 0 to 1; null for a mean.
    pub share: Option<f64>,
    /// Its other figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The statements of a database and a role together.
#[derive(Debug, Clone, Serialize)]
pub struct Owner {
    /// The database.
    pub database: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// The sum, in `owner_unit`.
    pub value: f64,
    /// Its share of all recorded statements, 0 to 1.
    pub share: Option<f64>,
    /// How often their statements ran.
    pub calls: i64,
    /// How many statements they have.
    pub statements: i64,
}

/// The data of `query top`.
#[derive(Debug, Clone, Serialize)]
pub struct Top {
    /// By what the statements are ranked, as in `--sort`.
    pub sort: &'static str,
    /// The unit of `value`: `ms`, `bytes`, `pages` or `count`.
    pub unit: &'static str,
    /// Over which time they were counted.
    pub period: Period,
    /// The sum of all recorded statements; null for a mean.
    pub total: Option<f64>,
    /// How many there are with a figure above zero, of which these are the first.
    pub found: usize,
    /// The statements, the costliest first.
    pub statements: Vec<TopStatement>,
    /// By what databases and roles are ranked: as the statements, by execution time for a mean.
    pub owner_sort: &'static str,
    /// The unit of their `value`.
    pub owner_unit: &'static str,
    /// Databases and roles, the costliest first.
    pub owners: Vec<Owner>,
}

/// The statements of a view that were asked for, ranked.
struct Ranking<'a> {
    statements: &'a Statements,
    measure: Measure,
    block_size: Option<i64>,
    /// The sum of all recorded statements.
    total: f64,
    rows: Vec<Row<'a>>,
    sampled: Option<&'a Sampled>,
}

/// The statements with the greatest figure.
///
/// # Errors
/// pg_stat_statements is missing, does not count what is asked for, or has no statement of the database or role.
pub fn top(view: &View<'_>, options: &TopOptions) -> Checked<Reply<Top>> {
    let statements = view.statements()?;
    statements.require(options.measure, view.tracking()?)?;
    let (all, sampled) = over(statements, options.is_since_reset);
    let amount = |row: &Row<'_>| options.measure.of(row.1.0).unwrap_or(0.0);
    let total = all.iter().map(amount).sum();
    let is_wanted = |row: &Row<'_>| row.0.is_of(options.database.as_deref(), options.role.as_deref());
    let mut rows: Vec<Row<'_>> = all.into_iter().filter(is_wanted).collect();
    if rows.is_empty() && (options.database.is_some() || options.role.is_some()) {
        let what = options.filter_words();
        return Err(NotAssessed::because(format!("pg_stat_statements contains no statements{what}{}", measured_over(statements, sampled))));
    }
    rows.retain(|row| amount(row) > 0.0);
    largest_first(&mut rows, amount);
    let block_size = view.block_size().ok().copied();
    let ranking = Ranking { statements, measure: options.measure, block_size, total, rows, sampled };
    Ok(Reply { shown: ranking.show(options), data: ranking.data(options) })
}

impl<'a> Ranking<'a> {
    fn amount(&self, row: &Row<'_>) -> f64 {
        self.measure.of(row.1.0).unwrap_or(0.0)
    }

    fn share(&self, amount: f64) -> Option<pgdba_pg::Ratio> {
        share(amount, self.total).filter(|_| self.measure.adds_up())
    }

    fn quantity(&self, amount: f64) -> Quantity {
        self.measure.quantity(amount, self.block_size)
    }

    /// By what owners are compared: means do not add up.
    fn owner_measure(&self) -> Measure {
        if self.measure.adds_up() { self.measure } else { Measure::TotalTime }
    }

    fn owner_total(&self) -> f64 {
        let all = over(self.statements, self.sampled.is_none()).0;
        all.iter().filter_map(|row| self.owner_measure().of(row.1.0)).sum()
    }

    fn show(&self, options: &TopOptions) -> Shown {
        let caption = format!("Statements by {}{}", self.measure.words(), measured_over(self.statements, self.sampled));
        let rows = self.rows.iter().take(options.limit).map(|row| self.cells(row));
        let mut table = Table::whole(caption, &self.columns(), rows).with_long("query");
        table.hidden = self.rows.len().saturating_sub(options.limit) as u64;
        let chart = self.chart();
        let notes = self.sampled.map(|sampled| Block::list(sampled.notes("statement", "statements")));
        let owners = (!self.rows.is_empty()).then(|| [Block::heading("By database and role"), self.owners()]);
        let blocks = chart.into_iter().chain([Block::Table(table)]).chain(owners.into_iter().flatten());
        Shown { lead: self.lead(options), blocks: blocks.chain(notes).collect() }
    }

    fn lead(&self, options: &TopOptions) -> String {
        let filter = options.filter_words();
        let count = display::counted(number_of(&self.rows), "statement", "statements");
        let over = measured_over(self.statements, self.sampled);
        let words = self.measure.words();
        let Some(first) = self.rows.first() else {
            return format!("No recorded statement{filter} has {words} above zero{over}.");
        };
        let amount = self.quantity(self.amount(first)).display();
        if !self.measure.adds_up() {
            return format!("{count}{filter} by mean time{over}; the slowest takes {amount} per call.");
        }
        let sum = self.quantity(self.rows.iter().map(|row| self.amount(row)).sum()).display();
        let share = self.share(self.amount(first)).map(|share| format!("; the top statement accounts for {}", display::percent(share)));
        format!("{count}{filter} by {words}: {sum} in total{over}{}.", share.unwrap_or_default())
    }

    fn chart(&self) -> Option<Block> {
        let figures = self.rows.iter().map(|row| (row.0, self.quantity(self.amount(row))));
        let chart = match self.measure.adds_up() {
            true => {
                let shares = self.rows.iter().map(|row| (row.0, self.share(self.amount(row)).into()));
                Bars::shares(format!("Share of {}", self.measure.words()), shares, |statement| one_line(statement, MAX_LABEL))
            }
            false => Bars::against("Mean time", figures, |statement| one_line(statement, MAX_LABEL), Vec::new()),
        };
        chart.map(Block::from)
    }

    fn columns(&self) -> Vec<(&'static str, &'static str)> {
        let own = (self.measure.name(), self.measure.words());
        let figures = [("share", "share"), ("calls", "calls"), ("total_time", "total time"), ("mean_time", "mean time")];
        let figures = figures.into_iter().filter(|(key, _)| self.has_column(key));
        IDENTITY.into_iter().chain([own]).chain(figures).chain(LAST).collect()
    }

    /// Whether a column is there besides that of the measure.
    fn has_column(&self, key: &str) -> bool {
        key != self.measure.name() && (key != "share" || self.measure.adds_up())
    }

    fn cells(&self, row: &Row<'a>) -> Vec<Cell> {
        let amount = self.amount(row);
        let own = match (self.measure, self.sampled) {
            (Measure::Calls, Some(_)) => calls(row, self.sampled),
            _ => self.quantity(amount),
        };
        let figures = [
            ("share", Quantity::from(self.share(amount))),
            ("calls", calls(row, self.sampled)),
            ("total_time", row.1.0.total_exec_time.map(pgdba_pg::Millis).into()),
            ("mean_time", row.1.mean_time().into()),
        ];
        let figures = figures.into_iter().filter(|(key, _)| self.has_column(key)).map(|(_, figure)| figure);
        identity(row.0).into_iter().chain([own]).chain(figures).chain(last(row)).map(Cell::from).collect()
    }

    fn owners(&self) -> Block {
        let (measure, total) = (self.owner_measure(), self.owner_total());
        let mut columns = vec![
            ("database", "database"),
            ("role", "role"),
            ("statements", "statements"),
            (measure.name(), measure.words()),
            ("share", "share"),
        ];
        columns.extend((measure != Measure::Calls).then_some(("calls", "calls")));
        let owners = by_owner(&self.rows, measure);
        let rows = owners.into_iter().map(|((database, role), sum)| {
            let figures = [sum.statements.into(), measure.quantity(sum.amount, self.block_size), share(sum.amount, total).into()];
            let calls = (measure != Measure::Calls).then(|| sum.calls.into());
            [database.into(), role.into()].into_iter().chain(figures).chain(calls).collect()
        });
        Block::Table(Table::new(format!("By database and role, {}", measure.words()), &columns, rows))
    }

    fn data(&self, options: &TopOptions) -> Top {
        let owner = self.owner_measure();
        let total = self.owner_total();
        let unit = |measure: Measure| measure.unit_name(self.block_size);
        Top {
            sort: self.measure.name(),
            unit: unit(self.measure),
            period: Period::of(self.statements, self.sampled),
            total: self.measure.adds_up().then(|| self.scaled(self.total)),
            found: self.rows.len(),
            statements: self.rows.iter().take(options.limit).map(|row| self.statement(row)).collect(),
            owner_sort: owner.name(),
            owner_unit: unit(owner),
            owners: by_owner(&self.rows, owner)
                .into_iter()
                .map(|((database, role), sum)| Owner {
                    database: database.map(str::to_owned),
                    role: role.map(str::to_owned),
                    value: owner.quantity(sum.amount, self.block_size).sort_key().unwrap_or(sum.amount),
                    share: share(sum.amount, total).map(|share| share.0),
                    calls: sum.calls,
                    statements: sum.statements,
                })
                .collect(),
        }
    }

    /// An amount in the unit of the data.
    fn scaled(&self, amount: f64) -> f64 {
        self.quantity(amount).sort_key().unwrap_or(amount)
    }

    fn statement(&self, row: &Row<'a>) -> TopStatement {
        let amount = self.amount(row);
        let statement = row.0;
        TopStatement {
            query: statement.row.query.clone().filter(|_| !statement.is_hidden()),
            query_id: statement.row.queryid.clone(),
            database: statement.row.datname.clone(),
            role: statement.role.clone(),
            is_top_level: statement.row.toplevel,
            value: self.scaled(amount),
            share: self.share(amount).map(|share| share.0),
            figures: Figures::new(row.1, self.sampled, self.block_size),
        }
    }
}
