//! `cargo xtask gen`: files that are made from code and committed.
//!
//! Writing and checking are one code path, so a check cannot pass on files that a run would change.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use pgdba_analysis::{Rule, page, rules};
use pgdba_snapshot::schema::{json_type, role_name};
use pgdba_snapshot::section::ColumnSpec;
use pgdba_snapshot::{SectionSpec, psql, sections};

use crate::paths;

/// Makes the texts of some files; paths are relative to the workspace.
pub type Generator = fn() -> Result<Vec<(PathBuf, String)>>;

/// Every generator, in the order they run.
const GENERATORS: &[Generator] = &[rule_pages, rules_in_readme, section_pages, schemas, psql_script];

/// The command that makes the files, as it stands in their first lines and in messages.
pub const COMMAND: &str = "cargo xtask gen";

/// Writes every generated file that is not as it should be; with `check` it names them and fails instead.
pub fn run(check: bool) -> Result<()> {
    run_all(GENERATORS, check)
}

/// What stands at the top of every generated page.
const BANNER: &str = "<!-- Made by `cargo xtask gen` from the code; do not edit. -->\n\n";

/// One page a rule, and the list of them.
fn rule_pages() -> Result<Vec<(PathBuf, String)>> {
    let mut index = format!("{BANNER}# Rules\n\n| code | rule | what it looks for | area |\n|---|---|---|---|\n");
    let mut files = Vec::new();
    for rule in rules::all() {
        let Rule { code, name, title, area, .. } = rule;
        index.push_str(&format!("| {code} | [{name}]({name}.md) | {title} | {} |\n", area.title()));
        files.push((PathBuf::from(format!("docs/rules/{name}.md")), format!("{BANNER}{}", page::markdown(rule))));
    }
    files.push((PathBuf::from("docs/rules/README.md"), index));
    Ok(files)
}

/// What stands around the part of README.md that is made here.
const README_PART: [&str; 2] = ["<!-- rules: made by `cargo xtask gen` from the code -->\n", "<!-- end of rules -->"];

/// The list of rules in README.md; the text around it is written by hand.
fn rules_in_readme() -> Result<Vec<(PathBuf, String)>> {
    let path = PathBuf::from("README.md");
    let text = fs::read_to_string(paths::root().join(&path)).context("could not read README.md")?;
    Ok(vec![(path, between(&text, README_PART, &rules_by_area())?)])
}

fn rules_by_area() -> String {
    let mut text = format!("{} rules:\n\n| area | rule | problem |\n|---|---|---|\n", rules::all().count());
    for (_, area, rules) in rules::AREAS {
        let mut rules = rules.to_vec();
        rules.sort_by_key(|rule| rule.code);
        for (at, Rule { code, name, title, .. }) in rules.iter().enumerate() {
            let area = if at == 0 { format!("| {} |", area.title()) } else { "| |".to_owned() };
            text.push_str(&format!("{area} {code} [`{name}`](docs/rules/{name}.md) | {title} |\n"));
        }
    }
    text
}

/// `text` with `part` between the marks.
fn between(text: &str, [begin, end]: [&str; 2], part: &str) -> Result<String> {
    let (head, rest) = text.split_once(begin).with_context(|| format!("no line \"{}\"", begin.trim()))?;
    let (_, tail) = rest.split_once(end).with_context(|| format!("no line \"{end}\""))?;
    Ok(format!("{head}{begin}{part}{end}{tail}"))
}

/// One page a section: what it holds, column by column.
fn section_pages() -> Result<Vec<(PathBuf, String)>> {
    let page = |spec: &&SectionSpec| {
        let mut text = format!("{BANNER}# {}\n\n", spec.name);
        text.extend(spec.doc.lines().map(|line| format!("{}\n", line.trim())));
        text.push_str(&format!("\nWhy: {}\n\nFrom PostgreSQL {} on.\n\n{}", spec.why, spec.since, in_a_delta(spec)));
        text.push_str(&columns(spec));
        (PathBuf::from(format!("docs/sections/{}.md", spec.name)), text)
    };
    Ok(sections::ALL.iter().map(page).collect())
}

