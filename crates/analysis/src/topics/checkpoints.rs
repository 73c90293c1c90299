//! Requested and timed checkpoints.

use pgdba_pg::{Bytes, display};

use super::{Shown, Topic};
use crate::facts::settings::Settings;
use crate::facts::wal::Wal;
use crate::facts::{View, declared};
use crate::{Block, Checked, Figure, Quantity};

/// Checkpoints, requested and timed.
pub static TOPIC: Topic = Topic {
    name: "checkpoints",
    title: "Checkpoints and WAL",
    reads: &[&declared::checkpoints, &declared::settings, &declared::wal],
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
            .chain(view.wal().ok().into_iter().flat_map(written))
            .collect(),
        }],
    })
}

/// How much WAL is written, and what of it is in `pg_wal`.
fn written(wal: &Wal) -> Vec<Figure> {
    let counters = wal.counters().ok();
    let directory = wal.directory.as_ref();
    let own = [
        Figure::new("wal_bytes", counters.and_then(|row| row.wal_bytes).map(Bytes)).labelled("WAL written"),
        Figure::new("full_pages", wal.full_page_share()).labelled("full pages in WAL, at most"),
        Figure::new("wal_buffers_full", counters.and_then(|row| row.wal_buffers_full)).labelled("times WAL buffers were full"),
        Figure::new("pg_wal", directory.and_then(|row| row.wal_bytes).map(Bytes)).labelled("size of pg_wal"),
    ];
    own.into_iter().chain(wal.figures()).filter(|figure| figure.value != Quantity::Unknown).collect()
}
