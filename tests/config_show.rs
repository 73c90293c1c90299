//! `pgdba config show` and `config diff` on real servers. Every answer is taken twice, from the server and from a snapshot
//! of it, and must be the same.

mod origin;
mod unanswered;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::program::{pgdba, pgdba_with};

const MAJORS: [u32; 3] = [12, 15, 18];

/// The data of a command, from the server and from a snapshot of it.
fn data(server: &Server, user: &str, command: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    let dsn = server.dsn(user, "postgres");
    assert_eq!(pgdba(&["inspect", "--dsn", &dsn, "-o", file.to_str().unwrap()]).code, Some(0));
    let ask = |target: [&str; 2]| {
        let run = pgdba(&[&["config"], command, &target, &["--format", "json"]].concat());
        assert_eq!(run.code, Some(0), "{command:?}: {}{}", run.stdout, run.stderr);
        let mut envelope = run.envelope();
        assert_eq!(envelope["command"], format!("config {}", command[0]));
        for cluster in ["cluster", "first"] {
            envelope["data"][cluster]["collected_at"].take();
        }
        envelope["data"].take()
    };
    let (live, later) = (ask(["--dsn", &dsn]), ask(["--snapshot", file.to_str().unwrap()]));
    assert_eq!(live, later, "{command:?}");
    live
}

fn show(server: &Server, user: &str) -> Value {
    data(server, user, &["show"])
}

/// What is said of one parameter.
fn parameter<'a>(data: &'a Value, name: &str) -> &'a Value {
    let all = data["parameters"].as_array().unwrap();
    all.iter().find(|parameter| parameter["name"] == name).unwrap_or(&Value::Null)
}

/// Its value as people read it, where that comes from, and what it waits for.
fn said(data: &Value, name: &str) -> [Value; 4] {
    let parameter = parameter(data, name);
    let words = parameter["origin"]["words"].as_str().unwrap_or_default();
    // The line is that of initdb's own file, which is longer with each version.
    let place = words.split(':').next().unwrap_or_default().to_owned();
    let next = &parameter["next"];
    [parameter["value"]["shown"].clone(), json!(place), next["needs"].clone(), next["value"]["shown"].clone()]
}

fn execute(server: &Server, statements: &[&str]) {
    statements.iter().for_each(|sql| server.execute("postgres", sql).unwrap());
}

