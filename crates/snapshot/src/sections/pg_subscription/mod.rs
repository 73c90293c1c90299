//! Subscriptions.

use crate::section;

section! {
    /// Subscriptions of logical replication. Never how they connect.
    section pg_subscription {
        scope: Database,
        why: "Whether logical replication that should run is enabled.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql", 15 => "15.sql", 16 => "16.sql", 17 => "17.sql"],
    }
    row PgSubscription {
        /// Its name.
        subname: String,
        /// Its owner.
        owner: Option<String>,
        /// Whether it is on.
        subenabled: Option<bool>,
        /// The slot it uses on the publisher.
        subslotname: Option<String>,
        /// The publications it takes.
        subpublications: Option<Vec<String>>,
        /// Whether values come in binary form (14).
        subbinary: Option<bool>,
        /// Whether transactions come before they end (14); from 16 on `f`, `t` or `p` for parallel.
        substream: Option<String>,
        /// Two-phase commit (15): `d` off, `p` pending, `e` on.
        subtwophasestate: Option<String>,
        /// Whether an error switches it off (15).
        subdisableonerr: Option<bool>,
        /// Whether its connection must use a password (16).
        subpasswordrequired: Option<bool>,
        /// Whether changes are applied as its owner (16).
        subrunasowner: Option<bool>,
        /// `none` or `any` (16).
        suborigin: Option<String>,
        /// Whether its slot is kept on standbys of the publisher (17).
        subfailover: Option<bool>,
    }
}
