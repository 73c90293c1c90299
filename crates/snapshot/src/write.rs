//! Streams a document out, section by section, and seals it with its checksum.

use std::io::{self, Read, Write};

use jiff::Timestamp;
use pgdba_pg::text;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::document::{DiagSnapshot, FORMAT, FORMAT_VERSION, Prereq, Producer, Sampling};
use crate::identity::{Identity, hex};
use crate::section::Partial;

/// What stands before the sections.
#[derive(Debug)]
pub struct Head<'a> {
    /// What makes the document.
    pub producer: &'a Producer,
    /// When, by the collector's clock.
    pub collected_at: Timestamp,
    /// Which cluster it is of.
    pub identity: &'a Identity,
    /// What the server has of the things sections depend on.
    pub prereqs: &'a [Prereq],
    /// How it is sampled.
    pub sampling: &'a Sampling,
}

/// What stands before the sections of a document in which names were replaced.
#[derive(Debug)]
pub struct Redaction<'a> {
    /// What made the document.
    pub producer: &'a Producer,
    /// When, by the collector's clock, where that is known.
    pub collected_at: Option<Timestamp>,
    /// Which cluster it is of.
    pub identity: &'a Identity,
    /// What the server has of the things sections depend on.
    pub prereqs: &'a [Prereq],
    /// How it was sampled.
    pub sampling: &'a Sampling,
    /// Which key restores the names, where that is known.
    pub key: Option<&'a str>,
}

/// The rows of a section as they were read at one time.
pub struct Look<'a> {
    /// When, by the collector's clock.
    pub collected_at: Option<Timestamp>,
    /// Rows that [`write_row`] wrote.
    pub rows: &'a mut dyn Read,
}

/// A section that was read.
pub struct Body<'a> {
    /// The names of the columns, the same for every look.
    pub columns: &'a [String],
    /// The last look, or the only one.
    pub last: Look<'a>,
    /// The first look of a delta.
    pub earlier: Option<Look<'a>>,
    /// Looks between the first and the last.
    pub between: Vec<Look<'a>>,
}

/// What is known of a section besides its rows.
#[derive(Debug, Default)]
pub struct Tail<'a> {
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Since when its counters count, where all rows agree.
    pub stats_reset: Option<String>,
    /// How many times it was sampled, if its rows are counts over several samples.
    pub readings: Option<u64>,
    /// Why part of it is hidden.
    pub limited: Option<&'a str>,
    /// The databases whose part is missing.
    pub partial: &'a [Partial],
}

/// Writes a document to `W`. Memory does not grow with the number of rows.
pub struct SnapshotWriter<W: Write> {
    out: Hashing<W>,
    sections: u64,
}

impl<W: Write> SnapshotWriter<W> {
    /// Begins a document.
    ///
    /// # Errors
    /// Those of the underlying writer, here and in every other method.
    pub fn begin(out: W, head: &Head<'_>) -> io::Result<Self> {
        let mut out = Hashing { inner: out, digest: Sha256::new() };
        write!(out, "{{\"format\":\"{FORMAT}\",\"format_version\":{FORMAT_VERSION},\"producer\":")?;
        json(&mut out, head.producer)?;
        member(&mut out, "collected_at", &head.collected_at)?;
        member(&mut out, "identity", head.identity)?;
        member(&mut out, "prereqs", head.prereqs)?;
        member(&mut out, "sampling", head.sampling)?;
        out.write_all(b",\"sections\":{")?;
        Ok(Self { out, sections: 0 })
    }

    /// Begins a document in which names were replaced.
    ///
    /// # Errors
    /// See [`Self::begin`].
    pub fn begin_redacted(out: W, head: &Redaction<'_>) -> io::Result<Self> {
        let mut out = Hashing { inner: out, digest: Sha256::new() };
        write!(out, "{{\"format\":\"{FORMAT}\",\"format_version\":{FORMAT_VERSION},\"redacted\":true")?;
        member(&mut out, "redaction_key", &head.key)?;
        member(&mut out, "producer", head.producer)?;
        member(&mut out, "collected_at", &head.collected_at)?;
        member(&mut out, "identity", head.identity)?;
        member(&mut out, "prereqs", head.prereqs)?;
        member(&mut out, "sampling", head.sampling)?;
        out.write_all(b",\"sections\":{")?;
        Ok(Self { out, sections: 0 })
    }

