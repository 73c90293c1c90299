//! The space a text has, and how it is broken into lines that fit.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// The longest line of prose. Longer ones are hard to read.
const PROSE: usize = 100;

/// Characters of the longest word that is not broken at commas and slashes.
const LONGEST_WORD: usize = 10;

/// How wide a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Columns of prose.
    pub(super) prose: usize,
    /// Columns of a table; none where its lines may have any length.
    pub(super) table: Option<usize>,
}

impl Layout {
    /// For a file or a pipe: tables are not broken.
    pub const FILE: Self = Self { prose: PROSE, table: None };

    /// For a terminal of so many columns.
    #[must_use]
    pub fn terminal(columns: usize) -> Self {
        Self { prose: columns.min(PROSE), table: Some(columns) }
    }

    /// `text` in lines of prose: the first after `first`, the others after as many blanks.
    pub(super) fn prose(self, first: &str, text: &str) -> Vec<String> {
        below(first, text, self.prose)
    }

    /// A line of a tree: broken on a terminal only, since it may hold a statement to paste.
    pub(super) fn branch(self, indent: &str, text: &str) -> Vec<String> {
        self.table.map_or_else(|| vec![format!("{indent}{text}")], |columns| below(indent, text, columns))
    }
}

/// `text` in lines of `width`, the first after `first`, the others after as many blanks.
fn below(first: &str, text: &str, width: usize) -> Vec<String> {
    let hanging = " ".repeat(textwrap::core::display_width(first));
    let options = Options::new(width).initial_indent(first).subsequent_indent(&hanging);
    // A long word is a path or a link, which nobody could copy from two lines.
    wrapped(text, options.word_separator(WordSeparator::AsciiSpace).break_words(false))
}

/// `text` in lines of `width`, broken at blanks, and in a long word after a comma or a slash.
pub(super) fn cell(text: &str, width: usize) -> Vec<String> {
    wrapped(text, Options::new(width.max(1)).word_separator(WordSeparator::Custom(words)))
}

fn wrapped(text: &str, options: Options<'_>) -> Vec<String> {
    let options = options.wrap_algorithm(WrapAlgorithm::FirstFit).word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(&with_units(text), options).into_iter().map(|line| line.replace(NO_BREAK, " ")).collect()
}

/// Stands for the blank between a number and its unit while lines are broken; it is as wide.
const NO_BREAK: char = '\u{a0}';

/// The units that follow a number after a blank.
const UNITS: [&str; 13] = ["bytes", "kB", "MB", "GB", "TB", "PB", "ms", "s", "min", "h", "d", "days", "%"];

/// `text` with [`NO_BREAK`] between numbers and units.
fn with_units(text: &str) -> String {
    let mut glued = String::with_capacity(text.len());
    for part in text.split_inclusive(' ') {
        let unit = part.trim_end_matches([' ', ',', '.', ';', ':', ')', '/']);
        let follows_number =
            glued.strip_suffix(' ').is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()));
        if follows_number && UNITS.contains(&unit.split('/').next().unwrap_or_default()) {
            glued.pop();
            glued.push(NO_BREAK);
        }
        glued.push_str(part);
    }
    glued
}

/// The words of a line; a path or a list without blanks is more than one.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    Box::new(WordSeparator::AsciiSpace.find_words(line).flat_map(|word| {
        let is_long = word.word.chars().count() > LONGEST_WORD;
        let parts: Vec<&str> = if is_long { word.word.split_inclusive([',', '/']).collect() } else { vec![word.word] };
        let last = parts.len().saturating_sub(1);
        let whitespace = word.whitespace;
        parts.into_iter().enumerate().map(move |(number, part)| {
            let part = Word::from(part);
            if number == last { Word { whitespace, ..part } } else { part }
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_broken_at_blanks_and_where_it_must() {
        assert_eq!(cell("abc def", 3), ["abc", "def"]);
        assert_eq!(cell("ab cd ef", 7), ["ab cd", "ef"]);
        assert_eq!(cell("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(cell("/etc/postgresql/main.conf", 16), ["/etc/postgresql/", "main.conf"]);
        assert_eq!(cell("pg_stat_statements,auto_explain", 20), ["pg_stat_statements,", "auto_explain"]);
        assert_eq!(cell("10,000 rows", 8), ["10,000", "rows"]);
        assert_eq!(cell("", 4), [""]);
        assert_eq!(cell("a b", 0), ["a", "b"]);
    }

    #[test]
    fn a_number_and_its_unit_stay_together() {
        assert_eq!(cell("size 10 MB, more", 8), ["size", "10 MB,", "more"]);
        assert_eq!(cell("rate 10 MB/s", 8), ["rate", "10 MB/s"]);
        assert_eq!(cell("after 10 slots", 8), ["after 10", "slots"]);
    }

    #[test]
    fn a_path_stays_whole() {
        let path = format!("/tmp/with-hyphens-{}", "x".repeat(PROSE));
        assert_eq!(Layout::FILE.prose("", &format!("in {path}.")), ["in".to_owned(), format!("{path}.")]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(cell("表表表", 4), ["表表", "表"]);
    }

    #[test]
    fn prose_goes_on_under_its_beginning() {
        let lines = Layout::FILE.prose("- ", &"word ".repeat(40));
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= PROSE), "{lines:?}");
        assert!(lines.iter().skip(1).all(|line| line.starts_with("  word")), "{lines:?}");
        assert_eq!(Layout::terminal(20).prose("", "as wide as the terminal"), ["as wide as the", "terminal"]);
    }
}
