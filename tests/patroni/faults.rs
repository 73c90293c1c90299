//! Faults in the middle of apply, rollback and resume: the last word printed is true, the next command ends in one of the two
//! clean states, and nobody else's value is lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use pgdba_apply::patroni::Sending;
use pgdba_change::machine::State;
use pgdba_change::patroni::Way;
use serde_json::json;
use xtask::servers::patroni::PatroniRelease;

use super::cluster::{APPLY, Cluster, FORMER, NEW, Stranger};
use super::kills::campaign;
use super::proxy::Proxy;
use super::{change, client};

/// Runs apply, rollback and resume, each with a fault in its middle that `begin` makes and `end` takes away, and then the command
/// that brings what is left to an end. What came of each disturbed run: a word for its error, or `done`.
fn in_the_middle_of_each(
    cluster: &mut Cluster,
    [forward, back]: [&str; 2],
    begin: impl Fn(&mut Cluster),
    end: impl Fn(&mut Cluster),
) -> Vec<String> {
    let mut codes = Vec::new();
    for operation in ["apply", "rollback", "resume"] {
        let id = match operation {
            "apply" => String::new(),
            "rollback" => cluster.config(&APPLY).id(),
            _ => {
                // Either nothing was sent, or its own value is stored; it does not know.
                let died = if forward == WAITING[0] { "patched:forward" } else { "patching:forward" };
                cluster.dies(died, &APPLY);
                cluster.newest().unwrap().0
            }
        };
        let at = if operation == "rollback" { back } else { forward };
        let waiting = match operation {
            "apply" => cluster.waits(at, &APPLY),
            "rollback" => cluster.waits(at, &["rollback", "--changeset-id", &id]),
            _ => cluster.waits(at, &["apply", "--resume", "--changeset-id", &id]),
        };
        begin(cluster);
        let told = waiting.ends();
        end(cluster);
        codes.push(told.envelope["error"]["code"].as_str().unwrap_or("done").to_owned());
        let when = format!("{operation} at {at}");
        cluster.assert_true(&told, operation != "rollback", &when);
        cluster.finish(operation == "resume", &when);
        if cluster.newest().unwrap().1 == State::Recorded {
            let id = cluster.newest().unwrap().0;
            cluster.rollback(&id).is_done(&when);
        }
        assert_eq!(cluster.stored("work_mem"), FORMER, "{when}");
    }
    codes
}

const REQUEST: [&str; 2] = ["patching:forward", "patching:back"];
const WAITING: [&str; 2] = ["waiting:members"; 2];

/// Under the newer Patroni, in a campaign under the older one too.
#[test]
fn a_dcs_that_hangs() {
    let releases = [PatroniRelease::PyPi, PatroniRelease::Debian];
    for release in releases.into_iter().take(if campaign().is_some() { 2 } else { 1 }) {
        let mut cluster = Cluster::start(release);
        let freeze = |is_frozen: bool| move |cluster: &mut Cluster| cluster.lab.freeze_dcs(is_frozen).unwrap();
        let codes = in_the_middle_of_each(&mut cluster, REQUEST, freeze(true), freeze(false));
        // Patroni may have sent it to etcd, which may store it once it goes on.
        assert_eq!(codes, ["half_way"; 3]);
    }
}

#[test]
fn a_dcs_that_is_gone() {
    let mut cluster = Cluster::start(PatroniRelease::Debian);
    let begin = |cluster: &mut Cluster| cluster.lab.stop_dcs();
    in_the_middle_of_each(&mut cluster, REQUEST, begin, |cluster| cluster.lab.start_dcs().unwrap());
}

#[test]
fn an_answer_that_is_lost() {
    let mut cluster = Cluster::start(PatroniRelease::PyPi);
    let proxy = Proxy::to(&cluster.url);
    cluster.url = proxy.url();
    in_the_middle_of_each(&mut cluster, REQUEST, |_| proxy.lose_answers(true), |_| proxy.lose_answers(false));
    // It is not guessed: the configuration is read, and the change goes on.
    let waiting = cluster.waits("patching:forward", &APPLY);
    proxy.lose_answers(true);
    let told = waiting.ends();
    told.is_done("the answer is lost");
    assert!(told.envelope["warnings"].to_string().contains("the configuration was read again"), "{}", told.envelope);
}

#[test]
fn a_switchover_in_the_middle() {
    let mut cluster = Cluster::start(PatroniRelease::PyPi);
    if campaign().is_some() {
        in_the_middle_of_each(&mut cluster, REQUEST, |cluster| cluster.lab.switchover().unwrap(), |_| ());
    }
    in_the_middle_of_each(&mut cluster, WAITING, |cluster| cluster.lab.switchover().unwrap(), |_| ());
}

