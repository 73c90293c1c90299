//! Hundreds of deaths at any moment: no journal is lost or torn, and the file always comes back.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::{Duration, Instant};

use pgdba_change::machine::State;

use super::{BACK, FORWARD, change, server};
use crate::site::{Site, Standing};

/// How many runs are killed.
const KILLS: usize = 500;

/// How many of them share a home, which gets slower with each change in it.
const A_HOME: usize = 25;

/// What the random numbers begin with; printed, so that a failure can be repeated as far as time can.
const SEED: u64 = 20_261_124;

/// Random enough for moments of death.
struct Random(u64);

impl Random {
    /// The next one, from 0 up to 1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

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
    let server = server();
    let former = Standing::of(&server);
    let mut random = Random(SEED);
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let mut site = Site::new(&server);
    let mut whole = durations(&site);
    println!("seed {SEED}; a whole run takes {whole:?}");
    let mut applied: Option<String> = None;
    for number in 1..=KILLS {
        let words = match &applied {
            Some(id) => vec!["rollback", "--changeset-id", id],
            None => change(),
        };
        kill_within(&site, &words, whole[usize::from(applied.is_some())].mul_f64(1.1 * random.next()));
        let (settled, word) = settle(&site, applied.is_some());
        *met.entry(word).or_default() += 1;
        applied = settled;
        if number % A_HOME == 0 {
            if let Some(id) = applied.take() {
                site.rollback(&id).is_done("at the end of a home");
            }
            Standing::of(&server).assert_is(&former, &format!("after {number} deaths"));
            site.assert_nothing_held(&format!("after {number} deaths"));
            site = Site::new(&server);
            whole = durations(&site);
        }
    }
    println!("deaths by what the journal said: {met:?}");
    let states = FORWARD.into_iter().chain(BACK);
    let missed: Vec<_> = states.filter(|state| !met.contains_key(*state)).collect();
    assert!(missed.len() <= 7, "never met: {missed:?}, only {met:?}");
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
