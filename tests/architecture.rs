//! ARCHITECTURE.md is tied to the code: its paths exist and its edge table is true.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};
use xtask::{paths, process};

fn text() -> String {
    fs::read_to_string(paths::root().join("ARCHITECTURE.md")).unwrap()
}

#[test]
fn every_path_in_the_architecture_exists() {
    let text = text();
    let quoted = text.split('`').skip(1).step_by(2).filter(|quoted| {
        quoted.contains('/') && quoted.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
    });
    let missing: Vec<&str> = quoted.filter(|path| !paths::root().join(path).exists()).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn the_edge_table_is_what_cargo_says() {
    let metadata =
        MetadataCommand::new().current_dir(paths::root()).other_options(["--locked".to_owned()]).exec().unwrap();
    let mut real = BTreeMap::new();
    for package in metadata.workspace_packages() {
        let names = package
            .dependencies
            .iter()
            .filter(|edge| edge.kind == DependencyKind::Normal)
            .map(|edge| short(&edge.name));
        real.insert(short(&package.name), names.collect::<BTreeSet<_>>());
    }
    real.remove("e2e");
    assert_eq!(table(), real);
}

fn short(name: &str) -> String {
    name.strip_prefix("pgdba-").unwrap_or(name).to_owned()
}

/// The rows `| crate | ours | third-party |` as one set of edges each.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = text();
    let rows =
        text.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let edges = cells[1..].iter().flat_map(|cell| cell.split(',')).map(|name| name.trim().trim_matches('`'));
        let edges = edges.filter(|name| !matches!(*name, "–" | "-" | "")).map(str::to_owned).collect();
        (cells[0].trim_matches('`').to_owned(), edges)
    })
    .collect()
}

/// The packages of `cargo tree` with the sets of features with which each is compiled.
fn features(selection: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut command = Command::new("cargo");
    command.args(["tree", "--locked", "--prefix", "none", "--format", "{p}|{f}"]).args(selection);
    let tree = process::output(command.current_dir(paths::root())).unwrap();
    let mut features = BTreeMap::<String, BTreeSet<String>>::new();
    for (package, set) in tree.lines().filter_map(|line| line.split_once('|')) {
        features.entry(package.to_owned()).or_default().insert(set.trim_end_matches(" (*)").to_owned());
    }
    features
}

/// Otherwise `cargo xtask test` compiles most dependencies and the analysis twice, which takes minutes.
#[test]
fn xtask_and_the_tests_share_their_dependencies() {
    let tests = features(&["--workspace", "--edges", "normal,build,dev"]);
    let own = features(&["--package", "xtask", "--edges", "normal,build"]);
    assert!(own.len() > 100, "{own:?}");
    let differs = |(package, sets): &(&String, &BTreeSet<String>)| {
        tests.get(*package).is_none_or(|others| !sets.is_subset(others))
    };
    let twice: Vec<_> = own.iter().filter(differs).collect();
    assert!(twice.is_empty(), "compiled with other features by `cargo xtask` than by the tests: {twice:#?}");
}

/// `cargo xtask test` leaves documentation tests out, because starting rustdoc for each crate takes longer than all unit tests.
#[test]
fn no_example_in_the_documentation_is_a_test() {
    let mut files = vec![paths::root().join("crates")];
    let mut found = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().map(str::trim_start);
            let lines = lines.filter_map(|line| line.strip_prefix("///").or_else(|| line.strip_prefix("//!")));
            // Each second fence closes a block.
            let opening = lines.filter_map(|line| line.trim().strip_prefix("```")).step_by(2);
            found.extend(opening.filter(|language| matches!(*language, "" | "rust")).map(|_| path.clone()));
        }
    }
    assert_eq!(found, Vec::<std::path::PathBuf>::new());
}
