//! `pgdba snapshot`: what a file holds, before it leaves the site.

use std::path::PathBuf;

use clap::Subcommand;
use pgdba_snapshot::section::{Availability, UntypedSection, read_table};
use pgdba_snapshot::{DiagSnapshot, sections};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::target;

/// Looks into a snapshot file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Whose it is, and which sections it has
    Info {
        /// A snapshot file, plain or gzip; - for standard input
        file: PathBuf,
    },
    /// One section as a table, or as objects with --format json
    Show {
        /// A snapshot file, plain or gzip; - for standard input
        file: PathBuf,
        /// The section's name
        section: String,
    },
}

/// Answers about a file.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Info { file } => Ok(info(&target::read(file)?)),
        What::Show { file, section } => show(&target::read(file)?, section),
    }
}

fn info(snapshot: &DiagSnapshot) -> Answer {
    let identity = &snapshot.identity;
    let version = snapshot.server_version().map_or_else(|| "unknown".to_owned(), |version| version.to_string());
    let host = identity.config_host.as_deref().unwrap_or("unknown");
    let time = snapshot.collected_at.map_or_else(|| "unknown".to_owned(), |time| time.to_string());
    let mut text = format!("server version  {version}\nhost            {host}\ncollected at    {time}\n");
    let fingerprint = identity.fingerprint_of().map(|fingerprint| fingerprint.digest);
    text.push_str(&format!("fingerprint     {}\n\n", fingerprint.as_deref().unwrap_or("unknown")));
    let mut data = Vec::new();
    for (name, raw) in &snapshot.sections {
        let section = read_table(snapshot, name);
        let state = match &section.availability {
            Availability::Unavailable(reason) => format!("not read: {reason}"),
            Availability::Available | Availability::Absent if section.samples > 0 => {
                format!("{} rows, and {} looks before", section.rows.len(), section.samples)
            }
            Availability::Available | Availability::Absent => format!("{} rows", section.rows.len()),
        };
        text.push_str(&format!("{name:<24} {:>10} bytes  {state}\n", raw.get().len()));
        data.push(json!({ "name": name, "bytes": raw.get().len(), "rows": section.rows.len(), "state": state }));
    }
    Answer {
        text,
        data: json!({ "identity": identity, "collected_at": snapshot.collected_at, "sections": data }),
        warnings: snapshot.problems.clone(),
        ..Answer::default()
    }
}

fn show(snapshot: &DiagSnapshot, name: &str) -> Result<Answer, Failure> {
    let section = read_table(snapshot, name);
    let missing = |reason: &str| Failure {
        code: "section_missing",
        message: format!("the section {name} is not there: {reason}"),
        hint: Some("`pgdba snapshot info FILE` lists the sections of a file".to_owned()),
        is_usage: sections::find(name).is_none() && !snapshot.sections.contains_key(name),
    };
    match &section.availability {
        Availability::Absent => Err(missing("the snapshot does not mention it")),
        Availability::Unavailable(reason) => Err(missing(reason)),
        Availability::Available => Ok(table(&section)),
    }
}

fn table(section: &UntypedSection) -> Answer {
    let mut text = section.columns.join("\t");
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

/// One line a row: a name from a server must not steer the terminal it is printed on.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        other => other.to_string(),
    }
}
