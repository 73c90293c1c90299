//! What is in the fields of a form, and what it means.

use std::ops::RangeInclusive;

use pgdba_pg::{Bytes, ServerVersion, display};
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Serialize};

use crate::tuning::given::{CONNECTIONS, CPUS, SizeError, size};
use crate::tuning::{DataSize, Given, Input, Machine, Storage, Workload};

/// Versions that the formulas know.
const MAJORS: RangeInclusive<i64> = 12..=99;

/// Units of memory that are offered.
pub(super) const UNITS: [&str; 3] = ["MB", "GB", "TB"];

/// The unit of memory that is offered first.
const UNIT: &str = "GB";

/// The texts in the fields of a form; a field that is not filled in is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Values {
    /// The major version of PostgreSQL.
    pub version: String,
    /// The operating system, as on the command line.
    pub os: String,
    /// The workload, as on the command line.
    pub workload: String,
    /// The memory in `memory_unit`.
    pub memory: String,
    /// `MB`, `GB` or `TB`.
    pub memory_unit: String,
    /// The number of processors.
    pub cpus: String,
    /// The storage, as on the command line.
    pub storage: String,
    /// The number of connections.
    pub connections: String,
    /// The size of the data compared with the memory, as on the command line.
    pub data_size: String,
}

/// A field that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Its name.
    pub field: &'static str,
    /// What to write instead: a sentence.
    pub message: String,
}

impl Values {
    /// What a snapshot shows of a machine.
    pub(super) fn of(machine: &Machine) -> Self {
        let memory = machine.memory.map(display::bytes).unwrap_or_default();
        let (memory, unit) = memory.split_once(' ').filter(|(_, unit)| UNITS.contains(unit)).unwrap_or(("", UNIT));
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        Self {
            workload: Workload::default().word().to_owned(),
            memory: memory.to_owned(),
            memory_unit: unit.to_owned(),
            cpus: number(machine.cpus),
            storage: machine.storage.map(Storage::word).unwrap_or_default().to_owned(),
            connections: number(machine.connections),
            ..Self::default()
        }
    }

    /// What is offered first where there is no snapshot.
    pub(super) fn without_server() -> Self {
        Self {
            version: newest().to_string(),
            os: "linux".to_owned(),
            workload: Workload::default().word().to_owned(),
            memory: "16".to_owned(),
            memory_unit: UNIT.to_owned(),
            storage: Storage::Ssd.word().to_owned(),
            data_size: DataSize::MidRam.word().to_owned(),
            ..Self::default()
        }
    }

    /// What replaces `shown`, which the snapshot shows: the fields that are neither empty nor the same.
    pub(super) fn given(&self, shown: &Self) -> Result<Given, Vec<Wrong>> {
        let mut check = Check::default();
        let is_same = (&self.memory, &self.memory_unit) == (&shown.memory, &shown.memory_unit);
        let given = Given {
            workload: check.word("workload", &self.workload),
            memory: if is_same { None } else { check.memory(self) },
            cpus: check.number("cpus", changed(&self.cpus, &shown.cpus), CPUS),
            storage: check.word("storage", changed(&self.storage, &shown.storage)),
            connections: check.number("connections", changed(&self.connections, &shown.connections), CONNECTIONS),
            data_size: check.word("data_size", &self.data_size),
            wal_space: None,
        };
        check.ended(given)
    }

    /// What the formulas need.
    pub(super) fn input(&self) -> Result<Input, Vec<Wrong>> {
        let mut check = Check::default();
        let memory = check.memory(self);
        if self.memory.trim().is_empty() {
            check.add("memory", "Enter the memory of the host.".to_owned());
        }
        let workload = check.word("workload", &self.workload).unwrap_or_default();
        if workload == Workload::RemoteConservative {
            check.add("workload", "PGTune does not have this workload.".to_owned());
        }
        let input = Input {
            major: check.number("version", &self.version, MAJORS).unwrap_or_else(newest),
            os: check.word("os", &self.os).unwrap_or_default(),
            workload,
            memory: memory.unwrap_or_default(),
            cpus: check.number("cpus", &self.cpus, CPUS),
            connections: check.number("connections", &self.connections, CONNECTIONS),
            storage: check.word("storage", &self.storage).unwrap_or(Storage::Ssd),
            data_size: check.word("data_size", &self.data_size).unwrap_or(DataSize::MidRam),
        };
        check.ended(input)
    }
}

/// A text, if it is not the one that is shown.
fn changed<'a>(text: &'a str, shown: &str) -> &'a str {
    if text == shown { "" } else { text }
}

fn newest() -> i64 {
    ServerVersion::KNOWN_MAJORS.into_iter().max().unwrap_or_default()
}

/// Reads fields and notes those that cannot be used.
#[derive(Default)]
struct Check {
    wrong: Vec<Wrong>,
}

impl Check {
    fn add(&mut self, field: &'static str, message: String) {
        self.wrong.push(Wrong { field, message });
    }

    fn ended<T>(self, read: T) -> Result<T, Vec<Wrong>> {
        if self.wrong.is_empty() { Ok(read) } else { Err(self.wrong) }
    }

    /// The content of a field; none if it is empty or cannot be used.
    fn read<T>(&mut self, field: &'static str, text: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        read(text).map_err(|message| self.add(field, message)).ok()
    }

    /// One of the words of a type.
    fn word<T: DeserializeOwned>(&mut self, field: &'static str, text: &str) -> Option<T> {
        self.read(field, text, |text| {
            let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
            T::deserialize(deserializer).map_err(|_| "Choose one of the list.".to_owned())
        })
    }

    fn number(&mut self, field: &'static str, text: &str, range: RangeInclusive<i64>) -> Option<i64> {
        self.read(field, text, |text| {
            text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
                let [least, most] = [range.start(), range.end()].map(|limit| display::count(*limit));
                format!("Enter a whole number from {least} to {most}.")
            })
        })
    }

    fn memory(&mut self, values: &Values) -> Option<Bytes> {
        self.read("memory", &values.memory, |number| {
            size(&format!("{number}{}", values.memory_unit)).map_err(|error| match error {
                SizeError::Form => "Enter a number, such as 64 or 1.5.".to_owned(),
                SizeError::Range => "Enter a size from 1 kB to 1 PB.".to_owned(),
            })
        })
    }
}
