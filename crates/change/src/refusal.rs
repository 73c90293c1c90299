//! Why a parameter is not changed: one sentence, a word for programs, the next step.

use pgdba_pg::mask;
use pgdba_pg::quote::quote_identifier;

/// The first version whose ALTER SYSTEM takes the parameter of a library that is not loaded.
const UNCHECKED_SINCE: i64 = 17;

/// Names of which the server replaces every character that is not printable ASCII.
const IN_ASCII: [&str; 2] = ["application_name", "cluster_name"];

/// What ALTER SYSTEM does not take, and the files or the command line do.
const IN_THE_MAIN_FILE: [&str; 3] = ["allow_alter_system", "config_file", "data_directory"];

/// What speaks against a change. The text is one sentence; a secret is never in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such parameter.
    #[error("parameter \"{name}\" does not exist in PostgreSQL {major}")]
    UnknownParameter {
        /// What was asked for.
        name: String,
        /// The server's major version.
        major: i64,
        /// What may have been meant, or what became of it.
        hint: String,
    },
    /// A parameter of a library that is not loaded: the server could not check its value.
    #[error("parameter \"{name}\" belongs to a library that is not loaded, so its value cannot be checked")]
    UnknownExtension {
        /// The parameter.
        name: String,
        /// The server's major version.
        major: i64,
    },
    /// A parameter that only shows something.
    #[error("parameter \"{name}\" is read-only")]
    ReadOnly {
        /// The parameter.
        name: String,
    },
    /// A parameter that ALTER SYSTEM does not take.
    #[error("parameter \"{name}\" cannot be set by ALTER SYSTEM")]
    NotInFile {
        /// The parameter.
        name: String,
    },
    /// A value that the parameter cannot have.
    #[error("{reason}")]
    BadValue {
        /// The parameter.
        name: String,
        /// One sentence that names the parameter.
        reason: String,
        /// What it can have.
        hint: String,
    },
    /// The server itself refuses the value.
    #[error("the server rejected the value of \"{name}\": {reason}")]
    RefusedByServer {
        /// The parameter.
        name: String,
        /// Its words.
        reason: String,
    },
    /// The server would make something else of the value.
    #[error("the server would change the value of \"{name}\" to '{becomes}'")]
    ReadsBackDifferently {
        /// The parameter.
        name: String,
        /// What it would make of it.
        becomes: String,
    },
    /// Only superusers may, before 15.
    #[error("role \"{role}\" cannot change \"{name}\": before PostgreSQL 15 only superusers can")]
    NotSuperuser {
        /// The parameter.
        name: String,
        /// Who asks.
        role: String,
    },
    /// The role has no grant for the parameter.
    #[error("role \"{role}\" lacks the privilege to change \"{name}\"")]
    NotGranted {
        /// The parameter.
        name: String,
        /// Who asks.
        role: String,
    },
    /// The role may not reload.
    #[error("role \"{role}\" lacks the privilege to call pg_reload_conf()")]
    MayNotReload {
        /// Who asks.
        role: String,
    },
    /// The server is told to refuse.
    #[error("allow_alter_system is off on this server, so ALTER SYSTEM is not allowed")]
    AlterSystemOff,
    /// A hosting service.
    #[error("this server runs on {service}, which does not allow its users to change \"{name}\" by ALTER SYSTEM")]
    Hosted {
        /// The parameter.
        name: String,
        /// The service.
        service: String,
        /// Where it is changed there.
        console: String,
    },
    /// The command line decides.
    #[error("\"{name}\" is set on the server's command line, which overrides every file")]
    OnCommandLine {
        /// The parameter.
        name: String,
    },
    /// Patroni decides.
    #[error("\"{name}\" is managed by Patroni: {consequence}")]
    ManagedByPatroni {
        /// The parameter.
        name: String,
        /// What ALTER SYSTEM would come to.
        consequence: String,
    },
    /// Patroni does not take the parameter from its configuration.
    #[error("\"{name}\" cannot be set through Patroni: {reason}")]
    NotForPatroni {
        /// The parameter.
        name: String,
        /// What Patroni would do with the value.
        reason: crate::patroni::Refusal,
    },
    /// A line of `postgresql.auto.conf` would shadow Patroni's.
    #[error("postgresql.auto.conf on this member sets \"{name}\", which would override Patroni's value")]
    ShadowedByAutoConf {
        /// The parameter.
        name: String,
    },
    /// The configuration files have a mistake that stops every reload.
    #[error("the server cannot reload its configuration: {file} line {line}: {error}")]
    FilesBroken {
        /// The file.
        file: String,
        /// The line.
        line: i64,
        /// The server's words.
        error: String,
    },
    /// The file that ALTER SYSTEM writes cannot be read.
    #[error("nothing can be changed: {error}")]
    AutoConfBroken {
        /// What is wrong with it.
        error: String,
    },
    /// What stood there before cannot be seen, so it could not be put back.
    #[error(
        "role \"{role}\" cannot see the value of \"{name}\" in postgresql.auto.conf, so a rollback could not restore it"
    )]
    FormerHidden {
        /// The parameter.
        name: String,
        /// Who asks.
        role: String,
        /// Whether the settings would tell, if the role could see all of them; else only the file's own lines do.
        settings_tell: bool,
    },
    /// What stands there cannot be written again by ALTER SYSTEM.
    #[error("postgresql.auto.conf{} has a value of \"{name}\" that ALTER SYSTEM cannot write, so a rollback could not \
             restore it", in_line(*.line))]
    FormerNotWritable {
        /// The parameter.
        name: String,
        /// The line of the file, counted from 1, where it is known.
        line: Option<usize>,
    },
    /// The change was applied to another server of the same cluster, such as a standby.
    #[error("the change set was applied to {wanted}, which is not this server")]
    OtherNode {
        /// Where it was applied.
        wanted: String,
    },
    /// The change was made for another server.
    #[error("the change set was made for another server (fingerprint {wanted}…, but this server has {found}…)")]
    OtherServer {
        /// The first digits of the fingerprint in the change set.
        wanted: String,
        /// Those of this server.
        found: String,
    },
}

