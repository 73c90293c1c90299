//! One parameter: whether it may be changed, what it is now and how it would be put back.

use std::cell::Cell;

use pgdba_pg::mask::setting::DISABLED;
use pgdba_pg::parameter::{self, Kind, Shown, Source, Value, ValueError};
use strsim::levenshtein;

use super::Options;
use crate::auto_conf::{self, AutoConf};
use crate::change_set::{Change, Former, Outcome, Permission, Via};
use crate::facts::{Facts, Hidden, RoleSetting, Setting, is_shown, kind_of};
use crate::patroni::{self, OverriddenBy, Override, Sight};
use crate::refusal::{self, Refusal};

/// How much of a name may differ from one that is there, for a guess.
const TYPING_ERRORS: usize = 3;

/// The first version in which ALTER SYSTEM can be granted.
const GRANTS_SINCE: i64 = 15;

/// A parameter that ALTER SYSTEM never takes, and the version that brought it.
const ALLOW_ALTER_SYSTEM: &str = "allow_alter_system";
const ALLOW_ALTER_SYSTEM_SINCE: i64 = 17;

/// A limit that counts from the beginning of authentication, before a session can lift it, and the shortest that lets a
/// distant client authenticate.
const ENDS_SESSIONS: &str = "transaction_timeout";
const SHORTEST_LIMIT_MS: i64 = 1000;

/// Parameters that became others: the former name, the new one, since when.
const RENAMED: &[(&str, &str, i64)] = &[
    ("wal_keep_segments", "wal_keep_size", 13),
    ("force_parallel_mode", "debug_parallel_query", 16),
    ("ssl_ecdh_curve", "ssl_groups", 18),
    ("vacuum_cleanup_index_scale_factor", "", 14),
    ("operator_precedence_warning", "", 14),
    ("stats_temp_directory", "", 15),
    ("promote_trigger_file", "", 16),
    ("vacuum_defer_cleanup_age", "", 16),
    ("old_snapshot_threshold", "", 17),
    ("db_user_namespace", "", 17),
    ("trace_recovery_messages", "", 17),
];

/// How many names a similar one is searched for: each search compares with every parameter there is.
const MOST_GUESSES: usize = 20;

/// The next step where no similar name is known.
const LIST_HINT: &str = "List all parameters with: pgdba config show --all";

/// What every parameter is looked at with.
pub(super) struct Look<'a> {
    pub(super) facts: &'a Facts,
    pub(super) options: Options,
    pub(super) auto_conf: Option<&'a AutoConf>,
    pub(super) sight: Sight<'a>,
    /// How many unknown names a similar one was searched for.
    pub(super) guesses: Cell<usize>,
}

