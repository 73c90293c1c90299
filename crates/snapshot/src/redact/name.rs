//! A name by itself.

use super::key::Key;
use super::kind::Kind;
use super::own;

/// A name that stands alone, unless it is one of PostgreSQL's own.
pub(super) fn name_of(key: &mut Key, kind: Kind, name: &str) -> String {
    // A type without its schema is taken for the server's own unless the catalogs show a user's.
    let is_own = own::is_own(kind, name) && !(kind == Kind::Type && key.knows(name));
    if name.is_empty() || is_own { name.to_owned() } else { key.token(kind, name) }
}
