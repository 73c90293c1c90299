//! Query identifiers that would confirm a guess: of utility statements none reaches a document, and of a redacted document none
//! is the server's own. Guesses are made as anybody could make them: by running the statement on another server.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::servers::{Server, ServerOptions};

use crate::program::{Run, pgdba};
use crate::psql;
use crate::stopping::Stopping;

/// Each way in which an identifier is computed: from the text, from the tree, from names instead of oids.
const MAJORS: [u32; 4] = [12, 14, 15, 18];

/// Statements whose constants or names somebody may try to guess; some versions list a few of them with parameters.
const UTILITY: [&str; 9] = [
    "create role planted password 'hunter2'",
    "alter role planted password 'hunter3'",
    "comment on role planted is 'hunter2'",
    "do $$ begin perform 'hunter2'; end $$",
    "explain select 'hunter2'",
    "copy (select 'hunter2') to program 'cat > /dev/null'",
    "select 'hunter2'::text as note into temp table kept",
    "create temp table made as select 'hunter2'::text as note",
    "(select 'hunter2'::text as note into temp table bracketed)",
];

const PLAIN: &str = "select count(*) from secretly where note = 'hunter2'";

/// Sessions that are looked at while they sleep: texts that show their statement and texts that do not.
const SLEEPING: [&str; 5] = [
    "/* app */ (select pg_sleep(600), 'plainly')",
    "do $$ begin perform pg_sleep(600), 'hunter2'; end $$",
    "explain analyze select pg_sleep(600), 'hunter2'",
    "select 1; explain analyze select pg_sleep(600), 'hunter4'",
    "create temp table x as select 'hunter2'::text as note from pg_sleep(600)",
];

fn start(major: u32) -> Server {
    let mut options = ServerOptions::fast().with_statements().with("autovacuum", "off");
    if major >= 14 {
        options = options.with("compute_query_id", "on");
    }
    let server = Server::start(major, &options).unwrap();
    server.execute("postgres", "create table secretly (note text)").unwrap();
    for sql in UTILITY.iter().chain([&PLAIN]) {
        server.execute("postgres", sql).unwrap();
    }
    server
}

/// The identifiers of the statements that `condition` chooses, as the server has them.
fn ids(server: &Server, column: &str, relation: &str, condition: &str) -> BTreeSet<String> {
    let sql = format!("select distinct {column} from {relation} where {condition}");
    server.query("postgres", &sql).unwrap().into_iter().flatten().flatten().collect()
}

fn utility_ids(server: &Server) -> BTreeSet<String> {
    let verbs = "query !~* '^[( ]*(select|insert|update|delete|with|values)' or query ~* ' into temp'";
    let mut found = ids(server, "queryid", "pg_stat_statements", verbs);
    if server.major() >= 14 {
        let sleeping = "query ~ 'pg_sleep' and query !~ '^/. app'";
        found.extend(ids(server, "query_id", "pg_stat_activity", sleeping));
    }
    found
}

fn done(run: Run) {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

/// The identifiers of a column of a section, those of earlier samples too.
fn shown(document: &Value, section: &str, column: &str) -> BTreeSet<String> {
    let section = &document["sections"][section];
    let Some(columns) = section["columns"].as_array() else { return BTreeSet::new() };
    let at = columns.iter().position(|name| name == column).unwrap();
    let between = section["between"].as_array().cloned().unwrap_or_default();
    let samples = [section.clone(), section["earlier"].clone()].into_iter().chain(between);
    let rows = samples.flat_map(|sample| sample["rows"].as_array().cloned().unwrap_or_default());
    rows.filter_map(|row| row[at].as_str().map(str::to_owned)).collect()
}

#[test]
fn no_query_id_confirms_a_guess() {
    for major in MAJORS {
        let (server, elsewhere) = (start(major), start(major));
        thread::scope(|scope| {
            let (_stopping, _too) = (Stopping(&server), Stopping(&elsewhere));
            for (server, sql) in [&server, &elsewhere].into_iter().flat_map(|server| SLEEPING.map(|sql| (server, sql)))
            {
                scope.spawn(move || server.execute("postgres", sql));
            }
            for server in [&server, &elsewhere] {
                let deadline = Instant::now() + Duration::from_secs(60);
                let asleep = "select 1 from pg_stat_activity where wait_event = 'PgSleep'";
                while server.query("postgres", asleep).unwrap().len() < SLEEPING.len() {
                    assert!(Instant::now() < deadline, "{major}: they do not sleep");
                    thread::sleep(Duration::from_millis(20));
                }
            }
            none_is_confirmed(&server, &elsewhere);
        });
    }
}

fn none_is_confirmed(server: &Server, elsewhere: &Server) {
    let major = server.major();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (plain, redacted, key) = (path("plain.json"), path("redacted.json"), path("site.key"));
    let (script, script_redacted, direct) = (path("script.json"), path("script-redacted.json"), path("direct.json"));
    let dsn = server.dsn("postgres", "postgres");
    let inspect = ["inspect", "--dsn", &dsn, "--delta", "--interval", "3s", "-o"];
    done(pgdba(&[&inspect[..], &[&plain]].concat()));
    done(pgdba(&[&inspect[..], &[&direct, "--redact", "--key", &key]].concat()));
    let run = psql::run(&psql::handed_out(), &dsn);
    assert!(run.status.success());
    fs::write(&script, run.stdout).unwrap();
    for (from, to) in [(&plain, &redacted), (&script, &script_redacted)] {
        done(pgdba(&["snapshot", "redact", from, "-o", to, "--key", &key]));
    }
    let guesses: BTreeSet<String> = utility_ids(server).union(&utility_ids(elsewhere)).cloned().collect();
    assert!(utility_ids(server).intersection(&utility_ids(elsewhere)).count() > 3, "{major}: nothing could be guessed");
    let all = ids(server, "queryid", "pg_stat_statements", "true");
    let text = |file: &str| fs::read_to_string(file).unwrap();
    for file in [&plain, &script, &redacted, &script_redacted, &direct] {
        let found: Vec<&String> = guesses.iter().filter(|id| text(file).contains(id.as_str())).collect();
        assert_eq!(found, Vec::<&String>::new(), "{major} {file}");
    }
    for file in [&redacted, &script_redacted, &direct] {
        let found: Vec<&String> = all.iter().filter(|id| text(file).contains(id.as_str())).collect();
        assert_eq!(found, Vec::<&String>::new(), "{major} {file}");
    }
    let document = |file: &str| serde_json::from_str::<Value>(&text(file)).unwrap();
    for file in [&plain, &script, &redacted, &script_redacted, &direct] {
        let statements = shown(&document(file), "pg_stat_statements", "queryid");
        assert!(statements.len() > 1, "{major} {file}: identifiers of plain statements");
    }
    for (from, to) in [(&plain, &direct), (&redacted, &script_redacted), (&plain, &script)] {
        let [one, other] = [from, to].map(|file| shown(&document(file), "pg_stat_statements", "queryid"));
        let same = one.intersection(&other).count();
        assert_eq!(
            same > 1,
            (from, to) != (&plain, &direct),
            "{major}: one key gives one identifier: {one:?} {other:?}"
        );
    }
    if major < 14 {
        return;
    }
    for file in [&plain, &redacted, &direct] {
        let [activity, waits] = [("pg_stat_activity", "query_id"), ("wait_samples", "query_id")]
            .map(|(section, column)| shown(&document(file), section, column));
        assert_eq!((activity.len(), &activity), (1, &waits), "{major} {file}: the sleeping SELECT, and nothing else");
    }
}
