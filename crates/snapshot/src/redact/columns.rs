//! What becomes of every text column of every section.
//!
//! A column that is not listed is replaced as a whole, so that a new one cannot tell anything before somebody has
//! thought about it; a test holds that every text column is listed.

use super::kind;
use super::kind::Kind;
use super::text::Language;
use super::words::Form;

/// What becomes of a column's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// It stays: words of PostgreSQL, figures, identifiers without meaning, names of extensions.
    Stays,
    /// A name.
    Name(Kind),
    /// The name of a relation, whose kind is in `relkind`.
    Relation,
    /// A name that stays if `nspname` is a schema of PostgreSQL's own.
    InSchema(Kind),
    /// A database or role in `pg_hba.conf`, or a word for several.
    Hba(Kind),
    /// An option's name in `pg_hba.conf`.
    HbaOption,
    /// A language, an access method or an output plugin.
    Library,
    /// A statement.
    Sql,
    /// An expression of the catalogs.
    Expression,
    /// The arguments of a function.
    Arguments,
    /// A list of names.
    Names,
    /// A message.
    Prose,
    /// Words that are the same on every site.
    Words(Form),
    /// The value of the parameter in `name`.
    Setting,
    /// `name=value`.
    Option,
    /// Rights, as the server prints them.
    Acl,
    /// A connection string.
    Conninfo,
    /// An identifier that becomes a digest.
    Identifier(kind::Identifier),
}

impl Rule {
    /// The language of the texts under this rule, if they are texts with names in them.
    pub(super) fn language(self) -> std::option::Option<Language> {
        Some(match self {
            Sql => Language::Sql,
            Expression => Language::Expression,
            Arguments => Language::Arguments,
            Names => Language::Names,
            Prose => Language::Prose,
            _ => return None,
        })
    }
}

use Rule::{
    Acl, Arguments, Conninfo, Expression, Hba, HbaOption, Identifier, InSchema, Library, Name, Names, Option, Prose,
    Relation, Setting, Sql, Stays, Words,
};

