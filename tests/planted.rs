//! A token in every place where a server keeps secrets: none is in anything that pgdba writes, says or shows of itself.

mod places;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pgdba_snapshot::sections::ALL;
use xtask::paths;
use xtask::servers::{MAJORS, Server, ServerOptions};

use self::places::{CONFIGURATION, HBA, MISTYPED, PLACES, SESSIONS};
use crate::connect::in_home;
use crate::program::build;
use crate::psql;
use crate::stopping::Stopping;

/// The versions on which every way, every face and a standby are tried; on the others the ways that read the server.
const WHOLLY: [u32; 2] = [12, 18];

/// What every token begins with. Nothing else on a server does.
const TOKEN: &str = "T0PSECRET";

/// Gives each place a token of its own.
struct Tokens {
    given: usize,
}

impl Tokens {
    fn fill(&mut self, text: &str) -> (String, String) {
        self.given += 1;
        let token = format!("{TOKEN}{:03}", self.given);
        let long = format!("{token} {}", "and so on ".repeat(200));
        (text.replace("{T}", &token).replace("{LONG}", &format!("{long}'")), token)
    }
}

/// A server with a token in each place.
struct Planted {
    server: Server,
    /// It has all of that too, and its own conninfo.
    standby: Option<Server>,
    tokens: Tokens,
    /// What else must not be seen: verifiers of passwords.
    verifiers: Vec<String>,
}

impl Planted {
    fn start(major: u32) -> Self {
        let mut tokens = Tokens { given: 0 };
        let mut proofs = Vec::new();
        let mut options = ServerOptions::fast().with_statements();
        for (name, value) in [("max_prepared_transactions", "2"), ("autovacuum", "off"), ("wal_level", "logical")] {
            options = options.with(name, value);
        }
        for (name, value) in CONFIGURATION {
            let (value, token) = tokens.fill(value);
            options = options.with(name, &value);
            proofs.push(format!("select 1 from pg_file_settings where name = '{name}' and setting ~ '{token}'"));
        }
        let server = Server::start(major, &options).unwrap();
        prepare(&server);
        for place in PLACES.iter().filter(|place| (place.since..=place.until).contains(&major)) {
            let (sql, token) = tokens.fill(place.plant);
            server.execute("postgres", &sql).unwrap();
            proofs.push(place.proof.replace("{T}", &token));
        }
        server.execute("postgres", "vacuum analyze").unwrap();
        let standby = WHOLLY.contains(&major).then(|| standby(&server, &mut tokens));
        // No server starts with lines that it cannot read.
        let in_files =
            MISTYPED.map(|line| ("postgresql.conf", line)).into_iter().chain(HBA.map(|line| ("pg_hba.conf", line)));
        for (file, (line, proof)) in in_files {
            let mut file = fs::OpenOptions::new().append(true).open(server.data_dir().join(file)).unwrap();
            let (line, token) = tokens.fill(line);
            writeln!(file, "{line}").unwrap();
            proofs.push(proof.replace("{T}", &token));
        }
        proofs.retain(|proof| server.query("postgres", proof).unwrap().is_empty());
        assert_eq!(proofs, Vec::<String>::new(), "{major}: not planted");
        let verifiers =
            server.query("postgres", "select rolpassword from pg_authid where rolpassword is not null").unwrap();
        let verifiers: Vec<String> = verifiers.into_iter().flatten().flatten().collect();
        assert!(!verifiers.is_empty());
        Self { server, standby, tokens, verifiers }
    }

    fn assert_none(&self, what: &str, text: &str) {
        assert!(!text.is_empty(), "{what}: nothing was said, so nothing was tried");
        assert_eq!(leaks(text), Vec::<String>::new(), "{} {what}", self.server.major());
        let verifier = self.verifiers.iter().find(|verifier| text.contains(*verifier));
        assert_eq!(verifier, None, "{} {what}", self.server.major());
    }
}

fn standby(server: &Server, tokens: &mut Tokens) -> Server {
    let conninfo =
        "host=127.0.0.1 port={PORT} user=postgres password='it\\'s {T}' application_name='postgres://u:{T}@h'";
    let (conninfo, token) = tokens.fill(&conninfo.replace("{PORT}", &server.port().to_string()));
    let standby = server.standby(&ServerOptions::fast().with("primary_conninfo", &conninfo)).unwrap();
    wait_for(&standby, &format!("select 1 from pg_stat_wal_receiver where conninfo ~ '{token}'"));
    standby
}

fn prepare(server: &Server) {
    for sql in [
        "create role reader login; grant pg_monitor to reader",
        "create extension postgres_fdw; create extension file_fdw",
        "create table notes (id int, note text)",
        "create function fire() returns trigger language plpgsql as $$ begin return new; end $$",
        "create procedure accept(note text) language sql as ''",
    ] {
        server.execute("postgres", sql).unwrap();
    }
}

/// Where a token stands in `text`, with a little of what is around it.
fn leaks(text: &str) -> Vec<String> {
    let upper = text.to_ascii_uppercase();
    let around = |(at, _)| {
        let start = (0..=at).rev().find(|start| at - start >= 80 && text.is_char_boundary(*start)).unwrap_or(0);
        text.get(start..at + TOKEN.len() + 3).unwrap_or("at its end").to_owned()
    };
    upper.match_indices(TOKEN).map(around).collect()
}

