//! What clients and logs print around a plan.

mod cell;
mod log;
mod table;

use std::borrow::Cow;

use self::log::Log;
pub(crate) use self::log::duration;
use self::table::Table;

/// Blanks of web pages and word processors that stand for a space.
const BLANKS: [char; 3] = ['\u{a0}', '\u{2007}', '\u{202f}'];

/// The text without frames, line by line: byte order mark, carriage returns, non-breaking spaces, Markdown, quoted cells, borders of tables, prefixes of
/// logs. What is not part of a plan becomes an empty line, or stays if it cannot be mistaken for a plan.
pub(crate) fn without(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let text = if text.contains(BLANKS) { Cow::Owned(text.replace(BLANKS, " ")) } else { text };
    let text = cell::unquoted(text);
    let is_quoted = text.trim_start().starts_with("> ");
    let mut table = Table::default();
    let mut log = Log::default();
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        let line = if is_quoted { line.strip_prefix("> ").unwrap_or(line) } else { line };
        let line = log.strip(line);
        if let Some(line) = table.strip(&line) {
            out.push_str(line);
            out.push('\n');
        }
    }
    Cow::Owned(out)
}
