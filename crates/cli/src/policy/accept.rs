//! Writes accepted findings to a policy file; everything else in it is kept as it is.

use std::io;
use std::path::{Path, PathBuf};

use pgdba_analysis::policy::{Acceptance, acceptance};
use pgdba_analysis::{Analysis, Block, Policy, read_policy};
use pgdba_collector::AtomicFile;
use pgdba_pg::display::counted;
use pgdba_pg::text::one_line;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::shell_word;

/// A policy file to which accepted findings are written.
pub(crate) struct Accept {
    path: PathBuf,
    text: String,
    policy: Policy,
}

impl Accept {
    /// Reads the file; a file that does not exist is empty. Errors are reported before connecting to a server.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let bytes = match super::bytes(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|error| Failure { exit: Exit::Usage, ..Failure::file("read", path, &error) })?,
        };
        let policy = read_policy(&bytes).map_err(|error| super::invalid(path, &error))?;
        // It was read as a policy, so it is UTF-8.
        Ok(Self { path: path.to_owned(), text: String::from_utf8_lossy(&bytes).into_owned(), policy })
    }

    /// Accepts what `analysis` shows, and tells what was written.
    pub(crate) fn write(self, analysis: &Analysis) -> Result<[Block; 2], Failure> {
        if analysis.cluster.redacted {
            let message = "cannot accept findings of a redacted snapshot: its names are tokens";
            return Err(Failure::usage("accept_redacted", message, "Use --key to restore the names."));
        }
        let accepted = acceptance(analysis, &self.policy).ok_or_else(|| {
            let message = "the snapshot does not identify its cluster, so its findings cannot be accepted";
            Failure::usage("accept_unidentified", message, "Silence them by rule or name; docs/policy.md has examples.")
        })?;
        let count: usize = accepted.ids.iter().map(|(_, ids)| ids.len()).sum();
        let text = self.with(&accepted)?;
        AtomicFile::write_text(&self.path, &text)?;
        let subjects = counted(count, "subject", "subjects");
        let shown = self.path.display().to_string();
        Ok([
            Block::paragraph(format!("Accepted {subjects} in \"{shown}\".")),
            Block::shell("To see only new findings", format!("pgdba check --new-only --policy {}", shell_word(&shown))),
        ])
    }

    /// The file with the cluster's accepted findings replaced by `accepted`.
    fn with(&self, accepted: &Acceptance) -> Result<String, Failure> {
        let unusual = || {
            let message = format!("could not edit \"{}\" safely; it is unchanged", self.path.display());
            Failure::usage("policy_unusual", message, "Write accepted findings as [[accepted]] tables, not inline.")
        };
        let mut document: DocumentMut = self.text.parse().map_err(|_| unusual())?;
        let tables = document.entry("accepted").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let tables = tables.as_array_of_tables_mut().ok_or_else(unusual)?;
        tables.retain(|table| table.get("cluster").and_then(Item::as_str) != Some(&accepted.cluster));
        tables.push(table(accepted));
        let text = document.to_string();
        let expected = accepted.ids.iter().flat_map(|(severity, ids)| ids.iter().map(|id| (id.clone(), *severity)));
        let written = read_policy(text.as_bytes()).ok();
        let is_right = written.is_some_and(|policy| match policy.accepted_of(&accepted.cluster) {
            Some(found) => *found == expected.collect(),
            None => false,
        });
        if is_right { Ok(text) } else { Err(unusual()) }
    }
}

fn table(accepted: &Acceptance) -> Table {
    let mut table = Table::new();
    table.insert("cluster", value(accepted.cluster.as_str()));
    table.insert("called", value(one_line(&accepted.called).into_owned()));
    if let Some(date) = accepted.on.and_then(|day| day.to_string().parse::<toml_edit::Datetime>().ok()) {
        table.insert("on", value(date));
    }
    for (severity, ids) in &accepted.ids {
        table.insert(severity.word(), value(list(ids)));
    }
    table
}

/// One ID per line, for readable diffs.
fn list(ids: &[String]) -> Array {
    let mut list: Array = ids.iter().map(|id| Value::from(id.as_str()).decorated("\n  ", "")).collect();
    list.set_trailing("\n");
    list.set_trailing_comma(true);
    list
}

#[cfg(test)]
mod tests {
    use pgdba_analysis::Severity;

    use super::*;

    fn accept(text: &str) -> Accept {
        let policy = read_policy(text.as_bytes()).unwrap();
        Accept { path: PathBuf::from("pgdba.toml"), text: text.to_owned(), policy }
    }

    fn accepted(ids: &[(Severity, &[&str])]) -> Acceptance {
        let ids = ids.iter().map(|(severity, ids)| (*severity, ids.iter().map(|id| (*id).to_owned()).collect()));
        Acceptance {
            cluster: "f00d".to_owned(),
            called: "prod \"1\"".to_owned(),
            on: Some(jiff::civil::date(2026, 11, 28)),
            ids: ids.collect(),
        }
    }

    #[test]
    fn a_new_file_has_one_id_a_line() {
        let ids = [(Severity::Warning, &["PGD502 table shop.public.\"Or ders\"", "PGD601 index a.b"][..])];
        let expected = r#"[[accepted]]
cluster = "f00d"
called = 'prod "1"'
on = 2026-11-28
warning = [
  'PGD502 table shop.public."Or ders"',
  "PGD601 index a.b",
]
"#;
        assert_eq!(accept("").with(&accepted(&ids)).unwrap(), expected);
    }

    #[test]
    fn what_people_wrote_stays_and_only_this_cluster_is_replaced() {
        let before = "# ours\n[[silence]]  # why not\nrule = 'fsync_off'\nreason = 'r'\n\n\
                      [[accepted]]\ncluster = 'other'\ninfo = ['PGD1 x']\n\n[[accepted]]\ncluster = 'f00d'\ninfo = ['PGD2 y']\n";
        let text = accept(before).with(&accepted(&[(Severity::Info, &["PGD3 z"])])).unwrap();
        assert!(text.starts_with("# ours\n[[silence]]  # why not\nrule = 'fsync_off'\nreason = 'r'\n"), "{text}");
        assert!(text.contains("PGD1 x") && text.contains("PGD3 z") && !text.contains("PGD2 y"), "{text}");
        assert_eq!(text.matches("[[accepted]]").count(), 2);
    }

    #[test]
    fn a_form_that_cannot_be_changed_safely_is_left_alone() {
        let error = accept("accepted = [ { cluster = 'other' } ]\n").with(&accepted(&[])).unwrap_err();
        assert_eq!(error.code, "policy_unusual");
    }
}
