//! The major version is out of community support.

use jiff::civil::Date;
use pgdba_pg::{ServerVersion, support};

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::format::{Effort, Subject, Weight};
use crate::{Checked, Figure, Severity, View, rule};

rule! {
    /// ## What it sees
    ///
    /// A major version whose community support had ended when the snapshot was collected.
    ///
    /// ## Why it matters
    ///
    /// The version no longer receives fixes, neither for security vulnerabilities nor for bugs that corrupt data.
    ///
    /// ## Threshold
    ///
    /// The date of the final release, from the project's versioning page. A version that pgdba does not know is newer than its
    /// table, and is never reported as outdated.
    ///
    /// ## Remedy
    ///
    /// Upgrade to a supported major version with `pg_upgrade`, logical replication or dump and restore.
    ///
    /// ## When to ignore this
    ///
    /// If a vendor still supports the version. The rule covers community support only.
    ///
    /// ## Source
    ///
    /// PostgreSQL versioning policy.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "version": 12 }
    /// ```
    /// ```json passed
    /// { "version": 18 }
    /// ```
    rule unsupported_major_version {
        code: PGD901,
        title: "The major version is out of community support",
        passed: "The major version is supported",
        worst: Warning,
        reads: [],
        source: "PostgreSQL versioning policy",
    }
}

struct Found {
    version: ServerVersion,
    end: Date,
}

fn check(view: &View<'_>) -> Checked<Option<Found>> {
    let version = view.version()?;
    let today = jiff::tz::Offset::UTC.to_datetime(view.now()?).date();
    let end = support::end_of_support(version.major()).filter(|end| *end < today);
    Ok(end.map(|end| Found { version, end }))
}

fn describe(found: &Found) -> Draft {
    let major = found.version.major();
    let newest = support::END_OF_SUPPORT.last().map_or(major, |(newest, _)| *newest);
    Draft::new(Severity::Warning, format!("Upgrade from PostgreSQL {major} to a supported major version"))
        .because(format!(
            "Community support for PostgreSQL {major} ended on {}. It has received no security or bug fixes since.",
            found.end.strftime("%-d %B %Y")
        ))
        .advise(format!(
            "Plan an upgrade, to {newest} if your extensions support it. pg_upgrade --link takes minutes regardless of \
             the size; logical replication needs only seconds of downtime."
        ))
        .effort(Effort::Project)
}

impl Affects for Found {
    fn about(&self) -> About {
        About::new(Subject::cluster(), Weight::All)
            .figure(Figure::new("version", self.version.to_string()))
            .figure(Figure::new("end_of_community_support", self.end.to_string()))
            .figure(Figure::new("dates_as_of", support::AS_OF.to_string()).labelled("support dates as of"))
    }
}
