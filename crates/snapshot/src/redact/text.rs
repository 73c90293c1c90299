//! Names inside texts: statements, expressions, lists of names, messages.
//!
//! What is not known to be PostgreSQL's own becomes a token, and a literal, comment or number where the masks have left
//! none becomes one as a whole. So the result holds nothing but words of the vocabularies, signs and tokens.

use std::sync::LazyLock;

use pgdba_pg::lexer::{Kind as TokenKind, Placed, Token, Use, is_reserved, placed, tokens};
use pgdba_pg::mask::sql::{NO_STATEMENT, is_summary, quoted_parameter};

use super::autovacuum;
use super::key::{Key, is_token};
use super::kind::Kind;
use super::own;
use super::prose::{self, Piece};
use super::statement::Statement;
use super::vocabulary::{FUNCTIONS, KEYWORDS, PARAMETERS, PROSE, RELATIONS, TYPES, VALUES};
use crate::permission::{REPLACED, WITHOUT_TEXTS, limitation};
use crate::sections;

/// What kind of text it is, which decides what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// A statement.
    Sql,
    /// An expression of the catalogs, in which `?` and a hash stand for a constant.
    Expression,
    /// The arguments of a function: names and types.
    Arguments,
    /// A list of names, such as `search_path`.
    Names,
    /// A message for people.
    Prose,
}

/// Collations of every server.
const COLLATIONS: [&str; 6] = ["C", "POSIX", "default", "pg_c_utf8", "ucs_basic", "unicode"];

/// Words of `synchronous_standby_names`.
const STANDBY_WORDS: [&str; 2] = ["any", "first"];

/// Numbers of a message up to this many digits stay: versions, ports, seconds.
const SHORT_NUMBER: usize = 5;

/// Digits of the longest number that a parameter has; what is longer may be a key.
const LONGEST_NUMBER: usize = 20;

/// Characters of the hash that a mask puts behind `?`.
const HASH: usize = 8;

/// `text` with tokens in place of names.
pub(super) fn redact(key: &mut Key, language: Language, text: &str) -> String {
    if language == Language::Prose {
        return redact_message(key, text);
    }
    if language == Language::Sql {
        if is_summary(text) || NO_STATEMENT.contains(&text) {
            return text.to_owned();
        }
        if let Some(activity) = autovacuum::redact(key, text) {
            return activity;
        }
    }
    let all = placed(text);
    let statement = Statement::new(&all);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(placed) = all.get(at) {
        if let Some(clause) = escaped_name(&all, at) {
            // What it stands for, with its escapes, is nothing that occurs elsewhere.
            let name: String = all.iter().skip(at).take(clause).map(|placed| placed.token.text).collect();
            out.push_str(&key.token(Kind::Name, &name));
            at += clause;
            continue;
        }
        let (before, after) = (at.checked_sub(1).and_then(|at| all.get(at)), all.get(at + 1));
        let stays = match placed.token.kind {
            TokenKind::Space | TokenKind::Operator | TokenKind::Sign | TokenKind::Parameter => true,
            TokenKind::Number | TokenKind::Word if language == Language::Expression && is_hash(placed, before) => true,
            TokenKind::Number => keeps_number(language, placed, after),
            TokenKind::QuotedName => is_collation(&all, at),
            TokenKind::String => placed.used_as == Use::Typed && quoted_parameter(placed.token.text).is_some(),
            TokenKind::Word => {
                let folded = placed.token.text.to_ascii_lowercase();
                match language {
                    Language::Sql | Language::Expression => statement.place(at).keeps(key, &folded),
                    _ => keeps(key, language, placed.token.text, before_dot(&all, at)),
                }
            }
            _ => false,
        };
        match stays {
            true => out.push_str(placed.token.text),
            false => out.push_str(&replaced(key, &placed.token)),
        }
        at += 1;
    }
    out
}

