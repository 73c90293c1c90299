//! A server that does not start any more: pgdba says which lines to edit, edits them on the host, and refuses where that would be
//! wrong.

mod deaths;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use pgdba_change::machine::State;
use serde_json::Value;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::site::{Site, Told, sorted_lines};

/// What keeps any server from starting, whatever the memory of its machine.
const FATAL: [&str; 2] = ["--set", "hba_file=/nowhere/pg_hba.conf"];

fn server(major: u32) -> Server {
    Server::start(major, &ServerOptions::fast()).unwrap()
}

fn file_of(server: &Server) -> PathBuf {
    server.data_dir().join("postgresql.auto.conf")
}

fn apply(site: &Site<'_>, words: &[&str]) -> String {
    let done = site.config(&[&["apply"], words].concat());
    let id = done.id();
    done.is_done("apply");
    id
}

/// `config rollback --offline`, on this directory.
fn offline(site: &Site<'_>, directory: &Path, id: &str, more: &[&str]) -> Told {
    let directory = directory.display().to_string();
    let words = ["rollback", "--offline", "--data-directory", &directory, "--changeset-id", id];
    site.config(&[&words, more].concat())
}

/// Bytes, inode, owner, group, mode: what must stay where nothing is written.
fn identity(file: &Path) -> (Vec<u8>, u64, u32, u32, u32) {
    let found = fs::metadata(file).unwrap();
    (fs::read(file).unwrap(), found.ino(), found.uid(), found.gid(), found.mode())
}

/// The state as `config history` shows it to people.
fn history(site: &Site<'_>, id: &str) -> String {
    let done = site.command("pgdba", &["history"]).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().find(|line| line.contains(id)).unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn a_server_that_does_not_start_is_mended_by_hand_or_by_pgdba() {
    for major in [12, 15, 18] {
        let server = server(major);
        server.execute("postgres", "alter system set work_mem = '8MB'").unwrap();
        let former = auto_conf(&server);
        for change in [FATAL, ["--set", "shared_preload_libraries=/nowhere/missing.so"]] {
            let site = Site::new(&server);
            let id = apply(&site, &[&change[..], &["--set", "work_mem=12MB", "--force"]].concat());
            server.stop_fast().unwrap();
            assert!(server.start_again().is_err(), "{major}: it starts with {change:?}");

            let told = site.rollback(&id);
            let said = told.is_refused(1, "connection_refused", "no connection");
            let command = told.envelope["data"]["command"].as_str().unwrap().to_owned();
            let directory = server.data_dir().display().to_string();
            assert_eq!(
                command,
                format!("pgdba config rollback --offline --data-directory {directory} --changeset-id {id}")
            );
            assert!(said.contains(&command), "{said}");
            let before = identity(&file_of(&server));
            check_lines(&site, &id, &file_of(&server));
            assert_eq!(identity(&file_of(&server)), before);

            offline(&site, server.data_dir(), &id, &[]).is_done("offline");
            let (_, _, uid, gid, mode) = identity(&file_of(&server));
            assert_eq!((uid, gid, mode), (before.2, before.3, before.4));
            // Every line is there again, and none besides.
            assert_eq!(sorted_lines(&auto_conf(&server)), sorted_lines(&former), "{major}");
            assert!(matches!(site.journal().state, State::Restored { .. }));
            server.start_again().unwrap();
            site.assert_tidy("mended");
            assert!(history(&site, &id).contains("rolled back"), "{}", history(&site, &id));
            assert_eq!(server.query("postgres", "show work_mem").unwrap()[0][0].as_deref(), Some("8MB"));
            offline(&site, server.data_dir(), &id, &[]).is_refused(1, "server_running", "it runs again");
            site.rollback(&id).is_refused(1, "already_rolled_back", "again");
        }
    }
}

/// The text of the file that ALTER SYSTEM writes.
fn auto_conf(server: &Server) -> String {
    fs::read_to_string(server.data_dir().join("postgresql.auto.conf")).unwrap()
}

/// The lines that a person is given are those in the file; without them, and with what stands there instead, the server starts.
fn check_lines(site: &Site<'_>, id: &str, file: &Path) {
    let done = site.command("pgdba", &["rollback", "--changeset-id", id]).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains(&format!("To undo it by hand, stop the server and edit {}:", file.display())), "{text}");
    let lines = |word: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix(word));
        lines.map(|line| line.trim().to_owned()).collect()
    };
    let content = fs::read_to_string(file).unwrap();
    let (removed, replaced, with) = (lines("remove "), lines("replace "), lines("with "));
    assert_eq!((removed.len(), replaced.len(), with.len()), (1, 1, 1), "{text}");
    assert!(content.contains(&format!("{}\n", removed[0])), "{text}\n{content}");
    assert!(content.contains(&format!("{}\n", replaced[0])), "{text}\n{content}");
    assert_eq!(with, ["work_mem = '8MB'"]);
    let stderr = String::from_utf8(done.stderr).unwrap();
    assert!(stderr.contains("could not connect") && stderr.contains("--offline"), "{stderr}");
}

