//! Where a token ends.

use super::Kind;
use super::keyword::is_reserved;

/// The characters that operators are made of.
const OPERATORS: &str = "~!@#^&|`?+-*/%<>=";

/// What a backslash is in a string without a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backslash {
    /// A character as any other: `standard_conforming_strings` is on.
    Character,
    /// It escapes the next character.
    Escape,
    /// One or the other, so that a string ends only where both agree.
    Unknown,
}

/// Kind and length in bytes of the token that `text` begins with; `None` at its end.
pub(super) fn first(text: &str, backslash: Backslash) -> Option<(Kind, usize)> {
    let first = text.chars().next()?;
    Some(match first {
        c if c.is_whitespace() => (Kind::Space, run(text, char::is_whitespace)),
        '-' if text.starts_with("--") => (Kind::Comment, text.find('\n').unwrap_or(text.len())),
        '/' if text.starts_with("/*") => whole(Kind::Comment, comment(text), text),
        '"' => whole(Kind::QuotedName, quoted(text, 1, '"'), text),
        '$' => dollar(text),
        '.' if text.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) => {
            (Kind::Number, 1 + number(text.get(1..).unwrap_or_default()))
        }
        c if c.is_ascii_digit() => (Kind::Number, number(text)),
        c if begins_word(c) || c == '\'' => word_or_string(text, backslash),
        c if OPERATORS.contains(c) => (Kind::Operator, operator(text)),
        ':' if text.starts_with("::") => (Kind::Sign, 2),
        c => (Kind::Sign, c.len_utf8()),
    })
}

/// A token of `kind` that ends at `end`, or one without an end.
fn whole(kind: Kind, end: Option<usize>, text: &str) -> (Kind, usize) {
    end.map_or((Kind::Unclosed, text.len()), |end| (kind, end))
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// PostgreSQL's rule. Besides, control characters, which no statement has outside of quotes, belong to names.
fn begins_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii() || (c.is_ascii_control() && !c.is_ascii_whitespace())
}

/// Whether `c` can continue an identifier.
pub(super) fn continues_word(c: char) -> bool {
    (begins_word(c) && !c.is_whitespace()) || c.is_ascii_digit() || c == '$'
}

/// A word, or a literal or name in quotes with its prefix.
fn word_or_string(text: &str, backslash: Backslash) -> (Kind, usize) {
    let opens = |length: usize, quote: char| text.get(length..).is_some_and(|rest| rest.starts_with(quote));
    let first = text.chars().next().unwrap_or_default();
    if first == '\'' {
        return whole(Kind::String, plain_string(text, 1, backslash), text);
    }
    if "eE".contains(first) && opens(1, '\'') {
        return whole(Kind::String, escaped_string(text, 2), text);
    }
    if "bBxXnN".contains(first) && opens(1, '\'') {
        return whole(Kind::String, plain_string(text, 2, backslash), text);
    }
    if "uU".contains(first) && opens(1, '&') {
        if opens(2, '\'') {
            // A backslash introduces a character here, never a quote.
            return whole(Kind::String, quoted(text, 3, '\''), text);
        }
        if opens(2, '"') {
            return whole(Kind::UnicodeName, quoted(text, 3, '"'), text);
        }
    }
    (Kind::Word, run(text, continues_word))
}

/// The end of what `quote` closes, a doubled one passed over; what is quoted begins at `start`.
fn quoted(text: &str, start: usize, quote: char) -> Option<usize> {
    let mut chars = text.get(start..)?.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(start + at + quote.len_utf8());
        }
    }
    None
}

/// The same of a string in which a backslash escapes.
fn escaped_string(text: &str, start: usize) -> Option<usize> {
    let mut chars = text.get(start..)?.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '\'' if chars.next_if(|(_, next)| *next == '\'').is_none() => return Some(start + at + 1),
            _ => {}
        }
    }
    None
}

/// The end of a string without a prefix.
fn plain_string(text: &str, start: usize, backslash: Backslash) -> Option<usize> {
    match backslash {
        Backslash::Character => quoted(text, start, '\''),
        Backslash::Escape => escaped_string(text, start),
        Backslash::Unknown => quoted(text, start, '\'').filter(|end| escaped_string(text, start) == Some(*end)),
    }
}

/// The end of a comment in which others may be nested.
fn comment(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// `$1`; `$tag$ … $tag$`; a dollar alone.
fn dollar(text: &str) -> (Kind, usize) {
    let body = text.get(1..).unwrap_or_default();
    let digits = run(body, |c| c.is_ascii_digit());
    if digits > 0 {
        return (Kind::Parameter, 1 + digits);
    }
    let name = run(body, |c| continues_word(c) && c != '$');
    let opens = body.get(name..).is_some_and(|after| after.starts_with('$'));
    if !opens {
        // A tag that the end of the text cuts off opens a literal too.
        return if name > 0 && name == body.len() { (Kind::Unclosed, text.len()) } else { (Kind::Sign, 1) };
    }
    let (tag, rest) = text.split_at(name + 2);
    whole(Kind::DollarString, rest.find(tag).map(|end| end + 2 * tag.len()), text)
}

/// Bytes of a number, and of letters that no space separates from it.
fn number(text: &str) -> usize {
    let belongs = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    let end = run(text, belongs);
    let digits = run(text, |c| c.is_ascii_digit());
    // Up to version 14 a keyword may follow at once: `1or`.
    if text.get(digits..end).is_some_and(is_reserved) {
        return digits;
    }
    let (mantissa, rest) = text.split_at(end);
    let is_exponent = mantissa
        .strip_suffix(['e', 'E'])
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'_'));
    let exponent = rest.strip_prefix(['+', '-']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match exponent.filter(|_| is_exponent) {
        Some(exponent) => end + 1 + run(exponent, |c| c.is_ascii_digit() || c == '_'),
        None => end,
    }
}

/// Bytes of an operator, which ends where a comment begins.
fn operator(text: &str) -> usize {
    let end = run(text, |c| OPERATORS.contains(c));
    let operator = text.get(..end).unwrap_or_default();
    let comment = ["--", "/*"].iter().filter_map(|start| operator.find(start)).min();
    comment.unwrap_or(end)
}
