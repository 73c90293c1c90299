//! Newer versions of extensions.

use crate::section;

section! {
    /// The installed extensions, with the version that the server's files would install.
    section pg_available_extensions {
        scope: Database,
        why: "An extension that is older than its files wants ALTER EXTENSION ... UPDATE.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgAvailableExtension {
        /// The extension's name.
        name: String,
        /// The version that CREATE EXTENSION would install now.
        default_version: Option<String>,
        /// The version that is installed.
        installed_version: Option<String>,
    }
}