#[test]
fn secrets_are_masked_and_the_file_that_has_them_is_named() {
    let server = server(NEWEST);
    server.execute("postgres", "alter system set primary_conninfo = 'host=a password=hunter2'").unwrap();
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "primary_conninfo=host=b password=hunter3"]);
    server.stop_fast().unwrap();
    let done = site.command("pgdba", &["rollback", "--changeset-id", &id]).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap();
    assert!(text.contains("replace primary_conninfo = 'host=b") && !text.contains("hunter"), "{text}");
    let kept = site.store().join(format!("{id}.json"));
    assert!(text.contains(&kept.display().to_string()), "{text}");
    assert!(fs::read_to_string(kept).unwrap().contains("hunter2"));
    let told = site.rollback(&id);
    assert!(!told.envelope.to_string().contains("hunter"), "{}", told.envelope);
    let told = offline(&site, server.data_dir(), &id, &[]);
    told.is_done("offline");
    assert!(!told.envelope.to_string().contains("hunter"), "{}", told.envelope);
    assert!(auto_conf(&server).contains("hunter2") && !auto_conf(&server).contains("hunter3"));
}

/// A file as people leave it: comments, odd spellings, a line that cannot be read, no line break at the end.
#[test]
fn every_other_byte_of_the_file_stays() {
    let server = server(NEWEST);
    server.execute("postgres", "alter system set random_page_cost = 1.5").unwrap();
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "work_mem=12MB", "--set", "random_page_cost=2", "--reset", "jit"]);
    server.stop_fast().unwrap();
    let odd = "# mine: caf\u{e9}\r\n\n\tWORK_MEM 12288 # joe\nwork_mem = '12MB'\nRandom_Page_Cost=2.0  # why\r\nthis is wrong\njit_above_cost=1";
    let expected = "# mine: caf\u{e9}\r\n\nRandom_Page_Cost='1.5'  # why\r\nthis is wrong\njit_above_cost=1";
    fs::write(file_of(&server), odd).unwrap();
    let told = offline(&site, server.data_dir(), &id, &[]);
    told.is_done("an odd file");
    assert_eq!(auto_conf(&server), expected);
    let warnings = told.envelope["warnings"].to_string();
    assert!(warnings.contains("line 6 of postgresql.auto.conf has a syntax error"), "{warnings}");
    let lines: Vec<Value> =
        told.envelope["data"]["edits"].as_array().unwrap().iter().map(|edit| edit["line"].clone()).collect();
    assert_eq!(lines, [3, 4, 5]);
}

#[test]
fn what_others_changed_since_is_named_and_only_overwritten_by_force() {
    let server = server(NEWEST);
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "work_mem=12MB", "--set", "jit=off"]);
    server.execute("postgres", "alter system set work_mem = '13MB'").unwrap();
    server.execute("postgres", "alter system set jit = 'no'").unwrap();
    server.stop_fast().unwrap();
    let before = identity(&file_of(&server));
    let files = site.files();
    let said = offline(&site, server.data_dir(), &id, &[]).is_refused(1, "changed_since", "changed");
    let line = auto_conf(&server).lines().position(|line| line.starts_with("work_mem")).unwrap() + 1;
    assert!(said.contains(&format!("\"work_mem\" is now '13MB' (postgresql.auto.conf:{line})")), "{said}");
    assert!(said.contains("--force, which writes: \"work_mem\" removed from the file"), "{said}");
    // The same value in another spelling is nobody's change.
    assert!(!said.contains("jit"), "{said}");
    assert_eq!(identity(&file_of(&server)), before);
    assert_eq!((site.files(), site.journal().state), (files, State::Recorded));
    let told = offline(&site, server.data_dir(), &id, &["--force"]);
    told.is_done("forced");
    let warnings = told.envelope["warnings"].to_string();
    assert!(warnings.contains("overwritten because of --force") && warnings.contains("13MB"), "{warnings}");
    assert!(!auto_conf(&server).contains("work_mem") && !auto_conf(&server).contains("jit"));
}

