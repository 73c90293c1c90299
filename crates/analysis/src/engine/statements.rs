//! What rules about statements show of them.

use std::cmp::Reverse;

use super::about::About;
use crate::facts::statements::Statement;
use crate::format::{Block, Figure};

/// Queries whose texts are shown.
const SHOWN: usize = 5;

/// The statement as a subject, with `figures` and those that all rules show of it.
pub fn about(statement: &Statement, figures: impl IntoIterator<Item = Figure>) -> About {
    About::new(statement.subject(), statement.share)
        .figures(figures)
        .figures([
            Figure::new("share_of_execution_time", statement.share),
            Figure::new("calls", statement.row.calls),
            Figure::new("mean_time", statement.mean_time()),
            Figure::new("database", statement.row.datname.clone()),
        ])
        .figures(statement.growth.figure("calls_in_window", "calls over the delta", |row| row.calls))
}

/// The texts of the statements that take the largest shares, each once.
pub fn texts<'s>(statements: impl Iterator<Item = &'s Statement>) -> Vec<Block> {
    let mut statements: Vec<&Statement> = statements.collect();
    // A share is compared as parts of a million.
    statements.sort_by_key(|statement| Reverse(statement.share.map(|share| (share.0 * 1e6) as i64)));
    let mut texts: Vec<(&str, Vec<String>)> = Vec::new();
    for statement in statements {
        let Some(text) = statement.row.query.as_deref() else { continue };
        let subject = statement.subject().to_string();
        match texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, subjects)) if subjects.contains(&subject) => {}
            Some((_, subjects)) => subjects.push(subject),
            None => texts.push((text, vec![subject])),
        }
    }
    let shown = texts.into_iter().take(SHOWN);
    shown.map(|(text, subjects)| Block::sql(format!("Query {}", subjects.join(", ")), text)).collect()
}
