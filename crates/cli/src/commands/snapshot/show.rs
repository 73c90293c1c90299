//! `pgdba snapshot show`: the rows of one section.

use pgdba_pg::text::json;
use pgdba_snapshot::section::{Availability, UntypedSection, read_table};
use pgdba_snapshot::{DiagSnapshot, sections};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::one_line;

pub(super) fn show(snapshot: &DiagSnapshot, name: &str) -> Result<Answer, Failure> {
    let section = read_table(snapshot, name);
    let missing = |reason: &str| Failure {
        code: "section_missing",
        message: format!("the section {name} is not there: {reason}"),
        hint: Some("`pgdba snapshot info FILE` lists the sections of a file".to_owned()),
        exit: if sections::find(name).is_none() && !snapshot.sections.contains_key(name) {
            Exit::Usage
        } else {
            Exit::Failed
        },
    };
    match &section.availability {
        Availability::Absent => Err(missing("the snapshot does not mention it")),
        Availability::Unavailable(reason) => Err(missing(reason)),
        Availability::Available => Ok(table(&section)),
    }
}

fn table(section: &UntypedSection) -> Answer {
    let headings: Vec<String> = section.columns.iter().map(|name| one_line(name)).collect();
    let mut text = headings.join("\t");
    for row in &section.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        text.push_str(&format!("\n{}", cells.join("\t")));
    }
    text.push('\n');
    let objects = section.rows.iter().map(|row| {
        Value::Object(section.columns.iter().cloned().zip(row.iter().cloned()).collect::<Map<String, Value>>())
    });
    Answer { text, data: objects.collect(), ..Answer::default() }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => one_line(text),
        other => json(&other.to_string()).into_owned(),
    }
}
