//! What came of a collection, and what is said of it.

use pgdba_pg::ServerVersion;
use pgdba_snapshot::Identity;
use pgdba_snapshot::section::Partial;

/// What came of a collection, besides the document.
#[derive(Debug)]
pub struct Collected {
    /// The server's version.
    pub server_version: ServerVersion,
    /// Which cluster it was.
    pub identity: Identity,
    /// Every section that the document mentions, in its order.
    pub sections: Vec<SectionOutcome>,
    /// What the reader should know, one sentence each: what is missing from the document, and why.
    pub warnings: Vec<String>,
    /// Whether the connection was lost, or reading ended before all was read.
    pub was_broken_off: bool,
}

impl Collected {
    /// Whether every section that the server's version has is there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_whole = |section: &SectionOutcome| section.error.is_none() && section.partial.is_empty();
        !self.was_broken_off && self.sections.iter().all(is_whole)
    }
}

/// What came of one section.
#[derive(Debug, Clone)]
pub struct SectionOutcome {
    /// The section's name.
    pub name: &'static str,
    /// Rows in the document, before an error those that were already written.
    pub rows: u64,
    /// Why it is not available.
    pub error: Option<String>,
    /// Why part of it is hidden.
    pub limited: Option<String>,
    /// The databases whose part is missing.
    pub partial: Vec<Partial>,
}

/// One sentence for each reason why something is missing.
pub(crate) fn warnings(outcomes: &[SectionOutcome]) -> Vec<String> {
    let missing = outcomes.iter().flat_map(|outcome| &outcome.partial);
    let missing =
        missing.map(|partial| (format!("\"{}\"", partial.datname), format!("not complete: {}", partial.error)));
    let sections = outcomes.iter().filter_map(|outcome| {
        let SectionOutcome { name, error, limited, .. } = outcome;
        let not_available = error.as_ref().map(|error| format!("not available: {error}"));
        let reason = not_available.or(limited.as_ref().map(|limited| format!("not complete: {limited}")))?;
        Some(((*name).to_owned(), reason))
    });
    let databases = grouped(missing, ["database", "databases"]);
    databases.into_iter().chain(grouped(sections, ["section", "sections"])).collect()
}

/// So many names stand in one sentence where there are a few more; the document has them all.
const SHOWN: usize = 6;

/// One sentence for each reason, with all that it is the reason for: many sections share one.
fn grouped(items: impl Iterator<Item = (String, String)>, [one, many]: [&str; 2]) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (name, reason) in items {
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => groups.push((reason, vec![name])),
        }
    }
    let sentence = |(reason, names): (String, Vec<String>)| match names.as_slice() {
        [name] => format!("{one} {name} is {reason}"),
        [first @ .., _, _, _, _] if first.len() >= SHOWN => {
            let shown = first.get(..SHOWN).unwrap_or(first);
            format!("{many} {} and {} more are {reason}", shown.join(", "), names.len() - shown.len())
        }
        names => format!("{many} {} are {reason}", names.join(", ")),
    };
    groups.into_iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_reason_is_said_once() {
        let items =
            [("a", "x"), ("b", "y"), ("c", "x"), ("a", "x")].map(|(name, why)| (name.to_owned(), why.to_owned()));
        let said = grouped(items.into_iter(), ["section", "sections"]);
        assert_eq!(said, ["sections a, c are x", "section b is y"]);
        let many = |count| grouped((0..count).map(|at: u32| (at.to_string(), "z".to_owned())), ["section", "sections"]);
        assert_eq!(many(9), ["sections 0, 1, 2, 3, 4, 5, 6, 7, 8 are z"]);
        assert_eq!(many(10), ["sections 0, 1, 2, 3, 4, 5 and 4 more are z"]);
    }
}
