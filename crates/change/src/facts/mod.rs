//! What a precheck needs to know of a server.

mod files;
mod patroni;
mod value;

pub use files::{AutoConfFile, FileLine, Hidden, ReloadFacts};
pub use value::{is_shown, kind_of};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pgdba_pg::parameter::{Kind, Source};
use pgdba_pg::{ServerVersion, display, parameter};

use crate::change_set::{ChangeSet, Former, PlacedValue};
use crate::environment::Environment;
use crate::patroni::{Dcs, Sight};

/// A server and a role on it, just before a change.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The server's version.
    pub version: ServerVersion,
    /// The digest that names it.
    pub fingerprint: String,
    /// The address at which it was reached, as it sees it; none over a Unix socket.
    pub address: Option<String>,
    /// The port that it listens on.
    pub port: Option<i64>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// The role that is asked as.
    pub role: String,
    /// Whether that role is a superuser.
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
    /// `postgresql.auto.conf` itself.
    pub auto_conf: AutoConfFile,
    /// What a reload reads besides the parameters.
    pub reload: ReloadFacts,
    /// Where the server records the text of a statement and this role cannot prevent it, such as `the server log`.
    pub records: Vec<String>,
    /// The hosting service, where it was recognized.
    pub hosting: Option<String>,
    /// What surrounds the settings; nothing is known of it where nobody asked.
    pub environment: Environment,
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
    /// Where the value comes from; none where that is not shown, or is a source that no known version has.
    pub source: Option<Source>,
    /// The smallest value.
    pub min_val: Option<String>,
    /// The largest value.
    pub max_val: Option<String>,
    /// The values of an enum.
    pub enumvals: Vec<String>,
    /// The built-in value.
    pub boot_val: Option<String>,
    /// The file it is set in; none too where the role cannot see it.
    pub sourcefile: Option<String>,
    /// The line of that file.
    pub sourceline: Option<i64>,
    /// Whether a value waits for a restart.
    pub pending_restart: bool,
}

impl Setting {
    /// A value in the parameter's own unit as SHOW writes it.
    fn with_unit(&self, value: &str) -> String {
        display::parameter(value, self.unit.as_deref()).replace(' ', "")
    }
}

/// Whether two facts are known and not the same.
fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    a.is_some() && b.is_some() && a != b
}

