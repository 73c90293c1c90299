//! Values in the configuration files that are not in force.

use pgdba_pg::parameter::{self, Source};
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use super::Settings;
use super::configured::Configured;
use super::files::Files;

/// Parameters whose values name objects of a database. A session checks that they exist, the server that starts does not.
const NAMES_OF_OBJECTS: [&str; 4] =
    ["default_table_access_method", "default_tablespace", "default_text_search_config", "temp_tablespaces"];

/// The server's error for a name that is not a parameter's; the server does not translate it.
const UNRECOGNIZED: &str = "unrecognized configuration parameter";

/// What is required before the value in the configuration files takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing.
    Nothing,
    /// Nothing, although `pending_restart` is still set: the server keeps it after `ALTER SYSTEM RESET`.
    Forgotten,
    /// A reload, which sets this value.
    Reload(String),
    /// A restart, which sets this value; none if the files could not be read.
    Restart(Option<String>),
}

impl Waiting {
    /// A mark that the files do not confirm.
    fn or_forgotten(self) -> Self {
        if self == Self::Nothing { Self::Nothing } else { Self::Forgotten }
    }
}

impl Configured {
    /// The invalid lines, in the order in which the server reads them; none if the files could not be read. Lines that a
    /// later line overrides and lines that only require a restart are not invalid.
    #[must_use]
    pub fn faulty_lines(&self) -> Vec<&PgFileSetting> {
        let lines = self.files.iter().flat_map(|files| &files.lines);
        lines.filter(|line| line.error.is_some() && !self.is_restart_all_it_needs(line)).collect()
    }

    /// The invalid lines with which the server does not start; none if the files could not be read.
    #[must_use]
    pub fn fatal_lines(&self) -> Vec<&PgFileSetting> {
        let mut lines = self.faulty_lines();
        lines.retain(|line| is_fatal(line));
        lines
    }

    /// The server reports the same error for an invalid value and for one that requires a restart.
    fn is_restart_all_it_needs(&self, line: &PgFileSetting) -> bool {
        let setting = line.name.as_ref().and_then(|name| self.iter().find(|row| row.name.eq_ignore_ascii_case(name)));
        let is_allowed = |setting: &PgSetting| {
            line.setting.as_ref().is_none_or(|text| parameter::parse(&self.kind(setting), text).is_ok())
        };
        setting.is_some_and(|setting| setting.context.as_deref() == Some("postmaster") && is_allowed(setting))
    }

    /// What a parameter waits for.
    #[must_use]
    pub fn waiting(&self, setting: &PgSetting) -> Waiting {
        let marked = if setting.pending_restart == Some(true) { Waiting::Restart(None) } else { Waiting::Nothing };
        // The server marks it although the command line overrides the files, also at the next start.
        if Settings::source(setting) == Some(Source::CommandLine) {
            return marked.or_forgotten();
        }
        let Some(files) = &self.files else { return marked };
        if files.are_blocked() {
            return self.waiting_while_blocked(setting, files, marked);
        }
        if is_beyond_the_files(setting) {
            return marked.or_forgotten();
        }
        let next = match files.last(&setting.name) {
            Some(line) if line.applied == Some(true) => self.unloaded(setting, line),
            Some(line) if line.error.is_some() && self.is_restart_all_it_needs(line) => {
                // The server compares texts: it marks a list with another blank in it.
                let is_same = line.setting.as_ref().and_then(|text| self.is_in_force(setting, text)) == Some(true);
                return if is_same { marked.or_forgotten() } else { Waiting::Restart(line.setting.clone()) };
            }
            Some(_) => return marked,
            // Removed from the files: the value in force came from there, and the default is next.
            None if Settings::source(setting) == Some(Source::ConfigurationFile) => setting.boot_val.clone(),
            None => None,
        };
        match next {
            Some(next) if setting.context.as_deref() == Some("postmaster") => Waiting::Restart(Some(next)),
            Some(next) => Waiting::Reload(next),
            None => marked.or_forgotten(),
        }
    }

    /// What a parameter waits for where the server loads none of the lines. A line that has the value in force shows that
    /// its mark is left over; a parameter without a line might be in a file that an invalid line excludes.
    fn waiting_while_blocked(&self, setting: &PgSetting, files: &Files, marked: Waiting) -> Waiting {
        let text = files.last(&setting.name).and_then(|line| line.setting.as_deref());
        match text.and_then(|text| self.is_in_force(setting, text)) {
            Some(true) => marked.or_forgotten(),
            Some(false) if marked == Waiting::Restart(None) => Waiting::Restart(text.map(str::to_owned)),
            Some(false) | None => marked,
        }
    }

    /// The value of a line that the server has not loaded yet.
    fn unloaded(&self, setting: &PgSetting, line: &PgFileSetting) -> Option<String> {
        let text = line.setting.as_ref()?;
        (self.is_in_force(setting, text) == Some(false)).then(|| text.clone())
    }

    /// The line of the files whose value differs from the value in force although nothing is
    /// [waiting](Self::waiting): another source overrides it, or the server might have rewritten the text.
    #[must_use]
    pub fn differing_line(&self, setting: &PgSetting) -> Option<&PgFileSetting> {
        let is_sound = |line: &&PgFileSetting| line.error.is_none() || self.is_restart_all_it_needs(line);
        let line = self.files.as_ref()?.last(&setting.name).filter(is_sound)?;
        let (text, value) = (line.setting.as_deref()?, setting.setting.as_deref()?);
        let differs = self.is_in_force(setting, text).is_none_or(|is| !is) && bare(text) != bare(value);
        (differs && matches!(self.waiting(setting), Waiting::Nothing | Waiting::Forgotten)).then_some(line)
    }
}

/// Whether the server does not start with this invalid line.
fn is_fatal(line: &PgFileSetting) -> bool {
    let Some(name) = &line.name else { return true };
    // Libraries define these after the files are read, and replace an invalid value by the default.
    let is_of_library = name.contains('.') && line.error.as_deref() != Some(UNRECOGNIZED);
    !is_of_library && !NAMES_OF_OBJECTS.iter().any(|of_object| of_object.eq_ignore_ascii_case(name))
}

/// Whether the value comes from a source that overrides the files.
fn is_beyond_the_files(setting: &PgSetting) -> bool {
    // None if the collector's session sets it: the value shown might be that of a role or of the command line.
    Settings::source(setting).is_none_or(Source::overrides_files)
}

/// The server rewrites lists with other blanks and quotes, and sometimes in lower case.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"'\"".contains(*c)).flat_map(char::to_lowercase).collect()
}
