//! What changed about each statement, and how certain that is.

use super::data::{ComparedStatement, StatementChange, StatementFigures, StatementName, TimeTest};
use super::matching::{MatchedBy, Pair};
use super::significance::{SURELY, Test, work};
use super::tables::{Named, TablesOf, UNWRITTEN};
use super::timing;
use super::window::{Recording, Window};
use crate::facts::statements::Statement;
use crate::format::Confidence;
use crate::statistics::discoveries;

/// The share of false discoveries about work.
const WORK_RATE: f64 = 0.01;

/// A statement below this share of the time is minor.
const MINOR: f64 = 0.005;

/// Pages per call that are not in shared buffers count as more from this multiple on, and from one page more.
const MORE_READS: f64 = 2.0;

/// A pair of windows with what is known of the statement's tables.
struct Measured<'a> {
    statement: &'a Statement,
    by: MatchedBy,
    before: Window,
    after: Window,
    named: Named,
    pages: Option<Test>,
    rows: Option<Test>,
    reads: Option<Test>,
}

/// Compares the statements of both windows.
pub(super) fn compare(
    pairs: &[Pair<'_, '_>],
    before: &Recording<'_>,
    after: &Recording<'_>,
    tables: &TablesOf<'_>,
) -> (TimeTest, Vec<ComparedStatement>) {
    let mut measured: Vec<Measured<'_>> =
        pairs.iter().filter_map(|pair| Measured::of(pair, before, after, tables)).collect();
    discover(measured.iter_mut().flat_map(|one| [&mut one.pages, &mut one.rows]));
    discover(measured.iter_mut().map(|one| &mut one.reads));
    let windows: Vec<(Window, Window)> = measured.iter().map(|one| (one.before.clone(), one.after.clone())).collect();
    let (summary, times) = timing::tests(&windows, before, after);
    let whole = (before.whole_time(), after.whole_time());
    let mut compared: Vec<ComparedStatement> =
        measured.into_iter().zip(times).map(|(one, time)| one.compared(time, &summary, whole)).collect();
    compared.sort_by(|a, b| b.added_ms.total_cmp(&a.added_ms).then_with(|| a.name.cmp(&b.name)));
    (summary, compared)
}

/// Marks the tests that are significant among all of these.
fn discover<'t>(tests: impl Iterator<Item = &'t mut Option<Test>>) {
    let mut known: Vec<&mut Test> = tests.filter_map(Option::as_mut).collect();
    let p: Vec<f64> = known.iter().map(|test| test.p).collect();
    for (test, is_found) in known.iter_mut().zip(discoveries(&p, WORK_RATE)) {
        test.is_changed = is_found && test.is_large();
    }
}

impl<'a> Measured<'a> {
    fn of(pair: &Pair<'_, 'a>, before: &Recording<'_>, after: &Recording<'_>, tables: &TablesOf<'_>) -> Option<Self> {
        let (first, last) = (pair.before.first()?.statement, pair.after.first()?.statement);
        let [a, b] = [(&pair.before, before.seconds), (&pair.after, after.seconds)]
            .map(|(group, seconds)| Window::pooled(group, seconds));
        let (before, after) = (a?, b?);
        let named = tables.named_by(first, last);
        let tested = |amount| {
            let test = work(&before, &after, named.needed(true), amount)?;
            let is_steady = test.smallest_seen <= UNWRITTEN;
            let needed = named.needed(is_steady);
            Some(Test { needed, smallest_seen: test.smallest_seen.max(needed), ..test })
        };
        let (pages, rows) = (tested(|counts| counts.pages), tested(|counts| counts.rows));
        let reads = work(&before, &after, MORE_READS, |counts| counts.reads);
        Some(Self { statement: last, by: pair.by, pages, rows, reads, before, after, named })
    }

