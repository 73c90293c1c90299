//! Who takes the time.

use pgdba_pg::{Bytes, Millis, Ratio, display};

use super::{Shown, Topic, largest_first, number_of};
use crate::facts::statements::Statement;
use crate::facts::{View, declared};
use crate::{Bar, Block, Chart, Checked, Quantity, Table};

/// Characters of a statement's text that a table shows.
const MAX_TEXT: usize = 160;

/// Characters of it that a chart shows.
const MAX_LABEL: usize = 40;

/// Share of the execution time below which a statement is not worth a row.
const MIN_SHARE: Ratio = Ratio(0.0005);

/// Statements by execution time.
pub static TOPIC: Topic =
    Topic { name: "queries", title: "Queries", reads: &[&declared::statements, &declared::system], show };

fn show(view: &View<'_>) -> Checked<Shown> {
    let recorded = view.statements()?;
    let block_size = view.system().ok().and_then(|system| system.block_size);
    let mut statements: Vec<&Statement> = recorded.all.iter().collect();
    largest_first(&mut statements, |statement| statement.share);
    let bars = statements.iter().map(|s| Bar::new(one_line(s, MAX_LABEL), s.share)).collect();
    let worth_a_row = |statement: &&&Statement| statement.share.is_some_and(|share| share >= MIN_SHARE);
    let rows: Vec<&&Statement> = statements.iter().filter(worth_a_row).collect();
    let rows = rows.into_iter().map(|statement| row(statement, block_size));
    let columns = [
        ("query", "query"),
        ("calls", "calls"),
        ("total_time", "total time"),
        ("share", "share"),
        ("mean_time", "mean time"),
        ("rows_per_call", "rows per call"),
        ("cache_hit", "cache hit"),
        ("temporary_files", "temporary files"),
    ];
    let chart = Chart::shares("Share of execution time", bars).map(Block::Chart);
    let table = Block::Table(Table::new("Statements by execution time", &columns, rows));
    Ok(Shown { lead: lead(&statements, recorded.total_exec_time), blocks: chart.into_iter().chain([table]).collect() })
}

fn lead(statements: &[&Statement], total: f64) -> String {
    let Some(first) = statements.first() else { return "No statements are recorded.".to_owned() };
    let largest = first.share.map(|share| format!("; the first one took {}", display::percent(share)));
    format!(
        "{} took {} in total{}.",
        display::counted(number_of(statements), "recorded statement", "recorded statements"),
        display::duration(Millis(total)),
        largest.unwrap_or_default(),
    )
}

fn row(statement: &Statement, block_size: Option<i64>) -> Vec<Quantity> {
    let row = &statement.row;
    let rows_per_call = row.rows.zip(row.calls).filter(|(_, calls)| *calls > 0);
    let pages = row.shared_blks_hit.zip(row.shared_blks_read);
    let written = row.temp_blks_written.zip(block_size);
    vec![
        one_line(statement, MAX_TEXT).into(),
        row.calls.into(),
        row.total_exec_time.map(Millis).into(),
        statement.share.into(),
        row.mean_exec_time.map(Millis).into(),
        rows_per_call.map_or(Quantity::Unknown, |(rows, calls)| Quantity::Number(rows as f64 / calls as f64)),
        pages.and_then(|(hit, read)| Ratio::of(hit, hit.saturating_add(read))).into(),
        written.map(|(blocks, size)| Bytes::from_pages(blocks, size)).into(),
    ]
}

fn one_line(statement: &Statement, longest: usize) -> String {
    if statement.is_hidden() {
        return "hidden from the role that collected the snapshot".to_owned();
    }
    let words: Vec<&str> = statement.row.query.as_deref().unwrap_or_default().split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
