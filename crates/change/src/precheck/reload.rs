//! What the reload of a change brings into force besides the change: edits of the files that the server has not loaded yet.

use pgdba_pg::mask;
use pgdba_pg::parameter::{self, Source};

use crate::facts::{Facts, FileLine, Setting, is_shown};

/// One sentence each; `own` are the parameters of the change.
pub(super) fn effects(facts: &Facts, own: &[&str]) -> Vec<String> {
    let mut effects = parameters(facts, own);
    effects.extend(
        facts.reload.edited.iter().map(|file| format!("{file} was edited after the last reload and will be loaded")),
    );
    if facts.file_lines.is_none() {
        effects.push(
            "other edits of the configuration files and of pg_hba.conf might be loaded too; this role cannot see them"
                .to_owned(),
        );
    } else if !facts.reload.is_complete {
        effects
            .push("edits of pg_hba.conf might be loaded too; this role cannot see when the file was edited".to_owned());
    }
    effects
}

fn parameters(facts: &Facts, own: &[&str]) -> Vec<String> {
    let Some(lines) = facts.file_lines.as_ref().filter(|_| facts.blocking_mistakes().is_empty()) else {
        return Vec::new();
    };
    let is_own = |setting: &&Setting| own.iter().any(|name| name.eq_ignore_ascii_case(&setting.name));
    let loadable =
        |setting: &&Setting| setting.shows_files() && !matches!(setting.context.as_str(), "postmaster" | "internal");
    let settings = facts.settings.values().filter(loadable).filter(|setting| !is_own(setting));
    let of = |setting: &Setting| -> Vec<&FileLine> {
        let is_it =
            |line: &&FileLine| line.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&setting.name));
        lines.iter().filter(is_it).collect()
    };
    settings.filter_map(|setting| effect(setting, &of(setting), facts.version.major())).collect()
}

/// `lines` are all that set it. A value that the server cannot take leaves the one that is in force.
fn effect(setting: &Setting, lines: &[&FileLine], major: i64) -> Option<String> {
    let Setting { name, shown, .. } = setting;
    let now = mask::setting::mask(name, shown);
    match lines.iter().rev().find(|line| line.applied) {
        Some(line) => {
            let text = line.setting.as_deref().unwrap_or_default();
            if is_shown(setting, major, text) != Some(false) {
                return None;
            }
            let place = format!("{}:{}", parameter::file_name(&line.file), line.line);
            Some(format!("{name}: {now} -> {} ({place})", mask::setting::mask(name, text)))
        }
        // Where the role cannot see the file, the source may be guessed from a value that the session set for itself.
        None if lines.is_empty()
            && setting.source == Some(Source::ConfigurationFile)
            && setting.sourcefile.is_some() =>
        {
            Some(format!("{name}: {now} -> default, because its line was removed"))
        }
        None => None,
    }
}
