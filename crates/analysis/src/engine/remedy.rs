//! Completes a remedy that sets a parameter: where it is set on this server, and how that is undone.

use pgdba_pg::parameter::{Source, is_auto_conf};
use pgdba_pg::quote::quote_literal;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::engine::draft::Draft;
use crate::engine::proposal::{Route, route};
use crate::facts::settings::{Configured, Files, Settings, Waiting};
use crate::facts::surroundings::Surroundings;
use crate::format::block::Code;
use crate::format::{Effort, ParameterValue, Remedy};

#[cfg(test)]
mod tests;

/// Adds how the parameter of a remedy is set and restored on this server, and how the server is restarted; other remedies
/// stay unchanged.
pub(super) fn complete(mut draft: Draft, configured: Option<&Configured>, surroundings: &Surroundings) -> Draft {
    if draft.restarts {
        draft = draft.advise(restart_or_revert(surroundings));
    }
    let Some(sets) = draft.remedy.sets.clone() else { return draft };
    let setting = configured.and_then(|configured| configured.for_server(&sets.parameter));
    let here = Here { configured, setting: setting.as_ref(), sets: &sets };
    let mut remedy = match route(configured, surroundings, &sets.parameter) {
        Route::CommandLine => here.on_the_command_line(draft.remedy),
        Route::Override(source) => here.by_override(draft.remedy, &source),
        Route::AlterSystem | Route::Patroni | Route::PatroniMember if here.is_waiting_for_reload() => {
            here.by_reload(draft.remedy)
        }
        Route::AlterSystem => here.by_alter_system(draft.remedy),
        Route::PatroniMember => here.by_patroni_and_reset(draft.remedy),
        Route::Patroni => here.by_patroni(draft.remedy),
        Route::Service(service) => here.by_service(draft.remedy, &service),
    };
    if let Some(first) = configured.and_then(|configured| obstacle(configured, remedy.effort)) {
        remedy.text = format!("{first} {}", remedy.text);
    }
    draft.remedy = remedy;
    draft
}

/// How the server is restarted, or the change that requires it reverted.
fn restart_or_revert(surroundings: &Surroundings) -> String {
    if let Some(service) = &surroundings.service {
        return format!(
            "Restart the instance in a maintenance window from the console of {service}, or revert the change in its \
             parameter group."
        );
    }
    if surroundings.has_patroni {
        return "Restart the member in a maintenance window with patronictl restart, or revert the change with patronictl \
                edit-config (with ALTER SYSTEM RESET if ALTER SYSTEM made it on this member)."
            .to_owned();
    }
    "Restart the server in a maintenance window, or revert the change in its file.".to_owned()
}

/// What to do before the server is restarted or its configuration reloaded.
fn obstacle(configured: &Configured, effort: Effort) -> Option<&'static str> {
    let is_blocked = || configured.files().is_some_and(Files::are_blocked);
    match effort {
        Effort::Restart if !configured.fatal_lines().is_empty() => {
            Some("First correct the invalid lines in the configuration files: the server would not start with them.")
        }
        Effort::Reload if !configured.fatal_lines().is_empty() && is_blocked() => {
            Some("First correct the invalid lines in the configuration files: until then a reload changes nothing.")
        }
        Effort::Reload | Effort::Restart | Effort::Online | Effort::Project => None,
    }
}

/// A parameter to be set on this server.
struct Here<'a> {
    configured: Option<&'a Configured>,
    /// Its row as it is for the whole server.
    setting: Option<&'a PgSetting>,
    sets: &'a ParameterValue,
}

