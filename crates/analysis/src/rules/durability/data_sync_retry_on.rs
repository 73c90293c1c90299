//! After a failed flush the server continues as if nothing had happened.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `data_sync_retry` is `on`.
    ///
    /// ## Why it matters
    ///
    /// If the operating system fails to flush a file to storage, it usually drops the data and reports success at the
    /// next attempt. By default PostgreSQL therefore stops and recovers from WAL. With this parameter it tries again
    /// instead, believes the success, and the checkpoint removes the WAL that still had the data: they are lost.
    ///
    /// ## Threshold
    ///
    /// None: `on` is always reported.
    ///
    /// ## Remedy
    ///
    /// Set it to `off`. It takes effect at a restart.
    ///
    /// ## When to ignore this
    ///
    /// If the operating system is known to keep unwritten data after a failed flush.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "data_sync_retry", "setting": "on" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "data_sync_retry", "setting": "off" } ] }
    /// ```
    rule data_sync_retry_on {
        code: PGD106,
        title: "A failed flush is retried",
        passed: "The server recovers from WAL after a failed flush",
        worst: Warning,
        reads: [settings],
        source: "PostgreSQL manual, Error Handling: data_sync_retry",
    }
}

fn check(view: &View<'_>) -> Checked<Option<()>> {
    let settings = view.settings()?;
    Ok((settings.is_on("data_sync_retry") == Some(true)).then_some(()))
}

fn subject((): &()) -> About {
    About::parameter("data_sync_retry", Weight::All).figures([Figure::parameter("data_sync_retry", "on").against("off")])
}

fn describe((): &()) -> Draft {
    Draft::new("Disable data_sync_retry")
        .set("data_sync_retry", "off", Effort::Restart)
        .because("If flushing a file fails, the operating system usually drops the data, and the next attempt succeeds without them.")
        .advise("The server then recovers from WAL after a failed flush, and loses nothing.")
        .impact("A restart terminates all sessions.")
}
