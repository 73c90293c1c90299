//! What sessions wait for, counted over many samples.

use std::borrow::Cow;
use std::collections::BTreeMap;

use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::section::Mask;
use serde_json::Value;
use tokio_postgres::{SimpleColumn, SimpleQueryRow};

use crate::fault::Fault;
use crate::mask::masked;
use crate::missing::Missing;
use crate::run::now;
use crate::sample::Sample;
use crate::session::{Rows, cell};

/// What sessions were seen to wait for, counted.
pub(super) struct Waits {
    spec: &'static SectionSpec,
    columns: Vec<(String, Option<Mask>)>,
    counts: BTreeMap<Vec<Option<String>>, i64>,
    /// How many times it was counted.
    readings: u64,
    /// Why it was not counted, the last time it was not.
    pub(super) missing: Option<Missing>,
    /// What the role does not see of it.
    pub(super) limited: Option<String>,
}

impl Waits {
    pub(super) fn new(spec: &'static SectionSpec) -> Self {
        Self { spec, columns: Vec::new(), counts: BTreeMap::new(), readings: 0, missing: None, limited: None }
    }

    /// Takes note of one reading that came to its end.
    pub(super) fn was_read(&mut self) {
        self.readings += 1;
    }

    /// The counts as rows, or why there are none.
    pub(super) fn into_sample(self) -> Result<Result<Sample, Missing>, Fault> {
        if let Some(missing) = self.missing.filter(|_| self.readings == 0) {
            return Ok(Err(missing));
        }
        let mut sample = Sample::new();
        sample.columns = self.columns.into_iter().map(|(name, _)| name).collect();
        sample.collected_at = Some(now());
        sample.readings = Some(self.readings);
        sample.limited = self.limited;
        for (words, count) in self.counts {
            let words = words.into_iter().map(|word| word.map_or(Value::Null, Value::String));
            sample.push(&words.chain([Value::from(count)]).collect::<Vec<_>>())?;
        }
        Ok(Ok(sample))
    }
}

impl Rows for Waits {
    fn columns(&mut self, columns: &[SimpleColumn]) -> Result<(), Fault> {
        let mask = |name: &str| self.spec.column(name).and_then(|column| column.mask);
        self.columns = columns.iter().map(|column| (column.name().to_owned(), mask(column.name()))).collect();
        Ok(())
    }

    fn row(&mut self, row: &SimpleQueryRow) -> Result<(), Fault> {
        let word = |(at, (_, mask)): (usize, &(String, Option<Mask>))| {
            let text = cell(row, at)?;
            Ok(text.and_then(|text| masked(*mask, text, None).map(Cow::into_owned)))
        };
        let mut words = self.columns.iter().enumerate().map(word).collect::<Result<Vec<_>, Fault>>()?;
        let count = words.pop().flatten().and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
        *self.counts.entry(words).or_default() += count;
        Ok(())
    }
}
