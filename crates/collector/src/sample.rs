//! The rows of a section as they were read at one time, kept until the document takes them.
//!
//! A section enters the document only when it is whole, and the looks of a delta come long before their document. So
//! rows are kept here first: in memory while they are few, else in a file without a name, which nobody else can open
//! and which ends with the process.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use jiff::Timestamp;
use pgdba_snapshot::section::Partial;
use pgdba_snapshot::write::{Look, Tail, write_row};
use serde_json::Value;
use tempfile::SpooledTempFile;

use crate::wording::Unwritable;

/// Bytes of rows that stay in memory.
const IN_MEMORY: usize = 512 * 1024;

/// One look at one section.
#[derive(Debug)]
pub(crate) struct Sample {
    rows: BufWriter<SpooledTempFile>,
    /// The names of the columns, once they are known.
    pub(crate) columns: Vec<String>,
    /// How many rows there are.
    pub(crate) count: u64,
    /// When it was begun, by the collector's clock.
    pub(crate) collected_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub(crate) duration_ms: f64,
    /// How many times it was sampled, if its rows are counts over several samples.
    pub(crate) readings: Option<u64>,
    /// Since when the counters count, where all rows agree.
    pub(crate) stats_reset: Agreement,
    /// Why part of it is hidden.
    pub(crate) limited: Option<String>,
    /// The databases whose part is missing.
    pub(crate) partial: Vec<Partial>,
}

/// A place in a sample to go back to.
pub(crate) struct Mark {
    length: u64,
    count: u64,
    stats_reset: Agreement,
}

impl Sample {
    pub(crate) fn new() -> Self {
        Self {
            rows: BufWriter::new(SpooledTempFile::new(IN_MEMORY)),
            columns: Vec::new(),
            count: 0,
            collected_at: None,
            duration_ms: 0.0,
            readings: None,
            stats_reset: Agreement::Nothing,
            limited: None,
            partial: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, values: &[Value]) -> io::Result<()> {
        write_row(&mut self.rows, values, self.count == 0).map_err(temporary_file_failed)?;
        self.count += 1;
        Ok(())
    }

    /// Adds columns with the same values in each row. For samples of few rows, which are read again.
    pub(crate) fn widen(&mut self, columns: Vec<(String, Value)>) -> io::Result<()> {
        let mut text = String::new();
        self.look()?.rows.read_to_string(&mut text)?;
        let rows: Vec<Vec<Value>> = serde_json::from_str(&format!("[{text}]"))?;
        self.rewind(Mark { length: 0, count: 0, stats_reset: self.stats_reset.clone() })?;
        let (names, values): (Vec<String>, Vec<Value>) = columns.into_iter().unzip();
        self.columns.extend(names);
        rows.into_iter().try_for_each(|row| self.push(&[row, values.clone()].concat()))
    }

    /// Remembers what there is.
    pub(crate) fn mark(&mut self) -> io::Result<Mark> {
        let length = self.rows.stream_position().map_err(temporary_file_failed)?;
        Ok(Mark { length, count: self.count, stats_reset: self.stats_reset.clone() })
    }

    /// Drops what came after `mark`.
    pub(crate) fn rewind(&mut self, mark: Mark) -> io::Result<()> {
        self.rows.flush().map_err(temporary_file_failed)?;
        self.rows.get_mut().set_len(mark.length)?;
        self.rows.seek(SeekFrom::Start(mark.length))?;
        self.count = mark.count;
        self.stats_reset = mark.stats_reset;
        Ok(())
    }

    /// The rows from the first on, for the document.
    pub(crate) fn look(&mut self) -> io::Result<Look<'_>> {
        self.rows.flush().map_err(temporary_file_failed)?;
        let rows = self.rows.get_mut();
        rows.seek(SeekFrom::Start(0))?;
        Ok(Look { collected_at: self.collected_at, rows })
    }

    /// What the document says besides the rows.
    pub(crate) fn tail(facts: &Facts) -> Tail<'_> {
        Tail {
            duration_ms: facts.duration_ms,
            readings: facts.readings,
            stats_reset: facts.stats_reset.clone(),
            limited: facts.limited.as_deref(),
            partial: &facts.partial,
        }
    }

    /// Takes out what the document says besides the rows, so that the rows can be read meanwhile.
    pub(crate) fn take_facts(&mut self) -> Facts {
        Facts {
            columns: std::mem::take(&mut self.columns),
            duration_ms: self.duration_ms,
            readings: self.readings,
            stats_reset: self.stats_reset.time(),
            limited: self.limited.take(),
            partial: std::mem::take(&mut self.partial),
        }
    }
}

/// A failure of the file that the rows wait in, not of the document's.
fn temporary_file_failed(source: io::Error) -> io::Error {
    Unwritable::named(format!("a temporary file in \"{}\"", std::env::temp_dir().display()), source)
}

/// What a sample says besides its rows.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) columns: Vec<String>,
    duration_ms: f64,
    readings: Option<u64>,
    stats_reset: Option<String>,
    pub(crate) limited: Option<String>,
    pub(crate) partial: Vec<Partial>,
}

/// Whether all rows say the same.
#[derive(Debug, Clone)]
pub(crate) enum Agreement {
    Nothing,
    On(Value),
    Broken,
}

impl Agreement {
    pub(crate) fn hear(&mut self, value: &Value) {
        match self {
            Self::Nothing => *self = Self::On(value.clone()),
            Self::On(first) if first != value => *self = Self::Broken,
            Self::On(_) | Self::Broken => {}
        }
    }

    /// The time all rows agree on.
    fn time(&self) -> Option<String> {
        match self {
            Self::On(Value::String(time)) => Some(time.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use super::*;

    fn text(sample: &mut Sample) -> String {
        let mut text = String::new();
        sample.look().unwrap().rows.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn what_broke_off_leaves_nothing_behind() {
        let mut sample = Sample::new();
        sample.push(&[json!(1)]).unwrap();
        let mark = sample.mark().unwrap();
        for _ in 0..100_000 {
            sample.push(&[json!("a long enough row to fill more than what stays in memory")]).unwrap();
        }
        sample.rewind(mark).unwrap();
        sample.push(&[json!(2)]).unwrap();
        assert_eq!((text(&mut sample).as_str(), sample.count), ("\n[1],\n[2]", 2));
    }

    #[test]
    fn columns_are_added_to_every_row() {
        let mut sample = Sample::new();
        sample.columns.push("a".to_owned());
        sample.push(&[json!("x")]).unwrap();
        sample.push(&[json!(null)]).unwrap();
        sample.widen(vec![("b".to_owned(), json!(7))]).unwrap();
        assert_eq!((text(&mut sample).as_str(), sample.count), ("\n[\"x\",7],\n[null,7]", 2));
        assert_eq!(sample.columns, ["a", "b"]);
    }

    #[test]
    fn a_reset_counts_for_the_section_only_if_all_rows_had_it() {
        let agreed = |values: &[Value]| {
            let mut agreement = Agreement::Nothing;
            values.iter().for_each(|value| agreement.hear(value));
            agreement.time()
        };
        assert_eq!(agreed(&[]), None);
        assert_eq!(agreed(&[json!("a"), json!("a")]), Some("a".to_owned()));
        assert_eq!(agreed(&[json!("a"), json!(null), json!("a")]), None);
    }
}