#[test]
fn a_member_that_hangs_or_dies_is_named_and_not_dropped() {
    let mut cluster = Cluster::start(PatroniRelease::Debian);
    let freeze = |index, is_frozen| move |cluster: &mut Cluster| cluster.lab.freeze_member(index, is_frozen).unwrap();
    let codes = in_the_middle_of_each(&mut cluster, WAITING, freeze(1, true), freeze(1, false));
    assert_eq!(codes, ["done"; 3]);
    // The one that is asked.
    in_the_middle_of_each(&mut cluster, REQUEST, freeze(0, true), freeze(0, false));
    let waiting = cluster.waits("waiting:members", &APPLY);
    cluster.lab.kill_member(1).unwrap();
    let told = waiting.ends();
    let id = told.is_done("a member is dead")["change_set"]["id"].as_str().unwrap().to_owned();
    let warnings = told.envelope["warnings"].to_string();
    assert!(warnings.contains("member pg2 did not confirm"), "{warnings}");
    cluster.rollback(&id).is_done("a member is dead");
    assert_eq!(cluster.stored("work_mem"), FORMER);
}

#[test]
fn what_somebody_else_sets_is_kept_at_every_point() {
    let cluster = Cluster::start(PatroniRelease::PyPi);
    let refused = |told: &crate::site::Told, code: &str, value: &str, when: &str| {
        let said = told.is_refused(1, code, when);
        assert!(said.contains(&format!("\"work_mem\" is now {value}")), "{when}: {said}");
        assert_eq!(cluster.stored("work_mem"), value, "{when}: {said}");
        assert!(!cluster.is_locked(), "{when}: {said}");
        said
    };
    // Between the plan that was shown and the yes.
    let waiting = cluster.waits("before:planned", &APPLY);
    // Everywhere, so that no member takes it up later.
    cluster.patch_everywhere("work_mem", "12MB");
    refused(&waiting.ends(), "plan_outdated", "12MB", "after the plan");

    // While the members are waited for.
    cluster.patch_everywhere("work_mem", FORMER);
    let waiting = cluster.waits("waiting:members", &APPLY);
    cluster.patch_everywhere("work_mem", "13MB");
    refused(&waiting.ends(), "undone", "13MB", "while waiting");
    assert!(cluster.newest().unwrap().1.is_settled());

    // After it was applied.
    cluster.patch_everywhere("work_mem", FORMER);
    let id = cluster.config(&APPLY).id();
    cluster.patch_everywhere("work_mem", "14MB");
    let said = refused(&cluster.rollback(&id), "patroni_changed_since", "14MB", "before the rollback");
    assert!(said.contains(&format!("--changeset-id {id} --force")), "{said}");
    assert_eq!(cluster.newest().unwrap().1, State::Recorded);
    let history = cluster.config(&["history", "--changeset-id", &id]).is_done("history");
    assert_eq!(history[0]["dcs_now"], "changed since: \"work_mem\" is now 14MB", "{history:#}");
    let forced = cluster.config(&["rollback", "--changeset-id", &id, "--force"]);
    forced.is_done("forced");
    assert!(forced.envelope["warnings"].to_string().contains("overwritten because of --force"), "{}", forced.envelope);
    assert_eq!(cluster.stored("work_mem"), FORMER);

    // After it died.
    cluster.dies("patched:forward", &APPLY);
    let id = cluster.newest().unwrap().0;
    cluster.patch_everywhere("work_mem", "15MB");
    for (told, words) in [(cluster.resume(&id), "apply"), (cluster.rollback(&id), "rollback")] {
        let said = refused(&told, "patroni_changed_since", "15MB", words);
        assert!(said.contains(&format!("pgdba config {words}")) && said.contains("--force"), "{said}");
    }
    let forced = cluster.config(&["apply", "--resume", "--changeset-id", &id, "--force"]);
    forced.is_done("forced");
    assert_eq!(cluster.stored("work_mem"), NEW);
    cluster.rollback(&id).is_done("at last");

    // After it died before anything was sent.
    cluster.dies("journaled:snapshotted", &APPLY);
    let id = cluster.newest().unwrap().0;
    cluster.patch_everywhere("work_mem", "16MB");
    refused(&cluster.resume(&id), "plan_outdated", "16MB", "resumed before the request");
}

