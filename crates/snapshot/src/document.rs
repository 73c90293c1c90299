//! The document around the sections.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_pg::ServerVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::identity::Identity;
use crate::row::Row;
use crate::rows::{Section, UntypedSection};

/// The value of the member `format` in every snapshot.
pub const FORMAT: &str = "pgdba.diag_snapshot";

/// The newest `format_version` this build reads and the one it writes.
pub const FORMAT_VERSION: i64 = 1;

/// What made the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Producer {
    /// The program: `pgdba`, `pgdba-collect`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `native` or `psql`.
    pub via: String,
}

/// Something that sections depend on and that a server might lack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Prereq {
    /// Its name, such as `pg_stat_statements`.
    pub name: String,
    /// Whether it is installed and usable.
    pub available: bool,
    /// Its version as the server prints it, such as `1.11`.
    pub version: Option<String>,
    /// Why it is not usable.
    pub error: Option<String>,
}

/// How the figures were sampled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Sampling {
    /// `single`: one sample; `delta`: cumulative sections were sampled twice.
    pub mode: String,
    /// Seconds between the two samples of a delta.
    pub interval_seconds: Option<f64>,
    /// The requested number of seconds; more than the actual number if the delta was ended early.
    pub requested_seconds: Option<f64>,
    /// The part of a delta in which the connection was lost and nothing was sampled.
    pub gap: Option<Gap>,
    /// The maximum number of entries of pg_stat_statements.
    pub statements: Option<i64>,
}

/// A part of a delta in which nothing was sampled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Gap {
    /// Seconds from the start of the delta to the loss of the connection.
    pub after_seconds: f64,
    /// Seconds until the connection was restored.
    pub seconds: f64,
}

/// A snapshot that was read. Sections stay as text until a caller asks for their rows.
#[derive(Debug, Default)]
pub struct DiagSnapshot {
    /// `format_version` of the document.
    pub format_version: i64,
    /// What made it.
    pub producer: Producer,
    /// When it was made, by the collector's clock; `None` where the document does not say.
    pub collected_at: Option<Timestamp>,
    /// Which cluster it is of.
    pub identity: Identity,
    /// What the server has of the things sections depend on.
    pub prereqs: Vec<Prereq>,
    /// How it was sampled.
    pub sampling: Sampling,
    /// The sections by name, unread.
    pub sections: BTreeMap<String, Box<RawValue>>,
    /// The document's own checksum, where it has one.
    pub checksum: Option<String>,
    /// Whether the checksum is that of the document's bytes, where it has one.
    pub checksum_fits: Option<bool>,
    /// Whether tokens stand in place of names.
    pub redacted: bool,
    /// Which key restores the names of a redacted document.
    pub redaction_key: Option<String>,
    /// What was odd while reading, one sentence each; shown in every face.
    pub problems: Vec<String>,
}

impl DiagSnapshot {
    /// The section of the row type `R`.
    #[must_use]
    pub fn section<R: Row>(&self) -> Section<R> {
        self.sections.get(R::SPEC.name).map_or_else(Section::absent, |raw| Section::from_json(raw.get()))
    }

    /// The same without its rows, each of which is handed to `each` instead, so that a large section is not held in memory.
    pub fn visit<R: Row>(&self, each: impl FnMut(R)) -> Section<R> {
        self.sections.get(R::SPEC.name).map_or_else(Section::absent, |raw| Section::visit(raw.get(), each))
    }

    /// The digest that names the cluster. That of a redacted document is what it says itself: the names it could be made
    /// of are tokens.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        if self.redacted {
            return self.identity.fingerprint.clone();
        }
        self.identity.fingerprint_of().map(|fingerprint| fingerprint.digest)
    }

    /// The server's version, `None` where the document does not say.
    #[must_use]
    pub fn server_version(&self) -> Option<ServerVersion> {
        self.identity.server_version_num.map(ServerVersion)
    }
}

/// The section `name` of `snapshot` without its types.
#[must_use]
pub fn read_table(snapshot: &DiagSnapshot, name: &str) -> UntypedSection {
    UntypedSection::from_json(snapshot.sections.get(name).map(|raw| raw.get()))
}