impl Look<'_> {
    /// What becomes of the parameter `name`, and what speaks against it.
    pub(super) fn at(&self, name: &str, wanted: Option<&str>) -> (Change, Option<Refusal>) {
        let setting = self.facts.setting(name);
        let mut change = self.blank(name, setting, wanted);
        let refusal = match setting {
            None => Some(self.unknown(name)),
            Some(setting) => self.fill(&mut change, setting, wanted).err(),
        };
        let refusal = refusal.filter(|refusal| !(self.options.force && refusal.yields_to_force()));
        if let Some(refusal) = &refusal {
            change.outcome = Outcome::Refused;
            change.notes.insert(0, refusal.to_string());
        }
        (change, refusal)
    }

    fn blank(&self, name: &str, setting: Option<&Setting>, wanted: Option<&str>) -> Change {
        let default = Setting { name: name.to_owned(), ..Setting::default() };
        let known = setting.unwrap_or(&default);
        let server = setting.and_then(|setting| self.facts.server_value(setting));
        Change {
            name: known.name.clone(),
            old_value: server.as_ref().and_then(|value| value.value.clone()),
            old_place: server.and_then(|value| value.place),
            after_reset: if wanted.is_none() {
                setting.and_then(|setting| self.facts.after_reset(setting))
            } else {
                None
            },
            new_value: wanted.map(str::to_owned),
            context: known.context.clone(),
            needs_restart: known.context == "postmaster",
            permission: permission(self.facts, &known.name),
            patroni_override: patroni::override_of(&known.name, &self.sight),
            former: Former::Absent,
            outcome: if known.context == "postmaster" { Outcome::WaitsForRestart } else { Outcome::Applies },
            notes: Vec::new(),
        }
    }

    fn fill(&self, change: &mut Change, setting: &Setting, wanted: Option<&str>) -> Result<(), Refusal> {
        let name = &setting.name;
        if setting.context == "internal" {
            return Err(Refusal::read_only(name));
        }
        if parameter::cannot_be_altered(name, &setting.context) {
            return Err(Refusal::not_alterable(name));
        }
        let kind = kind_of(setting, self.facts.version.major());
        if let Some(text) = wanted {
            self.check_value(setting, &kind, text)?;
        }
        change.former = self.former(setting)?;
        self.check_permission(change)?;
        let is_running =
            wanted.is_some_and(|wanted| is_shown(setting, self.facts.version.major(), wanted) == Some(true));
        if change.needs_restart && is_running && self.options.via == Via::AlterSystem {
            change.needs_restart = false;
            change.outcome = Outcome::Applies;
            change.notes.push("the running server already has this value, so a restart is not required".to_owned());
        }
        self.note_overrides(change);
        if self.is_unchanged(setting, wanted, &change.former) {
            change.outcome = Outcome::Unchanged;
            return Ok(());
        }
        self.check_overriders(setting, change)
    }

    /// Whether the value can stand there at all.
    fn check_value(&self, setting: &Setting, kind: &Kind, text: &str) -> Result<(), Refusal> {
        let name = &setting.name;
        let bad = |error: ValueError| Refusal::bad_value(name, &error);
        let value = parameter::parse(kind, text).map_err(bad)?;
        if let (ENDS_SESSIONS, Value::Integer(limit @ 1..SHORTEST_LIMIT_MS)) = (name.as_str(), &value) {
            return Err(Refusal::ends_every_session(name, *limit));
        }
        let major = self.facts.version.major();
        auto_conf::set_of(name, text, major).map_err(bad)?;
        match parameter::reads_back_differently(name, major, text) {
            Some(Shown::As(becomes)) => Err(Refusal::reads_back_differently(name, &becomes)),
            // What is shown while another parameter is off is no other value; the rest the server itself is asked.
            Some(Shown::OrElse(_) | Shown::IgnoringCase | Shown::Incomparable) | None => Ok(()),
        }
    }

    fn check_permission(&self, change: &Change) -> Result<(), Refusal> {
        if self.options.via == Via::Patroni {
            return Ok(());
        }
        permission_refusal(self.facts, &change.name).map_or(Ok(()), Err)
    }

    /// What stands in the file now, so that it can be put back.
    fn former(&self, setting: &Setting) -> Result<Former, Refusal> {
        if self.options.via == Via::Patroni {
            return Ok(self.facts.patroni.former(&setting.name));
        }
        let name = &setting.name;
        let held = self.facts.held(&setting.name).map_err(|hidden| match hidden {
            Hidden::NotText(line) => Refusal::former_not_writable(name, Some(line)),
            _ => Refusal::former_hidden(name, &self.facts.role, hidden == Hidden::Settings),
        })?;
        match &held {
            Former::Line { text } if !self.can_be_set_again(setting, text) => {
                let line = self.auto_conf.and_then(|file| file.line_of(&setting.name));
                Err(Refusal::former_not_writable(name, line))
            }
            _ => Ok(held),
        }
    }

    /// Whether ALTER SYSTEM can write the file's value again, in its own spelling perhaps, and the server takes it.
    fn can_be_set_again(&self, setting: &Setting, text: &str) -> bool {
        let major = self.facts.version.major();
        let is_writable = auto_conf::set_from_file(&setting.name, text.as_bytes(), major).is_some()
            || auto_conf::set_of(&setting.name, text, major).is_ok();
        is_writable && parameter::parse(&kind_of(setting, major), text).is_ok()
    }

    /// Whether nothing has to be done: the value is in force, and the file does not say otherwise.
    fn is_unchanged(&self, setting: &Setting, wanted: Option<&str>, former: &Former) -> bool {
        let Some(wanted) = wanted else { return former.is_absent() };
        let major = self.facts.version.major();
        let kind = kind_of(setting, major);
        let is_wanted = |text: &str| parameter::same(&kind, text, wanted);
        let file_agrees = match former {
            Former::Line { text } => is_wanted(text),
            Former::Value { setting } => is_wanted(setting),
            Former::Dynamic { .. } | Former::Absent | Former::AssumedAbsent => true,
        };
        let held_by_patroni = match &self.sight {
            Sight::Managed { dcs, .. } if self.options.via == Via::Patroni => {
                dcs.parameter(&setting.name).is_some_and(|text| is_wanted(&text))
            }
            _ => self.options.via == Via::AlterSystem,
        };
        // A command that is not used is not shown: only a line of the file tells that it is the wanted one.
        let is_hidden = setting.setting == DISABLED && former.is_absent();
        let is_in_force = !is_hidden && self.facts.is_in_force_for_others(setting, wanted);
        file_agrees && held_by_patroni && !setting.pending_restart && is_in_force
    }

    /// Says which roles and databases have a value of their own.
    fn note_overrides(&self, change: &mut Change) {
        let name = change.name.to_ascii_lowercase();
        let own = self.facts.overrides.iter().filter(|other| other.name == name);
        change.notes.extend(own.map(|other| format!("{} has its own value, which is kept", who(other))));
        if change.context.contains("backend") {
            change.notes.push("open sessions keep the former value".to_owned());
        }
    }

    /// What decides in place of the file.
    fn check_overriders(&self, setting: &Setting, change: &Change) -> Result<(), Refusal> {
        let name = &setting.name;
        if self.options.via == Via::Patroni {
            return self.check_for_patroni(setting, change);
        }
        match change.patroni_override {
            Override::Overridden { by } => {
                return Err(Refusal::managed_by_patroni(name, consequence(by)));
            }
            Override::NotSetButEphemeral | Override::Unknown | Override::NotManaged => {}
        }
        // Not "override": so the server marks what it works out itself from the files, such as wal_buffers up to 14.
        if setting.source == Some(Source::CommandLine) {
            return Err(Refusal::on_command_line(name));
        }
        Ok(())
    }

    fn check_for_patroni(&self, setting: &Setting, change: &Change) -> Result<(), Refusal> {
        let name = &setting.name;
        if let Some(reason) = self.facts.patroni.refuses(change) {
            return Err(Refusal::not_for_patroni(name, &reason));
        }
        if self.auto_conf.is_some_and(|file| file.get(name).is_some()) {
            return Err(Refusal::shadowed_by_auto_conf(name));
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> Refusal {
        let major = self.facts.version.major();
        if name.contains('.') {
            return Refusal::unknown_extension(name, major);
        }
        let is_later = name == ALLOW_ALTER_SYSTEM && major < ALLOW_ALTER_SYSTEM_SINCE;
        if parameter::cannot_be_altered(name, "") && !is_later {
            return Refusal::not_alterable(name);
        }
        let renamed = RENAMED
            .iter()
            .find(|(former, new, since)| (*former == name && major >= *since) || (*new == name && major < *since));
        let hint = match renamed {
            Some((former, new, since)) if *former == name && new.is_empty() => {
                format!("It was removed in PostgreSQL {since}; leave it out.")
            }
            Some((former, new, since)) if *former == name => format!("It was renamed to {new} in PostgreSQL {since}."),
            Some((former, ..)) => format!("It is called {former} in this version."),
            None if self.guesses.get() < MOST_GUESSES => {
                self.guesses.set(self.guesses.get() + 1);
                self.guess(name)
            }
            None => LIST_HINT.to_owned(),
        };
        Refusal::unknown_parameter(name, major, hint)
    }

    fn guess(&self, name: &str) -> String {
        let near = self.facts.settings.iter().map(|(known, setting)| (levenshtein(known, name), setting));
        // Of a short word a few letters are everything.
        let most = TYPING_ERRORS.min(name.len() / 3);
        match near.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= most) {
            Some((_, setting)) => format!("Did you mean \"{}\"?", setting.name),
            None => LIST_HINT.to_owned(),
        }
    }
}

