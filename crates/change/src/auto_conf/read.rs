//! The server's reading of a configuration file.

use thiserror::Error;

use super::entry::{Comment, Entry};

/// Names that are no parameters: the server reads other files there.
const INCLUDES: [&str; 3] = ["include", "include_dir", "include_if_exists"];

/// Why a `postgresql.auto.conf` cannot be worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line} of postgresql.auto.conf {reason}")]
pub struct ReadError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is the matter with it.
    pub reason: Unreadable,
}

/// What is the matter with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// The server cannot read it either.
    #[error("has a syntax error; ALTER SYSTEM fails until it is corrected")]
    Syntax,
    /// ALTER SYSTEM would put the other file's entries in its place.
    #[error("includes another file; set its parameters in postgresql.conf instead")]
    Include,
    /// ALTER SYSTEM would write a line break that it cannot read again.
    #[error("sets a value with a line break; the next ALTER SYSTEM would make the file unreadable")]
    Newline,
    /// The server's reading of it ends at the zero byte.
    #[error("contains a zero byte; remove it")]
    Nul,
    /// The name of no parameter of the server's, nor of an extension's.
    #[error("has a name that is not valid UTF-8; remove it")]
    Name,
}

/// The entries of a file, in its order.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry>, ReadError> {
    Ok(numbered(bytes)?.into_iter().map(|(_, entry)| entry).collect())
}

/// The entries with their lines, counted from 1.
pub(super) fn numbered(bytes: &[u8]) -> Result<Vec<(usize, Entry)>, ReadError> {
    let mut entries = Vec::new();
    for (number, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let failed = |reason| ReadError { line: number + 1, reason };
        if let Some(Assignment { name, value, .. }) = assignment(line).map_err(failed)? {
            entries.push((number + 1, checked(name, value).map_err(failed)?));
        }
    }
    Ok(entries)
}

/// The comments of a file that can be read, in its order.
pub(super) fn comments(bytes: &[u8]) -> Vec<Comment> {
    let lines = bytes.split(|&byte| byte == b'\n').enumerate();
    let comments = lines.filter_map(|(number, line)| {
        let text = String::from_utf8_lossy(comment(line)?);
        Some(Comment { line: number + 1, text: text.trim_end().to_owned() })
    });
    comments.collect()
}

/// The comment at the end of a line.
fn comment(mut line: &[u8]) -> Option<&[u8]> {
    while let Ok(Some((_, rest))) = token(line) {
        line = rest;
    }
    let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    line.get(blanks..).filter(|rest| rest.first() == Some(&b'#'))
}

fn checked(name: &[u8], value: Vec<u8>) -> Result<Entry, Unreadable> {
    let name = std::str::from_utf8(name).map_err(|_| Unreadable::Name)?.to_owned();
    if INCLUDES.iter().any(|include| include.eq_ignore_ascii_case(&name)) {
        return Err(Unreadable::Include);
    }
    if value.contains(&0) {
        return Err(Unreadable::Nul);
    }
    if value.contains(&b'\n') {
        return Err(Unreadable::Newline);
    }
    Ok(Entry { name, value })
}

/// What one line sets.
pub(super) struct Assignment<'a> {
    /// The name as it is spelled there.
    pub(super) name: &'a [u8],
    /// The value without quotes and escapes.
    pub(super) value: Vec<u8>,
    /// Where in the line the value is, with its quotes.
    pub(super) value_at: std::ops::Range<usize>,
}

/// What one line sets; `None` where it is empty or a comment. No token goes beyond a line.
pub(super) fn assignment(line: &[u8]) -> Result<Option<Assignment<'_>>, Unreadable> {
    if line.contains(&0) {
        return Err(Unreadable::Nul);
    }
    let Some((name, rest)) = token(line)? else { return Ok(None) };
    if !matches!(name.kind, Kind::Id | Kind::QualifiedId) {
        return Err(Unreadable::Syntax);
    }
    let mut next = token(rest)?.ok_or(Unreadable::Syntax)?;
    if next.0.kind == Kind::Equals {
        next = token(next.1)?.ok_or(Unreadable::Syntax)?;
    }
    let (value, rest) = next;
    if token(rest)?.is_some() {
        return Err(Unreadable::Syntax);
    }
    let text = match value.kind {
        Kind::Quoted => unquoted(value.text),
        Kind::Id | Kind::Plain => value.text.to_vec(),
        Kind::QualifiedId | Kind::Equals => return Err(Unreadable::Syntax),
    };
    let end = line.len() - rest.len();
    Ok(Some(Assignment { name: name.text, value: text, value_at: end - value.text.len()..end }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Id,
    QualifiedId,
    /// A number, or a word with other characters than those of a name.
    Plain,
    /// With its quotes.
    Quoted,
    Equals,
}

#[derive(Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    text: &'a [u8],
}