fn place(file: &str, line: i64) -> String {
    format!("{}:{line}", parameter::file_name(file))
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
            if setting.source != Some(Source::Session) {
                continue;
            }
            setting.source = Some(match name.as_str() {
                name if overridden.contains(name) => Source::User,
                // Part of the connection request.
                "application_name" => Source::Client,
                _ if setting.boot_val.as_ref() == Some(&setting.setting) => Source::Default,
                _ => Source::ConfigurationFile,
            });
        }
    }

    /// Whether this is the server that a change set was applied to, as far as can be known: a standby has the system identifier of its
    /// primary, and files of its own.
    #[must_use]
    pub fn is_server_of(&self, change_set: &ChangeSet) -> bool {
        if self.started_at.is_some() && self.started_at == change_set.server_started_at {
            return true;
        }
        let directory = self.setting("data_directory").map(|setting| &setting.setting);
        let changes_port = change_set.steps().any(|change| change.name == "port");
        !differ(directory, change_set.data_directory.as_ref())
            && !differ(self.address.as_ref(), change_set.address.as_ref())
            && (changes_port || !differ(self.port.as_ref(), change_set.port.as_ref()))
    }

    /// Whether the role sees what `postgresql.auto.conf` holds, and not only what the server last loaded from it.
    #[must_use]
    pub fn sees_file(&self) -> bool {
        matches!(self.auto_conf, AutoConfFile::Read(_)) || self.file_lines.is_some()
    }

    /// What `postgresql.auto.conf` holds of a parameter.
    ///
    /// # Errors
    /// [`Hidden`] where the role cannot see that.
    pub fn held(&self, name: &str) -> Result<Former, Hidden> {
        if let AutoConfFile::Read(file) = &self.auto_conf {
            let Some(entry) = file.get(name) else { return Ok(Former::Absent) };
            let text = entry.text().ok_or_else(|| Hidden::NotText(file.line_of(name).unwrap_or_default()))?;
            return Ok(Former::Line { text: text.to_owned() });
        }
        if matches!(self.auto_conf, AutoConfFile::Failed(_) | AutoConfFile::Broken(_)) {
            // The server leaves a file that it cannot open out of pg_file_settings without a word.
            return Err(Hidden::File);
        }
        if self.file_lines.is_some() {
            let text = self.auto_line(name).map(|line| line.setting.clone().unwrap_or_default());
            return Ok(text.map_or(Former::Absent, |text| Former::Line { text }));
        }
        // Nobody but the files knows the parameter of a library that is not loaded.
        let setting = self.setting(name).ok_or(Hidden::File)?;
        // Where something else decides, or a value waits for a restart, the settings do not show what the file holds.
        if !setting.shows_files() || setting.pending_restart {
            return Err(Hidden::File);
        }
        match (&setting.sourcefile, setting.source) {
            (Some(file), _) if parameter::is_auto_conf(file) => Ok(Former::Value { setting: setting.setting.clone() }),
            (None, Some(Source::ConfigurationFile)) => Err(Hidden::Settings),
            _ => Ok(Former::AssumedAbsent),
        }
    }

    /// Whether `postgresql.auto.conf` holding `a` or `b` of a parameter means the same to the server. Values that cannot be compared
    /// from outside count as the same.
    #[must_use]
    pub fn means_same(&self, name: &str, a: &Former, b: &Former) -> bool {
        let (Some(text), Some(other)) = (a.value(), b.value()) else {
            return a.value().is_none() == b.value().is_none();
        };
        let Some(setting) = self.setting(name) else { return text == other };
        let major = self.version.major();
        let shown = |given: &str, shown: &str| {
            parameter::is_shown_as(&setting.name, major, &kind_of(setting, major), given, shown).unwrap_or(true)
        };
        match (a, b) {
            // As the server shows it: rounded, or completed.
            (Former::Value { .. }, Former::Line { .. }) => shown(other, text),
            (Former::Line { .. }, Former::Value { .. }) => shown(text, other),
            _ => parameter::same(&kind_of(setting, major), text, other),
        }
    }

    /// The server's value of a parameter: what a session has that sets nothing itself, not by its role or database either. None where
    /// the role cannot see it.
    #[must_use]
    pub fn server_value(&self, setting: &Setting) -> Option<PlacedValue> {
        if !setting.differs_between_sessions() {
            let line = setting.sourceline.filter(|line| *line > 0);
            // What was loaded at a start may be gone from the file since.
            let is_gone = |file: &str| parameter::is_auto_conf(file) && self.held(&setting.name) == Ok(Former::Absent);
            let file = setting.sourcefile.as_ref().filter(|file| !is_gone(file));
            let place = file.zip(line).map(|(file, line)| place(file, line));
            return Some(PlacedValue { value: Some(setting.shown.clone()), place });
        }
        self.by_files(setting, |_| true)
    }

    /// The value that applies once `postgresql.auto.conf` does not set the parameter any more.
    #[must_use]
    pub fn after_reset(&self, setting: &Setting) -> Option<PlacedValue> {
        self.by_files(setting, |line| !line.is_auto())
    }

    /// The value by those lines of the files that `counts` is true of, else the built-in one.
    fn by_files(&self, setting: &Setting, counts: impl Fn(&FileLine) -> bool) -> Option<PlacedValue> {
        let is_it =
            |line: &&FileLine| line.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&setting.name));
        let lines = self.file_lines.as_deref()?.iter().rev().filter(is_it);
        let is_mistake = |line: &&FileLine| line.is_mistake();
        Some(match lines.filter(|line| counts(line)).find(|line| !is_mistake(line)) {
            Some(line) => PlacedValue { value: line.setting.clone(), place: Some(place(&line.file, line.line)) },
            None => {
                PlacedValue { value: setting.boot_val.as_deref().map(|value| setting.with_unit(value)), place: None }
            }
        })
    }

    /// Whether sessions that set nothing themselves have the value `wanted`.
    #[must_use]
    pub fn is_in_force_for_others(&self, setting: &Setting, wanted: &str) -> bool {
        let major = self.version.major();
        let kind = kind_of(setting, major);
        if setting.differs_between_sessions() {
            let is_wanted =
                |value: PlacedValue| value.value.is_some_and(|value| parameter::same(&kind, &value, wanted));
            return !self.reload.is_configuration_edited && self.server_value(setting).is_some_and(is_wanted);
        }
        // The server shows six digits of a real number, so two that differ after those are not the same.
        let is_exact = !matches!(kind, Kind::Real { .. }) || parameter::same(&kind, &setting.setting, wanted);
        setting.shows_files() && is_exact && is_shown(setting, major, wanted) == Some(true)
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
        let set = self.settings.iter().filter(|(_, setting)| setting.source == Some(Source::CommandLine));
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
