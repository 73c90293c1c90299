//! Arranges an analysis into parts.

mod checks;
mod findings;

use pgdba_analysis::format::quantity::time_of_day;
use pgdba_analysis::format::{ClusterSummary, SectionState, TopicView, Verdict};
use pgdba_analysis::{Analysis, Block, Figure, Outcome, Quantity, Severity, Table};
use pgdba_pg::display::{counted, list};

use crate::document::{Head, Item, Part, Report};

impl Report {
    /// The report of an analysis.
    #[must_use]
    pub fn of(analysis: &Analysis) -> Self {
        let parts = std::iter::once(findings::part(analysis))
            .chain(analysis.topics.iter().map(topic))
            .chain([checks::passed(analysis), checks::not_assessed(analysis)])
            .chain(set_aside(analysis))
            .chain(ignored(analysis))
            .chain([sections(analysis), method(analysis)])
            .collect();
        Self { parts, ..Self::head(analysis) }
    }

    /// The outcome of the rules, for a terminal: without topics, and only the data that is missing or partial.
    #[must_use]
    pub fn of_rules(analysis: &Analysis) -> Self {
        let parts = [findings::part(analysis), checks::passed_by_area(analysis), checks::not_assessed(analysis)];
        let parts =
            parts.into_iter().chain(set_aside(analysis)).chain(ignored(analysis)).chain(missing(analysis)).collect();
        Self { parts, ..Self::head(analysis) }
    }

    /// The first screen.
    fn head(analysis: &Analysis) -> Self {
        let head = Head::Verdict {
            verdict: analysis.verdict,
            counts: verdict_counts(analysis),
            coverage: coverage(analysis),
            actions: findings::actions(analysis),
        };
        Self {
            alarm: analysis.tampered.clone(),
            head: Some(head),
            notes: notes(analysis),
            ..Self::about(&analysis.cluster)
        }
    }

    /// An empty report about a cluster.
    #[must_use]
    pub fn about(cluster: &ClusterSummary) -> Self {
        Self { title: cluster.name.clone(), about: about(cluster), ..Self::default() }
    }
}

/// Version, role, database, time and collector of a snapshot.
fn about(cluster: &ClusterSummary) -> Vec<String> {
    let version = cluster.version.as_ref().map(|version| format!("PostgreSQL {version}"));
    let database = cluster.database.as_ref().map(|database| format!("database {database}"));
    let time = cluster.collected_at.map(|time| format!("collected {}", time_of_day(time)));
    let redacted = cluster.redacted.then(|| "names redacted".to_owned());
    [version, cluster.role.clone(), database, time, Some(format!("by {}", cluster.collected_by)), redacted]
        .into_iter()
        .flatten()
        .collect()
}

