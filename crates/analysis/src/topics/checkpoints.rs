//! Requested and timed checkpoints.

use pgdba_pg::display;

use super::{Shown, Topic};
use crate::facts::settings::Settings;
use crate::facts::{View, declared};
use crate::{Block, Checked, Figure, Quantity};

/// Checkpoints, requested and timed.
pub static TOPIC: Topic = Topic {
    name: "checkpoints",
    title: "Checkpoints and WAL",
    reads: &[&declared::checkpoints, &declared::settings],
    show,
};

fn show(view: &View<'_>) -> Checked<Shown> {
    let checkpoints = view.checkpoints()?;
    let settings = view.settings()?;
    let parameter = |name: &str| Figure::parameter(name, settings.get(name).and_then(Settings::displayed));
    let total = display::counted(checkpoints.total(), "checkpoint", "checkpoints");
    let in_window = checkpoints.sampled.iter().flat_map(|(sampled, growth)| {
        let over = sampled.words();
        [
            Figure::new("timed_per_second", growth.per_second(|row| Some(row.timed)))
                .labelled(&format!("timed, over the {over} of the delta")),
            Figure::new("requested_per_second", growth.per_second(|row| Some(row.requested)))
                .labelled(&format!("requested, over the {over} of the delta")),
        ]
    });
    let in_window: Vec<Figure> = in_window.collect();
    Ok(Shown {
        lead: checkpoints.requested_ratio().map_or_else(
            || format!("{total}."),
            |requested| format!("{total}, {} requested rather than timed.", display::percent(requested)),
        ),
        blocks: vec![Block::Figures {
            items: [
                Figure::new("timed", checkpoints.timed).labelled("timed checkpoints"),
                Figure::new("requested", checkpoints.requested).labelled("requested checkpoints"),
                Figure::new(
                    "requested_per_hour",
                    checkpoints.requested_per_hour().map_or(Quantity::Unknown, Quantity::Number),
                )
                .labelled("requested checkpoints per hour"),
                Figure::new("counted_for", checkpoints.window.length).labelled("measured over"),
                parameter("checkpoint_timeout"),
                parameter("checkpoint_completion_target"),
                parameter("max_wal_size"),
                parameter("wal_level"),
            ]
            .into_iter()
            .chain(in_window)
            .collect(),
        }],
    })
}
