//! Text from a snapshot as HTML. The only place where the two meet.

use std::fmt::{self, Write};

use askama::filters::Escaper;

/// The longest text that is shown; longer texts are cut, and their length is shown.
const MAX_CHARS: usize = 4_000;

/// The escaper behind every `{{ }}` of the templates.
#[derive(Debug, Clone, Copy, Default)]
pub struct Html;

impl Escaper for Html {
    fn write_escaped_str<W: Write>(&self, mut out: W, text: &str) -> fmt::Result {
        for (position, c) in text.chars().enumerate() {
            if position == MAX_CHARS {
                return write!(out, "… ({} characters in total)", text.chars().count());
            }
            write_char(&mut out, c)?;
        }
        Ok(())
    }

    fn write_escaped_char<W: Write>(&self, mut out: W, c: char) -> fmt::Result {
        write_char(&mut out, c)
    }
}

fn write_char<W: Write>(out: &mut W, c: char) -> fmt::Result {
    match c {
        '&' => out.write_str("&amp;"),
        '<' => out.write_str("&lt;"),
        '>' => out.write_str("&gt;"),
        '"' => out.write_str("&quot;"),
        '\'' => out.write_str("&#39;"),
        '\n' | '\t' => out.write_char(c),
        c if c.is_control() || is_invisible(c) => out.write_char('\u{fffd}'),
        c => out.write_char(c),
    }
}

/// Characters that change the direction of the text around them, or are none.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
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
        assert_eq!(escaped("a\u{0}b\u{202e}c"), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn long_texts_are_cut_and_their_length_is_shown() {
        let long = "x".repeat(5_000);
        assert!(escaped(&long).ends_with("… (5000 characters in total)"));
    }
}
