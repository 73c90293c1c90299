//! Text from a snapshot as HTML. The only place where the two meet.

use std::fmt::{self, Write};

use askama::filters::Escaper;
use pgdba_pg::text::{layout, message};

/// The longest text that is shown; longer texts are cut, and their length is shown.
const MAX_CHARS: usize = 4_000;

/// The escaper behind every `{{ }}` of the templates.
#[derive(Debug, Clone, Copy, Default)]
pub struct Html;

impl Escaper for Html {
    fn write_escaped_str<W: Write>(&self, mut out: W, text: &str) -> fmt::Result {
        let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(end, _)| end);
        let head = text.get(..end).unwrap_or(text);
        message(head).chars().try_for_each(|c| write_char(&mut out, c))?;
        if end == text.len() { Ok(()) } else { write!(out, "… ({} characters in total)", text.chars().count()) }
    }

    fn write_escaped_char<W: Write>(&self, out: W, c: char) -> fmt::Result {
        self.write_escaped_str(out, c.encode_utf8(&mut [0; 4]))
    }
}

/// A text with lines of its own, such as SQL, as HTML: they stay, and so does every backslash. For a label that was made
/// one line before, too.
pub(crate) fn with_layout(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing into a string cannot fail.
    let _ = layout(text).chars().try_for_each(|c| write_char(&mut out, c));
    out
}

fn write_char<W: Write>(out: &mut W, c: char) -> fmt::Result {
    match c {
        '&' => out.write_str("&amp;"),
        '<' => out.write_str("&lt;"),
        '>' => out.write_str("&gt;"),
        '"' => out.write_str("&quot;"),
        '\'' => out.write_str("&#39;"),
        c => out.write_char(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        Html.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[test]
    fn nothing_of_a_hostile_text_becomes_markup() {
        assert_eq!(escaped("<img src=x onerror='a'>&\""), "&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;");
        assert_eq!(escaped("a\u{0}b\u{202e}c"), "a\\u0000b\\u202Ec");
    }

    #[test]
    fn only_a_text_with_layout_keeps_its_lines() {
        assert_eq!(escaped("a\n\\password"), "a\\n\\password");
        assert_eq!(with_layout("a\n\\n<\u{202e}"), "a\n\\n&lt;\\u202E");
    }

    #[test]
    fn long_texts_are_cut_and_their_length_is_shown() {
        let long = "x".repeat(5_000);
        assert!(escaped(&long).ends_with("… (5000 characters in total)"));
    }
}