/// The next token and what follows it: of the forms that fit here the longest, and of those the first.
fn token(line: &[u8]) -> Result<Option<(Token<'_>, &[u8])>, Unreadable> {
    let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    let line = line.get(blanks..).unwrap_or_default();
    let Some(&first) = line.first() else { return Ok(None) };
    if first == b'#' {
        return Ok(None);
    }
    let forms = [
        (Kind::Id, id(line)),
        (Kind::QualifiedId, qualified_id(line)),
        (Kind::Quoted, quoted(line)),
        (Kind::Plain, word(line)),
        (Kind::Plain, integer(line)),
        (Kind::Plain, real(line)),
        (Kind::Equals, usize::from(first == b'=')),
    ];
    // max_by_key takes the last of equals.
    let (kind, length) = forms.into_iter().rev().max_by_key(|(_, length)| *length).unwrap_or((Kind::Equals, 0));
    let (text, rest) = line.split_at_checked(length).ok_or(Unreadable::Syntax)?;
    if length == 0 { Err(Unreadable::Syntax) } else { Ok(Some((Token { kind, text }, rest))) }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_letter_or_digit(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit()
}

fn run(text: &[u8], holds: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|&&byte| holds(byte)).count()
}

/// The length of what begins at `start` and holds, 0 where nothing does.
fn run_from(text: &[u8], start: usize, holds: impl Fn(u8) -> bool) -> usize {
    text.get(start..).map_or(0, |rest| run(rest, holds))
}

fn id(text: &[u8]) -> usize {
    if text.first().is_some_and(|&byte| is_letter(byte)) { run(text, is_letter_or_digit) } else { 0 }
}

fn qualified_id(text: &[u8]) -> usize {
    let first = id(text);
    let second = text.get(first + 1..).map_or(0, id);
    if first > 0 && second > 0 && text.get(first) == Some(&b'.') { first + 1 + second } else { 0 }
}

fn word(text: &[u8]) -> usize {
    let holds = |byte| is_letter_or_digit(byte) || matches!(byte, b'-' | b'.' | b'_' | b':' | b'/');
    if text.first().is_some_and(|&byte| is_letter(byte)) { run(text, holds) } else { 0 }
}

fn sign(text: &[u8]) -> usize {
    usize::from(matches!(text.first(), Some(b'-' | b'+')))
}

fn integer(text: &[u8]) -> usize {
    let start = sign(text);
    let decimal = run_from(text, start, |byte| byte.is_ascii_digit());
    let is_hexadecimal = text.get(start..).is_some_and(|digits| digits.starts_with(b"0x"));
    let hexadecimal = if is_hexadecimal { run_from(text, start + 2, |byte| byte.is_ascii_hexdigit()) } else { 0 };
    let digits = if hexadecimal > 0 { 2 + hexadecimal } else { decimal };
    let end = start + digits;
    if digits == 0 { 0 } else { end + run_from(text, end, |byte| byte.is_ascii_alphabetic()) }
}

fn real(text: &[u8]) -> usize {
    let whole = sign(text) + run_from(text, sign(text), |byte| byte.is_ascii_digit());
    if text.get(whole) != Some(&b'.') {
        return 0;
    }
    let mantissa = whole + 1 + run_from(text, whole + 1, |byte| byte.is_ascii_digit());
    if !matches!(text.get(mantissa), Some(b'e' | b'E')) {
        return mantissa;
    }
    let digits_from = mantissa + 1 + text.get(mantissa + 1..).map_or(0, sign);
    match run_from(text, digits_from, |byte| byte.is_ascii_digit()) {
        0 => mantissa,
        digits => digits_from + digits,
    }
}

/// The length of a quoted text with its quotes; two quotes and a backslash with what follows it belong to it.
fn quoted(text: &[u8]) -> usize {
    if text.first() != Some(&b'\'') {
        return 0;
    }
    let mut position = 1;
    loop {
        match (text.get(position), text.get(position + 1)) {
            (Some(b'\''), Some(b'\'')) | (Some(b'\\'), Some(_)) => position += 2,
            (Some(b'\''), _) => return position + 1,
            (Some(b'\\'), None) | (None, _) => return 0,
            (Some(_), _) => position += 1,
        }
    }
}

/// The text between the quotes, without its escapes.
fn unquoted(quoted: &[u8]) -> Vec<u8> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut value = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\'' => {
                rest.next();
                value.push(byte);
            }
            b'\\' => match rest.next() {
                Some(digit @ b'0'..=b'7') => {
                    let mut code = u32::from(digit - b'0');
                    for _ in 0..2 {
                        let Some(digit) = rest.next_if(|next| matches!(next, b'0'..=b'7')) else { break };
                        code = code * 8 + u32::from(digit - b'0');
                    }
                    // Beyond 377 the server keeps the low eight bits.
                    value.push((code & 0xff) as u8);
                }
                Some(other) => value.push(escaped(other)),
                None => {}
            },
            _ => value.push(byte),
        }
    }
    value
}

fn escaped(byte: u8) -> u8 {
    match byte {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}
