//! Text that becomes SQL: identifiers and literals.

use std::fmt::Write;

use crate::lexer::is_keyword;
use crate::text;

/// `name` as an SQL identifier, in double quotes only where PostgreSQL needs them, and with Unicode escapes (`U&"ord\202Esre"`)
/// where it holds what must not be [printed](text::is_dangerous): safe to show, and it runs in a UTF-8 database, for ASCII
/// in any.
#[must_use]
pub fn quote_identifier(name: &str) -> String {
    if name.contains(text::is_dangerous) { escaped_identifier(name) } else { quote_identifier_raw(name) }
}

/// `name` as the server's own `quote_ident()` gives it, dangerous characters included: for text that the server reads or
/// writes and nobody sees.
#[must_use]
pub fn quote_identifier_raw(name: &str) -> String {
    let mut chars = name.chars();
    let plain_start = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_');
    let plain_rest = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain_start && plain_rest && !is_keyword(name) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The backslash too is escaped by its number: two of them would be four where a face shows backslashes doubled.
fn escaped_identifier(name: &str) -> String {
    let mut out = "U&\"".to_owned();
    for c in name.chars() {
        // Writing into a string cannot fail.
        let _ = match c {
            '"' => write!(out, "\"\""),
            c if c > '\u{ffff}' && text::is_dangerous(c) => write!(out, "\\+{:06X}", u32::from(c)),
            c if c == '\\' || text::is_dangerous(c) => write!(out, "\\{:04X}", u32::from(c)),
            c => write!(out, "{c}"),
        };
    }
    out + "\""
}

/// `schema.name` with both parts quoted where needed.
#[must_use]
pub fn quote_qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", quote_identifier(schema), quote_identifier(name))
}

/// The same by [`quote_identifier_raw`].
#[must_use]
pub fn quote_qualified_raw(schema: &str, name: &str) -> String {
    format!("{}.{}", quote_identifier_raw(schema), quote_identifier_raw(name))
}

/// `text` as an SQL string literal that reads the same whatever `standard_conforming_strings` says. What must not be
/// [printed](text::is_dangerous) is escaped (`E'ord\u202Esre'`; `U&'…'` is refused where that parameter is off).
#[must_use]
pub fn quote_literal(text: &str) -> String {
    if !text.contains(text::is_dangerous) {
        return quote_literal_raw(text);
    }
    let mut out = "E'".to_owned();
    for c in text.chars() {
        // Writing into a string cannot fail.
        let _ = match c {
            '\'' => write!(out, "''"),
            '\\' => write!(out, "\\\\"),
            c if c > '\u{ffff}' && text::is_dangerous(c) => write!(out, "\\U{:08X}", u32::from(c)),
            c if text::is_dangerous(c) => write!(out, "\\u{:04X}", u32::from(c)),
            c => write!(out, "{c}"),
        };
    }
    out + "'"
}

/// The same with dangerous characters as they are: for statements that nobody sees. It runs in every encoding that has them.
#[must_use]
pub fn quote_literal_raw(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') { format!("E'{}'", doubled.replace('\\', "\\\\")) } else { format!("'{doubled}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_quoted_only_where_needed() {
        assert_eq!(quote_identifier("orders"), "orders");
        assert_eq!(quote_identifier("Orders"), "\"Orders\"");
        assert_eq!(quote_identifier("user"), "\"user\"");
        assert_eq!(quote_identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(quote_identifier(""), "\"\"");
        assert_eq!(quote_qualified("public", "select"), "public.\"select\"");
    }

    #[test]
    fn literals_survive_quotes_and_backslashes() {
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal("C:\\x"), "E'C:\\\\x'");
    }

    #[test]
    fn what_must_not_be_printed_is_escaped() {
        assert_eq!(quote_identifier("ord\u{202e}sre"), "U&\"ord\\202Esre\"");
        assert_eq!(quote_identifier("a\"\\\n\u{e0041}"), "U&\"a\"\"\\005C\\000A\\+0E0041\"");
        assert_eq!(quote_literal("it's\\\n\u{202e}\u{e0041}"), "E'it''s\\\\\\u000A\\u202E\\U000E0041'");
        assert_eq!(quote_identifier_raw("a\nb"), "\"a\nb\"");
        assert_eq!(quote_literal_raw("a\nb"), "'a\nb'");
    }
}
