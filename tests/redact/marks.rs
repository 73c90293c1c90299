//! Where the schema has put marks.

use serde_json::Value;

use super::MARK;

/// The columns in which the schema has put a mark.
pub(super) fn the_marks_are_there(document: &Value, major: u32) {
    for place in [
        "pg_attribute.attname",
        "pg_class.amname",
        "pg_class.nspname",
        "pg_class.relname",
        "pg_collation.collname",
        "pg_constraint.conname",
        "pg_database.datname",
        "pg_database.owner",
        "pg_db_role_setting.name",
        "pg_db_role_setting.setting",
        "pg_file_settings.name",
        "pg_file_settings.setting",
        "pg_hba_file_rules.address",
        "pg_hba_file_rules.database",
        "pg_hba_file_rules.user_name",
        "pg_index_expressions.indexprs",
        "pg_index_expressions.indpred",
        "pg_namespace.nspacl",
        "pg_namespace.nspname",
        "pg_namespace.owner",
        "pg_opclass.opcname",
        "pg_policy.polname",
        "pg_policy.roles",
        "pg_prepared_xacts.database",
        "pg_proc.config_names",
        "pg_proc.identity_arguments",
        "pg_proc.lanname",
        "pg_proc.owner",
        "pg_proc.proname",
        "pg_proc.search_path",
        "pg_publication.owner",
        "pg_publication.pubname",
        "pg_replication_slots.slot_name",
        "pg_roles.member_of",
        "pg_roles.rolname",
        "pg_settings.setting",
        "pg_stat_activity.application_name",
        "pg_stat_activity.query",
        "pg_stat_statements.query",
        "pg_statistic_ext.stxname",
        "pg_subscription.subname",
        "pg_subscription.subpublications",
        "pg_tablespace.spcname",
        "pg_trigger.tgname",
        "pg_type.typname",
        "system.cluster_name",
        "system.current_database",
    ] {
        let (section, column) = place.split_once('.').unwrap();
        let section = &document["sections"][section];
        let at = section["columns"].as_array().unwrap().iter().position(|name| name == column).unwrap();
        let is_marked = section["rows"].as_array().unwrap().iter().any(|row| row[at].to_string().contains(MARK));
        assert!(is_marked, "{major}: no mark in {place}");
    }
}
