//! Rolling a change back on a server that does not run: the lines in `postgresql.auto.conf` are edited on the server's host, and
//! the server reads them as it starts.

mod auto_conf;
mod data_directory;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pgdba_change::auto_conf::Edit;
use pgdba_change::change_set::Via;
use pgdba_change::journal::Journal;
use pgdba_change::machine::{self, Action, Event, Next, State, TakeUp};
use pgdba_change::offline::{Kinds, way_back};
use pgdba_pg::ServerVersion;
use pgdba_pg::parameter::{Declaration, Kind};
use pgdba_snapshot::sections::pg_settings::PgSetting;

use self::auto_conf::{Prepared, read, verify};
use self::data_directory::DataDirectory;
use crate::error::{ApplyError, OfflineError};
use crate::fault_point;
use crate::holder::Operation;
use crate::run::close;
use crate::store::{Lock, Store};

/// What came of a rollback without the server.
#[derive(Debug)]
pub struct OfflineDone {
    /// The journal as it is now.
    pub journal: Journal,
    /// The file.
    pub file: PathBuf,
    /// What was edited in it; nothing where the former lines were in it already.
    pub edits: Vec<Edit>,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
}

/// Puts the former lines of the change whose id begins so into the file of the stopped server in `directory`. With `force` also where
/// others changed them since, and where it cannot be checked that the change was made to that server.
///
/// # Errors
/// [`ApplyError`]; where it is not [`OfflineError::Incomplete`] the file was not changed.
pub fn roll_back(home: &Path, beginning: &str, directory: &Path, force: bool) -> Result<OfflineDone, ApplyError> {
    let (store, id) = Store::find_in(home, beginning)?;
    let journal = store.read(&id)?;
    if journal.change_set.via == Via::Patroni {
        return Err(OfflineError::Patroni(id).into());
    }
    let directory = DataDirectory::open(directory)?;
    let mut notes = directory.check_identity(&journal.change_set, force)?;
    directory.check_stopped()?;
    if let Err(why) = machine::take_up(&journal.state, TakeUp::RollBack, 0) {
        let done = close(&store, journal, TakeUp::RollBack, why)?;
        let file = directory.auto_conf();
        return Ok(OfflineDone { journal: done.journal, file, edits: Vec::new(), notes: done.notes });
    }
    store.prepare(home)?;
    let lock =
        store.take_over(Operation::Rollback, &id, &Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string())?;
    // Only now that nobody else can change it.
    let prepared = store.read(&id).and_then(|journal| Ok((prepare(&store, &directory, &journal, force)?, journal)));
    match prepared {
        Ok((ready, journal)) => {
            notes.extend(ready.notes.iter().cloned());
            Run { store: &store, directory, ready, journal, lock: Some(lock), notes }.go()
        }
        Err(error) => {
            store.finish();
            lock.release()?;
            Err(error)
        }
    }
}

/// The edited file, ready to take the place of the former one.
struct Ready {
    /// The file under a name of its own; none where nothing is edited.
    file: Option<Prepared>,
    /// What it holds.
    bytes: Vec<u8>,
    edits: Vec<Edit>,
    notes: Vec<String>,
}

/// Reads and edits the file; it is complete on the disk, under another name, when this returns.
fn prepare(store: &Store, directory: &DataDirectory, journal: &Journal, force: bool) -> Result<Ready, ApplyError> {
    let mut ready = Ready { file: None, bytes: Vec::new(), edits: Vec::new(), notes: Vec::new() };
    if !journal.state.has_touched_server() {
        return Ok(ready);
    }
    let change_set = &journal.change_set;
    let (bytes, original) = read(directory)?;
    let kinds = kinds(store, &change_set.id, change_set.server_version_num);
    let way = way_back(change_set, &journal.begun, &journal.state, &bytes, &kinds);
    if !(way.foreign.is_empty() || force) {
        return Err(OfflineError::ChangedSince { id: change_set.id.clone(), foreign: way.foreign }.into());
    }
    ready.notes.extend(way.foreign.iter().map(|foreign| format!("overwritten because of --force: {foreign}")));
    ready.notes.extend(
        way.edited.unreadable.iter().map(|error| format!("{error}; the server does not start until it is corrected")),
    );
    if way.edited.edits.is_empty() {
        ready.notes.push("postgresql.auto.conf already has the former lines, so it was not written".to_owned());
    } else {
        ready.file = Some(Prepared::write(directory, &original, &way.edited.bytes)?);
    }
    (ready.bytes, ready.edits) = (way.edited.bytes, way.edited.edits);
    Ok(ready)
}

