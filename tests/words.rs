//! What users read has none of the words and phrases that docs/STYLE.md bans.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use xtask::{paths, process};

mod literal;
mod phrase;

use literal::literals;
use phrase::{Ban, bans, tokens};

const STYLE: &str = "docs/STYLE.md";
/// Files and folders with text for users, and the endings of those files.
const PLACES: [(&str, &[&str]); 9] = [
    ("README.md", &["md"]),
    ("CHANGELOG.md", &["md"]),
    ("CONTRIBUTING.md", &["md"]),
    ("ARCHITECTURE.md", &["md"]),
    ("docs", &["md", "json", "sql"]),
    ("web", &["html", "js"]),
    ("crates/report/templates", &["html", "js"]),
    ("tests/snapshots", &["snap"]),
    // The text of messages.
    ("crates", &["rs"]),
];

#[test]
fn users_read_none_of_the_banned_words() {
    let bans = style();
    let found: Vec<String> = texts().iter().flat_map(|(name, text)| violations(name, text, &bans)).collect();
    assert!(found.is_empty(), "docs/STYLE.md bans these:\n{}", found.join("\n"));
}

#[test]
fn every_kind_of_text_is_searched() {
    let names: BTreeSet<String> = texts().into_keys().collect();
    for name in [
        "README.md",
        "docs/configuration.md",
        "docs/rules/fsync_off.md",
        "docs/sections/pg_class.md",
        "docs/schema/snapshot.json",
        "docs/pgdba.sql",
        "web/index.html",
        "web/main.js",
        "crates/report/templates/report.html",
        "tests/snapshots/dead_tuples.snap",
        "crates/apply/src/lib.rs",
        "pgdba --help",
        "pgdba snapshot redact --help",
        "pgdba-collect --help",
    ] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    assert!(!names.contains(STYLE));
}

fn style() -> Vec<Ban> {
    let bans = bans(&fs::read_to_string(paths::root().join(STYLE)).unwrap());
    let count = |instead: &str| bans.iter().filter(|ban| ban.instead == instead).count();
    assert!(bans.len() > 80 && count("enabled") == 1 && count("behavior") == 1, "the tables were not read: {bans:?}");
    bans
}

/// One line for each banned phrase, with the words around it.
fn violations(name: &str, text: &str, bans: &[Ban]) -> Vec<String> {
    let words = tokens(text);
    let around = |at: usize| words[at.saturating_sub(6)..words.len().min(at + 10)].join(" ");
    let found = bans.iter().flat_map(|ban| ban.find(&words).into_iter().map(move |at| (ban, at)));
    found.map(|(ban, at)| format!("{name}: \"{}\" -> {}: … {} …", ban.phrase, ban.instead, around(at))).collect()
}

/// Every text that users read, by the file it is in or the command that prints it.
fn texts() -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (place, endings) in PLACES {
        collect(&paths::root().join(place), endings, &mut texts);
    }
    texts.remove(STYLE);
    texts.retain(|name, _| {
        !name.starts_with("crates/xtask/") && !name.ends_with("/tests.rs") && !name.contains("/tests/")
    });
    crate::program::build();
    help("pgdba", &[], &mut texts);
    help("pgdba-collect", &[], &mut texts);
    texts
}

fn collect(path: &Path, endings: &[&str], into: &mut BTreeMap<String, String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), endings, into);
        }
    } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
        let name = path.strip_prefix(paths::root()).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(path).unwrap();
        into.insert(name, if path.extension().is_some_and(|ending| ending == "rs") { literals(&text) } else { text });
    }
}

/// The long help of a command and of all its subcommands.
fn help(program: &str, command: &[&str], into: &mut BTreeMap<String, String>) {
    let text =
        process::output(Command::new(paths::target().join("debug").join(program)).args(command).arg("--help")).unwrap();
    let list = text.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        help(program, &[command, &[name]].concat(), into);
    }
    into.insert([&[program], command, &["--help"]].concat().join(" "), text);
}
