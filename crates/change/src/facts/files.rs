//! The server's configuration files, as far as a role can see them.

use pgdba_pg::parameter;

use crate::auto_conf::{AutoConf, ReadError};

/// `postgresql.auto.conf`, as far as the role can read it.
#[derive(Debug, Clone)]
pub enum AutoConfFile {
    /// It was read.
    Read(AutoConf),
    /// It was read, and `ALTER SYSTEM` cannot work with it.
    Broken(ReadError),
    /// The role may not read it, and why.
    Unreadable(String),
    /// The role may read it, and reading failed, as it would for `ALTER SYSTEM`.
    Failed(String),
}

impl AutoConfFile {
    /// The file of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        AutoConf::read(bytes).map_or_else(Self::Broken, Self::Read)
    }

    /// The file, where it was read and `ALTER SYSTEM` can work with it.
    #[must_use]
    pub fn read(&self) -> Option<&AutoConf> {
        match self {
            Self::Read(file) => Some(file),
            Self::Broken(_) | Self::Unreadable(_) | Self::Failed(_) => None,
        }
    }
}

/// What a reload reads besides the parameters: client authentication and TLS files.
#[derive(Debug, Clone, Default)]
pub struct ReloadFacts {
    /// Files that were edited after the server last loaded its configuration.
    pub edited: Vec<String>,
    /// Mistakes in pg_hba.conf and pg_ident.conf.
    pub errors: Vec<FileLine>,
    /// Whether a configuration file was edited after the server last loaded it, as far as the role can see.
    pub is_configuration_edited: bool,
    /// Whether the role could see when all of the files were edited.
    pub is_complete: bool,
}

/// Why the role cannot see what `postgresql.auto.conf` holds of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// `pg_settings` would show it to a role with pg_read_all_settings.
    Settings,
    /// Only the file or `pg_file_settings` shows it.
    File,
    /// The value in this line is not valid UTF-8.
    NotText(usize),
}

/// A line of the configuration files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    /// The file.
    pub file: String,
    /// The line in it.
    pub line: i64,
    /// The parameter, in lower case; none for a line that cannot be read.
    pub name: Option<String>,
    /// Its value there.
    pub setting: Option<String>,
    /// Whether it can be in force.
    pub applied: bool,
    /// Why not.
    pub error: Option<String>,
}

/// What pg_file_settings says of a value that waits for a restart: it is no mistake in the file.
const WAITS: &str = "setting could not be applied";

impl FileLine {
    /// Whether it is a mistake, and not a value, or the default of a removed parameter, that waits for a restart.
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        let is_removal = parameter::is_removed_from_files(Some(&self.file), self.error.as_deref());
        self.error.as_deref().is_some_and(|error| error != WAITS) && !is_removal
    }

    /// Why its value cannot be in force, with the parameter, which the server's words leave out.
    #[must_use]
    pub fn error_with_name(&self) -> String {
        let error = self.error.as_deref().unwrap_or_default();
        match &self.name {
            Some(name) if !error.contains(name.as_str()) => format!("{error} \"{name}\""),
            _ => error.to_owned(),
        }
    }

    /// Whether its value is taken over at the next restart.
    #[must_use]
    pub fn waits_for_restart(&self) -> bool {
        self.error.as_deref() == Some(WAITS)
    }

    /// Whether ALTER SYSTEM wrote it.
    #[must_use]
    pub fn is_auto(&self) -> bool {
        parameter::is_auto_conf(&self.file)
    }
}