/// What a delta holds of a section besides its rows, and how rows of two samples are matched.
fn in_a_delta(spec: &SectionSpec) -> String {
    let when = match (spec.is_cumulative(), spec.is_sampled_between) {
        (true, true) => "at the beginning, several times in between, and at the end",
        (true, false) => "at the beginning and at the end",
        (false, true) => "several times in its window, and at the end",
        (false, false) => return String::new(),
    };
    let key = match spec.key {
        None => String::new(),
        Some([]) => " It has one row.".to_owned(),
        Some(key) => format!(" Rows of two samples are matched by {}.", key.join(", ")),
    };
    format!("A delta reads it {when}.{key}\n\n")
}

fn columns(spec: &SectionSpec) -> String {
    let roles = spec.is_cumulative();
    let head = if roles {
        "| column | type | role | meaning |\n|---|---|---|---|\n"
    } else {
        "| column | type | meaning |\n|---|---|---|\n"
    };
    let row = |column: &ColumnSpec| {
        let meaning = column.doc.trim().replace('|', "\\|").replace("\n ", " ");
        let role = if roles { format!(" {} |", role_name(column.role)) } else { String::new() };
        format!("| {} | {} |{role} {meaning} |\n", column.name, json_type(column.ty))
    };
    format!("{head}{}", spec.columns.iter().map(row).collect::<String>())
}

/// The JSON Schemas of the public formats.
fn schemas() -> Result<Vec<(PathBuf, String)>> {
    let file = |name: &str, schema: &serde_json::Value| -> Result<(PathBuf, String)> {
        Ok((PathBuf::from(format!("docs/schema/{name}.json")), format!("{}\n", serde_json::to_string_pretty(schema)?)))
    };
    Ok(vec![
        file("snapshot", &pgdba_snapshot::schema::schema())?,
        file("analysis", &pgdba_analysis::format::schema::schema())?,
        file("change_set", &pgdba_change::change_set::schema())?,
        file("policy", &pgdba_analysis::policy::schema())?,
        file("diff", &pgdba_analysis::diff::schema::schema())?,
        file("baseline", &pgdba_analysis::baseline::schema::schema())?,
        file("trend", &pgdba_analysis::trend::schema::schema())?,
    ])
}

/// The psql script, as it is handed out.
fn psql_script() -> Result<Vec<(PathBuf, String)>> {
    Ok(vec![(PathBuf::from("docs/pgdba.sql"), psql::script(&psql::Options::default()))])
}

fn run_all(generators: &[Generator], check: bool) -> Result<()> {
    let mut stale = Vec::new();
    for generator in generators {
        for (path, text) in generator()? {
            let place = paths::root().join(&path);
            if fs::read_to_string(&place).is_ok_and(|found| found == text) {
                continue;
            }
            if !check {
                let folder = place.parent().context("a generated file without a folder")?;
                fs::create_dir_all(folder)?;
                fs::write(&place, text).with_context(|| format!("could not write {}", path.display()))?;
                println!("wrote {}", path.display());
            }
            stale.push(path.display().to_string());
        }
    }
    if check && !stale.is_empty() {
        bail!("generated files are out of date: {}\nrun `{COMMAND}` and commit them", stale.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_the_marks_stays() {
        assert_eq!(between("a [x] b", ["[", "]"], "y").unwrap(), "a [y] b");
        between("a x] b", ["[", "]"], "y").unwrap_err();
        between("a [x b", ["[", "]"], "y").unwrap_err();
    }

    #[test]
    fn check_names_file_and_command() {
        let generators: [Generator; 1] = [|| Ok(vec![(PathBuf::from("docs/no-such-file.md"), "text".to_owned())])];
        let error = run_all(&generators, true).unwrap_err().to_string();
        assert!(error.contains("docs/no-such-file.md") && error.contains(COMMAND), "{error}");
    }
}
