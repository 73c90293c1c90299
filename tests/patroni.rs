//! Patroni for real: its client, what becomes of an ALTER SYSTEM under it, and changes of its configuration there and back.

mod cluster;
mod command;
mod faults;
mod guarded;
mod kills;
mod levels;
mod members;
mod nonsense;
mod outage;
mod proxy;
mod strangers;
mod there_and_back;

use std::collections::{BTreeMap, BTreeSet};

use pgdba_apply::patroni::{Patroni, PatroniError, PatroniOptions, Sending, Waited, Witness};
use pgdba_change::patroni::{DcsChange, DcsPlan, Member, Shown, Wanted, Way, as_postgresql_reads};
use pgdba_pg::parameter::Source;
use serde_json::Value;
use xtask::servers::PatroniLab;

/// The client of a member.
fn client(lab: &PatroniLab, index: usize) -> Patroni {
    Patroni::new(PatroniOptions::new(&lab.url(index)).unwrap()).unwrap()
}

/// Stores a plan and waits for the members.
fn apply(patroni: &Patroni, plan: &DcsPlan, witness: &mut dyn Witness) -> Result<Waited, PatroniError> {
    reach(patroni, plan, Sending { way: Way::Forward, force: false, pending: None }, witness)
}

/// The same back.
fn take_back(
    patroni: &Patroni,
    plan: &DcsPlan,
    force: bool,
    witness: &mut dyn Witness,
) -> Result<Waited, PatroniError> {
    reach(patroni, plan, Sending { way: Way::Back, force, pending: None }, witness)
}

fn reach(
    patroni: &Patroni,
    plan: &DcsPlan,
    sending: Sending,
    witness: &mut dyn Witness,
) -> Result<Waited, PatroniError> {
    let notes = patroni.store(plan, &sending)?;
    let mut waited = patroni.wait(plan, sending.way, witness);
    waited.notes.splice(0..0, notes);
    Ok(waited)
}

/// What `GET /config` answers, asked without the client.
fn raw_config(lab: &PatroniLab) -> Value {
    // Patroni answers from what it read last, and reads anew for /cluster.
    lab.rest(0, "GET", "/cluster", "").unwrap();
    let (status, text) = lab.rest(0, "GET", "/config", "").unwrap();
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn change(name: &str, value: Option<&str>) -> DcsChange {
    DcsChange { name: name.to_owned(), value: value.map(str::to_owned), needs_restart: false }
}

fn restart_change(name: &str, value: Option<&str>) -> DcsChange {
    DcsChange { needs_restart: true, ..change(name, value) }
}

/// The one value of a query on a member.
fn value(lab: &PatroniLab, index: usize, sql: &str) -> String {
    let rows = lab.query(index, sql).unwrap();
    rows[0][0].clone().unwrap()
}

/// The names of the parameters on a member's command line.
fn command_line(lab: &PatroniLab, index: usize) -> BTreeSet<String> {
    let rows =
        lab.query(index, "select lower(name) from pg_catalog.pg_settings where source = 'command line'").unwrap();
    rows.into_iter().map(|mut row| row.remove(0).unwrap()).collect()
}

/// Asks the servers of some members, by their numbers, in a new session each time.
fn witness<'a>(
    lab: &'a PatroniLab,
    asked: &'a [usize],
) -> impl FnMut(&Member, &[Wanted]) -> Option<BTreeMap<String, Shown>> + 'a {
    move |member, wanted| {
        let index = *asked.iter().find(|index| member.port == Some(lab.port(**index)))?;
        Some(wanted.iter().map(|wanted| (wanted.name.clone(), shown(lab, index, wanted))).collect())
    }
}

/// PostgreSQL itself compares: it is asked what it makes of the value that is wanted.
fn shown(lab: &PatroniLab, index: usize, wanted: &Wanted) -> Shown {
    let name = &wanted.name;
    let row = format!(
        "select current_setting(name), source, sourcefile, pending_restart, boot_val, setting
         from pg_catalog.pg_settings where name = lower('{name}')"
    );
    let row = lab.query(index, &row).unwrap().remove(0);
    let text = |column: usize| row[column].clone().unwrap_or_default();
    let is_wanted = match wanted.value.as_ref().and_then(as_postgresql_reads) {
        Some(value) => {
            // Of a parameter that only a restart changes, the value is compared as text.
            let same = lab.query(index, &format!("set {name} = '{value}'; select current_setting('{name}')"));
            same.map_or(value, |rows| rows[0][0].clone().unwrap()) == text(0)
        }
        None => text(4) == text(5),
    };
    Shown {
        is_wanted,
        value: text(0),
        source: Source::parse(&text(1)),
        sourcefile: row[2].clone(),
        pending_restart: text(3) == "t",
    }
}
