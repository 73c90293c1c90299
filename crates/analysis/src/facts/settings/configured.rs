//! The settings in force together with the configuration files and the values for roles and databases.

use std::ops::Deref;
use std::rc::Rc;

use pgdba_pg::Bytes;
use pgdba_pg::parameter::{self, Kind, Source, Value, is_auto_conf};
use pgdba_pg::unit::bytes_per_unit;
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;
use pgdba_snapshot::sections::system::System;

use super::Settings;
use super::files::Files;
use crate::facts::Facts;
use crate::format::{Checked, NotAssessed};

/// The settings in force, the configuration files, and the values for roles and databases.
#[derive(Debug, Default)]
pub struct Configured {
    settings: Rc<Settings>,
    pub(super) files: Option<Files>,
    /// Why the configuration files could not be read.
    unread: Option<NotAssessed>,
    overrides: Vec<PgDbRoleSetting>,
    /// Whether the values for roles and databases could be read.
    knows_overrides: bool,
    /// Whether texts are tokens.
    pub(super) is_redacted: bool,
    /// The role and the database of the collecting session.
    seen_by: Option<(String, String)>,
}

impl Deref for Configured {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl Configured {
    pub(in crate::facts) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let files: Checked<Vec<PgFileSetting>> = facts.rows();
        let overrides: Option<Vec<PgDbRoleSetting>> = facts.rows().ok();
        let of_session = |system: &System| system.current_user.clone().zip(system.current_database.clone());
        Ok(Self {
            settings: Rc::clone(facts.settings()?),
            unread: files.as_ref().err().cloned(),
            files: files.ok().map(Files::from_rows),
            knows_overrides: overrides.is_some(),
            overrides: overrides.unwrap_or_default(),
            is_redacted: facts.reader().snapshot().redacted,
            seen_by: facts.system().ok().and_then(of_session),
        })
    }

    /// The configuration files; none if they could not be read.
    #[must_use]
    pub fn files(&self) -> Option<&Files> {
        self.files.as_ref()
    }

    /// The value of a boolean parameter for the server. If the collecting session has a value of its own, it is that in the
    /// configuration files, or the built-in one; none if the files could not be read. A value on the command line is then hidden.
    #[must_use]
    pub fn is_on_for_server(&self, name: &str) -> Option<bool> {
        if let Some(is_on) = self.settings.is_on_for_server(name) {
            return Some(is_on);
        }
        match parameter::parse(&Kind::Bool, self.text_at_start(name)?) {
            Ok(Value::Bool(is_on)) => Some(is_on),
            _ => None,
        }
    }

    /// The parameters with the values that apply to every session without one of its own: what ALTER ROLE ALL sets, or else the
    /// server's configuration. Where the collecting session has a value of its own, it is that in the configuration files, or the
    /// built-in one; hidden if the files could not be read. A value on the command line is then hidden too.
    pub(in crate::facts) fn server_settings(&self) -> Settings {
        self.settings.with_rows(|row| self.for_all_sessions(row))
    }

    /// A parameter's row as every session without a value of its own shows it; that of the collecting session if it is hidden.
    #[must_use]
    pub fn for_server(&self, name: &str) -> Option<PgSetting> {
        let row = self.settings.get(name)?;
        self.for_all_sessions(row).or_else(|| Some(row.clone()))
    }

    /// A parameter's row as every session without a value of its own shows it; none if it is hidden.
    fn for_all_sessions(&self, row: &PgSetting) -> Option<PgSetting> {
        let with = |text: &str, source: Source| PgSetting {
            setting: Some(self.settings.shown(row, text)),
            source: Some(source.name().to_owned()),
            sourcefile: None,
            sourceline: None,
            ..row.clone()
        };
        if let Some(text) = self.for_all_roles(&row.name) {
            return Some(with(text, Source::Global));
        }
        let is_own = |source: Source| source != Source::Global && source.differs_between_sessions();
        if !Settings::source(row).is_some_and(is_own) {
            return Some(row.clone());
        }
        let line = self.files.as_ref()?.last(&row.name);
        let source = if line.is_some() { Source::ConfigurationFile } else { Source::Default };
        let sourcefile = line.and_then(|line| line.sourcefile.clone());
        Some(PgSetting { sourcefile, ..with(self.text_at_start(&row.name)?, source) })
    }

    /// The value of a parameter for the server is hidden by one of the collecting session.
    #[must_use]
    pub fn hidden(name: &str) -> NotAssessed {
        NotAssessed::because(format!(
            "the value of {name} for the server is unknown: the role or its database has a value of its own"
        ))
    }

