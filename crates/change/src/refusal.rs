//! Why a parameter is not changed: one sentence, a word for programs, the next step.

use pgdba_pg::mask;
use pgdba_pg::parameter::ValueError;
use pgdba_pg::quote::quote_identifier;

/// The first version whose ALTER SYSTEM takes the parameter of a library that is not loaded.
const UNCHECKED_SINCE: i64 = 17;

/// Names of which the server replaces every character that is not printable ASCII.
const IN_ASCII: [&str; 2] = ["application_name", "cluster_name"];

/// What ALTER SYSTEM does not take, and the files or the command line do.
const IN_THE_MAIN_FILE: [&str; 3] = ["allow_alter_system", "config_file", "data_directory"];

/// What prevents a change. The text is one sentence; a secret is never in it. Each reason is a function below, which has
/// everything that is known about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    code: &'static str,
    parameter: Option<String>,
    text: String,
    hint: String,
    yields_to_force: bool,
}

impl Refusal {
    /// A word for programs; it does not change from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// The parameter it is about; none where it is about the server.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        self.parameter.as_deref()
    }

    /// Whether `--force` gets past it.
    #[must_use]
    pub fn yields_to_force(&self) -> bool {
        self.yields_to_force
    }

    fn of_server(code: &'static str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, parameter: None, text: text.into(), hint: hint.into(), yields_to_force: false }
    }

    fn of(name: &str, code: &'static str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { parameter: Some(name.to_owned()), ..Self::of_server(code, text, hint) }
    }

    /// The same, but `--force` gets past it where `yields`.
    fn forceable(self, yields: bool) -> Self {
        Self { yields_to_force: yields, ..self }
    }
}

/// About the parameter and its value.
impl Refusal {
    /// There is no such parameter. `hint` is what may have been meant, or what became of it.
    #[must_use]
    pub fn unknown_parameter(name: &str, major: i64, hint: impl Into<String>) -> Self {
        Self::of(name, "unknown_parameter", format!("parameter \"{name}\" does not exist in PostgreSQL {major}"), hint)
    }

    /// A parameter of a library that is not loaded: the server could not check its value. Before 17, the server refuses such a
    /// name itself.
    #[must_use]
    pub fn unknown_extension(name: &str, major: i64) -> Self {
        let is_taken = major >= UNCHECKED_SINCE;
        let or = if is_taken { ", or override with --force" } else { "" };
        Self::of(
            name,
            "unknown_extension_parameter",
            format!("parameter \"{name}\" belongs to a library that is not loaded, so its value cannot be checked"),
            format!("Add the library to shared_preload_libraries and restart the server first{or}."),
        )
        .forceable(is_taken)
    }

    /// A parameter that only shows something.
    #[must_use]
    pub fn read_only(name: &str) -> Self {
        let text = format!("parameter \"{name}\" is read-only");
        Self::of(name, "read_only_parameter", text, "Leave it out: it shows how the server was built or is running.")
    }

    /// A parameter that ALTER SYSTEM does not take.
    #[must_use]
    pub fn not_alterable(name: &str) -> Self {
        let hint = if IN_THE_MAIN_FILE.contains(&name) {
            "Set it in postgresql.conf or on the server's command line."
        } else {
            "Leave it out: it can only be set for a session or a transaction."
        };
        Self::of(name, "not_alterable", format!("parameter \"{name}\" cannot be set by ALTER SYSTEM"), hint)
    }

    /// A value that the parameter cannot have.
    #[must_use]
    pub fn bad_value(name: &str, error: &ValueError) -> Self {
        Self::of(name, "bad_value", format!("invalid value for parameter \"{name}\": {error}"), error.hint())
    }

    /// A limit of `limit` milliseconds, which ends sessions before they are authenticated: nobody might be able to restore the former
    /// value.
    #[must_use]
    pub fn ends_every_session(name: &str, limit: i64) -> Self {
        Self::of(
            name,
            "ends_every_session",
            format!("\"{name}\" = {limit} ms also ends sessions during authentication, so a rollback might be unable to connect"),
            "Use a value of at least 1s, or override with --force.",
        )
        .forceable(true)
    }

