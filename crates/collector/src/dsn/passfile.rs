//! The password file: which password is for which server.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::defaults::SOCKET_FOLDERS;
use super::{Password, Target};

/// What a password file says.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The password, if there is one for this server, role and database.
    pub(crate) password: Option<Password>,
    /// Why the file was not read although it is there.
    pub(crate) ignored: Option<String>,
}

/// Looks for the password of a session in `file`.
pub(crate) fn look_up(file: &Path, target: &Target) -> Found {
    let ignored = |reason: &str| {
        let ignored = format!("password file \"{}\" was ignored: {reason}", file.display());
        Found { password: None, ignored: Some(ignored) }
    };
    let Ok(status) = fs::metadata(file) else { return Found::default() };
    if !status.is_file() {
        return ignored("it is not a regular file");
    }
    if status.mode() & 0o077 != 0 {
        return ignored("it can be read by its group or others; its mode must be 0600 or less");
    }
    let Ok(text) = fs::read(file) else { return ignored("it cannot be read") };
    let text = String::from_utf8_lossy(&text);
    let port = target.port.to_string();
    // libpq knows one of the folders, the one it was built with.
    let host = if SOCKET_FOLDERS.contains(&target.host.as_str()) { "localhost" } else { &target.host };
    let wanted = [host, &port, &target.dbname, &target.user];
    let password = text.lines().filter(|line| !line.starts_with('#')).find_map(|line| password(line, wanted));
    Found { password: password.map(Password), ignored: None }
}

/// The fifth field of a line whose first four are what is wanted, or a star.
fn password(line: &str, wanted: [&str; 4]) -> Option<String> {
    let mut rest = line;
    for word in wanted {
        rest = rest.strip_prefix("*:").or_else(|| after_field(rest, word))?;
    }
    let password = field(rest).0;
    // An empty one is none.
    Some(password).filter(|password| !password.is_empty())
}

fn after_field<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let (field, rest) = field(line);
    (field == word).then_some(rest).flatten()
}

/// A field without its backslashes, and what follows the colon that ends it.
fn field(line: &str) -> (String, Option<&str>) {
    let mut field = String::new();
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ':' => return (field, line.get(at + 1..)),
            // A backslash at the very end is one.
            '\\' => field.push(chars.next().map_or('\\', |(_, escaped)| escaped)),
            c => field.push(c),
        }
    }
    (field, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_socket_folders_are_localhost_and_open_files_are_not_read() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "localhost:*:*:*:secret\n").unwrap();
        let found = |host: &str| {
            let target = Target {
                host: host.to_owned(),
                address: None,
                port: 5432,
                user: "ann".to_owned(),
                dbname: "shop".to_owned(),
            };
            look_up(file.path(), &target)
        };
        for (host, is_there) in [("localhost", true), ("/tmp", true), ("/run/pg", false), ("127.0.0.1", false)] {
            assert_eq!(found(host).password.is_some(), is_there, "{host}");
        }
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        let Found { password, ignored } = found("localhost");
        assert!(password.is_none() && ignored.is_some_and(|reason| !reason.contains("secret")));
    }

    #[test]
    fn fields_match_by_letter_or_star_and_backslashes_escape() {
        let wanted = ["db1", "5432", "sh:op", "ann"];
        for (line, expected) in [
            (r"db1:5432:sh\:op:ann:secret", Some("secret")),
            (r"*:*:*:*:se\:cr\\et", Some(r"se:cr\et")),
            (r"*:5432:*:ann:secret:rest", Some("secret")),
            (r"*:5433:*:ann:secret", None),
            (r"db1:5432:sh:op:ann:secret", None),
            (r"db:5432:*:ann:secret", None),
            (r"db12:5432:*:ann:secret", None),
            (r"**:5432:*:ann:secret", None),
            (r"*:*:*:*:", None),
            (r"*:*:*:*", None),
            ("", None),
        ] {
            assert_eq!(password(line, wanted).as_deref(), expected, "{line}");
        }
    }
}
