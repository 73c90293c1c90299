//! A document without names: every name of a user's thing becomes a token, the same wherever it occurs.
//!
//! [`redact()`] writes the document, [`restore`] undoes it with the same [`Key`], [`survey()`] says what a document tells
//! whoever holds it. What becomes of a column is listed in one place, [`columns`]; what is not listed goes.
//!
//! Since a token stands for one name and a name has one token, a redacted document has the same joins, the same equal
//! expressions and the same duplicates as the one it was made of, and so the same findings.

mod autovacuum;
mod cell;
mod columns;
mod conninfo;
mod error;
mod key;
mod kind;
mod leak;
mod name;
mod order;
mod own;
mod prose;
mod roles;
mod search;
mod section;
mod setting;
mod statement;
mod survey;
mod suspicion;
mod text;
mod texts;
mod vocabulary;
mod word_lists;
mod words;

use std::io::{self, Write};

use serde_json::value::RawValue;

pub use self::error::KeyError;
pub use self::key::{Key, SECRET_BYTES};
pub use self::kind::Kind;
pub use self::leak::Leak;
pub use self::search::{Search, search};
pub use self::survey::{SectionSurvey, Survey, survey};
pub use self::suspicion::Suspicion;

use self::cell::Neighbours;
use self::columns::Rule;
use self::kind::Identifier;
use self::section::{Change, Name, Redact, Restore, Walk};
use self::words::Form;
use crate::document::{DiagSnapshot, Prereq, Producer, Sampling};
use crate::identity::Identity;
use crate::sections;
use crate::write::{Redaction, SnapshotWriter};

/// Programs that make snapshots.
const PRODUCERS: [&str; 3] = ["pgdba", "pgdba-collect", "pgdba.sql"];

/// Extensions that sections depend on.
const EXTENSIONS: [&str; 1] = ["pg_stat_statements"];

/// Ways in which a snapshot is made, and modes of sampling.
const WORDS: [&str; 4] = ["delta", "native", "psql", "single"];

/// Writes `snapshot` with tokens in place of names. `key` takes the names in that it does not know yet.
///
/// A document that is redacted already would only get a second layer of tokens; callers refuse it.
///
/// # Errors
/// Those of `out`.
pub fn redact<W: Write>(snapshot: &DiagSnapshot, key: &mut Key, out: W) -> io::Result<W> {
    let mut scout = key.clone();
    learn(snapshot, &mut scout);
    pass(snapshot, &mut scout);
    key.adopt(&scout);
    let head = head(snapshot, &mut Redact(key));
    let identity = identity(&snapshot.identity, key);
    let redaction = Redaction {
        producer: &head.producer,
        collected_at: snapshot.collected_at,
        identity: &identity,
        prereqs: &head.prereqs,
        sampling: &head.sampling,
        key: Some(&key.id()),
    };
    let mut writer = SnapshotWriter::begin_redacted(out, &redaction)?;
    for (name, raw) in &snapshot.sections {
        let json = Walk::new(name, Redact(key)).section(raw.get());
        let known = sections::find(name).is_some();
        let name = if known { name.clone() } else { key.token(Kind::Text, name) };
        writer.section_as_it_is(&name, &json)?;
    }
    writer.finish()
}

/// `message`, such as a warning of the collection, with tokens in place of names.
pub fn message(message: &str, key: &mut Key) -> String {
    text::redact(key, text::Language::Prose, message)
}

/// Redacts everything once, so that `key` meets every name before a number is given: numbers in the order of a document would be
/// the same under every key, and so tell two recipients which of their tokens are of one thing.
fn pass(snapshot: &DiagSnapshot, key: &mut Key) {
    head(snapshot, &mut Redact(key));
    identity(&snapshot.identity, key);
    for (name, raw) in &snapshot.sections {
        Walk::new(name, Redact(key)).section(raw.get());
        if sections::find(name).is_none() {
            key.token(Kind::Text, name);
        }
    }
}

/// Gives the names of the catalogs their tokens, before texts in which they occur are looked at.
///
/// Functions first: the server names the column of an index on an expression after the function in it.
fn learn(snapshot: &DiagSnapshot, key: &mut Key) {
    let all = sections::ALL.iter().map(|spec| spec.name);
    for name in std::iter::once(sections::pg_proc::SPEC.name).chain(all) {
        if let Some(raw) = snapshot.sections.get(name) {
            Walk::new(name, Name(key)).section(raw.get());
        }
    }
}

