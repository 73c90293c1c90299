//! What the configuration files say that is not in force.

use pgdba_pg::parameter::{self, Source};
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use super::Settings;
use super::configured::Configured;

/// What stands between a parameter's value in force and the one that the configuration files give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing.
    Nothing,
    /// Nothing, although the server still marks it as waiting for a restart: after `ALTER SYSTEM RESET` it keeps the mark.
    Forgotten,
    /// A reload, which gives it this value.
    Reload(String),
    /// A restart, which gives it this value; none where the files could not be looked at.
    Restart(Option<String>),
}

impl Waiting {
    /// A mark of the server's that the files do not bear out.
    fn or_forgotten(self) -> Self {
        if self == Self::Nothing { Self::Nothing } else { Self::Forgotten }
    }
}

impl Configured {
    /// The lines that the server cannot take, in the order in which it reads them; none where the files could not be
    /// looked at. A line that is overruled by a later one is none of them, nor one that only waits for a restart.
    #[must_use]
    pub fn faulty_lines(&self) -> Vec<&PgFileSetting> {
        let lines = self.files.iter().flat_map(|files| &files.lines);
        lines.filter(|line| line.error.is_some() && !self.is_restart_all_it_needs(line)).collect()
    }

    /// The server gives one error for a value that is wrong and for one that only a restart can bring.
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
        // The server marks it whatever the command line says, which will win at the next start too.
        if Settings::source(setting) == Some(Source::CommandLine) {
            return marked.or_forgotten();
        }
        let Some(files) = self.files.as_ref().filter(|files| !files.are_blocked()) else { return marked };
        if is_beyond_the_files(setting) {
            return marked.or_forgotten();
        }
        let next = match files.last(&setting.name) {
            Some(line) if line.applied == Some(true) => self.unloaded(setting, line),
            Some(line) if line.error.is_some() && self.is_restart_all_it_needs(line) => {
                return Waiting::Restart(line.setting.clone());
            }
            Some(_) => return marked,
            // Taken out of the files: what is in force came from there, and the built-in value is next.
            None if Settings::source(setting) == Some(Source::ConfigurationFile) => setting.boot_val.clone(),
            None => None,
        };
        match next {
            Some(next) if setting.context.as_deref() == Some("postmaster") => Waiting::Restart(Some(next)),
            Some(next) => Waiting::Reload(next),
            None => marked.or_forgotten(),
        }
    }

    /// The value of a line that the server has not loaded yet.
    fn unloaded(&self, setting: &PgSetting, line: &PgFileSetting) -> Option<String> {
        let text = line.setting.as_ref()?;
        (self.is_in_force(setting, text) == Some(false)).then(|| text.clone())
    }

    /// The line of the files that says something else than what is in force, where that is no case of
    /// [waiting](Self::waiting): another source wins over it, or it is a text that the server may have rewritten.
    #[must_use]
    pub fn otherwise_in_files(&self, setting: &PgSetting) -> Option<&PgFileSetting> {
        let is_sound = |line: &&PgFileSetting| line.error.is_none() || self.is_restart_all_it_needs(line);
        let line = self.files.as_ref()?.last(&setting.name).filter(is_sound)?;
        let (text, value) = (line.setting.as_deref()?, setting.setting.as_deref()?);
        let differs = self.is_in_force(setting, text).is_none_or(|is| !is) && bare(text) != bare(value);
        (differs && matches!(self.waiting(setting), Waiting::Nothing | Waiting::Forgotten)).then_some(line)
    }
}

/// Whether the value shown comes from where no file can change it.
fn is_beyond_the_files(setting: &PgSetting) -> bool {
    // None where the collector's own session had set it: what is shown may be a role's or the command line's.
    Settings::source(setting).is_none_or(Source::overrides_files)
}

/// A list as the server rewrites it has other blanks and quotes, and maybe other letters.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"'\"".contains(*c)).flat_map(char::to_lowercase).collect()
}
