//! The order of rows that a server sorts by name: by token in a redacted document, by name again in a restored one.

use serde_json::Value;

/// Sorts each run of rows that differ in nothing that the server sorts by before the column `name`: database and table. `at` says
/// where a column is.
pub(super) fn by_name(rows: &mut [String], name: &str, at: &dyn Fn(&str) -> Option<usize>) {
    let Some(name) = at(name) else { return };
    let run: Vec<usize> = ["datname", "polrelid"].into_iter().filter_map(at).collect();
    let cells = |row: &String| serde_json::from_str::<Vec<Value>>(row).unwrap_or_default();
    let mut keyed: Vec<(Vec<Value>, String, String)> = rows
        .iter()
        .map(|row| {
            let cells = cells(row);
            let before = run.iter().map(|at| cells.get(*at).cloned().unwrap_or_default()).collect();
            let name = cells.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            (before, name, row.clone())
        })
        .collect();
    for run in keyed.chunk_by_mut(|one, other| one.0 == other.0) {
        run.sort_by(|one, other| one.1.cmp(&other.1));
    }
    for (row, (.., sorted)) in rows.iter_mut().zip(keyed) {
        *row = sorted;
    }
}
