//! Rolling back without a connection: what to edit by hand, and editing it on the host of a stopped server.

use std::path::Path;

use pgdba_analysis::Block;
use pgdba_analysis::format::Tree;
use pgdba_apply::Store;
use pgdba_apply::offline::{OfflineDone, roll_back as roll_back_offline};
use pgdba_change::auto_conf::{Edit, line_of};
use pgdba_change::change_set::{ChangeSet, Via};
use pgdba_change::journal::Journal;
use pgdba_change::machine::State;
use pgdba_change::offline::edits_by_hand;
use pgdba_pg::mask::setting;
use serde_json::{Value, json};

use super::changes;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::terminal::shell_word;

/// The codes of failures to connect after which the server may not be running.
const UNREACHABLE: [&str; 9] = [
    "all_hosts_failed",
    "connection_refused",
    "host_unknown",
    "host_unreachable",
    "no_socket",
    "pooler_without_server",
    "shutting_down",
    "starting_up",
    "timeout",
];

/// Whether the server may not be running.
pub(super) fn is_unreachable(failure: &Failure) -> bool {
    // If a preloaded library is missing, only superusers can start a session.
    UNREACHABLE.contains(&failure.code) || failure.message.contains("could not access file")
}

/// Edits the file of the stopped server in `directory`.
pub(super) fn roll_back(home: &Path, beginning: &str, directory: &Path, force: bool) -> Result<Answer, Failure> {
    let done = roll_back_offline(home, beginning, directory, force)?;
    let mut data = changes::journal(&done.journal);
    if let Some(members) = data.as_object_mut() {
        members.insert("file".to_owned(), json!(done.file));
        members.insert("edits".to_owned(), edits_for_programs(&done.edits));
    }
    Ok(Answer { shown: shown(&done).into(), data: data.into(), warnings: done.notes, ..Answer::default() })
}

fn shown(done: &OfflineDone) -> Vec<Block> {
    let id = &done.journal.change_set.id;
    if let State::Abandoned { .. } = done.journal.state {
        return vec![Block::paragraph(format!("The change set {id} had not changed anything; it is closed."))];
    }
    let sentence = format!("Rolled back the change set {id}. The server reads the file when it starts.");
    vec![edits_to(&done.file.display().to_string(), &done.edits), Block::paragraph(sentence)]
}

/// What to edit by hand where the server cannot be reached; the failure to connect remains the outcome.
pub(super) fn by_hand(home: &Path, beginning: &str, failure: Failure) -> Result<Answer, Failure> {
    let Ok((store, id)) = Store::find_in(home, beginning) else { return Err(failure) };
    let Ok(journal) = store.read(&id) else { return Err(failure) };
    let way = WayBack::of(&journal, &store);
    let hint = match way.command() {
        Some(command) => format!("If the server does not start, undo the change on its host: {command}"),
        None => failure.hint.clone().unwrap_or_default(),
    };
    let failure = Failure { hint: Some(hint).filter(|hint| !hint.is_empty()), ..failure };
    Ok(Answer { shown: way.blocks().into(), data: way.data().into(), failure: Some(failure), ..Answer::default() })
}

/// The way back of a change without a connection.
pub(super) struct WayBack<'a> {
    journal: &'a Journal,
    /// Where the values are kept unmasked.
    kept: String,
}

impl<'a> WayBack<'a> {
    /// That of this change.
    pub(super) fn of(journal: &'a Journal, store: &Store) -> Self {
        Self { journal, kept: store.journal_path(&journal.change_set.id).display().to_string() }
    }

    fn change_set(&self) -> &ChangeSet {
        &self.journal.change_set
    }

    /// Whether anything of the change may be in the file.
    fn is_open(&self) -> bool {
        self.journal.state.has_touched_server() && !matches!(self.journal.state, State::Restored { .. })
    }

    /// The complete command; none where there is nothing to undo, or no file to edit.
    fn command(&self) -> Option<String> {
        let change_set = self.change_set();
        if !self.is_open() || change_set.via == Via::Patroni {
            return None;
        }
        let directory = change_set.data_directory.as_deref().map_or("DIR".to_owned(), shell_word);
        Some(format!("pgdba config rollback --offline --data-directory {directory} --changeset-id {}", change_set.id))
    }

