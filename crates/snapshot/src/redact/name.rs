//! A name by itself.

use super::key::Key;
use super::kind::Kind;
use super::own;

/// A name that stands alone, unless it is one of PostgreSQL's own.
pub(super) fn name_of(key: &mut Key, kind: Kind, name: &str) -> String {
    // A type without its schema is taken for the server's own unless the catalogs show a user's.
    if kind == Kind::Path {
        return path(key, name);
    }
    let is_own = own::is_own(kind, name) && !(kind == Kind::Type && key.knows(name));
    if name.is_empty() || is_own { name.to_owned() } else { key.token(kind, name) }
}

/// A path. The names of PostgreSQL's configuration files stay: they decide which file ALTER SYSTEM wrote.
fn path(key: &mut Key, path: &str) -> String {
    match path.rsplit_once('/') {
        Some((directory, file)) if own::CONFIGURATION_FILES.contains(&file) => {
            format!("{}/{file}", name_of(key, Kind::Path, directory))
        }
        _ if path.is_empty() || own::is_own(Kind::Path, path) => path.to_owned(),
        _ => key.token(Kind::Path, path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::key::SECRET_BYTES;
    use crate::redact::text;

    #[test]
    fn the_names_of_configuration_files_stay_and_their_directories_go() {
        let mut key = Key::new(&[7; SECRET_BYTES]);
        for (original, redacted) in [
            ("/srv/acme", "path1"),
            ("/srv/acme/postgresql.auto.conf", "path1/postgresql.auto.conf"),
            ("/etc/acme/postgresql.conf", "path2/postgresql.conf"),
            ("/srv/acme/postgresql.base.conf", "path1/postgresql.base.conf"),
            ("/srv/acme/acme.conf", "path3"),
            ("/postgresql.conf", "/postgresql.conf"),
            ("postgresql.conf", "postgresql.conf"),
        ] {
            assert_eq!(name_of(&mut key, Kind::Path, original), redacted);
            assert_eq!(text::restore(&key, None, redacted), original);
        }
    }
}
