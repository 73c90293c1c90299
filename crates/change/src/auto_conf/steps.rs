//! The way from one file to another.

use super::alter::{Alter, set_from_file, set_of};
use super::file::{AutoConf, Entry};

/// Parameters that are reset only to have the file written anew; of these one that does not stand in it.
const UNUSED: [&str; 6] = [
    "trace_notify",
    "debug_print_parse",
    "debug_print_rewritten",
    "debug_print_plan",
    "log_parser_stats",
    "log_planner_stats",
];

/// How to get from one file to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// The statements, in this order. After each of them [`steps`] finds the rest of the way.
    pub steps: Vec<Alter>,
    /// Why the bytes cannot be reached; empty where they can.
    pub reasons: Vec<String>,
}

impl Restore {
    /// Whether the statements lead to exactly the bytes of the target.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// The shortest sequence of statements that makes `current` the file `target` on a server of this major version.
///
/// What is set moves to the end of the file. So the longest beginning of the target that stands in `current` in that order
/// stays untouched, and all that comes after it is set again.
#[must_use]
pub fn steps(current: &AutoConf, target: &AutoConf, major: i64) -> Restore {
    if current.bytes() == target.bytes() {
        return Restore { steps: Vec::new(), reasons: Vec::new() };
    }
    let mut reasons = Vec::new();
    if !target.is_canonical() {
        reasons.push("the file held comments or spellings that ALTER SYSTEM does not write".to_owned());
    }
    let (kept, sets) = way(current, target.entries(), major).unwrap_or_else(|| {
        let nearest = nearest(current, target.entries(), major, &mut reasons);
        way(current, &nearest, major).unwrap_or_default()
    });
    let mut steps = resets(current, &kept, &sets);
    steps.extend(sets);
    if steps.is_empty() && current.bytes() != target.render() && reasons.is_empty() {
        match UNUSED.iter().find(|name| current.get(name).is_none()) {
            Some(name) => steps.push(Alter::Reset { name: (*name).to_owned() }),
            None => {
                reasons.push("no parameter is left whose reset would have the server write the file anew".to_owned())
            }
        }
    }
    Restore { steps, reasons }
}

/// What of the goal stays untouched, as much as possible, and what is set again after it; `None` where statements cannot
/// write the goal.
fn way(current: &AutoConf, goal: &[Entry], major: i64) -> Option<(Vec<Entry>, Vec<Alter>)> {
    (0..=goal.len()).rev().find_map(|kept| {
        let (head, tail) = goal.split_at_checked(kept)?;
        let sets = stays(current, goal, kept).then(|| exact_sets(tail, major)).flatten()?;
        Some((head.to_vec(), sets))
    })
}

/// Whether the first `kept` entries of the goal stand in the current file just so, and no other entries of these parameters do.
fn stays(current: &AutoConf, goal: &[Entry], kept: usize) -> bool {
    let (head, tail) = goal.split_at_checked(kept).unwrap_or((goal, &[]));
    let is_kept = |entry: &&Entry| head.iter().any(|kept| kept.is(&entry.name));
    current.entries().iter().filter(is_kept).eq(head) && !tail.iter().any(|entry| is_kept(&entry))
}

/// The statements that write these entries one after the other; `None` where one of them cannot be written, or stands there twice.
fn exact_sets(entries: &[Entry], major: i64) -> Option<Vec<Alter>> {
    let is_last =
        |(position, entry): (usize, &Entry)| !entries.iter().skip(position + 1).any(|later| later.is(&entry.name));
    if !entries.iter().enumerate().all(is_last) {
        return None;
    }
    entries.iter().map(|entry| set_from_file(&entry.name, &entry.value, major)).collect()
}

/// The nearest that can be reached where the goal cannot: what is set again stands there once, and lists are spelled as the
/// server spells them.
fn nearest(current: &AutoConf, goal: &[Entry], major: i64, reasons: &mut Vec<String>) -> Vec<Entry> {
    let kept = (0..=goal.len()).rev().find(|&kept| stays(current, goal, kept)).unwrap_or(0);
    let (head, tail) = goal.split_at_checked(kept).unwrap_or_default();
    let mut nearest = head.to_vec();
    for (position, entry) in tail.iter().enumerate() {
        let name = &entry.name;
        if tail.iter().skip(position + 1).any(|later| later.is(name)) {
            reasons.push(format!(
                "{name} stood in the file twice; ALTER SYSTEM writes it once, with the value that counts"
            ));
            continue;
        }
        let exact = set_from_file(name, &entry.value, major).map(|_| entry.value.clone());
        let spelled = || entry.text().and_then(|text| set_of(name, text, major).ok()?.written(major));
        match (exact, spelled()) {
            (Some(value), _) => nearest.push(Entry { name: name.clone(), value }),
            (None, Some(text)) => {
                reasons.push(format!("the value of {name} was spelled in a way that ALTER SYSTEM does not write"));
                nearest.push(Entry { name: name.clone(), value: text.into_bytes() });
            }
            (None, None) => {
                reasons
                    .push(format!("ALTER SYSTEM cannot write the value that {name} had; it must be put back by hand"));
            }
        }
    }
    nearest
}

/// Takes out what is neither kept nor set again, in the order of the current file.
fn resets(current: &AutoConf, kept: &[Entry], sets: &[Alter]) -> Vec<Alter> {
    let mut resets: Vec<Alter> = Vec::new();
    for Entry { name, .. } in current.entries() {
        let is_done = kept.iter().any(|entry| entry.is(name))
            || sets.iter().chain(&resets).any(|alter| alter.name().eq_ignore_ascii_case(name));
        if !is_done {
            resets.push(Alter::Reset { name: name.clone() });
        }
    }
    resets
}
