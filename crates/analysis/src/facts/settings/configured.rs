//! The settings together with everything that decides about them: the configuration files, and what roles and databases
//! have instead.

use std::ops::Deref;
use std::rc::Rc;

use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::system::System;

use super::Settings;
use super::files::Files;

/// The settings in force, beside what the files, roles and databases say.
#[derive(Debug, Default)]
pub struct Configured {
    settings: Rc<Settings>,
    pub(super) files: Option<Files>,
    overrides: Vec<PgDbRoleSetting>,
    /// The role and the database of the session that collected.
    seen_by: Option<(String, String)>,
}

impl Deref for Configured {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl Configured {
    pub(in crate::facts) fn new(
        settings: Rc<Settings>,
        files: Option<Vec<PgFileSetting>>,
        overrides: Vec<PgDbRoleSetting>,
        system: Option<&System>,
    ) -> Self {
        let seen_by = system.and_then(|system| system.current_user.clone().zip(system.current_database.clone()));
        Self { settings, files: files.map(Files::from_rows), overrides, seen_by }
    }

    /// The configuration files; none where they could not be looked at.
    #[must_use]
    pub fn files(&self) -> Option<&Files> {
        self.files.as_ref()
    }

    /// What roles and databases have in place of a parameter's value.
    pub fn overrides(&self, name: &str) -> impl Iterator<Item = &PgDbRoleSetting> {
        self.overrides.iter().filter(move |row| row.name.as_ref().is_some_and(|row| row.eq_ignore_ascii_case(name)))
    }

    /// What the session that collected began with in place of what the files say: of the rows for its own role or for all,
    /// in its own database or in all, the one that wins. None where there is none, or nobody knows whose session it was.
    #[must_use]
    pub fn own_override(&self, name: &str) -> Option<&PgDbRoleSetting> {
        let (role, database) = self.seen_by.as_ref()?;
        // A role that takes on another at once is shown as that other one, and began with its own settings.
        if self.overrides("role").next().is_some() {
            return None;
        }
        let is_for = |whom: &Option<String>, own: &String| whom.as_ref().is_none_or(|whom| whom == own);
        let is_own = |row: &&PgDbRoleSetting| is_for(&row.rolname, role) && is_for(&row.datname, database);
        // The server takes them in this order, the last one first.
        self.overrides(name).filter(is_own).max_by_key(|row| (row.rolname.is_some(), row.datname.is_some()))
    }

    /// Every `ALTER ROLE … SET` and `ALTER DATABASE … SET`, in the server's order.
    pub fn all_overrides(&self) -> &[PgDbRoleSetting] {
        &self.overrides
    }
}
