//! A query reads much from outside shared buffers.

use crate::engine::prelude::*;
use crate::engine::statements;

rule! {
    /// ## What it sees
    ///
    /// A query that takes a relevant part of the execution time and finds few of its pages in shared buffers.
    ///
    /// ## Why it matters
    ///
    /// Each page that is not in shared buffers is requested from the operating system, and often read from disk. Reading many
    /// pages in each call is mostly a sign of a missing index, and evicts the pages of other queries.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_READS} pages read per call, in at least {MIN_CALLS} calls with {MIN_ALL_READS} pages together, a cache hit
    /// ratio below {MAX_HIT}, and at least {MIN_SHARE} of the execution time of all recorded statements. If reads are timed
    /// (`track_io_timing`), they must take at least {MIN_READ_TIME} of the query's time: less means that the operating system has
    /// the pages in its cache. Without that, the confidence is low.
    ///
    /// ## Remedy
    ///
    /// Run `EXPLAIN (ANALYZE, BUFFERS)` on it with typical values: it shows which step reads the pages. Mostly an index, or a
    /// condition that the existing index supports, reduces them. Enlarge `shared_buffers` only if the pages that many queries use
    /// do not fit.
    ///
    /// ## When to ignore this
    ///
    /// For reports that must read large tables as a whole.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ {} ], "pg_stat_statements": [ { "queryid": "1", "query": "select * from t where a = $1", "calls": 100,
    ///                             "total_exec_time": 50000.0, "shared_blks_hit": 100000, "shared_blks_read": 400000,
    ///                             "shared_blk_read_time": 20000.0 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ {} ], "pg_stat_statements": [ { "queryid": "1", "query": "select * from t where a = $1", "calls": 100,
    ///                             "total_exec_time": 50000.0, "shared_blks_hit": 100000, "shared_blks_read": 400000,
    ///                             "shared_blk_read_time": 1000.0 } ] }
    /// ```
    rule uncached_statement {
        code: PGD703,
        title: "Queries read much that is not in shared buffers",
        passed: "No query reads much that is not in shared buffers",
        worst: Notice,
        reads: [statements, block_size],
        source: "pgFirstAid reports 1000 pages per call and a hit ratio of 90 %; the other thresholds are pgdba's own",
        thresholds: {
            /// Pages read per call from which on a query is reported.
            MIN_READS: i64 = 1000,
            /// Calls below which the first run after a restart decides the mean.
            MIN_CALLS: i64 = 20,
            /// Pages read in all calls below which it is negligible.
            MIN_ALL_READS: i64 = 100_000,
            /// Cache hit ratio from which on a query is well cached.
            MAX_HIT: Ratio = Ratio(0.9),
            /// Share of the total execution time below which a query is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
            /// Share of its time that a query must spend reading, if that is measured.
            MIN_READ_TIME: Ratio = Ratio(0.1),
        },
    }
}

struct Reader<'a> {
    query: &'a Statement,
    hit: Ratio,
    size_per_call: Option<Bytes>,
    read_time: Option<Ratio>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Reader<'a>>> {
    let statements = view.statements()?;
    let block_size = view.block_size().ok().copied();
    let reader = |query: &'a Statement| {
        let counted = query.counted();
        let reads = counted.reads_per_call().filter(|reads| *reads >= MIN_READS as f64)?;
        let hit = counted.cache_hit().filter(|hit| *hit < MAX_HIT)?;
        let is_enough = query.row.calls >= Some(MIN_CALLS) && query.row.shared_blks_read >= Some(MIN_ALL_READS);
        let read_time = counted.read_time_share();
        let is_slow = read_time.is_none_or(|share| share >= MIN_READ_TIME);
        let size_per_call = block_size.map(|size| Bytes((reads * size as f64) as i64));
        (is_enough && is_slow).then_some(Reader { query, hit, size_per_call, read_time })
    };
    statements.conclude(statements.queries(MIN_SHARE).filter_map(reader).collect())
}

fn subject(reader: &Reader<'_>) -> About {
    let figures = [
        Figure::new("read_per_call", reader.size_per_call),
        Figure::new("cache_hit", reader.hit).against(MAX_HIT),
        Figure::new("share_of_time_reading", reader.read_time),
    ];
    statements::about(reader.query, figures)
}

fn describe(found: &Found<Reader<'_>>) -> Draft {
    let reads = |reader: &Reader<'_>| {
        let size = reader.size_per_call.map_or_else(|| "much".to_owned(), display::bytes);
        format!("reads {size} per call, with a cache hit ratio of {}", display::percent(reader.hit))
    };
    let reads = found.only().map_or_else(|| "read much that is not in shared buffers".to_owned(), reads);
    let is_timed = found.all(|reader| reader.read_time.is_some());
    Draft::new(format!("{} {reads}", found.each("Query", "queries")))
        .confidence(if is_timed { Confidence::High } else { Confidence::Low })
        .because("Its pages are requested from the operating system in each call.")
        .because_if(!is_timed, "Reads are not timed, so these pages may be in the cache of the operating system.")
        .advise("Run EXPLAIN (ANALYZE, BUFFERS) on it with typical values: it shows which step reads the pages.")
        .advise("Check whether an index can reduce them.")
        .advise_if(!is_timed, "Enable track_io_timing to see how long reads take.")
        .effort(Effort::Project)
        .impact("EXPLAIN ANALYZE executes the query.")
        .show(statements::texts(found.iter().map(|reader| reader.query)))
}
