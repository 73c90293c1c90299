//! How to make the server record statements.

use pgdba_pg::quote::{quote_identifier, quote_literal};

use super::TOPIC;
use crate::engine::proposal::{Route, route};
use crate::facts::settings::{Configured, Files};
use crate::facts::statements::{Obstacle, Tracking};
use crate::facts::{Beside, Facts, View};

/// The parameter that lists the libraries to load at the start.
const LIBRARIES: &str = "shared_preload_libraries";
const LIBRARY: &str = "pg_stat_statements";

/// What to do so that statements can be read; none if they can, or if the snapshot does not show why not.
#[must_use]
pub fn hint(facts: &Facts<'_>) -> Option<String> {
    if facts.statements().is_ok() {
        return None;
    }
    let view = View::new(facts, Beside::default(), TOPIC.reads);
    let tracking = view.tracking().ok()?;
    let database = facts.cluster().database;
    let in_database = database.map(|name| format!(" in database {}", quote_identifier(&name))).unwrap_or_default();
    Some(match tracking.obstacle()? {
        Obstacle::NotLoaded { is_created } => {
            let create = match is_created {
                true => String::new(),
                false => format!(", then run{in_database}: CREATE EXTENSION {LIBRARY};"),
            };
            format!("{}{create}", load(&view, tracking))
        }
        Obstacle::NotCreated => format!(
            "The library is loaded. As superuser, run{in_database}: CREATE EXTENSION {LIBRARY}; or connect to a database \
             that has the extension: it shows the statements of all databases."
        ),
        Obstacle::Refused => {
            "Grant the collecting role USAGE on the extension's schema and EXECUTE on its function, and pg_read_all_stats \
             (part of pg_monitor) to see the statements of other roles."
                .to_owned()
        }
        Obstacle::TooOld => format!("Run{in_database}: ALTER EXTENSION {LIBRARY} UPDATE;"),
    })
}

/// How the library is loaded on this server, up to the restart.
fn load(view: &View<'_>, tracking: &Tracking) -> String {
    let configured = view.configured().ok();
    if configured.and_then(Configured::files).is_some_and(is_in_files) {
        return format!("{LIBRARIES} in the configuration files includes {LIBRARY} already. Restart the server");
    }
    let surroundings = view.surroundings().ok().cloned().unwrap_or_default();
    let wanted = |separator: &str, quote: fn(&str) -> String| {
        let present = tracking.libraries.iter().flatten().map(String::as_str);
        present.chain([LIBRARY]).map(quote).collect::<Vec<_>>().join(separator)
    };
    let kept = match tracking.libraries {
        Some(_) => "",
        None => ", together with the libraries that are in it already",
    };
    let add = format!("Add {LIBRARY} to {LIBRARIES}");
    match route(configured, &surroundings, LIBRARIES) {
        Route::Service(service) => {
            format!("{add} in the parameter group or the console of {service}{kept}, restart the server")
        }
        Route::PatroniMember => format!(
            "Run ALTER SYSTEM RESET {LIBRARIES} on this member, which overrides Patroni; add {LIBRARY} to {LIBRARIES} in Patroni's \
             dynamic configuration{kept} with patronictl edit-config, restart the members with patronictl restart"
        ),
        Route::Patroni => format!(
            "{add} in Patroni's dynamic configuration{kept} (patronictl edit-config --pg {LIBRARIES}={}), restart the \
             members with patronictl restart",
            wanted(",", str::to_owned)
        ),
        Route::CommandLine => format!("{add} on the command line that starts the server{kept}, restart it"),
        // The values of a list must not be in one pair of quotes: they would be the name of one library.
        Route::AlterSystem | Route::Override(_) if tracking.libraries.is_some() => {
            format!("Run ALTER SYSTEM SET {LIBRARIES} = {}; restart the server", wanted(", ", quote_literal))
        }
        Route::AlterSystem | Route::Override(_) => format!("{add}{kept}, restart the server"),
    }
}

fn is_in_files(files: &Files) -> bool {
    let line = files.last(LIBRARIES).and_then(|line| line.setting.as_deref());
    line.is_some_and(|list| list.split(',').any(|name| name.trim().trim_matches(['"', '\'']) == LIBRARY))
}
