//! The parameters of a server, as `pg_settings` declares them.

use pgdba_pg::parameter::{Declaration, Kind};
use xtask::servers::Server;

/// One row of `pg_settings`.
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) context: String,
    pub(super) vartype: String,
    pub(super) kind: Kind,
}

/// Every parameter that `pg_settings` shows.
pub(super) fn parameters(server: &Server) -> Vec<Parameter> {
    let columns = "select name, context, vartype, unit, min_val, max_val, array_to_string(enumvals, '|')
                   from pg_settings order by name";
    let rows = server.query("postgres", columns).unwrap();
    rows.into_iter().map(|row| parameter(&row, server.major())).collect()
}

fn parameter(row: &[Option<String>], major: u32) -> Parameter {
    let column = |position: usize| row[position].as_deref();
    let enumvals: Vec<String> = column(6).unwrap_or("").split('|').map(str::to_owned).collect();
    let declared = Declaration {
        name: column(0).unwrap(),
        vartype: column(2).unwrap(),
        unit: column(3),
        min_val: column(4),
        max_val: column(5),
        enumvals: &enumvals,
        major: i64::from(major),
    };
    Parameter {
        name: declared.name.to_owned(),
        context: column(1).unwrap().to_owned(),
        vartype: declared.vartype.to_owned(),
        kind: Kind::of(&declared),
    }
}
