//! `cargo xtask new …` in a copy of the tree: what it writes compiles, its tests hold, and no file is touched that
//! CONTRIBUTING's table does not name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::new::{New, write};
use xtask::{paths, process};

/// What is added, by the first cell of its row in CONTRIBUTING's table.
fn additions() -> [(&'static str, New); 6] {
    let name = |name: &str| name.to_owned();
    [
        ("a rule", New::Rule { area: name("vacuum"), name: name("stale_vacuum"), off: None }),
        ("a rule", New::Rule { area: name("settings"), name: name("jit_off"), off: Some(name("jit")) }),
        ("a section", New::Section { name: name("pg_event_trigger") }),
        ("a topic", New::Topic { name: name("rolled_back") }),
        ("a kind of chart", New::Chart { name: name("part_strip") }),
        ("a command", New::Command { group: name("snapshot"), name: name("list_sections") }),
    ]
}

#[test]
fn what_is_added_touches_the_files_of_the_table_and_holds() {
    let table = table();
    let drawn_up = folder().join("drawn-up");
    let mut before = tree(&paths::root());
    sync(&before, &drawn_up);
    let mut generated = BTreeSet::new();
    for (what, new) in additions() {
        write(&drawn_up, &new).unwrap();
        let after = tree(&drawn_up);
        let row = &table[what];
        assert_eq!(touched(&before, &after), filled(&row.by_hand, &new), "{what}: by hand");
        generated.extend(filled(&row.generated, &new));
        write(&drawn_up, &new).unwrap_err();
        assert!(tree(&drawn_up) == after, "{what}: a second time writes nothing");
        before = after;
    }
    // Compiled elsewhere, so that a file that is as in the last run is not compiled again.
    let compiled = folder().join("compiled");
    sync(&before, &compiled);
    cargo(&compiled, "build --quiet --workspace --bins");
    xtask(&compiled, &["gen"]);
    assert_eq!(touched(&before, &tree(&compiled)), generated, "generated");

    xtask(&compiled, &["gen", "--check"]);
    cargo(&compiled, "fmt --all --check");
    cargo(&compiled, "clippy --quiet --workspace --all-targets -- -D warnings");
    cargo(&compiled, "test --quiet --workspace --lib --test registry");
}

#[test]
fn every_row_of_the_table_is_tried() {
    let rows: Vec<String> = table().into_keys().collect();
    let tried: BTreeSet<String> = additions().into_iter().map(|(what, _)| what.to_owned()).collect();
    assert_eq!(rows, tried.into_iter().collect::<Vec<_>>());
}

#[test]
fn what_has_no_place_is_refused() {
    let root = paths::root();
    let name = |name: &str| name.to_owned();
    for new in [
        New::Rule { area: name("no_such_area"), name: name("stale_vacuum"), off: None },
        New::Rule { area: name("vacuum"), name: name("dead_tuples"), off: None },
        New::Rule { area: name("vacuum"), name: name("Dead Tuples"), off: None },
        New::Section { name: name("pg_class") },
        New::Topic { name: name("queries") },
        New::Chart { name: name("bars") },
        New::Command { group: name("no_such_group"), name: name("show") },
        New::Command { group: name("config"), name: name("show") },
    ] {
        assert!(write(&root, &new).is_err(), "{new:?}");
    }
}

/// A row of the table: paths with `AREA`, `GROUP` and `NAME` in them.
struct Row {
    by_hand: Vec<String>,
    generated: Vec<String>,
}

/// The table in CONTRIBUTING.md: `| to add | command | by hand | generated |`.
fn table() -> BTreeMap<String, Row> {
    let text = fs::read_to_string(paths::root().join("CONTRIBUTING.md")).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("| to add |")).skip(2);
    let paths = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            (cells[0].to_owned(), Row { by_hand: paths(cells[2]), generated: paths(cells[3]) })
        })
        .collect()
}

/// The paths of a cell, for this addition.
fn filled(cell: &[String], new: &New) -> BTreeSet<PathBuf> {
    let (folder, name) = match new {
        New::Rule { area, name, .. } => (area.as_str(), name),
        New::Command { group, name } => (group.as_str(), name),
        New::Section { name } | New::Topic { name } | New::Chart { name } => ("", name),
    };
    let fill = |path: &String| path.replace("AREA", folder).replace("GROUP", folder).replace("NAME", name);
    cell.iter().map(fill).map(PathBuf::from).collect()
}

fn touched(before: &Tree, after: &Tree) -> BTreeSet<PathBuf> {
    let paths: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
    paths.into_iter().filter(|path| before.get(*path) != after.get(*path)).cloned().collect()
}

/// The files of a tree, by their path in it.
type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// What is built, fetched or the record of changes: no part of the tree.
const NOT_COPIED: [&str; 3] = ["target", "node_modules", ".git"];

fn tree(root: &Path) -> Tree {
    let mut files = Tree::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if NOT_COPIED.iter().any(|name| path.ends_with(name)) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(root).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// Makes the folder hold these files and no others; what is as it should be is not written again.
fn sync(wanted: &Tree, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for path in touched(&tree(folder), wanted) {
        let place = folder.join(&path);
        match wanted.get(&path) {
            Some(bytes) => {
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::write(place, bytes).unwrap();
            }
            None => fs::remove_file(place).unwrap(),
        }
    }
}

/// Where the copies lie, and the programs that are built of them.
fn folder() -> PathBuf {
    paths::target().join("new")
}

fn programs() -> PathBuf {
    folder().join("target")
}

/// Runs cargo in the copy, for the whole workspace as everywhere, so that the dependencies are those that the tests were built
/// with. The crates are compiled apart, since another profile gives them other names: they are run once, so neither optimized nor
/// with debug information.
fn cargo(copy: &Path, arguments: &str) {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments.split(' ')).env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
    command.env("CARGO_BUILD_BUILD_DIR", paths::target()).env("CARGO_TARGET_DIR", programs());
    process::output(command.current_dir(copy)).unwrap();
}

/// Runs what was built of the copy's xtask.
fn xtask(copy: &Path, arguments: &[&str]) {
    let mut command = Command::new(programs().join("debug/xtask"));
    command.args(arguments).env("CARGO_MANIFEST_DIR", copy.join("crates/xtask"));
    process::output(command.current_dir(copy)).unwrap();
}