/// Whether the role may change the parameter.
fn permission(facts: &Facts, name: &str) -> Permission {
    let Facts { role, version, is_superuser, granted, .. } = facts;
    let can_be_granted = version.major() >= GRANTS_SINCE;
    let is_granted = granted.contains(&name.to_ascii_lowercase());
    let reason = match (is_superuser, is_granted) {
        (true, _) => format!("{role} is a superuser"),
        (false, true) => format!("{role} has the ALTER SYSTEM privilege on it"),
        (false, false) => format!("{role} is not a superuser and lacks the ALTER SYSTEM privilege on it"),
    };
    let grant = format!("GRANT ALTER SYSTEM ON PARAMETER {}", refusal::parameter(name));
    let min_role = if can_be_granted { grant } else { "superuser".to_owned() };
    Permission { allowed: *is_superuser || is_granted, reason, min_role }
}

/// Why the role cannot change the parameter by ALTER SYSTEM; none where it can.
pub(super) fn permission_refusal(facts: &Facts, name: &str) -> Option<Refusal> {
    if permission(facts, name).allowed {
        return None;
    }
    Some(match &facts.hosting {
        Some(service) => Refusal::hosted(name, service, console(service)),
        None if facts.version.major() < GRANTS_SINCE => Refusal::not_superuser(name, &facts.role),
        None => Refusal::not_granted(name, &facts.role),
    })
}

fn who(other: &RoleSetting) -> String {
    match (&other.role, &other.database) {
        (Some(role), Some(database)) => format!("the role \"{role}\" in database \"{database}\""),
        (Some(role), None) => format!("the role \"{role}\""),
        (None, Some(database)) => format!("the database \"{database}\""),
        (None, None) => "every role".to_owned(),
    }
}

fn consequence(by: OverriddenBy) -> &'static str {
    match by {
        OverriddenBy::CommandLine => {
            "it is passed on the server's command line, so ALTER SYSTEM would never take effect"
        }
        OverriddenBy::Dcs => {
            "it is set in the dynamic configuration, so ALTER SYSTEM would override it on this member only, until the \
             next switchover"
        }
        OverriddenBy::Patroni => "it is set on each member as the cluster requires",
    }
}

fn console(service: &str) -> String {
    match service {
        "Amazon RDS" | "Amazon Aurora" => {
            "Change it in the DB parameter group of the instance (AWS console or CLI).".to_owned()
        }
        "Google Cloud SQL" => {
            "Change it as a database flag of the instance (Google Cloud console or gcloud).".to_owned()
        }
        "AlloyDB" => "Change it as a database flag of the cluster (Google Cloud console or gcloud).".to_owned(),
        "Azure Database" => "Change it under Server parameters (Azure portal or az).".to_owned(),
        other => format!("Change it in the console of {other}."),
    }
}
