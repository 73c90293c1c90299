//! VACUUM scans the indexes of a table several times.

use crate::engine::prelude::*;
use crate::facts::vacuum_runs::VacuumRun;

rule! {
    /// ## What it sees
    ///
    /// A running VACUUM that has scanned all indexes of its table more than once, since the dead rows did not fit into its memory.
    ///
    /// ## Why it matters
    ///
    /// Each pass reads every index from beginning to end, whatever the number of dead rows. With large indexes, a VACUUM of several
    /// passes takes a multiple of the time.
    ///
    /// ## Threshold
    ///
    /// {PASSES} completed passes. Only VACUUM commands that were running at the time of collection can be seen.
    ///
    /// ## Remedy
    ///
    /// Raise `autovacuum_work_mem`, or `maintenance_work_mem` where that applies. No more than {CAP} is proposed, which is what VACUUM uses at most up to version 16; if
    /// it has that already, nothing is reported, and only a more frequent VACUUM helps. Each worker can use as much.
    ///
    /// ## When to ignore this
    ///
    /// After a mass delete that will not be repeated.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "version": 15, "pg_settings": [ { "name": "autovacuum_work_mem", "setting": "-1", "unit": "kB" },
    ///                                   { "name": "maintenance_work_mem", "setting": "65536", "unit": "kB" } ],
    ///   "pg_stat_progress_vacuum": [ { "pid": 4711, "datid": 5, "relid": 16385, "index_vacuum_count": 3 } ] }
    /// ```
    /// ```json passed
    /// { "version": 15, "pg_settings": [ { "name": "autovacuum_work_mem", "setting": "-1", "unit": "kB" },
    ///                                   { "name": "maintenance_work_mem", "setting": "65536", "unit": "kB" } ],
    ///   "pg_stat_progress_vacuum": [ { "pid": 4711, "datid": 5, "relid": 16385, "index_vacuum_count": 1 } ] }
    /// ```
    ///
    /// It already has all the memory that version 15 uses:
    ///
    /// ```json passed
    /// { "version": 15, "pg_settings": [ { "name": "autovacuum_work_mem", "setting": "-1", "unit": "kB" },
    ///                                   { "name": "maintenance_work_mem", "setting": "1048576", "unit": "kB" } ],
    ///   "pg_stat_progress_vacuum": [ { "pid": 4711, "datid": 5, "relid": 16385, "index_vacuum_count": 3 } ] }
    /// ```
    rule several_index_passes {
        code: PGD518,
        title: "VACUUM scans indexes several times",
        passed: "No running VACUUM scans indexes several times",
        worst: Notice,
        reads: [settings, vacuum_runs],
        source: "PostgreSQL manual, autovacuum_work_mem",
        thresholds: {
            /// Completed passes over the indexes.
            PASSES: i64 = 2,
            /// What VACUUM uses at most up to version 16.
            CAP: Bytes = Bytes::megabytes(1024),
        },
    }
}

struct Passes<'a> {
    run: &'a VacuumRun,
    parameter: &'static str,
    memory: Bytes,
    proposed: Bytes,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Passes<'a>>> {
    let (settings, runs) = (view.settings()?, view.vacuum_runs()?);
    let most = runs.iter().max_by_key(|run| run.row.index_vacuum_count);
    let Some(run) = most.filter(|run| run.row.index_vacuum_count >= Some(PASSES)) else { return Ok(None) };
    let own = settings.bytes("autovacuum_work_mem").filter(|_| run.is_autovacuum != Some(false));
    let parameter = if own.is_some() { "autovacuum_work_mem" } else { "maintenance_work_mem" };
    let memory = settings.require_bytes(parameter)?;
    let passes = run.row.index_vacuum_count.unwrap_or(PASSES).saturating_add(1);
    let proposed = Bytes(memory.0.saturating_mul(passes)).min(CAP);
    Ok((proposed > memory).then_some(Passes { run, parameter, memory, proposed }))
}

fn subject(passes: &Passes<'_>) -> About {
    let count = passes.run.row.index_vacuum_count;
    About::parameter(passes.parameter, Weight::Count(count.unwrap_or(0))).figures([
        Figure::new("index_passes", count).against(PASSES),
        Figure::new("table", passes.run.target()),
        Figure::new("started", passes.run.started),
        Figure::parameter(passes.parameter, passes.memory),
    ])
}

fn describe(passes: &Passes<'_>) -> Draft {
    let Passes { run, parameter, memory, proposed } = passes;
    let count = display::count(run.row.index_vacuum_count.unwrap_or(0));
    Draft::new(format!("Raise {parameter} from {} to {}", display::bytes(*memory), display::bytes(*proposed)))
        .confidence(Confidence::Medium)
        .because(format!("VACUUM of table {} has already scanned all its indexes {count} times.", run.target()))
        .because("The dead rows did not fit into its memory, and each pass reads every index completely.")
        .set(parameter, format!("{}MB", proposed.0 / Bytes::MB.0), Effort::Reload)
        .advise("The running VACUUM keeps its memory; the next one uses the new value.")
        .impact("Each autovacuum worker can use that much memory.")
}
