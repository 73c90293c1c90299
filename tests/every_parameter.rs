//! Every parameter that a server's catalog has and that has a safe neighbour of its value: changed by `pgdba config apply`, put
//! back by `pgdba config rollback`, on each version.

use std::fs;

use serde_json::{Map, Value, json};
use xtask::servers::{Server, ServerOptions};

use crate::program::{Run, pgdba_with};
use crate::schemas;
use crate::site::sorted_lines;

/// Parameters that have no safe neighbour, or none that can be made from the catalog.
const LEFT_OUT: [(&str, &str); 4] = [
    ("bonjour", "this build has none"),
    ("log_statement_stats", "excludes log_parser_stats and its like"),
    ("autovacuum_work_mem", "the server makes 64kB of what is next to -1"),
    ("db_user_namespace", "nobody can connect with it"),
];

/// What `pgdba` rightly refuses among the neighbours, with the code; those whose context is internal are not listed.
const REFUSED: [(&str, &str); 9] = [
    ("fsync", "on_command_line"),
    ("allow_alter_system", "not_alterable"),
    ("transaction_deferrable", "not_alterable"),
    ("transaction_isolation", "not_alterable"),
    ("transaction_read_only", "not_alterable"),
    // The only value of this build.
    ("debug_discard_caches", "bad_value"),
    // A figure whose neighbour by half a unit lies beyond its range.
    ("geqo_selection_bias", "bad_value"),
    // Octal figures are decimal in the catalog.
    ("log_file_mode", "bad_value"),
    ("unix_socket_permissions", "bad_value"),
];

/// Values of strings, which no catalog gives: quotes, backslashes, blanks, lists.
const STRINGS: [(&str, &str); 15] = [
    ("application_name", "neighbour"),
    ("archive_command", "cp \"%p\" '/tmp/a b/%f'"),
    ("cluster_name", "next one"),
    ("DateStyle", "SQL, DMY"),
    ("default_tablespace", "pg_default"),
    ("lc_messages", "POSIX"),
    ("log_destination", "stderr, csvlog"),
    ("log_filename", "other-%Y.log"),
    ("log_line_prefix", "it's \\ %m [%p]  "),
    ("log_timezone", "Europe/Vienna"),
    ("search_path", "\"$user\", public, \"Quoted, name\""),
    ("session_preload_libraries", "auto_explain"),
    ("shared_preload_libraries", "pg_stat_statements, auto_explain"),
    ("temp_tablespaces", "pg_default"),
    ("TimeZone", "Europe/Vienna"),
];

/// A long time in milliseconds: the neighbour of "no limit" would end every session at once.
const AN_HOUR: &str = "3600000";

/// Before the change the file has lines of its own, which the change moves and replaces.
const LINES_BEFORE: &str = "
alter system set work_mem = '7 MB';
alter system set search_path = 'public', 'Quoted, name';
alter system set log_line_prefix = E'it''s \\\\ before ';
alter system set max_connections = 77;
alter system set autovacuum_naptime = '2min'";

macro_rules! on_each_version {
    ($($name:ident: $major:literal),*) => {
        $(#[test]
        fn $name() {
            every_parameter_there_and_back($major);
        })*
    };
}

on_each_version!(
    on_12_every_parameter_goes_there_and_back: 12,
    on_13_every_parameter_goes_there_and_back: 13,
    on_14_every_parameter_goes_there_and_back: 14,
    on_15_every_parameter_goes_there_and_back: 15,
    on_16_every_parameter_goes_there_and_back: 16,
    on_17_every_parameter_goes_there_and_back: 17,
    on_18_every_parameter_goes_there_and_back: 18
);

/// A server and a home of pgdba's for it.
struct Site {
    server: Server,
    home: tempfile::TempDir,
}

