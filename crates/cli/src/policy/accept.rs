//! Writes accepted findings to a policy file; everything else in it is kept as it is.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use pgdba_analysis::policy::{Acceptance, acceptance};
use pgdba_analysis::{Analysis, Block, Policy, read_policy};
use pgdba_collector::{AtomicFile, lock};
use pgdba_pg::display::counted;
use pgdba_pg::text::one_line;
use serde::Serialize;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::shell_word;

/// The permissions of a file that does not exist yet.
const NEW_FILE: u32 = 0o600;

/// A policy file to which accepted findings are written.
pub(crate) struct Accept {
    path: PathBuf,
}

impl Accept {
    /// Checks that the file can be read as a policy and written; a file that does not exist is empty. Errors are reported before
    /// connecting to a server.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        // A pipe would be waited for.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            let message = format!("could not use the policy \"{}\": it is not a regular file", path.display());
            return Err(Failure::usage("policy_unreadable", message, "Choose a file, which need not exist yet."));
        }
        match super::bytes(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => {
                drop(Content::of(path, &read.map_err(|error| unreadable(path, &error))?)?);
                let writable = OpenOptions::new().append(true).open(path);
                writable.map_err(|error| Failure::file("write", path, &error))?;
            }
        }
        AtomicFile::probe(path)?;
        Ok(Self { path: path.to_owned() })
    }

    /// Accepts what `analysis` shows, and tells what was written.
    ///
    /// The file is read again: somebody else may have changed it since. It is locked until it is written.
    pub(crate) fn write(self, analysis: &Analysis) -> Result<Accepted, Failure> {
        if analysis.cluster.redacted {
            let message = "cannot accept findings of a redacted snapshot: its names are tokens";
            return Err(Failure::usage("accept_redacted", message, "Use --key to restore the names."));
        }
        if analysis.cluster.fingerprint.is_none() {
            return Err(unidentified());
        }
        // A file that does not exist is made, empty, which is a policy too.
        let options = OpenOptions::new().read(true).append(true).create(true).mode(NEW_FILE).clone();
        let lock = lock(&self.path, &options).map_err(|error| Failure::file("lock", &self.path, &error))?;
        let bytes = super::bytes(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        let content = Content::of(&self.path, &bytes)?;
        let accepted = acceptance(analysis, &content.policy).ok_or_else(unidentified)?;
        let text = content.with(&accepted).ok_or_else(|| unusual(&self.path))?;
        AtomicFile::replace_text(&self.path, &text)?;
        drop(lock);
        let count: usize = accepted.ids.iter().map(|(_, ids)| ids.len()).sum();
        let subjects = counted(count, "subject", "subjects");
        let shown = self.path.display().to_string();
        let ids = accepted.ids.iter().map(|(severity, ids)| (severity.word(), ids.clone())).collect();
        Ok(Accepted {
            blocks: [
                Block::paragraph(format!("Accepted {subjects} in \"{shown}\".")),
                Block::shell(
                    "To see only new findings",
                    format!("pgdba check --new-only --policy {}", shell_word(&shown)),
                ),
            ],
            written: Written { file: shown, cluster: accepted.cluster, ids },
        })
    }
}

/// What was accepted.
pub(crate) struct Accepted {
    /// For people.
    pub(crate) blocks: [Block; 2],
    /// For programs.
    pub(crate) written: Written,
}

/// What was written to the policy file.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    /// The policy file.
    file: String,
    /// The fingerprint of the cluster.
    cluster: String,
    /// The accepted subjects by severity.
    #[serde(flatten)]
    ids: BTreeMap<&'static str, Vec<String>>,
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure { exit: Exit::Usage, ..Failure::file("read", path, error) }
}

fn unidentified() -> Failure {
    let message = "the snapshot does not identify its cluster, so its findings cannot be accepted";
    Failure::usage("accept_unidentified", message, "Silence them by rule or name; docs/policy.md has examples.")
}

fn unusual(path: &Path) -> Failure {
    let message = format!("could not edit \"{}\" safely; it is unchanged", path.display());
    Failure::usage("policy_unusual", message, "Write accepted findings as [[accepted]] tables, not inline.")
}

/// What the file contains.
struct Content {
    text: String,
    policy: Policy,
}

impl Content {
    fn of(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let policy = read_policy(bytes).map_err(|error| super::invalid(path, &error))?;
        // It was read as a policy, so it is UTF-8.
        Ok(Self { text: String::from_utf8_lossy(bytes).into_owned(), policy })
    }

