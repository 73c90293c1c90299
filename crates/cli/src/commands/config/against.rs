//! How two configurations differ, as `pgdba config diff --against` says it.

use pgdba_analysis::configuration::{Comparison, Difference, ParameterText, Side, Unseen};
use pgdba_pg::display::counted;

use super::show::{about, wrapped};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::table::{Table, escape};
use crate::terminal::{self, one_line};

/// Names of a list that are told; the data have them all.
const NAMES: usize = 12;

/// The comparison in every format.
pub(super) fn answer(found: &Comparison, warnings: Vec<String>) -> Result<Answer, Failure> {
    Ok(Answer {
        text: text(found, terminal::width()),
        markdown: Some(markdown(found)),
        data: serde_json::to_value(found)?,
        warnings,
        ..Answer::default()
    })
}

fn text(found: &Comparison, columns: Option<usize>) -> String {
    let mut out = heads(found).iter().map(|head| format!("{}\n", one_line(head))).collect::<String>();
    out.push_str(&format!("\n{}\n", lead(found)));
    let table = table(found);
    if !table.is_empty() {
        out.push_str(&format!("\n{}", table.text_within(columns)));
    }
    let notes = notes(found);
    if !notes.is_empty() {
        out.push('\n');
        notes.iter().for_each(|note| out.push_str(&wrapped(0, note, columns)));
    }
    out
}

fn markdown(found: &Comparison) -> String {
    let mut out = heads(found).iter().map(|head| format!("- {}\n", escape(head))).collect::<String>();
    out.push_str(&format!("\n{}\n", lead(found)));
    let table = table(found);
    if !table.is_empty() {
        out.push_str(&format!("\n{}", table.markdown()));
    }
    notes(found).iter().for_each(|note| out.push_str(&format!("\n{}\n", escape(note))));
    out
}

fn heads(found: &Comparison) -> [String; 2] {
    [format!("first:  {}", about(&found.first)), format!("second: {}", about(&found.second))]
}

fn lead(found: &Comparison) -> String {
    let number = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let equal = counted(i64::try_from(found.equal).unwrap_or(i64::MAX), "is equal", "are equal");
    if found.is_equal() {
        return format!("no difference: {equal}");
    }
    let mut parts = vec![counted(number(found.differences.len()), "parameter differs", "parameters differ")];
    if !found.overrides.is_empty() {
        let words = ["setting of a role or database differs", "settings of roles and databases differ"];
        parts.push(counted(number(found.overrides.len()), words[0], words[1]));
    }
    parts.push(equal);
    parts.join(", ")
}

fn table(found: &Comparison) -> Table<3> {
    let side = |side: &Option<Side>| {
        side.as_ref().map_or_else(|| "–".to_owned(), |side| format!("{} · {}", shown(&side.value), side.origin.words))
    };
    let row = |one: &Difference| [one.parameter.clone(), side(&one.first), side(&one.second)];
    let changed = found.one_sided.iter().filter(|one| is_changed(one));
    let overrides = found
        .overrides
        .iter()
        .map(|one| [format!("{} of {}", one.parameter, one.scope()), shown(&one.first), shown(&one.second)]);
    Table::new(["parameter", "first", "second"], found.differences.iter().chain(changed).map(row).chain(overrides))
}

fn shown(value: &Option<ParameterText>) -> String {
    value.as_ref().map_or_else(|| "–".to_owned(), |value| value.shown.clone())
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
        (!names.is_empty()).then(|| format!("only the {which} shows, unchanged: {}{more}", first.join(", ")))
    };
    let unseen = |which: &'static str, unseen: &[Unseen]| {
        let said = unseen
            .iter()
            .map(move |one| format!("not or not wholly seen of the {which}: {}: {}", one.section, one.reason));
        said.collect::<Vec<_>>()
    };
    let masked = (!found.masked.is_empty())
        .then(|| format!("masked, so that nobody can say whether they differ: {}", found.masked.join(", ")));
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
first:  unnamed cluster · PostgreSQL 18.0 · collected 1 Jan 2026 12:00 UTC
second: unnamed cluster · PostgreSQL 18.0 · collected 1 Jan 2026 12:00 UTC

1 parameter differs, 1 setting of a role or database differs, 0 are equal

parameter                  first                 second
work_mem                   64 MB · command line  4 MB · default
work_mem of database shop  1 GB                  –

only the first shows, unchanged: port
only the second shows, unchanged: io_workers
";
        let text = text(&found, None);
        assert!(text.starts_with(expected), "{text}");
        assert!(
            text.contains("not or not wholly seen of the second: pg_db_role_setting: not in the snapshot"),
            "{text}"
        );
        assert!(markdown(&found).contains("| work\\_mem | 64 MB · command line | 4 MB · default |"));
    }

    #[test]
    fn no_difference_is_said_without_a_table() {
        let same = found(
            r#"{ "pg_settings": [
                { "name": "work_mem", "setting": "64", "unit": "MB", "boot_val": "4", "vartype": "integer" },
                { "name": "port", "setting": "5432", "boot_val": "5432", "vartype": "integer", "source": "default" } ],
                "pg_db_role_setting": [ { "datname": "shop", "name": "work_mem", "setting": "1024MB" } ] }"#,
        );
        let text = text(&same, None);
        assert!(text.contains("\nno difference: 2 are equal\n") && !text.contains("parameter "), "{text}");
    }
}