#[test]
fn a_running_server_is_refused_whatever_its_pid_file_says() {
    let server = server(NEWEST);
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "work_mem=12MB"]);
    let before = identity(&file_of(&server));
    let pid_file = server.data_dir().join("postmaster.pid");
    let said = offline(&site, server.data_dir(), &id, &["--force"]).is_refused(1, "server_running", "it runs");
    let pid = fs::read_to_string(&pid_file).unwrap().lines().next().unwrap().to_owned();
    assert!(said.contains(&format!("process {pid}")) && said.contains("\"in production\""), "{said}");
    // Its processes are found by their working directory too, as where it runs in a container.
    let aside = server.data_dir().join("aside");
    fs::rename(&pid_file, &aside).unwrap();
    let told = offline(&site, server.data_dir(), &id, &[]);
    fs::rename(&aside, &pid_file).unwrap();
    told.is_refused(1, "server_running", "without a pid file");
    assert_eq!(identity(&file_of(&server)), before);
    // A pid file that a crash left is no server.
    server.kill().unwrap();
    fs::write(&pid_file, "4194999\n").unwrap();
    offline(&site, server.data_dir(), &id, &[]).is_done("a stale pid file");
    fs::write(&pid_file, "\n").unwrap();
    let other = apply_state(&site, &id);
    assert!(matches!(other, State::Restored { .. }));
    offline(&site, server.data_dir(), &id, &[]).is_refused(1, "file_failed", "an empty pid file");
    fs::remove_file(&pid_file).unwrap();
}

fn apply_state(site: &Site<'_>, id: &str) -> State {
    site.journals().into_iter().find(|journal| journal.change_set.id == id).unwrap().state
}

#[test]
fn another_cluster_is_refused_and_an_unknown_one_needs_force() {
    let (first, second) = (server(NEWEST), server(NEWEST));
    let site = Site::new(&first);
    let id = apply(&site, &["--set", "work_mem=12MB"]);
    first.stop_fast().unwrap();
    second.execute("postgres", "alter system set work_mem = '12MB'").unwrap();
    second.stop_fast().unwrap();
    let before = identity(&file_of(&second));
    let said = offline(&site, second.data_dir(), &id, &["--force"]).is_refused(1, "other_server", "another cluster");
    assert!(said.contains("system identifier"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let said =
        offline(&site, folder.path(), &id, &["--force"]).is_refused(1, "not_a_data_directory", "an empty folder");
    assert!(said.contains("PG_VERSION is missing"), "{said}");
    offline(&site, Path::new("/nowhere/at/all"), &id, &[]).is_refused(1, "file_failed", "no folder");
    // A copy has the same identifier, and is not where the change was made.
    let said = with_journal(
        &site,
        &id,
        |journal| journal.replace(&path(&first), &path(&second)),
        |site| offline(site, first.data_dir(), &id, &[]).is_refused(1, "unverified_server", "a copy"),
    );
    assert!(said.contains(&path(&second)) && said.contains("--force"), "{said}");
    // Of a role that may see neither the identifier nor the directory.
    let identifier = site.journal().change_set.system_identifier.unwrap();
    let fingerprint = site.journal().change_set.fingerprint;
    let blind = |journal: String| {
        let journal = journal.replace(&format!("\"{identifier}\""), "null");
        journal.replace(&format!("\"{}\"", path(&first)), "null").replace(&fingerprint, "another tier")
    };
    let said = with_journal(&site, &id, blind, |site| {
        offline(site, second.data_dir(), &id, &[]).is_refused(1, "unverified_server", "nothing known")
    });
    assert!(said.contains("neither a system identifier nor a data directory"), "{said}");
    assert_eq!(identity(&file_of(&second)), before);
    with_journal(&site, &id, blind, |site| {
        offline(site, first.data_dir(), &id, &["--force"]).is_done("forced");
        String::new()
    });
    assert!(!auto_conf(&first).contains("work_mem"));
}

fn path(server: &Server) -> String {
    server.data_dir().display().to_string()
}

/// Runs with another journal.
fn with_journal(
    site: &Site<'_>,
    id: &str,
    edit: impl Fn(String) -> String,
    run: impl Fn(&Site<'_>) -> String,
) -> String {
    let file = site.store().join(format!("{id}.json"));
    let text = fs::read_to_string(&file).unwrap();
    let edited = edit(text.clone());
    assert_ne!(edited, text);
    fs::write(&file, edited).unwrap();
    let said = run(site);
    fs::write(&file, text).unwrap();
    said
}

/// Another major version is another server, whatever its identifier.
#[test]
fn another_version_is_refused() {
    let server = server(12);
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "work_mem=12MB"]);
    server.stop_fast().unwrap();
    fs::write(server.data_dir().join("PG_VERSION"), "13\n").unwrap();
    let said = offline(&site, server.data_dir(), &id, &["--force"]).is_refused(1, "other_server", "13");
    assert!(said.contains("PostgreSQL 13") && said.contains("PostgreSQL 12"), "{said}");
    fs::write(server.data_dir().join("PG_VERSION"), "12\n").unwrap();
    offline(&site, server.data_dir(), &id, &[]).is_done("12");
}

#[test]
fn a_change_through_patroni_is_not_in_the_file() {
    let server = server(NEWEST);
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "work_mem=12MB", "--set", "cluster_name=it's"]);
    server.stop_fast().unwrap();
    let before = identity(&file_of(&server));
    let patroni = |journal: String| journal.replace("\"via\": \"alter_system\"", "\"via\": \"patroni\"");
    let said = with_journal(&site, &id, patroni, |site| {
        offline(site, server.data_dir(), &id, &["--force"]).is_refused(1, "via_patroni", "through Patroni")
    });
    assert!(said.contains("patronictl edit-config"), "{said}");
    let said = with_journal(&site, &id, patroni, |site| {
        site.rollback(&id).is_refused(1, "connection_refused", "by hand");
        let done = site.command("pgdba", &["rollback", "--changeset-id", &id]).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    });
    assert!(said.contains("patronictl edit-config --pg cluster_name=null --pg work_mem=null\n"), "{said}");
    assert!(!said.contains("--offline"), "{said}");
    assert_eq!(identity(&file_of(&server)), before);
}

