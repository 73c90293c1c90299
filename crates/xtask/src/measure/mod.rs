//! `cargo xtask measure`: how large files and functions are, and the cycles between modules, held to a ratchet that only moves
//! down.

mod modules;
mod rule;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use self::source::Source;
use crate::paths;

/// A function above this wants to be two.
const LONG: usize = 50;
/// A function above this is refused.
const TOO_LONG: usize = 100;

/// What the tree may measure at most: `crates/xtask/measure.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ratchet {
    /// Lines of the largest file.
    largest_file: usize,
    /// Functions over 50 lines in a hundred.
    long_functions_percent: f64,
    /// Functions over 100 lines.
    too_long_functions: usize,
    /// Lines of the largest rule about a parameter that is off, outside its page and tests.
    parameter_rule: usize,
    /// Lines of the median of the other rules, likewise.
    median_rule: usize,
    /// Lines of the largest of them.
    largest_rule: usize,
    /// Crates that still have cycles between their modules; one without them must leave the list.
    crates_with_cycles: BTreeSet<String>,
}

/// What the tree measures.
struct Measured {
    files: Vec<(PathBuf, Source)>,
    /// Lines of each rule outside its page and tests.
    rules: Vec<rule::Lines>,
    /// Cycles between the modules of each crate.
    cycles: BTreeMap<String, Vec<String>>,
}

/// Prints the figures; an error names what is above the ratchet.
pub fn run() -> Result<()> {
    let place = paths::root().join("crates/xtask/measure.toml");
    let text = fs::read_to_string(&place).with_context(|| format!("could not read {}", place.display()))?;
    let ratchet: Ratchet = toml::from_str(&text).with_context(|| paths::shown(&place))?;
    let measured = Measured::read(&paths::root())?;
    measured.print();
    let worse = measured.above(&ratchet);
    if !worse.is_empty() {
        bail!("larger than {} allows:\n  {}", paths::shown(&place), worse.join("\n  "));
    }
    Ok(())
}

impl Measured {
    fn read(root: &Path) -> Result<Self> {
        let mut paths = Vec::new();
        rust_files(&root.join("crates"), &mut paths)?;
        rust_files(&root.join("tests"), &mut paths)?;
        paths.sort();
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            Ok((path, text))
        };
        let files = paths.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        let cycles = cycles(&root.join("crates"), &files)?;
        let rules = files.iter().filter_map(|(path, text)| rule::measure(path, text)).collect();
        let files = files.iter().map(|(path, text)| (path.clone(), source::measure(text))).collect();
        Ok(Self { files, rules, cycles })
    }

    fn print(&self) {
        let sizes = self.sizes();
        let all: usize = sizes.iter().sum();
        let comments: usize = self.files.iter().map(|(_, source)| source.comments).sum();
        println!("files             {}", sizes.len());
        println!("lines             {all}, {:.0} % of them comments", percent(comments, all));
        println!(
            "lines of a file   median {}, 90th percentile {}, largest {}",
            at(&sizes, 50),
            at(&sizes, 90),
            at(&sizes, 100)
        );
        println!("functions         {}", self.functions());
        let share = percent(self.longer_than(LONG).len(), self.functions());
        println!("over {LONG} lines     {} ({share:.1} %)", self.longer_than(LONG).len());
        println!("over {TOO_LONG} lines    {}", self.longer_than(TOO_LONG).len());
        for (what, is_parameter) in [("a parameter rule", true), ("another rule", false)] {
            let lines = self.rule_lines(is_parameter);
            println!("lines of {what}: median {}, largest {}", at(&lines, 50), at(&lines, 100));
        }
        println!("module cycles: {}", self.cycles.values().map(Vec::len).sum::<usize>());
    }

    /// One line for each figure that is above the ratchet, with the places to look at.
    fn above(&self, ratchet: &Ratchet) -> Vec<String> {
        let mut worse = Vec::new();
        for (path, source) in self.files.iter().filter(|(_, source)| source.lines > ratchet.largest_file) {
            worse.push(format!("{}: {} lines, at most {}", paths::shown(path), source.lines, ratchet.largest_file));
        }
        let long = self.longer_than(LONG);
        let share = percent(long.len(), self.functions());
        if share > ratchet.long_functions_percent {
            worse.push(format!(
                "{share:.1} % of the functions are over {LONG} lines, at most {} %:",
                ratchet.long_functions_percent
            ));
            worse.extend(long);
        }
        let too_long = self.longer_than(TOO_LONG);
        if too_long.len() > ratchet.too_long_functions {
            worse.push(format!("functions over {TOO_LONG} lines, at most {}:", ratchet.too_long_functions));
            worse.extend(too_long);
        }
        worse.extend(self.rules_above(ratchet));
        let median = at(&self.rule_lines(false), 50);
        if median > ratchet.median_rule {
            worse.push(format!(
                "the median rule has {median} lines outside its page and tests, at most {}",
                ratchet.median_rule
            ));
        }
        worse.extend(self.cycles_above(&ratchet.crates_with_cycles));
        worse
    }

    /// The rules that are longer than those of their kind may be.
    fn rules_above(&self, ratchet: &Ratchet) -> impl Iterator<Item = String> {
        let limit = |rule: &rule::Lines| if rule.is_parameter { ratchet.parameter_rule } else { ratchet.largest_rule };
        self.rules.iter().filter(move |rule| rule.lines > limit(rule)).map(move |rule| {
            format!(
                "{}: {} lines outside its page and tests, at most {}",
                paths::shown(&rule.path),
                rule.lines,
                limit(rule)
            )
        })
    }

    /// Lines of each rule of a kind, smallest first.
    fn rule_lines(&self, is_parameter: bool) -> Vec<usize> {
        let of_kind = self.rules.iter().filter(|rule| rule.is_parameter == is_parameter);
        let mut lines: Vec<usize> = of_kind.map(|rule| rule.lines).collect();
        lines.sort_unstable();
        lines
    }

    /// The cycles of crates that may have none, and the crates that may have some and do not.
    fn cycles_above(&self, allowed: &BTreeSet<String>) -> Vec<String> {
        let mut worse = Vec::new();
        for (name, cycles) in self.cycles.iter().filter(|(name, _)| !allowed.contains(*name)) {
            worse.extend(cycles.iter().map(|cycle| format!("crate {name}: module cycle: {cycle}")));
        }
        let has_none = |name: &&String| self.cycles.get(*name).is_none_or(Vec::is_empty);
        let done = allowed.iter().filter(has_none);
        worse.extend(done.map(|name| format!("crate {name} has no module cycle: take it out of crates_with_cycles")));
        worse
    }

    /// Lines of each file, smallest first.
    fn sizes(&self) -> Vec<usize> {
        let mut sizes = self.files.iter().map(|(_, source)| source.lines).collect::<Vec<_>>();
        sizes.sort_unstable();
        sizes
    }

    fn functions(&self) -> usize {
        self.files.iter().map(|(_, source)| source.functions.len()).sum()
    }

    /// Where the functions longer than `limit` are.
    fn longer_than(&self, limit: usize) -> Vec<String> {
        let all =
            self.files.iter().flat_map(|(path, source)| source.functions.iter().map(move |function| (path, function)));
        let long = all.filter(|(_, function)| function.lines > limit);
        long.map(|(path, f)| format!("{}:{} {} ({} lines)", paths::shown(path), f.at, f.name, f.lines)).collect()
    }
}

