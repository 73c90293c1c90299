//! Parses `pgdba.toml`. An error is one sentence with its position.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use jiff::civil::Date;
use pgdba_pg::text::message as harmless;
use toml::Spanned;
use toml::value::Datetime;

use super::Policy;
use super::entry::{Effect, Entry, Objects, RuleName};
use super::file::{self, File, OneOrMore, Words};
use super::glob::Pattern;
use super::place::Lines;
use super::wording::plain;
use crate::format::Severity;

/// The largest file that is read, in bytes: a quarter of a million accepted subjects.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// Line and column, from 1.
    pub place: Option<(usize, usize)>,
    /// The error, and how to correct it.
    pub message: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for PolicyError {}

impl PolicyError {
    /// The stable error code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "policy_invalid"
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "Correct the file; docs/policy.md has examples, and `pgdba schema policy` prints its schema."
    }
}

/// An error at a range of bytes.
struct Fault(Range<usize>, String);

pub(super) fn read(bytes: &[u8], rules: &[RuleName<'static>]) -> Result<Policy, PolicyError> {
    if bytes.len() > LARGEST {
        let message = format!("the policy is larger than {} MiB", LARGEST / 1024 / 1024);
        return Err(PolicyError { place: None, message });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let place = Lines::of(&String::from_utf8_lossy(valid)).place(valid.len());
        PolicyError { place: Some(place), message: "the policy is not UTF-8".to_owned() }
    })?;
    let lines = Lines::of(text);
    let at = |Fault(span, message): Fault| PolicyError {
        place: Some(lines.place(span.start)),
        message: shortened(&harmless(&message)),
    };
    let file: File =
        toml::from_str(text).map_err(|error| at(Fault(error.span().unwrap_or_default(), plain(error.message()))))?;
    policy(file, &lines, rules).map_err(at)
}

/// Messages quote the file, whose texts can be of any length.
fn shortened(message: &str) -> String {
    const LONGEST: usize = 240;
    let mut short: String = message.chars().take(LONGEST).collect();
    if short.len() < message.len() {
        short.push('…');
    }
    short
}

fn policy(file: File, lines: &Lines<'_>, rules: &[RuleName<'static>]) -> Result<Policy, Fault> {
    type WithSeverity = fn(Severity) -> Effect;
    let kinds: [(Vec<Spanned<file::Entry>>, Option<WithSeverity>); 3] = [
        (file.silence, None),
        (file.lower, Some(Effect::Lower as WithSeverity)),
        (file.raise, Some(Effect::Raise as WithSeverity)),
    ];
    let mut entries = Vec::new();
    for (list, effect) in kinds {
        for written in list {
            let span = written.span();
            let effect = effect_of(effect, &written)?;
            entries.push((span.start, entry(written.into_inner(), span, effect, lines, rules)?));
        }
    }
    // In TOML each kind of entry is a list of its own, but the order in the file decides.
    entries.sort_by_key(|(start, _)| *start);
    let mut policy = Policy { entries: distinguished(entries, lines), ..Policy::default() };
    for of_cluster in file.accepted {
        let ids = policy.accepted.entry(of_cluster.cluster).or_default();
        let lists = [
            (Severity::Info, of_cluster.info),
            (Severity::Notice, of_cluster.notice),
            (Severity::Warning, of_cluster.warning),
            (Severity::Critical, of_cluster.critical),
        ];
        for (severity, list) in lists {
            ids.extend(list.into_iter().map(|id| (id, severity)));
        }
    }
    Ok(policy)
}

/// The entries with the columns of those that share a line. They are in the order of the file.
fn distinguished(entries: Vec<(usize, Entry)>, lines: &Lines<'_>) -> Vec<Entry> {
    let places: Vec<(usize, usize)> = entries.iter().map(|(start, _)| lines.place(*start)).collect();
    let shared: BTreeSet<usize> = places
        .windows(2)
        .filter_map(|pair| match pair {
            [(a, _), (b, _)] if a == b => Some(*a),
            _ => None,
        })
        .collect();
    let with_column = |((_, entry), (line, column)): ((usize, Entry), (usize, usize))| Entry {
        column: shared.contains(&line).then(|| u64::try_from(column).unwrap_or(u64::MAX)),
        ..entry
    };
    entries.into_iter().zip(places).map(with_column).collect()
}

