//! Everything that is known of one PostgreSQL version stands where the recipe in CONTRIBUTING.md sends whoever adds the next one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pgdba_pg::ServerVersion;
use xtask::paths;

/// The part of CONTRIBUTING.md that says what a new version takes.
const RECIPE: &str = "## A new PostgreSQL version";

/// Files with numbers that look like versions of PostgreSQL and are something else.
const OTHER_NUMBERS: [&str; 1] = [
    // Lengths of keys.
    "crates/snapshot/src/redact/suspicion.rs",
];

/// The files of the product that know something of a version, from their text outside tests and comments.
fn files_with_versions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![paths::root().join("crates")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if is_source(&path) {
            let text = fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]\nmod ").next().unwrap();
            if product.lines().any(knows_version) {
                found.insert(path.strip_prefix(paths::root()).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

fn is_source(path: &Path) -> bool {
    let is_test = path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
    path.extension().is_some_and(|extension| extension == "rs") && !is_test
}

/// Whether a line compares with a major version, or is a row of a table of them.
fn knows_version(line: &str) -> bool {
    let code = line.split("//").next().unwrap().trim();
    let is_of_versions = ["major", "since", "SINCE", "MAJORS", "version"].iter().any(|word| code.contains(word));
    let bytes = code.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.\"".contains(byte));
    numbers(code).any(|(at, number)| {
        let is_whole = !is_digit(at + number.len()) && (at == 0 || !is_digit(at - 1) || code[..at].ends_with(".."));
        // `("name", 17)` and `(17, …)`.
        let is_row = (code[..at].ends_with("\", ") && code[at + number.len()..].starts_with(')'))
            || (code[..at].ends_with('(') && code[at + number.len()..].starts_with(", "));
        is_whole && is_version(number) && (is_of_versions || is_row)
    })
}

/// The runs of digits, each with its place.
fn numbers(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let runs = code.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
    runs.map(|run| (run.as_ptr() as usize - code.as_ptr() as usize, run))
}

/// The oldest version is where everything begins: nothing is new in it.
fn is_version(number: &str) -> bool {
    ServerVersion::KNOWN_MAJORS[1..].iter().any(|major| major.to_string() == number)
}

#[test]
fn the_recipe_for_a_new_version_names_every_place_that_knows_one() {
    let text = fs::read_to_string(paths::root().join("CONTRIBUTING.md")).unwrap();
    let recipe = text.split_once(RECIPE).unwrap().1.split("\n## ").next().unwrap();
    let named: Vec<&str> = recipe.split('`').skip(1).step_by(2).filter(|quoted| quoted.contains('/')).collect();
    let missing_on_disk: Vec<_> = named.iter().filter(|path| !paths::root().join(path).exists()).collect();
    assert_eq!(missing_on_disk, Vec::<&&str>::new());
    let is_named = |file: &String| named.iter().any(|path| Path::new(file).starts_with(path));
    let missing: Vec<String> = files_with_versions()
        .into_iter()
        .filter(|file| !is_named(file) && !OTHER_NUMBERS.contains(&file.as_str()))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "{RECIPE} in CONTRIBUTING.md does not name these");
}

#[test]
fn lines_that_know_a_version_are_told_from_others() {
    for line in [
        "if version.major() >= 17 {",
        "const GRANTS_SINCE: i64 = 15;",
        "(\"wal_keep_segments\", \"wal_keep_size\", 13),",
        "(14, date(2026, 11, 12)),",
        "..15 => major,",
    ] {
        assert!(knows_version(line), "{line}");
    }
    for line in ["// since 17", "let width = 16;", "version[170]", "(12, \"since the oldest\")", "since 13.5"] {
        assert!(!knows_version(line), "{line}");
    }
}
