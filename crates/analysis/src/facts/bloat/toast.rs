//! What is known of a TOAST table without statistics: how many of its chunks are dead, and a lower bound of its bloat.

use pgdba_pg::{Bytes, Ratio};

use super::catalog::Catalog;
use super::rows::Counted;
use super::table::{RESET, require_pages};
use crate::facts::relation::{RelationName, Size};
use crate::format::{Checked, NotAssessed};

/// A page holds at least so many chunks: the value is cut into chunks of which four fill a page.
const CHUNKS_PER_PAGE: f64 = 4.0;

/// A TOAST table.
#[derive(Debug, Clone)]
pub struct Toast {
    /// The table whose values it stores.
    pub table: RelationName,
    /// The size of its main file.
    pub size: Option<Size>,
    /// What is known of its bloat, or why nothing is.
    pub bloat: Checked<ToastBloat>,
}

/// The bloat of a TOAST table. The last chunk of each value is shorter, and nothing tells by how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToastBloat {
    /// The share of its chunks that are dead.
    pub dead: Ratio,
    /// The least share that VACUUM FULL of its table would return.
    pub low: Ratio,
    /// The same in bytes.
    pub wasted_low: Bytes,
}

/// The TOAST table of the table at this position.
pub(super) fn of(catalog: &Catalog<'_>, position: usize) -> Option<Toast> {
    let class = catalog.class(position)?;
    let toast = catalog.relations.position(class.datname.as_deref(), class.reltoastrelid?)?;
    let size = catalog.relations.size(toast)?;
    Some(Toast { table: catalog.relations.name(position)?, size: Some(size), bloat: bloat(catalog, toast, size) })
}

fn bloat(catalog: &Catalog<'_>, position: usize, size: Size) -> Checked<ToastBloat> {
    let pages = (size.bytes.0 as f64 / catalog.block_size).ceil();
    require_pages(pages)?;
    let class = catalog.class(position).ok_or_else(|| NotAssessed::because("the row in pg_class is missing"))?;
    let relpages = class.relpages.unwrap_or(0).max(0) as f64;
    let reltuples = class.reltuples.filter(|rows| *rows > 0.0 || (*rows == 0.0 && relpages > 0.0));
    let stat = catalog.counters(position);
    let rows = Counted { reltuples, relpages, pages, stat }.live();
    let rows = rows.filter(|rows| !rows.is_stale).ok_or_else(|| NotAssessed::because(RESET))?;
    let dead = stat.and_then(|stat| stat.n_dead_tup).filter(|_| class.is_rewritten != Some(true)).unwrap_or(0) as f64;
    let low = (1.0 - (rows.count * (1.0 + rows.band) / CHUNKS_PER_PAGE).ceil() / pages).clamp(0.0, 1.0);
    let all = rows.count + dead;
    Ok(ToastBloat {
        dead: Ratio(if all > 0.0 { dead / all } else { 0.0 }),
        low: Ratio(low),
        wasted_low: Bytes((low * size.bytes.0 as f64) as i64),
    })
}
