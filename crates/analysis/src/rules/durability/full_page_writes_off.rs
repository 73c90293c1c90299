//! Torn pages cannot be repaired after a crash.

use crate::engine::remedy::set_parameter;
use crate::engine::rule::{Parts, evidence, evidence_against};
use crate::finding::{Confidence, Effort, Severity, Subject};
use crate::{Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// The parameter `full_page_writes` is `off`.
    ///
    /// ## Why it matters
    ///
    /// A page of PostgreSQL is larger than what most storage writes in one piece. If the machine stops in the middle
    /// of a page, the page is half new and half old, and WAL replay cannot mend it unless WAL holds a full copy of
    /// the page from after the last checkpoint. That copy is what this parameter switches off.
    ///
    /// ## Threshold
    ///
    /// None: `off` is found, whatever else is set.
    ///
    /// ## Remedy
    ///
    /// Switch it on; a reload is enough, unless the command line sets it. To write less WAL, make checkpoints rarer
    /// (`max_wal_size`, `checkpoint_timeout`) or compress the copies (`wal_compression`).
    ///
    /// ## When it is no fault
    ///
    /// On a file system that writes whole pages or none, such as ZFS with a record size of at least 8 kB.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Write Ahead Log", parameter `full_page_writes`.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "full_page_writes", "setting": "off", "source": "configuration file" } ] }
    /// ```
    /// ```json clean
    /// { "pg_settings": [ { "name": "full_page_writes", "setting": "on", "source": "default" } ] }
    /// ```
    rule full_page_writes_off {
        code: "PGD102",
        title: "Torn pages cannot be repaired after a crash",
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
    let Some(setting) = facts.settings.get("full_page_writes") else {
        return Err(NotAssessed::because("pg_settings does not show full_page_writes"));
    };
    let source = setting.source.clone().unwrap_or_else(|| "unknown".to_owned());
    Ok(if facts.settings.is_on("full_page_writes") == Some(false) { vec![Found { source }] } else { Vec::new() })
}

fn describe(found: &Found) -> Parts {
    Parts {
        severity: Severity::Critical,
        confidence: Confidence::High,
        subject: Subject::Parameter("full_page_writes".to_owned()),
        summary: "Switch full_page_writes on".to_owned(),
        rationale: "A page that was being written when the machine stopped stays half old and half new, and WAL holds \
                    no copy to repair it from."
            .to_owned(),
        evidence: vec![evidence_against("full_page_writes", "off", "on"), evidence("set by", found.source.as_str())],
        details: Vec::new(),
        remedy: set_parameter(
            "full_page_writes",
            "on",
            Effort::Reload,
            "Leave it off only where the file system writes whole pages or none.",
            "More WAL is written after each checkpoint.",
        ),
        source: "PostgreSQL manual, Write Ahead Log: full_page_writes",
    }
}