    /// Writes a section whose JSON is at hand.
    ///
    /// # Errors
    /// See [`Self::begin`].
    pub fn section_as_it_is(&mut self, name: &str, json: &str) -> io::Result<()> {
        self.section_name(name)?;
        self.out.write_all(text::json(json).as_bytes())
    }

    /// Writes a section that was read.
    ///
    /// # Errors
    /// See [`Self::begin`]; also those of reading the rows.
    pub fn section(&mut self, name: &str, body: Body<'_>, tail: &Tail<'_>) -> io::Result<()> {
        self.section_name(name)?;
        let out = &mut self.out;
        out.write_all(b"{\"columns\":")?;
        json(out, body.columns)?;
        let collected_at = body.last.collected_at;
        rows(out, body.last)?;
        out.write_all(b",\"available\":true,\"error\":null")?;
        if tail.limited.is_some() {
            member(out, "limited", &tail.limited)?;
        }
        if !tail.partial.is_empty() {
            member(out, "partial", tail.partial)?;
        }
        if tail.readings.is_some() {
            member(out, "readings", &tail.readings)?;
        }
        member(out, "collected_at", &collected_at)?;
        member(out, "duration_ms", &tail.duration_ms)?;
        member(out, "stats_reset", &tail.stats_reset)?;
        if let Some(earlier) = body.earlier {
            out.write_all(b",\"earlier\":")?;
            look(out, earlier)?;
        }
        looks_between(out, body.between)?;
        out.write_all(b"}")
    }

    /// Writes a section that could not be read, with the reason.
    ///
    /// # Errors
    /// See [`Self::begin`].
    pub fn unavailable_section(&mut self, name: &str, error: &str) -> io::Result<()> {
        self.section_name(name)?;
        self.out.write_all(b"{\"available\":false,\"error\":")?;
        json(&mut self.out, error)?;
        self.out.write_all(b"}")
    }

    /// Seals the document and gives the writer back.
    ///
    /// # Errors
    /// See [`Self::begin`].
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n}")?;
        let Hashing { mut inner, digest } = self.out;
        writeln!(inner, ",\"checksum\":\"{}\"}}", hex(&digest.finalize()))?;
        inner.flush()?;
        Ok(inner)
    }

    fn section_name(&mut self, name: &str) -> io::Result<()> {
        self.out.write_all(if self.sections == 0 { b"\n" } else { b",\n" })?;
        self.sections += 1;
        json(&mut self.out, name)?;
        self.out.write_all(b":")
    }
}

/// Writes `snapshot`, of the time `collected_at`, with only those of its sections that are among `sections`, sealed again.
///
/// # Errors
/// Those of `out`.
pub fn write_part<W: Write>(
    snapshot: &DiagSnapshot,
    collected_at: Timestamp,
    sections: &[&str],
    out: W,
) -> io::Result<W> {
    let DiagSnapshot { producer, identity, prereqs, sampling, .. } = snapshot;
    let mut writer = if snapshot.redacted {
        let key = snapshot.redaction_key.as_deref();
        let collected_at = Some(collected_at);
        SnapshotWriter::begin_redacted(out, &Redaction { producer, collected_at, identity, prereqs, sampling, key })?
    } else {
        SnapshotWriter::begin(out, &Head { producer, collected_at, identity, prereqs, sampling })?
    };
    for (name, raw) in snapshot.sections.iter().filter(|(name, _)| sections.contains(&name.as_str())) {
        writer.section_as_it_is(name, raw.get())?;
    }
    writer.finish()
}

/// Writes one row as a [`Look`] wants it; `is_first` of its look.
///
/// # Errors
/// Those of `out`.
pub fn write_row(out: &mut impl Write, values: &[Value], is_first: bool) -> io::Result<()> {
    out.write_all(if is_first { b"\n" } else { b",\n" })?;
    json(out, values)
}

fn look(out: &mut impl Write, look: Look<'_>) -> io::Result<()> {
    out.write_all(b"{\"collected_at\":")?;
    json(out, &look.collected_at)?;
    rows(out, look)?;
    out.write_all(b"}")
}