/// The cycles between the modules of each crate below `crates`.
fn cycles(crates: &Path, files: &[(PathBuf, String)]) -> Result<BTreeMap<String, Vec<String>>> {
    let mut sources: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for (path, text) in files {
        let Ok(below) = path.strip_prefix(crates) else { continue };
        let mut parts = below.iter();
        let (Some(name), Some("src")) = (parts.next(), parts.next().and_then(|part| part.to_str())) else { continue };
        let name = name.to_string_lossy().into_owned();
        sources.entry(name).or_default().push((parts.as_path().to_owned(), text.clone()));
    }
    sources.into_iter().map(|(name, files)| Ok((name, modules::cycles_of(&files)?))).collect()
}

/// Every `.rs` file below `folder`, without build output and node modules.
fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                rust_files(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The value that `percent` of the sorted values do not exceed.
fn at(sorted: &[usize], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

fn percent(part: usize, whole: usize) -> f64 {
    // Counts of lines are far below the 52 bits at which this loses anything.
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(lines: usize) -> Measured {
        let text = format!("fn long() {{\n{}}}\n", "x();\n".repeat(lines));
        Measured {
            files: vec![(PathBuf::from("a.rs"), source::measure(&text))],
            rules: Vec::new(),
            cycles: BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_above_the_ratchet_is_named() {
        let ratchet = Ratchet {
            largest_file: 90,
            long_functions_percent: 2.0,
            too_long_functions: 0,
            parameter_rule: 25,
            median_rule: 50,
            largest_rule: 100,
            crates_with_cycles: BTreeSet::new(),
        };
        assert!(measured(40).above(&ratchet).is_empty());
        let worse = measured(99).above(&ratchet);
        assert_eq!(worse.len(), 5, "{worse:?}");
        assert_eq!(worse[0], "a.rs: 101 lines, at most 90");
        assert_eq!(worse[2], "a.rs:1 long (101 lines)");
    }

    #[test]
    fn rules_are_held_to_their_median_and_to_the_largest() {
        let ratchet = toml::from_str(
            "largest_file = 9\nlong_functions_percent = 9\ntoo_long_functions = 9\nparameter_rule = 25\n\
             median_rule = 50\nlargest_rule = 60\ncrates_with_cycles = []",
        );
        let ratchet: Ratchet = ratchet.unwrap();
        let rule = |lines: usize| rule::Lines { path: PathBuf::from("r.rs"), lines, is_parameter: false };
        let above = |lines: [usize; 3]| {
            let rules = lines.map(rule).into_iter().collect();
            Measured { files: Vec::new(), rules, cycles: BTreeMap::new() }.above(&ratchet)
        };
        assert!(above([40, 50, 60]).is_empty());
        assert_eq!(above([40, 51, 60]), ["the median rule has 51 lines outside its page and tests, at most 50"]);
        assert_eq!(above([40, 50, 61]), ["r.rs: 61 lines outside its page and tests, at most 60"]);
    }

    #[test]
    fn a_cycle_is_refused_and_the_list_of_exceptions_must_shrink() {
        let file = |path: &str, text: &str| (PathBuf::from(path), text.to_owned());
        let files = [
            file("crates/x/src/a.rs", "use crate::b;"),
            file("crates/x/src/b.rs", "use crate::a;"),
            file("crates/y/src/lib.rs", ""),
        ];
        let measured =
            Measured { files: Vec::new(), rules: Vec::new(), cycles: cycles(Path::new("crates"), &files).unwrap() };
        let above = |allowed: &[&str]| measured.cycles_above(&allowed.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(above(&[]), ["crate x: module cycle: a -> b (in a.rs) -> a (in b.rs)"]);
        assert!(above(&["x"]).is_empty());
        assert_eq!(above(&["x", "y"]), ["crate y has no module cycle: take it out of crates_with_cycles"]);
    }

    #[test]
    fn percentiles_are_values_that_occur() {
        assert_eq!((at(&[1, 2, 3, 4], 50), at(&[1, 2, 3, 4], 90), at(&[7], 50), at(&[], 50)), (2, 4, 7, 0));
    }
}
