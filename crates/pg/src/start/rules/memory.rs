//! Shared memory against the memory and the huge pages of the host.

use super::Start;
use crate::display;
use crate::start::host::{Host, HugePages, Overcommit};
use crate::start::problem::Problem;
use crate::start::questions::Questions;
use crate::start::shared_memory::{self, SharedMemory, shared_memory};
use crate::unit::Bytes;

/// What else decides, besides the parameters of the amount.
const KINDS: [&str; 4] = ["huge_pages", "huge_page_size", "shared_memory_type", "shared_preload_libraries"];

/// Requests from here on are called doubtful where the host's memory is not known, in bytes.
const DOUBTFUL: i64 = 64 << 30;

pub(super) fn ask(start: &Start<'_>, questions: &mut Questions) {
    if is_concerned(start) {
        questions.memory = true;
        if start.settings.text("huge_pages") == Some("on") {
            // Before 14 only the default can be used.
            let kilobytes = start.settings.integer("huge_page_size").unwrap_or(0);
            questions.huge_pages = Some(Bytes(kilobytes.saturating_mul(1024)));
        }
    }
}

fn is_concerned(start: &Start<'_>) -> bool {
    start.touches(&shared_memory::PARAMETERS) || start.touches(&KINDS)
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    if !is_concerned(start) {
        return Vec::new();
    }
    let kind = start.settings.text("shared_memory_type");
    let is_on = start.settings.text("huge_pages") == Some("on");
    if is_on && kind.is_some_and(|kind| kind != "mmap") {
        let reason = "huge_pages = on requires shared_memory_type = mmap".to_owned();
        return vec![Problem::certain(&["huge_pages", "shared_memory_type"], reason)];
    }
    let Some(needed) = shared_memory(start.settings, host.has_gss) else {
        let condition = "enough huge pages are free (huge_pages = on)".to_owned();
        return is_on.then(|| Problem::unless(&["huge_pages"], condition)).into_iter().collect();
    };
    let problem = too_large(start, &needed).or_else(|| match is_on {
        true => huge_pages(start, &needed, host.huge_pages),
        false => memory(start, &needed, host),
    });
    problem.into_iter().collect()
}

/// The parameters in question, for the list of causes and for the sentence.
fn causes<'n>(start: &Start<'_>) -> Vec<&'n str> {
    let mut names = start.touched(&shared_memory::PARAMETERS);
    names.extend(start.touched(&KINDS));
    names
}

fn requested(start: &Start<'_>, needed: &SharedMemory) -> String {
    let size = display::bytes(needed.bytes);
    let at_least = if needed.is_at_least() { "at least " } else { "" };
    format!("{at_least}{size} of shared memory would be requested ({})", causes(start).join(", "))
}

/// From 15 on the server states the amount as a parameter in MB.
fn too_large(start: &Start<'_>, needed: &SharedMemory) -> Option<Problem> {
    let is_too_large = start.settings.version.major() >= 15 && needed.megabytes() > i64::from(i32::MAX);
    is_too_large.then(|| {
        Problem::certain(&causes(start), format!("{}, more than any server can use", requested(start, needed)))
    })
}

fn huge_pages(start: &Start<'_>, needed: &SharedMemory, pages: Option<HugePages>) -> Option<Problem> {
    let names = causes(start);
    let Some(pages) = pages else {
        let size = display::bytes(needed.bytes);
        return Some(Problem::unless(&names, format!("huge pages for {size} are free (huge_pages = on)")));
    };
    let wanted = needed.huge_pages(pages.size)?;
    let size = display::bytes(pages.size);
    let wanted_words = display::counted(wanted, "huge page", "huge pages");
    if wanted > pages.total {
        let reason = format!("huge_pages = on requires {wanted_words} of {size}, but the host has {}", pages.total);
        return Some(Problem::certain(&names, reason));
    }
    let used = pages.total - pages.free;
    // What this server uses now it gives back when it stops.
    let may_be_own = start.running.and_then(|running| running.text("huge_pages")).is_none_or(|now| now != "off");
    (wanted > pages.free).then(|| {
        let words = format!("{wanted_words} of {size} are free (huge_pages = on); {} are free now", pages.free);
        if may_be_own && used > 0 {
            Problem::unless(&names, words)
        } else {
            let reason = format!("huge_pages = on requires {wanted_words} of {size}, but {} are free", pages.free);
            Problem::certain(&names, reason)
        }
    })
}

fn memory(start: &Start<'_>, needed: &SharedMemory, host: &Host) -> Option<Problem> {
    let names = causes(start);
    let words = requested(start, needed);
    let Some(memory) = host.memory else {
        let size = display::bytes(needed.bytes);
        let is_doubtful = needed.bytes.0 >= DOUBTFUL && grows(start, needed, host);
        return is_doubtful
            .then(|| Problem::unless(&names, format!("the host has more than {size} of memory and swap space")));
    };
    let all = Bytes(memory.total.0.saturating_add(memory.swap.0));
    match memory.overcommit {
        Some(Overcommit::Always) => None,
        Some(Overcommit::Never { limit, committed }) => {
            let own = start.running.and_then(|running| shared_memory(running, host.has_gss));
            let others = committed.0.saturating_sub(own.map_or(0, |own| own.bytes.0)).max(0);
            let left = Bytes(limit.0.saturating_sub(others).max(0));
            (needed.bytes > left).then(|| {
                let size = display::bytes(needed.bytes);
                let left = display::bytes(left);
                let condition = format!(
                    "{size} of memory can be committed; about {left} remain of the commit limit (vm.overcommit_memory = 2)"
                );
                Problem::unless(&names, condition)
            })
        }
        Some(Overcommit::Heuristic) => (needed.bytes > all).then(|| {
            let all = display::bytes(all);
            Problem::certain(&names, format!("{words}, but the host has {all} of memory and swap space"))
        }),
        None => (needed.bytes > all).then(|| {
            let all = display::bytes(all);
            let size = display::bytes(needed.bytes);
            let condition =
                format!("the kernel grants {size} of shared memory; the host has {all} including swap space");
            Problem::unless(&names, condition)
        }),
    }
}

/// Whether more is needed than now, as far as that is known.
fn grows(start: &Start<'_>, needed: &SharedMemory, host: &Host) -> bool {
    let now = start.running.and_then(|running| shared_memory(running, host.has_gss));
    now.is_none_or(|now| needed.bytes > now.bytes)
}