    /// The server's words on why it does not take `value`. They may repeat it; a secret in it is masked.
    #[must_use]
    pub fn by_server(name: &str, value: &str, words: &str) -> Self {
        let masked = mask::setting::mask(name, value);
        let words = if value.is_empty() { words.to_owned() } else { words.replace(value, &masked) };
        Self::of(
            name,
            "value_refused",
            format!("the server rejected the value of \"{name}\": {}", one_clause(&words)),
            "Nothing was changed. Correct the value, then run the command again.",
        )
    }

    /// The server would show `becomes` in place of the value that is wanted. A secret in it is masked.
    #[must_use]
    pub fn reads_back_differently(name: &str, becomes: &str) -> Self {
        let becomes = mask::setting::mask(name, becomes);
        let hint = if IN_ASCII.contains(&name) {
            "Use printable ASCII characters only; the server replaces all others.".to_owned()
        } else {
            format!("Use the value as the server stores it, '{becomes}', or another one.")
        };
        let text = format!("the server would change the value of \"{name}\" to '{becomes}'");
        Self::of(name, "value_changed_by_server", text, hint)
    }
}

/// About privileges.
impl Refusal {
    /// Only superusers can, before 15.
    #[must_use]
    pub fn not_superuser(name: &str, role: &str) -> Self {
        let text = format!("role \"{role}\" cannot change \"{name}\": before PostgreSQL 15 only superusers can");
        Self::of(name, "permission_denied", text, "Connect as a superuser.")
    }

    /// The role has no grant for the parameter.
    #[must_use]
    pub fn not_granted(name: &str, role: &str) -> Self {
        let (parameter, grantee) = (parameter(name), quote_identifier(role));
        let grant = format!("GRANT ALTER SYSTEM ON PARAMETER {parameter} TO {grantee};");
        Self::of(
            name,
            "permission_denied",
            format!("role \"{role}\" lacks the privilege to change \"{name}\""),
            format!("Connect as a superuser, or have one run: {grant}"),
        )
    }

    /// The role cannot reload.
    #[must_use]
    pub fn reload_denied(role: &str) -> Self {
        let grant = format!("GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO {};", quote_identifier(role));
        let text = format!("role \"{role}\" lacks the privilege to call pg_reload_conf()");
        Self::of_server("reload_denied", text, format!("Have a superuser run: {grant}"))
    }

    /// The value in the file cannot be seen, so a rollback could not restore it. `settings_tell` is whether a role that sees all
    /// settings would see it; otherwise only the lines of the file show it.
    #[must_use]
    pub fn former_hidden(name: &str, role: &str, settings_tell: bool) -> Self {
        let grantee = quote_identifier(role);
        let grant = if settings_tell {
            format!("GRANT pg_read_all_settings TO {grantee};")
        } else {
            format!(
                "GRANT SELECT ON pg_catalog.pg_file_settings TO {grantee}; GRANT EXECUTE ON FUNCTION \
                 pg_catalog.pg_show_all_file_settings() TO {grantee};"
            )
        };
        let text = format!(
            "role \"{role}\" cannot see the value of \"{name}\" in postgresql.auto.conf, so a rollback could not restore it"
        );
        Self::of(name, "former_hidden", text, format!("Have a superuser run: {grant}"))
    }
}

/// About what else determines the configuration.
impl Refusal {
    /// `allow_alter_system` is off.
    #[must_use]
    pub fn alter_system_off() -> Self {
        Self::of_server(
            "alter_system_off",
            "allow_alter_system is off on this server, so ALTER SYSTEM is not allowed",
            "Change the parameter where the configuration is managed: postgresql.conf, or the tool that writes it.",
        )
    }

    /// A hosting service, with the place where it lets its users change parameters.
    #[must_use]
    pub fn hosted(name: &str, service: &str, console: impl Into<String>) -> Self {
        let text = format!(
            "this server runs on {service}, which does not allow its users to change \"{name}\" by ALTER SYSTEM"
        );
        Self::of(name, "hosted", text, console)
    }

