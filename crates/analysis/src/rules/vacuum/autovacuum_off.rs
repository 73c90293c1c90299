//! Autovacuum does not run.

use crate::engine::remedy::set_parameter;
use crate::engine::rule::{Parts, evidence, evidence_against};
use crate::finding::{Confidence, Effort, Severity, Subject};
use crate::{Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// `autovacuum` or `track_counts` is `off` for the whole server.
    ///
    /// ## Why it matters
    ///
    /// Nothing removes dead rows and nothing refreshes the planner's statistics. Tables and indexes grow without
    /// bound, plans get worse, and in the end the server must freeze old rows under pressure. Without `track_counts`
    /// autovacuum runs but sees nothing to do.
    ///
    /// ## Threshold
    ///
    /// None: `off` is found, whatever else is set.
    ///
    /// ## Remedy
    ///
    /// Switch it on; a reload is enough, unless the command line sets it. If its load was the reason, slow it down
    /// with `autovacuum_vacuum_cost_delay` rather than stopping it.
    ///
    /// ## When it is no fault
    ///
    /// For the hours of a bulk load, if VACUUM and ANALYZE follow by hand.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Automatic Vacuuming".
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "off" }, { "name": "track_counts", "setting": "on" } ] }
    /// ```
    /// ```json clean
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "on" }, { "name": "track_counts", "setting": "on" } ] }
    /// ```
    rule autovacuum_off {
        code: "PGD501",
        title: "Autovacuum does not run",
        area: Vacuum,
        needs: [pg_settings],
        thresholds: {},
    }
}

#[derive(Debug)]
struct Found {
    parameter: &'static str,
    source: String,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    if facts.settings.get("autovacuum").is_none() {
        return Err(NotAssessed::because("pg_settings does not show autovacuum"));
    }
    let is_off = |parameter: &&str| facts.settings.is_on(parameter) == Some(false);
    // One finding, even where both are off: switching one on shows the other at the next look.
    let parameter = ["autovacuum", "track_counts"].into_iter().find(is_off);
    let found = parameter.map(|parameter| {
        let source = facts.settings.get(parameter).and_then(|setting| setting.source.clone());
        Found { parameter, source: source.unwrap_or_else(|| "unknown".to_owned()) }
    });
    Ok(found.into_iter().collect())
}

fn describe(found: &Found) -> Parts {
    Parts {
        severity: Severity::Critical,
        confidence: Confidence::High,
        subject: Subject::Parameter(found.parameter.to_owned()),
        summary: format!("Switch {} on", found.parameter),
        rationale: "Nothing removes dead rows, refreshes the planner's statistics or freezes old rows. Tables grow, \
                    plans get worse, and in the end the server stops accepting writes."
            .to_owned(),
        evidence: vec![evidence_against(found.parameter, "off", "on"), evidence("set by", found.source.as_str())],
        details: Vec::new(),
        remedy: set_parameter(
            found.parameter,
            "on",
            Effort::Reload,
            "If its load was the reason, slow it down with autovacuum_vacuum_cost_delay instead.",
            "Autovacuum begins at once with what was left undone: expect reads and writes in the background.",
        ),
        source: "PostgreSQL manual, Automatic Vacuuming",
    }
}
