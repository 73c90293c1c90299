//! The sections of the document, one folder each: the struct of its rows beside its SQL per version.
//!
//! To add one: a folder with `mod.rs` and `NN.sql` ("from version NN on"), and its name in the list below.

use crate::section::SectionSpec;

/// Declares the modules and the list of all sections in one go.
macro_rules! sections {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// Every section, in the order in which they are collected.
        pub static ALL: &[&SectionSpec] = &[$(&$name::SPEC),+];
    };
}

sections! {
    system,
    pg_control_system,
    pg_settings,
    pg_stat_activity,
    pg_stat_database,
    pg_stat_bgwriter,
    pg_stat_checkpointer,
    pg_class,
    pg_index,
    pg_stat_user_tables,
    pg_stat_user_indexes,
    pg_stat_statements,
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
            assert!(spec.sql.is_sorted_by_key(|(from, _)| *from), "{}", spec.name);
            assert!(!spec.doc.trim().is_empty() && !spec.columns.is_empty(), "{}", spec.name);
            if spec.versioned_by == crate::section::VersionedBy::Server {
                assert_eq!(spec.sql.first().map(|(from, _)| *from), Some(spec.since), "{}", spec.name);
            }
        }
    }

    #[test]
    fn no_statement_trusts_the_search_path() {
        for (spec, sql) in ALL.iter().flat_map(|spec| spec.sql.iter().map(move |(_, sql)| (spec, sql))) {
            for relation in sql.split_whitespace().skip_while(|word| *word != "from").collect::<Vec<_>>().windows(2) {
                let qualified = relation[1].starts_with("pg_catalog.")
                    || relation[1].starts_with("{{")
                    || relation[1].starts_with('(')
                    || !relation[1].starts_with("pg_");
                assert!(!matches!(relation[0], "from" | "join") || qualified, "{}: {}", spec.name, relation[1]);
            }
        }
    }
}