/// Reloads, and waits until a mark for a restart is there or not.
fn reload_until(server: &Server, name: &str, marked: bool) {
    server.reload_with(&[]).unwrap();
    let sql = format!("select 1 from pg_settings where name = '{name}' and pending_restart = {marked}");
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.query("postgres", &sql).unwrap().is_empty() {
        assert!(Instant::now() < deadline, "{name} was never marked {marked}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn append(server: &Server, text: &str) {
    let mut file = fs::OpenOptions::new().append(true).open(server.data_dir().join("postgresql.conf")).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn each_value_is_told_with_where_it_comes_from() {
    for major in MAJORS {
        let options = ServerOptions::default().with("random_page_cost", "1.10").with("work_mem", "65536kB");
        let server = Server::start(major, &options.with_command_line("-c maintenance_work_mem=1GB")).unwrap();
        execute(
            &server,
            &[
                "create role report login",
                "create database shop",
                "alter role report set work_mem = '1234MB'",
                "alter database shop set work_mem = '32MB'",
                "alter role report in database shop set statement_timeout = '5min'",
                "alter role all set lock_timeout = '90s'",
                "alter database postgres set random_page_cost = 3",
                "alter role report set my.secret = 'hunter2'",
            ],
        );
        server.reload_with(&[("checkpoint_timeout", "10min"), ("maintenance_work_mem", "256MB")]).unwrap();
        let shown = show(&server, "postgres");
        for (name, value, place) in [
            ("checkpoint_timeout", "10 min", "ALTER SYSTEM (postgresql.auto.conf"),
            ("maintenance_work_mem", "1 GB", "command line"),
            ("random_page_cost", "3", "ALTER DATABASE postgres"),
            ("work_mem", "64 MB", "postgresql.conf"),
            ("lock_timeout", "1 min 30 s", "ALTER ROLE ALL"),
        ] {
            let expected = [json!(value), json!(place), Value::Null, Value::Null];
            assert_eq!(said(&shown, name), expected, "{major} {name}");
            assert_eq!(parameter(&shown, name)["changed"], true, "{major} {name}");
        }
        let in_files = |name: &str| parameter(&shown, name)["in_files"]["value"]["shown"].clone();
        let beneath = ["maintenance_work_mem", "random_page_cost", "work_mem"].map(in_files);
        assert_eq!(beneath, [json!("256 MB"), json!("1.10"), Value::Null], "{major}");
        let overrides = |name: &str| parameter(&shown, name)["overrides"].clone();
        let one = |database: Value, role: Value, setting: &str, shown: &str| json!({ "database": database, "role": role, "setting": setting, "shown": shown });
        let report =
            [one(Value::Null, json!("report"), "1234MB", "1234 MB"), one(json!("shop"), Value::Null, "32MB", "32 MB")];
        assert_eq!(overrides("work_mem"), json!(report), "{major}");
        let both = one(json!("shop"), json!("report"), "5min", "5 min");
        assert_eq!(overrides("statement_timeout"), json!([both]), "{major}");
        assert_eq!(parameter(&shown, "statement_timeout")["changed"], false, "{major}");
        assert_eq!(overrides("my.secret")[0]["shown"], "***", "{major}: masked as everywhere");
        // Nobody touched these, and the collector's session is no news.
        for name in ["bgwriter_delay", "application_name", "client_encoding", "jit", "search_path", "server_version"] {
            assert_eq!(parameter(&shown, name), &Value::Null, "{major} {name}");
        }
        assert_eq!((&shown["faulty_lines"], &shown["unseen"]), (&json!([]), &json!([])), "{major}");
        let all = data(&server, "postgres", &["show", "--all"]);
        assert_eq!((&all["left_out"], all["parameters"].as_array().map(Vec::len)), (&json!(0), as_len(&all["total"])));
        assert_eq!(said(&all, "bgwriter_delay")[1], "default", "{major}");
        let left_out = shown["total"].as_u64().unwrap() - shown["parameters"].as_array().unwrap().len() as u64;
        assert_eq!(shown["left_out"], left_out, "{major}");
    }
}

fn as_len(number: &Value) -> Option<usize> {
    number.as_u64().and_then(|number| usize::try_from(number).ok())
}

#[test]
fn what_waits_for_a_restart_is_told_and_a_mark_left_over_is_not() {
    for major in MAJORS {
        let server =
            Server::start(major, &ServerOptions::fast().with_command_line("-c max_locks_per_transaction=70")).unwrap();
        execute(
            &server,
            &[
                "alter system set max_connections = 200",
                "alter system set max_locks_per_transaction = 100",
                "alter system set max_worker_processes = 12",
            ],
        );
        reload_until(&server, "max_worker_processes", true);
        let shown = show(&server, "postgres");
        let waits = |value: &str, place: &str, next: &str| [json!(value), json!(place), json!("restart"), json!(next)];
        assert_eq!(said(&shown, "max_connections"), waits("100", "postgresql.conf", "200"), "{major}");
        assert_eq!(said(&shown, "max_worker_processes"), waits("8", "default", "12"), "{major}");
        // The server marks it, but its own command line will win again.
        let locks = parameter(&shown, "max_locks_per_transaction");
        assert_eq!((&locks["next"], &locks["forgotten_mark"]), (&Value::Null, &json!(true)), "{major}");
        assert_eq!(locks["in_files"]["value"]["shown"], "100", "{major}");

        execute(&server, &["alter system reset max_worker_processes", "alter system reset max_connections"]);
        reload_until(&server, "max_connections", false);
        let shown = show(&server, "postgres");
        let workers = parameter(&shown, "max_worker_processes");
        assert_eq!((&workers["next"], &workers["forgotten_mark"]), (&Value::Null, &json!(true)), "{major}");
        assert_eq!(parameter(&shown, "max_connections"), &Value::Null, "{major}");
        // The rule looks at the same facts.
        let check = || pgdba(&["check", "--dsn", &server.dsn("postgres", "postgres"), "--format", "json"]).codes();
        assert!(!check().contains(&"PGD201".to_owned()), "{major}");
        execute(&server, &["alter system set max_connections = 200"]);
        reload_until(&server, "max_connections", true);
        assert!(check().contains(&"PGD201".to_owned()), "{major}");
        // Whoever may not read the files has the mark alone.
        execute(&server, &["create role plain login"]);
        let shown = show(&server, "plain");
        assert_eq!(said(&shown, "max_worker_processes")[2..], [json!("restart"), Value::Null], "{major}");

        server.restart().unwrap();
        let shown = show(&server, "postgres");
        let inforce = [json!("200"), json!("ALTER SYSTEM (postgresql.auto.conf"), Value::Null, Value::Null];
        assert_eq!(said(&shown, "max_connections"), inforce, "{major}");
        // Taken out of the file, it waits for the built-in value.
        execute(&server, &["alter system reset max_connections"]);
        fs::write(server.data_dir().join("postgresql.conf"), without_connections(&server)).unwrap();
        reload_until(&server, "max_connections", true);
        let shown = show(&server, "postgres");
        assert_eq!(said(&shown, "max_connections")[2..], [json!("restart"), json!("100")], "{major}");
    }
}

fn without_connections(server: &Server) -> String {
    let text = fs::read_to_string(server.data_dir().join("postgresql.conf")).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("max_connections")).collect();
    format!("{}\n", kept.join("\n"))
}

#[test]
fn a_change_that_was_not_reloaded_is_seen() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    append(&server, "checkpoint_timeout = 15min\nwal_level = logical\nlog_line_prefix = '%p '\n");
    let shown = show(&server, "postgres");
    let expected = [json!("5 min"), json!("default"), json!("reload"), json!("15 min")];
    assert_eq!(said(&shown, "checkpoint_timeout"), expected);
    assert_eq!(said(&shown, "wal_level")[2..], [json!("restart"), json!("logical")]);
    let prefix = parameter(&shown, "log_line_prefix");
    assert_eq!((&prefix["next"], &prefix["in_files"]["value"]["shown"]), (&Value::Null, &json!("'%p '")));
}

#[test]
fn lines_that_are_wrong_are_told_first() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        let lines = fs::read_to_string(server.data_dir().join("postgresql.conf")).unwrap().lines().count();
        append(&server, "random_page_cost = lots\n");
        server.reload_with(&[]).unwrap();
        let shown = show(&server, "postgres");
        let fault = &shown["faulty_lines"][0];
        assert_eq!((&fault["line"], &fault["parameter"]), (&json!(lines + 1), &json!("random_page_cost")), "{major}");
        assert_eq!((&fault["value"], &shown["files_blocked"]), (&json!("lots"), &json!(false)), "{major}");
        assert_eq!(parameter(&shown, "random_page_cost")["faulty"], true, "{major}");
        append(&server, "nosuch_parameter = hunter2\n");
        let shown = show(&server, "postgres");
        assert_eq!(shown["files_blocked"], true, "{major}");
        let faults = shown["faulty_lines"].as_array().unwrap();
        assert_eq!(faults.last().unwrap()["parameter"], "nosuch_parameter", "{major}");
        let dsn = server.dsn("postgres", "postgres");
        let text = pgdba(&["config", "show", "--dsn", &dsn]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = format!("line {} of {}/postgresql.conf: nosuch_parameter: ", lines + 2, server.data_dir().display());
        assert!(
            text.contains(&told) && text.find("invalid").unwrap() < text.find("differ from the default").unwrap(),
            "{text}"
        );
        assert!(!text.contains("hunter2") && !shown.to_string().contains("hunter2"), "{text}");
        // The claim that stands above them.
        assert!(text.contains("the server would not start:"), "{text}");
        assert!(server.restart().is_err(), "{major}");
    }
}

