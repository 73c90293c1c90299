//! `cargo xtask new rule` in a copy of the tree: one file and one word; it compiles and its examples hold.

use std::fs;
use std::path::Path;
use std::process::Command;

use xtask::{new_rule, paths, process};

#[test]
fn a_new_rule_compiles_has_a_page_and_its_examples_hold() {
    let copy = tempfile::tempdir().unwrap();
    for part in ["Cargo.toml", "Cargo.lock", "clippy.toml", "crates", "tests"] {
        copy_tree(&paths::root().join(part), &copy.path().join(part));
    }
    let rules = copy.path().join("crates/analysis/src/rules");
    let before = fs::read_to_string(rules.join("vacuum/mod.rs")).unwrap();
    new_rule::write_into(&rules, "vacuum", "stale_vacuum").unwrap();
    let after = fs::read_to_string(rules.join("vacuum/mod.rs")).unwrap();
    assert_eq!(after.replace("    stale_vacuum,\n", ""), before);

    let mut test = Command::new(env!("CARGO"));
    test.args(["test", "--quiet", "--locked", "-p", "pgdba-analysis", "--test", "registry"]);
    // The dependencies that are built already are used again.
    test.current_dir(copy.path()).env("CARGO_TARGET_DIR", paths::target().join("new-rule"));
    process::run(&mut test).unwrap();
    new_rule::write_into(&rules, "vacuum", "stale_vacuum").unwrap_err();
    new_rule::write_into(&rules, "no_such_area", "some_rule").unwrap_err();
}

fn copy_tree(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    if from.ends_with("node_modules") {
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy_tree(&entry.path(), &to.join(entry.file_name()));
    }
}
