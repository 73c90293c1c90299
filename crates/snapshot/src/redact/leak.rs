//! Plain names in a redacted document.
//!
//! It knows nothing of columns and of how they are redacted: every word of every text must be a token, a figure or a word that
//! PostgreSQL's own lists have. So it finds what redaction has forgotten.

use std::collections::BTreeSet;

use pgdba_pg::lexer::is_reserved;
use pgdba_pg::mask::{autovacuum, sql};

use super::key::is_token;
use super::kind::Kind;
use super::own;
use super::texts;
use super::vocabulary::{
    EXTENSION_TYPES, FUNCTIONS, KEYWORDS, OPERATOR_CLASSES, PARAMETERS, PROSE, PUBLIC, RELATIONS, TIME_ZONES, TYPES,
    VALUES,
};
use crate::sections;

/// A place in which a plain name stands. It does not say which: that would make a second place of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// The section.
    pub section: String,
    /// The column or member.
    pub column: String,
}

/// What says of the build and of the machine what every such build and machine says, and names of extensions.
const EXEMPT: [(&str, &str); 6] = [
    ("host", "cpuinfo"),
    ("host", "meminfo"),
    ("host", "rotational"),
    ("pg_available_extensions", "name"),
    ("pg_extension", "extname"),
    ("system", "version"),
];

/// The members of a section.
const MEMBERS: [&str; 10] = [
    "available",
    "between",
    "collected_at",
    "duration_ms",
    "earlier",
    "error",
    "limited",
    "partial",
    "readings",
    "stats_reset",
];

/// Parameters whose values name libraries, which are public, or the build.
const EXEMPT_PARAMETERS: [&str; 8] = [
    "archive_library",
    "jit_provider",
    "local_preload_libraries",
    "log_filename",
    "oauth_validator_libraries",
    "server_version",
    "session_preload_libraries",
    "shared_preload_libraries",
];

/// Where the section `json` has plain names, each place once.
pub(super) fn of(section: &str, json: &str) -> BTreeSet<Leak> {
    let mut found = BTreeSet::new();
    texts::each(json, &mut |place, text| {
        let is_exempt = EXEMPT.contains(&(section, place.column)) || EXEMPT_PARAMETERS.contains(&place.parameter);
        let is_declared =
            place.column == "columns" && sections::find(section).is_some_and(|spec| spec.column(text).is_some());
        let is_member = place.column == "members" && MEMBERS.contains(&text);
        // Of what the server itself has written only the names count.
        let names = autovacuum::parts(text).map_or(text, |activity| activity.relation);
        let is_summary = place.column == "query" && sql::is_summary(text);
        if !is_exempt && !is_declared && !is_member && !is_summary && !words(names).all(is_public) {
            found.insert(Leak { section: section.to_owned(), column: place.column.to_owned() });
        }
    });
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// Whether every site may have `word`.
fn is_public(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_figure = word.starts_with(|c: char| c.is_ascii_digit()) || word.len() <= 2;
    // Rights, `arwdDxt`, and hexadecimal digits of LSNs, files of WAL and hashes.
    let has_only = |letters: &str| word.chars().all(|c| letters.contains(c));
    let lists = [
        &KEYWORDS,
        &TYPES,
        &EXTENSION_TYPES,
        &FUNCTIONS,
        &OPERATOR_CLASSES,
        &RELATIONS,
        &PARAMETERS,
        &VALUES,
        &PROSE,
        &PUBLIC,
    ];
    is_token(word)
        || is_figure && word.is_ascii()
        || has_only("arwdDxtXUCcTsAm")
        || has_only("0123456789ABCDEF")
        || has_only("0123456789abcdef") && word.len() == 8
        || is_reserved(&lower)
        || lists.iter().any(|list| list.contains(&lower))
        || Kind::ALL.iter().any(|kind| own::is_own(*kind, word))
        || own::is_code(word)
        || sections::find(&lower).is_some()
        || TIME_ZONES.contains(word)
        || zone_parts().contains(word)
}

/// `Europe` and `Vienna` of `Europe/Vienna`.
fn zone_parts() -> &'static BTreeSet<&'static str> {
    static PARTS: std::sync::LazyLock<BTreeSet<&'static str>> =
        std::sync::LazyLock::new(|| TIME_ZONES.iter().flat_map(|zone| zone.split(['/', '-', '+'])).collect());
    &PARTS
}
