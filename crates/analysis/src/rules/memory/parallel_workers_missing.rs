//! Planned parallel workers are often not available.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A server on which many of the parallel workers that plans ask for could not be launched.
    ///
    /// ## Why it matters
    ///
    /// The planner chose a parallel plan because several workers share the work. With fewer of them, or none, the query takes a
    /// multiple of the time, sometimes longer than another plan would.
    ///
    /// ## Threshold
    ///
    /// Less than {MIN_LAUNCHED} of at least {MIN_PLANNED} planned workers were launched since the counters were reset. PostgreSQL
    /// counts them from 18 on.
    ///
    /// ## Remedy
    ///
    /// If processors are idle, raise `max_parallel_workers`, and `max_worker_processes`, which limits it, with a restart.
    /// Otherwise lower `max_parallel_workers_per_gather`, so that more queries get the workers that they were planned with.
    ///
    /// ## When to ignore this
    ///
    /// If only reports use parallel workers, and their duration does not matter.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "max_parallel_workers", "setting": "8" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "parallel_workers_to_launch": 9000, "parallel_workers_launched": 4000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "max_parallel_workers", "setting": "8" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "parallel_workers_to_launch": 9000, "parallel_workers_launched": 8900 } ] }
    /// ```
    rule parallel_workers_missing {
        code: PGD1022,
        title: "Many parallel workers are not launched",
        passed: "Planned parallel workers are launched",
        worst: Notice,
        reads: [databases, settings],
        source: "PostgreSQL manual, How Parallel Query Works, and pg_stat_database; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the planned workers from which on enough are launched.
            MIN_LAUNCHED: Ratio = Ratio(0.8),
            /// Planned workers below which it is negligible.
            MIN_PLANNED: i64 = 1000,
        },
    }
}

struct Missing {
    planned: i64,
    launched: i64,
    ratio: Ratio,
    workers: Option<i64>,
    processes: Option<i64>,
}

fn check(view: &View<'_>) -> Checked<Option<Missing>> {
    let rows = || view.databases().map(|databases| databases.all.iter().map(|(row, _)| row));
    let sum = |count: &mut dyn Iterator<Item = Option<i64>>| count.flatten().fold(None, |sum: Option<i64>, count| Some(sum.unwrap_or(0).saturating_add(count)));
    let planned = sum(&mut rows()?.map(|row| row.parallel_workers_to_launch));
    let launched = sum(&mut rows()?.map(|row| row.parallel_workers_launched));
    let Some((planned, launched)) = planned.zip(launched) else {
        return Err(NotAssessed::expected("PostgreSQL counts parallel workers from 18 on"));
    };
    let settings = view.settings()?;
    let (workers, processes) = (settings.integer("max_parallel_workers"), settings.integer("max_worker_processes"));
    let ratio = Ratio::of(launched, planned).filter(|ratio| *ratio < MIN_LAUNCHED && planned >= MIN_PLANNED);
    Ok(ratio.map(|ratio| Missing { planned, launched, ratio, workers, processes }))
}

fn subject(missing: &Missing) -> About {
    About::parameter("max_parallel_workers", Ratio(1.0 - missing.ratio.0)).figures([
        Figure::new("launched_ratio", missing.ratio).labelled("share of workers launched").against(MIN_LAUNCHED),
        Figure::new("workers_planned", missing.planned),
        Figure::new("workers_launched", missing.launched),
        Figure::parameter("max_parallel_workers", missing.workers),
        Figure::parameter("max_worker_processes", missing.processes),
    ])
}

fn describe(missing: &Missing) -> Draft {
    let share = display::percent(missing.ratio);
    Draft::new(format!("Check max_parallel_workers: only {share} of the planned parallel workers were launched"))
        .confidence(Confidence::Medium)
        .because("All workers were in use when queries asked for them, so that these ran with fewer or none.")
        .advise("If processors are idle, raise max_parallel_workers, and max_worker_processes with a restart.")
        .advise("Otherwise lower max_parallel_workers_per_gather.")
        .effort(Effort::Reload)
        .impact("Each worker uses as much work_mem as a session.")
}