fn effect_of(with: Option<fn(Severity) -> Effect>, entry: &Spanned<file::Entry>) -> Result<Effect, Fault> {
    match (with, entry.get_ref().to) {
        (None, None) => Ok(Effect::Silence),
        (Some(with), Some(to)) => Ok(with(to)),
        (None, Some(_)) => {
            Err(Fault(entry.span(), "silence does not take a severity: remove `to`, or use lower".to_owned()))
        }
        (Some(_), None) => {
            Err(Fault(entry.span(), "the severity is missing: add one, such as to = \"notice\"".to_owned()))
        }
    }
}

fn entry(
    written: file::Entry,
    span: Range<usize>,
    effect: Effect,
    lines: &Lines<'_>,
    rules: &[RuleName<'static>],
) -> Result<Entry, Fault> {
    let reason = written.reason.unwrap_or_default();
    if reason.trim().is_empty() {
        return Err(Fault(
            span,
            "the reason is missing: add one, such as reason = \"refilled every night\"".to_owned(),
        ));
    }
    let entry = Entry {
        effect,
        reason,
        until: written.until.map(day).transpose()?,
        line: u64::try_from(lines.place(span.start).0).unwrap_or(u64::MAX),
        column: None,
        rules: written.rule.map_or(Ok(Vec::new()), |words| codes(&words, rules))?,
        areas: list(written.area),
        objects: Objects {
            kinds: list(written.kind),
            database: patterns(written.database),
            schema: patterns(written.schema),
            table: patterns(written.table),
            name: patterns(written.name),
        },
    };
    if entry.rules.is_empty() && entry.areas.is_empty() && entry.covers_every_subject() {
        let message = "the entry matches every finding: add rule, area, kind, database, schema, table or name";
        return Err(Fault(span, message.to_owned()));
    }
    Ok(entry)
}

fn list<T>(written: Option<OneOrMore<T>>) -> Vec<T> {
    written.map(|list| list.0).unwrap_or_default()
}

fn patterns(words: Option<Words>) -> Vec<Pattern> {
    list(words).iter().map(|word| Pattern::new(word)).collect()
}

/// The codes of rules given by code or name.
fn codes(words: &Spanned<Words>, rules: &[RuleName<'static>]) -> Result<Vec<&'static str>, Fault> {
    let code = |word: &String| {
        let is_called =
            |rule: &&RuleName<'_>| [rule.code, rule.name].iter().any(|name| name.eq_ignore_ascii_case(word));
        let known = rules.iter().find(is_called).map(|rule| rule.code);
        known.ok_or_else(|| Fault(words.span(), unknown(word, rules)))
    };
    words.get_ref().0.iter().map(code).collect()
}

fn unknown(word: &str, rules: &[RuleName<'_>]) -> String {
    /// The similarity from which on a name is suggested.
    const ALIKE: f64 = 0.8;
    /// Longer words are not compared: no name is that long.
    const LONGEST: usize = 64;
    let names = rules.iter().flat_map(|rule| [rule.name, rule.code]).filter(|_| word.len() <= LONGEST);
    let near = names.map(|name| (strsim::jaro_winkler(&word.to_ascii_lowercase(), &name.to_ascii_lowercase()), name));
    let nearest = near.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness >= ALIKE);
    let hint = nearest.map_or_else(
        || "`pgdba rule` lists codes and names".to_owned(),
        |(_, name)| format!("did you mean \"{name}\"?"),
    );
    format!("rule \"{word}\" does not exist: {hint}")
}

fn day(written: Spanned<Datetime>) -> Result<Date, Fault> {
    let wrong = || Fault(written.span(), "until must be a date, such as until = 2027-01-01".to_owned());
    let Datetime { date: Some(date), time: None, .. } = written.get_ref() else { return Err(wrong()) };
    let parts = (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
    let (Ok(year), Ok(month), Ok(day)) = parts else { return Err(wrong()) };
    Date::new(year, month, day).map_err(|_| wrong())
}
