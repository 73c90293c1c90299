//! Much of a TOAST table is free or dead space.

use crate::engine::prelude::*;
use crate::facts::bloat::{Toast, ToastBloat};

rule! {
    /// ## What it sees
    ///
    /// A TOAST table with many more pages than its chunks need, or many dead chunks. A page holds at least four chunks, which
    /// gives a lower bound of what VACUUM FULL would return; the chunks at the end of each value are shorter, and no
    /// statistics tell by how much.
    ///
    /// ## Why it matters
    ///
    /// TOAST tables often hold most of the data, and their bloat does not show in the size of the table itself.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_WASTED} and {MIN_SHARE} would come back, by the lower bound. Notice, from {WARNING} on warning. If no TOAST
    /// table is above that, but nothing is known of one of at least {MIN_WASTED}, the rule is not assessed.
    ///
    /// ## Remedy
    ///
    /// If new values will fill the space, do nothing. VACUUM FULL of the table rewrites its TOAST table too, as do pg_repack
    /// and pg_squeeze, with a short lock only. For large values that are updated often, lower
    /// `toast.autovacuum_vacuum_scale_factor` of the table.
    ///
    /// ## When to ignore this
    ///
    /// If as many values are written as are deleted: the free space is then in use.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "files", "relkind": "r", "relpages": 10,
    ///                   "reltuples": 100, "reltoastrelid": 16388 },
    ///                 { "oid": 16388, "nspname": "pg_toast", "relname": "pg_toast_16385", "relkind": "t", "relpages": 100000,
    ///                   "reltuples": 40000, "size_bytes": 819200000, "size_source": "pg_relation_size" } ],
    ///   "pg_attribute": [], "pg_type": [],
    ///   "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16388, "n_tup_ins": 400000, "n_tup_del": 360000, "n_live_tup": 40000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "files", "relkind": "r", "relpages": 10,
    ///                   "reltuples": 100, "reltoastrelid": 16388 },
    ///                 { "oid": 16388, "nspname": "pg_toast", "relname": "pg_toast_16385", "relkind": "t", "relpages": 100000,
    ///                   "reltuples": 400000, "size_bytes": 819200000, "size_source": "pg_relation_size" } ],
    ///   "pg_attribute": [], "pg_type": [],
    ///   "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16388, "n_tup_ins": 400000, "n_live_tup": 400000 } ] }
    /// ```
    rule toast_bloat {
        code: PGD1503,
        title: "TOAST tables are bloated",
        passed: "No TOAST table is bloated",
        worst: Warning,
        reads: [surroundings, bloat],
        source: "PostgreSQL manual, TOAST",
        thresholds: {
            /// The least share of a TOAST table that would come back.
            MIN_SHARE: Ratio = Ratio(0.4),
            /// The least space that would come back.
            MIN_WASTED: Bytes = Bytes::megabytes(100),
            /// Space from which it is a warning.
            WARNING: Bytes = Bytes::megabytes(1024),
        },
    }
}

/// A TOAST table with its bloat.
type Bloated<'a> = (&'a Toast, ToastBloat);

fn check<'a>(view: &View<'a>) -> Checked<Vec<Bloated<'a>>> {
    let all = &view.bloat()?.toast;
    let known = all.iter().filter_map(|toast| Some((toast, *toast.bloat.as_ref().ok()?)));
    let found: Vec<_> = known.filter(|(_, bloat)| bloat.low >= MIN_SHARE && bloat.wasted_low >= MIN_WASTED).collect();
    let is_large = |toast: &&Toast| toast.size.is_some_and(|size| size.bytes >= MIN_WASTED);
    if let (true, Some((toast, reason))) =
        (found.is_empty(), all.iter().filter(is_large).find_map(|toast| Some((toast, toast.bloat.as_ref().err()?))))
    {
        return Err(NotAssessed::because(format!("the TOAST table of {}: {}", toast.table, reason.reason)));
    }
    Ok(found)
}

fn subject((toast, bloat): &Bloated<'_>) -> About {
    About::table(&toast.table, Weight::Bytes(bloat.wasted_low.0))
        .severity(if bloat.wasted_low >= WARNING { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("wasted_at_least", bloat.wasted_low),
            Figure::new("bloat_at_least", bloat.low).against(MIN_SHARE),
            Figure::new("dead_chunks", bloat.dead),
            Figure::new("toast_size", toast.size),
        ])
        .run(format!("-- blocks reads and writes\nVACUUM (FULL, ANALYZE) {};", toast.table.sql()))
}

fn describe(found: &Found<Bloated<'_>>) -> Draft {
    let space = display::bytes(Bytes(found.sum(|(_, bloat)| Some(bloat.wasted_low.0))));
    let size = Size::sum(found.iter().filter_map(|(toast, _)| toast.size)).map_or(0, |size| size.bytes.0);
    Draft::new(format!("Reclaim at least {space} from the TOAST data of {}", found.named("table", "tables")))
        .confidence(Confidence::Medium)
        .because("The TOAST table has many more pages than its chunks need.")
        .advise("If new values will fill the space soon, do nothing. Otherwise use pg_repack or pg_squeeze, or run VACUUM FULL.")
        .impact(format!(
            "VACUUM FULL holds an ACCESS EXCLUSIVE lock on the table, which blocks reads and writes, and needs up to {} of \
             free disk space. pg_repack needs that lock only briefly.",
            display::bytes(Bytes(size))
        ))
        .undo_text("A rewrite does not have to be undone.")
}
