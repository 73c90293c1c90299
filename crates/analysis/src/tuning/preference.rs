//! Values that were set on purpose and are better than what a formula gives.

use pgdba_pg::parameter::{Value, parse};
use pgdba_snapshot::sections::pg_settings::PgSetting;

use super::server::Server;
use crate::facts::settings::Settings;

/// What is better of a parameter.
enum Better {
    More,
    Less,
    Word(&'static [&'static str]),
}

fn better(parameter: &str) -> Better {
    match parameter {
        "random_page_cost" => Better::Less,
        "huge_pages" => Better::Word(&["on"]),
        "io_method" => Better::Word(&["io_uring", "sync", "worker"]),
        "wal_compression" => Better::Word(&["lz4", "pglz", "zstd"]),
        // A number that is larger was set by whoever knows the server; it costs memory, which is checked for all together.
        _ => Better::More,
    }
}

/// Why the value in force is kept; none where `formula` should replace it. Defaults were not chosen by anybody.
pub(super) fn keeps(server: &Server<'_>, parameter: &str, formula: &str) -> Option<String> {
    let configured = server.configured;
    let setting = configured.get(parameter).filter(|setting| configured.is_changed(setting))?;
    let is_kept = match better(parameter) {
        Better::Word(words) => setting.setting.as_deref().is_some_and(|word| words.contains(&word)),
        direction => {
            let now = number(configured, setting, setting.setting.as_deref()?)?;
            let wanted = number(configured, setting, formula)?;
            if matches!(direction, Better::Less) { now < wanted } else { now > wanted }
        }
    };
    let shown = Settings::displayed(setting)?;
    is_kept.then(|| format!("It was set to {shown}{}.", place(setting)))
}

fn number(configured: &Settings, setting: &PgSetting, text: &str) -> Option<f64> {
    match parse(&configured.kind(setting), text).ok()? {
        Value::Integer(number) => Some(number as f64),
        Value::Real(number) => Some(number),
        _ => None,
    }
}

/// ` in postgresql.conf, line 12`, where the role can see that.
fn place(setting: &PgSetting) -> String {
    let file = setting.sourcefile.as_deref().map(pgdba_pg::parameter::file_name);
    match (file, setting.sourceline) {
        (Some(file), Some(line)) => format!(" in {file}, line {line}"),
        (Some(file), None) => format!(" in {file}"),
        _ => String::new(),
    }
}
