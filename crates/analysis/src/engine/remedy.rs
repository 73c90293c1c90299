//! Remedies that many rules share.

use pgdba_pg::quote::quote_literal;

use crate::finding::{Effort, ParameterValue, Remedy};

/// Sets a parameter for the whole cluster: `ALTER SYSTEM`, then a reload or the word that a restart is needed. From this the
/// engine makes a [recommendation](crate::recommendation).
#[must_use]
pub fn set_parameter(name: &str, value: &str, effort: Effort, text: &str, impact: &str) -> Remedy {
    let apply = match effort {
        Effort::Restart => "-- then restart the server",
        Effort::Reload | Effort::Online | Effort::Project => "SELECT pg_reload_conf();",
    };
    Remedy {
        text: text.to_owned(),
        sql: Some(format!("ALTER SYSTEM SET {name} = {};\n{apply}", quote_literal(value))),
        effort,
        impact: Some(impact.to_owned()),
        undo: Some(format!("ALTER SYSTEM RESET {name};\n{apply}")),
        sets: Some(ParameterValue { parameter: name.to_owned(), value: value.to_owned() }),
    }
}
