//! Deaths at any moment of apply, rollback and resume, beside somebody who changes another parameter all along.

use std::time::{Duration, Instant};

use pgdba_change::machine::State;
use xtask::servers::patroni::PatroniRelease;

use fastrand::Rng;

use super::cluster::{APPLY, Cluster, FORMER, NEW, Stranger};

/// How many runs are killed where `PGDBA_PATRONI_KILLS` does not say otherwise; a whole campaign is 60.
const KILLS: usize = 4;

/// What the random numbers begin with.
const SEED: u64 = 20_261_128;

/// A moment of a run: half of them in its first part, where everything is read and stored; the rest is waiting.
fn moment(random: &mut Rng, whole: Duration) -> Duration {
    let share = if random.f64() < 0.5 { 0.12 } else { 1.1 };
    whole.mul_f64(share * random.f64())
}

/// How many kills a whole campaign is to have, where one is asked for.
pub(super) fn campaign() -> Option<usize> {
    std::env::var("PGDBA_PATRONI_KILLS").ok()?.parse().ok()
}

#[test]
fn random_deaths_under_the_older_patroni() {
    random_deaths(PatroniRelease::Debian, SEED);
}

#[test]
fn random_deaths_under_the_newer_patroni() {
    random_deaths(PatroniRelease::PyPi, SEED + 1);
}

fn random_deaths(release: PatroniRelease, seed: u64) {
    let kills = campaign().unwrap_or(KILLS);
    let cluster = Cluster::start(release);
    let mut random = Rng::with_seed(seed);
    let began = Instant::now();
    cluster.config(&APPLY).is_done("undisturbed");
    let whole = began.elapsed();
    let (id, _) = cluster.newest().unwrap();
    cluster.rollback(&id).is_done("undisturbed");
    let mut met = std::collections::BTreeMap::<String, usize>::new();
    Stranger::beside(&cluster, || {
        let mut done = 0;
        while done < kills {
            // Apply where nothing is applied, and the way back where something is.
            let applied = cluster.newest().filter(|(_, state)| *state == State::Recorded);
            match &applied {
                Some((id, _)) => cluster.kill_within(&["rollback", "--changeset-id", id], moment(&mut random, whole)),
                None => cluster.kill_within(&APPLY, moment(&mut random, whole)),
            }
            done += 1;
            let mut goes_on = random.f64() < 0.6;
            let Some((id, state)) = cluster.newest() else { continue };
            *met.entry(state.word()).or_default() += 1;
            if done < kills && (!state.is_settled() || cluster.is_locked()) && random.f64() < 0.4 {
                // What takes it up dies too.
                let words = ["apply", "--resume", "--changeset-id", &id];
                let is_forward = goes_on && !state.word().contains("back") && state.word() != "restoring";
                let words = if is_forward { &words[..] } else { &["rollback", "--changeset-id", &id] };
                cluster.kill_within(words, moment(&mut random, whole));
                done += 1;
                let state = cluster.newest().unwrap().1;
                *met.entry(format!("again {}", state.word())).or_default() += 1;
                goes_on = random.f64() < 0.6;
            }
            cluster.finish(goes_on, &format!("death {done} of seed {seed}"));
        }
    });
    println!("seed {seed}, a whole run {whole:?}, {kills} deaths by what the journal said: {met:?}");
}

/// The moments at which it matters most what the dynamic configuration holds.
#[test]
fn a_change_that_died_around_its_request_is_gone_on_with() {
    let cluster = Cluster::start(PatroniRelease::PyPi);
    for (at, stored) in
        [("patching:forward", FORMER), ("patched:forward", NEW), ("waiting:members", NEW), ("journaled:verified", NEW)]
    {
        cluster.dies(at, &APPLY);
        assert_eq!(cluster.stored("work_mem"), stored, "{at}");
        let (id, state) = cluster.newest().unwrap();
        assert!(!state.is_settled(), "{at}: {state:?}");
        let resumed = cluster.resume(&id);
        resumed.is_done(at);
        assert_eq!((cluster.stored("work_mem"), cluster.newest().unwrap().1), (NEW.into(), State::Recorded), "{at}");
        for back in ["patching:back", "patched:back"] {
            if cluster.newest().unwrap().1 == State::Recorded {
                cluster.dies(back, &["rollback", "--changeset-id", &id]);
            }
        }
        cluster.rollback(&id).is_done(at);
        assert_eq!(cluster.stored("work_mem"), FORMER, "{at}");
        assert!(!cluster.is_locked(), "{at}");
    }
}
