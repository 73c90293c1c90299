//! Service files: named groups of options.

use std::fs;
use std::path::{Path, PathBuf};

use super::defaults::Home;
use super::keywords::keyword;
use crate::error::CollectError;

/// Where packages put the file of the whole system; libpq knows one of them, the one it was built with.
const SYSTEM_FOLDERS: [&str; 3] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc"];

/// The options of a service, looked for in the file that was named, or else in the user's and the system's file.
///
/// # Errors
/// [`CollectError::BadService`] where no file defines it, or the one that does cannot be read.
pub(super) fn definition(
    service: &str,
    file: Option<&str>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<(&'static str, String)>, CollectError> {
    let own = match file {
        Some(file) => Some(PathBuf::from(file)),
        None => Home::of(env).file(".pg_service.conf").filter(|file| file.exists()),
    };
    if let Some(own) = own {
        let text = fs::read_to_string(&own).map_err(|_| bad(service, &own, "it cannot be read"))?;
        if let Some(options) = group(&text, service, &own)? {
            return Ok(options);
        }
    }
    let folders = match env("PGSYSCONFDIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => vec![PathBuf::from(folder)],
        None => SYSTEM_FOLDERS.map(PathBuf::from).to_vec(),
    };
    for file in folders.into_iter().map(|folder| folder.join("pg_service.conf")) {
        if let Ok(text) = fs::read_to_string(&file)
            && let Some(options) = group(&text, service, &file)?
        {
            return Ok(options);
        }
    }
    Err(CollectError::BadService(format!("service \"{service}\" is not defined")))
}

/// The options of the group, the first one of each; none where there is no such group.
fn group(text: &str, service: &str, file: &Path) -> Result<Option<Vec<(&'static str, String)>>, CollectError> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let is_head = |line: &str| {
        line.strip_prefix('[').and_then(|rest| rest.split_once(']')).is_some_and(|(name, _)| name == service)
    };
    if !lines.by_ref().any(|(_, line)| is_head(line)) {
        return Ok(None);
    }
    let mut options: Vec<(&'static str, String)> = Vec::new();
    for (number, line) in lines.take_while(|(_, line)| !line.starts_with('[')) {
        if line.starts_with("ldap") {
            return Err(bad(service, file, &format!("line {number} refers to an LDAP server, which is not supported")));
        }
        // The line is not repeated: it may hold a password.
        let (key, value) =
            line.split_once('=').ok_or_else(|| bad(service, file, &format!("\"=\" is missing in line {number}")))?;
        let key = keyword(key).ok_or_else(|| bad(service, file, &format!("unrecognized option in line {number}")))?;
        if matches!(key, "service" | "servicefile") {
            return Err(bad(
                service,
                file,
                &format!("line {number} refers to another service, which is not supported"),
            ));
        }
        if !options.iter().any(|(known, _)| *known == key) {
            options.push((key, value.to_owned()));
        }
    }
    Ok(Some(options))
}

fn bad(service: &str, file: &Path, reason: &str) -> CollectError {
    CollectError::BadService(format!("service \"{service}\" in \"{}\": {reason}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# services
[other]
host=elsewhere

[shop]
  host=db1 \r
port=5433
host=second
password=a=b
[late]
hunter2
";

    #[test]
    fn the_group_ends_at_the_next_head_and_the_first_of_a_key_wins() {
        let options = group(FILE, "shop", Path::new("f")).unwrap().unwrap();
        let expected = [("host", "db1"), ("port", "5433"), ("password", "a=b")];
        assert_eq!(options, expected.map(|(key, value)| (key, value.to_owned())));
        assert!(group(FILE, "sho", Path::new("f")).unwrap().is_none());
    }

    #[test]
    fn a_line_that_cannot_be_read_is_not_repeated() {
        for text in [FILE.replace("hunter2", "hunter2=x"), FILE.to_owned(), "[late]\nservice=hunter2".to_owned()] {
            let error = group(&text, "late", Path::new("f")).unwrap_err();
            assert_eq!(error.code(), "bad_service");
            assert!(error.to_string().contains("line ") && !error.to_string().contains("hunter2"), "{error}");
        }
    }
}