impl Site {
    fn new(major: u32) -> Self {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        for statement in LINES_BEFORE.split(';') {
            server.execute("postgres", statement).unwrap();
        }
        server.restart().unwrap();
        Self { server, home: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> Vec<u8> {
        fs::read(self.server.data_dir().join("postgresql.auto.conf")).unwrap()
    }

    fn config(&self, command: &[&str]) -> Run {
        let dsn = self.server.dsn("postgres", "postgres");
        let mut args = vec!["config"];
        args.extend_from_slice(command);
        args.extend_from_slice(&["--dsn", &dsn, "--format", "json"]);
        pgdba_with(&[("PGDBA_HOME", self.home.path().to_str())], &args)
    }

    fn apply(&self, parameters: &Map<String, Value>, more: &str) -> Value {
        let file = self.home.path().join("changes.json");
        fs::write(&file, json!({ "parameters": parameters }).to_string()).unwrap();
        let run = self.config(&["apply", "--file", file.to_str().unwrap(), more]);
        run.envelope()
    }

    /// What it warns of.
    fn roll_back(&self, applied: &Value) -> Vec<Value> {
        let id = applied["data"]["change_set"]["id"].as_str().unwrap();
        let back = self.config(&["rollback", "--changeset-id", id]).envelope();
        assert_eq!(back["ok"], true, "{back}");
        back["warnings"].as_array().unwrap().clone()
    }

    fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let rows = self.server.query("postgres", sql).unwrap();
        rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect()
    }
}

/// For each parameter of the catalog a value next to the one it has.
fn neighbours(site: &Site) -> Map<String, Value> {
    let catalog = site.rows(
        "select name, vartype, setting, min_val, max_val, array_to_json(enumvals), context from pg_catalog.pg_settings order by name",
    );
    let mut neighbours = Map::new();
    for row in &catalog {
        let [name, vartype, setting, _, max, words, context] = &row[..] else { panic!("{row:?}") };
        let left_out = context == "internal" || LEFT_OUT.iter().any(|(left_out, _)| left_out == name);
        let neighbour = match vartype.as_str() {
            _ if left_out => None,
            "bool" => Some(if setting == "on" { "off" } else { "on" }.to_owned()),
            "enum" => other_word(words, setting),
            "integer" if name.ends_with("_timeout") && setting == "0" => Some(AN_HOUR.to_owned()),
            "integer" => Some(next(name, setting.parse().unwrap(), max.parse().unwrap()).to_string()),
            "real" => Some(next_real(setting.parse().unwrap(), max.parse().unwrap()).to_string()),
            _ => STRINGS.iter().find(|(string, _)| string == name).map(|(_, value)| (*value).to_owned()),
        };
        if let Some(neighbour) = neighbour {
            neighbours.insert(name.clone(), Value::String(neighbour));
        }
    }
    neighbours
}

fn other_word(words: &str, setting: &str) -> Option<String> {
    let words: Vec<String> = serde_json::from_str(words).unwrap();
    words.into_iter().find(|word| word != setting)
}

fn next(name: &str, setting: i64, max: i64) -> i64 {
    // The caches of 17 and newer go by whole banks.
    let step = if name.ends_with("_buffers") { 16 } else { 1 };
    if setting + step <= max { setting + step } else { setting - step }
}

fn next_real(setting: f64, max: f64) -> f64 {
    if setting + 0.5 <= max { setting + 0.5 } else { setting / 2.0 }
}

fn every_parameter_there_and_back(major: u32) {
    let site = Site::new(major);
    let before = site.file();
    let mut wanted = neighbours(&site);
    let plan = site.apply(&wanted, "--dry-run");
    let refused = plan["data"]["refusals"].as_array().unwrap_or_else(|| panic!("{plan}"));
    for refusal in refused {
        let (name, code) = (refusal["parameter"].as_str().unwrap(), refusal["code"].as_str().unwrap());
        assert!(REFUSED.contains(&(name, code)), "{major}: {refusal}");
        wanted.remove(name);
    }
    assert_eq!(site.file(), before, "{major}: a dry run wrote");

    let applied = site.apply(&wanted, "--yes");
    assert_eq!(applied["ok"], true, "{major}: {}", applied["error"]);
    schemas::assert_valid(&schemas::validator("change_set.json"), &applied["data"]["change_set"], "the change set");
    let steps = applied["data"]["change_set"]["parameters"].as_array().unwrap();
    let unchanged: Vec<&Value> = steps.iter().filter(|step| step["outcome"] == "unchanged").collect();
    assert_eq!(unchanged, Vec::<&Value>::new(), "{major}");
    assert!(wanted.len() > 220, "{major}: {}", wanted.len());
    let names = site.rows("select name from pg_catalog.pg_file_settings where sourcefile like '%auto.conf'");
    assert_eq!(names.len(), wanted.len(), "{major}: lines in the file");
    assert_eq!(mistakes(&site), Vec::<Vec<String>>::new(), "{major}");

    let warnings = site.roll_back(&applied);
    assert_same(&site.file(), &before, major);
    assert_eq!(mistakes(&site), Vec::<Vec<String>>::new(), "{major}");
    // ALTER SYSTEM cannot write the empty list, with which the server would forget that mark.
    let waiting = site.rows("select name from pg_catalog.pg_settings where pending_restart");
    assert_eq!(waiting, [["shared_preload_libraries"]], "{major}: marks that outlive the change");
    let notes: Vec<&str> = warnings
        .iter()
        .filter_map(Value::as_str)
        .filter(|note| note.contains("keeps its pending-restart flag"))
        .collect();
    assert!(matches!(notes[..], [note] if note.contains("shared_preload_libraries")), "{major}: {warnings:?}");
    lists_survive_a_restart(&site, &before, major);
}

/// Errors in the files, without values that wait for a restart.
fn mistakes(site: &Site) -> Vec<Vec<String>> {
    site.rows(
        "select name, error from pg_catalog.pg_file_settings where error is not null and error <> 'setting could not be applied'",
    )
}

fn assert_same(file: &[u8], before: &[u8], major: u32) {
    // As a set: the order of lines means nothing to the server.
    let lines = |bytes: &[u8]| sorted_lines(&String::from_utf8_lossy(bytes));
    assert_eq!(lines(file), lines(before), "{major}");
}

/// The server starts with the lists that were applied, shows them element by element, and starts again without them.
fn lists_survive_a_restart(site: &Site, before: &[u8], major: u32) {
    let folder = site.server.socket_dir().display().to_string();
    let mut lists = Map::new();
    for (name, value) in STRINGS.iter().filter(|(name, _)| name.ends_with("_libraries") || *name == "search_path") {
        lists.insert((*name).to_owned(), json!(value));
    }
    lists.insert("unix_socket_directories".to_owned(), json!(folder));
    lists.insert("temp_tablespaces".to_owned(), json!("\"\", pg_default"));
    let applied = site.apply(&lists, "--yes");
    assert_eq!(applied["ok"], true, "{major}: {}", applied["error"]);
    site.server.restart().unwrap_or_else(|error| panic!("{major}: does not start with the lists: {error:#}"));
    assert_eq!(site.rows("show shared_preload_libraries"), [["pg_stat_statements, auto_explain"]]);
    assert_eq!(site.rows("show search_path"), [["\"$user\", public, \"Quoted, name\""]]);
    assert_eq!(site.rows("select pg_catalog.current_schemas(false)::text"), [["{public}"]]);
    let history = site.config(&["history"]).envelope();
    let restarted: Vec<&Value> =
        history["data"].as_array().unwrap().iter().map(|change| &change["restarted"]).collect();
    assert_eq!(restarted.last(), Some(&&json!(true)), "{history}");
    site.roll_back(&applied);
    assert_same(&site.file(), before, major);
    site.server.restart().unwrap();
    assert_eq!(site.rows("show work_mem"), [["7MB"]]);
}
