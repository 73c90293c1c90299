//! Streams a document out, section by section, and seals it with its checksum.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::document::{FORMAT, FORMAT_VERSION, Prereq, Producer, Sampling};
use crate::identity::{Identity, hex};

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

/// What is known of a section once its rows are written.
#[derive(Debug, Default)]
pub struct Tail {
    /// When the section was read, by the collector's clock.
    pub collected_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Since when its counters count, where all rows agree.
    pub stats_reset: Option<String>,
    /// Why part of it is hidden.
    pub limited: Option<String>,
    /// Why it broke off. The rows so far are dropped from reading by `available: false`.
    pub error: Option<String>,
}

/// Writes a document to `W`. Memory does not grow with the number of rows.
pub struct SnapshotWriter<W: Write> {
    out: Hashing<W>,
    sections: u64,
    rows: u64,
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
        out.write_all(b",\"collected_at\":")?;
        json(&mut out, &head.collected_at)?;
        out.write_all(b",\"identity\":")?;
        json(&mut out, head.identity)?;
        out.write_all(b",\"prereqs\":")?;
        json(&mut out, head.prereqs)?;
        out.write_all(b",\"sampling\":")?;
        json(&mut out, head.sampling)?;
        out.write_all(b",\"sections\":{")?;
        Ok(Self { out, sections: 0, rows: 0 })
    }

    /// Begins the section `name` with these columns.
    ///
    /// # Errors
    /// See [`Self::begin`].
    pub fn begin_section(&mut self, name: &str, columns: &[String]) -> io::Result<()> {
        self.section_name(name)?;
        self.out.write_all(b"{\"columns\":")?;
        json(&mut self.out, columns)?;
        self.out.write_all(b",\"rows\":[")?;
        self.rows = 0;
        Ok(())
    }

    /// Writes one row of the section that was begun.
    ///
    /// # Errors
    /// See [`Self::begin`].
    pub fn row(&mut self, values: &[Value]) -> io::Result<()> {
        self.out.write_all(if self.rows == 0 { b"\n" } else { b",\n" })?;
        self.rows += 1;
        json(&mut self.out, values)
    }

    /// Ends the section that was begun.
    ///
    /// # Errors
    /// See [`Self::begin`].
    pub fn end_section(&mut self, tail: &Tail) -> io::Result<()> {
        self.out.write_all(b"],\"available\":")?;
        json(&mut self.out, &tail.error.is_none())?;
        self.out.write_all(b",\"error\":")?;
        json(&mut self.out, &tail.error)?;
        if tail.limited.is_some() {
            self.out.write_all(b",\"limited\":")?;
            json(&mut self.out, &tail.limited)?;
        }
        self.out.write_all(b",\"collected_at\":")?;
        json(&mut self.out, &tail.collected_at)?;
        self.out.write_all(b",\"duration_ms\":")?;
        json(&mut self.out, &tail.duration_ms)?;
        self.out.write_all(b",\"stats_reset\":")?;
        json(&mut self.out, &tail.stats_reset)?;
        self.out.write_all(b"}")
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

fn json<W: Write, T: Serialize + ?Sized>(out: &mut W, value: &T) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
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
        let mut writer = SnapshotWriter::begin(Vec::new(), &head).unwrap();
        writer.begin_section("pg_settings", &["name".to_owned(), "setting".to_owned()]).unwrap();
        writer.row(&[json!("work_mem"), json!("4096")]).unwrap();
        writer.row(&[json!("fsync"), json!("on")]).unwrap();
        writer.end_section(&Tail::default()).unwrap();
        writer.unavailable_section("host", "no right").unwrap();
        let bytes = writer.finish().unwrap();

        let snapshot = crate::read(&bytes).unwrap();
        assert_eq!(snapshot.problems, Vec::<String>::new());
        let settings = snapshot.section::<PgSetting>();
        assert_eq!(settings.rows.len(), 2);
        assert_eq!(settings.rows[1].setting.as_deref(), Some("on"));
    }
}
