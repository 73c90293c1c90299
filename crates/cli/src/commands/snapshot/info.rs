//! `pgdba snapshot info`: which server a file is from, and its sections.

use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::redact::survey;
use pgdba_snapshot::section::{Availability, read_table};
use serde_json::json;

use pgdba_pg::display::counted;
use pgdba_snapshot::sections::{pg_namespace, system};

use crate::answer::Answer;
use crate::terminal::one_line;

pub(super) fn info(snapshot: &DiagSnapshot) -> Answer {
    let identity = &snapshot.identity;
    let version = snapshot.server_version().map_or_else(|| "unknown".to_owned(), |version| version.to_string());
    let host = identity.config_host.as_deref().unwrap_or("unknown");
    let time = snapshot.collected_at.map_or_else(|| "unknown".to_owned(), |time| time.to_string());
    let fingerprint = snapshot.fingerprint();
    let tells = survey(snapshot).words();
    let producer = &snapshot.producer;
    let about = [
        ("server version", version),
        ("host", one_line(host)),
        ("databases", databases(snapshot)),
        ("collected at", time),
        ("collected by", one_line(&format!("{} {}, {}", producer.name, producer.version, producer.via))),
        ("sampling", sampling(snapshot)),
        ("fingerprint", fingerprint.unwrap_or_else(|| "unknown".to_owned())),
        ("names", if snapshot.redacted { "redacted" } else { "plain" }.to_owned()),
        ("contains", tells.clone()),
    ];
    let mut text: String = about.iter().map(|(label, value)| format!("{label:<22}{value}\n")).collect();
    text.push('\n');
    let width = snapshot.sections.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut data = Vec::new();
    for (name, raw) in &snapshot.sections {
        let section = read_table(snapshot, name);
        let state = match &section.availability {
            Availability::Unavailable(reason) => format!("missing: {reason}"),
            Availability::Available | Availability::Absent if section.samples > 0 => {
                format!("{}, plus {} earlier samples", rows(section.rows.len()), section.samples)
            }
            Availability::Available | Availability::Absent => rows(section.rows.len()),
        };
        text.push_str(&format!("{:<width$} {:>10} bytes  {}\n", one_line(name), raw.get().len(), one_line(&state)));
        data.push(json!({ "name": name, "bytes": raw.get().len(), "rows": section.rows.len(), "state": state }));
    }
    Answer {
        text,
        data: json!({
            "identity": identity,
            "collected_at": snapshot.collected_at,
            "redacted": snapshot.redacted,
            "contains": tells,
            "sections": data,
        }),
        warnings: snapshot.problems.clone(),
        ..Answer::default()
    }
}

fn rows(count: usize) -> String {
    counted(i64::try_from(count).unwrap_or(i64::MAX), "row", "rows")
}

/// The databases that the sections of a database are of.
fn databases(snapshot: &DiagSnapshot) -> String {
    let namespaces = snapshot.section::<pg_namespace::Row>().rows;
    let mut names: Vec<String> = namespaces.into_iter().filter_map(|row| row.datname).collect();
    if names.is_empty() {
        names.extend(snapshot.section::<system::Row>().rows.into_iter().filter_map(|row| row.current_database));
    }
    names.dedup();
    if names.is_empty() { "unknown".to_owned() } else { one_line(&names.join(", ")) }
}

fn sampling(snapshot: &DiagSnapshot) -> String {
    match snapshot.sampling.interval_seconds {
        Some(seconds) => format!("delta over {seconds} s"),
        None => "single".to_owned(),
    }
}
