//! Sessions and background processes.

use jiff::Timestamp;

use crate::section;

section! {
    /// What every process of the server was doing at the time of collection. The collector's session is left out.
    ///
    /// Query texts do not contain literals or comments.
    section pg_stat_activity {
        scope: Cluster,
        why: "Finds sessions that are idle in a transaction, and shows how many connection slots are in use.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql", 14 => "14.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatActivity {
        /// Process id.
        pid: i64,
        /// Process id of the parallel group's leader (13).
        leader_pid: Option<i64>,
        /// The database's oid.
        datid: Option<i64>,
        /// The database's name.
        datname: Option<String>,
        /// The role's oid.
        usesysid: Option<i64>,
        /// The role's name.
        usename: Option<String>,
        /// The application name of the client.
        application_name: Option<String> = Urls,
        /// The client's address; null for a Unix-domain socket.
        client_addr: Option<String>,
        /// When the process started.
        backend_start: Option<Timestamp>,
        /// When its transaction started.
        xact_start: Option<Timestamp>,
        /// When its current or last statement started.
        query_start: Option<Timestamp>,
        /// When `state` last changed.
        state_change: Option<Timestamp>,
        /// The type of the wait event.
        wait_event_type: Option<String>,
        /// The wait event.
        wait_event: Option<String>,
        /// `active`, `idle`, `idle in transaction` and others.
        state: Option<String>,
        /// Age of its transaction id, in transactions.
        backend_xid_age: Option<i64>,
        /// Age of the oldest snapshot it holds, in transactions.
        backend_xmin_age: Option<i64>,
        /// Identifier of the statement (14); a string, since it exceeds 2^53. Null for utility statements, and if the
        /// text is hidden, truncated (`track_activity_query_size`) or contains several statements.
        query_id: Option<String> = QueryId,
        /// `client backend`, `autovacuum worker` and others.
        backend_type: Option<String>,
        /// The current or last statement, without literals.
        query: Option<String> = Sql,
    }
}
