//! Words that are PostgreSQL's own, recorded from servers of versions 12 to 18 with their contributed modules.
//!
//! One list a file, in ascending order. `cargo xtask servers` and the views named below give them anew. A word that a
//! newer version adds and that is not here yet is taken for a user's: it is replaced, and the key restores it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A list of words that is taken apart when it is first asked.
pub(super) struct Words(LazyLock<BTreeSet<&'static str>>);

impl Words {
    pub(super) fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident = $file:literal;)+) => {
        $($(#[$doc])+ pub(super) static $name: Words =
            Words(LazyLock::new(|| include_str!(concat!("vocabulary/", $file)).split_whitespace().collect()));)+

        #[cfg(test)]
        pub(super) static ALL: &[(&str, &Words, &str)] =
            &[$((stringify!($name), &$name, include_str!(concat!("vocabulary/", $file)))),+];
    };
}

words! {
    /// Keywords that may be names: `pg_get_keywords()`, classes U and C. The others are [`pgdba_pg::lexer::RESERVED`].
    KEYWORDS = "keywords.txt";
    /// Types of contributed modules, wherever those were installed.
    EXTENSION_TYPES = "extension_types.txt";
    /// Operator classes of contributed modules and of widely used extensions.
    OPERATOR_CLASSES = "operator_classes.txt";
    /// Types: `pg_type` of `pg_catalog` and `information_schema`, without those of relations.
    TYPES = "types.txt";
    /// Functions that people call: `pg_proc`, without those behind operators, types and operator classes.
    FUNCTIONS = "functions.txt";
    /// Tables and views of `pg_catalog`.
    RELATIONS = "relations.txt";
    /// Parameters: `pg_settings`.
    PARAMETERS = "parameters.txt";
    /// Values of parameters: `pg_settings.enumvals`, word by word.
    VALUES = "values.txt";
    /// Time zones: `pg_timezone_names`.
    TIME_ZONES = "time_zones.txt";
    /// Words that redacted documents of untouched servers have besides, and wait events: `pg_wait_events`.
    PUBLIC = "public.txt";
    /// Words of the messages of servers and of pgdba, in English.
    PROSE = "prose.txt";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::key::parts;

    #[test]
    fn lists_are_sorted_and_hold_no_word_twice() {
        for (name, words, text) in ALL {
            let listed: Vec<&str> = text.split_whitespace().collect();
            assert!(!listed.is_empty() && listed.len() == words.iter().count(), "{name} has a word twice");
            let mut sorted = listed.clone();
            sorted.sort_unstable();
            assert_eq!(listed, sorted, "{name}");
        }
    }

    /// Else restoring would take a word for a name.
    #[test]
    fn no_word_looks_like_a_token() {
        for (name, words, _) in ALL {
            assert_eq!(words.iter().find(|word| parts(word).is_some()), None, "{name}");
        }
    }
}
