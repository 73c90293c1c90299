//! The terminal that an answer is read on.

use std::io;
use std::os::fd::AsFd;

use pgdba_pg::text::is_dangerous;
use pgdba_report::Layout;

/// The space on standard output.
pub(crate) fn layout() -> Layout {
    layout_of(&io::stdout())
}

/// The space on `out`: the width of a terminal, and that of a file where it is none.
pub(crate) fn layout_of(out: &impl AsFd) -> Layout {
    let size = rustix::termios::tcgetwinsize(out).ok();
    let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    columns.map_or(Layout::FILE, Layout::terminal)
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
