//! A server with its settings as they are now and as they will be.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::mask::setting::DISABLED;
use pgdba_pg::parameter::{self, Source};
use pgdba_pg::start::shared_memory::WORKED_OUT;
use pgdba_pg::start::{Settings, Start};
use pgdba_pg::unit::{Bytes, bytes_per_unit};

use crate::change_set::Via;
use crate::environment::Environment;
use crate::facts::{Facts, FileLine, Setting, kind_of};

/// A change of a server.
pub(super) struct Future<'a> {
    facts: &'a Facts,
    /// In lower case.
    changed: BTreeSet<String>,
    running: Settings,
    /// At the next start.
    settings: Settings,
}

impl<'a> Future<'a> {
    /// The server after `wanted`: names with their new values, none of a parameter that is reset.
    pub(super) fn new(facts: &'a Facts, via: Via, wanted: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let wanted: BTreeMap<_, _> = wanted.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let running = running(facts);
        let mut settings = running.clone();
        for line in facts.file_lines.iter().flatten() {
            insert_line(&mut settings, facts, line);
        }
        for (name, value) in &wanted {
            let Some(setting) = facts.setting(name) else { continue };
            match value {
                Some(text) => insert(&mut settings, facts, setting, text),
                None => reset(&mut settings, facts, setting, via),
            }
        }
        Self { facts, changed: wanted.into_keys().collect(), running, settings }
    }

    /// What is known besides the settings.
    pub(super) const fn environment(&self) -> &Environment {
        &self.facts.environment
    }

    pub(super) const fn facts(&self) -> &Facts {
        self.facts
    }

    /// For the rules that say whether the server starts.
    pub(super) const fn start(&self) -> Start<'_> {
        Start { settings: &self.settings, running: Some(&self.running), changed: &self.changed }
    }

    /// The settings in force.
    pub(super) const fn running(&self) -> &Settings {
        &self.running
    }

    /// The settings at the next start.
    pub(super) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether one of these parameters is changed.
    pub(super) fn changes(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.changed.contains(*name))
    }

    /// Whether the parameter is changed, and is or becomes one of `words`.
    pub(super) fn becomes(&self, name: &str, words: &[&str]) -> bool {
        self.changes(&[name]) && self.is(name, words)
    }

    /// Whether a Boolean or an enum will be one of `words`.
    pub(super) fn is(&self, name: &str, words: &[&str]) -> bool {
        match self.settings.is_on(name) {
            Some(on) => words.contains(&if on { "on" } else { "off" }),
            None => self.settings.text(name).is_some_and(|text| words.contains(&text)),
        }
    }

    /// A size as it will be; none where it is 0 or less, which mostly stands for something else.
    pub(super) fn bytes(&self, name: &str) -> Option<Bytes> {
        let step = bytes_per_unit(self.facts.setting(name)?.unit.as_deref()?)?;
        let number = self.settings.integer(name).filter(|number| *number > 0)?;
        Some(Bytes(number.saturating_mul(step)))
    }
}

fn running(facts: &Facts) -> Settings {
    let mut settings = Settings::new(facts.version);
    for (name, setting) in &facts.settings {
        let is_worked_out =
            WORKED_OUT.contains(&name.as_str()) && matches!(setting.source, Some(Source::Default | Source::Override));
        let is_hidden = setting.setting == DISABLED && setting.source == Some(Source::Default);
        let built_in = setting.boot_val.as_deref().filter(|_| is_worked_out || is_hidden);
        insert(&mut settings, facts, setting, built_in.unwrap_or(&setting.setting));
    }
    settings
}

fn insert(settings: &mut Settings, facts: &Facts, setting: &Setting, text: &str) {
    settings.insert(&setting.name, &kind_of(setting, facts.version.major()), text);
}

/// A line counts unless the command line stands above it; the last one of a parameter counts.
fn insert_line(settings: &mut Settings, facts: &Facts, line: &FileLine) {
    let Some(setting) = line.name.as_deref().and_then(|name| facts.setting(name)) else { return };
    let Some(text) = line.setting.as_deref().filter(|_| setting.source != Some(Source::CommandLine)) else { return };
    let is_value = parameter::parse(&kind_of(setting, facts.version.major()), text).is_ok();
    if is_value && !line.is_mistake() {
        insert(settings, facts, setting, text);
    }
}

/// What comes back when the line of `postgresql.auto.conf` goes, where that is known.
fn reset(settings: &mut Settings, facts: &Facts, setting: &Setting, via: Via) {
    settings.forget(&setting.name);
    let Some(lines) = facts.file_lines.as_ref().filter(|_| via == Via::AlterSystem) else { return };
    if let Some(built_in) = &setting.boot_val {
        insert(settings, facts, setting, built_in);
    }
    let is_it = |line: &&FileLine| {
        !line.is_auto() && line.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&setting.name))
    };
    for line in lines.iter().filter(is_it) {
        insert_line(settings, facts, line);
    }
}
