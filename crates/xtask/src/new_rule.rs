//! `cargo xtask new rule AREA NAME`: one file, and one word in the area's registry.

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
    println!("  1. say in its doc comment what it sees, with one example to be found and one to stay silent");
    println!("  2. cargo test -p pgdba-analysis   (runs the examples)");
    println!("  3. cargo xtask gen                (writes docs/rules/{name}.md)");
    Ok(())
}

/// As [`run`], in the rules folder `rules`.
pub fn write_into(rules: &Path, area: &str, name: &str) -> Result<()> {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    ensure!(is_plain, "a rule's name is lower-case letters and underscores, not \"{name}\"");
    let registry = rules.join(area).join("mod.rs");
    let text = fs::read_to_string(&registry)
        .with_context(|| format!("there is no area \"{area}\": could not read {}", registry.display()))?;
    let file = rules.join(area).join(format!("{name}.rs"));
    if file.exists() {
        bail!("there is a rule {name} in {area} already");
    }
    let (head, _) = text.rsplit_once('}').context("the registry has no closing brace")?;
    let registered = format!("{}, {name} }}\n", head.trim_end().trim_end_matches(','));
    let area_title = area.chars().take(1).flat_map(char::to_uppercase).chain(area.chars().skip(1)).collect::<String>();
    let rule = TEMPLATE.replace("@name@", name).replace("@Area@", &area_title).replace("@code@", &free_code(rules)?);
    fs::write(&file, rule).with_context(|| format!("could not write {}", file.display()))?;
    fs::write(&registry, registered).with_context(|| format!("could not write {}", registry.display()))
}

/// A code after the last one of all rules.
fn free_code(rules: &Path) -> Result<String> {
    let mut last = 0;
    for area in fs::read_dir(rules)? {
        let Ok(files) = fs::read_dir(area?.path()) else { continue };
        for file in files {
            let text = fs::read_to_string(file?.path())?;
            let code =
                text.split("code: \"PGD").nth(1).and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
            last = last.max(code.unwrap_or(0));
        }
    }
    Ok(format!("PGD{:03}", last + 1))
}