    /// The command line sets it.
    #[must_use]
    pub fn on_command_line(name: &str) -> Self {
        let text = format!("\"{name}\" is set on the server's command line, which overrides every file");
        Self::of(name, "on_command_line", text, "Change the start script or the service file of the server.")
    }

    /// Patroni sets it; `consequence` is what ALTER SYSTEM would come to.
    #[must_use]
    pub fn managed_by_patroni(name: &str, consequence: &str) -> Self {
        let hint = "Change it for the whole cluster with --via patroni, or override with --force.";
        let text = format!("\"{name}\" is managed by Patroni: {consequence}");
        Self::of(name, "managed_by_patroni", text, hint).forceable(true)
    }

    /// Patroni does not take the parameter from its configuration.
    #[must_use]
    pub fn not_for_patroni(name: &str, reason: &crate::patroni::Refusal) -> Self {
        let text = format!("\"{name}\" cannot be set through Patroni: {reason}");
        Self::of(name, "not_for_patroni", text, reason.hint(name))
    }

    /// A line of `postgresql.auto.conf` would override Patroni's.
    #[must_use]
    pub fn shadowed_by_auto_conf(name: &str) -> Self {
        Self::of(
            name,
            "shadowed_by_auto_conf",
            format!("postgresql.auto.conf on this member sets \"{name}\", which would override Patroni's value"),
            format!("Remove that line first: ALTER SYSTEM RESET {};", parameter(name)),
        )
    }
}

/// About the files and the server.
impl Refusal {
    /// The configuration files have a mistake that stops every reload; `error` is in the server's words.
    #[must_use]
    pub fn files_broken(file: &str, line: i64, error: &str) -> Self {
        let text = format!("the server cannot reload its configuration: {file} line {line}: {error}");
        Self::of_server("files_broken", text, CORRECT_THE_LINE)
    }

    /// The file that ALTER SYSTEM writes cannot be read.
    #[must_use]
    pub fn auto_conf_broken(error: &str) -> Self {
        Self::of_server("auto_conf_broken", format!("nothing can be changed: {error}"), CORRECT_THE_LINE)
    }

    /// ALTER SYSTEM could not write the value in the file again. `line` is counted from 1, where it is known.
    #[must_use]
    pub fn former_not_writable(name: &str, line: Option<usize>) -> Self {
        let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
        let text = format!(
            "postgresql.auto.conf{line} has a value of \"{name}\" that ALTER SYSTEM cannot write, so a rollback could not \
             restore it"
        );
        let hint = format!("Have the server write it first: ALTER SYSTEM SET {} = …", parameter(name));
        Self::of(name, "former_not_writable", text, hint)
    }

    /// The change was applied to another server of the same cluster, such as a standby.
    #[must_use]
    pub fn other_node(wanted: &str) -> Self {
        Self::of_server(
            "other_server",
            format!("the change set was applied to {wanted}, which is not this server"),
            "Connect to the server that it was applied to. If that server has a new address, port or data directory, \
             add --force.",
        )
        .forceable(true)
    }

    /// The change was made for another server; the first digits of both fingerprints tell them apart.
    #[must_use]
    pub fn other_server(wanted: &str, found: &str) -> Self {
        Self::of_server(
            "other_server",
            format!("the change set was made for another server (fingerprint {wanted}…, but this server has {found}…)"),
            "Connect to the server it was made for, or make a change set for this one.",
        )
    }
}

const CORRECT_THE_LINE: &str = "Correct that line, then run the command again.";

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
        let refusal = Refusal::not_granted("auto_explain.log_analyze", "Ops");
        let grant = "GRANT ALTER SYSTEM ON PARAMETER auto_explain.log_analyze TO \"Ops\";";
        assert!(refusal.hint().ends_with(grant), "{}", refusal.hint());
        assert!(!refusal.yields_to_force());
    }

    #[test]
    fn force_gets_past_what_the_server_itself_would_take() {
        assert!(Refusal::unknown_extension("a.b", 17).yields_to_force());
        let before = Refusal::unknown_extension("a.b", 16);
        assert!(!before.yields_to_force() && !before.hint().contains("--force"), "{}", before.hint());
    }
}