fn looks_between(out: &mut impl Write, looks: Vec<Look<'_>>) -> io::Result<()> {
    if looks.is_empty() {
        return Ok(());
    }
    out.write_all(b",\"between\":")?;
    let mut opening: &[u8] = b"[";
    for between in looks {
        out.write_all(opening)?;
        look(out, between)?;
        opening = b",";
    }
    out.write_all(b"]")
}

fn rows(out: &mut impl Write, look: Look<'_>) -> io::Result<()> {
    out.write_all(b",\"rows\":[")?;
    io::copy(look.rows, out)?;
    out.write_all(b"]")
}

fn member<T: Serialize + ?Sized>(out: &mut impl Write, name: &str, value: &T) -> io::Result<()> {
    write!(out, ",\"{name}\":")?;
    json(out, value)
}

/// With escapes for what must not be printed: a document may be written to a terminal.
fn json<T: Serialize + ?Sized>(out: &mut impl Write, value: &T) -> io::Result<()> {
    out.write_all(text::json(&serde_json::to_string(value)?).as_bytes())
}

/// Digests what passes through.
struct Hashing<W> {
    inner: W,
    digest: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sections::pg_settings::PgSetting;

    #[test]
    fn what_is_written_reads_back_unchanged() {
        let head = Head {
            producer: &Producer { name: "test".to_owned(), ..Producer::default() },
            collected_at: Timestamp::UNIX_EPOCH,
            identity: &Identity::default(),
            prereqs: &[],
            sampling: &Sampling::default(),
        };
        let columns = ["name".to_owned(), "setting".to_owned()];
        let mut rows = Vec::new();
        write_row(&mut rows, &[json!("work_mem"), json!("4096")], true).unwrap();
        write_row(&mut rows, &[json!("fsync"), json!("on")], false).unwrap();
        let mut earlier = Vec::new();
        write_row(&mut earlier, &[json!("work_mem"), json!("1024")], true).unwrap();
        let (mut rows, mut earlier, mut none) = (rows.as_slice(), earlier.as_slice(), io::empty());
        let at = Some(Timestamp::UNIX_EPOCH);
        let body = Body {
            columns: &columns,
            last: Look { collected_at: at, rows: &mut rows },
            earlier: Some(Look { collected_at: at, rows: &mut earlier }),
            between: vec![Look { collected_at: at, rows: &mut none }],
        };
        let partial = [Partial { datname: "gone".to_owned(), error: "it was dropped".to_owned() }];
        let mut writer = SnapshotWriter::begin(Vec::new(), &head).unwrap();
        writer.section("pg_settings", body, &Tail { partial: &partial, ..Tail::default() }).unwrap();
        writer.unavailable_section("host", "no right").unwrap();
        let bytes = writer.finish().unwrap();

        let snapshot = crate::read(&bytes).unwrap();
        assert_eq!(snapshot.problems, Vec::<String>::new());
        let settings = snapshot.section::<PgSetting>();
        assert_eq!(settings.rows.len(), 2);
        assert_eq!(settings.rows[1].setting.as_deref(), Some("on"));
        assert_eq!(settings.partial, partial);
        let earlier = settings.earlier.unwrap();
        assert_eq!((earlier.collected_at, earlier.rows[0].setting.as_deref()), (at, Some("1024")));
        assert_eq!(settings.between.iter().map(|sample| sample.rows.len()).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn a_part_has_its_sections_only_and_a_checksum_that_matches() {
        for redacted in ["", r#""redacted":true,"redaction_key":"k","#, r#""redacted":true,"#] {
            let text = format!(
                r#"{{"format":"{FORMAT}","format_version":1,{redacted}"collected_at":"2026-01-01T00:00:00Z",
                    "sections":{{"host":{{"available":false}},"system":{{"columns":["a"],"rows":[]}}}},"checksum":"x"}}"#
            );
            let whole = crate::read(text.as_bytes()).unwrap();
            let part = write_part(&whole, whole.collected_at.unwrap(), &["system", "pg_class"], Vec::new()).unwrap();
            let part = crate::read(&part).unwrap();
            assert_eq!(part.sections.keys().collect::<Vec<_>>(), ["system"]);
            assert_eq!((part.checksum_fits, part.collected_at), (Some(true), whole.collected_at));
            assert_eq!((part.redacted, part.redaction_key), (whole.redacted, whole.redaction_key));
        }
    }
}
