//! A rule: one file, and one word in the registry of its area.

use anyhow::{Context, Result, ensure};
use pgdba_analysis::rules::AREAS;

use super::draft::{Draft, Place, listed};

/// A rule about tables that compiles and whose examples hold, to be changed into the wanted one.
const TABLES: &str = include_str!("rule.txt");

/// The same for a boolean parameter that is off.
const OFF: &str = include_str!("rule_off.txt");

/// What to do with it.
pub(super) const NEXT: &str = "write its page from top to bottom, run the examples with `cargo test -p pgdba-analysis`";

pub(super) fn add(draft: &mut Draft<'_>, area: &str, name: &str, off: Option<&str>) -> Result<()> {
    let folder = format!("crates/analysis/src/rules/{area}");
    draft
        .edit(&format!("{folder}/mod.rs"), |text| listed(text, "registry! {", &format!("    {name},"), Place::Sorted))
        .with_context(|| format!("\"{area}\" is not an area"))?;
    let code = free_code(area, &draft.texts(&folder)?)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    ensure!(off.is_none_or(|parameter| parameter.chars().all(is_plain)), "--off takes the name of a parameter");
    let template = off.map_or_else(|| TABLES.to_owned(), |parameter| OFF.replace("@parameter@", parameter));
    draft.create(&format!("{folder}/{name}.rs"), template.replace("@name@", name).replace("@code@", &code))
}

/// The next free code of an area's hundred, after those of the rules in its folder.
fn free_code(area: &str, rules: &[String]) -> Result<String> {
    let (_, area, _) = AREAS.iter().find(|(folder, ..)| *folder == area).context("the area is not in areas!")?;
    let code = |text: &String| text.split("code: PGD").nth(1)?.split(',').next()?.parse::<u32>().ok();
    let last = rules.iter().filter_map(code).max().unwrap_or(area.hundred() * 100);
    Ok(format!("PGD{}", last + 1))
}