/// How many tokens `U&"…"` takes that begins at `at`, with its UESCAPE.
fn escaped_name(all: &[Placed<'_>], at: usize) -> Option<usize> {
    let rest = all.get(at..)?;
    rest.first().filter(|placed| placed.token.kind == TokenKind::UnicodeName)?;
    let mut significant = rest.iter().enumerate().skip(1).filter(|(_, placed)| !placed.token.is_blank());
    let escapes = significant.next().is_some_and(|(_, placed)| placed.token.is_word("uescape"));
    let escape = significant.next().filter(|(_, placed)| escapes && placed.token.kind == TokenKind::String);
    Some(escape.map_or(1, |(length, _)| length + 1))
}

/// Whether it is a collation of every server, behind COLLATE and perhaps its schema.
fn is_collation(all: &[Placed<'_>], at: usize) -> bool {
    let name = all.get(at).and_then(|placed| placed.token.quoted_name()).unwrap_or_default();
    let before = all.get(..at).unwrap_or_default().iter().rev().filter(|placed| !placed.token.is_blank());
    let before: Vec<Token<'_>> = before.take(3).map(|placed| placed.token).collect();
    let is_behind = match before.as_slice() {
        [dot, schema, collate] if dot.text == "." && schema.is_word("pg_catalog") => collate.is_word("collate"),
        [collate, ..] => collate.is_word("collate"),
        [] => false,
    };
    COLLATIONS.contains(&name) && is_behind
}

/// The token that stands for a piece of a statement or list.
fn replaced(key: &mut Key, token: &Token<'_>) -> String {
    match (token.kind, token.quoted_name()) {
        (TokenKind::Word, _) => key.spelled(Kind::Name, &token.text.to_ascii_lowercase(), token.text),
        (_, Some(inner)) => {
            let name = inner.replace("\"\"", "\"");
            if name.is_empty() || own::is_own(Kind::Schema, &name) {
                return token.text.to_owned();
            }
            format!("\"{}\"", key.token(Kind::Name, &name))
        }
        _ => format!("'{}'", key.token(Kind::Text, token.text)),
    }
}

/// What qualifies the word at `at`, where a dot stands before it.
fn before_dot<'t>(all: &[Placed<'t>], at: usize) -> Option<&'t str> {
    let mut before = all.get(..at)?.iter().rev().filter(|placed| !placed.token.is_blank());
    let dot = before.next()?;
    (dot.token.text == ".").then(|| before.next().map_or("", |placed| placed.token.text))
}

