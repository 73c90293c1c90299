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

/// Columns that hold one name each, in which a word of PostgreSQL's is a name as any other.
const NAMES: [&str; 24] = [
    "application_name",
    "attname",
    "client_addr",
    "cluster_name",
    "conname",
    "current_database",
    "current_user",
    "datname",
    "member_of",
    "nspname",
    "owner",
    "polname",
    "proname",
    "pubname",
    "relname",
    "rolname",
    "sender_host",
    "slot_name",
    "spcname",
    "stxname",
    "subname",
    "subslotname",
    "tgname",
    "usename",
];

/// Columns whose texts have four numbers with dots between them, but no address.
const NO_ADDRESSES: [&str; 5] = ["actual_version", "collversion", "datcollversion", "netmask", "version"];

/// Columns in which the shortest names count too.
const STATEMENTS: [&str; 4] = ["indexprs", "indpred", "query", "search_path"];

/// Where the section `json` has plain names, each place once.
pub(super) fn of(section: &str, json: &str) -> BTreeSet<Leak> {
    let mut found = BTreeSet::new();
    texts::each(json, &mut |place, text| {
        let is_exempt = EXEMPT.contains(&(section, place.column)) || EXEMPT_PARAMETERS.contains(&place.parameter);
        let is_declared =
            place.column == "columns" && sections::find(section).is_some_and(|spec| spec.column(text).is_some());
        let is_member = place.column == "members" && MEMBERS.contains(&text);
        if !is_exempt && !is_declared && !is_member && !is_known(place.column, text) {
            found.insert(Leak { section: section.to_owned(), column: place.column.to_owned() });
        }
    });
    found
}

/// Whether `text` of `column` tells nothing of a site.
pub(super) fn is_known(column: &str, text: &str) -> bool {
    if NAMES.contains(&column) {
        let kinds = Kind::ALL.iter().filter(|kind| !matches!(kind, Kind::Type | Kind::Parameter));
        return text.is_empty() || is_token(text) || kinds.clone().any(|kind| own::is_own(*kind, text));
    }
    if column == "query" && sql::is_summary(text) {
        return true;
    }
    // Of what the server itself has written only the names count.
    let names = autovacuum::parts(text).map_or(text, |activity| activity.relation);
    let names = own::CONFIGURATION_FILES.iter().find_map(|file| names.strip_suffix(file)).unwrap_or(names);
    let least = if STATEMENTS.contains(&column) { 1 } else { 2 };
    words(names).all(|word| word.is_ascii() && word.len() <= least || is_public(word))
        && (NO_ADDRESSES.contains(&column) || !holds_address(text))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// Whether a word of `text` is the address of a machine, and not one that every site has.
fn holds_address(text: &str) -> bool {
    let is_address = |word: &&str| {
        let parts: Vec<&str> = word.trim_matches('.').split('.').collect();
        parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok())
    };
    let mut words = text.split(|c: char| !(c.is_ascii_digit() || c == '.')).filter(is_address);
    words.any(|address| !own::is_own(Kind::Host, address.trim_matches('.')))
}

/// Whether `word` is a number, perhaps with a unit or as a part of a time.
fn is_figure(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_time = rest.strip_prefix('T').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    rest.len() < word.len() && rest.is_ascii() && (rest.len() <= LONGEST_UNIT || is_time)
}

/// Letters of the longest unit: `min`.
const LONGEST_UNIT: usize = 3;

/// Whether every site may have `word`.
fn is_public(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
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
        || is_figure(word)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finds(column: &str, text: &str) -> bool {
        let found = of("pg_class", &json!({ "columns": [column], "rows": [[text]] }).to_string());
        found.iter().any(|leak| leak.column == column)
    }

    #[test]
    fn plain_names_are_found_wherever_they_are() {
        for (column, text) in [
            ("query", "select t1.c2 from orders"),
            ("query", "select c1 from hr"),
            ("query", "autovacuum: VACUUM s1.prevent_loss (to prevent wraparound)"),
            ("relname", "data"),
            ("relname", "user"),
            ("datname", "2024"),
            ("rolname", "hr"),
            ("setting", "h1,10.20.30.40"),
            ("address", "192.168.7.1"),
            ("application_name", "2fast4you"),
            ("error", "permission denied for table orders"),
            ("setting", "2fast4you"),
        ] {
            assert!(finds(column, text), "{column} {text}");
        }
    }

    #[test]
    fn what_redaction_leaves_is_none() {
        for (column, text) in [
            ("query", "select t1.c2::numeric(12,2), count(*) from s1.t1 where c3 > $1 and c4 = ?01234567"),
            ("query", "autovacuum: VACUUM s1.t1 (to prevent wraparound)"),
            ("query", "autovacuum: BRIN summarize s1.i1 17"),
            ("query", "START_REPLICATION"),
            ("query", "CREATE ROLE"),
            ("relname", "pg_toast_16384"),
            ("relname", "t17"),
            ("owner", "postgres"),
            ("setting", "127.0.0.1,h1"),
            ("netmask", "255.255.0.0"),
            ("collversion", "153.112.4.1"),
            ("setting", "64MB"),
            ("collected_at", "2026-11-28T22:53:48.123Z"),
            ("current_lsn", "0/1A2B3C"),
        ] {
            assert!(!finds(column, text), "{column} {text}");
        }
    }
}