/// As the server's own user, from a home of that user's.
#[test]
fn the_servers_user_may_do_it_and_is_told_where_it_may_not_write() {
    let server = server(NEWEST);
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "work_mem=12MB"]);
    server.stop_fast().unwrap();
    let owner = fs::metadata(server.data_dir()).unwrap();
    for path in walk(&site.home) {
        std::os::unix::fs::chown(&path, Some(owner.uid()), Some(owner.gid())).ok();
    }
    fs::set_permissions(site.home.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
    let before = identity(&file_of(&server));
    let run = || {
        let directory = path(&server);
        let words = ["rollback", "--offline", "--data-directory", &directory, "--changeset-id", &id];
        // The programs are in a folder that the other user may not enter. Another process copies it: a file that this one has
        // written may be open in a child that another test has just forked, and cannot be run then ("text file busy").
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let copy = folder.path().join("pgdba");
        let program = xtask::paths::target().join("debug/pgdba");
        xtask::process::run(std::process::Command::new("cp").arg(program).arg(&copy)).unwrap();
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
        let inner = site.command("pgdba", &words);
        let mut command = std::process::Command::new(&copy);
        command.args(inner.get_args()).args(crate::site::JSON).env("PGDBA_HOME", &site.home).current_dir("/");
        command.uid(owner.uid()).gid(owner.gid());
        Told::of(command.output().unwrap())
    };
    let mode = |mode| fs::set_permissions(server.data_dir(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    let said = run().is_refused(1, "permission_denied", "not writable");
    assert!(said.contains("could not write") && said.contains("as root"), "{said}");
    mode(0o700);
    assert_eq!(identity(&file_of(&server)), before);
    site.assert_tidy_on_disk("refused");
    run().is_done("as the server's user");
    let (text, _, uid, gid, mode) = identity(&file_of(&server));
    assert_eq!((uid, gid, mode), (before.2, before.3, before.4));
    assert!(!String::from_utf8(text).unwrap().contains("work_mem"));
    server.start_again().unwrap();
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

/// The limit counts while SCRAM runs, so that no session can lift it.
#[test]
fn a_limit_that_ends_sessions_during_authentication_is_taken_back_in_the_file() {
    let options = ServerOptions::fast().with("password_encryption", "scram-sha-256").with("scram_iterations", "50000");
    let server = Server::start(NEWEST, &options).unwrap();
    server.execute("postgres", "create role dba login superuser password 'pw'").unwrap();
    server.reload_hba("host all dba all scram-sha-256").unwrap();
    let mut site = Site::new(&server);
    site.dsn = format!("postgresql://dba:pw@127.0.0.1:{}/postgres", server.port());
    let former = auto_conf(&server);
    let refused = site.config(&["apply", "--set", "transaction_timeout=1ms"]);
    refused.is_refused(1, "ends_every_session", "without --force");
    assert_eq!(auto_conf(&server), former);
    let id = apply(&site, &["--set", "transaction_timeout=1ms", "--force"]);
    let said = site.rollback(&id).is_refused(1, "ended_by_timeout", "by a session");
    assert!(said.contains("config rollback --offline"), "{said}");
    server.stop_fast().unwrap();
    offline(&site, server.data_dir(), &id, &[]).is_done("offline");
    assert_eq!(sorted_lines(&auto_conf(&server)), sorted_lines(&former));
    server.start_again().unwrap();
    site.rollback(&id).is_refused(1, "already_rolled_back", "it is");
}
