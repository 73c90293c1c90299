//! A cache of transaction states is too small.

use crate::engine::prelude::*;
use crate::facts::io::Slru;

rule! {
    /// ## What it sees
    ///
    /// The hits and reads of the SLRU caches, such as those of subtransactions and multixacts (`pg_stat_slru`). Version
    /// 13 and newer.
    ///
    /// ## Why it matters
    ///
    /// Sessions need the state of other transactions to decide which rows they see. If it is not in the cache, they read
    /// it from a file while they hold a lock that others wait for: the whole server slows down.
    ///
    /// ## Threshold
    ///
    /// Less than {MIN_HIT} of the requests are hits, and at least {MIN_READS} pages were read since the counters were
    /// reset, at least {MIN_PER_HOUR} per hour.
    ///
    /// ## Remedy
    ///
    /// From version 17 on, raise the cache's parameter, to at most {MAX_SIZE}, which requires a restart. Before, its size
    /// is fixed: reduce what fills it. Subtransactions come from savepoints and exception blocks, multixacts from row
    /// locks that several transactions share, such as those of foreign keys.
    ///
    /// ## When to ignore this
    ///
    /// If a single long transaction caused it, and has ended.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "subtransaction_buffers", "setting": "32", "unit": "8kB" } ],
    ///   "pg_stat_slru": [ { "name": "subtransaction", "blks_hit": 1000000, "blks_read": 90000, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    /// ```json found
    /// { "version": 14, "pg_settings": [],
    ///   "pg_stat_slru": [ { "name": "Subtrans", "blks_hit": 1000000, "blks_read": 90000, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_slru": [ { "name": "subtransaction", "blks_hit": 10000, "blks_read": 9000, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_slru": [ { "name": "transaction", "blks_hit": 100000000, "blks_read": 90000, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    rule slru_misses {
        code: PGD1006,
        title: "An SLRU cache is too small",
        passed: "The SLRU caches are large enough",
        worst: Notice,
        reads: [slrus, settings],
        source: "PostgreSQL manual, pg_stat_slru; the thresholds are our own",
        thresholds: {
            /// Share of hits that is still normal.
            MIN_HIT: Ratio = Ratio(0.99),
            /// Fewer reads than this per hour are negligible.
            MIN_PER_HOUR: f64 = 1000.0,
            /// Fewer reads than this say little.
            MIN_READS: i64 = 10_000,
            /// A cache of this size is not enlarged any more.
            MAX_SIZE: Bytes = Bytes::megabytes(64),
        },
    }
}

struct Missing<'a> {
    slru: &'a Slru,
    hit: Ratio,
    per_hour: f64,
    /// The parameter of its size, and four times its present value.
    proposed: Option<(&'static str, Bytes)>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Missing<'a>>> {
    let settings = view.settings()?;
    let missing = |slru: &'a Slru| {
        let hit = slru.hit_ratio().filter(|hit| *hit < MIN_HIT && slru.row.blks_read >= Some(MIN_READS))?;
        let per_hour = slru.reads_per_hour().filter(|per_hour| *per_hour >= MIN_PER_HOUR)?;
        let size = slru.parameter().and_then(|name| settings.bytes(name).map(|size| (name, size)));
        let size = size.filter(|(_, size)| size.0 > 0 && *size < MAX_SIZE);
        let proposed = size.map(|(name, size)| (name, Bytes(size.0.saturating_mul(4)).min(MAX_SIZE)));
        Some(Missing { slru, hit, per_hour, proposed })
    };
    Ok(view.slrus()?.iter().filter_map(missing).collect())
}

fn subject(missing: &Missing<'_>) -> About {
    let name = missing.proposed.map_or(missing.slru.row.name.as_str(), |(name, _)| name);
    About::parameter(name, Weight::Count(missing.per_hour as i64)).figures([
        Figure::new("hit_ratio", missing.hit).against(MIN_HIT),
        Figure::new("reads_per_hour", missing.per_hour as i64).against(MIN_PER_HOUR as i64),
        Figure::new("counted_for", missing.slru.window.length).labelled("measured over"),
    ])
}

fn describe(found: &Found<Missing<'_>>) -> Draft {
    let caches = found.each("SLRU cache", "SLRU caches");
    let draft = Draft::new(format!("Enlarge or relieve {caches}"))
        .because("Sessions read the states of transactions from files while others wait for the same cache.")
        .advise("Avoid savepoints and exception blocks in long transactions, and row locks that many transactions share.")
        .impact("A restart terminates all sessions. The cache takes that much more shared memory.");
    match found.first().and_then(|missing| missing.proposed) {
        Some((name, size)) => draft.set(name, size.to_parameter(), Effort::Restart),
        None => draft.effort(Effort::Project),
    }
}
