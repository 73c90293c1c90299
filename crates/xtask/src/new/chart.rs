//! A kind of chart: a file with its figures, a file that draws it, and a line in the list of kinds of each crate.

use anyhow::Result;

use super::draft::{Draft, Place, listed};
use super::type_name;

/// The figures of a chart, to be changed into the wanted ones.
const FIGURES: &str = include_str!("chart_figures.txt");

/// How they are drawn.
const DRAWING: &str = include_str!("chart_drawing.txt");

/// What to do with it.
pub(super) const NEXT: &str = "hold its figures in format/chart, draw them in report/src/chart, use it in a topic";

pub(super) fn add(draft: &mut Draft<'_>, name: &str) -> Result<()> {
    let kind = type_name(name);
    let filled = |template: &str| template.replace("@name@", name).replace("@Name@", &kind);
    let places = [
        ("crates/analysis/src/format/chart", FIGURES, format!("    /// A strip of parts.\n    {name}: {kind},")),
        ("crates/report/src/chart", DRAWING, format!("    {name}: {kind},")),
    ];
    for (folder, template, line) in places {
        draft.create(&format!("{folder}/{name}.rs"), filled(template))?;
        draft.edit(&format!("{folder}/mod.rs"), |text| listed(text, "charts! {", &line, Place::Last))?;
    }
    Ok(())
}