    /// The file with the cluster's accepted findings replaced by `accepted`, unless that would change anything else.
    fn with(&self, accepted: &Acceptance) -> Option<String> {
        let mut document: DocumentMut = self.text.parse().ok()?;
        let tables = document.entry("accepted").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let tables = tables.as_array_of_tables_mut()?;
        tables.retain(|table| table.get("cluster").and_then(Item::as_str) != Some(&accepted.cluster));
        tables.push(table(accepted));
        let text = with_line_ends_of(&self.text, &document.to_string());
        let expected = accepted.ids.iter().flat_map(|(severity, ids)| ids.iter().map(|id| (id.clone(), *severity)));
        let written = read_policy(text.as_bytes()).ok()?;
        let is_right = *written.accepted_of(&accepted.cluster)? == expected.collect();
        is_right.then_some(text)
    }
}

/// `text` with the line ends and the byte order mark of `former`, which the editor of TOML does not keep: each line that was
/// there has its own, a new one that of the first line.
fn with_line_ends_of(former: &str, text: &str) -> String {
    const MARK: char = '\u{feff}';
    let is_windows = |line: &str| line.ends_with("\r\n");
    let bare = |line: &str| line.trim_end_matches('\n').trim_end_matches('\r').to_owned();
    let unmarked = former.trim_start_matches(MARK);
    let usual = unmarked.split_inclusive('\n').next().is_some_and(is_windows);
    let mut rest: Vec<&str> = unmarked.split_inclusive('\n').collect();
    rest.reverse();
    let mut out = String::with_capacity(former.len().max(text.len()));
    out.extend(former.starts_with(MARK).then_some(MARK));
    for line in text.trim_start_matches(MARK).split_inclusive('\n') {
        let known = rest.iter().rev().position(|old| bare(old) == bare(line));
        let old = known.and_then(|skipped| {
            rest.truncate(rest.len() - skipped);
            rest.pop()
        });
        out.push_str(&bare(line));
        if line.ends_with('\n') {
            out.push_str(if old.map_or(usual, is_windows) { "\r\n" } else { "\n" });
        }
    }
    out
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

    fn content(text: &str) -> Content {
        Content::of(Path::new("pgdba.toml"), text.as_bytes()).unwrap()
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
        assert_eq!(content("").with(&accepted(&ids)).unwrap(), expected);
    }

    #[test]
    fn what_people_wrote_stays_and_only_this_cluster_is_replaced() {
        let before = "# ours\n[[silence]]  # why not\nrule = 'fsync_off'\nreason = 'r'\n\n\
                      [[accepted]]\ncluster = 'other'\ninfo = ['PGD1 x']\n\n[[accepted]]\ncluster = 'f00d'\ninfo = ['PGD2 y']\n";
        let text = content(before).with(&accepted(&[(Severity::Info, &["PGD3 z"])])).unwrap();
        assert!(text.starts_with("# ours\n[[silence]]  # why not\nrule = 'fsync_off'\nreason = 'r'\n"), "{text}");
        assert!(text.contains("PGD1 x") && text.contains("PGD3 z") && !text.contains("PGD2 y"), "{text}");
        assert_eq!(text.matches("[[accepted]]").count(), 2);
    }

    #[test]
    fn a_form_that_cannot_be_changed_safely_is_left_alone() {
        assert_eq!(content("accepted = [ { cluster = 'other' } ]\n").with(&accepted(&[])), None);
    }

    #[test]
    fn line_ends_stay() {
        let before = "# ours\r\n[[silence]]\r\nrule = 'fsync_off'\r\nreason = 'r'\r\n";
        let text = content(before).with(&accepted(&[(Severity::Info, &["PGD3 z"])])).unwrap();
        assert!(text.starts_with(before), "{text:?}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
        let text = content("# ours\n").with(&accepted(&[])).unwrap();
        assert!(!text.contains('\r'), "{text:?}");
    }

    #[test]
    fn mixed_line_ends_and_a_byte_order_mark_stay() {
        let before = "\u{feff}# ours\n# theirs\r\n[[silence]]\nrule = 'fsync_off'\r\nreason = 'r'\n";
        let text = content(before).with(&accepted(&[(Severity::Info, &["PGD3 z"])])).unwrap();
        assert!(text.starts_with(before), "{text:?}");
        let again = content(&text).with(&accepted(&[(Severity::Info, &["PGD4 z"])])).unwrap();
        assert!(again.starts_with(before) && again.contains("PGD4") && !again.contains("PGD3"), "{again:?}");
    }

    #[test]
    fn what_is_not_a_regular_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        for path in [fifo.as_path(), folder.path(), Path::new("/dev/null")] {
            assert_eq!(Accept::open(path).err().unwrap().code, "policy_unreadable", "{path:?}");
        }
        let missing = folder.path().join("no").join("policy.toml");
        assert_eq!(Accept::open(&missing).err().unwrap().code, "output_failed");
    }
}
