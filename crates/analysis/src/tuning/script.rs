//! Recommendations as a text that a server takes.

use pgdba_pg::parameter::{Source, is_list_quoted, split_list};
use pgdba_pg::quote::quote_literal;

use crate::format::Recommendation;
use crate::format::recommendation::Route;

/// Lines of `postgresql.conf`. What is set elsewhere is a comment.
#[must_use]
pub fn conf(recommendations: &[Recommendation]) -> String {
    lines(recommendations, |wanted| format!("{} = {}", wanted.parameter, quoted(&wanted.recommended)), "#")
}

/// `ALTER SYSTEM` statements, and what brings them into force. What is set elsewhere is a comment.
#[must_use]
pub fn sql(recommendations: &[Recommendation], major: i64) -> String {
    let statement = |wanted: &Recommendation| {
        format!("ALTER SYSTEM SET {} = {};", wanted.parameter, literal(&wanted.parameter, &wanted.recommended, major))
    };
    let mut text = lines(recommendations, statement, "--");
    let mut possible = recommendations.iter().filter(|wanted| elsewhere(&wanted.route).is_none()).peekable();
    if possible.peek().is_some() {
        text.push_str("SELECT pg_reload_conf();\n");
    }
    let restart: Vec<&str> =
        possible.filter(|wanted| wanted.needs_restart).map(|wanted| wanted.parameter.as_str()).collect();
    if !restart.is_empty() {
        let verb = if restart.len() == 1 { "requires" } else { "require" };
        text.push_str(&format!("-- Then restart the server, which {} {verb}.\n", restart.join(", ")));
    }
    text
}

fn lines(recommendations: &[Recommendation], line: impl Fn(&Recommendation) -> String, comment: &str) -> String {
    let lines = recommendations.iter().map(|wanted| match elsewhere(&wanted.route) {
        None => line(wanted),
        Some(place) => format!("{comment} {} = {}: set it {place}", wanted.parameter, quoted(&wanted.recommended)),
    });
    lines.map(|line| line + "\n").collect()
}

/// Where a parameter is set that neither these lines nor these statements change, as the end of a sentence.
fn elsewhere(route: &Route) -> Option<String> {
    match route {
        Route::AlterSystem => None,
        Route::CommandLine => Some("on the server's command line, which overrides the files".to_owned()),
        Route::Override(source) => Some(format!("with {}, which overrides the files", statement(source))),
        Route::Patroni => Some("in Patroni's dynamic configuration".to_owned()),
        Route::PatroniMember => {
            Some("in Patroni's dynamic configuration, after ALTER SYSTEM RESET on this member".to_owned())
        }
        Route::Service(service) => Some(format!("in the parameter group or the console of {service}")),
    }
}

/// The statement that makes the values of a source.
fn statement(source: &str) -> &'static str {
    Source::parse(source).and_then(Source::statement).unwrap_or("ALTER ROLE")
}

/// A value of `postgresql.conf`; a quote in it is doubled, and a backslash too.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// A value of `ALTER SYSTEM`: each element of a list by itself, because the server would quote the whole as one element.
fn literal(parameter: &str, value: &str, major: i64) -> String {
    let elements = is_list_quoted(parameter, major).then(|| split_list(value, false)).flatten();
    match elements {
        Some(elements) if !elements.is_empty() => {
            elements.iter().map(|element| quote_literal(element)).collect::<Vec<_>>().join(", ")
        }
        _ => quote_literal(value),
    }
}
