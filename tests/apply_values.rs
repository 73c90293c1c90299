//! Any text as the value of a parameter: it is refused before anything changes, or it reads back equal in a new session.
//!
//! The texts come from a generator that begins at the same number each time, so a failure can be repeated.

use std::collections::BTreeMap;
use std::fs;

use pgdba_pg::parameter::{is_list_quoted, split_list};
use pgdba_pg::quote::quote_literal;
use serde_json::{Value, json};
use xtask::servers::ServerOptions;

use crate::apply_refusals::desk::Desk;

/// Each gives every parameter one value.
const ROUNDS: usize = 15;

/// In force after a reload, and shown letter by letter.
const TEXTS: [&str; 8] = [
    "DateStyle",
    "TimeZone",
    "application_name",
    "log_directory",
    "log_filename",
    "log_line_prefix",
    "log_timezone",
    "search_path",
];

/// In force after a restart, or not shown while they are not used: the file is what can be compared.
const IN_THE_FILE: [&str; 9] = [
    "archive_command",
    "cluster_name",
    "event_source",
    "krb_server_keyfile",
    "primary_conninfo",
    "restore_command",
    "shared_preload_libraries",
    "ssl_ciphers",
    "unix_socket_directories",
];

/// Numbers, Booleans and enums that a session can set too, so that the server itself can be asked what it would do.
const OTHERS: [&str; 10] = [
    "constraint_exclusion",
    "deadlock_timeout",
    "extra_float_digits",
    "jit",
    "log_min_messages",
    "maintenance_work_mem",
    "seq_page_cost",
    "vacuum_cost_delay",
    "wal_compression",
    "work_mem",
];

/// The server spells these in its own way: `utc` is `UTC`, half a DateStyle is completed. It is asked what it would do.
const SPELLED_ANEW: [&str; 3] = ["DateStyle", "TimeZone", "log_timezone"];

/// What texts are made of.
const PIECES: [&str; 32] = [
    "a",
    "B",
    "9",
    " ",
    "  ",
    ",",
    ", ",
    "'",
    "''",
    "\"",
    "\\",
    "\\\\",
    "\\n",
    "ä",
    "漢",
    "🐘",
    "$libdir/",
    "\"$user\"",
    "%m",
    "%p ",
    "/",
    "//",
    "..",
    ";",
    "--",
    "#",
    "=",
    "\t",
    "\r",
    "\u{1}",
    "\n",
    "E'",
];

/// What somebody may give for a number, a Boolean or an enum.
const VALUES: [&str; 32] = [
    "0",
    "1",
    "-1",
    "2",
    "64MB",
    "64 MB",
    " 64MB ",
    "64mb",
    "1.5GB",
    "0.5",
    "1e3",
    "0x400",
    "010",
    "3ms",
    "1.5s",
    "2min",
    "lots",
    "",
    "on",
    "OFF",
    "tr",
    "maybe",
    "partition",
    "debug",
    "info",
    "99999999999",
    "1.23456789",
    "nan",
    "inf",
    "-0",
    "+7",
    "100us",
];

/// Numbers without a pattern, always the same ones.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn text(&mut self) -> String {
        match self.below(12) {
            0 => String::new(),
            1 => "x".repeat(900),
            2 => self
                .one(&["UTC", "utc", "Europe/Berlin", "ISO, MDY", "German", "pg_stat_statements", "a, b"])
                .to_owned(),
            _ => (0..=self.below(6)).map(|_| self.one(&PIECES)).collect(),
        }
    }

    fn round(&mut self) -> BTreeMap<&'static str, String> {
        let texts: Vec<_> = TEXTS.iter().chain(&IN_THE_FILE).map(|name| (*name, self.text())).collect();
        let others = OTHERS.iter().map(|name| (*name, self.one(&VALUES).to_owned()));
        texts.into_iter().chain(others).collect()
    }
}

#[test]
fn any_text_is_refused_or_reads_back_equal_on_12() {
    holds_for(12);
}

#[test]
fn any_text_is_refused_or_reads_back_equal_on_18() {
    holds_for(18);
}