/// Whether it is what a mask has put behind `?`.
fn is_hash(placed: &Placed<'_>, before: Option<&Placed<'_>>) -> bool {
    let hash = placed.token.text;
    let follows =
        before.is_some_and(|before| before.token.kind == TokenKind::Operator && before.token.text.ends_with('?'));
    follows && hash.len() == HASH && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn keeps_number(language: Language, placed: &Placed<'_>, after: Option<&Placed<'_>>) -> bool {
    match language {
        Language::Sql | Language::Expression => placed.used_as.is_shape(),
        // A token that follows at once would be read as part of the number.
        Language::Names => {
            let number = placed.token.text;
            let is_plain = number.len() <= SHORT_NUMBER && number.bytes().all(|byte| byte.is_ascii_digit());
            is_plain && after.is_none_or(|after| after.token.kind != TokenKind::Word)
        }
        Language::Arguments | Language::Prose => false,
    }
}

/// Whether a word of a list stays.
fn keeps(key: &Key, language: Language, word: &str, qualifier: Option<&str>) -> bool {
    let folded = word.to_ascii_lowercase();
    match language {
        Language::Arguments => {
            let is_type = TYPES.contains(&folded) || KEYWORDS.contains(&folded) || is_reserved(&folded);
            is_type && !key.knows(&folded)
        }
        // Before a token in quotes, a single letter would be the prefix of a literal, such as `x'text1'`. No object has such a name.
        Language::Names if qualifier.is_some_and(|schema| schema.eq_ignore_ascii_case("pg_catalog")) => {
            word.len() > 1 && !is_token(word)
        }
        _ => STANDBY_WORDS.contains(&folded.as_str()) || own::is_own_somewhere(word),
    }
}

/// A message with tokens in place of names; one of pgdba's own stays.
fn redact_message(key: &mut Key, text: &str) -> String {
    // Behind the name of a section or a database, too.
    let own = OWN_MESSAGES.iter().find_map(|message| text.strip_suffix(message.as_str()).map(|head| (head, message)));
    let (text, own) = own.map_or((text, ""), |(head, message)| (head, message.as_str()));
    let mut out = String::with_capacity(text.len());
    let mut before = "";
    for piece in prose::pieces(text) {
        match piece {
            Piece::Sign(sign) => out.push_str(sign),
            Piece::Number(number) if keeps_in_message(number, before) => out.push_str(number),
            Piece::Number(number) => out.push_str(&key.token(Kind::Text, number)),
            Piece::Quoted(inner) => {
                let name = inner.replace("\"\"", "\"");
                let stays = name.is_empty() || own::is_own(Kind::Schema, &name) || own::is_own(Kind::Parameter, &name);
                let shown = if stays && !key.knows(&name) { inner.to_owned() } else { key.token(Kind::Name, &name) };
                out.push_str(&format!("\"{shown}\""));
            }
            Piece::Word(word) if is_word_of_messages(key, word) => out.push_str(word),
            Piece::Word(word) => out.push_str(&key.token(Kind::Name, word)),
        }
        if let Piece::Word(word) = piece {
            before = word;
        }
    }
    out + own
}

/// Whether `word` is one of the server's or pgdba's messages, and no name of this document.
fn is_word_of_messages(key: &Key, word: &str) -> bool {
    let folded = word.to_ascii_lowercase();
    let is_known = [&PROSE, &KEYWORDS, &RELATIONS, &FUNCTIONS, &PARAMETERS].iter().any(|words| words.contains(&folded))
        || is_reserved(&folded)
        || own::is_own(Kind::Role, word)
        || own::is_own(Kind::Schema, word);
    sections::find(word).is_some() || is_known && !key.knows(word)
}

fn keeps_in_message(number: &str, before: &str) -> bool {
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    let is_state = || before.eq_ignore_ascii_case("sqlstate") && number.len() == SHORT_NUMBER;
    let is_version = || before.eq_ignore_ascii_case("version") && number.parse::<f32>().is_ok();
    number.len() <= SHORT_NUMBER && (is_plain || is_state() || is_version())
}

/// Messages of pgdba in which no name can stand.
static OWN_MESSAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let limitations = sections::ALL.iter().filter_map(|spec| spec.complete_with.map(limitation));
    let otherwise = sections::ALL.iter().filter_map(|spec| spec.privileged.as_ref()?.otherwise.map(str::to_owned));
    limitations.chain(otherwise).chain([REPLACED, WITHOUT_TEXTS].map(str::to_owned)).collect()
});

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
    tokens(text).any(|token| match token.kind {
        TokenKind::Space | TokenKind::Sign | TokenKind::Operator | TokenKind::Number | TokenKind::Parameter => false,
        TokenKind::Word => is_token(token.text),
        _ => token.quoted_name().is_none_or(is_token),
    })
}

/// `text` with names in place of tokens: the opposite of every way in which a text is redacted.
pub(super) fn restore(key: &Key, language: Option<Language>, text: &str) -> String {
    if let Some(name) = key.name(text) {
        return name.to_owned();
    }
    let quoted = |token: &str| key.name(token).map(|name| format!("\"{}\"", name.replace('"', "\"\"")));
    let mut out = String::with_capacity(text.len());
    if language == Some(Language::Prose) {
        for piece in prose::pieces(text) {
            match piece {
                Piece::Word(token) => out.push_str(key.name(token).unwrap_or(token)),
                Piece::Quoted(token) => out.push_str(&quoted(token).unwrap_or_else(|| format!("\"{token}\""))),
                Piece::Number(text) | Piece::Sign(text) => out.push_str(text),
            }
        }
        return out;
    }
    for token in tokens(text) {
        let restored = match token.kind {
            TokenKind::Word => key.name(token.text).map(str::to_owned),
            TokenKind::String => restore_opaque(key, token.text),
            _ => token.quoted_name().and_then(quoted),
        };
        match restored {
            Some(restored) => out.push_str(&restored),
            None => out.push_str(token.text),
        }
    }
    out
}

/// `'text1''text2'`: tokens of opaque pieces, one after the other.
fn restore_opaque(key: &Key, opaque: &str) -> Option<String> {
    let inner = opaque.strip_prefix('\'')?.strip_suffix('\'')?;
    inner.split("''").map(|token| key.name(token)).collect::<Option<String>>()
}
