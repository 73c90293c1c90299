//! The family of rules about databases and tables that must be frozen.

use pgdba_pg::text::one_line;
use pgdba_pg::{Millis, display};

use super::about::About;
use super::draft::Draft;
use super::found::Found;
use crate::facts::freeze::{Age, DatabaseAge, Freeze, XidRate};
use crate::facts::horizon::{Holder, Horizon};
use crate::facts::time::rate_words;
use crate::format::Figure;

/// A database whose IDs are being used up.
#[derive(Debug, Clone, Copy)]
pub struct Old<'a> {
    database: &'a DatabaseAge,
    /// Its age.
    pub age: Age,
    /// What holds the horizon so far back that VACUUM cannot freeze.
    holder: Option<&'a Holder>,
    /// How fast transaction IDs are assigned, if that is known and matters.
    rate: Option<XidRate>,
}

/// The databases with an age that is too great.
pub fn old_databases<'a>(
    freeze: &'a Freeze,
    horizon: &'a Horizon,
    is_old: impl Fn(&DatabaseAge) -> Option<Age>,
) -> Vec<Old<'a>> {
    let is_far_back = |holder: &&Holder| freeze.xid.freeze.is_some_and(|limit| holder.age >= limit);
    let holder = horizon.holders.first().filter(is_far_back);
    let old = |database| Some(Old { database, age: is_old(database)?, holder, rate: None });
    freeze.databases.iter().filter_map(old).collect()
}

impl Old<'_> {
    /// The same with the rate of transaction IDs.
    #[must_use]
    pub fn with_rate(self, rate: Option<XidRate>) -> Self {
        Self { rate, ..self }
    }

    fn time_left(&self) -> Option<Millis> {
        self.rate?.time_for(self.age.left())
    }

    /// It as a subject, with the statement that freezes it.
    #[must_use]
    pub fn about(&self, unit: &str, threshold: i64) -> About {
        About::new(self.database.subject(), self.age.share())
            .figures([
                Figure::new("age", self.age.age).labelled(&format!("age in {unit}")).against(threshold),
                Figure::new("left", self.age.left()).labelled(&format!("{unit} left")),
                Figure::new("used", self.age.share()).labelled("share used"),
                Figure::new("time_left", self.time_left()),
                Figure::new("held_by", self.holder.map(Holder::words)),
            ])
            .run(self.statements())
    }

    /// A database that allows no connections must allow them first, and no longer afterwards, which cannot be said from inside.
    fn statements(&self) -> String {
        let name = &self.database.name;
        let vacuum = format!("-- connected to database {}\nVACUUM (VERBOSE);", one_line(name));
        if self.database.is_connectable {
            return vacuum;
        }
        let allow =
            |is: bool| format!("ALTER DATABASE {} ALLOW_CONNECTIONS {is};", pgdba_pg::quote::quote_identifier(name));
        let elsewhere = "-- connected to another database";
        format!("{elsewhere}\n{}\n{vacuum}\n{elsewhere}\n{}", allow(true), allow(false))
    }
}

impl Draft {
    /// Why databases are old, and how they are frozen.
    #[must_use]
    pub fn freeze_databases(self, found: &Found<Old<'_>>) -> Self {
        let times = found.iter().filter_map(Old::time_left).map(|time| time.0);
        let left = times.reduce(f64::min).map(|time| display::duration(Millis(time)));
        let holder = found.iter().find_map(|old| old.holder).map(Holder::words);
        let rate = rate_words(found.iter().find_map(|old| old.rate).and_then(|rate| rate.since));
        self.because(left.map_or_else(String::new, |left| format!("{rate}, that is in {left}.")))
            .because("Autovacuum starts to freeze much earlier, so something prevents it from finishing.")
            .because(holder.as_ref().map_or_else(String::new, |holder| format!("The horizon is held by {holder}.")))
            .advise(holder.map_or_else(String::new, |holder| {
                format!("First end {holder}: VACUUM cannot freeze rows that it might still see.")
            }))
            .advise("Run VACUUM in each of these databases as a superuser, without FULL and outside single-user mode.")
            .advise("The tables with the greatest age come first: see pgdba query vacuum-health.")
            .impact(
                "Reads and writes continue; VACUUM reads every page that is not frozen yet, and writes most of them.",
            )
    }
}
