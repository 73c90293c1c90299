//! WAL is flushed in an unusual way.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `wal_sync_method` has another value than the default of the platform.
    ///
    /// ## Why it matters
    ///
    /// Not every method reaches durable storage on every system, and the fastest one is often fast because it does not.
    /// The default is chosen for being reliable.
    ///
    /// ## Threshold
    ///
    /// None: another value than the default is always reported, as information.
    ///
    /// ## Remedy
    ///
    /// Measure with `pg_test_fsync`. If the present method is not clearly faster and known to be reliable on this
    /// storage, reset it.
    ///
    /// ## When to ignore this
    ///
    /// If it was chosen after a measurement with `pg_test_fsync` on this storage.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "wal_sync_method", "setting": "open_sync", "boot_val": "fdatasync" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "wal_sync_method", "setting": "fdatasync", "boot_val": "fdatasync" } ] }
    /// ```
    rule wal_sync_method_changed {
        code: PGD108,
        title: "wal_sync_method is not the default",
        passed: "wal_sync_method is the default of the platform",
        worst: Info,
        reads: [settings],
        source: "PostgreSQL manual, wal_sync_method and pg_test_fsync",
    }
}

/// The value in force and the default.
type Changed = (String, String);

fn check(view: &View<'_>) -> Checked<Option<Changed>> {
    let setting = view.settings()?.require("wal_sync_method")?;
    let values = setting.setting.clone().zip(setting.boot_val.clone());
    Ok(values.filter(|(value, default)| value != default))
}

fn subject((value, default): &Changed) -> About {
    About::parameter("wal_sync_method", Weight::All)
        .figures([Figure::parameter("wal_sync_method", value.as_str()).against(default.as_str())])
}

fn describe((value, default): &Changed) -> Draft {
    Draft::new(format!("Check that wal_sync_method = {value} is reliable on this storage"))
        .set("wal_sync_method", default.as_str(), Effort::Reload)
        .because(format!("The default of this platform is {default}. Other methods do not reach durable storage everywhere."))
        .advise("Keep it only if pg_test_fsync shows that it is faster and the storage is known to honor it.")
        .impact("Commits can become slower or faster.")
}
