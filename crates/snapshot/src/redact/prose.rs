//! Messages for people, taken apart into words. An apostrophe or a dollar sign means nothing here.

/// A piece of a message. The pieces of a message, put together, are the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A word.
    Word(&'a str),
    /// Digits, and what clings to them.
    Number(&'a str),
    /// What stands between double quotes, without them; quotes inside are doubled.
    Quoted(&'a str),
    /// Anything else.
    Sign(&'a str),
}

/// The pieces of `text`.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let (piece, length) = piece(first, rest);
        rest = rest.get(length..).unwrap_or_default();
        Some(piece)
    })
}

/// The piece that `text` begins with, and how many bytes it takes.
fn piece(first: char, text: &str) -> (Piece<'_>, usize) {
    if first == '"'
        && let Some(inner) = quoted(text)
    {
        return (Piece::Quoted(inner), inner.len() + 2);
    }
    if first.is_ascii_digit() {
        let length = number(text);
        return (Piece::Number(text.get(..length).unwrap_or(text)), length);
    }
    let length = if is_in_word(first) { text.find(|c| !is_in_word(c)).unwrap_or(text.len()) } else { first.len_utf8() };
    let piece = text.get(..length).unwrap_or(text);
    (if is_in_word(first) { Piece::Word(piece) } else { Piece::Sign(piece) }, length)
}

/// What the double quote at the start of `text` closes on.
fn quoted(text: &str) -> Option<&str> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '"' && chars.next_if(|(_, next)| *next == '"').is_none() {
            return text.get(1..at);
        }
    }
    None
}

/// Bytes of a number, with dots between its digits.
fn number(text: &str) -> usize {
    let mut length = 0;
    for part in text.split('.') {
        let end = part.find(|c| !is_in_word(c)).unwrap_or(part.len());
        if end == 0 {
            break;
        }
        length += end + usize::from(length > 0);
        if end < part.len() {
            break;
        }
    }
    length
}

/// Control characters too: no message has any but in a name.
fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '_'
        || (!c.is_ascii() && !c.is_whitespace())
        || (c.is_ascii_control() && !c.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_fall_apart_into_words() {
        let shown: Vec<_> =
            pieces("the server's table \"a\"\"b\" of 10.0.0.5.").map(|piece| format!("{piece:?}")).collect();
        assert!(shown.contains(&"Word(\"server\")".to_owned()) && shown.contains(&"Word(\"s\")".to_owned()));
        assert!(
            shown.contains(&"Quoted(\"a\\\"\\\"b\")".to_owned()) && shown.contains(&"Number(\"10.0.0.5\")".to_owned())
        );
        assert_eq!(shown.last().map(String::as_str), Some("Sign(\".\")"));
    }
}
