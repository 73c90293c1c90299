//! A replication slot can fill the disk.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// Whether `max_slot_wal_keep_size` limits the WAL that replication slots hold, on a server that has slots. Version
    /// 13 and newer.
    ///
    /// ## Why it matters
    ///
    /// Without a limit, a consumer that stops makes `pg_wal` grow until the disk is full. Then the primary stops, for all
    /// clients.
    ///
    /// ## Threshold
    ///
    /// It is -1, and a slot holds WAL.
    ///
    /// ## Remedy
    ///
    /// Set it to what the disk can hold, more than consumers need to catch up after maintenance. The value proposed is
    /// what the slots hold and half of the free disk space, or {DEFAULT} where that is not known. A slot that exceeds it
    /// is lost, and its consumer must be set up again; the primary stays available. Version 18 also has
    /// `idle_replication_slot_timeout`.
    ///
    /// ## When to ignore this
    ///
    /// If losing a consumer is worse than a stop of the primary, and the disk is monitored.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_slot_wal_keep_size", "setting": "-1", "unit": "MB" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_slot_wal_keep_size", "setting": "51200", "unit": "MB" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_slot_wal_keep_size", "setting": "-1", "unit": "MB" } ],
    ///   "pg_replication_slots": [] }
    /// ```
    /// ```json passed
    /// { "version": 12, "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ], "pg_settings": [],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    rule unlimited_slot_wal {
        code: PGD1213,
        title: "Replication slots can hold WAL without limit",
        passed: "The WAL of replication slots is limited",
        worst: Notice,
        reads: [slots, wal, settings],
        source: "PostgreSQL manual, max_slot_wal_keep_size; the value is our own",
        thresholds: {
            /// Room for WAL where the free space is not known.
            DEFAULT: Bytes = Bytes::megabytes(10 * 1024),
        },
    }
}

struct Unlimited {
    slots: i64,
    retained: Bytes,
    free: Option<Bytes>,
}

impl Unlimited {
    /// Half of the free disk in addition to what they hold, or ten gigabytes where the disk is not known.
    fn limit(&self) -> Bytes {
        let room = self.free.map_or(DEFAULT, |free| Bytes(free.0 / 2));
        let megabytes = self.retained.0.saturating_add(room.0) / Bytes::MB.0;
        Bytes::megabytes(if megabytes > 10_240 { megabytes / 1024 * 1024 } else { megabytes.max(1024) })
    }
}

fn check(view: &View<'_>) -> Checked<Option<Unlimited>> {
    let setting = view.settings()?.text("max_slot_wal_keep_size");
    let holding = view.slots()?.iter().filter(|slot| slot.retained.is_some() && slot.row.temporary != Some(true));
    let retained: Vec<Bytes> = holding.filter_map(|slot| slot.retained).collect();
    let slots = i64::try_from(retained.len()).unwrap_or(i64::MAX);
    let most = retained.into_iter().max().filter(|_| setting == Some("-1"));
    let free = view.wal()?.free;
    Ok(most.map(|retained| Unlimited { slots, retained, free }))
}

fn subject(found: &Unlimited) -> About {
    About::parameter("max_slot_wal_keep_size", found.retained).figures([
        Figure::new("slots", found.slots).labelled("replication slots"),
        Figure::new("retained_wal", found.retained).labelled("WAL held, at most"),
        Figure::new("free_for_wal", found.free).labelled("free space for WAL"),
    ])
}

fn describe(found: &Unlimited) -> Draft {
    let (limit, slots) = (found.limit(), display::counted(found.slots, "replication slot", "replication slots"));
    Draft::new(format!("Limit the WAL of {slots} to {}", display::bytes(limit)))
        .set("max_slot_wal_keep_size", limit.to_parameter(), Effort::Reload)
        .confidence(if found.free.is_some() { Confidence::High } else { Confidence::Medium })
        .because("If the consumer of a slot stops, the server keeps all WAL until the disk is full, and then stops itself.")
        .impact("A slot that exceeds the limit is lost, and its consumer must be set up again.")
}
