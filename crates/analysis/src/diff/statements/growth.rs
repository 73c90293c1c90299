//! What statements counted from one snapshot to the next: one window, in which they can be ranked.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;
use pgdba_snapshot::since::Absence;

use super::counts::Counts;
use super::data::{Basis, RankedStatement, StatementFigures, Statements, TimeTest, Uncompared};
use super::{evictions, judge};
use crate::diff::sides::Sides;
use crate::facts::statements::Statements as Facts;

/// Ranks the statements of the second snapshot by what they counted since the first; `reason` is why there are no two windows.
pub(super) fn ranked(sides: &Sides<'_>, before: &Facts, after: &Facts, reason: &str) -> Statements {
    if !sides.has_same_counters() {
        return Statements::none(format!("{reason}, and what statements counted between the snapshots is unknown"));
    }
    let Some(since) = sides.after.snapshot.since_snapshot::<PgStatStatement>(sides.before.snapshot) else {
        return Statements::none(format!("{reason}, and no time passed between the snapshots"));
    };
    let earlier: BTreeMap<_, _> = before.all.iter().map(|one| (super::key(&one.row), &one.row)).collect();
    let mut ranked = Vec::new();
    let mut absences: BTreeMap<Absence, u64> = BTreeMap::new();
    for (statement, change) in after.all.iter().zip(&since.changes) {
        let is_new = change.as_ref().err() == Some(&Absence::New);
        let counts = match change {
            Ok(_) => earlier
                .get(&super::key(&statement.row))
                .and_then(|then| Counts::of(&statement.row)?.since(&Counts::of(then)?)),
            Err(Absence::New) => Counts::of(&statement.row),
            Err(absence) => {
                *absences.entry(*absence).or_default() += 1;
                continue;
            }
        };
        let Some(counts) = counts.filter(|counts| counts.calls > 0.0) else { continue };
        let figures = StatementFigures::of(&counts, since.seconds);
        ranked.push(RankedStatement { name: judge::name(statement), is_new, figures });
    }
    ranked.sort_by(|a, b| b.figures.total_ms.total_cmp(&a.figures.total_ms).then_with(|| a.name.cmp(&b.name)));
    let why = |(absence, count): (&Absence, &u64)| Uncompared {
        snapshot: "after",
        reason: absence.to_string(),
        statements: *count,
    };
    let basis = match (ranked.is_empty(), absences.keys().next()) {
        (true, Some(absence)) => Basis::Nothing { reason: format!("{reason}, and {absence}") },
        _ => Basis::Growth { seconds: since.seconds, reason: reason.to_owned() },
    };
    let gone =
        Uncompared { snapshot: "before", reason: Absence::Gone.to_string(), statements: since.gone.len() as u64 };
    Statements {
        basis,
        time_test: TimeTest::none(format!(
            "not tested: {reason}, so there is one window and nothing to compare it with"
        )),
        uncompared: absences.iter().map(why).chain((gone.statements > 0).then_some(gone)).collect(),
        evicted: evictions::between(sides),
        ranked,
        ..Statements::none(reason)
    }
}
