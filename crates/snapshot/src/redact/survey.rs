//! How many names a document tells whoever holds it.

use super::cell::Neighbours;
use super::columns::Rule;
use super::key::Key;
use super::kind::Kind;
use super::section::{Change, Redact, Walk};
use crate::document::DiagSnapshot;

/// What one section tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionSurvey {
    /// The section's name.
    pub name: String,
    /// Names of users' things.
    pub names: u64,
    /// Texts of statements and expressions.
    pub statements: u64,
    /// Addresses and names of hosts.
    pub addresses: u64,
}

/// What a document tells.
#[derive(Debug, Default)]
pub struct Survey {
    /// Distinct names of each kind of which there are any.
    pub kinds: Vec<(Kind, u64)>,
    /// Texts of statements and expressions.
    pub statements: u64,
    /// The sections that tell something, by name.
    pub sections: Vec<SectionSurvey>,
}

impl Survey {
    /// In words: `2 schemas, 17 tables, 40 statement texts`.
    #[must_use]
    pub fn words(&self) -> String {
        let kinds = self.kinds.iter().map(|(kind, count)| {
            let (one, several) = kind.words();
            format!("{count} {}", if *count == 1 { one } else { several })
        });
        let statements = (self.statements > 0).then(|| {
            format!("{} {}", self.statements, if self.statements == 1 { "statement text" } else { "statement texts" })
        });
        let words: Vec<String> = kinds.chain(statements).collect();
        if words.is_empty() { "no names".to_owned() } else { words.join(", ") }
    }
}

/// Looks through `snapshot`. The tokens of a redacted document tell nothing.
#[must_use]
pub fn survey(snapshot: &DiagSnapshot) -> Survey {
    let mut key = Key::counting(snapshot.redacted);
    super::learn(snapshot, &mut key);
    super::identity(&snapshot.identity, &mut key);
    let mut survey = Survey::default();
    for (name, raw) in &snapshot.sections {
        let count = Count { redact: Redact(&mut key), found: Found::default() };
        let mut walk = Walk::new(name, count);
        walk.section(raw.get());
        survey.add(name, walk.into_change().found);
    }
    survey.kinds = Kind::ALL.into_iter().map(|kind| (kind, key.count(kind))).filter(|(_, count)| *count > 0).collect();
    survey
}

impl Survey {
    fn add(&mut self, name: &str, found: Found) {
        let Found { names, statements, addresses } = found;
        self.statements += statements;
        if names + statements + addresses > 0 {
            self.sections.push(SectionSurvey { name: name.to_owned(), names, statements, addresses });
        }
    }
}

#[derive(Debug, Default)]
struct Found {
    names: u64,
    statements: u64,
    addresses: u64,
}

/// Redacts, and counts what that changes.
struct Count<'a> {
    redact: Redact<'a>,
    found: Found,
}

impl Change for Count<'_> {
    fn text(&mut self, rule: Option<Rule>, neighbours: &Neighbours, text: &str) -> String {
        let redacted = self.redact.text(rule, neighbours, text);
        if redacted != text {
            match rule {
                Some(Rule::Sql | Rule::Expression) => self.found.statements += 1,
                Some(Rule::Name(Kind::Host) | Rule::Hba(Kind::Host) | Rule::Conninfo) => self.found.addresses += 1,
                _ => self.found.names += 1,
            }
        }
        redacted
    }

    fn json(&mut self, json: &str) -> String {
        self.found.names += u64::from(json != "null");
        self.redact.json(json)
    }
}
