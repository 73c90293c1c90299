//! `cargo xtask new …`: what is added to pgdba often, each as one template and a word in a list.
//!
//! The files that each command touches are those of the table in CONTRIBUTING.md; `tests/new.rs` compares them.

mod chart;
mod command;
mod draft;
mod rule;
mod section;
mod topic;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Subcommand;

use self::draft::Draft;
use crate::{generate, paths};

/// What can be added.
#[derive(Debug, Clone, Subcommand)]
pub enum New {
    /// A rule: `cargo xtask new rule vacuum stale_vacuum`
    Rule {
        /// The folder under crates/analysis/src/rules
        area: String,
        /// The problem as a noun phrase, in snake case
        name: String,
        /// Write a rule that finds this boolean parameter off, instead of a rule about tables
        #[arg(long, value_name = "PARAMETER")]
        off: Option<String>,
    },
    /// A section of the snapshot: `cargo xtask new section pg_event_trigger`
    Section {
        /// The view or catalog that it reads, in snake case
        name: String,
    },
    /// A topic of the report: `cargo xtask new topic replication`
    Topic {
        /// The subject, in snake case
        name: String,
    },
    /// A kind of chart: `cargo xtask new chart timeline`
    Chart {
        /// The kind, in snake case
        name: String,
    },
    /// A command of pgdba: `cargo xtask new command snapshot diff`
    Command {
        /// The folder under crates/cli/src/commands
        group: String,
        /// The command's name, in snake case
        name: String,
    },
}

/// Adds it to the tree this runs in, and prints what to do next.
pub fn run(new: &New) -> Result<()> {
    for path in write(&paths::root(), new)? {
        println!("wrote {}", path.display());
    }
    let next = match new {
        New::Rule { .. } => rule::NEXT,
        New::Section { .. } => section::NEXT,
        New::Topic { .. } => topic::NEXT,
        New::Chart { .. } => chart::NEXT,
        New::Command { .. } => command::NEXT,
    };
    println!("next: {next}; then `{}`", generate::COMMAND);
    Ok(())
}

/// Adds it to the tree under `root` and returns the files written, relative to it. Nothing is written on an error.
pub fn write(root: &Path, new: &New) -> Result<Vec<PathBuf>> {
    let (New::Rule { name, .. }
    | New::Section { name }
    | New::Topic { name }
    | New::Chart { name }
    | New::Command { name, .. }) = new;
    check_name(name)?;
    let mut draft = Draft::new(root);
    match new {
        New::Rule { area, name, off } => rule::add(&mut draft, area, name, off.as_deref()),
        New::Section { name } => section::add(&mut draft, name),
        New::Topic { name } => topic::add(&mut draft, name),
        New::Chart { name } => chart::add(&mut draft, name),
        New::Command { group, name } => command::add(&mut draft, group, name),
    }?;
    draft.write()
}

fn check_name(name: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_plain);
    ensure!(is_name, "a name is lower-case letters, digits and underscores, not \"{name}\"");
    Ok(())
}

/// `dead_tuples` as the name of a type: `DeadTuples`.
fn type_name(name: &str) -> String {
    name.split('_').map(capitalized).collect()
}

/// `dead_tuples` as a title: `Dead tuples`.
fn title(name: &str) -> String {
    capitalized(&name.replace('_', " "))
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_type_and_a_title() {
        assert_eq!((type_name("dead_tuples").as_str(), title("dead_tuples").as_str()), ("DeadTuples", "Dead tuples"));
    }

    #[test]
    fn a_name_is_a_module_of_rust_and_no_path() {
        for name in ["", "Dead", "1st", "_x", "../x", "a-b"] {
            check_name(name).unwrap_err();
        }
        check_name("pg_stat_io2").unwrap();
    }
}
