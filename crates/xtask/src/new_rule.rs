//! `cargo xtask new rule AREA NAME`: one file, and one word in the area's registry.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::paths;

/// A rule that compiles and whose examples hold, to be changed into the wanted one.
const TEMPLATE: &str = include_str!("new_rule.txt");

/// Writes the file of the rule and registers it, in the tree this runs in.
pub fn run(area: &str, name: &str) -> Result<()> {
    write_into(&paths::root().join("crates/analysis/src/rules"), area, name)?;
    println!("wrote crates/analysis/src/rules/{area}/{name}.rs and registered it; next:");
    println!("  1. describe it in its doc comment, with one example that is found and one that passes");
    println!("  2. cargo test -p pgdba-analysis   (runs the examples)");
    println!("  3. cargo xtask gen                (writes docs/rules/{name}.md)");
    Ok(())
}

/// As [`run`], in the rules folder `rules`.
pub fn write_into(rules: &Path, area: &str, name: &str) -> Result<()> {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    ensure!(is_plain, "invalid rule name \"{name}\": use lower-case letters and underscores");
    let registry = rules.join(area).join("mod.rs");
    let text = fs::read_to_string(&registry)
        .with_context(|| format!("area \"{area}\" does not exist: could not read {}", registry.display()))?;
    let file = rules.join(area).join(format!("{name}.rs"));
    if file.exists() {
        bail!("rule \"{name}\" already exists in {area}");
    }
    let registered = registered(&text, name).context("the registry has no list of names")?;
    let rule = TEMPLATE.replace("@name@", name).replace("@code@", &free_code(&rules.join(area))?);
    fs::write(&file, rule).with_context(|| format!("could not write {}", file.display()))?;
    fs::write(&registry, registered).with_context(|| format!("could not write {}", registry.display()))
}

/// The text of a registry with one more name, a line each and sorted.
fn registered(text: &str, name: &str) -> Option<String> {
    let (head, list) = text.split_once("registry! {")?;
    let (area, names) = list.split_once(':')?;
    let (names, tail) = names.split_once('}')?;
    let names = names.split(',').map(str::trim).filter(|listed| !listed.is_empty());
    let sorted: BTreeSet<&str> = names.chain([name]).collect();
    let lines: String = sorted.iter().map(|name| format!("    {name},\n")).collect();
    Some(format!("{head}registry! {{{area}:\n{lines}}}{tail}"))
}

/// The next free code of an area's hundred, read from the rules in its folder.
fn free_code(area: &Path) -> Result<String> {
    let mut last = None;
    for file in fs::read_dir(area)? {
        let text = fs::read_to_string(file?.path())?;
        let code =
            text.split("code: PGD").nth(1).and_then(|rest| rest.get(..3)).and_then(|code| code.parse::<u32>().ok());
        last = last.max(code);
    }
    let last = last
        .context("the area does not have a rule yet: create the first one by hand, with the code 01 of its hundred")?;
    Ok(format!("PGD{}", last + 1))
}
