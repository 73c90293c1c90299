//! What begins checkpoints.

use pgdba_pg::display;
use pgdba_snapshot::sections::{pg_stat_bgwriter, pg_stat_checkpointer};

use super::{Topic, View};
use crate::engine::rule::evidence;
use crate::{Detail, Facts, Quantity};

/// Checkpoints by what began them.
pub static TOPIC: Topic = Topic {
    name: "checkpoints",
    title: "Checkpoints and WAL",
    needs: &[&pg_stat_bgwriter::SPEC, &pg_stat_checkpointer::SPEC],
    show,
};

fn show(facts: &Facts) -> View {
    let Some(checkpoints) = &facts.checkpoints else {
        return View { lead: "The counters of checkpoints are missing.".to_owned(), details: Vec::new() };
    };
    let parameter = |name: &str| {
        let setting = facts.settings.get(name);
        let text = setting.and_then(|s| Some(display::parameter(s.setting.as_deref()?, s.unit.as_deref())));
        evidence(name, text)
    };
    View {
        lead: format!(
            "{}, {} of them before their time.",
            display::counted(checkpoints.total(), "checkpoint", "checkpoints"),
            display::percent(checkpoints.requested_ratio()),
        ),
        details: vec![Detail::Figures {
            items: vec![
                evidence("begun by time", checkpoints.timed),
                evidence("begun on request", checkpoints.requested),
                evidence("on request per hour", checkpoints.requested_per_hour().map_or(Quantity::Unknown, Quantity::Number)),
                evidence("counted for", checkpoints.window),
                parameter("checkpoint_timeout"),
                parameter("checkpoint_completion_target"),
                parameter("max_wal_size"),
                parameter("wal_level"),
            ],
        }],
    }
}
