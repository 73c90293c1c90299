//! A topic: one file, and one word in the list of topics.

use anyhow::Result;

use super::draft::{Draft, Place, listed};
use super::title;

/// A topic that compiles and whose test holds, to be changed into the wanted one.
const TEMPLATE: &str = include_str!("topic.txt");

/// What to do with it.
pub(super) const NEXT: &str = "move its name in topics/mod.rs to where it is read, and show the facts it is about";

pub(super) fn add(draft: &mut Draft<'_>, name: &str) -> Result<()> {
    let topics = "crates/analysis/src/topics";
    draft.create(&format!("{topics}/{name}.rs"), TEMPLATE.replace("@name@", name).replace("@title@", &title(name)))?;
    let listed_last = |text: &str| listed(text, "topics! {", &format!("    {name},"), Place::Last);
    draft.edit(&format!("{topics}/mod.rs"), listed_last)
}
