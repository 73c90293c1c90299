//! Cycles between the modules of a crate.
//!
//! At each level of the module tree, sibling modules (with all that is below them) may use each other one way only. A use is any
//! path that a file outside its tests mentions; a name that a module re-exports counts as a use of the module it comes from.

mod cycles;
mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use self::cycles::{Edges, cycles};
use self::scan::{Scanned, Segments};

/// How many re-exports may lead from one to the next.
const MOST_REEXPORTS: usize = 16;

/// The modules of one crate.
#[derive(Default)]
struct Tree {
    /// All modules by path; the crate's root has the empty one.
    modules: BTreeSet<Segments>,
    /// What each module's names stand for.
    aliases: BTreeMap<(Segments, String), Segments>,
    /// Who mentions what, and where.
    mentions: Vec<(Segments, Segments, String)>,
}

/// The cycles of a crate, each as `a -> b (file) -> a (file)`. `files` are its sources below `src`, with their text.
///
/// # Errors
/// When a file is not Rust.
pub(super) fn cycles_of(files: &[(PathBuf, String)]) -> Result<Vec<String>> {
    let tree = Tree::read(files)?;
    let mut found = Vec::new();
    for (level, edges) in tree.levels() {
        let prefix = level.iter().fold(String::new(), |prefix, name| prefix + name + "::");
        found.extend(cycles(&edges).iter().map(|cycle| shown(&prefix, cycle, &edges)));
    }
    Ok(found)
}

impl Tree {
    fn read(files: &[(PathBuf, String)]) -> Result<Self> {
        let scan = |(path, text): &(PathBuf, String)| {
            let scanned = scan::scan(text).with_context(|| path.display().to_string())?;
            Ok((module_of(path), path.display().to_string(), scanned))
        };
        let scanned = files.iter().map(scan).collect::<Result<Vec<_>>>()?;
        let tests = scanned.iter().flat_map(|(module, _, found)| found.tests.iter().map(|test| joined(module, test)));
        let tests = tests.collect::<Vec<_>>();
        let mut tree = Self { modules: BTreeSet::from([Segments::new()]), ..Self::default() };
        for (module, place, found) in &scanned {
            if !tests.iter().any(|test| module.starts_with(test)) {
                tree.add(module, place, found);
            }
        }
        Ok(tree)
    }

    fn add(&mut self, module: &Segments, place: &str, found: &Scanned) {
        for module in found.inline.iter().map(|inner| joined(module, inner)).chain([module.clone()]) {
            let above = (0..=module.len()).filter_map(|length| module.get(..length)).map(<[String]>::to_vec);
            self.modules.extend(above);
        }
        for (name, mention) in &found.aliases {
            let inside = joined(module, &mention.module);
            self.aliases.insert((inside, name.clone()), mention.path.clone());
        }
        for mention in &found.references {
            self.mentions.push((joined(module, &mention.module), mention.path.clone(), place.to_owned()));
        }
    }

    /// For each module with modules below it: who of them uses whom.
    fn levels(&self) -> BTreeMap<Segments, Edges> {
        let mut levels: BTreeMap<Segments, Edges> = BTreeMap::new();
        for (from, path, place) in &self.mentions {
            let Some(to) = self.resolve(from, path, MOST_REEXPORTS) else { continue };
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            // A module and the one it is in are no siblings.
            let (Some(user), Some(used)) = (from.get(shared), to.get(shared)) else { continue };
            let level = levels.entry(from.iter().take(shared).cloned().collect()).or_default();
            level.entry(user.clone()).or_default().entry(used.clone()).or_insert_with(|| place.clone());
        }
        levels
    }

    /// The module that a path mentioned in `from` leads to; none where it leads out of the crate.
    fn resolve(&self, from: &[String], path: &[String], reexports: usize) -> Option<Segments> {
        let (first, rest) = path.split_first()?;
        let mut here = from.to_vec();
        match first.as_str() {
            "crate" => here.clear(),
            "self" => {}
            "super" => drop(here.pop()?),
            _ if self.leads_on(from, first) => return self.walk(here, path, reexports),
            _ => return None,
        }
        match rest.first() {
            Some(next) if next == "super" => self.resolve(&here, rest, reexports),
            _ => self.walk(here, rest, reexports),
        }
    }

