//! A large buffer cache does not use huge pages.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `shared_buffers`, `huge_pages`, and from version 17 on `huge_pages_status`.
    ///
    /// ## Why it matters
    ///
    /// Each session maps the shared memory in pages of 4 kB. With many sessions, the page tables alone take gigabytes,
    /// and every access to memory is slower than with pages of 2 MB.
    ///
    /// ## Threshold
    ///
    /// `shared_buffers` is at least {MIN_BUFFERS}, and huge pages are disabled or known not to be in use. Up to version
    /// 16, the server does not tell whether `huge_pages = try` succeeded; that is not reported.
    ///
    /// ## Remedy
    ///
    /// Reserve enough huge pages in the kernel (`vm.nr_hugepages`): `shared_memory_size_in_huge_pages` says how many
    /// (version 15). Then restart the server, with `huge_pages = on` so that it does not start without them.
    ///
    /// ## When to ignore this
    ///
    /// If the platform does not have huge pages, as in some containers.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "4194304", "unit": "8kB" },
    ///                    { "name": "huge_pages", "setting": "off" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "4194304", "unit": "8kB" },
    ///                    { "name": "huge_pages", "setting": "try" },
    ///                    { "name": "huge_pages_status", "setting": "off" },
    ///                    { "name": "shared_memory_size_in_huge_pages", "setting": "16900" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "4194304", "unit": "8kB" },
    ///                    { "name": "huge_pages", "setting": "try" },
    ///                    { "name": "huge_pages_status", "setting": "on" } ] }
    /// ```
    /// ```json passed
    /// { "version": 16,
    ///   "pg_settings": [ { "name": "shared_buffers", "setting": "4194304", "unit": "8kB" },
    ///                    { "name": "huge_pages", "setting": "try" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "unit": "8kB" },
    ///                    { "name": "huge_pages", "setting": "off" },
    ///                    { "name": "huge_pages_status", "setting": "off" } ] }
    /// ```
    rule huge_pages_unused {
        code: PGD1004,
        title: "Huge pages are not used",
        passed: "Huge pages are used where shared_buffers is large",
        worst: Notice,
        reads: [settings],
        source: "PostgreSQL manual, Linux Huge Pages",
        thresholds: {
            /// With smaller buffers it makes little difference.
            MIN_BUFFERS: Bytes = Bytes::megabytes(16 * 1024),
        },
    }
}

struct Unused {
    shared_buffers: Bytes,
    huge_pages: String,
    pages: Option<i64>,
}

fn check(view: &View<'_>) -> Checked<Option<Unused>> {
    let settings = view.settings()?;
    let shared_buffers = settings.require_bytes("shared_buffers")?;
    let huge_pages = settings.require("huge_pages")?.setting.clone().unwrap_or_default();
    let is_unused = huge_pages == "off" || settings.text("huge_pages_status") == Some("off");
    let pages = settings.integer("shared_memory_size_in_huge_pages").filter(|pages| *pages > 0);
    Ok((shared_buffers >= MIN_BUFFERS && is_unused).then_some(Unused { shared_buffers, huge_pages, pages }))
}

fn subject(unused: &Unused) -> About {
    About::parameter("huge_pages", unused.shared_buffers).figures([
        Figure::parameter("huge_pages", unused.huge_pages.as_str()),
        Figure::parameter("shared_buffers", unused.shared_buffers).against(MIN_BUFFERS),
        Figure::new("pages_needed", unused.pages).labelled("huge pages needed"),
    ])
}

fn describe(unused: &Unused) -> Draft {
    let number = unused.pages.map_or_else(|| "enough".to_owned(), display::count);
    let draft = Draft::new(format!("Use huge pages for {} of shared_buffers", display::bytes(unused.shared_buffers)))
        .because("Page tables of ordinary pages take memory in every session, and make access to shared memory slower.")
        .advise(format!("Before the restart, reserve {number} huge pages in the kernel (vm.nr_hugepages)."))
        .impact("A restart terminates all sessions. The reserved memory is not available to other programs.");
    if unused.huge_pages == "off" { draft.set("huge_pages", "try", Effort::Restart) } else { draft.effort(Effort::Restart) }
}
