//! Remedies that many rules share.

use pgdba_pg::display;
use pgdba_pg::parameter::is_auto_conf;
use pgdba_pg::quote::quote_literal;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::facts::settings::Settings;
use crate::finding::{Effort, ParameterValue, Remedy};
use crate::recommendation::fixed_by;

#[cfg(test)]
mod tests;

/// Sets a parameter for the whole cluster. How that is done and taken back, the engine adds: it depends on where this
/// server's value comes from. `advice` is what else there is to say, in whole sentences. From this the engine makes a
/// [recommendation](crate::recommendation).
#[must_use]
pub fn set_parameter(name: &str, value: &str, effort: Effort, advice: &str, impact: &str) -> Remedy {
    Remedy {
        text: advice.to_owned(),
        sql: None,
        effort,
        impact: Some(impact.to_owned()),
        undo: None,
        undo_text: None,
        sets: Some(ParameterValue { parameter: name.to_owned(), value: value.to_owned() }),
    }
}

/// Says how a remedy that sets a parameter is carried out on the server with these settings; others stay as they are.
pub(super) fn complete(remedy: Remedy, settings: &Settings) -> Remedy {
    let Some(sets) = remedy.sets.clone() else { return remedy };
    match fixed_by(settings, &sets.parameter).as_deref() {
        None => by_alter_system(remedy, &sets, settings),
        Some("command line") => on_the_command_line(remedy, &sets, settings),
        Some(source) => by_override(remedy, &sets, settings, source),
    }
}

/// `ALTER SYSTEM`, then a reload or the word that a restart is needed.
fn by_alter_system(remedy: Remedy, sets: &ParameterValue, settings: &Settings) -> Remedy {
    let ParameterValue { parameter, value } = sets;
    let (then, apply) = match remedy.effort {
        Effort::Restart => ("restart the server", "-- then restart the server"),
        Effort::Reload | Effort::Online | Effort::Project => {
            ("reload; running sessions go on", "SELECT pg_reload_conf();")
        }
    };
    let set = |value: &str| format!("ALTER SYSTEM SET {parameter} = {};\n{apply}", quote_literal(value));
    let undo = former(settings, parameter)
        .map_or_else(|| format!("ALTER SYSTEM RESET {parameter};\n{apply}"), |former| set(&former));
    Remedy {
        text: format!("Set {parameter} to {value} and {then}. {}", remedy.text),
        sql: Some(set(value)),
        undo: Some(undo),
        ..remedy
    }
}

/// No statement can change it, and its command line is read at the start only.
fn on_the_command_line(remedy: Remedy, sets: &ParameterValue, settings: &Settings) -> Remedy {
    let ParameterValue { parameter, value } = sets;
    Remedy {
        text: format!(
            "Set {parameter} to {value} where the server is started (a service unit, the arguments of pg_ctl or of a \
             container), and restart it: it is set by the command line, which wins over ALTER SYSTEM. {}",
            remedy.text
        ),
        effort: Effort::Restart,
        impact: remedy.impact.map(|impact| format!("A restart ends every session. {impact}")),
        undo_text: Some(format!(
            "Put the former value{} back on the command line and restart the server.",
            shown(settings, parameter)
        )),
        ..remedy
    }
}

/// What is set for databases and roles has a place of its own, which the snapshot does not always name.
fn by_override(remedy: Remedy, sets: &ParameterValue, settings: &Settings, source: &str) -> Remedy {
    let ParameterValue { parameter, value } = sets;
    let statement = match source {
        "database" => "ALTER DATABASE",
        "global" => "ALTER ROLE ALL",
        "database user" => "ALTER ROLE IN DATABASE",
        _ => "ALTER ROLE",
    };
    Remedy {
        text: format!(
            "Set {parameter} to {value} with {statement}, which set it and wins over ALTER SYSTEM; new sessions take \
             it. {}",
            remedy.text
        ),
        effort: Effort::Online,
        undo_text: Some(format!("Set the former value{} in the same way.", shown(settings, parameter))),
        ..remedy
    }
}

/// `, off,`: the value in force, as part of a sentence.
fn shown(settings: &Settings, parameter: &str) -> String {
    let value = |setting: &PgSetting| Some(display::parameter(setting.setting.as_deref()?, setting.unit.as_deref()));
    settings.get(parameter).and_then(value).map(|value| format!(", {value},")).unwrap_or_default()
}

/// The value that `ALTER SYSTEM RESET` would not bring back, since it stands in the file that `ALTER SYSTEM` writes or may
/// stand there.
fn former(settings: &Settings, parameter: &str) -> Option<String> {
    let line = settings.files().and_then(|files| files.last(parameter));
    if let Some(line) = line.filter(|line| line.sourcefile.as_deref().is_some_and(is_auto_conf)) {
        return line.setting.clone();
    }
    let setting = settings.get(parameter)?;
    // A name without folder is a token: the snapshot is redacted.
    let is_another = |file: &str| file.contains('/') && !is_auto_conf(file);
    let may_stand_there = setting.source.as_deref() == Some("configuration file")
        && !setting.sourcefile.as_deref().is_some_and(is_another);
    setting.setting.clone().filter(|_| may_stand_there)
}
