//! From the rows on the wire to the rows of the document: typed by the section's declaration, and masked.

use std::borrow::Cow;

use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::section::{ColumnType, Mask, Scope};
use pgdba_snapshot::wire::to_json;
use serde_json::Value;
use tokio_postgres::{SimpleColumn, SimpleQueryRow};

use crate::encoding;
use crate::fault::Fault;
use crate::mask::{deciding_column, masked};
use crate::sample::Sample;
use crate::session::{Rows, cell};

/// The column that says which database a row is of. The server is not asked for it: the session knows.
const DATNAME: &str = "datname";

/// Puts the rows of one section into a sample as they come.
pub(crate) struct SectionRows<'s> {
    sample: &'s mut Sample,
    spec: &'static SectionSpec,
    /// The value of [`DATNAME`], for sections of a database.
    datname: Option<&'s str>,
    /// Whether values come in the form of [`encoding::escaping`].
    escaped: bool,
    columns: Vec<(ColumnType, Option<Mask>)>,
    /// Where the column is that decides about masked values.
    decider_at: Option<usize>,
    stats_reset_at: Option<usize>,
    /// One row's values, kept for their room.
    values: Vec<Value>,
    /// Whether texts of statements are kept.
    pub(crate) has_texts: bool,
    /// Whether the server named its columns.
    pub(crate) begun: bool,
}

impl<'s> SectionRows<'s> {
    pub(crate) fn new(sample: &'s mut Sample, spec: &'static SectionSpec, datname: &'s str, escaped: bool) -> Self {
        Self {
            sample,
            spec,
            datname: (spec.scope == Scope::Database).then_some(datname),
            escaped,
            columns: Vec::new(),
            decider_at: None,
            stats_reset_at: None,
            values: Vec::new(),
            has_texts: true,
            begun: false,
        }
    }

    fn text<'r>(&self, row: &'r SimpleQueryRow, at: usize) -> Result<Option<Cow<'r, str>>, Fault> {
        let text = cell(row, at)?;
        Ok(text.map(|text| if self.escaped { Cow::Owned(encoding::unescaped(text)) } else { Cow::Borrowed(text) }))
    }
}

impl Rows for SectionRows<'_> {
    fn columns(&mut self, columns: &[SimpleColumn]) -> Result<(), Fault> {
        let names: Vec<String> = columns.iter().map(|column| column.name().to_owned()).collect();
        let declared = names.iter().map(|name| match self.spec.column(name) {
            Some(spec) => (spec.ty, spec.mask),
            None => (ColumnType::Text, None),
        });
        self.columns = declared.collect();
        let decider = self.columns.iter().find_map(|(_, mask)| mask.and_then(deciding_column));
        self.decider_at = decider.and_then(|decider| names.iter().position(|name| name == decider));
        self.stats_reset_at = names.iter().position(|name| name == "stats_reset");
        let first = self.datname.map(|_| DATNAME.to_owned());
        self.sample.columns = first.into_iter().chain(names).collect();
        self.begun = true;
        Ok(())
    }

    fn row(&mut self, row: &SimpleQueryRow) -> Result<(), Fault> {
        let decider = match self.decider_at {
            Some(at) => self.text(row, at)?,
            None => None,
        };
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        values.extend(self.datname.map(Value::from));
        for (at, (ty, mask)) in self.columns.iter().enumerate() {
            let text = self.text(row, at)?;
            let text = text.as_deref().and_then(|text| masked(*mask, text, decider.as_deref()));
            let text = text.filter(|_| self.has_texts || *mask != Some(Mask::Sql));
            values.push(to_json(*ty, text.as_deref()));
            if self.stats_reset_at == Some(at)
                && let Some(reset) = values.last()
            {
                self.sample.stats_reset.hear(reset);
            }
        }
        self.sample.push(&values)?;
        self.values = values;
        Ok(())
    }
}
