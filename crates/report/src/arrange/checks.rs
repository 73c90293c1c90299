//! The checks that found nothing, and those that could not run.

use pgdba_analysis::format::{Area, Assessment, Coverage};
use pgdba_analysis::{Analysis, Block, Outcome, Quantity, Table};
use pgdba_pg::display::counted;

use super::number;
use crate::document::{Item, Part};

/// Each check that passed, with the state that it found.
pub(super) fn passed(analysis: &Analysis) -> Part {
    let passed = all_passed(analysis);
    let rows = passed.iter().map(|a| vec![a.area.title().into(), a.passed.as_str().into(), code(a).into()]);
    let columns = [("area", "area"), ("state", "state"), ("rule", "rule")];
    let lead = format!("{} passed.", counted(number(&passed), "check", "checks"));
    part_of_passed(lead, Table::new("Passed checks", &columns, rows))
}

/// How many checks of each area passed, for a terminal.
pub(super) fn passed_by_area(analysis: &Analysis) -> Part {
    let passed = all_passed(analysis);
    let mut areas: Vec<(Area, i64)> = Vec::new();
    for assessment in &passed {
        match areas.iter_mut().find(|(area, _)| *area == assessment.area) {
            Some((_, count)) => *count += 1,
            None => areas.push((assessment.area, 1)),
        }
    }
    let rows = areas.into_iter().map(|(area, count)| vec![area.title().into(), count.into()]);
    let columns = [("area", "area"), ("passed", "passed")];
    let checks = counted(number(&passed), "check", "checks");
    let lead = format!("{checks} passed; pgdba report and --format json list each of them.");
    part_of_passed(lead, Table::new("Passed checks by area", &columns, rows))
}

fn all_passed(analysis: &Analysis) -> Vec<&Assessment> {
    analysis.assessments.iter().filter(|assessment| assessment.outcome == Outcome::Passed).collect()
}

fn part_of_passed(lead: String, table: Table) -> Part {
    Part {
        anchor: "passed".to_owned(),
        title: "Passed checks".to_owned(),
        lead,
        items: Item::of("passed", [Block::Table(table)]),
    }
}

/// The checks that could not run, or not everywhere: those with the same reason in one row.
pub(super) fn not_assessed(analysis: &Analysis) -> Part {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    let mut blind = 0;
    for assessment in &analysis.assessments {
        let Some(reason) = assessment.blind_spot() else { continue };
        blind += 1;
        match reasons.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, codes)) => codes.push(code(assessment)),
            None => reasons.push((reason, vec![code(assessment)])),
        }
    }
    let lead = match (&analysis.coverage, blind) {
        (Coverage { ignored: 0, .. }, 0) => "All checks ran.".to_owned(),
        (Coverage { ran: 0, .. }, 0) => "No check ran: all checks were ignored.".to_owned(),
        (_, 0) => "All checks ran, except those that were ignored.".to_owned(),
        (_, count) => {
            format!("{} could not check everything: problems there are unknown.", counted(count, "check", "checks"))
        }
    };
    let row = |(reason, codes): (&str, Vec<String>)| -> Vec<Quantity> { vec![reason.into(), codes.join(", ").into()] };
    let columns = [("reason", "reason"), ("rules", "rules")];
    let table = Table::new("Checks that could not run, or not everywhere", &columns, reasons.into_iter().map(row));
    Part {
        anchor: "not-checked".to_owned(),
        title: "Not checked".to_owned(),
        lead,
        items: Item::of("not-checked", [Block::Table(table)]),
    }
}

pub(super) fn code(assessment: &Assessment) -> String {
    format!("{} {}", assessment.code, assessment.name)
}