/// What sort of value each parameter takes, as the snapshot from before the change has it; nothing where that is gone.
fn kinds(store: &Store, id: &str, server_version_num: i64) -> Kinds {
    let Ok(bytes) = std::fs::read(store.pre_snapshot_path(id)) else { return Kinds::new() };
    let Ok(snapshot) = pgdba_snapshot::read(&bytes) else { return Kinds::new() };
    let kind = |row: &PgSetting| {
        let kind = Kind::of(&Declaration {
            name: &row.name,
            vartype: row.vartype.as_deref().unwrap_or_default(),
            unit: row.unit.as_deref(),
            min_val: row.min_val.as_deref(),
            max_val: row.max_val.as_deref(),
            enumvals: row.enumvals.as_deref().unwrap_or_default(),
            major: ServerVersion(server_version_num).major(),
        });
        (row.name.to_ascii_lowercase(), kind)
    };
    snapshot.section::<PgSetting>().rows.iter().map(kind).collect()
}

/// A rollback under way.
struct Run<'a> {
    store: &'a Store,
    directory: DataDirectory,
    ready: Ready,
    journal: Journal,
    lock: Option<Lock>,
    notes: Vec<String>,
}

impl Run<'_> {
    /// From state to state, each in the journal before its action begins.
    fn go(mut self) -> Result<OfflineDone, ApplyError> {
        let id = self.journal.change_set.id.clone();
        let closed = |why| ApplyError::Closed { id: id.clone(), why };
        let first = machine::take_up(&self.journal.state, TakeUp::RollBack, 0).map_err(closed);
        let (mut state, mut action) = match first {
            Ok(first) => first,
            Err(error) => return self.free().and(Err(error)),
        };
        self.journal.ended = None;
        loop {
            self.enter(&state);
            let event = self.perform(action).map_or_else(|error| Event::Failed(error.into()), |()| Event::Done);
            fault_point::reach("done", &state.word());
            match machine::next_offline(&state, event) {
                Next::Enter(next, then) | Next::Retreat(next, then, _) => (state, action) = (next, then),
                Next::Finished => return Ok(self.finished()),
                Next::Stuck(cause) => return Err(self.stuck(cause.to_string())),
            }
        }
    }

    /// Writes the state to the journal. The server comes first: it is put back although that cannot be written down.
    fn enter(&mut self, state: &State) {
        fault_point::reach("before", &state.word());
        self.journal.enter(state.clone(), Timestamp::now());
        match self.store.write(&self.journal) {
            Ok(()) => fault_point::reach("journaled", &state.word()),
            Err(error) => self.notes.push(format!("the journal could not be written: {error}")),
        }
    }

    fn perform(&mut self, action: Action) -> Result<(), ApplyError> {
        match action {
            Action::PutBack => match self.ready.file.take() {
                Some(file) => {
                    // It may have been started since.
                    self.directory.check_stopped()?;
                    Ok(file.replace(&self.directory)?)
                }
                None => Ok(()),
            },
            // The server reads the file as it starts; here it is read again.
            Action::Reload => Ok(verify(&self.directory, &self.ready.bytes)?),
            Action::Unlock => self.free(),
            _ => Ok(()),
        }
    }

    fn free(&mut self) -> Result<(), ApplyError> {
        self.store.finish();
        self.lock.take().map_or(Ok(()), Lock::release)
    }

    fn finished(self) -> OfflineDone {
        let file = self.directory.auto_conf();
        OfflineDone { journal: self.journal, file, edits: self.ready.edits, notes: self.notes }
    }

    /// It ends in an orderly way: the journal says why, and the lock goes.
    fn stuck(mut self, reason: String) -> ApplyError {
        self.journal.ended = Some(reason.clone());
        let (id, path) = (self.journal.change_set.id.clone(), self.directory.path().to_owned());
        let is_written = self.store.write(&self.journal).is_ok();
        if is_written {
            // What is left of a lock that cannot be removed is found dead.
            drop(self.free());
        }
        OfflineError::Incomplete { id, reason, path }.into()
    }
}
