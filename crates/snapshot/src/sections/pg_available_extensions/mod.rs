//! Newer versions of extensions.

use crate::section;

section! {
    /// The installed extensions, with the version available on the server.
    section pg_available_extensions {
        scope: Database,
        why: "Finds extensions that need ALTER EXTENSION ... UPDATE.",
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