impl Here<'_> {
    /// `ALTER SYSTEM`, then a reload or a restart.
    fn by_alter_system(&self, remedy: Remedy) -> Remedy {
        let ParameterValue { parameter, value } = self.sets;
        let shown = self.wanted();
        let (then, apply) = match remedy.effort {
            Effort::Restart => ("restart the server", "-- then restart the server"),
            Effort::Reload | Effort::Online | Effort::Project => {
                ("reload the configuration; running sessions are not interrupted", "SELECT pg_reload_conf();")
            }
        };
        let set = |value: &str| format!("ALTER SYSTEM SET {parameter} = {};\n{apply}", quote_literal(value));
        let undo =
            self.former().map_or_else(|| format!("ALTER SYSTEM RESET {parameter};\n{apply}"), |former| set(&former));
        Remedy {
            text: format!("Set {parameter} to {shown} and {then}. {}", remedy.text),
            script: Some(Code::sql(set(value))),
            undo: Some(Code::sql(undo)),
            ..remedy
        }
    }

    /// Whether the files have the wanted value, and the server has not loaded it yet.
    fn is_waiting_for_reload(&self) -> bool {
        let waiting = self.configured.zip(self.setting).map(|(configured, setting)| {
            matches!(configured.waiting(setting), Waiting::Reload(next) if configured.is_same(setting, &next, &self.sets.value))
        });
        waiting == Some(true)
    }

    /// The wanted value is in the files already.
    fn by_reload(&self, remedy: Remedy) -> Remedy {
        let (parameter, shown) = (&self.sets.parameter, self.wanted());
        Remedy {
            text: format!(
                "Reload the configuration: its files already set {parameter} to {shown}. Running sessions are not \
                 interrupted. {}",
                remedy.text
            ),
            script: Some(Code::sql("SELECT pg_reload_conf();")),
            effort: Effort::Reload,
            undo_text: Some(format!(
                "Restore the former value{} in the file and reload the configuration.",
                self.shown()
            )),
            ..remedy
        }
    }

    /// Statements cannot change it, and the server reads the command line only when it starts.
    fn on_the_command_line(&self, remedy: Remedy) -> Remedy {
        let (parameter, shown) = (&self.sets.parameter, self.wanted());
        Remedy {
            text: format!(
                "Set {parameter} to {shown} where the server is started (service unit, pg_ctl arguments or container \
                 arguments), then restart it. The command line sets this parameter and overrides ALTER SYSTEM. {}",
                remedy.text
            ),
            effort: Effort::Restart,
            impact: remedy.impact.map(|impact| format!("A restart terminates all sessions. {impact}")),
            undo_text: Some(format!(
                "Restore the former value{} on the command line and restart the server.",
                self.shown()
            )),
            ..remedy
        }
    }

    /// Values for databases and roles are set for each of them, and the snapshot does not always show for which; that for all
    /// roles is one.
    fn by_override(&self, remedy: Remedy, source: &str) -> Remedy {
        let (parameter, shown) = (&self.sets.parameter, self.wanted());
        let statement = Source::parse(source).and_then(Source::statement).unwrap_or("ALTER ROLE");
        let set = |value: &str| Code::sql(format!("ALTER ROLE ALL SET {parameter} = {};", quote_literal(value)));
        let former = self.configured.and_then(|configured| configured.for_all_roles(parameter));
        Remedy {
            text: format!(
                "Set {parameter} to {shown} with {statement}, which currently sets it and overrides ALTER SYSTEM. New \
                 sessions use the new value. {}",
                remedy.text
            ),
            script: former.map(|_| set(&self.sets.value)),
            undo: former.map(set),
            effort: Effort::Online,
            undo_text: former.is_none().then(|| format!("Restore the former value{} in the same way.", self.shown())),
            ..remedy
        }
    }

    /// Patroni keeps the configuration of the cluster and writes it to every member.
    fn by_patroni(&self, remedy: Remedy) -> Remedy {
        let ParameterValue { parameter, value } = self.sets;
        let shown = self.wanted();
        let restart = match remedy.effort {
            Effort::Restart => ", then restart the members with patronictl restart",
            Effort::Reload | Effort::Online | Effort::Project => "",
        };
        let edit = |value: &str| {
            Code::shell(format!("patronictl edit-config --pg {}", shell_word(&format!("{parameter}={value}"))))
        };
        Remedy {
            text: format!(
                "Set {parameter} to {shown} in Patroni's dynamic configuration{restart}: Patroni manages the \
                 configuration of this cluster, so ALTER SYSTEM would change one member only. {}",
                remedy.text
            ),
            script: Some(edit(value)),
            undo: self.in_force().map(edit_of(&edit)),
            undo_text: None,
            ..remedy
        }
    }

    /// A value that ALTER SYSTEM set on this member overrides Patroni's. It must be removed there, and what the member has
    /// then must be the wanted value.
    fn by_patroni_and_reset(&self, remedy: Remedy) -> Remedy {
        let ParameterValue { parameter, value } = self.sets;
        let shown = self.wanted();
        let (then, apply) = match remedy.effort {
            Effort::Restart => ("restart it with patronictl restart", ""),
            Effort::Reload | Effort::Online | Effort::Project => ("reload it", "\nSELECT pg_reload_conf();"),
        };
        let reset = format!("ALTER SYSTEM RESET {parameter};{apply}");
        let undo = self
            .former()
            .map(|former| Code::sql(format!("ALTER SYSTEM SET {parameter} = {};{apply}", quote_literal(&former))));
        let also = match self.is_wanted_without_auto_conf() {
            Some(true) => String::new(),
            known => {
                let edit = shell_word(&format!("{parameter}={value}"));
                let whether = if known.is_some() { "Also set" } else { "If that is not the value there, also set" };
                format!(
                    "{whether} {parameter} to {shown} in Patroni's dynamic configuration: patronictl edit-config --pg \
                     {edit}. "
                )
            }
        };
        Remedy {
            text: format!(
                "Run ALTER SYSTEM RESET {parameter} on this member and {then}: ALTER SYSTEM set it on this member only, \
                 which overrides Patroni's configuration. {also}{}",
                remedy.text
            ),
            script: Some(Code::sql(reset)),
            undo,
            undo_text: None,
            ..remedy
        }
    }

    /// Whether the wanted value is in force after `ALTER SYSTEM RESET`; none if the files could not be read.
    fn is_wanted_without_auto_conf(&self) -> Option<bool> {
        let (configured, setting) = (self.configured?, self.setting?);
        let is_another = |file: &str| !is_auto_conf(file);
        let below = configured.files()?.last_in(&self.sets.parameter, is_another);
        let next = below.and_then(|line| line.setting.as_deref()).or(setting.boot_val.as_deref())?;
        Some(configured.is_same(setting, next, &self.sets.value))
    }

    /// Managed services do not allow ALTER SYSTEM.
    fn by_service(&self, remedy: Remedy, service: &str) -> Remedy {
        let (parameter, shown) = (&self.sets.parameter, self.wanted());
        Remedy {
            text: format!(
                "Set {parameter} to {shown} in the parameter group or the console of {service}, which does not allow \
                 ALTER SYSTEM. {}",
                remedy.text
            ),
            undo_text: Some(format!("Restore the former value{} in the same place.", self.shown())),
            ..remedy
        }
    }

    /// The wanted value, written like the value in force.
    fn wanted(&self) -> String {
        let shown = self.configured.zip(self.setting);
        shown.map_or_else(
            || self.sets.value.clone(),
            |(configured, setting)| configured.displayed_text(setting, &self.sets.value),
        )
    }

    fn in_force(&self) -> Option<String> {
        Settings::displayed(self.setting?)
    }

    /// ` (off)`: the value in force, as part of a sentence.
    fn shown(&self) -> String {
        self.in_force().map(|value| format!(" ({value})")).unwrap_or_default()
    }

    /// The value that `ALTER SYSTEM RESET` would not restore, because it is or might be in postgresql.auto.conf.
    fn former(&self) -> Option<String> {
        let line = self.configured?.files().and_then(|files| files.last(&self.sets.parameter));
        if let Some(line) = line.filter(|line| line.sourcefile.as_deref().is_some_and(is_auto_conf)) {
            return line.setting.clone();
        }
        let setting = self.setting?;
        let is_another = |file: &str| !is_auto_conf(file);
        let might_be_there = Settings::source(setting) == Some(Source::ConfigurationFile)
            && !setting.sourcefile.as_deref().is_some_and(is_another);
        setting.setting.clone().filter(|_| might_be_there)
    }
}

fn edit_of(edit: &impl Fn(&str) -> Code) -> impl Fn(String) -> Code {
    move |value| edit(&value.replace(' ', ""))
}

/// `text` as one word of a shell.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-=.,:/".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
