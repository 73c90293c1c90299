//! Tables and indexes as blocks.

use pgdba_pg::Bytes;

use crate::diff::{Presence, Rate, RelationDiff, RelationFigures, Relations};
use crate::format::{Block, Cell, Quantity, Table, Tone};

/// Tables and indexes that are shown; the data contain all.
const SHOWN: usize = 20;

/// A change of size that is shown: a megabyte, and a tenth of the former size.
const MIN_BYTES: i64 = 1 << 20;

/// A change of the number of dead rows that is shown.
const MIN_DEAD: i64 = 1000;

pub(super) fn blocks(relations: &Relations) -> Vec<Block> {
    let heading = Block::heading("Tables and indexes");
    if let Some(reason) = &relations.missing {
        return vec![heading, Block::paragraph(format!("Tables and indexes are not compared: {reason}."))];
    }
    let tables: Vec<&RelationDiff> = relations.tables.iter().filter(|one| is_notable(one)).collect();
    let indexes: Vec<&RelationDiff> = relations.indexes.iter().filter(|one| is_notable(one)).collect();
    let lead = match (tables.len(), indexes.len()) {
        (0, 0) => "No table or index is new, dropped, much larger or much smaller.".to_owned(),
        (tables, indexes) => format!(
            "{} and {} are new, dropped, or changed in size, dead rows or use.",
            pgdba_pg::display::counted(tables, "table", "tables"),
            pgdba_pg::display::counted(indexes, "index", "indexes")
        ),
    };
    let unread = relations.unread_databases.iter().map(|name| {
        format!("Only one of the snapshots contains database {name}, so its tables and indexes are not compared.")
    });
    vec![
        heading,
        Block::paragraph(lead),
        Block::Table(table("Tables", &tables, true)),
        Block::Table(table("Indexes", &indexes, false)),
        Block::list(unread),
    ]
}

fn is_notable(one: &RelationDiff) -> bool {
    let former = one.before.as_ref().and_then(|figures| figures.bytes).unwrap_or(0);
    let has_grown = one.growth().is_some_and(|growth| growth.abs() >= MIN_BYTES && growth.abs() >= former / 10);
    let has_more_dead = one.more_dead_rows().is_some_and(|rows| rows.abs() >= MIN_DEAD);
    one.presence != Presence::Kept || has_grown || has_more_dead || is_no_longer_scanned(one)
}

/// Whether an index was scanned in the first window and not in the second.
fn is_no_longer_scanned(one: &RelationDiff) -> bool {
    let scans = |figures: &Option<RelationFigures>| figures.as_ref().and_then(|figures| figures.scans.per_second());
    let is_index = one.table.is_some();
    is_index && scans(&one.before) > Some(0.0) && scans(&one.after) == Some(0.0)
}

fn table(caption: &str, all: &[&RelationDiff], is_of_tables: bool) -> Table {
    let rows = all.iter().take(SHOWN).map(|one| row(one, is_of_tables));
    let mut columns = vec![
        ("name", if is_of_tables { "table" } else { "index" }),
        ("change", "change"),
        ("size_before", "size before"),
        ("size_after", "size after"),
        ("growth", "growth"),
        ("scans_before", "scans before"),
        ("scans_after", "scans after"),
    ];
    columns.extend(if is_of_tables {
        [("dead_before", "dead before"), ("dead_after", "dead after")].as_slice()
    } else {
        &[("table", "table")]
    });
    let mut table = Table::whole(caption, &columns, rows);
    table.hidden = all.len().saturating_sub(SHOWN) as u64;
    table
}

fn row(one: &RelationDiff, is_of_tables: bool) -> Vec<Cell> {
    let (word, tone) = match one.presence {
        Presence::Dropped => ("dropped", Some(Tone::Removed)),
        Presence::New => ("new", Some(Tone::Added)),
        Presence::CreatedAgain => ("created again", None),
        Presence::Kept if is_no_longer_scanned(one) => ("not scanned", None),
        Presence::Kept => ("", None),
    };
    let mut cells = vec![
        Cell::from(one.label.clone()),
        Cell::from(word).with_tone(tone),
        Cell::from(size(one.before.as_ref())),
        Cell::from(size(one.after.as_ref())),
        Cell::from(growth(one)),
        Cell::from(scans(one.before.as_ref())),
        Cell::from(scans(one.after.as_ref())),
    ];
    if is_of_tables {
        let dead = |figures: Option<&RelationFigures>| Cell::from(figures.and_then(|figures| figures.dead_rows));
        cells.extend([dead(one.before.as_ref()), dead(one.after.as_ref())]);
    } else {
        cells.push(Cell::from(one.table.as_deref()));
    }
    cells
}

fn size(figures: Option<&RelationFigures>) -> Quantity {
    match figures.and_then(|figures| Some((figures.bytes?, figures.is_measured))) {
        Some((bytes, true)) => Quantity::Bytes(bytes),
        Some((bytes, false)) => Quantity::EstimatedBytes(bytes),
        None => Quantity::Unknown,
    }
}

fn growth(one: &RelationDiff) -> Quantity {
    let Some(growth) = one.growth() else { return Quantity::Unknown };
    let sign = if growth > 0 {
        "+"
    } else if growth < 0 {
        "−"
    } else {
        ""
    };
    let bytes = pgdba_pg::display::bytes(Bytes(growth.saturating_abs()));
    Quantity::Text(format!("{sign}{bytes}"))
}

fn scans(figures: Option<&RelationFigures>) -> Quantity {
    figures.and_then(|figures| Rate::per_second(&figures.scans)).map_or(Quantity::Unknown, Quantity::PerSecond)
}
