//! Subscriptions.

use crate::section;

section! {
    /// Subscriptions of logical replication. Never the connection string.
    section pg_subscription {
        scope: Database,
        why: "Finds disabled subscriptions.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql", 15 => "15.sql", 16 => "16.sql", 17 => "17.sql"],
    }
    row PgSubscription {
        /// Its name.
        subname: String,
        /// Its owner.
        owner: Option<String>,
        /// Whether it is enabled.
        subenabled: Option<bool>,
        /// The slot it uses on the publisher.
        subslotname: Option<String>,
        /// The publications it subscribes to.
        subpublications: Option<Vec<String>>,
        /// Whether values are requested in binary format (14).
        subbinary: Option<bool>,
        /// Whether in-progress transactions are streamed (14); from 16 on `f`, `t` or `p` for parallel.
        substream: Option<String>,
        /// Two-phase commit (15): `d` off, `p` pending, `e` on.
        subtwophasestate: Option<char>,
        /// Whether an error disables it (15).
        subdisableonerr: Option<bool>,
        /// Whether its connection must use a password (16).
        subpasswordrequired: Option<bool>,
        /// Whether changes are applied with the privileges of its owner (16).
        subrunasowner: Option<bool>,
        /// The origin of published changes: `none` or `any` (16).
        suborigin: Option<String>,
        /// Whether its slot is synchronized to standbys of the publisher (17).
        subfailover: Option<bool>,
    }
}
