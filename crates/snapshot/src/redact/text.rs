//! Names inside texts: statements, expressions, lists of names, messages.
//!
//! What is not known to be PostgreSQL's own becomes a token, and a literal, comment or number where the masks have left
//! none becomes one as a whole. So the result holds nothing but words of the vocabularies, signs and tokens.

use super::key::{Key, is_token};
use super::kind::Kind;
use super::lexer::{Piece, pieces};
use super::own;
use super::vocabulary::{FUNCTIONS, KEYWORDS, PARAMETERS, PROSE, RELATIONS, RESERVED, STATEMENT_WORDS, TYPES, VALUES};

/// What kind of text it is, which decides what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// A statement or an expression.
    Sql,
    /// The arguments of a function: names and types.
    Arguments,
    /// A list of names, such as `search_path`.
    Names,
    /// A message for people.
    Prose,
}

/// Words of `synchronous_standby_names`.
const STANDBY_WORDS: [&str; 2] = ["any", "first"];

/// Columns that every table has.
const SYSTEM_COLUMNS: [&str; 7] = ["cmax", "cmin", "ctid", "oid", "tableoid", "xmax", "xmin"];

/// Pairs of words of which the second is a name anywhere else.
const PAIRS: [(&str, &str); 9] = [
    ("at", "local"),
    ("at", "time"),
    ("character", "varying"),
    ("double", "precision"),
    ("national", "char"),
    ("national", "character"),
    ("time", "zone"),
    ("with", "time"),
    ("without", "time"),
];

/// Numbers of a message up to this many digits stay: versions, ports, seconds.
const SHORT_NUMBER: usize = 5;

/// Digits of the longest number that a parameter has; what is longer may be a key.
const LONGEST_NUMBER: usize = 20;

/// `text` with tokens in place of names.
pub(super) fn redact(key: &mut Key, language: Language, text: &str) -> String {
    let all: Vec<Piece<'_>> = pieces(text).collect();
    if language == Language::Sql && is_command(&all) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (at, piece) in all.iter().enumerate() {
        match piece {
            Piece::Sign(sign) => out.push_str(sign),
            Piece::Number(number) if keeps_number(language, number, &all, at) => out.push_str(number),
            Piece::Number(opaque) | Piece::Opaque(opaque) => {
                out.push_str(&format!("'{}'", key.token(Kind::Text, opaque)));
            }
            Piece::Quoted(quoted, inner) => {
                let name = inner.replace("\"\"", "\"");
                if name.is_empty() || own::is_own(Kind::Schema, &name) {
                    out.push_str(quoted);
                } else {
                    out.push_str(&format!("\"{}\"", key.token(Kind::Name, &name)));
                }
            }
            Piece::Word(word) => {
                let place = Place::of(&all, at);
                if keeps(key, language, word, &place) {
                    out.push_str(word)
                } else {
                    out.push_str(&named(key, language, word))
                }
            }
        }
    }
    out
}

fn named(key: &mut Key, language: Language, word: &str) -> String {
    // The server folds ASCII letters only; a message spells a name as it is.
    if language == Language::Prose {
        return key.token(Kind::Name, word);
    }
    key.spelled(Kind::Name, &word.to_ascii_lowercase(), word)
}

