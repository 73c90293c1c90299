//! What a precheck needs to know of a server.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pgdba_pg::{ServerVersion, parameter};

use crate::patroni::{Dcs, Sight};
use crate::precheck::kind_of;

/// A server and a role on it, just before a change.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The server's version.
    pub version: ServerVersion,
    /// The digest that names it.
    pub fingerprint: String,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// The role that is asked as.
    pub role: String,
    /// Whether that is a superuser.
    pub is_superuser: bool,
    /// Whether the server is a standby.
    pub in_recovery: bool,
    /// Whether the role may call `pg_reload_conf`.
    pub may_reload: bool,
    /// `allow_alter_system`, from 17 on.
    pub allows_alter_system: bool,
    /// Every parameter the role can see, by its name in lower case.
    pub settings: BTreeMap<String, Setting>,
    /// The parameters that the role was granted ALTER SYSTEM on, in lower case (15 and newer).
    pub granted: BTreeSet<String>,
    /// What roles and databases override.
    pub overrides: Vec<RoleSetting>,
    /// What the configuration files say; none where the role may not ask.
    pub file_lines: Option<Vec<FileLine>>,
    /// The bytes of `postgresql.auto.conf`, or why they cannot be read.
    pub auto_conf: Result<Vec<u8>, String>,
    /// The hosting service, where it was recognised.
    pub hosting: Option<String>,
    /// The machine's memory in bytes, where it is known.
    pub memory_bytes: Option<i64>,
    /// The libraries in the server's library folder, without `.so`; none where they cannot be listed.
    pub libraries: Option<BTreeSet<String>>,
    /// What is known of Patroni.
    pub patroni: Patroni,
}

/// Whether Patroni manages a server.
#[derive(Debug, Clone, Default)]
pub enum Patroni {
    /// No sign of it.
    #[default]
    NotManaged,
    /// The server looks like it, but Patroni was not asked or did not answer.
    Unseen,
    /// It manages the server.
    Managed {
        /// Its dynamic configuration.
        dcs: Box<Dcs>,
        /// Its version, as 3 and 0 of 3.0.2, where it says so.
        version: Option<(u32, u32)>,
    },
}

/// A row of `pg_settings`, as a session sees it that changed nothing.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// Its name, as the server spells it.
    pub name: String,
    /// The value in force, in `unit`.
    pub setting: String,
    /// The same as SHOW writes it, with its unit.
    pub shown: String,
    /// The unit.
    pub unit: Option<String>,
    /// When a change takes effect.
    pub context: String,
    /// Its type.
    pub vartype: String,
    /// Where the value comes from.
    pub source: String,
    /// The smallest value.
    pub min_val: Option<String>,
    /// The largest value.
    pub max_val: Option<String>,
    /// The values of an enum.
    pub enumvals: Vec<String>,
    /// The built-in value.
    pub boot_val: Option<String>,
    /// The file it stands in; none too where the role may not know.
    pub sourcefile: Option<String>,
    /// Whether a value waits for a restart.
    pub pending_restart: bool,
}

/// What a role or a database overrides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSetting {
    /// The role; none for all.
    pub role: Option<String>,
    /// The database; none for all.
    pub database: Option<String>,
    /// The parameter, in lower case.
    pub name: String,
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
    /// Whether it is a mistake, and not a value that waits for a restart.
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        self.error.as_deref().is_some_and(|error| error != WAITS)
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

impl Facts {
    /// The parameter of this name, in whatever case.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.get(&name.to_ascii_lowercase())
    }

    /// Gives parameters that the asking session set for itself the source that they have without it: their values are those that
    /// a session of this role begins with in `database`.
    pub fn own_settings_aside(&mut self, database: &str) {
        let concerns = |name: &Option<String>, own: &str| name.as_deref().is_none_or(|name| name == own);
        let overridden: BTreeSet<&str> = self
            .overrides
            .iter()
            .filter(|other| concerns(&other.role, &self.role) && concerns(&other.database, database))
            .map(|other| other.name.as_str())
            .collect();
        for (name, setting) in &mut self.settings {
            if setting.source != "session" {
                continue;
            }
            let source = match name.as_str() {
                name if overridden.contains(name) => "user",
                // Said as the session began.
                "application_name" => "client",
                _ if setting.boot_val.as_ref() == Some(&setting.setting) => "default",
                _ => "configuration file",
            };
            source.clone_into(&mut setting.source);
        }
    }

    /// The line of `postgresql.auto.conf` that counts for a parameter; none too where the role may not see the lines.
    #[must_use]
    pub fn auto_line(&self, name: &str) -> Option<&FileLine> {
        let is_it = |line: &&FileLine| line.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name));
        self.file_lines.as_deref()?.iter().rev().filter(|line| line.is_auto()).find(is_it)
    }

    /// The parameters that the server's command line sets, in lower case.
    #[must_use]
    pub fn command_line(&self) -> BTreeSet<String> {
        let set = self.settings.iter().filter(|(_, setting)| setting.source == "command line");
        set.map(|(name, _)| name.clone()).collect()
    }

    /// What is known of Patroni, for [`crate::patroni::override_of`].
    #[must_use]
    pub fn sight<'a>(&'a self, command_line: &'a BTreeSet<String>) -> Sight<'a> {
        match &self.patroni {
            Patroni::NotManaged => Sight::NotManaged,
            Patroni::Unseen => Sight::Unseen { command_line },
            Patroni::Managed { dcs, .. } => Sight::Managed { dcs, command_line },
        }
    }

    /// The lines whose value can never be in force: the server has the same words for a value that is merely waiting.
    pub fn mistakes(&self) -> impl Iterator<Item = &FileLine> {
        self.file_lines.iter().flatten().filter(|line| line.is_mistake() || self.holds_no_value(line))
    }

    fn holds_no_value(&self, line: &FileLine) -> bool {
        let Some(setting) = line.name.as_deref().and_then(|name| self.setting(name)) else { return false };
        let kind = kind_of(setting, self.version.major());
        let is_value = line.setting.as_deref().is_some_and(|text| parameter::parse(&kind, text).is_ok());
        line.waits_for_restart() && !(setting.context == "postmaster" && is_value)
    }

    /// The lines that keep the server from taking over anything at a reload.
    #[must_use]
    pub fn blocking_mistakes(&self) -> Vec<&FileLine> {
        let lines = self.file_lines.as_deref().unwrap_or_default();
        // A value that is merely wrong leaves the others alone; a line that cannot be read, or names no parameter, does not.
        if lines.iter().any(|line| line.applied) {
            return Vec::new();
        }
        lines.iter().filter(|line| line.is_mistake()).collect()
    }
}
