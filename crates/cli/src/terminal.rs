//! The terminal that an answer is read on.

use std::io::{self, IsTerminal};

use pgdba_pg::text::{self, is_dangerous};

/// The columns of the terminal on standard output; none where it is a pipe or a file, whose lines nobody has to wrap.
pub(crate) fn width() -> Option<usize> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&out).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// A text from a server or a user as part of a line.
pub(crate) fn one_line(text: &str) -> String {
    text::one_line(text).into_owned()
}

/// One word of a shell command. What must not be printed stands in `$'…'`, which bash, zsh and ksh read, by its bytes: the
/// command names the same thing, and no face changes it.
pub(crate) fn shell_word(text: &str) -> String {
    if text.contains(is_dangerous) {
        return format!("$'{}'", text.chars().map(dollar_quoted).collect::<String>());
    }
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./-=:+,@%".contains(c));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn dollar_quoted(c: char) -> String {
    if !is_dangerous(c) && c != '\'' && c != '\\' {
        return c.to_string();
    }
    c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("\\{byte:03o}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_one_word_of_the_command() {
        assert_eq!(shell_word("/var/lib/postgresql/18/main"), "/var/lib/postgresql/18/main");
        assert_eq!(shell_word("/data dir/it's"), "'/data dir/it'\\''s'");
        assert_eq!(shell_word("a\n\u{202e}'\\b"), "$'a\\012\\342\\200\\256\\047\\134b'");
        assert_eq!(shell_word(""), "''");
    }
}