fn holds_for(major: u32) {
    let desk = Desk::start(major, &ServerOptions::fast());
    let mut chance = Chance(u64::from(major));
    let mut taken = 0;
    for _ in 0..ROUNDS {
        let round = chance.round();
        let refused = refused(&desk, &round);
        let accepted: BTreeMap<_, _> =
            round.iter().filter(|(name, _)| !refused.contains(&(**name).to_owned())).collect();
        taken += accepted.len();
        for name in OTHERS {
            // What the server itself takes is never refused, and what it refuses is never taken.
            let sql = format!("select set_config({}, {}, false)", quote_literal(name), quote_literal(&round[name]));
            let by_server = desk.server.query("postgres", &sql).is_err();
            assert_eq!(refused.contains(&name.to_owned()), by_server, "{major} {name} {:?}", round[name]);
        }
        let run = with_file(&desk, &["apply", "--yes", "--format", "json"], &json!(accepted));
        assert_eq!(run.0, Some(0), "{major} {}\n{accepted:?}", run.1);
        for (name, given) in accepted {
            reads_back(&desk, name, given);
        }
    }
    assert!(taken > ROUNDS * 8, "most texts are refused: {taken}");
    after_a_restart(&desk);
}

/// The parameters that are refused; nothing is changed where one of them is.
fn refused(desk: &Desk, round: &BTreeMap<&'static str, String>) -> Vec<String> {
    let before = desk.auto_conf();
    let (code, stdout) = with_file(desk, &["apply", "--dry-run", "--format", "json"], &json!(round));
    let envelope: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"));
    let refusals = envelope["data"]["refusals"].as_array().unwrap_or_else(|| panic!("{envelope}"));
    let names: Vec<_> = refusals.iter().map(|one| one["parameter"].as_str().unwrap().to_owned()).collect();
    assert_eq!(code, Some(i32::from(!names.is_empty())));
    if !names.is_empty() {
        let run = with_file(desk, &["apply", "--yes"], &json!(round));
        assert_eq!(run.0, Some(1), "{round:?}");
    }
    assert_eq!(desk.auto_conf(), before, "{round:?}");
    names
}

fn with_file(desk: &Desk, args: &[&str], parameters: &Value) -> (Option<i32>, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), json!({ "parameters": parameters }).to_string()).unwrap();
    let run = desk.run(&[args, &["--file", file.path().to_str().unwrap()]].concat());
    (run.code, format!("{}{}", run.stdout, run.stderr))
}

/// In a new session the value is what was given.
fn reads_back(desk: &Desk, name: &str, given: &str) {
    let major = i64::from(desk.server.major());
    let quoted = quote_literal(name);
    if OTHERS.contains(&name) || SPELLED_ANEW.contains(&name) {
        // What log_timezone takes no session can set.
        let tried = quote_literal(if name == "log_timezone" { "TimeZone" } else { name });
        let sql = format!("select current_setting({quoted}), set_config({tried}, {}, false)", quote_literal(given));
        let rows = desk.server.query("postgres", &sql).unwrap();
        // Both are zero.
        let shown = |column: usize| rows[0][column].as_deref().map(|text| if text == "-0" { "0" } else { text });
        assert_eq!(shown(0), shown(1), "{major} {name} {given:?}");
        return;
    }
    let in_file = format!("(select setting from pg_file_settings where name = {quoted} order by seqno desc limit 1)");
    let shown = if IN_THE_FILE.contains(&name) {
        // What was so already stands in no file.
        desk.ask(&format!("select coalesce({in_file}, current_setting({quoted}))"))
    } else {
        desk.ask(&format!("select current_setting({quoted})"))
    };
    if is_list_quoted(name, major) {
        let elements =
            |text: &str| split_list(text, name == "search_path").unwrap_or_else(|| panic!("{name} {text:?}"));
        let wanted = Some(elements(given)).filter(|wanted| !wanted.is_empty()).unwrap_or_else(|| vec![String::new()]);
        assert_eq!(elements(&shown), wanted, "{major} {name} {given:?}");
        return;
    }
    assert_eq!(shown, given, "{major} {name}");
}

/// What waited is in force then, letter by letter.
fn after_a_restart(desk: &Desk) {
    let reset: Vec<&str> = IN_THE_FILE.iter().flat_map(|name| ["--reset", name]).collect();
    desk.done_as("postgres", &[&["apply", "--yes"], &reset[..]].concat());
    desk.apply(&[
        "cluster_name=it's a \\\\ \"name\", ok ",
        "shared_preload_libraries=$libdir/auto_explain , \"pg_stat_statements\"",
        "max_connections=0x50",
        "wal_level=hot_standby",
        "max_wal_senders=7",
    ]);
    desk.server.restart().unwrap();
    for (name, value) in [
        ("cluster_name", "it's a \\\\ \"name\", ok "),
        ("shared_preload_libraries", "\"$libdir/auto_explain\", pg_stat_statements"),
        ("max_connections", "80"),
        ("wal_level", "replica"),
        ("max_wal_senders", "7"),
    ] {
        assert_eq!(desk.show(name), value, "{name}");
    }
}
