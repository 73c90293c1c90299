//! How two configurations differ: `pgdba config diff --against`.

use pgdba_analysis::configuration::{Comparison, Difference, Side, Unseen};
use pgdba_analysis::format::{Cell, ClusterSummary, Tone};
use pgdba_analysis::{Block, Table};
use pgdba_pg::display::counted;
use pgdba_report::{Head, Report};

use crate::answer::Answer;
use crate::failure::Failure;

/// Names of a list that are shown; the data contain all.
const NAMES: usize = 12;

/// The comparison in every format.
pub(super) fn answer(found: &Comparison, warnings: Vec<String>) -> Result<Answer, Failure> {
    Ok(Answer { shown: report(found).into(), data: serde_json::to_value(found)?.into(), warnings, ..Answer::default() })
}

fn report(found: &Comparison) -> Report {
    let side = |cluster: &ClusterSummary| {
        let Report { title, about, .. } = Report::about(cluster);
        std::iter::once(title).chain(about).collect::<Vec<_>>().join(" · ")
    };
    let head = Head::Diff { first: side(&found.first), second: side(&found.second), summary: lead(found) };
    let report = Report { title: "Configuration differences".to_owned(), head: Some(head), ..Report::default() };
    report.with([Block::Table(table(found)), Block::list(notes(found))])
}

fn lead(found: &Comparison) -> String {
    let equal = counted(found.equal, "is equal", "are equal");
    if found.is_equal() {
        return format!("No differences: {equal}.");
    }
    let mut parts = vec![counted(found.differences.len(), "parameter differs", "parameters differ")];
    if !found.overrides.is_empty() {
        let words = ["setting of a role or database differs", "settings of roles and databases differ"];
        parts.push(counted(found.overrides.len(), words[0], words[1]));
    }
    parts.push(equal);
    format!("{}.", parts.join(", "))
}

fn table(found: &Comparison) -> Table {
    let side =
        |side: &Side| format!("{} · {}", side.value.as_ref().map_or("–", |value| &value.shown), side.origin.words);
    let changed = found.one_sided.iter().filter(|one| is_changed(one));
    let parameters = found.differences.iter().chain(changed);
    let parameters =
        parameters.map(|one| row(&one.parameter, [&one.first, &one.second].map(|one| one.as_ref().map(side))));
    let overrides = found.overrides.iter().map(|one| {
        let values = [&one.first, &one.second].map(|value| value.as_ref().map(|value| value.shown.clone()));
        row(&format!("{} of {}", one.parameter, one.scope()), values)
    });
    let columns = [("parameter", "parameter"), ("first", "first"), ("second", "second")];
    Table::whole("Differences", &columns, parameters.chain(overrides))
}

/// What only one of them has was added or removed.
fn row(name: &str, [first, second]: [Option<String>; 2]) -> Vec<Cell> {
    let removed = second.is_none().then_some(Tone::Removed);
    let added = first.is_none().then_some(Tone::Added);
    let cell = |value: Option<String>, tone| match value {
        Some(value) => Cell::from(value).with_tone(tone),
        None => Cell::from("–"),
    };
    vec![name.into(), cell(first, removed), cell(second, added)]
}

fn is_changed(one: &Difference) -> bool {
    [&one.first, &one.second].into_iter().flatten().any(|side| side.changed)
}

fn notes(found: &Comparison) -> Vec<String> {
    let only = |which: &str, is_here: fn(&Difference) -> bool| {
        let names: Vec<&str> = found
            .one_sided
            .iter()
            .filter(|one| is_here(one) && !is_changed(one))
            .map(|one| one.parameter.as_str())
            .collect();
        let more = match names.len().saturating_sub(NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let first: Vec<&str> = names.iter().copied().take(NAMES).collect();
        (!names.is_empty()).then(|| format!("only in the {which}, at the default: {}{more}", first.join(", ")))
    };
    let unseen = |which: &'static str, unseen: &[Unseen]| {
        let sections = unseen
            .iter()
            .map(move |one| format!("missing or incomplete in the {which}: {}: {}", one.section, one.reason));
        sections.collect::<Vec<_>>()
    };
    let masked = (!found.masked.is_empty())
        .then(|| format!("not compared, because the values are masked: {}", found.masked.join(", ")));
    let mut notes: Vec<String> = masked.into_iter().collect();
    notes.extend(only("first", |one| one.second.is_none()));
    notes.extend(only("second", |one| one.first.is_none()));
    notes.extend(unseen("first", &found.first_unseen));
    notes.extend(unseen("second", &found.second_unseen));
    notes
}

#[cfg(test)]
mod tests {
    use pgdba_analysis::configuration::compare;
    use pgdba_analysis::example;
    use pgdba_report::{Layout, markdown, text};

    use super::*;

    fn found(second: &str) -> Comparison {
        let first = r#"{ "pg_settings": [
            { "name": "work_mem", "setting": "65536", "unit": "kB", "boot_val": "4096", "vartype": "integer",
              "source": "command line" },
            { "name": "port", "setting": "5432", "boot_val": "5432", "vartype": "integer", "source": "default" } ],
            "pg_db_role_setting": [ { "datname": "shop", "name": "work_mem", "setting": "1GB" } ] }"#;
        compare(&example::snapshot(first).unwrap(), &example::snapshot(second).unwrap())
    }

    #[test]
    fn both_values_stand_side_by_side() {
        let found = found(
            r#"{ "pg_settings": [
                { "name": "work_mem", "setting": "4096", "unit": "kB", "boot_val": "4096", "vartype": "integer",
                  "source": "default" },
                { "name": "io_workers", "setting": "3", "boot_val": "3", "vartype": "integer", "source": "default" } ] }"#,
        );
        let expected = "\
Configuration differences

first:  unnamed cluster · PostgreSQL 18.0 · collected 1 Jan 2026 12:00 UTC · by an unknown program
second: unnamed cluster · PostgreSQL 18.0 · collected 1 Jan 2026 12:00 UTC · by an unknown program

1 parameter differs, 1 setting of a role or database differs, 0 are equal.

parameter                  first                 second
work_mem                   64 MB · command line  4 MB · default
work_mem of database shop  − 1 GB                –

- only in the first, at the default: port
- only in the second, at the default: io_workers
";
        let text = text::render(&report(&found), Layout::FILE);
        assert!(text.starts_with(expected), "{text}");
        assert!(
            text.contains("missing or incomplete in the second: pg_db_role_setting: not in the snapshot"),
            "{text}"
        );
        assert!(markdown::render(&report(&found)).contains("| work\\_mem | 64 MB · command line | 4 MB · default |"));
    }

    #[test]
    fn equal_configurations_are_reported_without_a_table() {
        let same = found(
            r#"{ "pg_settings": [
                { "name": "work_mem", "setting": "64", "unit": "MB", "boot_val": "4", "vartype": "integer" },
                { "name": "port", "setting": "5432", "boot_val": "5432", "vartype": "integer", "source": "default" } ],
                "pg_db_role_setting": [ { "datname": "shop", "name": "work_mem", "setting": "1024MB" } ] }"#,
        );
        let text = text::render(&report(&same), Layout::FILE);
        assert!(text.contains("\nNo differences: 2 are equal.\n") && !text.contains("parameter "), "{text}");
    }
}