#[test]
fn a_plain_role_is_shown_what_it_may_see_and_told_the_rest() {
    for major in MAJORS {
        let server =
            Server::start(major, &ServerOptions::fast().with("random_page_cost", "1.10").with("work_mem", "64MB"))
                .unwrap();
        execute(&server, &["create role plain login", "create role mon login", "grant pg_monitor to mon"]);
        let shown = show(&server, "plain");
        let unseen: Vec<&str> =
            shown["unseen"].as_array().unwrap().iter().filter_map(|one| one["section"].as_str()).collect();
        assert_eq!(unseen, ["pg_settings", "pg_file_settings"], "{major}");
        assert_eq!(said(&shown, "random_page_cost")[..2], [json!("1.1"), json!("configuration file")], "{major}");
        assert_eq!(said(&shown, "work_mem")[..2], [json!("64 MB"), json!("unknown")], "{major}");
        assert_eq!(parameter(&shown, "unix_socket_directories"), &Value::Null, "{major}: hidden from it");
        let text = pgdba(&["config", "show", "--dsn", &server.dsn("plain", "postgres")]).stdout;
        for told in ["incomplete: pg_settings: ", "pg_file_settings: no SELECT privilege", "source unknown"] {
            assert!(text.contains(told), "{major} {told}: {text}");
        }
        let shown = show(&server, "mon");
        assert_eq!(said(&shown, "random_page_cost")[1], "postgresql.conf", "{major}");
        assert_eq!(shown["unseen"].as_array().map(Vec::len), Some(1), "{major}");
    }
}

