//! Where a value comes from.

use pgdba_pg::parameter::is_auto_conf;
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;
use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::settings::Configured;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Origin {
    /// `pg_settings.source`. If the collector's session hides it, the source derived from files and overrides, or none.
    pub source: Option<String>,
    /// The file, if it is known.
    pub file: Option<String>,
    /// The line in the file.
    pub line: Option<i64>,
    /// The same in words.
    pub words: String,
}

impl Origin {
    /// The origin of the value in force.
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

    /// The origin of a value that the collector's session overrides: the server shows the value, but not its source. The
    /// source is the place that has the same value; an override of a role or database counts only if that session
    /// certainly started with it.
    fn hidden(
        settings: &Configured,
        setting: &PgSetting,
        in_files: Option<&PgFileSetting>,
        database: Option<&str>,
    ) -> Self {
        let is_same = |text: &Option<String>| {
            text.as_deref().is_some_and(|text| settings.is_in_force(setting, text) == Some(true))
        };
        if let Some(row) = settings.own_override(&setting.name).filter(|row| is_same(&row.setting)) {
            return Self::of_override(row);
        }
        match in_files {
            Some(line) if line.applied == Some(true) && is_same(&line.setting) => Self::of_line(settings, line),
            None if settings.files().is_some() && is_same(&setting.boot_val) => Self::of_source("default", database),
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

    /// A line of the configuration files.
    pub(super) fn of_line(settings: &Configured, line: &PgFileSetting) -> Self {
        Self::of_file(settings, line.sourcefile.as_deref(), line.sourceline)
    }

    /// The origin of a parameter without a value.
    pub(super) fn none() -> Self {
        Self { words: "–".to_owned(), ..Self::unknown() }
    }

    /// An unknown origin.
    fn unknown() -> Self {
        Self { source: None, file: None, line: None, words: "unknown".to_owned() }
    }

    fn of_source(source: &str, database: Option<&str>) -> Self {
        let database = database.unwrap_or("the session's database");
        let words = match source {
            "default" => "default".to_owned(),
            "override" => "the server".to_owned(),
            "client" => "the collecting session".to_owned(),
            "database" => format!("ALTER DATABASE {database}"),
            "user" => "ALTER ROLE (collecting role)".to_owned(),
            "database user" => format!("ALTER ROLE IN DATABASE {database} (collecting role)"),
            "global" => "ALTER ROLE ALL".to_owned(),
            other => other.to_owned(),
        };
        Self { source: Some(source.to_owned()), file: None, line: None, words }
    }

    fn of_file(settings: &Configured, file: Option<&str>, line: Option<i64>) -> Self {
        let words = file.map_or_else(
            || "configuration file".to_owned(),
            |file| {
                let place = place(settings, file, line);
                if is_auto_conf(file) { format!("ALTER SYSTEM ({place})") } else { place }
            },
        );
        Self { source: Some("configuration file".to_owned()), file: file.map(str::to_owned), line, words }
    }
}

/// `postgresql.conf:12`: without the directory if it is that of `config_file` or the data directory.
fn place(settings: &Configured, file: &str, line: Option<i64>) -> String {
    let main = settings.text("config_file").and_then(|main| main.rsplit_once('/')).map(|(directory, _)| directory);
    let directories = [main, settings.text("data_directory")];
    let is_below = |directory: &&str| {
        !directory.is_empty() && file.strip_prefix(*directory).is_some_and(|rest| rest.starts_with('/'))
    };
    let below = directories.into_iter().flatten().find(is_below).and_then(|directory| file.strip_prefix(directory));
    let name = below.map_or(file, |rest| rest.trim_start_matches('/'));
    line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"))
}
