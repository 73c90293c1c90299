//! `pgdba snapshot info`: which server a file is from, and its sections.

use pgdba_analysis::{Block, Figure, Table};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::redact::survey;
use pgdba_snapshot::section::{Availability, read_table};
use serde_json::json;

use pgdba_pg::Bytes;
use pgdba_pg::display::counted;
use pgdba_snapshot::sections::{pg_namespace, system};

use crate::answer::Answer;

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
        ("host", host.to_owned()),
        ("databases", databases(snapshot)),
        ("collected at", time),
        ("collected by", format!("{} {}, {}", producer.name, producer.version, producer.via)),
        ("sampling", sampling(snapshot)),
        ("fingerprint", fingerprint.unwrap_or_else(|| "unknown".to_owned())),
        ("names", if snapshot.redacted { "redacted" } else { "plain" }.to_owned()),
        ("contains", tells.clone()),
    ];
    let items = about.into_iter().map(|(label, value)| Figure::new(label, value)).collect();
    let mut data = Vec::new();
    let mut lines = Vec::new();
    for (name, raw) in &snapshot.sections {
        let section = read_table(snapshot, name);
        let state = match &section.availability {
            Availability::Unavailable(reason) => format!("missing: {reason}"),
            Availability::Available | Availability::Absent if section.samples > 0 => {
                format!("plus {}", counted(section.samples, "earlier sample", "earlier samples"))
            }
            Availability::Available | Availability::Absent => String::new(),
        };
        let bytes = Bytes(number(raw.get().len()));
        lines.push(vec![name.as_str().into(), bytes.into(), number(section.rows.len()).into(), state.as_str().into()]);
        data.push(json!({ "name": name, "bytes": raw.get().len(), "rows": section.rows.len(), "state": state }));
    }
    let columns = [("name", "section"), ("bytes", "size"), ("rows", "rows"), ("state", "state")];
    Answer {
        shown: [Block::Figures { items }, Block::Table(Table::whole("Sections", &columns, lines))].into(),
        data: json!({
            "identity": identity,
            "collected_at": snapshot.collected_at,
            "redacted": snapshot.redacted,
            "contains": tells,
            "sampling": snapshot.sampling,
            "sections": data,
        })
        .into(),
        warnings: snapshot.problems.clone(),
        ..Answer::default()
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The databases that the sections of a database are of.
fn databases(snapshot: &DiagSnapshot) -> String {
    let namespaces = snapshot.section::<pg_namespace::Row>().rows;
    let mut names: Vec<String> = namespaces.into_iter().filter_map(|row| row.datname).collect();
    if names.is_empty() {
        names.extend(snapshot.section::<system::Row>().rows.into_iter().filter_map(|row| row.current_database));
    }
    names.dedup();
    if names.is_empty() { "unknown".to_owned() } else { names.join(", ") }
}

fn sampling(snapshot: &DiagSnapshot) -> String {
    let sampling = &snapshot.sampling;
    let gap = sampling
        .gap
        .as_ref()
        .map(|gap| format!("; connection lost after {:.0} s for {:.0} s", gap.after_seconds, gap.seconds));
    match sampling.interval_seconds {
        Some(seconds) => format!("delta over {seconds} s{}", gap.unwrap_or_default()),
        None => "single".to_owned(),
    }
}