/// The number of findings of each severity.
fn counts(analysis: &Analysis) -> String {
    let words: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (severity, analysis.count_of(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| match (severity, count) {
            (Severity::Critical | Severity::Info, _) | (_, 1) => format!("{count} {}", severity.word()),
            _ => format!("{count} {}s", severity.word()),
        })
        .collect();
    match analysis.verdict {
        _ if !words.is_empty() => list(&words),
        _ if analysis.coverage.ran == 0 => "no check ran".to_owned(),
        Verdict::Incomplete => "checks that can find problems could not run".to_owned(),
        _ => "no findings".to_owned(),
    }
}

/// The counts next to the verdict, and how many subjects the policy sets aside.
fn verdict_counts(analysis: &Analysis) -> String {
    let aside = analysis.set_aside_words().map(|words| format!(" ({words})"));
    counts(analysis) + &aside.unwrap_or_default()
}

/// How many checks ran, and what the policy did.
fn coverage(analysis: &Analysis) -> String {
    let policy = &analysis.policy;
    let policy = match (policy.effect_of_file(), policy.words()) {
        (Some((file, effect)), _) => format!(" Policy {file}: {effect}."),
        (None, Some(effect)) => format!(" Policy: {effect}."),
        (None, None) => String::new(),
    };
    format!("{}.{policy}", analysis.coverage.words())
}

fn notes(analysis: &Analysis) -> Vec<String> {
    let partial = analysis.sections.iter().filter(|section| section.reason.is_some());
    let names: Vec<&str> = partial.map(|section| section.name.as_str()).collect();
    let partial = (!names.is_empty()).then(|| format!("Missing or partial data: {}", names.join(", ")));
    let noted = analysis.policy.notes.iter().chain(&analysis.problems).map(|note| capital(note));
    partial.into_iter().chain(noted).collect()
}

/// The contents of a topic, or why there are none.
fn topic(view: &TopicView) -> Part {
    let lead = view.missing.as_ref().map(|reason| format!("Not available: {reason}"));
    Part {
        anchor: view.name.clone(),
        title: view.title.clone(),
        lead: lead.unwrap_or_else(|| view.lead.clone()),
        items: Item::of(&view.name, view.blocks.iter().cloned()),
    }
}

/// What was found but is not shown, and why, if there is any.
fn set_aside(analysis: &Analysis) -> Option<Part> {
    let rows = analysis.set_aside.iter().map(|aside| {
        let kind = aside.subject.kind.word();
        let subject = format!("{kind} {}", aside.label).trim_end().to_owned();
        let rule = format!("{} {}", aside.code, aside.name);
        vec![subject.into(), rule.into(), aside.severity.word().into(), aside.why.words().into()]
    });
    let columns = [("subject", "subject"), ("rule", "rule"), ("severity", "severity"), ("reason", "reason")];
    analysis.set_aside_words().map(|words| Part {
        anchor: "set-aside".to_owned(),
        title: "Silenced and accepted".to_owned(),
        lead: format!("{words}."),
        items: Item::of("set-aside", [Block::Table(Table::new("Not shown as findings", &columns, rows))]),
    })
}

/// The rules that were skipped on request, if any.
fn ignored(analysis: &Analysis) -> Option<Part> {
    let ignored = analysis.assessments.iter().filter_map(|a| match &a.outcome {
        Outcome::Ignored { reason } => {
            Some(vec![a.title.as_str().into(), checks::code(a).into(), reason.as_deref().into()])
        }
        Outcome::Found { .. } | Outcome::SetAside { .. } | Outcome::Passed | Outcome::NotAssessed { .. } => None,
    });
    let rows: Vec<Vec<Quantity>> = ignored.collect();
    let columns = [("check", "check"), ("rule", "rule"), ("reason", "reason")];
    (!rows.is_empty()).then(|| Part {
        anchor: "ignored".to_owned(),
        title: "Ignored".to_owned(),
        lead: format!("{} skipped on request.", counted(number(&rows), "check was", "checks were")),
        items: Item::of("ignored", [Block::Table(Table::new("Ignored checks", &columns, rows))]),
    })
}

fn sections(analysis: &Analysis) -> Part {
    let read = analysis.sections.iter().filter(|section| section.available).count();
    Part {
        anchor: "sections".to_owned(),
        title: "Collected data".to_owned(),
        lead: format!("{read} of {} sections were collected.", analysis.sections.len()),
        items: Item::of("sections", [section_table(analysis.sections.iter())]),
    }
}

/// The sections with missing or partial data, if any.
fn missing(analysis: &Analysis) -> Option<Part> {
    let missing: Vec<&SectionState> = analysis.sections.iter().filter(|section| section.reason.is_some()).collect();
    (!missing.is_empty()).then(|| Part {
        anchor: "missing".to_owned(),
        title: "Missing or partial data".to_owned(),
        lead: format!("{} of {} sections.", missing.len(), analysis.sections.len()),
        items: Item::of("missing", [section_table(missing.into_iter())]),
    })
}

fn section_table<'a>(sections: impl ExactSizeIterator<Item = &'a SectionState>) -> Block {
    let columns = [("section", "section"), ("rows", "rows"), ("state", "state")];
    Block::Table(Table::new("Sections of the snapshot", &columns, sections.map(section_row)))
}

fn section_row(section: &SectionState) -> Vec<Quantity> {
    let rows = section.available.then(|| i64::try_from(section.rows).unwrap_or(i64::MAX));
    let state = match (&section.reason, section.available) {
        (None, _) => "complete".to_owned(),
        (Some(reason), true) => format!("partial: {reason}"),
        (Some(reason), false) => format!("missing: {reason}"),
    };
    vec![section.name.as_str().into(), rows.into(), state.into()]
}

fn method(analysis: &Analysis) -> Part {
    let coverage = &analysis.coverage;
    let fingerprint = analysis.cluster.fingerprint.as_deref().unwrap_or("unknown");
    let figures = vec![
        Figure::new("collected_by", analysis.cluster.collected_by.as_str()),
        Figure::new("fingerprint", fingerprint).labelled("cluster fingerprint"),
        Figure::new("checks_run", i64::try_from(coverage.ran).unwrap_or(i64::MAX)),
    ];
    Part {
        anchor: "method".to_owned(),
        title: "About this report".to_owned(),
        lead: "Generated from a single snapshot, without a connection to the server.".to_owned(),
        items: Item::of("method", [Block::Figures { items: figures }]),
    }
}

fn number<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict's counts, and the text of "Not checked", of an analysis that skips some rules.
    fn with_ignored(is_ignored: impl Fn(&str) -> bool) -> (String, String) {
        let snapshot = pgdba_analysis::example::snapshot("{}").unwrap();
        let rules = pgdba_analysis::rules::all().map(|rule| rule.name).filter(|name| is_ignored(name));
        let ignore = rules.map(str::to_owned).collect();
        let options = pgdba_analysis::Options { ignore, ..pgdba_analysis::Options::default() };
        let analysis = pgdba_analysis::analyze(&snapshot, &options);
        (verdict_counts(&analysis), checks::not_assessed(&analysis).lead)
    }

    #[test]
    fn what_was_ignored_is_not_said_to_have_run() {
        let none = ("no check ran".to_owned(), "No check ran: all checks were ignored.".to_owned());
        assert_eq!(with_ignored(|_| true), none);
        let (_, one) = with_ignored(|name| name != "unsupported_major_version");
        assert_eq!(one, "All checks ran, except those that were ignored.");
    }

    #[test]
    fn a_table_without_rows_is_left_out() {
        let table = |rows: Vec<Vec<Quantity>>| Block::Table(Table::new("t", &[("a", "a")], rows));
        let shown = Item::of("x", [table(Vec::new()), table(vec![vec!["a".into()]])]);
        assert!(matches!(shown.as_slice(), [Item::Block { anchor, .. }] if anchor == "x-2"), "{shown:?}");
    }
}
