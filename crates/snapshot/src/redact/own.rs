//! PostgreSQL's own names: what every server has tells nothing of one.

use super::kind::Kind;
use super::vocabulary;

/// Databases that `initdb` makes.
const DATABASES: [&str; 3] = ["postgres", "template0", "template1"];

/// Words of `pg_hba.conf` in place of databases, roles and addresses.
const HBA_WORDS: [&str; 6] = ["all", "replication", "samehost", "samenet", "samerole", "sameuser"];

/// The bootstrap superuser's usual name, and the word for everybody.
const ROLES: [&str; 2] = ["postgres", "public"];

/// Predefined roles of versions 12 to 18: `pg_roles` of an untouched server.
const PREDEFINED_ROLES: [&str; 16] = [
    "pg_checkpoint",
    "pg_create_subscription",
    "pg_database_owner",
    "pg_execute_server_program",
    "pg_maintain",
    "pg_monitor",
    "pg_read_all_data",
    "pg_read_all_settings",
    "pg_read_all_stats",
    "pg_read_server_files",
    "pg_signal_autovacuum_worker",
    "pg_signal_backend",
    "pg_stat_scan_tables",
    "pg_use_reserved_connections",
    "pg_write_all_data",
    "pg_write_server_files",
];

/// Schemas of every database. `"$user"` is a word of `search_path`.
const SCHEMAS: [&str; 6] = ["$user", "information_schema", "pg_catalog", "pg_temp", "pg_toast", "public"];

/// Tablespaces of every server.
const TABLESPACES: [&str; 2] = ["pg_default", "pg_global"];

/// Addresses of the machine itself, and of every machine.
const ADDRESSES: [&str; 8] = ["*", "0.0.0.0", "127.0.0.1", "127.0.1.1", "::", "::1", "[local]", "localhost"];

/// Files and folders where a server has them when nobody says otherwise.
const PATHS: [&str; 13] = [
    "$libdir",
    "$system",
    "/run/postgresql",
    "/tmp",
    "/var/run/postgresql",
    "log",
    "pg_log",
    "pg_stat_tmp",
    "postgresql-%Y-%m-%d_%H%M%S.log",
    "postgresql.auto.conf",
    "postgresql.conf",
    "server.crt",
    "server.key",
];

/// Names of configuration files, in whatever directory; Patroni makes the last one.
pub(super) const CONFIGURATION_FILES: [&str; 3] = ["postgresql.auto.conf", "postgresql.conf", "postgresql.base.conf"];

/// What PostgreSQL's programs and this one call themselves.
const APPLICATIONS: [&str; 15] = [
    "PostgreSQL",
    "pg_basebackup",
    "pg_dump",
    "pg_dumpall",
    "pg_isready",
    "pg_receivewal",
    "pg_recvlogical",
    "pg_restore",
    "pgbench",
    "pgdba",
    "pgdba-collect",
    "psql",
    "reindexdb",
    "vacuumdb",
    "walreceiver",
];

/// Languages of PostgreSQL and of widely used extensions.
const LANGUAGES: [&str; 13] = [
    "c",
    "internal",
    "plperl",
    "plperlu",
    "plpgsql",
    "plpython3u",
    "plpythonu",
    "plr",
    "plsh",
    "pltcl",
    "pltclu",
    "plv8",
    "sql",
];

/// Access methods of PostgreSQL and of widely used extensions.
pub(super) const ACCESS_METHODS: [&str; 15] = [
    "bloom", "brin", "btree", "columnar", "diskann", "gin", "gist", "hash", "heap", "hnsw", "ivfflat", "orioledb",
    "rum", "spgist", "tde_heap",
];

/// Output plugins of PostgreSQL and of widely used extensions.
const PLUGINS: [&str; 4] = ["decoderbufs", "pgoutput", "test_decoding", "wal2json"];

/// Whether `name`, as the name of a `kind`, is one that PostgreSQL or its programs give.
pub(super) fn is_own(kind: Kind, name: &str) -> bool {
    match kind {
        Kind::Database => DATABASES.contains(&name),
        Kind::Role => ROLES.contains(&name) || PREDEFINED_ROLES.contains(&name),
        Kind::Schema => SCHEMAS.contains(&name) || is_numbered(name, &["pg_temp_", "pg_toast_temp_"]),
        Kind::Table => is_numbered(name, &["pg_toast_"]),
        Kind::Index => {
            // REINDEX CONCURRENTLY adds one of these suffixes.
            let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
            let name = name.strip_suffix("_ccnew").or_else(|| name.strip_suffix("_ccold")).unwrap_or(name);
            name.strip_suffix("_index").is_some_and(|table| is_numbered(table, &["pg_toast_"]))
        }
        Kind::Type => vocabulary::TYPES.contains(name.strip_prefix('_').unwrap_or(name)),
        Kind::Tablespace => TABLESPACES.contains(&name),
        Kind::Host => ADDRESSES.contains(&name) || PATHS.contains(&name),
        Kind::Application => APPLICATIONS.contains(&name),
        Kind::Path => PATHS.contains(&name),
        Kind::Parameter => {
            let name = name.to_ascii_lowercase();
            // These two are not in pg_settings.
            vocabulary::PARAMETERS.contains(&name) || matches!(name.as_str(), "role" | "session_authorization")
        }
        _ => false,
    }
}

/// Whether `word` is a name in a list of names of which nobody says what they are of.
pub(super) fn is_own_somewhere(word: &str) -> bool {
    [Kind::Database, Kind::Role, Kind::Schema, Kind::Tablespace, Kind::Application]
        .into_iter()
        .any(|kind| is_own(kind, word))
}

/// Whether `word` stands for something in `pg_hba.conf`.
pub(super) fn is_hba_word(word: &str) -> bool {
    HBA_WORDS.contains(&word)
}

/// Whether `name` is a language, an access method or an output plugin that says nothing of a site.
pub(super) fn is_code(name: &str) -> bool {
    LANGUAGES.contains(&name) || ACCESS_METHODS.contains(&name) || PLUGINS.contains(&name)
}

fn is_numbered(name: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| {
        name.strip_prefix(prefix)
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::key::parts;

    #[test]
    fn what_every_server_has_stays() {
        for (kind, name) in [
            (Kind::Database, "template1"),
            (Kind::Role, "pg_monitor"),
            (Kind::Schema, "pg_toast_temp_3"),
            (Kind::Table, "pg_toast_16388"),
            (Kind::Index, "pg_toast_16388_index"),
            (Kind::Index, "pg_toast_16388_index_ccold1"),
            (Kind::Type, "_int4"),
            (Kind::Parameter, "TimeZone"),
        ] {
            assert!(is_own(kind, name), "{name}");
        }
        for (kind, name) in [
            (Kind::Database, "shop"),
            (Kind::Role, "pg_shop"),
            (Kind::Schema, "pg_temp_shop"),
            (Kind::Table, "pg_toast_"),
            (Kind::Type, "mood"),
            (Kind::Column, "postgres"),
            (Kind::Parameter, "shop.secret"),
        ] {
            assert!(!is_own(kind, name), "{name}");
        }
    }

    #[test]
    fn no_own_name_looks_like_a_token() {
        let lists: [&[&str]; 10] = [
            &ACCESS_METHODS,
            &PLUGINS,
            &DATABASES,
            &HBA_WORDS,
            &ROLES,
            &SCHEMAS,
            &TABLESPACES,
            &ADDRESSES,
            &APPLICATIONS,
            &LANGUAGES,
        ];
        assert_eq!(lists.into_iter().flatten().chain(&PATHS).find(|name| parts(name).is_some()), None);
    }
}
