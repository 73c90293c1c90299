//! The sections of the document, one folder each: the struct of its rows beside its SQL per version.
//!
//! To add one: a folder with `mod.rs` and `NN.sql` ("from version NN on"), and its name in the list below.

use crate::DiagSnapshot;
use crate::section::SectionSpec;

/// Declares the modules and the list of all sections in one go.
macro_rules! sections {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// Every section, in the order in which they are collected.
        pub static ALL: &[&SectionSpec] = &[$(&$name::SPEC),+];

        /// What does not fit its declared type, section by section, one sentence each.
        #[must_use]
        pub fn problems(snapshot: &DiagSnapshot) -> Vec<String> {
            let mut problems = Vec::new();
            $(problems.extend(snapshot.section::<$name::Row>().problems);)+
            problems
        }
    };
}

sections! {
    system,
    pg_control_system,
    pg_settings,
    pg_file_settings,
    pg_db_role_setting,
    pg_hba_file_rules,
    pg_roles,
    pg_database,
    pg_tablespace,
    pg_stat_activity,
    pg_locks,
    lock_counts,
    pg_prepared_xacts,
    pg_stat_ssl,
    pg_stat_progress_vacuum,
    pg_stat_progress_analyze,
    pg_stat_progress_create_index,
    pg_stat_progress_cluster,
    pg_stat_progress_basebackup,
    pg_stat_progress_copy,
    pg_stat_replication,
    pg_replication_slots,
    pg_stat_wal_receiver,
    pg_wal_position,
    wal_directory,
    pg_stat_database,
    pg_stat_bgwriter,
    pg_stat_checkpointer,
    pg_stat_wal,
    pg_stat_io,
    pg_stat_archiver,
    pg_stat_slru,
    pg_stat_statements,
    pg_stat_statements_info,
    wait_samples,
    pg_namespace,
    pg_class,
    pg_attribute,
    pg_constraint,
    pg_index,
    pg_index_expressions,
    pg_type,
    pg_opclass,
    pg_collation,
    pg_stats,
    pg_statistic_ext,
    pg_sequence,
    pg_stat_user_tables,
    pg_statio_user_tables,
    pg_stat_user_indexes,
    pg_policy,
    pg_proc,
    pg_trigger,
    pg_publication,
    pg_subscription,
    pg_extension,
    pg_available_extensions,
    host,
}

/// The section `name`, `None` if there is no such section.
#[must_use]
pub fn find(name: &str) -> Option<&'static SectionSpec> {
    ALL.iter().copied().find(|spec| spec.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_ascending_sql_from_its_first_version_on() {
        for spec in ALL {
            let privileged = spec.privileged.iter().map(|more| more.sql);
            for sql in privileged.chain([spec.sql]) {
                assert!(sql.is_sorted_by_key(|(from, _)| *from), "{}", spec.name);
                assert_eq!(
                    sql.first().map(|(from, _)| *from),
                    spec.sql.first().map(|(from, _)| *from),
                    "{}",
                    spec.name
                );
            }
            assert!(!spec.doc.trim().is_empty() && !spec.columns.is_empty(), "{}", spec.name);
            if spec.versioned_by == crate::section::VersionedBy::Server {
                assert_eq!(spec.sql.first().map(|(from, _)| *from), Some(spec.since), "{}", spec.name);
            }
        }
    }

    /// Every text that is sent to a server.
    fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
        ALL.iter().flat_map(|spec| {
            let more = spec.privileged.iter().flat_map(|more| more.sql.iter().map(|(_, sql)| *sql).chain([more.when]));
            let all = spec.sql.iter().map(|(_, sql)| *sql).chain(spec.guard).chain(more);
            all.map(|text| (spec.name, text))
        })
    }

    #[test]
    fn no_relation_is_found_by_the_search_path() {
        for (name, sql) in texts() {
            for words in sql.split_whitespace().collect::<Vec<_>>().windows(2) {
                let qualified = ["pg_catalog.", "{{", "("].iter().any(|start| words[1].starts_with(start));
                let relation = matches!(words[0], "from" | "join") && words[1].starts_with("pg_");
                assert!(!relation || qualified, "{name}: {}", words[1]);
            }
        }
    }

    /// What stands before a parenthesis and is no function that somebody could have made another of.
    const SYNTAX: [&str; 20] = [
        "", "all", "and", "any", "array", "as", "by", "case", "coalesce", "exists", "extract", "greatest", "in",
        "least", "nullif", "or", "over", "then", "when", "where",
    ];

    #[test]
    fn no_function_is_found_by_the_search_path() {
        for (name, sql) in texts() {
            for (before, _) in sql.match_indices('(').map(|(at, _)| sql.split_at(at)) {
                let word = before.rsplit(|c: char| !(c.is_alphanumeric() || "_.}".contains(c))).next().unwrap();
                let qualified = word.starts_with("pg_catalog.") || word.contains("}}");
                assert!(qualified || SYNTAX.contains(&word), "{name}: {word}(");
            }
        }
    }
}
