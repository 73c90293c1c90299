//! Where a value comes from.

use pgdba_pg::parameter::is_auto_conf;
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;
use serde::Serialize;

use crate::facts::settings::Configured;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// `pg_settings.source`. Where the collector's session hides it, what the files and overrides tell; else none.
    pub source: Option<String>,
    /// The file, where it is known.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<i64>,
    /// All of it in words.
    pub words: String,
}

impl Origin {
    /// Of the value in force.
    pub(super) fn of(settings: &Configured, setting: &PgSetting, database: Option<&str>) -> Self {
        let in_files = settings.files().and_then(|files| files.last(&setting.name));
        match setting.source.as_deref() {
            Some("configuration file") => match (&setting.sourcefile, in_files) {
                (Some(file), _) => Self::of_file(settings, Some(file), setting.sourceline),
                (None, Some(line)) if line.applied == Some(true) => Self::of_line(settings, line),
                _ => Self::of_file(settings, None, None),
            },
            Some(source) => Self::of_source(source, database),
            None => Self::hidden(settings, setting, in_files, database),
        }
    }

    /// Of a value that the collector's own session had set to something else: the server tells what it was, not whence.
    /// What has the same value is where it comes from, and of a role or database only what that session surely began with.
    fn hidden(
        settings: &Configured,
        setting: &PgSetting,
        in_files: Option<&PgFileSetting>,
        database: Option<&str>,
    ) -> Self {
        let is_it = |text: &Option<String>| {
            text.as_deref().is_some_and(|text| settings.is_in_force(setting, text) == Some(true))
        };
        if let Some(row) = settings.own_override(&setting.name).filter(|row| is_it(&row.setting)) {
            return Self::of_override(row);
        }
        match in_files {
            Some(line) if line.applied == Some(true) && is_it(&line.setting) => Self::of_line(settings, line),
            None if settings.files().is_some() && is_it(&setting.boot_val) => Self::of_source("default", database),
            _ => Self::unknown(),
        }
    }

    fn of_override(row: &PgDbRoleSetting) -> Self {
        let database = row.datname.as_deref();
        let source = match (database, &row.rolname) {
            (Some(_), Some(_)) => "database user",
            (Some(_), None) => "database",
            (None, Some(_)) => "user",
            (None, None) => "global",
        };
        Self::of_source(source, database)
    }

    /// Of a line of the configuration files.
    pub(super) fn of_line(settings: &Configured, line: &PgFileSetting) -> Self {
        Self::of_file(settings, line.sourcefile.as_deref(), line.sourceline)
    }

    /// Of a parameter that has no value of its own.
    pub(super) fn none() -> Self {
        Self { words: "–".to_owned(), ..Self::unknown() }
    }

    /// Of a value of which nobody can say.
    fn unknown() -> Self {
        Self { source: None, file: None, line: None, words: "not told".to_owned() }
    }

    fn of_source(source: &str, database: Option<&str>) -> Self {
        let database = database.unwrap_or("the database of the session");
        let words = match source {
            "default" => "built in".to_owned(),
            "override" => "the server itself".to_owned(),
            "client" => "the session that collected".to_owned(),
            "database" => format!("ALTER DATABASE {database}"),
            "user" => "ALTER ROLE, of the role that collected".to_owned(),
            "database user" => format!("ALTER ROLE IN DATABASE {database}, of the role that collected"),
            "global" => "ALTER ROLE ALL".to_owned(),
            other => other.to_owned(),
        };
        Self { source: Some(source.to_owned()), file: None, line: None, words }
    }

    fn of_file(settings: &Configured, file: Option<&str>, line: Option<i64>) -> Self {
        let words = file.map_or_else(
            || "a configuration file".to_owned(),
            |file| {
                let place = place(settings, file, line);
                if is_auto_conf(file) { format!("ALTER SYSTEM ({place})") } else { place }
            },
        );
        Self { source: Some("configuration file".to_owned()), file: file.map(str::to_owned), line, words }
    }
}

/// `postgresql.conf:12`: without the folder where it is the one of `config_file` or the data folder.
fn place(settings: &Configured, file: &str, line: Option<i64>) -> String {
    let main = settings.text("config_file").and_then(|main| main.rsplit_once('/')).map(|(folder, _)| folder);
    let folders = [main, settings.text("data_directory")];
    let is_below =
        |folder: &&str| !folder.is_empty() && file.strip_prefix(*folder).is_some_and(|rest| rest.starts_with('/'));
    let below = folders.into_iter().flatten().find(is_below).and_then(|folder| file.strip_prefix(folder));
    let name = below.map_or(file, |rest| rest.trim_start_matches('/'));
    line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"))
}
