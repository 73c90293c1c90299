//! One parameter: whether it may be changed, what it is now and how it would be put back.

use pgdba_pg::mask::setting::DISABLED;
use pgdba_pg::parameter::{self, Declaration, Kind, Shown, ValueError};

use super::Options;
use crate::auto_conf::{self, AutoConf};
use crate::change_set::{Change, Former, Outcome, Permission, Via};
use crate::facts::{Facts, RoleSetting, Setting};
use crate::patroni::{self, OverriddenBy, Override, Sight};
use crate::refusal::{self, Refusal};

/// How much of a name may differ from one that is there, for a guess.
const TYPING_ERRORS: usize = 3;

/// The first version in which ALTER SYSTEM can be granted.
const GRANTS_SINCE: i64 = 15;

/// A parameter that ALTER SYSTEM never takes, and the version that brought it.
const ALLOW_ALTER_SYSTEM: &str = "allow_alter_system";
const ALLOW_ALTER_SYSTEM_SINCE: i64 = 17;

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

/// What every parameter is looked at with.
pub(super) struct Look<'a> {
    pub(super) facts: &'a Facts,
    pub(super) options: Options,
    pub(super) auto_conf: Option<&'a AutoConf>,
    pub(super) sight: Sight<'a>,
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
        Change {
            name: known.name.clone(),
            old_value: setting.map(|setting| setting.shown.clone()),
            new_value: wanted.map(str::to_owned),
            context: known.context.clone(),
            needs_restart: known.context == "postmaster",
            permission: self.permission(&known.name),
            patroni_override: patroni::override_of(&known.name, &self.sight),
            former: Former::Absent,
            outcome: if known.context == "postmaster" { Outcome::WaitsForRestart } else { Outcome::Applies },
            notes: Vec::new(),
        }
    }

    fn fill(&self, change: &mut Change, setting: &Setting, wanted: Option<&str>) -> Result<(), Refusal> {
        let name = &setting.name;
        if setting.context == "internal" {
            return Err(Refusal::ReadOnly { name: name.clone() });
        }
        if parameter::cannot_be_altered(name, &setting.context) {
            return Err(Refusal::NotInFile { name: name.clone() });
        }
        let kind = kind_of(setting, self.facts.version.major());
        if let Some(text) = wanted {
            self.check_value(setting, &kind, text)?;
        }
        change.former = self.former(setting)?;
        self.check_permission(change)?;
        if self.is_unchanged(setting, wanted, &change.former) {
            change.outcome = Outcome::Unchanged;
            return Ok(());
        }
        self.note_overrides(change);
        self.check_overriders(setting, change)
    }

    /// Whether the value can stand there at all.
    fn check_value(&self, setting: &Setting, kind: &Kind, text: &str) -> Result<(), Refusal> {
        let name = &setting.name;
        let bad = |error: ValueError| Refusal::BadValue {
            name: name.clone(),
            reason: format!("the parameter \"{name}\" cannot have this value: {error}"),
            hint: error.hint(),
        };
        parameter::parse(kind, text).map_err(bad)?;
        let major = self.facts.version.major();
        auto_conf::set_of(name, text, major).map_err(bad)?;
        match parameter::reads_back_differently(name, major, text) {
            Some(Shown::As(becomes)) => Err(Refusal::reads_back_differently(name, &becomes)),
            // What is shown while another parameter is off is no other value; the rest the server itself is asked.
            Some(Shown::OrElse(_) | Shown::IgnoringCase | Shown::Incomparable) | None => Ok(()),
        }
    }

    fn permission(&self, name: &str) -> Permission {
        let Facts { role, version, is_superuser, granted, .. } = self.facts;
        let can_be_granted = version.major() >= GRANTS_SINCE;
        let is_granted = granted.contains(&name.to_ascii_lowercase());
        let reason = match (is_superuser, is_granted) {
            (true, _) => format!("{role} is a superuser"),
            (false, true) => format!("{role} was granted ALTER SYSTEM on it"),
            (false, false) => format!("{role} is no superuser and was not granted ALTER SYSTEM on it"),
        };
        let grant = format!("GRANT ALTER SYSTEM ON PARAMETER {}", refusal::parameter(name));
        let min_role = if can_be_granted { grant } else { "superuser".to_owned() };
        Permission { allowed: *is_superuser || is_granted, reason, min_role }
    }

    fn check_permission(&self, change: &Change) -> Result<(), Refusal> {
        if change.permission.allowed || self.options.via == Via::Patroni {
            return Ok(());
        }
        let (name, role) = (change.name.clone(), self.facts.role.clone());
        if let Some(service) = &self.facts.hosting {
            return Err(Refusal::Hosted { name, service: service.clone(), console: console(service) });
        }
        if self.facts.version.major() < GRANTS_SINCE {
            return Err(Refusal::NotSuperuser { name, role });
        }
        Err(Refusal::NotGranted { name, role })
    }

    /// What stands in the file now, so that it can be put back.
    fn former(&self, setting: &Setting) -> Result<Former, Refusal> {
        let name = &setting.name;
        if self.options.via == Via::Patroni {
            return Ok(self.facts.patroni.former(name));
        }
        if let Some(file) = self.auto_conf {
            let Some(entry) = file.get(name) else { return Ok(Former::Absent) };
            let text = entry.text().filter(|text| self.can_be_set_again(setting, text)).map(str::to_owned);
            let text = text.ok_or_else(|| Refusal::FormerNotWritable { name: name.clone() })?;
            return Ok(Former::Line { text });
        }
        if self.facts.file_lines.is_some() {
            let text = self.facts.auto_line(name).map(|line| line.setting.clone().unwrap_or_default());
            return Ok(text.map_or(Former::Absent, |text| Former::Line { text }));
        }
        // Where something else decides, or a value waits for a restart, the settings do not tell what the file holds.
        let hidden =
            |settings_tell| Refusal::FormerHidden { name: name.clone(), role: self.facts.role.clone(), settings_tell };
        if is_overriding(&setting.source) || setting.pending_restart {
            return Err(hidden(false));
        }
        match (&setting.sourcefile, setting.source.as_str()) {
            (Some(file), _) if parameter::is_auto_conf(file) => Ok(Former::Value { setting: setting.setting.clone() }),
            (None, "configuration file") => Err(hidden(true)),
            _ => Ok(Former::AssumedAbsent),
        }
    }

    /// Whether ALTER SYSTEM can write the file's text again: spelled so, and as a value that the server takes.
    fn can_be_set_again(&self, setting: &Setting, text: &str) -> bool {
        let major = self.facts.version.major();
        auto_conf::set_from_file(&setting.name, text.as_bytes(), major).is_some()
            && parameter::parse(&kind_of(setting, major), text).is_ok()
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
        let decided_here = !is_overriding(&setting.source);
        // A command that is not used is not shown: only a line of the file tells that it is the wanted one.
        let is_hidden = setting.setting == DISABLED && former.is_absent();
        // The server shows six digits of a real number, so two that differ after those are not the same.
        let is_exact = !matches!(kind, Kind::Real { .. }) || is_wanted(&setting.setting);
        let is_in_force = !is_hidden && is_exact && is_shown(setting, major, wanted) == Some(true);
        file_agrees && held_by_patroni && decided_here && !setting.pending_restart && is_in_force
    }

    /// Says which roles and databases have a value of their own.
    fn note_overrides(&self, change: &mut Change) {
        let name = change.name.to_ascii_lowercase();
        let own = self.facts.overrides.iter().filter(|other| other.name == name);
        change.notes.extend(own.map(|other| format!("{} has a value of its own, which stays", who(other))));
        if change.context.contains("backend") {
            change.notes.push("sessions that are open keep the former value".to_owned());
        }
    }

    /// What decides in place of the file.
    fn check_overriders(&self, setting: &Setting, change: &Change) -> Result<(), Refusal> {
        let name = setting.name.clone();
        if self.options.via == Via::Patroni {
            return self.check_for_patroni(setting, change);
        }
        match change.patroni_override {
            Override::Overridden { by } => {
                return Err(Refusal::ManagedByPatroni { name, consequence: consequence(by).to_owned() });
            }
            Override::NotSetButEphemeral | Override::Unknown | Override::NotManaged => {}
        }
        // Not "override": so the server marks what it works out itself from the files, such as wal_buffers up to 14.
        if setting.source == "command line" {
            return Err(Refusal::OnCommandLine { name });
        }
        Ok(())
    }

    fn check_for_patroni(&self, setting: &Setting, change: &Change) -> Result<(), Refusal> {
        let name = setting.name.clone();
        if let Some(reason) = self.facts.patroni.refuses(change) {
            return Err(Refusal::NotForPatroni { name, reason });
        }
        if self.auto_conf.is_some_and(|file| file.get(&name).is_some()) {
            return Err(Refusal::ShadowedByAutoConf { name });
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> Refusal {
        let major = self.facts.version.major();
        if name.contains('.') {
            return Refusal::UnknownExtension { name: name.to_owned(), major };
        }
        let is_later = name == ALLOW_ALTER_SYSTEM && major < ALLOW_ALTER_SYSTEM_SINCE;
        if parameter::cannot_be_altered(name, "") && !is_later {
            return Refusal::NotInFile { name: name.to_owned() };
        }
        let renamed = RENAMED
            .iter()
            .find(|(former, new, since)| (*former == name && major >= *since) || (*new == name && major < *since));
        let hint = match renamed {
            Some((former, new, since)) if *former == name && new.is_empty() => {
                format!("PostgreSQL {since} took it away: leave it out")
            }
            Some((former, new, since)) if *former == name => format!("it is {new} from PostgreSQL {since} on"),
            Some((former, ..)) => format!("it is {former} in this version"),
            None => self.guess(name),
        };
        Refusal::UnknownParameter { name: name.to_owned(), major, hint }
    }

    fn guess(&self, name: &str) -> String {
        let near = self.facts.settings.iter().map(|(known, setting)| (distance(known, name), setting));
        // Of a short word a few letters are everything.
        let most = TYPING_ERRORS.min(name.len() / 3);
        match near.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= most) {
            Some((_, setting)) => format!("is {} meant?", setting.name),
            None => "list what there is with: pgdba config show --all".to_owned(),
        }
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

/// Whether a value of this source stands above those of the files, or does not tell what they hold.
pub(crate) fn is_overriding(source: &str) -> bool {
    matches!(source, "command line" | "override" | "database" | "user" | "database user" | "client" | "session")
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
            "it starts the server with it on the command line, so ALTER SYSTEM would never take effect"
        }
        OverriddenBy::Dcs => {
            "its dynamic configuration holds it, so ALTER SYSTEM would hide that on this member alone and be lost at a switchover"
        }
        OverriddenBy::Patroni => "it writes it for each member as the cluster needs it",
    }
}

fn console(service: &str) -> String {
    match service {
        "Amazon RDS" | "Amazon Aurora" => {
            "change it in the DB parameter group of the instance (AWS console or CLI)".to_owned()
        }
        "Google Cloud SQL" => {
            "change it as a database flag of the instance (Google Cloud console or gcloud)".to_owned()
        }
        "AlloyDB" => "change it as a database flag of the cluster (Google Cloud console or gcloud)".to_owned(),
        "Azure Database" => "change it under Server parameters (Azure portal or az)".to_owned(),
        other => format!("change it in the console of {other}"),
    }
}

/// The number of letters to change, add or leave out to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        for (j, to) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(usize::MAX);
            let here = (diagonal + usize::from(from != *to)).min(left + 1).min(above + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(j) {
                *cell = left;
            }
            left = here;
        }
        if let Some(last) = row.last_mut() {
            *last = left;
        }
    }
    row.last().copied().unwrap_or_default()
}
