//! The major version is out of community support.

use jiff::civil::Date;
use pgdba_pg::{ServerVersion, support};

use crate::engine::prelude::*;

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

struct Unsupported {
    version: ServerVersion,
    end: Date,
}

fn check(view: &View<'_>) -> Checked<Option<Unsupported>> {
    let version = view.version()?;
    let today = jiff::tz::Offset::UTC.to_datetime(view.now()?).date();
    let end = support::end_of_support(version.major()).filter(|end| *end < today);
    Ok(end.map(|end| Unsupported { version, end }))
}

fn subject(found: &Unsupported) -> About {
    About::new(Subject::cluster(), Weight::All).figures([
        Figure::new("version", found.version.to_string()),
        Figure::new("end_of_community_support", found.end.to_string()),
        Figure::new("dates_as_of", support::AS_OF.to_string()).labelled("support dates as of"),
    ])
}

fn describe(found: &Unsupported) -> Draft {
    let (major, end) = (found.version.major(), found.end.strftime("%-d %B %Y"));
    let newest = support::END_OF_SUPPORT.last().map_or(major, |(newest, _)| *newest);
    Draft::new(format!("Upgrade from PostgreSQL {major} to a supported major version"))
        .because(format!("Community support for PostgreSQL {major} ended on {end}."))
        .because("It has received no security or bug fixes since.")
        .advise(format!("Plan an upgrade, to {newest} if your extensions support it."))
        .advise("pg_upgrade --link takes minutes whatever the size; logical replication takes seconds of downtime.")
        .effort(Effort::Project)
}
