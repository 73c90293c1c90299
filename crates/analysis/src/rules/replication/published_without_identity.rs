//! Updates and deletions of a published table fail.

use crate::engine::prelude::*;
use crate::facts::logical::Published;

rule! {
    /// ## What it sees
    ///
    /// Tables in publications of updates or deletions that have neither a primary key nor another replica identity, also because
    /// `REPLICA IDENTITY` is `NOTHING` or the index that it names was dropped. A deferrable primary key is none.
    /// Of a published partitioned table each partition is checked: its own replica identity counts, whether the publication publishes it
    /// as itself or, with `publish_via_partition_root`, as the partitioned table.
    ///
    /// ## Why it matters
    ///
    /// The subscriber cannot find the rows that change, so the server refuses: every `UPDATE` and `DELETE` of the table
    /// fails with 'cannot update table because it does not have a replica identity and publishes updates'.
    ///
    /// ## Threshold
    ///
    /// None: such a table is always reported. Unlogged tables are not published.
    ///
    /// ## Remedy
    ///
    /// Add a primary key (one of the partitioned table gives one to each partition), or use a unique index on columns that are not null (`REPLICA IDENTITY USING INDEX`). `REPLICA
    /// IDENTITY FULL` works for every table, but writes the whole old row to WAL, and the subscriber may have to scan its
    /// table for each row.
    ///
    /// ## When to ignore this
    ///
    /// If rows are only inserted: then publish only insertions.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpersistence": "p", "relreplident": "d" } ],
    ///   "pg_index": [],
    ///   "pg_publication": [ { "oid": 16390, "pubname": "changes", "puballtables": false, "pubupdate": true, "pubdelete": true, "prrelids": [ 16385 ] } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpersistence": "p", "relreplident": "d" } ],
    ///   "pg_index": [], "pg_namespace": [ { "oid": 2200, "nspname": "public" } ],
    ///   "pg_publication": [ { "oid": 16390, "pubname": "changes", "puballtables": false, "pubupdate": true, "pubdelete": true, "prrelids": [], "pnnspids": [ 2200 ] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpersistence": "p", "relreplident": "d" },
    ///                 { "oid": 16388, "nspname": "public", "relname": "orders_pkey", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16388, "indrelid": 16385, "indisprimary": true } ],
    ///   "pg_publication": [ { "oid": 16390, "pubname": "changes", "puballtables": false, "pubupdate": true, "pubdelete": true, "prrelids": [ 16385 ] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpersistence": "p", "relreplident": "f" } ],
    ///   "pg_index": [],
    ///   "pg_publication": [ { "oid": 16390, "pubname": "changes", "puballtables": false, "pubupdate": true, "pubdelete": true, "prrelids": [ 16385 ] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpersistence": "p", "relreplident": "d" } ],
    ///   "pg_index": [],
    ///   "pg_publication": [ { "oid": 16390, "pubname": "changes", "puballtables": false, "pubupdate": false, "pubdelete": false, "prrelids": [ 16385 ] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpersistence": "u", "relreplident": "d" } ],
    ///   "pg_index": [],
    ///   "pg_publication": [ { "oid": 16390, "pubname": "changes", "puballtables": true, "pubupdate": true, "pubdelete": true, "prrelids": [ 16385 ] } ] }
    /// ```
    rule published_without_identity {
        code: PGD1216,
        title: "Published tables have no replica identity",
        passed: "Published tables have a replica identity",
        worst: Warning,
        reads: [unidentified],
        source: "PostgreSQL manual, Logical Replication: Publication",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Published>> {
    Ok(view.unidentified()?.iter().collect())
}

fn subject(published: &&Published) -> About {
    let table = &published.table;
    About::table(&table.name, Weight::rows(table.live_rows()))
        .figures([
            Figure::new("publications", published.publications.join(", ")),
            Figure::new("live_rows", table.live_rows()),
        ])
        .run(alter(published, if published.has_key { "DEFAULT" } else { "FULL" }))
        // An index that was dropped cannot be named again; without it, the table has the identity of NOTHING.
        .undo(alter(published, if published.is_default { "DEFAULT" } else { "NOTHING" }))
}

fn alter(published: &Published, identity: &str) -> String {
    format!("ALTER TABLE {} REPLICA IDENTITY {identity};", published.table.name.sql())
}

fn describe(found: &Found<&Published>) -> Draft {
    let (are_keyless, have_keys) = (found.any(|published| !published.has_key), found.any(|published| published.has_key));
    let verb = if are_keyless { "Add a primary key to" } else { "Set the replica identity of" };
    Draft::new(format!("{verb} {}: updates and deletions are published", found.named("table", "tables")))
        .because("Without a replica identity, UPDATE and DELETE fail, since the subscriber could not find the rows.")
        .advise_if(have_keys, "Where a primary key exists, use it: REPLICA IDENTITY DEFAULT.")
        .advise_if(
            are_keyless,
            "Add a primary key, or name a unique index of columns that are not null with REPLICA IDENTITY USING INDEX. \
             If there is none, use REPLICA IDENTITY FULL, as in the statements below.",
        )
        .impact("ALTER TABLE briefly locks the table. With FULL, updates and deletions write the whole old row to WAL.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::Finding;
    use crate::{Options, analyze, example};

    /// What is found of a table with this replica identity and one index with these flags.
    fn found(identity: &str, flags: &Value) -> Option<Finding> {
        let mut index = json!({ "indexrelid": 2, "indrelid": 1, "indisvalid": true, "indisunique": true });
        index.as_object_mut().unwrap().extend(flags.as_object().unwrap().clone());
        let document = json!({
            "pg_settings": [], "pg_stat_user_tables": [{ "relid": 1 }],
            "pg_class": [{ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r", "relpersistence": "p",
                           "relreplident": identity },
                         { "oid": 2, "nspname": "public", "relname": "t_a", "relkind": "i" }],
            "pg_index": [index],
            "pg_publication": [{ "oid": 3, "pubname": "p", "puballtables": true, "pubupdate": true, "pubdelete": true }],
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.code == "PGD1216")
    }

    #[test]
    fn an_identity_whose_index_was_dropped_is_none() {
        assert!(found("i", &json!({ "indisreplident": true })).is_none());
        let keyed = found("i", &json!({ "indisprimary": true })).unwrap();
        assert_eq!(keyed.statements().as_deref(), Some("ALTER TABLE public.t REPLICA IDENTITY DEFAULT;"));
        assert_eq!(keyed.undo().unwrap().text, "ALTER TABLE public.t REPLICA IDENTITY NOTHING;");
        let keyless = found("i", &json!({})).unwrap();
        assert_eq!(keyless.statements().as_deref(), Some("ALTER TABLE public.t REPLICA IDENTITY FULL;"));
    }

    #[test]
    fn the_partitions_of_a_published_partitioned_table_need_an_identity_of_their_own() {
        let class = |oid: i64, kind: &str, identity: &str, parent: Option<i64>| {
            json!({ "oid": oid, "nspname": "public", "relname": format!("t{oid}"), "relkind": kind, "relpersistence": "p",
                    "relreplident": identity, "relispartition": parent.is_some(), "inhparent": parent })
        };
        let document = |publication: Value| {
            json!({
                "pg_settings": [], "pg_stat_user_tables": [], "pg_index": [], "pg_namespace": [{ "oid": 2200, "nspname": "public" }],
                // The identity of a partitioned table counts for nothing.
                "pg_class": [class(1, "p", "f", None), class(2, "p", "d", Some(1)), class(3, "r", "d", Some(2)), class(4, "r", "f", Some(1)),
                             class(5, "r", "d", None)],
                "pg_publication": [publication],
            })
        };
        let named = |publication: Value| {
            let document = document(publication).to_string();
            let findings = analyze(&example::snapshot(&document).unwrap(), &Options::default()).findings;
            let finding = findings.into_iter().find(|finding| finding.code == "PGD1216");
            finding.map(|finding| finding.subjects.into_iter().map(|affected| affected.label).collect::<Vec<_>>())
        };
        for via_root in [true, false] {
            let publication = json!({ "oid": 9, "pubname": "p", "puballtables": false, "pubupdate": true, "pubviaroot": via_root, "prrelids": [1] });
            assert_eq!(named(publication), Some(vec!["public.t3".to_owned()]));
        }
        assert_eq!(named(json!({ "oid": 9, "pubname": "p", "puballtables": false, "pubupdate": true, "prrelids": [4] })), None);
    }

    #[test]
    fn what_undoes_the_remedy_is_as_short_as_its_statements() {
        let class = |oid: i64| json!({ "oid": oid, "nspname": "public", "relname": format!("t{oid}"), "relkind": "r", "relpersistence": "p", "relreplident": "d" });
        let document = json!({
            "pg_settings": [], "pg_stat_user_tables": [], "pg_index": [], "pg_class": (1..=203).map(class).collect::<Vec<_>>(),
            "pg_publication": [{ "oid": 999, "pubname": "p", "puballtables": true, "pubupdate": true, "pubdelete": true }],
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        let finding = findings.into_iter().find(|finding| finding.code == "PGD1216").unwrap();
        let (statements, undo) = (finding.statements().unwrap(), finding.undo().unwrap().text);
        assert_eq!(undo, statements.replace("FULL", "DEFAULT"));
        assert_eq!((undo.lines().count(), undo.contains("\n-- 183 more: ")), (21, true));
    }

    #[test]
    fn a_deferrable_primary_key_identifies_no_row() {
        assert!(found("d", &json!({ "indisprimary": true, "indimmediate": true })).is_none());
        assert!(found("d", &json!({ "indisprimary": true, "indimmediate": false })).is_some());
    }
}