#[test]
fn a_conflict_on_another_parameter_is_sent_again() {
    let cluster = Cluster::start(PatroniRelease::Debian);
    let patroni = client(&cluster.lab, 0);
    let plan = patroni.plan_dcs(&[change("work_mem", Some(NEW))]).unwrap();
    let is_over = AtomicBool::new(false);
    let mut has_met = false;
    thread::scope(|scope| {
        // Somebody else, faster than any person and slow enough to let others through.
        let (other, ended) = (client(&cluster.lab, 1), &is_over);
        scope.spawn(move || {
            for number in 0_u32.. {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let value = format!("0.0{}", 1 + number % 9);
                // What is refused is sent again with the next one.
                other.patch_config(&json!({"postgresql": {"parameters": {"cpu_tuple_cost": value}}})).ok();
                thread::sleep(Duration::from_millis(10));
            }
        });
        for way in [Way::Forward, Way::Back].into_iter().cycle().take(1000) {
            let stored = patroni.store(&plan, &Sending { way, force: false, pending: None });
            has_met = stored.as_ref().is_ok_and(|notes| notes.iter().any(|note| note.contains("409")));
            if has_met || stored.is_err() {
                is_over.store(true, Ordering::SeqCst);
                stored.unwrap();
                break;
            }
        }
        is_over.store(true, Ordering::SeqCst);
    });
    assert!(has_met, "no conflict in 1000 changes");
}

#[test]
fn two_homes_through_two_members_do_not_both_change() {
    let cluster = Cluster::start(PatroniRelease::PyPi);
    let waiting = cluster.waits("before:applying:0", &APPLY);
    let other = tempfile::tempdir().unwrap();
    let mut second = cluster.command("pgdba", 1, &["apply", "--via", "patroni", "--set", "work_mem=12MB"]);
    let told = crate::site::Told::of(second.env("PGDBA_HOME", other.path()).output().unwrap());
    let said = told.is_refused(4, "locked", "through the other member");
    let id = cluster.newest().unwrap().0;
    assert!(said.contains(&id), "{said}");
    waiting.ends().is_done("the first one");
    assert_eq!(cluster.stored("work_mem"), NEW);
}

#[test]
fn a_stranger_beside_a_whole_change_loses_nothing() {
    let cluster = Cluster::start(PatroniRelease::PyPi);
    Stranger::beside(&cluster, || {
        let applied = cluster.config(&APPLY);
        applied.is_done("beside a stranger");
        cluster.rollback(&applied.id()).is_done("beside a stranger");
    });
    assert_eq!(cluster.stored("work_mem"), FORMER);
}

#[test]
fn what_patroni_would_not_use_is_refused_with_the_bound() {
    let cluster = Cluster::start(PatroniRelease::Debian);
    for (pair, message, hint) in [
        (
            "max_connections=20",
            "integers of at least 25",
            "Choose a value that Patroni accepts: integers of at least 25.",
        ),
        ("restore_command=cp /a/%f %p", "on standbys only", "postgresql.recovery_conf.restore_command"),
        ("port=5433", "postgresql.listen", "Set postgresql.listen"),
    ] {
        for dry in [&["--dry-run"][..], &[]] {
            let told = cluster.config(&[&["apply", "--via", "patroni", "--set", pair], dry].concat());
            assert_eq!(told.code, Some(1), "{pair}: {}", told.envelope);
            let said = told.envelope.to_string();
            assert!(said.contains(message) && said.contains(hint), "{pair}: {said}");
        }
    }
    assert!(cluster.journals().is_empty());
    // To remove a value is no bad value; nothing is done where nothing is set.
    let reset = cluster.config(&["apply", "--via", "patroni", "--reset", "work_mem", "--reset", "temp_buffers"]);
    let data = reset.is_done("reset");
    let outcomes = data["change_set"]["parameters"].as_array().unwrap();
    let outcome = |name: &str| outcomes.iter().find(|change| change["name"] == name).unwrap()["outcome"].clone();
    assert_eq!((outcome("work_mem"), outcome("temp_buffers")), ("applies".into(), "unchanged".into()), "{data:#}");
    assert!(cluster.stored("work_mem").is_null());
    let back = cluster.command("pgdba", 0, &["rollback", "--changeset-id", &reset.id()]);
    let mut text = std::process::Command::new(back.get_program());
    let arguments: Vec<_> = back.get_args().filter(|word| *word != "--format" && *word != "json").collect();
    text.args(arguments).envs(back.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let text = String::from_utf8(text.output().unwrap().stdout).unwrap();
    assert!(text.contains("restored in the dynamic configuration") && text.contains(FORMER), "{text}");
    assert!(!text.contains("postgresql.auto.conf") && text.contains("through Patroni at"), "{text}");
}