    fn leads_on(&self, module: &[String], name: &str) -> bool {
        self.modules.contains(&joined(module, &[name.to_owned()]))
            || self.aliases.contains_key(&(module.to_vec(), name.to_owned()))
    }

    /// Goes down from module `here`, through re-exports too, until a name is no module.
    fn walk(&self, mut here: Segments, path: &[String], reexports: usize) -> Option<Segments> {
        for (at, name) in path.iter().enumerate() {
            let child = joined(&here, std::slice::from_ref(name));
            if self.modules.contains(&child) {
                here = child;
                continue;
            }
            let Some(alias) = self.aliases.get(&(here.clone(), name.clone())) else { break };
            // `use x::y` makes y; where it is not of this crate, y is outside too. An alias of itself is one of those.
            let whole = alias.iter().chain(path.get(at + 1..).unwrap_or_default()).cloned().collect::<Segments>();
            let left = reexports.checked_sub(1)?;
            return (alias.first() != Some(name)).then(|| self.resolve(&here, &whole, left)).flatten();
        }
        Some(here)
    }
}

/// `src/a/b.rs` and `src/a/b/mod.rs` are `a::b`; `lib.rs` and `main.rs` are the root.
fn module_of(path: &Path) -> Segments {
    let path = path.with_extension("");
    let names = path.iter().map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| !matches!(name.as_str(), "mod" | "lib" | "main")).collect()
}

fn joined(module: &[String], more: &[String]) -> Segments {
    [module, more].concat()
}

fn shown(prefix: &str, cycle: &[String], edges: &Edges) -> String {
    let users = cycle.iter().zip(cycle.iter().cycle().skip(1));
    let step = |(user, used): (&String, &String)| {
        let place = edges.get(user).and_then(|uses| uses.get(used)).map_or("", String::as_str);
        format!(" -> {prefix}{used} (in {place})")
    };
    cycle.first().map_or_else(String::new, |first| format!("{prefix}{first}{}", users.map(step).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cycles of a made-up crate.
    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned()));
        cycles_of(&files.collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn siblings_that_use_each_other_are_a_cycle() {
        let one_way = [("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "pub struct B;")];
        assert!(of(&one_way).is_empty());
        let cycle =
            [("lib.rs", "mod a; mod b;"), ("a/c.rs", "use crate::b::B;"), ("b.rs", "fn f(x: crate::a::c::C) {}")];
        assert_eq!(of(&cycle), ["a -> b (in a/c.rs) -> a (in b.rs)"]);
    }

    #[test]
    fn each_level_of_the_tree_is_looked_at() {
        let files = [("a/mod.rs", ""), ("a/x.rs", "use super::y::Y;"), ("a/y.rs", "use crate::a::x;")];
        assert_eq!(of(&files), ["a::x -> a::y (in a/x.rs) -> a::x (in a/y.rs)"]);
        let inline = [("lib.rs", "mod a { use super::b; } mod b { use super::a; }")];
        assert_eq!(of(&inline), ["a -> b (in lib.rs) -> a (in lib.rs)"]);
    }

    #[test]
    fn a_module_and_its_parent_are_no_siblings() {
        assert!(of(&[("a/mod.rs", "mod b; use b::B; pub struct A;"), ("a/b.rs", "use super::A;")]).is_empty());
    }

    #[test]
    fn a_re_export_leads_to_where_the_name_comes_from() {
        let files = [
            ("a/mod.rs", "mod x; mod y; pub use x::X; pub use self::y::Y as Z;"),
            ("a/x.rs", "use super::Z;"),
            ("a/y.rs", "use crate::a;\nfn f() { a::X::new() }"),
        ];
        assert_eq!(of(&files), ["a::x -> a::y (in a/x.rs) -> a::x (in a/y.rs)"]);
    }

    #[test]
    fn tests_and_other_crates_do_not_count() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b; #[cfg(test)] mod tests;"),
            ("b.rs", "use std::a::X; use serde; #[cfg(test)] mod tests { use crate::a; }"),
            ("a/tests.rs", "use crate::b;"),
            ("b/tests.rs", "use crate::a;"),
        ];
        assert!(of(&files).is_empty());
    }
}
