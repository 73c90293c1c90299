//! Values of configuration parameters: figures and switches stay, names, paths and addresses go.

use pgdba_pg::mask::MASK;
use pgdba_pg::parameter;

use super::conninfo;
use super::key::Key;
use super::kind::Kind;
use super::name::name_of;
use super::own;
use super::text::{self, Language, holds_token, is_harmless_value};
use super::vocabulary::PARAMETERS;
use super::words::{Form, is_known};

/// Resource managers of WAL.
const RESOURCE_MANAGERS: [&str; 23] = [
    "brin",
    "btree",
    "clog",
    "committs",
    "database",
    "generic",
    "gin",
    "gist",
    "hash",
    "heap",
    "heap2",
    "logicalmessage",
    "multixact",
    "relmap",
    "replicationorigin",
    "sequence",
    "smgr",
    "spgist",
    "standby",
    "storage",
    "tablespace",
    "transaction",
    "xlog",
];

/// What the value of a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// Words that are the same on every site.
    Words(Form),
    /// One name.
    Name(Kind),
    /// Names separated by commas.
    Names,
    /// Addresses or paths separated by commas.
    Places(Kind),
    /// `key=value` pairs.
    Conninfo,
    /// A shell command of which the masks have left the program.
    Command,
    /// Libraries separated by commas.
    Libraries,
}

/// The parameters that hold text. All others hold figures, switches or words of an enumeration.
const TEXTS: [(&str, Value); 80] = [
    ("application_name", Value::Name(Kind::Application)),
    ("archive_cleanup_command", Value::Command),
    ("archive_command", Value::Command),
    ("archive_library", Value::Libraries),
    ("backtrace_functions", Value::Names),
    ("bonjour_name", Value::Name(Kind::Host)),
    ("client_encoding", Value::Words(Form::Encoding)),
    ("cluster_name", Value::Name(Kind::Cluster)),
    ("config_file", Value::Name(Kind::Path)),
    ("createrole_self_grant", Value::Words(Form::Some(&["inherit", "set"]))),
    ("data_directory", Value::Name(Kind::Path)),
    ("datestyle", Value::Words(Form::DateStyle)),
    ("debug_io_direct", Value::Words(Form::Some(&["data", "wal", "wal_init"]))),
    ("default_table_access_method", Value::Words(Form::Some(&own::ACCESS_METHODS))),
    ("default_tablespace", Value::Name(Kind::Tablespace)),
    ("default_text_search_config", Value::Names),
    ("dynamic_library_path", Value::Name(Kind::Path)),
    ("event_source", Value::Name(Kind::Application)),
    ("extension_control_path", Value::Name(Kind::Path)),
    ("external_pid_file", Value::Name(Kind::Path)),
    ("hba_file", Value::Name(Kind::Path)),
    ("ident_file", Value::Name(Kind::Path)),
    ("jit_provider", Value::Libraries),
    ("krb_server_keyfile", Value::Name(Kind::Path)),
    ("lc_collate", Value::Words(Form::Locale)),
    ("lc_ctype", Value::Words(Form::Locale)),
    ("lc_messages", Value::Words(Form::Locale)),
    ("lc_monetary", Value::Words(Form::Locale)),
    ("lc_numeric", Value::Words(Form::Locale)),
    ("lc_time", Value::Words(Form::Locale)),
    ("listen_addresses", Value::Places(Kind::Host)),
    ("local_preload_libraries", Value::Libraries),
    ("log_connections", Value::Words(Form::Some(&["authentication", "authorization", "receipt", "setup_durations"]))),
    ("log_destination", Value::Words(Form::Some(&["csvlog", "eventlog", "jsonlog", "stderr", "syslog"]))),
    ("log_directory", Value::Name(Kind::Path)),
    ("log_filename", Value::Name(Kind::Path)),
    ("log_line_prefix", Value::Words(Form::LinePrefix)),
    ("log_timezone", Value::Words(Form::TimeZone)),
    ("oauth_validator_libraries", Value::Libraries),
    ("primary_conninfo", Value::Conninfo),
    ("primary_slot_name", Value::Name(Kind::Slot)),
    ("promote_trigger_file", Value::Name(Kind::Path)),
    ("recovery_end_command", Value::Command),
    ("recovery_target", Value::Words(Form::Some(&["immediate"]))),
    ("recovery_target_lsn", Value::Words(Form::Figures)),
    ("recovery_target_name", Value::Name(Kind::Text)),
    ("recovery_target_time", Value::Words(Form::Figures)),
    ("recovery_target_timeline", Value::Words(Form::Some(&["current", "latest"]))),
    ("recovery_target_xid", Value::Words(Form::Figures)),
    ("restore_command", Value::Command),
    ("restrict_nonsystem_relation_kind", Value::Words(Form::Some(&["foreign-table", "view"]))),
    ("role", Value::Name(Kind::Role)),
    ("search_path", Value::Names),
    ("server_encoding", Value::Words(Form::Encoding)),
    ("server_version", Value::Words(Form::ServerVersion)),
    ("session_authorization", Value::Name(Kind::Role)),
    ("session_preload_libraries", Value::Libraries),
    ("shared_preload_libraries", Value::Libraries),
    ("ssl_ca_file", Value::Name(Kind::Path)),
    ("ssl_cert_file", Value::Name(Kind::Path)),
    ("ssl_ciphers", Value::Words(Form::Ciphers)),
    ("ssl_crl_dir", Value::Name(Kind::Path)),
    ("ssl_crl_file", Value::Name(Kind::Path)),
    ("ssl_dh_params_file", Value::Name(Kind::Path)),
    ("ssl_ecdh_curve", Value::Words(Form::Curves)),
    ("ssl_groups", Value::Words(Form::Curves)),
    ("ssl_key_file", Value::Name(Kind::Path)),
    ("ssl_library", Value::Words(Form::Some(&["openssl"]))),
    ("ssl_passphrase_command", Value::Command),
    ("ssl_tls13_ciphers", Value::Words(Form::Ciphers)),
    ("stats_temp_directory", Value::Name(Kind::Path)),
    ("synchronized_standby_slots", Value::Names),
    ("synchronous_standby_names", Value::Names),
    ("syslog_ident", Value::Name(Kind::Role)),
    ("temp_tablespaces", Value::Names),
    ("timezone", Value::Words(Form::TimeZone)),
    ("timezone_abbreviations", Value::Words(Form::Some(&["australia", "default", "india"]))),
    ("unix_socket_directories", Value::Places(Kind::Path)),
    ("unix_socket_group", Value::Name(Kind::Role)),
    ("wal_consistency_checking", Value::Words(Form::Some(&RESOURCE_MANAGERS))),
];