impl Refusal {
    /// A word for programs; it does not change from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownParameter { .. } => "unknown_parameter",
            Self::UnknownExtension { .. } => "unknown_extension_parameter",
            Self::ReadOnly { .. } => "read_only_parameter",
            Self::NotInFile { .. } => "not_alterable",
            Self::BadValue { .. } => "bad_value",
            Self::RefusedByServer { .. } => "value_refused",
            Self::ReadsBackDifferently { .. } => "value_changed_by_server",
            Self::NotSuperuser { .. } | Self::NotGranted { .. } => "permission_denied",
            Self::MayNotReload { .. } => "reload_denied",
            Self::AlterSystemOff => "alter_system_off",
            Self::Hosted { .. } => "hosted",
            Self::OnCommandLine { .. } => "on_command_line",
            Self::ManagedByPatroni { .. } => "managed_by_patroni",
            Self::NotForPatroni { .. } => "not_for_patroni",
            Self::ShadowedByAutoConf { .. } => "shadowed_by_auto_conf",
            Self::FilesBroken { .. } => "files_broken",
            Self::AutoConfBroken { .. } => "auto_conf_broken",
            Self::FormerHidden { .. } => "former_hidden",
            Self::FormerNotWritable { .. } => "former_not_writable",
            Self::OtherServer { .. } | Self::OtherNode { .. } => "other_server",
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::UnknownParameter { hint, .. } | Self::BadValue { hint, .. } => hint.clone(),
            Self::UnknownExtension { major, .. } => {
                let insist = if *major >= UNCHECKED_SINCE { ", or override with --force" } else { "" };
                format!("Add the library to shared_preload_libraries and restart the server first{insist}.")
            }
            Self::ReadOnly { .. } => "Leave it out: it shows how the server was built or is running.".to_owned(),
            Self::NotInFile { name } if IN_THE_MAIN_FILE.contains(&name.as_str()) => {
                "Set it in postgresql.conf or on the server's command line.".to_owned()
            }
            Self::NotInFile { .. } => "Leave it out: it can only be set for a session or a transaction.".to_owned(),
            Self::RefusedByServer { .. } => {
                "Nothing was changed. Correct the value, then run the command again.".to_owned()
            }
            Self::ReadsBackDifferently { name, .. } if IN_ASCII.contains(&name.as_str()) => {
                "Use printable ASCII characters only; the server replaces all others.".to_owned()
            }
            Self::ReadsBackDifferently { becomes, .. } => {
                format!("Use the value as the server stores it, '{becomes}', or another one.")
            }
            Self::NotSuperuser { .. } => "Connect as a superuser.".to_owned(),
            Self::NotGranted { name, role } => {
                let (parameter, role) = (parameter(name), quote_identifier(role));
                format!(
                    "Connect as a superuser, or have one run: GRANT ALTER SYSTEM ON PARAMETER {parameter} TO {role};"
                )
            }
            Self::MayNotReload { role } => {
                let role = quote_identifier(role);
                format!("Have a superuser run: GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO {role};")
            }
            Self::AlterSystemOff => {
                "Change the parameter where the configuration is managed: postgresql.conf, or the tool that writes it."
                    .to_owned()
            }
            Self::Hosted { console, .. } => console.clone(),
            Self::OnCommandLine { .. } => "Change the start script or the service file of the server.".to_owned(),
            Self::ManagedByPatroni { .. } => {
                "Change it for the whole cluster with --via patroni, or override with --force.".to_owned()
            }
            Self::NotForPatroni { name, reason } => reason.hint(name),
            Self::ShadowedByAutoConf { name } => {
                format!("Remove that line first: ALTER SYSTEM RESET {};", parameter(name))
            }
            Self::FilesBroken { .. } | Self::AutoConfBroken { .. } => {
                "Correct that line, then run the command again.".to_owned()
            }
            Self::FormerHidden { role, settings_tell: true, .. } => {
                format!("Have a superuser run: GRANT pg_read_all_settings TO {};", quote_identifier(role))
            }
            Self::FormerHidden { role, .. } => {
                let role = quote_identifier(role);
                format!(
                    "Have a superuser run: GRANT SELECT ON pg_catalog.pg_file_settings TO {role}; GRANT EXECUTE ON \
                     FUNCTION pg_catalog.pg_show_all_file_settings() TO {role};"
                )
            }
            Self::FormerNotWritable { name, .. } => {
                format!("Have the server write it first: ALTER SYSTEM SET {} = …", parameter(name))
            }
            Self::OtherNode { .. } => {
                "Connect to the server that it was applied to. If that server has a new address, port or data \
                 directory, add --force."
                    .to_owned()
            }
            Self::OtherServer { .. } => {
                "Connect to the server it was made for, or make a change set for this one.".to_owned()
            }
        }
    }

    /// The parameter it is about; none where it is about the server.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::UnknownParameter { name, .. }
            | Self::UnknownExtension { name, .. }
            | Self::ReadOnly { name }
            | Self::NotInFile { name }
            | Self::BadValue { name, .. }
            | Self::RefusedByServer { name, .. }
            | Self::ReadsBackDifferently { name, .. }
            | Self::NotSuperuser { name, .. }
            | Self::NotGranted { name, .. }
            | Self::Hosted { name, .. }
            | Self::OnCommandLine { name }
            | Self::ManagedByPatroni { name, .. }
            | Self::NotForPatroni { name, .. }
            | Self::ShadowedByAutoConf { name }
            | Self::FormerHidden { name, .. }
            | Self::FormerNotWritable { name, .. } => Some(name),
            Self::MayNotReload { .. }
            | Self::AlterSystemOff
            | Self::FilesBroken { .. }
            | Self::AutoConfBroken { .. }
            | Self::OtherServer { .. }
            | Self::OtherNode { .. } => None,
        }
    }

    /// Whether `--force` gets past it.
    #[must_use]
    pub fn yields_to_force(&self) -> bool {
        match self {
            Self::ManagedByPatroni { .. } | Self::OtherNode { .. } => true,
            // Before, the server refuses such a name itself.
            Self::UnknownExtension { major, .. } => *major >= UNCHECKED_SINCE,
            _ => false,
        }
    }

    /// The server would show `becomes` in place of the value that is wanted. A secret in it is masked.
    #[must_use]
    pub fn reads_back_differently(name: &str, becomes: &str) -> Self {
        Self::ReadsBackDifferently { name: name.to_owned(), becomes: mask::setting::mask(name, becomes) }
    }

    /// The server's words on why it does not take `value`. They may repeat it; a secret in it is masked.
    #[must_use]
    pub fn by_server(name: &str, value: &str, words: &str) -> Self {
        let masked = mask::setting::mask(name, value);
        let reason = if value.is_empty() { words.to_owned() } else { words.replace(value, &masked) };
        Self::RefusedByServer { name: name.to_owned(), reason: one_clause(&reason) }
    }
}

fn in_line(line: Option<usize>) -> String {
    line.map(|line| format!(" line {line}")).unwrap_or_default()
}

/// The server's message and its detail as one clause, without the SQLSTATE.
fn one_clause(words: &str) -> String {
    let words = words.split_once(" (SQLSTATE").map_or(words, |(words, _)| words);
    words.trim_end_matches('.').replace(". ", "; ").replace('\n', " ")
}

/// The name of a parameter as SQL: each part quoted where needed.
#[must_use]
pub fn parameter(name: &str) -> String {
    name.split('.').map(quote_identifier).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_given_as_sql() {
        let refusal = Refusal::NotGranted { name: "auto_explain.log_analyze".to_owned(), role: "Ops".to_owned() };
        let grant = "GRANT ALTER SYSTEM ON PARAMETER auto_explain.log_analyze TO \"Ops\";";
        assert!(refusal.hint().ends_with(grant), "{}", refusal.hint());
        assert!(!refusal.yields_to_force());
    }
}
