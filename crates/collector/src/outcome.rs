//! What came of a collection, and what is said of it.

use pgdba_pg::ServerVersion;
use pgdba_snapshot::section::{Partial, Scope};
use pgdba_snapshot::{Identity, sections};

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
    let sections = outcomes.iter().filter_map(|outcome| {
        let SectionOutcome { name, error, limited, .. } = outcome;
        let not_available = error.as_ref().map(|error| format!("not available: {error}"));
        let reason = not_available.or(limited.as_ref().map(|limited| format!("not complete: {limited}")))?;
        Some(((*name).to_owned(), reason))
    });
    let sections = grouped(sections).into_iter().map(|(names, reason)| match names.as_slice() {
        [name] => format!("section {name} is {reason}"),
        names => format!("sections {} are {reason}", listed(names)),
    });
    of_databases(outcomes).into_iter().chain(sections).collect()
}

/// What could not be read of databases: all of it, or some sections.
fn of_databases(outcomes: &[SectionOutcome]) -> Vec<String> {
    let is_of_database = |name: &str| sections::find(name).is_some_and(|spec| spec.scope == Scope::Database);
    let all = outcomes.iter().filter(|outcome| is_of_database(outcome.name)).count();
    let missing = outcomes.iter().flat_map(|outcome| {
        let named =
            |partial: &Partial| (format!("\"{}\"", partial.datname.replace('"', "\"\"")), partial.error.clone());
        outcome.partial.iter().map(move |partial| (outcome.name.to_owned(), named(partial)))
    });
    let of_sections = grouped(missing).into_iter().map(|(sections, (database, error))| (database, (sections, error)));
    let sentences = grouped(of_sections).into_iter().map(|(databases, (sections, error))| {
        let word = if databases.len() == 1 { "database" } else { "databases" };
        let databases = listed(&databases);
        if sections.len() == all {
            return format!("{word} {databases} could not be read: {error}");
        }
        let part = if sections.len() == 1 { "section" } else { "sections" };
        format!("{part} {} could not be read in {word} {databases}: {error}", listed(&sections))
    });
    sentences.collect()
}

/// So many names are in one sentence where there are a few more; the document has them all.
const SHOWN: usize = 6;

/// The reasons, each with all that it is the reason for: many sections share one.
fn grouped<R: PartialEq>(items: impl Iterator<Item = (String, R)>) -> Vec<(Vec<String>, R)> {
    let mut groups: Vec<(Vec<String>, R)> = Vec::new();
    for (name, reason) in items {
        match groups.iter_mut().find(|(_, known)| *known == reason) {
            Some((names, _)) if names.contains(&name) => {}
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], reason)),
        }
    }
    groups
}

/// `a, b, c, d, e, f and 4 more`.
fn listed(names: &[String]) -> String {
    match names {
        [first @ .., _, _, _, _] if first.len() >= SHOWN => {
            let shown = first.get(..SHOWN).unwrap_or(first);
            format!("{} and {} more", shown.join(", "), names.len() - shown.len())
        }
        names => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &'static str, error: Option<&str>, databases: &[&str]) -> SectionOutcome {
        let missing =
            |datname: &&str| Partial { datname: (*datname).to_owned(), error: "no CONNECT privilege".to_owned() };
        let partial = databases.iter().map(missing).collect();
        SectionOutcome { name, rows: 0, error: error.map(str::to_owned), limited: None, partial }
    }

    #[test]
    fn what_has_one_reason_is_one_sentence() {
        let outcomes = [outcome("a", Some("x"), &[]), outcome("b", Some("y"), &[]), outcome("c", Some("x"), &[])];
        assert_eq!(warnings(&outcomes), ["sections a, c are not available: x", "section b is not available: y"]);
        let names = |count: u32| listed(&(0..count).map(|at| at.to_string()).collect::<Vec<_>>());
        assert_eq!(names(9), "0, 1, 2, 3, 4, 5, 6, 7, 8");
        assert_eq!(names(10), "0, 1, 2, 3, 4, 5 and 4 more");
    }

    #[test]
    fn a_database_that_could_not_be_read_is_named_once() {
        let of = |name, databases: &[&str]| outcome(name, None, databases);
        let all = [of("pg_class", &["a1", "a\"2"]), of("pg_index", &["a1", "a\"2"]), of("pg_settings", &[])];
        let expected = "databases \"a1\", \"a\"\"2\" could not be read: no CONNECT privilege";
        assert_eq!(warnings(&all), [expected]);
        let some = [of("pg_class", &["a1"]), of("pg_index", &[])];
        assert_eq!(warnings(&some), ["section pg_class could not be read in database \"a1\": no CONNECT privilege"]);
    }
}
