//! The terminal that an answer is read on.

use std::io::{self, IsTerminal};

/// The columns of the terminal on standard output; none where it is a pipe or a file, whose lines nobody has to wrap.
pub(crate) fn width() -> Option<usize> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&out).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// One line: a text from a server must not steer the terminal it is printed on.
pub(crate) fn one_line(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// One word of a shell command.
pub(crate) fn shell_word(text: &str) -> String {
    let text = one_line(text);
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./-=:+,@%".contains(c));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_one_word_of_the_command() {
        assert_eq!(shell_word("/var/lib/postgresql/18/main"), "/var/lib/postgresql/18/main");
        assert_eq!(shell_word("/data dir/it's"), "'/data dir/it'\\''s'");
        assert_eq!(shell_word("a\nb"), "'a b'");
        assert_eq!(shell_word(""), "''");
    }
}