/// By column, or by section and column where one name means different things.
const COLUMNS: &[(&str, Rule)] = &[
    // Names
    ("application_name", Name(Kind::Application)),
    ("attname", Name(Kind::Column)),
    ("client_addr", Name(Kind::Host)),
    ("conname", Name(Kind::Constraint)),
    ("current_database", Name(Kind::Database)),
    ("current_user", Name(Kind::Role)),
    ("data_directory", Name(Kind::Path)),
    ("datname", Name(Kind::Database)),
    ("file_name", Name(Kind::Path)),
    ("member_of", Name(Kind::Role)),
    ("nspname", Name(Kind::Schema)),
    ("owner", Name(Kind::Role)),
    ("polname", Name(Kind::Policy)),
    ("proname", Name(Kind::Function)),
    ("pubname", Name(Kind::Publication)),
    ("rolname", Name(Kind::Role)),
    ("roles", Name(Kind::Role)),
    ("sender_host", Name(Kind::Host)),
    ("slot_name", Name(Kind::Slot)),
    ("sourcefile", Name(Kind::Path)),
    ("spcname", Name(Kind::Tablespace)),
    ("stxname", Name(Kind::Statistics)),
    ("subname", Name(Kind::Subscription)),
    ("subpublications", Name(Kind::Publication)),
    ("subslotname", Name(Kind::Slot)),
    ("tgname", Name(Kind::Trigger)),
    ("pg_opclass.typname", Name(Kind::Type)),
    ("pg_sequence.typname", Name(Kind::Type)),
    ("usename", Name(Kind::Role)),
    ("relname", Relation),
    ("collname", InSchema(Kind::Collation)),
    ("opcname", InSchema(Kind::OperatorClass)),
    ("pg_type.typname", InSchema(Kind::Type)),
    ("pg_hba_file_rules.database", Hba(Kind::Database)),
    ("pg_prepared_xacts.database", Name(Kind::Database)),
    ("pg_replication_slots.database", Name(Kind::Database)),
    ("user_name", Hba(Kind::Role)),
    ("address", Hba(Kind::Host)),
    ("option_names", HbaOption),
    ("cluster_name", Name(Kind::Cluster)),
    ("query_id", Identifier(kind::Identifier::Query)),
    ("queryid", Identifier(kind::Identifier::Query)),
    ("system_identifier", Identifier(kind::Identifier::System)),
    // Texts with names in them
    ("conninfo", Conninfo),
    ("identity_arguments", Arguments),
    ("indexprs", Expression),
    ("indpred", Expression),
    ("nspacl", Acl),
    ("query", Sql),
    ("search_path", Names),
    ("attoptions", Option),
    ("reloptions", Option),
    ("spcoptions", Option),
    ("error", Prose),
    // Parameters
    ("config_names", Name(Kind::Parameter)),
    ("pg_settings.name", Name(Kind::Parameter)),
    ("pg_file_settings.name", Name(Kind::Parameter)),
    ("pg_db_role_setting.name", Name(Kind::Parameter)),
    ("setting", Setting),
    ("boot_val", Setting),
    ("reset_val", Setting),
    // What stays if it looks as it should
    ("actual_version", Words(Form::Version)),
    ("collversion", Words(Form::Version)),
    ("datcollate", Words(Form::Locale)),
    ("datcollversion", Words(Form::Version)),
    ("datctype", Words(Form::Locale)),
    ("datlocale", Words(Form::Locale)),
    ("default_version", Words(Form::Version)),
    ("encoding", Words(Form::Encoding)),
    ("extversion", Words(Form::Version)),
    ("installed_version", Words(Form::Version)),
    ("amname", Library),
    ("lanname", Library),
    ("plugin", Library),
    ("server_encoding", Words(Form::Encoding)),
    ("time_zone", Words(Form::TimeZone)),
    ("pg_stat_ssl.version", Words(Form::Some(&["tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"]))),
    ("system.version", Words(Form::ServerVersion)),
    // PostgreSQL's own words and figures
    ("attcompression", Stays),
    ("attgenerated", Stays),
    ("attidentity", Stays),
    ("attstorage", Stays),
    ("auth_method", Stays),
    ("backend_type", Stays),
    ("catalog", Stays),
    ("cgroup_cpu_max", Stays),
    ("cgroup_memory_max", Stays),
    ("cipher", Stays),
    ("collprovider", Stays),
    ("command", Stays),
    ("confdeltype", Stays),
    ("confirmed_flush_lsn", Stays),
    ("confmatchtype", Stays),
    ("confupdtype", Stays),
    ("connection_type", Stays),
    ("contype", Stays),
    ("copy_type", Stays),
    ("cpu_online", Stays),
    ("current_lsn", Stays),
    ("datlocprovider", Stays),
    ("dependencies", Stays),
    ("enumvals", Stays),
    ("extname", Stays),
    ("flush_lsn", Stays),
    ("flushed_lsn", Stays),
    ("hosting", Stays),
    ("insert_lsn", Stays),
    ("invalidation_reason", Stays),
    ("last_archived_wal", Stays),
    ("last_failed_wal", Stays),
    ("latest_end_lsn", Stays),
    ("loadavg", Stays),
    ("locktype", Stays),
    ("max_val", Stays),
    ("meminfo", Stays),
    ("min_val", Stays),
    ("mode", Stays),
    ("netmask", Stays),
    ("object", Stays),
    ("password_kind", Stays),
    ("phase", Stays),
    ("polcmd", Stays),
    ("prokind", Stays),
    ("provolatile", Stays),
    ("receive_lsn", Stays),
    ("receive_start_lsn", Stays),
    ("relkind", Stays),
    ("public_privileges", Stays),
    ("relpersistence", Stays),
    ("relreplident", Stays),
    ("replay_lsn", Stays),
    ("restart_lsn", Stays),
    ("rotational", Stays),
    ("sent_lsn", Stays),
    ("size_source", Stays),
    ("slot_type", Stays),
    ("source", Stays),
    ("state", Stays),
    ("status", Stays),
    ("stxkind", Stays),
    ("suborigin", Stays),
    ("substream", Stays),
    ("subtwophasestate", Stays),
    ("sync_state", Stays),
    ("tgenabled", Stays),
    ("transactionid", Stays),
    ("two_phase_at", Stays),
    ("typalign", Stays),
    ("typcategory", Stays),
    ("typstorage", Stays),
    ("typtype", Stays),
    ("unit", Stays),
    ("vartype", Stays),
    ("virtualtransaction", Stays),
    ("virtualxid", Stays),
    ("wait_event", Stays),
    ("wait_event_type", Stays),
    ("wal_file", Stays),
    ("wal_status", Stays),
    ("write_lsn", Stays),
    ("written_lsn", Stays),
    ("pg_available_extensions.name", Stays),
    ("pg_settings.context", Stays),
    ("pg_stat_io.context", Stays),
    ("pg_stat_slru.name", Stays),
    ("pg_statistic_ext.n_distinct", Stays),
];

/// What becomes of `column` of `section`; `None` where nobody has said, so that it is replaced as a whole.
pub(super) fn rule(section: &str, column: &str) -> std::option::Option<Rule> {
    let of_section = |name: &str| name.split_once('.').is_some_and(|listed| listed == (section, column));
    COLUMNS.iter().find(|(name, _)| of_section(name) || *name == column).map(|(_, rule)| *rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::section::ColumnType;
    use crate::sections;

    /// The entries of the list that are about a column.
    fn entries(section: &str, column: &str) -> Vec<&'static str> {
        let full = format!("{section}.{column}");
        COLUMNS.iter().map(|(name, _)| *name).filter(|name| *name == column || *name == full).collect()
    }

    #[test]
    fn every_text_column_is_listed_exactly_once_and_nothing_else_is() {
        let mut used = Vec::new();
        for spec in sections::ALL {
            for column in spec.columns {
                let is_text = matches!(column.ty, ColumnType::Text | ColumnType::TextList);
                let entries = entries(spec.name, column.name);
                if is_text {
                    assert_eq!(
                        entries.len(),
                        1,
                        "{}.{}: say in crates/snapshot/src/redact/columns.rs what becomes of it: {entries:?}",
                        spec.name,
                        column.name
                    );
                    used.extend(entries);
                }
            }
        }
        let stray: Vec<_> = COLUMNS.iter().filter(|(name, _)| !used.contains(name)).map(|(name, _)| *name).collect();
        assert_eq!(stray, Vec::<&str>::new(), "no section has these text columns");
    }

    #[test]
    fn what_carries_a_mask_never_stays() {
        for spec in sections::ALL {
            for column in spec.columns.iter().filter(|column| column.mask.is_some()) {
                assert_ne!(rule(spec.name, column.name), Some(Stays), "{}.{}", spec.name, column.name);
            }
        }
    }
}
