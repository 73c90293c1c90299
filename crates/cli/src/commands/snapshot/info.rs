//! `pgdba snapshot info`: whose a file is and which sections it has.

use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::redact::survey;
use pgdba_snapshot::section::{Availability, read_table};
use serde_json::json;

use crate::answer::Answer;
use crate::terminal::one_line;

pub(super) fn info(snapshot: &DiagSnapshot) -> Answer {
    let identity = &snapshot.identity;
    let version = snapshot.server_version().map_or_else(|| "unknown".to_owned(), |version| version.to_string());
    let host = identity.config_host.as_deref().unwrap_or("unknown");
    let time = snapshot.collected_at.map_or_else(|| "unknown".to_owned(), |time| time.to_string());
    let fingerprint = snapshot.fingerprint();
    let tells = survey(snapshot).words();
    let mut text = format!("server version         {version}\nhost                   {}\n", one_line(host));
    text.push_str(&format!("collected at           {time}\n"));
    text.push_str(&format!("fingerprint            {}\n", fingerprint.as_deref().unwrap_or("unknown")));
    if snapshot.redacted {
        text.push_str("redacted               names are tokens\n");
    }
    text.push_str(&format!("would tell a stranger: {tells}\n\n"));
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
        text.push_str(&format!("{:<24} {:>10} bytes  {}\n", one_line(name), raw.get().len(), one_line(&state)));
        data.push(json!({ "name": name, "bytes": raw.get().len(), "rows": section.rows.len(), "state": state }));
    }
    Answer {
        text,
        data: json!({
            "identity": identity,
            "collected_at": snapshot.collected_at,
            "redacted": snapshot.redacted,
            "tells": tells,
            "sections": data,
        }),
        warnings: snapshot.problems.clone(),
        ..Answer::default()
    }
}