/// Programs that are known far and wide.
const PROGRAMS: [&str; 20] = [
    "(disabled)",
    "barman-cloud-wal-archive",
    "barman-wal-archive",
    "barman-wal-restore",
    "cp",
    "envdir",
    "false",
    "gzip",
    "pg_archivecleanup",
    "pg_probackup",
    "pg_standby",
    "pgbackrest",
    "rsync",
    "scp",
    "test",
    "true",
    "wal-e",
    "wal-g",
    "zstd",
    MASK,
];

/// Storage parameters of tables, indexes, views and columns that are no parameters of the server.
const OPTIONS: [&str; 28] = [
    "autosummarize",
    "autovacuum_enabled",
    "buffering",
    "check_option",
    "col1",
    "deduplicate_items",
    "fastupdate",
    "fillfactor",
    "gin_pending_list_limit",
    "length",
    "log_autovacuum_min_duration",
    "n_distinct",
    "n_distinct_inherited",
    "pages_per_range",
    "parallel_workers",
    "random_page_cost",
    "security_barrier",
    "security_invoker",
    "seq_page_cost",
    "siglen",
    "toast_tuple_target",
    "user_catalog_table",
    "vacuum_cleanup_index_scale_factor",
    "vacuum_index_cleanup",
    "vacuum_max_eager_freeze_failure_rate",
    "vacuum_truncate",
    "autovacuum_freeze_table_age",
    "autovacuum_multixact_freeze_min_age",
];

/// The value of the parameter `name`.
pub(super) fn redact(key: &mut Key, name: &str, value: &str) -> String {
    if value.is_empty() || value == MASK {
        return value.to_owned();
    }
    let folded = name.to_ascii_lowercase();
    let kind = TEXTS.iter().find(|(text, _)| *text == folded).map(|(_, kind)| *kind);
    match kind {
        None if is_harmless_value(value) => value.to_owned(),
        None => key.token(Kind::Text, value),
        Some(Value::Words(form)) if is_known(form, value) => value.to_owned(),
        Some(Value::Words(_)) => key.token(Kind::Text, value),
        Some(Value::Name(kind)) => name_of(key, kind, value),
        Some(Value::Names) => text::redact(key, Language::Names, value),
        Some(Value::Places(kind)) => items(value, |item| name_of(key, kind, item)),
        Some(Value::Conninfo) => conninfo::redact(key, value),
        Some(Value::Command) => {
            items(value, |item| if PROGRAMS.contains(&item) { item.to_owned() } else { key.token(Kind::Path, item) })
        }
        Some(Value::Libraries) => {
            items(value, |item| if is_library(item) { item.to_owned() } else { key.token(Kind::Path, item) })
        }
    }
}

