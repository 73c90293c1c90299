//! A command: one file with its arguments and its code, and its place in the group it belongs to.

use anyhow::{Context, Result};

use super::draft::{Draft, Place, listed, with_module};
use super::type_name;

/// A command that compiles and whose test holds, to be changed into the wanted one.
const TEMPLATE: &str = include_str!("command.txt");

/// What to do with it.
pub(super) const NEXT: &str = "write what it prints as text, Markdown and JSON";

pub(super) fn add(draft: &mut Draft<'_>, group: &str, name: &str) -> Result<()> {
    let folder = format!("crates/cli/src/commands/{group}");
    draft
        .edit(&format!("{folder}/mod.rs"), |text| with_command(text, group, name))
        .with_context(|| format!("\"{group}\" is not a group of commands"))?;
    let text = TEMPLATE.replace("@group@", group).replace("@command@", &word(name)).replace("@name@", name);
    draft.create(&format!("{folder}/{name}.rs"), text)
}

/// A name as it is typed.
fn word(name: &str) -> String {
    name.replace('_', "-")
}

/// The group's module, variant, name and call of the command.
fn with_command(text: &str, group: &str, name: &str) -> Result<String> {
    let kind = type_name(name);
    let text = with_module(text, name)?;
    let text =
        listed(&text, "enum What {", &format!("    /// What it answers\n    {kind}({name}::Args),"), Place::Last)?;
    let named = format!("            What::{kind}(_) => \"{group} {}\",", word(name));
    let text = listed(&text, "        match self.what {", &named, Place::Last)?;
    listed(&text, "    match &args.what {", &format!("        What::{kind}(args) => {name}::run(args),"), Place::Last)
}
