//! A changed parameter waits for a restart.

use pgdba_pg::display::counted;

use crate::engine::rule::{Parts, evidence};
use crate::facts::settings::Waiting;
use crate::finding::{Confidence, Effort, Remedy, Severity, Subject};
use crate::{Detail, Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// A parameter whose value in the configuration files differs from the one in force and takes effect at the next
    /// restart only (`pg_settings.pending_restart`, borne out by `pg_file_settings` where the role may read that).
    ///
    /// ## Why it matters
    ///
    /// Somebody changed the configuration and the server does not follow it yet. The next restart, planned or not,
    /// will change its behaviour, at a moment when nobody thinks of that change.
    ///
    /// ## Threshold
    ///
    /// One parameter is enough. The server marks it at a reload, so a change that was never reloaded is seen only where
    /// `pg_file_settings` could be read.
    ///
    /// ## Remedy
    ///
    /// Restart in a maintenance window, or take the change back in the file.
    ///
    /// ## When it is no fault
    ///
    /// After `ALTER SYSTEM RESET` and a reload the mark can stay although nothing waits any more. Where `pg_file_settings`
    /// could be read, the rule knows that and stays silent; elsewhere it cannot tell.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, view `pg_settings`.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "pending_restart": true } ] }
    /// ```
    /// ```json clean
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "pending_restart": false } ] }
    /// ```
    /// ```json clean
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "source": "default", "pending_restart": true } ],
    ///   "pg_file_settings": [ { "seqno": 1, "name": "port", "setting": "5432", "applied": true } ] }
    /// ```
    rule pending_restart {
        code: "PGD201",
        title: "A changed parameter waits for a restart",
        area: Settings,
        needs: [pg_settings],
        thresholds: {},
    }
}

#[derive(Debug)]
struct Found {
    parameters: Vec<(String, String)>,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    let parameters: Vec<(String, String)> = facts
        .settings
        .iter()
        .filter(|setting| matches!(facts.settings.waiting(setting), Waiting::Restart(_)))
        .map(|setting| (setting.name.clone(), setting.setting.clone().unwrap_or_default()))
        .collect();
    Ok(if parameters.is_empty() { Vec::new() } else { vec![Found { parameters }] })
}

fn describe(found: &Found) -> Parts {
    let count = i64::try_from(found.parameters.len()).unwrap_or(i64::MAX);
    let names: Vec<&str> = found.parameters.iter().map(|(name, _)| name.as_str()).collect();
    let rows = found.parameters.iter().map(|(name, value)| vec![name.as_str().into(), value.as_str().into()]);
    Parts {
        severity: Severity::Notice,
        confidence: Confidence::High,
        subject: Subject::Cluster,
        summary: format!("Plan a restart for {}", counted(count, "changed parameter", "changed parameters")),
        rationale: format!(
            "The configuration files say something else than the running server for {}. The next restart, planned or \
             not, changes its behaviour.",
            names.join(", ")
        ),
        evidence: vec![evidence("parameters waiting", count)],
        details: vec![Detail::table("Parameters that wait for a restart", &["parameter", "value in force"], rows)],
        remedy: Remedy {
            text: "Restart the server in a maintenance window, or take the change back in the file it stands in."
                .to_owned(),
            sql: Some("SELECT name, setting, source, sourcefile FROM pg_settings WHERE pending_restart;".to_owned()),
            effort: Effort::Restart,
            impact: Some("A restart ends every session.".to_owned()),
            undo: None,
            undo_text: None,
            sets: None,
        },
        source: "PostgreSQL manual, pg_settings: pending_restart",
    }
}
