//! Who takes the time.

use pgdba_pg::{Bytes, Millis, Ratio, display};
use pgdba_snapshot::sections::pg_stat_statements;

use super::{Topic, View, largest_first, number_of};
use crate::facts::statements::Statement;
use crate::{Bar, Detail, Facts, Quantity};

/// Characters of a statement's text that a table shows.
const MAX_TEXT: usize = 160;

/// Characters of it that a chart shows.
const MAX_LABEL: usize = 40;

/// Share of the execution time below which a statement is not worth a row.
const MIN_SHARE: Ratio = Ratio(0.0005);

/// Statements by execution time.
pub static TOPIC: Topic =
    Topic { name: "queries", title: "Queries", needs: &[&pg_stat_statements::SPEC], show };

fn show(facts: &Facts) -> View {
    let mut statements: Vec<&Statement> = facts.statements.all.iter().collect();
    largest_first(&mut statements, |statement| statement.share.0);
    let bars = statements.iter().map(|s| Bar::new(one_line(s, MAX_LABEL), s.share)).collect();
    let worth_a_row = statements.iter().filter(|statement| statement.share >= MIN_SHARE);
    let rows = worth_a_row.map(|statement| row(statement, facts.block_size));
    let columns = ["query", "calls", "total time", "share", "mean time", "rows per call", "found in cache", "temp written"];
    View {
        lead: lead(&statements, facts.statements.total_exec_time),
        details: Detail::shares("Share of execution time", bars)
            .into_iter()
            .chain([Detail::table("Statements by execution time", &columns, rows)])
            .collect(),
    }
}

fn lead(statements: &[&Statement], total: f64) -> String {
    let Some(first) = statements.first() else { return "No statement is recorded.".to_owned() };
    format!(
        "{} took {} in all; the first one took {} of it.",
        display::counted(number_of(statements), "recorded statement", "recorded statements"),
        display::duration(Millis(total)),
        display::percent(first.share),
    )
}

fn row(statement: &Statement, block_size: i64) -> Vec<Quantity> {
    let row = &statement.row;
    let rows_per_call = row.rows.zip(row.calls).filter(|(_, calls)| *calls > 0);
    let pages = row.shared_blks_hit.zip(row.shared_blks_read);
    let pages = pages.map(|(hit, read)| (hit, hit.saturating_add(read))).filter(|(_, all)| *all > 0);
    vec![
        one_line(statement, MAX_TEXT).into(),
        row.calls.into(),
        row.total_exec_time.map(Millis).into(),
        statement.share.into(),
        row.mean_exec_time.map(Millis).into(),
        rows_per_call.map_or(Quantity::Unknown, |(rows, calls)| Quantity::Number(rows as f64 / calls as f64)),
        pages.map(|(hit, all)| Ratio::of(hit, all)).into(),
        row.temp_blks_written.map(|blocks| Bytes::from_pages(blocks, block_size)).into(),
    ]
}

fn one_line(statement: &Statement, longest: usize) -> String {
    if statement.is_hidden() {
        return "hidden from the role that collected".to_owned();
    }
    let words: Vec<&str> = statement.row.query.as_deref().unwrap_or_default().split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