#[test]
fn grep_looks_at_names_and_values_changed_or_not() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    execute(&server, &["create database shop", "alter database shop set work_mem = '77MB'"]);
    let names = |pattern: &str| {
        let shown = data(&server, "postgres", &["show", "--grep", pattern]);
        let all = shown["parameters"].as_array().unwrap().clone();
        all.into_iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("Bgwriter_D"), ["bgwriter_delay"]);
    assert_eq!(names("77 mb"), ["work_mem"]);
    assert_eq!(names("no such thing"), Vec::<String>::new());
    let run = pgdba(&["config", "show", "--grep", "no such", "--dsn", &server.dsn("postgres", "postgres")]);
    assert!(
        run.code == Some(0) && run.stdout.ends_with("\n- no parameter has \"no such\" in its name or value\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_should_be_otherwise_becomes_a_change_set() {
    for major in MAJORS {
        let options = ServerOptions::default().with("autovacuum", "off").with("full_page_writes", "off");
        let server = Server::start(major, &options.with_command_line("-c fsync=off")).unwrap();
        let found = data(&server, "postgres", &["diff"]);
        let brief = |one: &Value| {
            let rule = &one["rule"]["code"];
            json!([one["parameter"], one["current"], one["recommended"], one["takes_effect"], rule, one["route"]["by"]])
        };
        let brief: Vec<Value> = found["recommendations"].as_array().unwrap().iter().map(brief).collect();
        let expected = json!([
            ["fsync", "off", "on", "reload", "PGD101", "command_line"],
            ["full_page_writes", "off", "on", "reload", "PGD102", "alter_system"],
            ["autovacuum", "off", "on", "reload", "PGD501", "alter_system"],
        ]);
        assert_eq!(json!(brief), expected, "{major}");

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("changes.json");
        let dsn = server.dsn("postgres", "postgres");
        let run = pgdba(&["config", "diff", "--dsn", &dsn, "-o", file.to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let next = format!("pgdba config apply --file {}", file.display());
        assert!(
            run.stdout.contains(&next) && run.stdout.contains("fsync is set on the command line"),
            "{}",
            run.stdout
        );
        let changes: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let parameters = json!({ "autovacuum": "on", "full_page_writes": "on" });
        assert_eq!(
            changes,
            json!({ "parameters": parameters, "fingerprint": found["cluster"]["fingerprint"] }),
            "{major}"
        );
        assert!(found["cluster"]["fingerprint"].as_str().is_some_and(|text| text.len() == 64), "{major}");
        // The command that is named next takes it.
        let home = [("PGDBA_HOME", folder.path().to_str())];
        let run = pgdba_with(&home, &["config", "apply", "--file", file.to_str().unwrap(), "--dsn", &dsn, "--yes"]);
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
        let found = data(&server, "postgres", &["diff"]);
        assert_eq!(found["recommendations"].as_array().map(Vec::len), Some(1), "{major}: {found}");
    }
}

#[test]
fn nothing_to_recommend_is_said_and_no_file_is_written() {
    let server = Server::start(NEWEST, &ServerOptions::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.json");
    let run = pgdba(&["config", "diff", "--dsn", &server.dsn("postgres", "postgres"), "-o", file.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout.contains("No change is recommended.") && run.stdout.contains("was not written"),
        "{}",
        run.stdout
    );
    assert!(!file.exists());
}

fn inspect(server: &Server, file: &Path) {
    let dsn = server.dsn("postgres", "postgres");
    assert_eq!(pgdba(&["inspect", "--dsn", &dsn, "-o", file.to_str().unwrap()]).code, Some(0));
}

#[test]
fn two_times_of_a_server_are_compared_by_meaning() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast().with("work_mem", "64MB")).unwrap();
        execute(&server, &["create database shop", "alter database shop set work_mem = '32MB'", "create role ann"]);
        let folder = tempfile::tempdir().unwrap();
        let before = folder.path().join("before.json");
        inspect(&server, &before);
        let command = ["diff", "--against", before.to_str().unwrap()];
        let run = pgdba(&["config", "diff", command[1], command[2], "--dsn", &server.dsn("postgres", "postgres")]);
        assert!(run.code == Some(0) && run.stdout.contains("No differences: "), "{}", run.stdout);

        execute(&server, &["alter database shop set work_mem = '32768kB'", "alter role ann set jit = off"]);
        server.reload_with(&[("work_mem", "65536kB"), ("checkpoint_timeout", "10min")]).unwrap();
        let found = data(&server, "postgres", &command);
        let names: Vec<&Value> = found["differences"].as_array().unwrap().iter().map(|one| &one["parameter"]).collect();
        assert_eq!(names, ["checkpoint_timeout"], "{major}");
        let one = &found["differences"][0];
        let side = |side: &str| [&one[side]["value"]["shown"], &one[side]["origin"]["source"]];
        assert_eq!(side("first"), ["10 min", "configuration file"], "{major}");
        assert_eq!(side("second"), ["5 min", "default"], "{major}");
        let jit = json!([{ "parameter": "jit", "database": null, "role": "ann",
                           "first": { "setting": "off", "shown": "off" }, "second": null }]);
        assert_eq!((&found["overrides"], &found["one_sided"]), (&jit, &json!([])), "{major}");
    }
}
