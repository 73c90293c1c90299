//! The major version is supported for less than a year.

use jiff::civil::Date;
use pgdba_pg::{ServerVersion, support};

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A major version whose community support ends within {AHEAD} days of the collection.
    ///
    /// ## Why it matters
    ///
    /// After that day it receives no fixes. Upgrades need time for tests.
    ///
    /// ## Threshold
    ///
    /// {AHEAD} days before the date of the final release, from the project's versioning page.
    ///
    /// ## Remedy
    ///
    /// Plan an upgrade.
    ///
    /// ## When to ignore this
    ///
    /// If the upgrade is planned.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "version": 15, "collected_at": "2027-01-15T00:00:00Z" }
    /// ```
    /// ```json passed
    /// { "version": 18, "collected_at": "2027-01-15T00:00:00Z" }
    /// ```
    /// ```json passed
    /// { "version": 12, "collected_at": "2027-01-15T00:00:00Z" }
    /// ```
    rule support_ends_soon {
        code: PGD903,
        title: "Community support of the major version ends within a year",
        passed: "Community support of the major version lasts longer than a year",
        worst: Info,
        reads: [],
        source: "PostgreSQL versioning policy",
        thresholds: {
            /// Days before the end at which it is reported.
            AHEAD: i64 = 365,
        },
    }
}

struct Ending {
    version: ServerVersion,
    end: Date,
    days: i64,
}

fn check(view: &View<'_>) -> Checked<Option<Ending>> {
    let version = view.version()?;
    let today = jiff::tz::Offset::UTC.to_datetime(view.now()?).date();
    let Some(end) = support::end_of_support(version.major()) else { return Ok(None) };
    let days = i64::from(today.until(end).map_or(0, |span| span.get_days()));
    Ok((end >= today && days <= AHEAD).then_some(Ending { version, end, days }))
}

fn subject(ending: &Ending) -> About {
    About::new(Subject::cluster(), Weight::Count(AHEAD - ending.days)).figures([
        Figure::new("version", ending.version.to_string()),
        Figure::new("end_of_community_support", ending.end.to_string()),
        Figure::new("days_left", ending.days),
    ])
}

fn describe(ending: &Ending) -> Draft {
    let (major, end) = (ending.version.major(), ending.end.strftime("%-d %B %Y"));
    Draft::new(format!("Plan the upgrade from PostgreSQL {major}"))
        .because(format!("Community support for PostgreSQL {major} ends on {end}, in {} days.", display::count(ending.days)))
        .advise("Test your application and your extensions with a newer version in time.")
        .effort(Effort::Project)
}
