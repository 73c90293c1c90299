//! The plan of one statement, as EXPLAIN shows it.

use crate::registry;

registry! { Plans:
    disk_sort,
    misestimate,
    rows_removed,
}
