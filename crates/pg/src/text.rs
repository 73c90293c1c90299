//! Text that somebody else chose, made safe to show: names, values and messages of a server, a file or a user.
//!
//! The only definition of what is dangerous. HTML, SVG, plain text, Markdown, JSON, SQL and the command line all use it.
//!
//! | function | newline | for |
//! |---|---|---|
//! | [`one_line`] | `\n` | values that must be told apart and may be read back; applied once, where the text enters a line |
//! | [`message`] | `\n` | names, cells, sentences and messages, which may hold commands to paste and quoted identifiers |
//! | [`layout`] | kept | text with lines of its own, and the last defense at an output |
//! | [`markdown`] | `\n` | a part of a line of Markdown, none of which becomes markup |
//! | [`fenced`] | kept | a block of Markdown that shows a text as it is |
//! | [`json`] | kept | JSON that is written already |

use std::borrow::Cow;
use std::fmt::Write;

/// Whether `c` must not be printed as it is: it steers a terminal, reorders or hides the text around it, breaks a line, or
/// is not a character.
///
/// That is general category Cc, Unicode's Default_Ignorable_Code_Point, the bidirectional controls (Trojan Source), the
/// line and paragraph separators, the interlinear annotations and the noncharacters. Blanks of all widths are not, since
/// everybody sees that something is there.
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    // Nearly all text is ASCII.
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control() || is_invisible(c) || is_noncharacter(c)
}

/// Default_Ignorable_Code_Point, as DerivedCoreProperties.txt of Unicode 16 lists it, with what separates lines (U+2028,
/// U+2029), sets a direction (U+202A to U+202E) or annotates (U+FFF9 to U+FFFB).
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The 66 code points that will never be characters.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// `text` as one line: newline as `\n`, tab as `\t`, anything else dangerous as `\u202E` or `\U000E0041`. Every backslash is
/// doubled, so different texts are shown differently, and a reader can undo it.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| c == '\\' || is_dangerous(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\\' {
            out.push('\\');
        }
        push_visible(&mut out, c);
    }
    Cow::Owned(out)
}

/// `text` as one line like [`one_line`], with every backslash left as it is: for sentences and labels, which may hold a command
/// (`\password`) or an identifier whose quotes have escapes of their own (`U&"a\000A"`), and may pass more than once.
#[must_use]
pub fn message(text: &str) -> Cow<'_, str> {
    replaced(text, is_dangerous, push_visible)
}

/// `text` with its line breaks and tabs; anything else dangerous as in [`one_line`]. It changes nothing that passed before.
#[must_use]
pub fn layout(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_dangerous(c) && c != '\n' && c != '\t', push_visible)
}

/// `text` as part of one line of Markdown: [`message`], and nothing of it becomes markup, a link or a character reference.
#[must_use]
pub fn markdown(text: &str) -> String {
    let shown = message(text);
    let mut out = String::with_capacity(shown.len());
    let is_list = shown.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')']);
    let is_mark = shown.starts_with(['-', '+', '=']);
    for (at, c) in shown.char_indices() {
        let rest = shown.get(at..).unwrap_or_default();
        let before = shown.get(..at).unwrap_or_default();
        let is_markup = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => true,
            // GitHub links what looks like an address.
            ':' => rest.starts_with("://"),
            '.' if before.get(at.saturating_sub(3)..).is_some_and(|word| word.eq_ignore_ascii_case("www")) => true,
            '.' | ')' => is_list && before.chars().all(|c| c.is_ascii_digit()),
            _ => is_mark && at == 0,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A fenced block of Markdown around a text with lines of its own, which cannot close it. `language` is ours.
#[must_use]
pub fn fenced(language: &str, text: &str) -> String {
    let text = layout(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}")
}

/// JSON with the escapes of JSON for what is dangerous, so that it means the same and can be shown on a terminal. Inside
/// JSON's strings no newline or tab stands as it is; outside, they are layout.
#[must_use]
pub fn json(serialized: &str) -> Cow<'_, str> {
    replaced(serialized, |c| is_dangerous(c) && !matches!(c, '\n' | '\r' | '\t'), push_json)
}

fn replaced(text: &str, is_replaced: impl Fn(char) -> bool, push: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if !text.contains(&is_replaced) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| if is_replaced(c) { push(&mut out, c) } else { out.push(c) });
    Cow::Owned(out)
}

/// Adds `c` to `out`, visibly where it is dangerous.
fn push_visible(out: &mut String, c: char) {
    // Writing into a string cannot fail.
    let _ = match c {
        '\n' => write!(out, "\\n"),
        '\t' => write!(out, "\\t"),
        c if !is_dangerous(c) => write!(out, "{c}"),
        c if c > '\u{ffff}' => write!(out, "\\U{:08X}", u32::from(c)),
        c => write!(out, "\\u{:04X}", u32::from(c)),
    };
}

