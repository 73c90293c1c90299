//! Hundreds of deaths at any moment, half of them beside a session that changes other parameters: no journal is lost or torn, the file
//! always comes back, and nothing of the other session's is lost.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use pgdba_change::machine::State;
use xtask::servers::Server;

use super::{BACK, FORWARD, change, server};
use crate::apply_others::writer::Writer;
use crate::site::{Site, Standing, auto_conf};
use fastrand::Rng;

/// How many runs are killed.
const KILLS: usize = 500;

/// How many servers they are on, side by side.
const SERVERS: usize = 4;

/// How many of them share a home, which gets slower with each change in it.
const A_HOME: usize = 25;

/// Who changes and who recovers: a superuser, and a role with grants that sees the lines of the files but not the files.
const ROLES: [&str; 2] = ["postgres", "ops"];

/// What makes that role.
const OPS: &str = "create role ops login;
    grant alter system on parameter checkpoint_completion_target, work_mem, max_connections, search_path,
        max_worker_processes, random_page_cost, log_min_duration_statement to ops;
    grant select on pg_catalog.pg_file_settings to ops;
    grant execute on function pg_catalog.pg_show_all_file_settings(), pg_catalog.pg_reload_conf() to ops;
    grant pg_read_all_settings to ops";

/// What the other session changes.
const OTHERS: [&str; 3] = ["vacuum_cost_page_miss", "vacuum_cost_page_dirty", "commit_delay"];

/// What the random numbers of the first server begin with; printed, so that a failure can be repeated as far as time can.
const SEED: u64 = 20_261_124;

/// How long a whole run takes: an apply, and the rollback of it.
fn durations(site: &Site<'_>) -> [Duration; 2] {
    let began = Instant::now();
    let id = site.config(&change()).id();
    let applied = began.elapsed();
    site.rollback(&id).is_done("undisturbed");
    [applied, began.elapsed().saturating_sub(applied)]
}

#[test]
fn five_hundred_random_deaths_lose_nothing() {
    let met = thread::scope(|scope| {
        let seeds: [u64; SERVERS] = std::array::from_fn(|number| SEED + number as u64);
        let running = seeds.map(|seed| scope.spawn(move || deaths_on_a_server(seed)));
        running.map(|server| server.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    met.into_iter().flatten().for_each(|(word, count)| *all.entry(word).or_default() += count);
    println!("deaths by what the journal said: {all:?}");
    assert_eq!(all.values().sum::<usize>(), KILLS);
    let states = FORWARD.into_iter().chain(BACK);
    let missed: Vec<_> = states.filter(|state| !all.contains_key(*state)).collect();
    assert!(missed.len() <= 7, "never met: {missed:?}, only {all:?}");
}

/// Its share of the deaths, counted by what the journal said.
fn deaths_on_a_server(seed: u64) -> BTreeMap<String, usize> {
    let server = server();
    server.execute("postgres", OPS).unwrap();
    let former = Standing::of(&server);
    let mut random = Rng::with_seed(seed);
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for home in 1..=KILLS / SERVERS / A_HOME {
        // Every other home.
        let is_beside = (seed + home as u64).is_multiple_of(2);
        let writer = is_beside.then(|| Writer::start(&server, &OTHERS, 1));
        let when = format!("seed {seed}, home {home}");
        deaths_in_a_home(Site::new(&server), &mut random, &mut met, &when);
        if let Some(writer) = writer {
            end(writer, &server, &when);
        }
        Standing::of(&server).assert_is(&former, &when);
    }
    met
}

fn deaths_in_a_home(mut site: Site<'_>, random: &mut Rng, met: &mut BTreeMap<String, usize>, when: &str) {
    let whole = durations(&site);
    println!("{when}: a whole run takes {whole:?}");
    let mut applied: Option<String> = None;
    for _ in 0..A_HOME {
        let words = match &applied {
            Some(id) => vec!["rollback", "--changeset-id", id],
            None => change(),
        };
        as_anyone(&mut site, random);
        kill_within(&site, &words, whole[usize::from(applied.is_some())].mul_f64(1.1 * random.f64()));
        as_anyone(&mut site, random);
        let (settled, word) = settle(&site, applied.is_some());
        *met.entry(word).or_default() += 1;
        applied = settled;
    }
    if let Some(id) = applied {
        site.rollback(&id).is_done(when);
    }
    site.assert_nothing_held(when);
}

/// Ends the other session: the last values that it set are in the file. Then they are taken out.
fn end(writer: Writer, server: &Server, when: &str) {
    let last = writer.ends();
    let lines = auto_conf(server);
    let is_there = |(name, value): (&String, &String)| lines.contains(&format!("{name} = '{value}'"));
    assert!(last.iter().all(is_there), "{when}: {last:?} {lines:?}");
    for name in OTHERS {
        server.execute("postgres", &format!("alter system reset {name}")).unwrap();
    }
    server.reload_with(&[]).unwrap();
}

/// From here on as one role or the other.
fn as_anyone(site: &mut Site<'_>, random: &mut Rng) {
    let role = ROLES[usize::from(random.f64() < 0.5)];
    site.dsn = site.server.dsn(role, "postgres");
}

/// Starts a run and kills it after this time; it may have ended before.
fn kill_within(site: &Site<'_>, words: &[&str], time: Duration) {
    let mut child = site.command("pgdba", words).spawn().unwrap();
    thread::sleep(time);
    child.kill().ok();
    let status = child.wait().unwrap();
    assert!(status.signal() == Some(9) || status.success(), "{status:?} after {time:?}: {words:?}");
}

/// Reads every journal and brings a change that stands half-way back. The change that is applied now, if any, and what the
/// journal said of the newest one.
fn settle(site: &Site<'_>, was_applied: bool) -> (Option<String>, String) {
    let journals = site.journals();
    let Some(newest) = journals.last() else { return (None, "none".to_owned()) };
    let (id, word) = (newest.change_set.id.clone(), newest.state.word());
    let older = &journals[..journals.len() - 1];
    assert!(older.iter().all(|journal| journal.state.is_settled()), "an older change is half-way: {older:?}");
    let is_locked = site.files().contains(&".lock".to_owned());
    let back = match &newest.state {
        State::Recorded if !is_locked && !was_applied => return (Some(id), word),
        State::Restored { .. } | State::Abandoned { .. } if !is_locked => {
            // The run died before it wrote anything, or after it was done.
            let word = if was_applied { word } else { "none".to_owned() };
            return (None, word);
        }
        _ => site.rollback(&id),
    };
    back.is_done(&word);
    (None, word)
}
