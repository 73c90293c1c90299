//! pg_stat_statements is there but records nothing.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A server on which pg_stat_statements is half set up: the library is loaded but `pg_stat_statements.track` is `none` or
    /// `compute_query_id` is off, or the extension was created but its library is not loaded.
    ///
    /// ## Why it matters
    ///
    /// Nobody notices before the figures are needed: which statements take the time is then unknown, and cannot be determined
    /// afterwards.
    ///
    /// ## Threshold
    ///
    /// Any. A server without pg_stat_statements is not reported: nobody intended to record statements there.
    ///
    /// ## Remedy
    ///
    /// Set the parameter back to its default, which takes effect with a reload. If the library is not loaded, add it to
    /// `shared_preload_libraries` and restart the server, or drop the extension.
    ///
    /// ## When to ignore this
    ///
    /// If statements are recorded only while something is examined, or if another extension computes the query identifier.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "pg_stat_statements.max", "setting": "5000" },
    ///                    { "name": "pg_stat_statements.track", "setting": "none" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "pg_stat_statements.max", "setting": "5000" },
    ///                    { "name": "pg_stat_statements.track", "setting": "top" },
    ///                    { "name": "compute_query_id", "setting": "auto" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "compute_query_id", "setting": "off" } ] }
    /// ```
    rule statements_not_tracked {
        code: PGD710,
        title: "pg_stat_statements is installed but records nothing",
        passed: "pg_stat_statements records statements, or is not installed",
        worst: Notice,
        reads: [settings, tracking],
        source: "PostgreSQL manual, pg_stat_statements: pg_stat_statements.track, and compute_query_id",
    }
}

enum Untracked {
    /// A parameter prevents it: its name, its value and the default.
    Parameter(&'static str, String, &'static str),
    /// The extension exists, its library is not loaded.
    NotLoaded,
}

fn check(view: &View<'_>) -> Checked<Option<Untracked>> {
    // Without the settings nothing is known.
    view.settings()?;
    let tracking = view.tracking()?;
    if tracking.is_loaded() != Some(true) {
        return Ok((tracking.is_created() == Some(true)).then_some(Untracked::NotLoaded));
    }
    let is = |value: &Option<String>, word: &str| value.as_deref() == Some(word);
    if is(&tracking.track, "none") {
        return Ok(Some(Untracked::Parameter("pg_stat_statements.track", "none".to_owned(), "top")));
    }
    let is_off = is(&tracking.compute_query_id, "off");
    Ok(is_off.then(|| Untracked::Parameter("compute_query_id", "off".to_owned(), "auto")))
}

fn subject(untracked: &Untracked) -> About {
    match untracked {
        Untracked::Parameter(name, value, default) => {
            About::parameter(name, Weight::Count(1)).figures([Figure::parameter(name, value.as_str()).against(*default)])
        }
        Untracked::NotLoaded => {
            About::new(Subject::named(SubjectKind::Extension, "pg_stat_statements"), Weight::Count(1))
        }
    }
}

fn describe(untracked: &Untracked) -> Draft {
    match untracked {
        Untracked::Parameter(name, value, default) => {
            Draft::new(format!("Set {name} to {default}: pg_stat_statements records nothing"))
                .because(format!("{name} is {value}, so that the library is loaded in vain."))
                .set(name, *default, Effort::Reload)
                .impact("Recording costs little; sessions are not interrupted.")
        }
        Untracked::NotLoaded => Draft::new("Load the library pg_stat_statements: the extension records nothing")
            .because("The extension was created, but its library is not in shared_preload_libraries.")
            .because("Its view returns an error.")
            .advise("Add pg_stat_statements to shared_preload_libraries and restart the server, or drop the extension.")
            .effort(Effort::Restart)
            .impact("A restart terminates all sessions."),
    }
}