/// What the masks leave of a statement that is no query: one or two words, such as `CREATE ROLE`.
fn is_command(all: &[Piece<'_>]) -> bool {
    let mut words = 0;
    all.iter().filter(|piece| !piece.is_blank()).all(|piece| {
        words += 1;
        let Piece::Word(word) = piece else { return false };
        let keyword = word.to_ascii_lowercase();
        words <= 2 && *word == word.to_ascii_uppercase() && (RESERVED.contains(&keyword) || KEYWORDS.contains(&keyword))
    })
}

/// What stands around a word, white space aside.
struct Place {
    /// The word or sign before it, words in lower case.
    before: String,
    /// What qualifies it, where a dot stands before it.
    qualifier: Option<String>,
    /// Whether `::` stands before it.
    is_cast: bool,
    /// The sign or word after it.
    after: String,
}

impl Place {
    fn of(all: &[Piece<'_>], at: usize) -> Self {
        let before: Vec<&Piece<'_>> =
            all.get(..at).unwrap_or_default().iter().rev().filter(|piece| !piece.is_blank()).take(2).collect();
        let text = |back: usize| before.get(back).map(|piece| piece.text()).unwrap_or_default();
        let after = all.get(at + 1..).unwrap_or_default().iter().find(|piece| !piece.is_blank());
        Self {
            before: text(0).to_ascii_lowercase(),
            qualifier: (text(0) == ".").then(|| text(1).to_ascii_lowercase()),
            is_cast: text(0) == ":" && text(1) == ":",
            after: after.map(|piece| piece.text()).unwrap_or_default().to_owned(),
        }
    }

    /// Whether a type is what stands here.
    fn is_type(&self) -> bool {
        self.is_cast || self.after == "?" || self.before == "as" && (self.after == ")" || self.after == "(")
    }

    /// Whether a call is what stands here.
    fn is_call(&self) -> bool {
        self.after == "(" && self.before != "into" && self.before != "with"
    }
}

fn keeps(key: &Key, language: Language, word: &str, place: &Place) -> bool {
    let folded = word.to_ascii_lowercase();
    match language {
        Language::Sql => keeps_in_sql(key, &folded, place),
        Language::Arguments => {
            let is_type = TYPES.contains(&folded) || KEYWORDS.contains(&folded) || RESERVED.contains(&folded);
            is_type && !key.knows(&folded)
        }
        Language::Names if place.qualifier.as_deref() == Some("pg_catalog") => !is_token(word),
        Language::Names => STANDBY_WORDS.contains(&folded.as_str()) || own::is_own_somewhere(word),
        Language::Prose => {
            let is_known = [&PROSE, &RESERVED, &KEYWORDS, &RELATIONS, &FUNCTIONS, &PARAMETERS]
                .iter()
                .any(|words| words.contains(&folded))
                || crate::sections::find(word).is_some()
                || own::is_own(Kind::Role, word);
            is_known && !key.knows(word)
        }
    }
}

/// A bare word of a statement. A user's thing may bear the name of a type, of a function or of most keywords, so what
/// stands where only a name can stand is one.
fn keeps_in_sql(key: &Key, word: &str, place: &Place) -> bool {
    if let Some(qualifier) = &place.qualifier {
        let is_catalog = qualifier == "pg_catalog" || qualifier == "information_schema";
        return SYSTEM_COLUMNS.contains(&word)
            || is_catalog && (RELATIONS.contains(word) || FUNCTIONS.contains(word) || TYPES.contains(word));
    }
    if place.after == "." {
        return matches!(word, "pg_catalog" | "information_schema" | "excluded");
    }
    if RESERVED.contains(word) || STATEMENT_WORDS.contains(word) || PAIRS.contains(&(place.before.as_str(), word)) {
        return true;
    }
    let is_type = TYPES.contains(word) || KEYWORDS.contains(word);
    if place.is_type() && is_type || place.is_call() && (is_type || FUNCTIONS.contains(word)) {
        return true;
    }
    (RELATIONS.contains(word) || SYSTEM_COLUMNS.contains(&word)) && !key.knows(word)
}

fn keeps_number(language: Language, number: &str, all: &[Piece<'_>], at: usize) -> bool {
    // A token that follows at once would be read as part of the number.
    if matches!(all.get(at + 1), Some(Piece::Word(_))) || number.len() > SHORT_NUMBER {
        return false;
    }
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    match language {
        Language::Sql | Language::Arguments => false,
        Language::Names => is_plain,
        Language::Prose => is_plain || Place::of(all, at).before == "sqlstate",
    }
}

/// Whether every word of `value` is one that parameters have as a value, or a number with one of the server's units.
pub(super) fn is_harmless_value(value: &str) -> bool {
    let is_separator = |c: char| c == ',' || c == ' ';
    value == pgdba_pg::mask::MASK
        || value
            .split(is_separator)
            .all(|word| is_number(word) || VALUES.contains(&word.to_ascii_lowercase()) || is_switch(word))
}

fn is_switch(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "" | "on" | "off" | "true" | "false" | "yes" | "no" | "t" | "f")
}

fn is_number(word: &str) -> bool {
    let end = word.rfind(|c: char| c.is_ascii_digit() || c == '.').map_or(0, |end| end + 1);
    let (number, unit) = word.split_at(end);
    let is_unit = matches!(unit, "" | "B" | "kB" | "MB" | "GB" | "TB" | "us" | "ms" | "s" | "min" | "h" | "d");
    is_unit && (number.is_empty() || number.len() <= LONGEST_NUMBER && number.parse::<f64>().is_ok())
}

/// Whether a word of `text` looks like a token, so that it cannot stay as it is.
pub(super) fn holds_token(text: &str) -> bool {
    pieces(text).any(|piece| match piece {
        Piece::Word(word) | Piece::Quoted(_, word) => is_token(word),
        Piece::Opaque(_) => true,
        Piece::Sign(_) | Piece::Number(_) => false,
    })
}

/// `text` with names in place of tokens: the opposite of every way in which a text is redacted.
pub(super) fn restore(key: &Key, text: &str) -> String {
    if let Some(name) = key.name(text) {
        return name.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        let restored = match piece {
            Piece::Word(token) => key.name(token).map(str::to_owned),
            Piece::Quoted(_, token) => key.name(token).map(|name| format!("\"{}\"", name.replace('"', "\"\""))),
            Piece::Opaque(opaque) => restore_opaque(key, opaque),
            Piece::Sign(_) | Piece::Number(_) => None,
        };
        match restored {
            Some(restored) => out.push_str(&restored),
            None => out.push_str(piece.text()),
        }
    }
    out
}

/// `'text1''text2'`: tokens of opaque pieces, one after the other.
fn restore_opaque(key: &Key, opaque: &str) -> Option<String> {
    let inner = opaque.strip_prefix('\'')?.strip_suffix('\'')?;
    inner.split("''").map(|token| key.name(token)).collect::<Option<String>>()
}