fn wait_for(server: &Server, sql: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while server.query("postgres", sql).unwrap().is_empty() {
        assert!(Instant::now() < deadline, "never came true: {sql}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// How often a program is run again that was gone before anybody looked.
const RUNS: u32 = 20;

/// Runs a program with every kind of log asked for; gives all it says, and its exit code. One that asks a server is run
/// until the list of processes was seen while it ran, else nothing would have been tried there.
fn said(program: &str, home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String) {
    for _ in 0..RUNS {
        let (code, text, listed) = said_once(program, home, variables, arguments);
        // What reads a file only is not looked for.
        if listed > 0 || !arguments.contains(&"--dsn") {
            return (code, text);
        }
    }
    panic!("never seen in the list of processes: {arguments:?}");
}

/// One run, and how often it was seen in the list of processes.
fn said_once(
    program: &str,
    home: &Path,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> (Option<i32>, String, usize) {
    build();
    let mut command = Command::new(paths::target().join("debug").join(program));
    let command = in_home(&mut command, home, variables).args(arguments).env("RUST_LOG", "trace");
    let child = command.env("RUST_BACKTRACE", "1").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let folder = format!("/proc/{}", child.id());
    let (listing, listed) = (AtomicBool::new(true), AtomicUsize::new(0));
    let done = thread::scope(|scope| {
        // What anybody sees who lists the processes, for as long as there is one.
        scope.spawn(|| {
            while listing.load(Ordering::Relaxed) {
                let shown =
                    ["cmdline", "comm"].map(|file| fs::read_to_string(format!("{folder}/{file}")).unwrap_or_default());
                let own = arguments.iter().any(|argument| argument.contains(TOKEN));
                // Who writes a password into the command line shows it himself.
                assert!(own || leaks(&shown.concat()).is_empty(), "in the list of processes: {arguments:?}");
                listed.fetch_add(usize::from(shown[0].contains(program)), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(5));
            }
        });
        let done = child.wait_with_output();
        listing.store(false, Ordering::Relaxed);
        done.unwrap()
    });
    let text = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    (done.status.code(), text, listed.into_inner())
}

#[test]
fn no_token_on_a_server_is_in_anything_that_is_written_or_said() {
    for major in MAJORS {
        let mut planted = Planted::start(major);
        let sessions = SESSIONS.map(|(sql, proof)| (planted.tokens.fill(sql), proof));
        assert!(planted.tokens.given > 70, "{}", planted.tokens.given);
        let planted = &planted;
        thread::scope(|scope| {
            let _stopping = Stopping(&planted.server);
            for ((sql, token), proof) in &sessions {
                scope.spawn(move || planted.server.execute("postgres", sql));
                let proof = proof.replace("{T}", token);
                let shown = format!("select 1 from pg_stat_activity where {proof} and pid <> pg_backend_pid()");
                wait_for(&planted.server, &format!("{shown} and wait_event = 'PgSleep'"));
            }
            match &planted.standby {
                Some(standby) => everything_is_silent(planted, standby),
                None => whatever_reads_the_server_is_silent(planted),
            }
        });
    }
}

/// Collects natively and by script, redacts, and analyzes what was collected.
fn whatever_reads_the_server_is_silent(planted: &Planted) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, redacted) = (path("snapshot.json"), path("redacted.json"));
    let dsn = planted.server.dsn("postgres", "postgres");
    let calls: [&[&str]; 4] = [
        &["inspect", "--dsn", &dsn, "--all-databases", "-o", &file],
        &["snapshot", "redact", &file, "-o", &redacted, "--key", &path("site.key")],
        &["snapshot", "verify", &file],
        &["check", "--snapshot", &file],
    ];
    for call in calls {
        let (_, text) = said("pgdba", folder.path(), &[], call);
        planted.assert_none(&call.join(" "), &text);
    }
    for name in [&file, &redacted] {
        planted.assert_none(name, &fs::read_to_string(name).unwrap());
    }
    let script = psql::run(&psql::handed_out(), &dsn);
    assert!(script.status.success());
    planted.assert_none("the script", &String::from_utf8_lossy(&[script.stdout, script.stderr].concat()));
}

/// Collects in every way, and looks at every face of what was collected.
fn everything_is_silent(planted: &Planted, standby: &Server) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let run = |program: &str, arguments: &[&str]| {
        let (code, text) = said(program, folder.path(), &[], arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
        planted.assert_none(&arguments.join(" "), &text);
        text
    };
    let dsn = planted.server.dsn("postgres", "postgres");
    let file = path("snapshot.json");
    let log = planted.server.log().unwrap().len();
    run("pgdba", &["inspect", "--dsn", &dsn, "--all-databases", "--delta", "--interval", "2s", "-o", &file]);
    planted.assert_none("the snapshot", &fs::read_to_string(&file).unwrap());
    for (name, dsn) in
        [("reader", planted.server.dsn("reader", "postgres")), ("standby", standby.dsn("postgres", "postgres"))]
    {
        let file = path(name);
        run("pgdba", &["inspect", "--dsn", &dsn, "-o", &file]);
        planted.assert_none(name, &fs::read_to_string(&file).unwrap());
    }
    run("pgdba-collect", &["--dsn", &dsn, "-o", "-"]);
    run("pgdba", &["inspect", "--dsn", &dsn, "--format", "json"]);
    let script = psql::run(&psql::handed_out(), &dsn);
    assert!(script.status.success());
    planted.assert_none("the script", &String::from_utf8_lossy(&[script.stdout, script.stderr].concat()));
    // The collector itself leaves nothing there.
    assert_eq!(leaks(&planted.server.log().unwrap().split_off(log)), Vec::<String>::new());

    for format in ["text", "json", "markdown"] {
        run("pgdba", &["check", "--snapshot", &file, "--format", format]);
        run("pgdba", &["config", "show", "--all", "--snapshot", &file, "--format", format]);
    }
    run("pgdba", &["check", "--dsn", &dsn]);
    run("pgdba", &["config", "show", "--all", "--dsn", &dsn]);
    run("pgdba", &["config", "diff", "--dsn", &dsn, "--against", &file]);
    for name in ["report.html", "report.md", "report.txt"] {
        run("pgdba", &["report", &file, "-o", &path(name)]);
        planted.assert_none(name, &fs::read_to_string(path(name)).unwrap());
    }
    for command in ["info", "verify"] {
        run("pgdba", &["snapshot", command, &file]);
    }
    let document = pgdba_snapshot::read(&fs::read(&file).unwrap()).unwrap();
    for spec in ALL.iter().filter(|spec| document.sections.contains_key(spec.name)) {
        run("pgdba", &["snapshot", "show", &file, spec.name]);
    }
}

#[test]
fn no_password_of_a_client_is_told() {
    for major in WHOLLY {
        let server = Server::start(major, &ServerOptions::fast().with("password_encryption", "scram-sha-256")).unwrap();
        let port = server.port();
        server.reload_hba("host all client all scram-sha-256").unwrap();
        server.execute("postgres", "create role client login in role pg_monitor").unwrap();
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
        let (pgpass, other, services) = (path(".pgpass"), path("other"), path("services"));
        let at = format!("host=127.0.0.1 port={port} user=client dbname=postgres");
        let mut tokens = Tokens { given: 0 };
        for way in ["url", "pairs", "query", "PGPASSWORD", "PGPASSFILE", "passfile", ".pgpass", "service"] {
            let (_, token) = tokens.fill("");
            let line = format!("127.0.0.1:{port}:*:client:{token}");
            let file = |file: &str, text: &str| {
                fs::write(file, text).unwrap();
                fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
            };
            file(&pgpass, if way == ".pgpass" { &line } else { "" });
            file(&other, &line);
            file(&services, &format!("[shop]\n{}\npassword={token}\n", at.replace(' ', "\n")));
            let (dsn, variables) = match way {
                "url" => (format!("postgresql://client:{token}@127.0.0.1:{port}/postgres"), vec![]),
                "pairs" => (format!("{at} password='{token}'"), vec![]),
                "query" => (format!("postgresql://127.0.0.1:{port}/postgres?user=client&password={token}"), vec![]),
                "PGPASSWORD" => (at.clone(), vec![("PGPASSWORD", token.as_str())]),
                "PGPASSFILE" => (at.clone(), vec![("PGPASSFILE", other.as_str())]),
                "passfile" => (format!("{at} passfile='{other}'"), vec![]),
                "service" => ("service=shop".to_owned(), vec![("PGSERVICEFILE", services.as_str())]),
                _ => (at.clone(), vec![]),
            };
            server.execute("postgres", &format!("alter role client password '{token}'")).unwrap();
            tried(&home, &dsn, &variables, 0);
            server.execute("postgres", "alter role client password 'another'").unwrap();
            tried(&home, &dsn, &variables, 1);
        }
    }
}

/// Connects with both programs, each of which ends with `code`.
fn tried(home: &tempfile::TempDir, dsn: &str, variables: &[(&str, &str)], code: i32) {
    let file = home.path().join("snapshot.json");
    let name = file.to_str().unwrap();
    for (program, arguments) in [
        ("pgdba", &["inspect", "--sections", "system,pg_settings,pg_stat_activity", "--format", "json", "--dsn"][..]),
        ("pgdba-collect", &["--sections", "system,pg_settings,pg_stat_activity", "-o", name, "--dsn"]),
    ] {
        let (ended, text) = said(program, home.path(), variables, &[arguments, &[dsn]].concat());
        assert_eq!(ended, Some(code), "{variables:?}: {text}");
        assert_eq!(leaks(&text), Vec::<String>::new());
        assert!(code == 0 || text.contains("password authentication failed"), "{text}");
    }
    if code == 0 {
        assert_eq!(leaks(&fs::read_to_string(&file).unwrap()), Vec::<String>::new());
    }
    assert_eq!(file.exists(), code == 0);
    fs::remove_file(&file).ok();
}
