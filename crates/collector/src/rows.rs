//! From the rows on the wire to the rows of the document: typed by the section's declaration, masked, written.

use std::io::Write;

use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::section::{ColumnType, Mask};
use pgdba_snapshot::wire::to_json;
use pgdba_snapshot::write::SnapshotWriter;
use serde_json::Value;
use tokio_postgres::{SimpleColumn, SimpleQueryRow};

use crate::fault::Fault;
use crate::mask::masked;
use crate::session::{Rows, cell};

/// Writes the rows of one section as they come.
pub(crate) struct SectionRows<'w, W: Write> {
    writer: &'w mut SnapshotWriter<W>,
    spec: &'static SectionSpec,
    columns: Vec<(ColumnType, Option<Mask>)>,
    /// Where the column `name` is, by which settings are masked.
    parameter_at: Option<usize>,
    stats_reset_at: Option<usize>,
    stats_reset: Agreement,
    /// One row's values, kept for their room.
    values: Vec<Value>,
    /// Whether the section stands in the document.
    pub(crate) begun: bool,
    /// How many rows were written.
    pub(crate) count: u64,
}

impl<'w, W: Write> SectionRows<'w, W> {
    pub(crate) fn new(writer: &'w mut SnapshotWriter<W>, spec: &'static SectionSpec) -> Self {
        Self {
            writer,
            spec,
            columns: Vec::new(),
            parameter_at: None,
            stats_reset_at: None,
            stats_reset: Agreement::Nothing,
            values: Vec::new(),
            begun: false,
            count: 0,
        }
    }

    /// Since when the counters count, where all rows agree on it.
    pub(crate) fn stats_reset(&self) -> Option<String> {
        match &self.stats_reset {
            Agreement::On(Value::String(time)) => Some(time.clone()),
            _ => None,
        }
    }
}

impl<W: Write> Rows for SectionRows<'_, W> {
    fn columns(&mut self, columns: &[SimpleColumn]) -> Result<(), Fault> {
        let names: Vec<String> = columns.iter().map(|column| column.name().to_owned()).collect();
        let declared = names.iter().map(|name| match self.spec.column(name) {
            Some(spec) => (spec.ty, spec.mask),
            None => (ColumnType::Text, None),
        });
        self.columns = declared.collect();
        self.parameter_at = names.iter().position(|name| name == "name");
        self.stats_reset_at = names.iter().position(|name| name == "stats_reset");
        self.writer.begin_section(self.spec.name, &names)?;
        self.begun = true;
        Ok(())
    }

    fn row(&mut self, row: &SimpleQueryRow) -> Result<(), Fault> {
        let parameter = match self.parameter_at {
            Some(at) => cell(row, at)?,
            None => None,
        };
        self.values.clear();
        for (at, (ty, mask)) in self.columns.iter().enumerate() {
            let text = cell(row, at)?.map(|text| masked(*mask, text, parameter));
            self.values.push(to_json(*ty, text.as_deref()));
        }
        if let Some(reset) = self.stats_reset_at.and_then(|at| self.values.get(at)) {
            self.stats_reset.hear(reset);
        }
        self.writer.row(&self.values)?;
        self.count += 1;
        Ok(())
    }
}

/// Whether all rows say the same.
enum Agreement {
    Nothing,
    On(Value),
    Broken,
}

impl Agreement {
    fn hear(&mut self, value: &Value) {
        match self {
            Self::Nothing => *self = Self::On(value.clone()),
            Self::On(first) if first != value => *self = Self::Broken,
            Self::On(_) | Self::Broken => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn agreed(values: &[Value]) -> Option<Value> {
        let mut agreement = Agreement::Nothing;
        values.iter().for_each(|value| agreement.hear(value));
        match agreement {
            Agreement::On(value) => Some(value),
            Agreement::Nothing | Agreement::Broken => None,
        }
    }

    #[test]
    fn a_reset_counts_for_the_section_only_if_all_rows_had_it() {
        assert_eq!(agreed(&[]), None);
        assert_eq!(agreed(&[json!("a"), json!("a")]), Some(json!("a")));
        assert_eq!(agreed(&[json!("a"), json!(null), json!("a")]), None);
    }
}
