//! What differs from the values compiled into the server.

use pgdba_pg::display;
use pgdba_snapshot::sections::pg_settings;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use super::{Topic, View, number_of};
use crate::facts::settings::{TakesEffect, Waiting};
use crate::{Detail, Facts, Quantity};

/// Parameters that somebody changed.
pub static TOPIC: Topic = Topic { name: "settings", title: "Settings", needs: &[&pg_settings::SPEC], show };

fn show(facts: &Facts) -> View {
    let changed: Vec<&PgSetting> = facts.settings.iter().filter(|setting| facts.settings.is_changed(setting)).collect();
    let all = facts.settings.iter().count();
    let columns = ["parameter", "value", "built-in value", "set by", "takes effect", "waits for a restart"];
    View {
        lead: format!(
            "{} of {} differ from the values compiled into the server.",
            display::count(number_of(&changed)),
            display::counted(i64::try_from(all).unwrap_or(i64::MAX), "parameter", "parameters"),
        ),
        details: vec![Detail::table("Changed parameters", &columns, changed.iter().map(|setting| row(facts, setting)))],
    }
}

fn row(facts: &Facts, setting: &PgSetting) -> Vec<Quantity> {
    let shown = |value: &Option<String>| {
        value.as_deref().map(|value| match value {
            "" => "empty".to_owned(),
            value => display::parameter(value, setting.unit.as_deref()),
        })
    };
    vec![
        setting.name.as_str().into(),
        shown(&setting.setting).into(),
        shown(&setting.boot_val).into(),
        setting.source.clone().into(),
        TakesEffect::of(setting.context.as_deref()).words().into(),
        (if matches!(facts.settings.waiting(setting), Waiting::Restart(_)) { "yes" } else { "no" }).into(),
    ]
}