    /// The lines to edit, and the command that edits them.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let change_set = self.change_set();
        let state = format!("Change set {} of {}: {}.", change_set.id, self.journal.server, self.journal.state.words());
        if !self.is_open() {
            return vec![Block::paragraph(state)];
        }
        let edits = edits_by_hand(change_set, &self.journal.begun);
        let is_masked = edits.iter().any(|edit| [&edit.before, &edit.after].iter().any(|value| is_masked(edit, value)));
        let masked = is_masked.then(|| {
            Block::paragraph(format!("*** stands for a possible secret; the full values are in {}.", self.kept))
        });
        let blocks = match change_set.via {
            Via::Patroni => by_patronictl(&edits, masked),
            Via::AlterSystem => self.by_editor(&edits, masked),
        };
        std::iter::once(Block::paragraph(state)).chain(blocks).collect()
    }

    /// The lines of postgresql.auto.conf, and the command that edits them.
    fn by_editor(&self, edits: &[Edit], masked: Option<Block>) -> Vec<Block> {
        let file = match &self.change_set().data_directory {
            Some(directory) => format!("{directory}/postgresql.auto.conf"),
            None => "postgresql.auto.conf in the data directory".to_owned(),
        };
        let partly = !matches!(self.journal.state, State::Recorded);
        let partly = partly.then(|| {
            Block::paragraph("Skip lines that are not in the file: the change was incomplete or is partly undone.")
        });
        let command = self.command().map(|command| {
            let caption = "Or run this on the server's host, as root or as the owner of the data directory";
            Block::shell(caption, command)
        });
        let lines = edits_to(&format!("To undo it by hand, stop the server and edit {file}"), edits);
        std::iter::once(lines).chain(partly).chain(masked).chain(command).collect()
    }

    /// The same for programs, without secrets.
    fn data(&self) -> Value {
        let mut data = changes::journal(self.journal);
        if let Some(members) = data.as_object_mut() {
            let edits = if self.is_open() { edits_by_hand(self.change_set(), &self.journal.begun) } else { Vec::new() };
            members.insert("edits".to_owned(), edits_for_programs(&edits));
            members.insert("command".to_owned(), json!(self.command()));
        }
        data
    }
}

/// The command that undoes a change through Patroni.
fn by_patronictl(edits: &[Edit], masked: Option<Block>) -> Vec<Block> {
    let options: Vec<String> = edits.iter().map(patroni_option).collect();
    let caption = "It was made through Patroni. To undo it while PostgreSQL is down, run this on any member";
    let command = format!("patronictl edit-config {}", options.join(" "));
    std::iter::once(Block::shell(caption, command)).chain(masked).collect()
}

/// Which lines of a file are removed, added or replaced, as the server writes them, below `caption`.
fn edits_to(caption: &str, edits: &[Edit]) -> Block {
    let line = |edit: &Edit, value: &Option<Vec<u8>>| {
        let value = value.as_ref().map(|value| setting::mask(&edit.name, &String::from_utf8_lossy(value)));
        let line = line_of(&edit.name, value.unwrap_or_default().as_bytes());
        String::from_utf8_lossy(&line).into_owned()
    };
    let edit = |edit: &Edit| {
        let at = edit.line.map_or_else(String::new, |line| format!("line {line}: "));
        match (&edit.before, &edit.after) {
            (Some(_), None) => Some(Tree::leaf(format!("{at}remove {}", line(edit, &edit.before)))),
            (Some(_), Some(_)) => {
                let replaced = Tree::leaf(format!("{at}replace {}", line(edit, &edit.before)));
                Some(replaced.over([format!("with {}", line(edit, &edit.after))]))
            }
            (None, Some(_)) => Some(Tree::leaf(format!("{at}add {}", line(edit, &edit.after)))),
            (None, None) => None,
        }
    };
    Block::Tree { caption: caption.to_owned(), roots: edits.iter().filter_map(edit).collect() }
}

fn edits_for_programs(edits: &[Edit]) -> Value {
    let shown = |edit: &Edit, value: &Option<Vec<u8>>| {
        value.as_ref().map(|value| setting::mask(&edit.name, &String::from_utf8_lossy(value)))
    };
    let edit = |edit: &Edit| {
        json!({
            "name": edit.name, "line": edit.line,
            "before": shown(edit, &edit.before), "after": shown(edit, &edit.after),
        })
    };
    Value::Array(edits.iter().map(edit).collect())
}

fn is_masked(edit: &Edit, value: &Option<Vec<u8>>) -> bool {
    let Some(value) = value else { return false };
    let value = String::from_utf8_lossy(value);
    setting::mask(&edit.name, &value) != value
}

/// The option of `patronictl edit-config` that gives a parameter its former value.
fn patroni_option(edit: &Edit) -> String {
    let value = edit
        .after
        .as_ref()
        .map_or_else(|| "null".to_owned(), |value| setting::mask(&edit.name, &String::from_utf8_lossy(value)));
    format!("--pg {}", shell_word(&format!("{}={value}", edit.name)))
}

#[cfg(test)]
mod tests {
    use pgdba_collector::connect::ConnectFaultKind;

    use super::*;

    #[test]
    fn a_server_that_answers_is_not_taken_for_one_that_does_not_run() {
        let codes: Vec<&str> = ConnectFaultKind::ALL.iter().map(|kind| kind.code()).collect();
        assert!(UNREACHABLE.iter().all(|code| codes.contains(code)), "a code that no failure has");
        for kind in
            [ConnectFaultKind::Authentication, ConnectFaultKind::TooManyConnections, ConnectFaultKind::TlsFailed]
        {
            assert!(!UNREACHABLE.contains(&kind.code()), "{kind:?}");
        }
    }

    #[test]
    fn edits_are_listed_with_the_lines_of_the_server() {
        let edit = |line, before: Option<&str>, after: Option<&str>| Edit {
            name: "archive_command".to_owned(),
            line,
            before: before.map(|value| value.as_bytes().to_vec()),
            after: after.map(|value| value.as_bytes().to_vec()),
        };
        let edits = [edit(Some(3), Some("it's"), None), edit(None, None, Some("cp --key=x"))];
        let expected = ["line 3: remove archive_command = '***'", "add archive_command = 'cp ***'"].map(Tree::leaf);
        assert_eq!(edits_to("f", &edits), Block::Tree { caption: "f".to_owned(), roots: expected.to_vec() });
    }
}