    /// The value of a parameter in the configuration files, or the built-in one; none if the files could not be read.
    fn text_at_start(&self, name: &str) -> Option<&str> {
        let line = self.files.as_ref()?.last(name);
        line.map_or_else(|| self.settings.get(name)?.boot_val.as_deref(), |line| line.setting.as_deref())
    }

    /// A size for the server, without what roles and databases have. If the collecting session has a value of its own, it is that in
    /// the configuration files, or the built-in one; none if the files could not be read.
    #[must_use]
    pub fn bytes_for_server(&self, name: &str) -> Option<Bytes> {
        let source = self.settings.get(name).and_then(Settings::source);
        let is_own = source.is_some_and(Source::differs_between_sessions);
        if is_own { self.size(name, self.text_at_start(name)?) } else { self.settings.bytes(name) }
    }

    /// The size that a text is as the value of a parameter.
    #[must_use]
    pub fn size(&self, name: &str, text: &str) -> Option<Bytes> {
        let unit = self.settings.get(name)?.unit.clone()?;
        let step = bytes_per_unit(&unit)?;
        match parameter::parse(&Kind::Integer { unit: Some(unit), min: 0, max: i64::from(i32::MAX) }, text) {
            Ok(Value::Integer(steps)) => Some(Bytes(steps.saturating_mul(step))),
            _ => None,
        }
    }

    /// The values of a parameter for roles and databases; none if they could not be read.
    #[must_use]
    pub fn known_overrides(&self, name: &str) -> Option<Vec<&PgDbRoleSetting>> {
        self.knows_overrides.then(|| self.overrides(name).collect())
    }

    /// Why the configuration files could not be read; none if they were.
    #[must_use]
    pub const fn unread(&self) -> Option<&NotAssessed> {
        self.unread.as_ref()
    }

    /// Whether the line that counts for a parameter, or its value in force, is in the file that `ALTER SYSTEM` writes.
    #[must_use]
    pub fn is_in_auto_conf(&self, name: &str) -> bool {
        let line = || self.files.as_ref()?.last(name)?.sourcefile.as_deref();
        let in_force = || self.get(name)?.sourcefile.as_deref();
        line().or_else(in_force).is_some_and(is_auto_conf)
    }

    /// The values of a parameter for roles and databases.
    pub fn overrides(&self, name: &str) -> impl Iterator<Item = &PgDbRoleSetting> {
        self.overrides.iter().filter(move |row| row.name.as_ref().is_some_and(|row| row.eq_ignore_ascii_case(name)))
    }

    /// The value of a parameter that ALTER ROLE ALL sets, which overrides that of the server.
    #[must_use]
    pub fn for_all_roles(&self, name: &str) -> Option<&str> {
        self.overrides(name).find(|row| is_for_all_roles(row))?.setting.as_deref()
    }

    /// The override that the collecting session started with: of the rows for its role or for all, in its database or in
    /// all, the one that takes precedence. None if there is none, or the session's role is unknown.
    #[must_use]
    pub fn own_override(&self, name: &str) -> Option<&PgDbRoleSetting> {
        let (role, database) = self.seen_by.as_ref()?;
        // A role with a default `role` is shown as that other role, but its session started with its own settings.
        if self.overrides("role").next().is_some() {
            return None;
        }
        self.override_of(name, role, database)
    }

    /// The override with which a session of a role in a database starts.
    #[must_use]
    pub fn override_of(&self, name: &str, role: &str, database: &str) -> Option<&PgDbRoleSetting> {
        let is_for = |whom: &Option<String>, own: &str| whom.as_ref().is_none_or(|whom| whom == own);
        let is_own = |row: &&PgDbRoleSetting| is_for(&row.rolname, role) && is_for(&row.datname, database);
        // The server applies them in this order; the last one takes precedence.
        self.overrides(name).filter(is_own).max_by_key(|row| (row.rolname.is_some(), row.datname.is_some()))
    }

    /// Every `ALTER ROLE … SET` and `ALTER DATABASE … SET`, in the server's order.
    pub fn all_overrides(&self) -> &[PgDbRoleSetting] {
        &self.overrides
    }
}

/// Whether ALTER ROLE ALL sets a value, which applies to all roles in all databases.
#[must_use]
pub const fn is_for_all_roles(row: &PgDbRoleSetting) -> bool {
    row.rolname.is_none() && row.datname.is_none()
}
