//! The line of a node: `Parallel Seq Scan on orders o  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)`.

use std::borrow::Cow;

use super::balance::find_unquoted;
use super::name::Name;
use crate::doc::{Doc, Id};
use crate::error::ReadError;

/// A line that was recognized as a node.
#[derive(Debug)]
pub(super) struct Head<'l> {
    name: Name<'l>,
    figures: &'l str,
    /// Whether costs or times follow the name.
    pub(super) has_figures: bool,
}

/// What can follow the name of a node.
const FIGURES: [&str; 3] = [" (cost=", " (actual ", " (never executed)"];

impl<'l> Head<'l> {
    /// Recognizes a node, without its arrow: any name if figures follow, else only known ones.
    pub(super) fn parse(line: &'l str) -> Option<Self> {
        let is_figures = |rest: &str| FIGURES.iter().any(|figures| rest.starts_with(figures));
        let cut = find_unquoted(line, is_figures);
        let (name, figures) = line.split_at_checked(cut.unwrap_or(line.len()))?;
        let name = Name::parse(name.trim_end())?;
        let has_figures = cut.is_some();
        (has_figures || name.is_known).then_some(Self { name, figures, has_figures })
    }

    /// Writes what it says as members of a node.
    pub(super) fn write<'a>(&self, doc: &mut Doc<'a>, node: Id) -> Result<(), ReadError> {
        self.name.write(doc, node)?;
        let mut rest = self.figures;
        while let Some((_, behind)) = rest.split_once('(') {
            let (group, behind) = behind.split_once(')').unwrap_or((behind, ""));
            if group.starts_with("cost=") {
                write_estimate(doc, node, group)?;
            } else if let Some(figures) = group.strip_prefix("actual ") {
                write_actual(doc, node, figures)?;
            } else if group == "never executed" {
                doc.text_in(node, "Actual Rows", "0")?;
                doc.text_in(node, "Actual Loops", "0")?;
            }
            rest = behind;
        }
        Ok(())
    }
}

fn write_estimate(doc: &mut Doc<'_>, node: Id, group: &str) -> Result<(), ReadError> {
    for figure in group.split(' ') {
        match figure.split_once('=') {
            Some(("cost", range)) => write_range(doc, node, ["Startup Cost", "Total Cost"], range)?,
            Some(("rows", rows)) => doc.text_in(node, "Plan Rows", rows.to_owned())?,
            Some(("width", width)) => doc.text_in(node, "Plan Width", width.to_owned())?,
            _ => {}
        }
    }
    Ok(())
}

/// `time=0.1..0.2 rows=1 loops=1`, of a node or of a worker.
pub(super) fn write_actual(doc: &mut Doc<'_>, object: Id, figures: &str) -> Result<(), ReadError> {
    for figure in figures.split(' ') {
        match figure.split_once('=') {
            Some(("time", range)) => write_range(doc, object, ["Actual Startup Time", "Actual Total Time"], range)?,
            Some(("rows", rows)) => doc.text_in(object, "Actual Rows", rows.to_owned())?,
            Some(("loops", loops)) => doc.text_in(object, "Actual Loops", loops.to_owned())?,
            _ => {}
        }
    }
    Ok(())
}

fn write_range(doc: &mut Doc<'_>, object: Id, keys: [&'static str; 2], range: &str) -> Result<(), ReadError> {
    let Some((first, last)) = range.split_once("..") else { return Ok(()) };
    for (key, value) in keys.into_iter().zip([first, last]) {
        doc.text_in(object, key, Cow::Owned(value.to_owned()))?;
    }
    Ok(())
}
