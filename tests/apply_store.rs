//! pgdba's own folder cannot be used, or its disk fills up: nothing is changed without a journal.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use pgdba_change::machine::State;
use xtask::process;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::site::{JSON, Site, Standing, Told, auto_conf};

const CHANGE: [&str; 3] = ["apply", "--set", "work_mem=12MB"];

/// A namespace of its own for what is mounted, so that nothing of it stays.
const ALONE: [&str; 2] = ["--mount", "--map-root-user"];

/// A server that writes down every statement.
fn server() -> Server {
    Server::start(NEWEST, &ServerOptions::fast().with("log_statement", "all")).unwrap()
}

/// The file and when it was written: neither may change where nothing was done.
fn untouched(server: &Server) -> (Vec<String>, SystemTime) {
    let written = fs::metadata(server.data_dir().join("postgresql.auto.conf")).unwrap().modified().unwrap();
    (auto_conf(server), written)
}

fn may_mount() -> bool {
    let may = process::succeeds(Command::new("unshare").args(ALONE).arg("true"));
    if !may {
        eprintln!("no disk can be mounted here, so full disks are not tried");
    }
    may
}

/// The command, after `script` was run with the home as `$1`, where a disk may be mounted.
fn mounted(site: &Site<'_>, program: &str, words: &[&str], script: &str) -> Command {
    let inner = site.command(program, words);
    let mut command = Command::new("unshare");
    command.args(ALONE).args(["sh", "-c", &format!("{script} && shift && exec \"$@\""), "sh"]).arg(&site.home);
    command.arg(inner.get_program()).args(inner.get_args()).args(JSON).env("PGDBA_HOME", &site.home);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Something done to the home before.
type Spoil = fn(&Path);

#[test]
fn a_home_that_cannot_be_used_is_refused_before_the_server_is_touched() {
    let server = server();
    let before = untouched(&server);
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let cases: [(&str, Spoil); 6] = [
        ("store_writable_by_others", |home| {
            fs::create_dir(home).unwrap();
            fs::set_permissions(home, fs::Permissions::from_mode(0o775)).unwrap();
        }),
        ("store_writable_by_others", |home| {
            fs::create_dir_all(home.join("snapshots")).unwrap();
            fs::set_permissions(home.join("snapshots"), fs::Permissions::from_mode(0o707)).unwrap();
        }),
        ("store_foreign_owner", |home| {
            fs::create_dir(home).unwrap();
            chown(home, Some(65534), None).unwrap();
        }),
        ("store_no_folder", |home| fs::write(home, "").unwrap()),
        ("store_no_folder", |home| {
            fs::create_dir(home).unwrap();
            fs::write(home.join("snapshots"), "").unwrap();
        }),
        ("store_failed", |home| std::os::unix::fs::symlink("/proc/nobody/makes/this", home).unwrap()),
    ];
    for (word, spoil) in cases {
        if word == "store_foreign_owner" && !is_root {
            eprintln!("nobody but root gives files away, so a foreign home is not tried");
            continue;
        }
        let site = Site::new(&server);
        spoil(&site.home);
        site.config(&CHANGE).is_refused(1, word, &site.home.display().to_string());
    }
    if may_mount() {
        for (script, word) in [
            ("mkdir \"$1\" && mount -t tmpfs -o ro,mode=700 none \"$1\"", "store_failed"),
            ("mkdir \"$1\" && mount -t tmpfs -o size=64k,mode=700 none \"$1\"", "store_full"),
        ] {
            let site = Site::new(&server);
            let done = mounted(&site, "pgdba", &CHANGE, script).output().unwrap();
            Told::of(done).is_refused(1, word, script);
        }
    }
    assert_eq!(untouched(&server), before);
    assert!(!server.log().unwrap().contains("statement: ALTER SYSTEM"), "{}", server.log().unwrap());
    // The server is watched: a home that can be used leaves its traces.
    let site = Site::new(&server);
    let id = site.config(&CHANGE).id();
    assert!(server.log().unwrap().contains("statement: ALTER SYSTEM SET"));
    site.rollback(&id).is_done("a good home");
}

/// The folder where a file stands in place of the server's own.
#[test]
fn a_file_in_place_of_the_servers_folder_is_named() {
    let server = server();
    let site = Site::new(&server);
    let id = site.config(&CHANGE).id();
    site.rollback(&id).is_done("first");
    let before = untouched(&server);
    let folder = site.store();
    fs::rename(&folder, site.home.join("elsewhere")).unwrap();
    fs::write(&folder, "").unwrap();
    let said = site.config(&CHANGE).is_refused(1, "store_no_folder", "a file");
    assert!(said.contains(&format!("\"{}\" is not a directory", folder.display())), "{said}");
    assert_eq!(untouched(&server), before);
}

/// The disk fills up in the middle of a change. What was taken beforehand is enough to finish it; without that it is undone.
#[test]
fn a_disk_that_fills_up_leaves_no_change_without_a_journal() {
    if !may_mount() {
        return;
    }
    let server = server();
    let former = Standing::of(&server);
    let nothing = ":";
    let takes = "rm \"$1\"/snapshots/*/.reserve";
    for (before, at, is_undone) in [
        (nothing, "done:applying:0", false),
        (nothing, "done:reloaded", false),
        (takes, "done:applying:0", true),
        (takes, "done:applying:1", true),
    ] {
        let site = Site::new(&server);
        let told = on_a_disk_that_fills_up(&site, at, before);
        let journal = site.journal();
        if is_undone {
            told.is_refused(1, "undone", at);
            former.assert_is(&Standing::of(&server), at);
            // It could not be written down that all was put back; the rollback finds nothing to do and says so for good.
            assert!(!journal.state.is_settled(), "{:?}", journal.state);
        } else {
            told.is_done(at);
            assert_eq!(journal.state, State::Recorded, "{at}");
            assert_eq!(journal.change_set.applied_at.map(|_| ()), Some(()), "{at}");
        }
        site.assert_nothing_held(at);
        site.rollback(&journal.change_set.id).is_done(at);
        Standing::of(&server).assert_is(&former, at);
        assert!(matches!(site.journal().state, State::Restored { .. }), "{at}");
    }
}

/// Runs the change with its home on a disk of its own, which is filled up, after `before`, while the change waits at a point.
/// What is on the disk at the end is copied to where the home was without it.
fn on_a_disk_that_fills_up(site: &Site<'_>, at: &str, before: &str) -> Told {
    let pause = tempfile::tempdir().unwrap();
    let script = format!(
        "mkdir \"$1\" && mount -t tmpfs -o size=1m,mode=700 none \"$1\" || exit 99
         {{ until [ -e \"$2/reached\" ]; do sleep 0.01; done
           {before}; dd if=/dev/zero of=\"$1/filler\" bs=1k; touch \"$2/go\"; }} > /dev/null 2>&1 &
         home=$1; pause=$2; shift 2; \"$@\"; code=$?
         rm \"$home/filler\"; cp -r \"$home/snapshots\" \"$pause\"; exit $code"
    );
    let inner = site.command("pgdba-mortal", &CHANGE);
    let mut command = Command::new("unshare");
    command.args(ALONE).args(["sh", "-c", &script, "sh"]).args([&site.home, pause.path()]);
    command.arg(inner.get_program()).args(inner.get_args()).args(JSON).env("PGDBA_HOME", &site.home);
    command.env("PGDBA_WAIT_AT", at).env("PGDBA_WAIT_IN", pause.path());
    let told = Told::of(command.stdin(Stdio::null()).output().unwrap());
    process::run(Command::new("cp").arg("-r").arg(pause.path().join("snapshots")).arg(&site.home)).unwrap();
    told
}

/// What processes that died left half-written goes, once it is nobody's any more.
#[test]
fn what_was_left_half_written_is_swept() {
    let server = server();
    let site = Site::new(&server);
    let id = site.config(&CHANGE).id();
    let (old, young) = (site.store().join(".pgdba-old"), site.store().join(".pgdba-young"));
    for path in [&old, &young] {
        fs::write(path, "{\"format\":").unwrap();
    }
    File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(SystemTime::now() - Duration::from_secs(3600))
        .unwrap();
    site.rollback(&id).is_done("with left-overs");
    assert!(!old.exists(), "not swept");
    assert!(young.exists(), "it may be another process's, which is about to use it");
}
