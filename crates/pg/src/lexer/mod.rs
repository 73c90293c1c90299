//! PostgreSQL's lexical rules: what a statement, an expression or a list of names is made of.
//!
//! The one scanner of SQL, for masks, redaction and whatever reads statements. It never fails: text that ends inside a
//! literal, a quoted name or a comment gives a last token of the kind [`Kind::Unclosed`].

mod keyword;
mod place;
mod scan;
mod statement;

pub use self::keyword::{RESERVED, is_column_name, is_keyword, is_reserved};
pub use self::place::{Placed, Use, placed};
use self::scan::Backslash;
pub use self::statement::{PLANNABLE, is_plannable};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// White space.
    Space,
    /// `-- …` or `/* … */`, with the comments nested in it.
    Comment,
    /// A keyword or an identifier without quotes.
    Word,
    /// `"…"`.
    QuotedName,
    /// `U&"…"`.
    UnicodeName,
    /// `'…'`, with whatever prefix: `E`, `U&`, `B`, `X`, `N`.
    String,
    /// `$tag$…$tag$`.
    DollarString,
    /// `$1`.
    Parameter,
    /// Digits and what clings to them: `12.5e-3`, `0x1f`, `1_000`, also `10.0.0.5`.
    Number,
    /// One or more characters of an operator.
    Operator,
    /// Any other character; `::` is one token.
    Sign,
    /// A literal, quoted name or comment whose end is missing or cannot be determined: the rest of the text.
    Unclosed,
}

/// A piece of a text. The tokens of a text, put together, are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// The characters as they are in the text.
    pub text: &'a str,
}

impl<'a> Token<'a> {
    /// Whether it separates other tokens and means nothing itself.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(self.kind, Kind::Space | Kind::Comment)
    }

    /// Whether it is the word `keyword`, in any case. `keyword` must be in lower case.
    #[must_use]
    pub fn is_word(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is a constant.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        matches!(self.kind, Kind::String | Kind::DollarString | Kind::Number)
    }

    /// The name between the quotes of a [`Kind::QuotedName`], with doubled quotes still doubled.
    #[must_use]
    pub fn quoted_name(&self) -> Option<&'a str> {
        let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
        (self.kind == Kind::QuotedName).then_some(inner)
    }
}

/// The tokens of `text`.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    read(text, backslash(text))
}

fn read(text: &str, backslash: Backslash) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    let mut follows_escape = false;
    std::iter::from_fn(move || {
        let is_escape = follows_escape && rest.starts_with("'\\'") && !rest.starts_with("'\\''");
        let (kind, length) = scan::first(rest, if is_escape { Backslash::Character } else { backslash })?;
        let (piece, left) = rest.split_at_checked(length)?;
        rest = left;
        let token = Token { kind, text: piece };
        // No statement in which the backslash escapes has a longer string behind ESCAPE.
        follows_escape = token.is_word("escape") || follows_escape && token.is_blank();
        Some(token)
    })
}

/// Bytes of the shortest statement that the server may have cut off: `track_activity_query_size` is at least 100, of which one
/// ends the text and three may be the beginning of a character.
const SHORTEST_CUT: usize = 96;

/// What a backslash is in the strings of `text` that have no prefix. That depends on `standard_conforming_strings` of the session,
/// which the text does not tell; but a whole statement in which one of both readings leaves a string open is not read so.
fn backslash(text: &str) -> Backslash {
    if !text.contains("\\'") || text.len() >= SHORTEST_CUT {
        return Backslash::Unknown;
    }
    let is_whole = |backslash| read(text, backslash).all(|token| token.kind != Kind::Unclosed);
    match (is_whole(Backslash::Character), is_whole(Backslash::Escape)) {
        (true, false) => Backslash::Character,
        (false, true) => Backslash::Escape,
        _ => Backslash::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let tokens = tokens(text).filter(|token| token.kind != Kind::Space);
        tokens.map(|token| format!("{:?} {}", token.kind, token.text)).collect()
    }

    #[test]
    fn texts_are_read_as_the_server_reads_them() {
        for (text, expected) in [
            (
                "select \"A\"\"b\", t.c$1",
                &["Word select", "QuotedName \"A\"\"b\"", "Sign ,", "Word t", "Sign .", "Word c$1"][..],
            ),
            ("é=$1", &["Word é", "Operator =", "Parameter $1"]),
            ("a::int", &["Word a", "Sign ::", "Word int"]),
            ("a->>'b'", &["Word a", "Operator ->>", "String 'b'"]),
            ("-1.5e-3-.5", &["Operator -", "Number 1.5e-3", "Operator -", "Number .5"]),
            ("0x1f 1_000 10.0.0.5", &["Number 0x1f", "Number 1_000", "Number 10.0.0.5"]),
            ("1or 1order", &["Number 1", "Word or", "Number 1", "Word order"]),
            ("1orx", &["Number 1orx"]),
            ("0x1e-3", &["Number 0x1e", "Operator -", "Number 3"]),
            ("E'a\\'b' U&'x' b'1' n'q'", &["String E'a\\'b'", "String U&'x'", "String b'1'", "String n'q'"]),
            ("U&\"d!0061\" uescape '!'", &["UnicodeName U&\"d!0061\"", "Word uescape", "String '!'"]),
            ("u & b", &["Word u", "Operator &", "Word b"]),
            ("some'x'", &["Word some", "String 'x'"]),
            ("$q$ $ $q$ $$a$$ $1 $", &["DollarString $q$ $ $q$", "DollarString $$a$$", "Parameter $1", "Sign $"]),
            ("a-- b\nc/* d /* e */ */", &["Word a", "Comment -- b", "Word c", "Comment /* d /* e */ */"]),
            ("a<--b", &["Word a", "Operator <", "Comment --b"]),
            ("a*/*b*/c", &["Word a", "Operator *", "Comment /*b*/", "Word c"]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_certain_end_reaches_to_the_end() {
        // Where the last one ends depends on standard_conforming_strings, which the text does not tell.
        let long = format!("'a\\', 'b{}'", "b".repeat(SHORTEST_CUT));
        for text in ["'open", "\"open", "/* a /* b */", "$$ open", "$tag", "E'a\\'", "U&\"open", "'a\\'b\\'c'", &long] {
            assert_eq!(shown(text), [format!("Unclosed {text}")]);
        }
        // Only one reading is a whole statement.
        assert_eq!(shown("'a\\', 'b'"), ["String 'a\\'", "Sign ,", "String 'b'"]);
        assert_eq!(shown("'it\\'s', 1"), ["String 'it\\'s'", "Sign ,", "Number 1"]);
        let long = format!("a like b escape '\\' and '{}'", "b".repeat(SHORTEST_CUT));
        assert_eq!(shown(&long).get(4..6), Some(&["String '\\'".to_owned(), "Word and".to_owned()][..]));
        // Both readings agree.
        assert_eq!(shown("'a\\\\', 1"), ["String 'a\\\\'", "Sign ,", "Number 1"]);
        assert_eq!(shown("'a\\n''b'"), ["String 'a\\n''b'"]);
    }

    proptest! {
        #[test]
        fn the_tokens_are_the_text(text in "[a-eU0-9\"'$/*\\\\&.:<\\-\n é\u{1}]{0,40}") {
            prop_assert_eq!(tokens(&text).map(|token| token.text).collect::<String>(), text);
        }
    }
}
