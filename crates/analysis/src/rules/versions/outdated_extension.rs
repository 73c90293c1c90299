//! Extensions whose objects are of an older version than their library.

use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_available_extensions::PgAvailableExtension;

use crate::engine::prelude::*;
use crate::facts::relation::run_in;

rule! {
    /// ## What it sees
    ///
    /// Extensions whose version in a database differs from the default version of the files that are installed on the server.
    ///
    /// ## Why it matters
    ///
    /// After an upgrade of the server or of a package, new functions, columns and fixes of the extension become available only when it
    /// is updated in each database.
    ///
    /// ## Threshold
    ///
    /// None.
    ///
    /// ## Remedy
    ///
    /// `ALTER EXTENSION … UPDATE` in each database. Read the release notes of the extension first; some need more steps (PostGIS,
    /// TimescaleDB).
    ///
    /// ## When to ignore this
    ///
    /// If an application needs the older version.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_available_extensions": [ { "datname": "shop", "name": "pg_stat_statements", "default_version": "1.11",
    ///                                  "installed_version": "1.9" } ] }
    /// ```
    /// ```json passed
    /// { "pg_available_extensions": [ { "datname": "shop", "name": "pg_stat_statements", "default_version": "1.11",
    ///                                  "installed_version": "1.11" } ] }
    /// ```
    rule outdated_extension {
        code: PGD902,
        title: "Extensions are not updated to the installed version",
        passed: "All extensions are updated to the installed version",
        worst: Notice,
        reads: [extensions],
        source: "PostgreSQL manual, ALTER EXTENSION",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a PgAvailableExtension>> {
    let is_behind = |extension: &&PgAvailableExtension| {
        extension.installed_version.as_ref().zip(extension.default_version.as_ref()).is_some_and(|(is, could)| is != could)
    };
    Ok(view.extensions()?.iter().filter(is_behind).collect())
}

fn subject(extension: &&PgAvailableExtension) -> About {
    let subject = Subject::named(SubjectKind::Extension, &extension.name).in_database(extension.datname.as_deref());
    let update = format!("ALTER EXTENSION {} UPDATE;", quote_identifier(&extension.name));
    About::new(subject, Weight::Count(1))
        .figures([
            Figure::new("database", extension.datname.clone()),
            Figure::new("version", extension.installed_version.clone()),
            Figure::new("installed_files", extension.default_version.clone()),
        ])
        .run(extension.datname.as_ref().map_or_else(|| update.clone(), |database| run_in(database, &update)))
}

fn describe(found: &Found<&PgAvailableExtension>) -> Draft {
    Draft::new(format!("Update {}", found.each("the extension", "extensions")))
        .because("The files on the server are of another version than the objects in the database.")
        .advise("Read the release notes of the extension, then update it.")
        .impact("The update locks the objects that it replaces for a moment.")
        .undo_text("ALTER EXTENSION … UPDATE TO 'version' goes back only if the extension has a script for that.")
}
