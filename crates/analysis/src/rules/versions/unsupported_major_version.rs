//! The major version is out of community support.

use jiff::civil::Date;
use pgdba_pg::{ServerVersion, support};

use crate::engine::rule::{Parts, evidence};
use crate::finding::{Confidence, Effort, Remedy, Severity, Subject};
use crate::{Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// A major version whose community support had ended when the snapshot was made.
    ///
    /// ## Why it matters
    ///
    /// Nobody publishes fixes any more: not for security holes, not for damaged data.
    ///
    /// ## Threshold
    ///
    /// The day of the final release, from the project's versioning page. A version that pgdba does not know is newer
    /// than its table and is never called outdated.
    ///
    /// ## Remedy
    ///
    /// Upgrade to a supported major version with `pg_upgrade`, logical replication or dump and restore.
    ///
    /// ## When it is no fault
    ///
    /// Where a vendor goes on supporting it. The rule speaks of community support only.
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
    /// ```json clean
    /// { "version": 18 }
    /// ```
    rule unsupported_major_version {
        code: "PGD901",
        title: "The major version is out of community support",
        area: Versions,
        needs: [],
        thresholds: {},
    }
}

#[derive(Debug)]
struct Found {
    version: ServerVersion,
    end: Date,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    let Some(version) = facts.version else {
        return Err(NotAssessed::because("the snapshot does not name the server's version"));
    };
    let Some(now) = facts.now else {
        return Err(NotAssessed::because("the snapshot does not say when it was made"));
    };
    let today = jiff::tz::Offset::UTC.to_datetime(now).date();
    let end = support::end_of_support(version.major()).filter(|end| *end < today);
    Ok(end.map(|end| Found { version, end }).into_iter().collect())
}

fn describe(found: &Found) -> Parts {
    let newest = support::END_OF_SUPPORT.last().map_or(found.version.major(), |(major, _)| *major);
    Parts {
        severity: Severity::Warning,
        confidence: Confidence::High,
        subject: Subject::Cluster,
        summary: format!("Upgrade from PostgreSQL {} to a supported major version", found.version.major()),
        rationale: format!(
            "Community support for PostgreSQL {} ended on {}. Holes and errors found since then stay open.",
            found.version.major(),
            found.end.strftime("%-d %B %Y")
        ),
        evidence: vec![
            evidence("version", found.version.to_string()),
            evidence("end of community support", found.end.to_string()),
            evidence("dates as of", support::AS_OF.to_string()),
        ],
        details: Vec::new(),
        remedy: Remedy {
            text: format!(
                "Plan an upgrade, to {newest} if your extensions allow it. pg_upgrade --link takes minutes whatever the \
                 size; logical replication takes seconds of downtime."
            ),
            sql: None,
            effort: Effort::Project,
            impact: None,
            undo: None,
            undo_text: None,
            sets: None,
        },
        source: "PostgreSQL versioning policy",
    }
}
