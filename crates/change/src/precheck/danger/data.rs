//! Values that put data at stake, with what can be lost.

use super::future::Future;

/// A parameter, the values that are dangerous, and what they lead to.
type Danger = (&'static str, &'static [&'static str], &'static str);

const DANGERS: [Danger; 9] = [
    ("fsync", &["off"], "a crash of the operating system or a power failure can destroy the whole cluster"),
    (
        "full_page_writes",
        &["off"],
        "a crash of the operating system or a power failure can leave torn pages that recovery cannot repair",
    ),
    (
        "data_sync_retry",
        &["on"],
        "a failed fsync is retried although the kernel might have dropped the data: committed data can be lost \
         without an error",
    ),
    (
        "synchronous_commit",
        &["off"],
        "a crash can lose the last transactions reported as committed; the data stays consistent",
    ),
    (
        "zero_damaged_pages",
        &["on"],
        "a damaged page is replaced by an empty one when it is read, and all its rows are lost",
    ),
    (
        "ignore_checksum_failure",
        &["on"],
        "pages with a wrong checksum are used, so corrupted data is returned and can spread",
    ),
    (
        "ignore_invalid_pages",
        &["on"],
        "recovery skips WAL records for missing pages, which can lose data and hide corruption",
    ),
    (
        "allow_system_table_mods",
        &["on"],
        "superusers can change system catalogs, and a mistake can destroy the cluster",
    ),
    (
        "wal_level",
        &["minimal"],
        "WAL is no longer sufficient for archive recovery and standbys; take a new base backup after raising it again",
    ),
];

pub(super) fn check(future: &Future<'_>) -> Vec<String> {
    let taken = DANGERS.iter().filter(|(name, words, _)| future.becomes(name, words));
    let mut warnings: Vec<String> =
        taken.map(|(name, words, what)| format!("{name} = {}: {what}", words.concat())).collect();
    warnings.extend(archiving_ends(future));
    warnings
}

fn archiving_ends(future: &Future<'_>) -> Option<String> {
    let was_on = future.running().text("archive_mode").is_some_and(|mode| mode != "off");
    (was_on && future.becomes("archive_mode", &["off"])).then(|| {
        "archive_mode = off: WAL is no longer archived, so base backups cannot be recovered beyond this change"
            .to_owned()
    })
}