fn push_json(out: &mut String, c: char) {
    let mut units = [0; 2];
    for unit in c.encode_utf16(&mut units) {
        // Writing into a string cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_dangerous_is_shown_and_told_apart() {
        let cases = [
            ("plain, é, שלום, \u{2009}, \u{a0}", "plain, é, שלום, \u{2009}, \u{a0}"),
            ("a\nb\tc\rd\0", "a\\nb\\tc\\u000Dd\\u0000"),
            ("ord\u{202e}sre", "ord\\u202Esre"),
            ("tag\u{e0041}", "tag\\U000E0041"),
            ("\u{1b}[31m\u{9b}\u{7f}\u{85}", "\\u001B[31m\\u009B\\u007F\\u0085"),
            ("C:\\data", "C:\\\\data"),
            ("C:\\temp", "C:\\\\temp"),
            ("a\\nb", "a\\\\nb"),
            ("a\\\\", "a\\\\\\\\"),
            ("\\\u{202e}", "\\\\\\u202E"),
        ];
        for (text, expected) in cases {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }

    #[test]
    fn messages_and_layout_pass_twice_unchanged() {
        assert_eq!(message("a\\nb\n\u{202e}"), "a\\nb\\n\\u202E");
        assert_eq!(layout("a\\nb\n\t\r\u{202e}"), "a\\nb\n\t\\u000D\\u202E");
        assert_eq!(layout(&layout("\\\u{202e}")), layout("\\\u{202e}"));
    }

    #[test]
    fn nothing_becomes_markup() {
        let cases = [
            ("a|b<c>`d`", "a\\|b\\<c\\>\\`d\\`"),
            ("# a\n# b\u{202e}", "\\# a\\\\n\\# b\\\\u202E"),
            ("~~~ &#8238; ![x](y)", "\\~\\~\\~ \\&\\#8238; !\\[x\\](y)"),
            ("12. a 3. b", "12\\. a 3. b"),
            ("1) a", "1\\) a"),
            ("- a - b", "\\- a - b"),
            ("=== x-y", "\\=== x-y"),
            ("see http://a.b, WWW.c.d, www", "see http\\://a.b, WWW\\.c.d, www"),
            ("é.", "é."),
            ("with \\password", "with \\\\password"),
        ];
        for (text, expected) in cases {
            assert_eq!(markdown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn no_text_closes_its_fence() {
        assert_eq!(fenced("sql", "SELECT 1;"), "```sql\nSELECT 1;\n```");
        assert_eq!(fenced("text", "a\n````\n\u{202e}\n"), "`````text\na\n````\n\\u202E\n`````");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "a\u{202e}": "\u{7f}\u{9b}\u{2028}\u{e0041}\n\t\u{1b}\"\\" });
        for serialized in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
            let shown = json(&serialized);
            assert!(!shown.contains(|c| c != '\n' && is_dangerous(c)), "{shown:?}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        }
    }

    /// The lists, from the standard: Bidi_Control of PropList.txt, and some of each range.
    #[test]
    fn every_listed_code_point_is_dangerous() {
        let bidi = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        let hidden =
            "\u{ad}\u{34f}\u{200b}\u{200c}\u{200d}\u{2060}\u{2064}\u{206a}\u{feff}\u{3164}\u{ffa0}\u{fe0f}\u{e0001}";
        let breaks = "\n\r\u{b}\u{c}\u{85}\u{2028}\u{2029}";
        let none = "\u{fdd0}\u{fdef}\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}";
        for c in [bidi, hidden, breaks, none].concat().chars() {
            assert!(is_dangerous(c), "{c:?}");
        }
        for c in " ~é☃\u{a0}\u{2003}\u{202f}\u{205f}\u{3000}\u{fffd}\u{e000}😀█…".chars() {
            assert!(!is_dangerous(c), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn different_texts_are_shown_differently(
            a in r"[\\nutU02E\n\t\u{202e}\u{e0041}]{0,6}", b in r"[\\nutU02E\n\t\u{202e}\u{e0041}]{0,6}"
        ) {
            prop_assert_eq!(a == b, one_line(&a) == one_line(&b), "{:?} {:?}", a, b);
        }

        #[test]
        fn nothing_dangerous_is_left(text in any::<String>()) {
            for shown in [one_line(&text), message(&text)] {
                prop_assert!(!shown.contains(is_dangerous), "{:?}", shown);
            }
            prop_assert!(!layout(&text).contains(|c| is_dangerous(c) && c != '\n' && c != '\t'));
        }
    }

    /// All short texts over the characters that matter.
    #[test]
    fn no_two_short_texts_are_shown_alike() {
        let alphabet = ['\\', 'n', 'u', '\n', '\u{202e}', '0'];
        let mut texts = vec![String::new()];
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for _ in 0..4 {
            texts = texts.iter().flat_map(|text| alphabet.map(|c| format!("{text}{c}"))).collect();
            for text in &texts {
                let other = seen.insert(one_line(text).into_owned(), text.clone());
                assert_eq!(other, None, "shown like {text:?}");
            }
        }
    }
}
