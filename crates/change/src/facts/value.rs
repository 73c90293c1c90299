//! A parameter's value against what `pg_settings` shows of the parameter.

use pgdba_pg::parameter::{self, Declaration, Kind, Source};

use super::Setting;
use crate::auto_conf;

impl Setting {
    /// Whether the value is what the configuration files hold, or applies because they hold nothing ([`Source::shows_files`]).
    #[must_use]
    pub fn shows_files(&self) -> bool {
        self.source.is_some_and(Source::shows_files)
    }

    /// Whether the value is that of this session, its role or its database, so that others may have another one.
    pub(super) fn differs_between_sessions(&self) -> bool {
        self.source.is_some_and(Source::differs_between_sessions)
    }
}

/// What the parameter can hold.
#[must_use]
pub fn kind_of(setting: &Setting, major: i64) -> Kind {
    Kind::of(&Declaration {
        name: &setting.name,
        vartype: &setting.vartype,
        unit: setting.unit.as_deref(),
        min_val: setting.min_val.as_deref(),
        max_val: setting.max_val.as_deref(),
        enumvals: &setting.enumvals,
        major,
    })
}

/// Whether the server shows `wanted` as the value of this parameter; none where that cannot be told from the texts.
pub fn is_shown(setting: &Setting, major: i64, wanted: &str) -> Option<bool> {
    let (name, shown) = (&setting.name, &setting.setting);
    // An empty list is written, and shown, as one empty name.
    let written = auto_conf::set_of(name, wanted, major).ok().and_then(|set| set.written(major));
    if parameter::is_list_quoted(name, major) && written.as_ref() == Some(shown) {
        return Some(true);
    }
    parameter::is_shown_as(name, major, &kind_of(setting, major), wanted, shown)
}
