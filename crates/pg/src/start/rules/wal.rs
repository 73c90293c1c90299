//! The write-ahead log: what needs more than `wal_level = minimal`, and sizes below two segments.

use super::Start;
use crate::display;
use crate::start::host::Host;
use crate::start::problem::Problem;
use crate::unit::Bytes;

pub(super) fn check(start: &Start<'_>, _: &Host) -> Vec<Problem> {
    let mut problems = minimal(start);
    problems.extend(["min_wal_size", "max_wal_size"].into_iter().filter_map(|name| size(start, name)));
    problems
}

fn minimal(start: &Start<'_>) -> Vec<Problem> {
    let settings = start.settings;
    if settings.text("wal_level") != Some("minimal") {
        return Vec::new();
    }
    let senders = settings.integer("max_wal_senders").unwrap_or(0);
    let archives = settings.text("archive_mode").is_some_and(|mode| mode != "off");
    let summarizes = settings.is_on("summarize_wal") == Some(true);
    let needs = [
        ("max_wal_senders", senders > 0, format!("max_wal_senders = {senders}")),
        ("archive_mode", archives, "archive_mode".to_owned()),
        ("summarize_wal", summarizes, "summarize_wal".to_owned()),
    ];
    let broken = needs.into_iter().filter(|(name, needs, _)| *needs && start.touches(&["wal_level", name]));
    broken
        .map(|(name, _, words)| {
            let reason = format!("{words} requires wal_level replica or logical, but wal_level is minimal");
            Problem::certain(&["wal_level", name], reason)
        })
        .collect()
}

fn size(start: &Start<'_>, name: &str) -> Option<Problem> {
    if !start.touches(&[name]) {
        return None;
    }
    let megabytes = start.settings.integer(name)?;
    let segment = start.settings.integer("wal_segment_size")?;
    let least = 2 * segment;
    (megabytes.saturating_mul(1 << 20) < least).then(|| {
        let reason = format!(
            "{name} ({megabytes} MB) must be at least twice wal_segment_size ({})",
            display::bytes(Bytes(segment))
        );
        Problem::certain(&[name], reason)
    })
}
