//! A section: a folder with the struct of its rows and its SQL, one word in the list of sections, and how its texts are
//! redacted.

use anyhow::Result;

use super::draft::{Draft, Place, listed};
use super::type_name;

/// The rows of a section, to be changed into the wanted ones.
const ROWS: &str = include_str!("section.txt");

/// Its statement.
const SQL: &str = include_str!("section.sql");

/// What to do with it.
pub(super) const NEXT: &str =
    "declare its columns and write its SQL, then say in redact/columns.rs what becomes of its texts";

pub(super) fn add(draft: &mut Draft<'_>, name: &str) -> Result<()> {
    let sections = "crates/snapshot/src/sections";
    let rows = ROWS.replace("@name@", name).replace("@Name@", &type_name(name));
    draft.create(&format!("{sections}/{name}/mod.rs"), rows)?;
    draft.create(&format!("{sections}/{name}/12.sql"), SQL.to_owned())?;
    let listed_last = |text: &str| listed(text, "sections! {", &format!("    {name},"), Place::Last);
    draft.edit(&format!("{sections}/mod.rs"), listed_last)?;
    let entries = format!(
        "    // {name}\n    (\"{name}.evtname\", Name(Kind::Trigger)),\n    (\"{name}.evtevent\", Stays),\n    \
         (\"{name}.evtenabled\", Stays),"
    );
    let redacted = |text: &str| listed(text, "const COLUMNS", &entries, Place::Last);
    draft.edit("crates/snapshot/src/redact/columns.rs", redacted)
}