/// `name=value` of a storage parameter.
pub(super) fn option(key: &mut Key, option: &str) -> String {
    let Some((name, value)) = option.split_once('=') else { return key.token(Kind::Text, option) };
    let bare = name.strip_prefix("toast.").unwrap_or(name);
    let known = OPTIONS.contains(&bare) || PARAMETERS.contains(bare);
    // A storage parameter keeps the spelling of a Boolean, such as `n` or `OF`.
    let is_harmless = || is_harmless_value(value) || parameter::parse(&parameter::Kind::Bool, value).is_ok();
    if known && is_harmless() { option.to_owned() } else { key.token(Kind::Text, option) }
}

/// `text` with each of its items changed; commas and white space between them stay.
fn items(text: &str, mut change: impl FnMut(&str) -> String) -> String {
    let is_between = |c: char| c == ',' || c.is_ascii_whitespace();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(is_between).unwrap_or(rest.len());
        let (item, left) = rest.split_at(length);
        if !item.is_empty() {
            out.push_str(&change(item));
        }
        let gap = left.find(|c| !is_between(c)).unwrap_or(left.len());
        let (between, left) = left.split_at(gap);
        out.push_str(between);
        rest = left;
    }
    out
}

/// The name of an extension's library, which stays as the names of extensions do.
fn is_library(item: &str) -> bool {
    let name = item.strip_prefix("$libdir/").unwrap_or(item);
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') && !holds_token(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::key::SECRET_BYTES;

    fn key() -> Key {
        Key::new(&[7; SECRET_BYTES])
    }

    #[test]
    fn figures_and_switches_stay_and_places_go() {
        let mut key = key();
        for (name, value) in [
            ("work_mem", "64MB"),
            ("wal_level", "logical"),
            ("checkpoint_timeout", "5 min"),
            ("jit_above_cost", "1e+06"),
            ("autovacuum", "ON"),
            ("log_file_mode", "0600"),
            ("TimeZone", "Europe/Vienna"),
            ("lc_messages", "de_AT.UTF-8"),
            ("shared_preload_libraries", "pg_stat_statements, $libdir/acme"),
            ("search_path", "\"$user\", public"),
            ("listen_addresses", "localhost, ::1"),
            ("archive_command", "pgbackrest ***"),
            ("app.secret", "***"),
            ("log_line_prefix", "%m [%p] ***"),
        ] {
            assert_eq!(redact(&mut key, name, value), value, "{name}");
        }
        for (name, value, redacted) in [
            ("work_mem", "hunter2", "text1"),
            ("listen_addresses", "localhost, 10.0.0.5", "localhost, h1"),
            ("unix_socket_directories", "/tmp,/srv/acme", "/tmp,path1"),
            ("data_directory", "/srv/acme", "path1"),
            ("shared_preload_libraries", "/opt/acme.so,auto_explain", "path2,auto_explain"),
            ("archive_command", "acme-archive ***", "path3 ***"),
            ("cluster_name", "acme", "cluster1"),
            ("search_path", "acme, \"We\"\"ird\", public", "cluster1, \"name1\", public"),
            ("synchronous_standby_names", "FIRST 1 (s1, S2)", "FIRST 1 (name2, name3_1)"),
            ("acme.limit", "10.0.0.5", "h1"),
            (
                "primary_conninfo",
                "host=10.0.0.5 port=5432 user=repl password=***",
                "host=h1 port=5432 user=r1 password=***",
            ),
            ("primary_conninfo", "host='a b' options=-c", "host=h2 text2"),
            ("primary_conninfo", "postgres://u@h/db", "text3"),
        ] {
            assert_eq!(redact(&mut key, name, value), redacted, "{name}");
            assert_eq!(text::restore(&key, None, redacted), value, "{name}");
        }
    }

    #[test]
    fn storage_parameters_keep_their_figures() {
        let mut key = key();
        for stays in ["fillfactor=70", "toast.autovacuum_enabled=false", "autovacuum_vacuum_scale_factor=0.01"]
            .into_iter()
            .chain(["autovacuum_enabled=n", "autovacuum_enabled=OF", "fastupdate=FALS", "user_catalog_table=tr"])
        {
            assert_eq!(option(&mut key, stays), stays);
        }
        assert_eq!(option(&mut key, "acme=1"), "text1");
        assert_eq!(option(&mut key, "fillfactor=acme"), "text2");
    }

    #[test]
    fn parameters_of_text_are_listed_in_order_and_known() {
        assert!(TEXTS.is_sorted_by_key(|(name, _)| *name));
        let unknown: Vec<_> =
            TEXTS.iter().filter(|(name, _)| !PARAMETERS.contains(name)).map(|(name, _)| *name).collect();
        // These two are not shown in pg_settings.
        assert_eq!(unknown, ["role", "session_authorization"]);
    }
}