/// `snapshot` with names in place of the tokens that `key` knows. The fingerprint is the cluster's own again, and the
/// checksum, which was that of the redacted document, is gone. A snapshot that is not redacted stays as it is.
///
/// # Errors
/// [`KeyError::OtherKey`].
pub fn restore(snapshot: DiagSnapshot, key: &Key) -> Result<DiagSnapshot, KeyError> {
    if !snapshot.redacted {
        return Ok(snapshot);
    }
    if snapshot.redaction_key.as_deref() != Some(key.id().as_str()) {
        return Err(KeyError::OtherKey);
    }
    Ok(restored(snapshot, key))
}

fn restored(snapshot: DiagSnapshot, key: &Key) -> DiagSnapshot {
    let head = head(&snapshot, &mut Restore(key));
    let original = |text: &Option<String>| text.as_deref().map(|text| text::restore(key, None, text));
    let identity = Identity {
        system_identifier: original(&snapshot.identity.system_identifier),
        resolved_addr: original(&snapshot.identity.resolved_addr),
        config_host: original(&snapshot.identity.config_host),
        fingerprint: original(&snapshot.identity.fingerprint),
        ..snapshot.identity
    };
    let mut problems = snapshot.problems;
    let mut sections = std::collections::BTreeMap::new();
    for (name, raw) in snapshot.sections {
        let name = text::restore(key, None, &name);
        match RawValue::from_string(Walk::restoring(&name, key).section(raw.get())) {
            Ok(section) => drop(sections.insert(name, section)),
            // Only a key file that somebody changed holds JSON that is none.
            Err(_) => problems.push(format!("section {name} could not be restored: the key does not match")),
        }
    }
    DiagSnapshot {
        producer: head.producer,
        identity,
        prereqs: head.prereqs,
        sampling: head.sampling,
        sections,
        problems,
        checksum: None,
        checksum_fits: None,
        redacted: false,
        redaction_key: None,
        ..snapshot
    }
}

/// The members before the sections, apart from the identity.
struct Head {
    producer: Producer,
    prereqs: Vec<Prereq>,
    sampling: Sampling,
}

fn head(snapshot: &DiagSnapshot, change: &mut impl Change) -> Head {
    let mut text = |rule: Option<Rule>, text: &str| change.text(rule, &Neighbours::default(), text);
    let mut known = |words: &[&str], word: &str| if words.contains(&word) { word.to_owned() } else { text(None, word) };
    let name = known(&PRODUCERS, &snapshot.producer.name);
    let via = known(&WORDS, &snapshot.producer.via);
    let mode = known(&WORDS, &snapshot.sampling.mode);
    let version = text(Some(Rule::Words(Form::Version)), &snapshot.producer.version);
    let prereqs = snapshot.prereqs.iter().map(|prereq| Prereq {
        name: text(Some(Rule::Words(Form::Some(&EXTENSIONS))), &prereq.name),
        available: prereq.available,
        version: prereq.version.as_deref().map(|version| text(Some(Rule::Words(Form::Version)), version)),
        error: prereq.error.as_deref().map(|error| text(Some(Rule::Prose), error)),
    });
    Head {
        prereqs: prereqs.collect(),
        producer: Producer { name, version, via },
        sampling: Sampling { mode, ..snapshot.sampling.clone() },
    }
}

fn identity(identity: &Identity, key: &mut Key) -> Identity {
    let mut text = |rule: Rule, text: &Option<String>| {
        text.as_deref().map(|text| cell::redact(key, rule, &Neighbours::default(), text))
    };
    let system_identifier = text(Rule::Identifier(Identifier::System), &identity.system_identifier);
    let resolved_addr = text(Rule::Name(Kind::Host), &identity.resolved_addr);
    let config_host = text(Rule::Name(Kind::Host), &identity.config_host);
    let fingerprint = identity.fingerprint_of().map(|fingerprint| fingerprint.digest).or(identity.fingerprint.clone());
    let fingerprint = fingerprint.map(|fingerprint| key.fingerprint(&fingerprint));
    Identity { system_identifier, resolved_addr, config_host, fingerprint, ..identity.clone() }
}

#[cfg(test)]
mod tests;
