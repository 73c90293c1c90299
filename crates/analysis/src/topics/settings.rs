//! Parameters that differ from their defaults.

use pgdba_pg::display;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use super::{Shown, Topic, number_of};
use crate::facts::settings::{Configured, Settings, Waiting};
use crate::facts::{View, declared};
use crate::format::TakesEffect;
use crate::{Block, Checked, Quantity, Table};

/// Changed parameters.
pub static TOPIC: Topic = Topic { name: "settings", title: "Settings", reads: &[&declared::configured], show };

fn show(view: &View<'_>) -> Checked<Shown> {
    let configured = view.configured()?;
    let changed: Vec<&PgSetting> = configured.iter().filter(|setting| configured.is_changed(setting)).collect();
    let all = configured.iter().count();
    let columns = [
        ("parameter", "parameter"),
        ("value", "value"),
        ("built_in_value", "default"),
        ("set_by", "set by"),
        ("takes_effect", "takes effect"),
        ("pending_restart", "restart pending"),
    ];
    Ok(Shown {
        lead: format!(
            "{} of {} differ from their defaults.",
            display::count(number_of(&changed)),
            display::counted(i64::try_from(all).unwrap_or(i64::MAX), "parameter", "parameters"),
        ),
        blocks: vec![Block::Table(Table::new(
            "Changed parameters",
            &columns,
            changed.iter().map(|setting| row(configured, setting)),
        ))],
    })
}

fn row(configured: &Configured, setting: &PgSetting) -> Vec<Quantity> {
    let shown = |value: &Option<String>| {
        value.as_deref().map(|value| match value {
            "" => "(empty)".to_owned(),
            value => display::parameter(value, setting.unit.as_deref()),
        })
    };
    vec![
        setting.name.as_str().into(),
        shown(&setting.setting).into(),
        shown(&setting.boot_val).into(),
        Settings::set_by(setting).into(),
        TakesEffect::of(setting.context.as_deref()).words().into(),
        (if matches!(configured.waiting(setting), Waiting::Restart(_)) { "yes" } else { "no" }).into(),
    ]
}
