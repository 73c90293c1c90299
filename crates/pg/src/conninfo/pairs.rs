//! `key=value` pairs as libpq reads them: blanks round `=`, values in single quotes, backslash escapes.

use std::iter::Peekable;
use std::str::Chars;

use super::Malformed;

/// The pairs of `text`.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, Malformed> {
    let mut pairs = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        skip_blanks(&mut chars);
        if chars.peek().is_none() {
            return Ok(pairs);
        }
        pairs.push((key(&mut chars)?, value(&mut chars)?));
    }
}

fn skip_blanks(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
}

fn key(chars: &mut Peekable<Chars<'_>>) -> Result<String, Malformed> {
    let mut key = String::new();
    while let Some(c) = chars.next_if(|c| *c != '=' && !c.is_whitespace()) {
        key.push(c);
    }
    skip_blanks(chars);
    match chars.next() {
        Some('=') => Ok(key),
        _ => Err(Malformed::MissingEquals),
    }
}

fn value(chars: &mut Peekable<Chars<'_>>) -> Result<String, Malformed> {
    skip_blanks(chars);
    let quoted = chars.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => value.extend(chars.next()),
            '\'' if quoted => return Ok(value),
            c if c.is_whitespace() && !quoted => return Ok(value),
            c => value.push(c),
        }
    }
    if quoted { Err(Malformed::OpenQuote) } else { Ok(value) }
}