    fn compared(self, time: Option<Test>, summary: &TimeTest, whole: (f64, f64)) -> ComparedStatement {
        let share = |window: &Window, whole: f64| Some(window.whole.time / whole).filter(|share| share.is_finite());
        let shares = [share(&self.before, whole.0), share(&self.after, whole.1)];
        let mut found = ComparedStatement {
            name: name(self.statement),
            matched_by: self.by,
            before: StatementFigures::of(&self.before.whole, self.before.seconds),
            after: StatementFigures::of(&self.after.whole, self.after.seconds),
            added_ms: (self.after.whole.mean() - self.before.whole.mean()) * self.after.whole.calls,
            share: shares[1],
            is_minor: shares.iter().flatten().all(|share| *share < MINOR),
            changes: Vec::new(),
            confidence: None,
            time,
            pages: self.pages,
            rows: self.rows,
            reads: self.reads,
            is_on_written_tables: self.named.is_written,
            cause: None,
        };
        found.changes = changes(&found);
        found.confidence = confidence(&found, summary);
        found.cause = cause(&found, self.named);
        found
    }
}

/// The statement's name, as data.
pub(super) fn name(statement: &Statement) -> StatementName {
    StatementName {
        query: statement.row.query.clone().filter(|_| !statement.is_hidden()),
        query_id: statement.row.queryid.clone(),
        database: statement.row.datname.clone(),
        role: statement.role.clone(),
        is_top_level: statement.row.toplevel,
    }
}

/// Pages decide; rows only if the pages did not change.
fn work_change(found: &ComparedStatement) -> Option<StatementChange> {
    let changed = [&found.pages, &found.rows].into_iter().flatten().find(|test| test.is_changed)?;
    Some(if changed.is_more() { StatementChange::MoreWork } else { StatementChange::LessWork })
}

fn time_change(found: &ComparedStatement) -> Option<StatementChange> {
    let time = found.time.as_ref().filter(|test| test.is_changed)?;
    Some(if time.is_more() { StatementChange::Slower } else { StatementChange::Faster })
}

fn changes(found: &ComparedStatement) -> Vec<StatementChange> {
    let more_reads = found.after.reads_per_call - found.before.reads_per_call >= 1.0;
    let reads = found.reads.as_ref().filter(|test| test.is_changed && test.is_more() && more_reads);
    let reads = reads.map(|_| StatementChange::MoreReads);
    let mut changes: Vec<_> = [work_change(found), time_change(found), reads].into_iter().flatten().collect();
    changes.sort_unstable();
    changes
}

/// Work and time that agree are certain; work is reported by the server, but is not time; time alone is only as certain as the
/// windows are many, or if no noise of a host explains it.
fn confidence(found: &ComparedStatement, summary: &TimeTest) -> Option<Confidence> {
    use StatementChange::{Faster, LessWork, MoreWork, Slower};
    let (work, time) = (work_change(found), time_change(found));
    match (work, time) {
        (Some(MoreWork), Some(Slower)) | (Some(LessWork), Some(Faster)) => {
            Some(if summary.is_host_unsteady() { Confidence::Medium } else { Confidence::High })
        }
        (Some(_), _) => Some(Confidence::Medium),
        (None, Some(_)) => {
            let is_several = summary.method == super::data::TimeMethod::SeveralWindows;
            let host = summary.host_ratio.unwrap_or(1.0).max(1.0);
            let is_extreme = found.time.as_ref().is_some_and(|test| test.low >= SURELY * host);
            let is_certain = is_several && !summary.is_host_unsteady() || is_extreme;
            Some(if is_certain { Confidence::Medium } else { Confidence::Low })
        }
        (None, None) => found.changes.first().map(|_| Confidence::Low),
    }
}

fn cause(found: &ComparedStatement, named: Named) -> Option<String> {
    let is_more = work_change(found) == Some(StatementChange::MoreWork);
    let of_writing = "often bloat or long chains of row versions, not another plan";
    let own = named.cause.filter(|_| found.is_worse());
    own.or_else(|| (is_more && named.writes).then(|| of_writing.to_owned()))
}
