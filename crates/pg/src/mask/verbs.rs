//! The first words of utility statements and of the commands of replication.

use crate::lexer::PLANNABLE;

/// First words of statements that give nothing away, each once, in ascending order.
#[must_use]
pub fn verbs() -> Vec<&'static str> {
    let mut verbs = [&OBJECT_VERBS[..], &UTILITY_VERBS, &REPLICATION_VERBS, &PLANNABLE].concat();
    verbs.sort_unstable();
    verbs
}

/// What stands between the summaries of several statements.
pub(super) const SEPARATOR: &str = "; ";

/// What stands for a statement whose first word is not known.
pub(super) const UNKNOWN: &str = "?";

/// What stands for further statements.
pub(super) const MORE: &str = "…";

/// Whether `text` is what a mask leaves of a utility statement, its verb, perhaps with a class of objects, in capitals; or of several
/// statements.
#[must_use]
pub fn is_summary(text: &str) -> bool {
    let is_one_of_several = |part: &str| {
        let verb = part.to_ascii_lowercase();
        let is_query = PLANNABLE.contains(&verb.as_str()) && part == part.to_ascii_uppercase();
        is_query || part == UNKNOWN || part == MORE || is_summary_of_one(part)
    };
    is_summary_of_one(text) || text.contains(SEPARATOR) && text.split(SEPARATOR).all(is_one_of_several)
}

fn is_summary_of_one(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let (verb, object) = lower.split_once(' ').map_or((lower.as_str(), None), |(verb, object)| (verb, Some(object)));
    let is_known = match object {
        Some(object) => OBJECT_VERBS.contains(&verb) && OBJECTS.contains(&object),
        None => is_verb(verb),
    };
    is_known && text == text.to_ascii_uppercase()
}

/// Whether a statement that begins with the word `verb` is reduced to it.
pub(super) fn is_verb(verb: &str) -> bool {
    OBJECT_VERBS.contains(&verb) || UTILITY_VERBS.contains(&verb) || REPLICATION_VERBS.contains(&verb)
}

/// The commands of the replication protocol, which a WAL sender shows as its statement, of versions 12 to 18.
const REPLICATION_VERBS: [&str; 9] = [
    "alter_replication_slot",
    "base_backup",
    "create_replication_slot",
    "drop_replication_slot",
    "identify_system",
    "read_replication_slot",
    "start_replication",
    "timeline_history",
    "upload_manifest",
];

/// Verbs that are followed by a class of objects.
pub(super) const OBJECT_VERBS: [&str; 5] = ["create", "alter", "drop", "comment", "import"];

/// First words of classes of objects, and what may stand before them.
pub(super) const OBJECTS: [&str; 49] = [
    "access",
    "aggregate",
    "cast",
    "collation",
    "constraint",
    "conversion",
    "database",
    "default",
    "domain",
    "event",
    "extension",
    "foreign",
    "function",
    "global",
    "group",
    "index",
    "language",
    "large",
    "local",
    "materialized",
    "on",
    "operator",
    "or",
    "owned",
    "policy",
    "procedural",
    "procedure",
    "publication",
    "recursive",
    "role",
    "routine",
    "rule",
    "schema",
    "sequence",
    "server",
    "statistics",
    "subscription",
    "system",
    "table",
    "tablespace",
    "temp",
    "temporary",
    "text",
    "trigger",
    "type",
    "unique",
    "unlogged",
    "user",
    "view",
];

/// Verbs that stand alone.
const UTILITY_VERBS: [&str; 36] = [
    "abort",
    "analyze",
    "begin",
    "call",
    "checkpoint",
    "close",
    "cluster",
    "commit",
    "copy",
    "deallocate",
    "declare",
    "discard",
    "do",
    "end",
    "execute",
    "explain",
    "fetch",
    "grant",
    "listen",
    "load",
    "lock",
    "move",
    "notify",
    "prepare",
    "reassign",
    "refresh",
    "reindex",
    "release",
    "reset",
    "revoke",
    "rollback",
    "savepoint",
    "set",
    "show",
    "truncate",
    "vacuum",
];
