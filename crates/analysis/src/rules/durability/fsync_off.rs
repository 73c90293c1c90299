//! The server does not wait for its writes to reach the storage.

use crate::engine::remedy::set_parameter;
use crate::engine::rule::{Parts, evidence, evidence_against};
use crate::finding::{Confidence, Effort, Severity, Subject};
use crate::{Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// The parameter `fsync` is `off`.
    ///
    /// ## Why it matters
    ///
    /// Without `fsync` the server tells the operating system to write, but never waits until the storage has done
    /// so. After a power failure or a crash of the operating system, pages of tables and WAL may be in any order and
    /// any state: the cluster can be damaged beyond repair, and it may go unnoticed for a long time.
    ///
    /// ## Threshold
    ///
    /// None: `off` is found, whatever else is set.
    ///
    /// ## Remedy
    ///
    /// Switch it on; a reload is enough, unless the command line sets it. Where commits are too slow,
    /// `synchronous_commit = off` for the sessions that can lose their last moments is safe for the data: it never
    /// damages the cluster.
    ///
    /// ## When it is no fault
    ///
    /// On a throw-away server, such as one for tests. Silence it there with `--ignore PGD101`.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Write Ahead Log", parameter `fsync`.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "fsync", "setting": "off", "source": "configuration file" } ] }
    /// ```
    /// ```json clean
    /// { "pg_settings": [ { "name": "fsync", "setting": "on", "source": "default" } ] }
    /// ```
    rule fsync_off {
        code: "PGD101",
        title: "The server does not wait for its writes to reach the storage",
        area: Durability,
        needs: [pg_settings],
        thresholds: {},
    }
}

#[derive(Debug)]
struct Found {
    source: String,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    let Some(setting) = facts.settings.get("fsync") else {
        return Err(NotAssessed::because("pg_settings does not show fsync"));
    };
    let source = setting.source.clone().unwrap_or_else(|| "unknown".to_owned());
    Ok(if facts.settings.is_on("fsync") == Some(false) { vec![Found { source }] } else { Vec::new() })
}

fn describe(found: &Found) -> Parts {
    Parts {
        severity: Severity::Critical,
        confidence: Confidence::High,
        subject: Subject::Parameter("fsync".to_owned()),
        summary: "Switch fsync on".to_owned(),
        rationale: "The server does not wait for its writes to reach the storage. A power failure or a crash of the \
                    operating system can damage the whole cluster beyond repair."
            .to_owned(),
        evidence: vec![evidence_against("fsync", "off", "on"), evidence("set by", found.source.as_str())],
        details: Vec::new(),
        remedy: set_parameter(
            "fsync",
            "on",
            Effort::Reload,
            "Then take a fresh base backup, since earlier ones may already hold damaged pages.",
            "Commits wait for the storage again, so writes become slower.",
        ),
        source: "PostgreSQL manual, Write Ahead Log: fsync",
    }
}
