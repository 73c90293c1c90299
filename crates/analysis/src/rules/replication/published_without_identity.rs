//! Updates and deletions of a published table fail.

use crate::engine::prelude::*;
use crate::facts::logical::Published;

rule! {
    /// ## What it sees
    ///
    /// Tables in publications of updates or deletions that have neither a primary key nor another replica identity.
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
    /// Add a primary key, or use a unique index on columns that are not null (`REPLICA IDENTITY USING INDEX`). `REPLICA
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
        .run(format!("ALTER TABLE {} REPLICA IDENTITY FULL;", table.name.sql()))
}

fn describe(found: &Found<&Published>) -> Draft {
    Draft::new(format!("Add a primary key to {}: updates and deletions are published", found.named("table", "tables")))
        .because("Without a replica identity, UPDATE and DELETE fail, since the subscriber could not find the rows.")
        .advise("Add a primary key, or name a unique index of columns that are not null with REPLICA IDENTITY USING INDEX.")
        .advise("If there is none, use REPLICA IDENTITY FULL, as in the statements below.")
        .impact("ALTER TABLE briefly locks the table. With FULL, updates and deletions write the whole old row to WAL.")
        .undo_text("Run ALTER TABLE … REPLICA IDENTITY DEFAULT.")
}
