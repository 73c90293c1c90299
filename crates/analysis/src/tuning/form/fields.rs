//! The fields of a form.

use pgdba_pg::ServerVersion;
use serde::Serialize;

use super::values::{UNITS, Values};
use crate::facts::Facts;
use crate::tuning::{Given, Machine};

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in [`Values`].
    pub name: &'static str,
    /// What is asked for.
    pub label: &'static str,
    /// What is in it at first; empty if unknown.
    pub value: String,
    /// What it means while it is empty, such as what the snapshot shows; empty if that is unknown.
    pub fallback: String,
    /// What to know about it; often empty.
    pub hint: &'static str,
    /// What can be chosen; empty if it is written.
    pub choices: Vec<Choice>,
    /// Whether it completes the field before it and is displayed beside that.
    pub is_unit: bool,
}

/// What can be chosen in a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The word for it.
    pub value: String,
    /// The words that are displayed.
    pub label: String,
}

/// Words and what is displayed for them.
type Words = [(&'static str, &'static str)];

const SYSTEMS: &Words = &[("linux", "Linux"), ("windows", "Windows"), ("mac", "macOS")];

const WORKLOADS: &Words = &[
    ("mixed", "Mixed"),
    ("oltp", "Transactions (OLTP)"),
    ("olap", "Analytical (OLAP)"),
    ("web", "Web application"),
    ("desktop", "Workstation"),
];

/// For a server whose hardware is unknown.
const CONSERVATIVE: (&str, &str) = ("remote-conservative", "Conservative");

const STORAGE: &Words =
    &[("ssd", "SSD (SATA, SAS)"), ("nvme", "SSD (NVMe)"), ("san", "Storage network"), ("hdd", "Rotating disks")];

const DATA_SIZES: &Words =
    &[("less-ram", "Fits in memory"), ("mid-ram", "As large as memory"), ("greater-ram", "Larger than memory")];

const NOT_IN_SNAPSHOT: &str = "Not in the snapshot";
const OPTIONAL: &str = "Optional";

/// The form for the server of a snapshot, with what the snapshot shows.
#[must_use]
pub fn fields(facts: &Facts<'_>) -> Vec<Field> {
    let shown = Values::of(&Machine::of(facts, &Given::default()));
    let unknown = shown.storage.is_empty().then_some(("", "Unknown"));
    let workloads: Vec<_> = WORKLOADS.iter().copied().chain([CONSERVATIVE]).collect();
    let storage: Vec<_> = unknown.into_iter().chain(STORAGE.iter().copied()).collect();
    let data_sizes: Vec<_> = [("", "As in the snapshot")].into_iter().chain(DATA_SIZES.iter().copied()).collect();
    vec![
        chosen("workload", "Workload", &shown.workload, &workloads),
        seen("memory", "Memory", &shown.memory),
        unit(&shown),
        seen("cpus", "Processors", &shown.cpus),
        chosen("storage", "Storage", &shown.storage, &storage),
        seen("connections", "Connections", &shown.connections),
        chosen("data_size", "Size of the data", &shown.data_size, &data_sizes),
    ]
}

/// The form for PGTune's formulas alone.
#[must_use]
pub fn fields_without_server() -> Vec<Field> {
    let first = Values::without_server();
    vec![
        versions(&first.version),
        chosen("os", "Operating system", &first.os, SYSTEMS),
        chosen("workload", "Workload", &first.workload, WORKLOADS),
        written("memory", "Memory", &first.memory, ""),
        unit(&first),
        written("cpus", "Processors", &first.cpus, OPTIONAL),
        chosen("storage", "Storage", &first.storage, STORAGE),
        written("connections", "Connections", &first.connections, OPTIONAL),
        chosen("data_size", "Size of the data", &first.data_size, DATA_SIZES),
    ]
}

/// A field to write in, which the snapshot fills in if it can.
fn seen(name: &'static str, label: &'static str, value: &str) -> Field {
    let hint = if value.is_empty() { NOT_IN_SNAPSHOT } else { "" };
    Field { fallback: value.to_owned(), ..written(name, label, value, hint) }
}

/// A field to write in.
fn written(name: &'static str, label: &'static str, value: &str, hint: &'static str) -> Field {
    Field { hint, ..chosen(name, label, value, &[]) }
}

fn chosen(name: &'static str, label: &'static str, value: &str, words: &Words) -> Field {
    let choice = |(value, label): &(&str, &str)| Choice { value: (*value).to_owned(), label: (*label).to_owned() };
    let choices = words.iter().map(choice).collect();
    Field { name, label, value: value.to_owned(), fallback: String::new(), hint: "", choices, is_unit: false }
}

fn unit(values: &Values) -> Field {
    Field {
        is_unit: true,
        ..chosen("memory_unit", "Unit of memory", &values.memory_unit, &UNITS.map(|unit| (unit, unit)))
    }
}

/// The newest first.
fn versions(value: &str) -> Field {
    let majors = ServerVersion::KNOWN_MAJORS.iter().rev().map(ToString::to_string);
    let choices = majors.map(|major| Choice { value: major.clone(), label: major }).collect();
    Field { choices, ..chosen("version", "PostgreSQL version", value, &[]) }
}
