//! `pgdba snapshot show`: the rows of one section.

use pgdba_analysis::{Block, Table};
use pgdba_pg::text::{json, one_line};
use pgdba_snapshot::section::{Availability, UntypedSection, read_table};
use pgdba_snapshot::{DiagSnapshot, sections};
use serde_json::{Map, Value};

use crate::answer::{Answer, Format, Shown};
use crate::exit::Exit;
use crate::failure::Failure;

pub(super) fn show(snapshot: &DiagSnapshot, name: &str, format: Format) -> Result<Answer, Failure> {
    let section = read_table(snapshot, name);
    let missing = |reason: &str| Failure {
        code: "section_missing",
        message: format!("section {name} is missing: {reason}"),
        hint: Some("List the sections of a file with: pgdba snapshot info FILE".to_owned()),
        exit: if sections::find(name).is_none() && !snapshot.sections.contains_key(name) {
            Exit::Usage
        } else {
            Exit::Failed
        },
    };
    match &section.availability {
        Availability::Absent => Err(missing("the snapshot does not mention it")),
        Availability::Unavailable(reason) => Err(missing(reason)),
        Availability::Available => Ok(answer(name, &section, format)),
    }
}

fn answer(name: &str, section: &UntypedSection, format: Format) -> Answer {
    let shown = match format {
        Format::Text | Format::Json => Shown::Verbatim { language: "", text: tab_separated(section) },
        Format::Markdown | Format::Html if section.rows.is_empty() => {
            [Block::paragraph(format!("Section {name} has no rows."))].into()
        }
        Format::Markdown | Format::Html => [Block::Table(table(name, section))].into(),
    };
    let objects = section.rows.iter().map(|row| {
        Value::Object(section.columns.iter().cloned().zip(row.iter().cloned()).collect::<Map<String, Value>>())
    });
    Answer { shown, data: objects.collect(), ..Answer::default() }
}

/// One line a row, which awk and cut can read.
fn tab_separated(section: &UntypedSection) -> String {
    let headings: Vec<_> = section.columns.iter().map(|name| one_line(name)).collect();
    let mut text = headings.join("\t");
    for row in &section.rows {
        let cells: Vec<String> = row.iter().map(|value| one_line(&cell(value)).into_owned()).collect();
        text.push_str(&format!("\n{}", cells.join("\t")));
    }
    text.push('\n');
    text
}

fn table(name: &str, section: &UntypedSection) -> Table {
    let columns: Vec<(&str, &str)> = section.columns.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let rows = section.rows.iter().map(|row| row.iter().map(|value| cell(value).into()).collect());
    Table::whole(name, &columns, rows)
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => json(&other.to_string()).into_owned(),
    }
}
