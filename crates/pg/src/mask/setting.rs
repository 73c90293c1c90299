//! Values of configuration parameters that may carry a secret.

use super::{MASK, conninfo};

/// Extensions whose parameters are known to hold no secrets.
const KNOWN_PREFIXES: [&str; 6] = ["auto_explain.", "cron.", "pg_stat_statements.", "pgaudit.", "rds.", "timescaledb."];

/// Parameters that hold a shell command; its arguments may hold anything.
pub const COMMANDS: [&str; 5] =
    ["archive_cleanup_command", "archive_command", "recovery_end_command", "restore_command", "ssl_passphrase_command"];

/// The parameter that holds a connection string.
pub const CONNINFO: &str = "primary_conninfo";

/// The parameter whose value stands in front of every line of the log.
pub const PREFIX: &str = "log_line_prefix";

/// `value` of the parameter `name` as a snapshot may carry it.
///
/// Connection strings keep their harmless options, commands the file name of the program, the prefix of log lines its
/// escapes, parameters of unknown extensions nothing. Every other value is returned as it is.
#[must_use]
pub fn mask(name: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    // A configuration file may write it in any case.
    let name = name.to_ascii_lowercase();
    if name == CONNINFO {
        return conninfo::mask(value);
    }
    if COMMANDS.contains(&name.as_str()) {
        return mask_command(value);
    }
    if name == PREFIX {
        return mask_prefix(value);
    }
    if name.contains('.') && !KNOWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return MASK.to_owned();
    }
    conninfo::mask_urls(value)
}

/// What the server shows in place of `archive_command` where `archive_mode` is off.
pub const DISABLED: &str = "(disabled)";

/// The program's own name, without its folder and arguments.
fn mask_command(command: &str) -> String {
    if command == DISABLED {
        return command.to_owned();
    }
    let program = command.split_whitespace().next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    let harmless = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-:".contains(c));
    match (harmless, command.split_whitespace().count()) {
        (true, 1) => name.to_owned(),
        (true, _) => format!("{name} {MASK}"),
        (false, _) => MASK.to_owned(),
    }
}

/// Words that name what an escape of `log_line_prefix` stands for.
pub const PREFIX_WORDS: [&str; 12] =
    ["app", "client", "db", "host", "line", "pid", "qid", "query_id", "session", "user", "vxid", "xid"];

/// The escapes of `log_line_prefix` and the words around them that say what they are; every other word is masked.
fn mask_prefix(prefix: &str) -> String {
    let mut masked = String::new();
    let mut rest = prefix;
    while let Some(c) = rest.chars().next() {
        let end = match c {
            // An escape: perhaps a width, then one letter.
            '%' => {
                let width = rest.chars().skip(1).take_while(|c| c.is_ascii_digit() || *c == '-').count();
                rest.char_indices().nth(width + 2).map_or(rest.len(), |(end, _)| end)
            }
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (piece, left) = rest.split_at(end);
        let harmless = !is_word(c) || piece.len() == 1 || PREFIX_WORDS.contains(&piece.to_lowercase().as_str());
        masked.push_str(if harmless { piece } else { MASK });
        rest = left;
    }
    masked
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_keep_the_name_of_their_program() {
        assert_eq!(mask("archive_command", "/opt/bin/wal-g wal-push %p --key=S3CRET"), "wal-g ***");
        assert_eq!(mask("archive_command", "PGPASSWORD=x cp %p /a"), MASK);
        assert_eq!(mask("archive_command", "/bin/true"), "true");
        assert_eq!(mask("Archive_Command", "cp %p /a --key=x"), "cp ***");
        assert_eq!(mask("archive_command", ""), "");
        assert_eq!(mask("archive_command", "(disabled)"), "(disabled)");
    }

    #[test]
    fn log_line_prefix_keeps_its_escapes() {
        let mask = |prefix| mask("log_line_prefix", prefix);
        assert_eq!(mask("%m [%p] "), "%m [%p] ");
        assert_eq!(mask("%t [%p]: [%l-1] user=%u,db=%d,app=%a "), "%t [%p]: [%l-1] user=%u,db=%d,app=%a ");
        assert_eq!(mask("hunter2 %-5p hunter2%m%"), "*** %-5p ***%m%");
        assert_eq!(mask("é%q"), "***%q");
    }

    #[test]
    fn parameters_of_unknown_extensions_lose_their_values() {
        assert_eq!(mask("app.jwt_secret", "hunter2"), MASK);
        assert_eq!(mask("auto_explain.log_min_duration", "100"), "100");
        assert_eq!(mask("work_mem", "4096"), "4096");
    }
}
