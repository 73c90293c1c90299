//! Takes a text apart: words, quoted names, and what is neither and may hold anything.

/// A piece of a text. Pieces put together again are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// An identifier or keyword without quotes.
    Word(&'a str),
    /// A name in double quotes: all of it, and what stands between them.
    Quoted(&'a str, &'a str),
    /// A parameter such as `$1`, white space, an operator or another sign.
    Sign(&'a str),
    /// Digits and what clings to them.
    Number(&'a str),
    /// A literal, a comment, or what has no end.
    Opaque(&'a str),
}

impl<'a> Piece<'a> {
    /// The piece as it stands in the text.
    pub(super) fn text(&self) -> &'a str {
        match self {
            Self::Word(text) | Self::Quoted(text, _) | Self::Sign(text) | Self::Number(text) | Self::Opaque(text) => {
                text
            }
        }
    }

    /// Whether it is white space.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Sign(text) if text.trim().is_empty())
    }
}

/// The pieces of `text`.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = length(first, rest).clamp(first.len_utf8(), rest.len());
        let (piece, left) = rest.split_at(length);
        rest = left;
        Some(classify(first, piece))
    })
}

/// Bytes of the piece that `text` begins with.
fn length(first: char, text: &str) -> usize {
    match first {
        '"' | '\'' => closing(text, first),
        '-' if text.starts_with("--") => text.find('\n').unwrap_or(text.len()),
        '/' if text.starts_with("/*") => comment(text),
        '$' => dollar(text),
        c if c.is_ascii_digit() => run(text, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_'),
        c if begins_word(c) => run(text, is_in_word),
        c => c.len_utf8(),
    }
}

fn classify(first: char, piece: &str) -> Piece<'_> {
    match first {
        '"' => match piece.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            Some(inner) => Piece::Quoted(piece, inner),
            None => Piece::Opaque(piece),
        },
        '\'' => Piece::Opaque(piece),
        '-' | '/' | '$' if piece.len() > 1 && !is_parameter(piece) => Piece::Opaque(piece),
        c if c.is_ascii_digit() => Piece::Number(piece),
        c if begins_word(c) => Piece::Word(piece),
        _ => Piece::Sign(piece),
    }
}

/// To the closing `quote`, a doubled one passed over; else to the end.
fn closing(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + quote.len_utf8();
        }
    }
    text.len()
}

/// To the end of a comment in which others may be nested.
fn comment(text: &str) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// `$1`; `$tag$ … $tag$`, without an end to the end of the text; a dollar alone.
fn dollar(text: &str) -> usize {
    let body = text.get(1..).unwrap_or_default();
    let digits = run(body, |c| c.is_ascii_digit());
    if digits > 0 {
        return 1 + digits;
    }
    let name = run(body, |c| is_in_word(c) && c != '$');
    let opens = body.get(name..).is_some_and(|after| after.starts_with('$'));
    // A tag that the end of the text cuts off opens something too.
    if !opens {
        return if name > 0 && name == body.len() { text.len() } else { 1 };
    }
    let tag_length = name + 2;
    let (tag, rest) = text.split_at(tag_length.min(text.len()));
    rest.find(tag).map_or(text.len(), |end| tag_length + end + tag_length)
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn is_parameter(piece: &str) -> bool {
    piece.strip_prefix('$').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// PostgreSQL's rule; besides, what no statement can hold outside of quotes is taken for part of a name.
fn begins_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii() || (c.is_ascii_control() && !c.is_ascii_whitespace())
}

fn is_in_word(c: char) -> bool {
    begins_word(c) || c.is_ascii_digit() || c == '$'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        pieces(text).filter(|piece| !piece.is_blank()).map(|piece| format!("{piece:?}")).collect()
    }

    #[test]
    fn texts_fall_apart_as_the_server_would_read_them() {
        assert_eq!(
            shown("select \"A\"\"b\", t.c$1 from é where x=$1"),
            [
                "Word(\"select\")",
                "Quoted(\"\\\"A\\\"\\\"b\\\"\", \"A\\\"\\\"b\")",
                "Sign(\",\")",
                "Word(\"t\")",
                "Sign(\".\")",
                "Word(\"c$1\")",
                "Word(\"from\")",
                "Word(\"é\")",
                "Word(\"where\")",
                "Word(\"x\")",
                "Sign(\"=\")",
                "Sign(\"$1\")",
            ]
        );
        for opaque in
            ["'it''s'", "'open", "\"open", "/* a /* b */ c */", "/* a /* b */", "$q$ $ $q$", "$$ open", "$tag"]
        {
            assert_eq!(shown(opaque), [format!("Opaque({opaque:?})")]);
        }
        assert_eq!(shown("-- a\nb"), ["Opaque(\"-- a\")", "Word(\"b\")"]);
        assert_eq!(shown("10.0.0.5 0x1f"), ["Number(\"10.0.0.5\")", "Number(\"0x1f\")"]);
        assert_eq!(shown("- / $ +"), ["Sign(\"-\")", "Sign(\"/\")", "Sign(\"$\")", "Sign(\"+\")"]);
    }

    proptest! {
        #[test]
        fn pieces_are_the_text(text in "[a-z0-9\"'$/*\\-\n .é]{0,40}") {
            prop_assert_eq!(pieces(&text).map(|piece| piece.text()).collect::<String>(), text);
        }
    }
}
