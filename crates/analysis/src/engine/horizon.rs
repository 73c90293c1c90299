//! The family of rules about what holds the xmin horizon.

use pgdba_pg::{Millis, display};

use super::about::About;
use super::draft::Draft;
use super::found::Found;
use super::vacuum::release;
use crate::facts::View;
use crate::facts::horizon::{Holder, HolderKind, Reach};
use crate::facts::tables::Table;
use crate::format::{Checked, Figure, Weight};

/// Tables with fewer dead rows than this are negligible.
pub const MIN_DEAD: i64 = 10_000;

/// Tables that are named.
const NAMED: usize = 3;

/// Something that holds the horizon, and what that causes.
#[derive(Debug)]
pub struct Holding<'a> {
    /// What holds it.
    pub holder: &'a Holder,
    /// For how long, if that is known.
    pub held: Option<Millis>,
    /// The statement that ends it, if there is one.
    release: Option<String>,
    /// The tables with many dead rows that VACUUM has left meanwhile.
    tables: Vec<&'a Table>,
}

/// The holders of this kind that do not only copy the age of another.
///
/// # Errors
/// The server is a standby, which does not vacuum, or a fact is missing.
pub fn holding<'a>(view: &View<'a>, kind: HolderKind) -> Checked<Vec<Holding<'a>>> {
    view.require_primary("run VACUUM")?;
    let (horizon, tables, now) = (view.horizon()?, view.tables()?, view.now()?);
    let kept = |holder: &Holder| {
        let is_kept = |table: &&Table| table.dead_rows() >= Some(MIN_DEAD) && holder.keeps_rows_of(table, now);
        tables.all.iter().filter(is_kept).collect()
    };
    let of_kind = horizon.holders.iter().filter(|holder| holder.kind == kind && !holder.is_copy);
    let holding =
        |holder| Holding { holder, held: holder.held(now), release: release(holder, Some(now)), tables: kept(holder) };
    Ok(of_kind.map(holding).collect())
}

impl Holding<'_> {
    /// The greatest multiple of its autovacuum threshold that a table has in dead rows that VACUUM has left.
    #[must_use]
    pub fn multiple(&self) -> Option<f64> {
        self.tables.iter().filter_map(|table| table.dead_multiple()).reduce(f64::max)
    }

    /// Whether it has lasted this long.
    #[must_use]
    pub fn lasts(&self, time: Millis) -> bool {
        self.held >= Some(time)
    }

    fn dead_rows(&self) -> i64 {
        self.tables.iter().filter_map(|table| table.dead_rows()).fold(0, i64::saturating_add)
    }

    fn table_names(&self) -> Option<String> {
        let mut names: Vec<String> = self.tables.iter().take(NAMED).map(|table| table.name.to_string()).collect();
        if let more @ 1.. = self.tables.len().saturating_sub(NAMED) {
            names.push(format!("{more} more"));
        }
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// It as a subject, with the statement that ends it, if there is one.
    #[must_use]
    pub fn about(&self) -> About {
        let holder = self.holder;
        let about = About::new(holder.subject(), Weight::Rows(self.dead_rows().max(holder.age) as f64)).figures([
            Figure::new("age", holder.age).labelled("age in transactions"),
            Figure::new("held_for", self.held),
            Figure::new("state", holder.state.clone()),
            Figure::new("role", holder.role.clone()),
            Figure::new("application", holder.application.clone()),
            Figure::new("dead_rows", self.dead_rows()).labelled("dead rows that VACUUM has left"),
            Figure::new("tables", self.table_names()),
        ]);
        match &self.release {
            Some(sql) => about.run(sql.clone()),
            None => about,
        }
    }
}

impl Draft {
    /// What holders of the horizon cause: dead rows in tables, if VACUUM has shown it.
    #[must_use]
    pub fn holding(self, found: &Found<Holding<'_>>) -> Self {
        let dead = found.iter().map(Holding::dead_rows).max().unwrap_or(0);
        let tables = found.iter().max_by_key(|holding| holding.dead_rows()).and_then(Holding::table_names);
        let oldest = found.iter().map(|holding| holding.holder.age).max().unwrap_or(0);
        let proof = tables.map_or_else(
            || "No table has shown that yet.".to_owned(),
            |tables| format!("VACUUM has run meanwhile and has left {} dead rows in {tables}.", display::count(dead)),
        );
        let catalogs = found.all(|holding| holding.holder.reach == Reach::Catalogs);
        let kept = if catalogs { "rows of system catalogs" } else { "rows" };
        let last =
            if oldest == 1 { "transaction".to_owned() } else { format!("{} transactions", display::count(oldest)) };
        self.because(format!(
            "VACUUM must keep {kept} that died in the last {last}, and cannot freeze rows that are newer."
        ))
        .because_if(!catalogs, proof)
    }
}

/// For how long the longest has held the horizon, in words that follow a name.
#[must_use]
pub fn lasting(found: &Found<Holding<'_>>) -> String {
    let longest = found.iter().filter_map(|holding| holding.held).map(|held| held.0).reduce(f64::max);
    let up_to = if found.only().is_some() { "" } else { "up to " };
    longest.map_or_else(
        || {
            format!(
                ": {} transactions old",
                display::count(found.iter().map(|holding| holding.holder.age).max().unwrap_or(0))
            )
        },
        |longest| format!(": xmin horizon held for {up_to}{}", display::duration(Millis(longest))),
    )
}
