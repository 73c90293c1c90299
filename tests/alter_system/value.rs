//! Whether a text is a value: the server's answer against the one that is worked out.

use pgdba_change::auto_conf::Alter;
use pgdba_pg::parameter::{Kind, Value, ValueError, cannot_be_altered, check_rule, is_shown_as, parse};
use pgdba_pg::quote::quote_literal;
use xtask::servers::{MAJORS, Server};

use super::catalogue::{Parameter, parameters};
use super::{run_all, server};

/// Texts for every parameter that takes no free text.
const TEXTS: [&str; 52] = [
    "",
    " ",
    "on",
    "ON",
    "of",
    "o",
    "tr",
    "Yes",
    "n",
    "1",
    "0",
    "01",
    " 1",
    "1 ",
    "-1",
    "+2",
    "7",
    "100",
    "010",
    "08",
    "0x10",
    "0x1F",
    "0x",
    "1.5",
    "2.5",
    "0.5",
    ".5",
    " .5",
    "-.5",
    "5.",
    ".",
    "1e1",
    "1e",
    "5e-1",
    "1e400",
    "1e-400",
    "0x1.8p1",
    "inf",
    "-Infinity",
    "nan",
    "99999999999",
    "99999999999999999999",
    "1_000",
    "1,5",
    "5x",
    "1 2",
    "0b1",
    "debug",
    "archive",
    "auto",
    "replica",
    "md5",
];

/// Texts with a unit.
const WITH_UNIT: [&str; 33] = [
    "64MB",
    "64 MB",
    "64\tMB ",
    "64mb",
    "64M",
    "64 M B",
    "1GB",
    "0.5GB",
    "1.1GB",
    "30.1GB",
    "1TB",
    "65536kB",
    "100B",
    "1000000B",
    "12345678.9kB",
    "0x10MB",
    "1e2MB",
    "-1MB",
    "30s",
    "1.5min",
    "100ms",
    "1500us",
    "0.001s",
    "1d",
    "24h",
    "1.3d",
    "1.7h",
    "2S",
    "10 min ",
    "10mins",
    "1e3ms",
    "3hh",
    "1 d 2",
];

/// Texts at and beyond the limits.
pub(super) fn limits(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Integer { min, max, .. } => [*min, min - 1, *max, max + 1].map(|limit| limit.to_string()).to_vec(),
        Kind::Real { min, max, .. } => vec![min.to_string(), (min - 1.0).to_string(), format!("{max:e}")],
        Kind::Enum { values, .. } => values.iter().flat_map(|word| [word.clone(), word.to_uppercase()]).collect(),
        _ => Vec::new(),
    }
}

/// Texts for a parameter. `all` where they are tried in one session; one in four where each takes a statement that writes a file.
fn texts(kind: &Kind, all: bool) -> Vec<String> {
    let with_unit: &[&str] = match kind {
        Kind::Integer { .. } | Kind::Real { .. } => &WITH_UNIT,
        _ => &[],
    };
    let common = TEXTS.iter().chain(with_unit).step_by(if all { 1 } else { 4 });
    common.map(|&text| text.to_owned()).chain(limits(kind)).collect()
}

/// A parameter, a text, and what the server made of it: the value it shows where it can be tried, or the error.
struct Attempt<'a> {
    parameter: &'a Parameter,
    text: String,
    outcome: Result<Option<String>, String>,
}

/// Sets every text in a transaction of one session, and takes each back.
const TRY: &str = "
create table attempt(number int, name text, value text);
create function try_all() returns table (number int, shown text, failed text) language plpgsql as $$
declare each record;
begin
    for each in select * from attempt loop
        number := each.number; shown := null; failed := null;
        begin
            perform set_config(each.name, each.value, true);
            shown := current_setting(each.name);
            raise exception 'taken back';
        exception when others then
            if sqlerrm <> 'taken back' then failed := sqlerrm; end if;
        end;
        return next;
    end loop;
end $$";

fn attempts<'a>(server: &Server, all: &'a [Parameter]) -> Vec<Attempt<'a>> {
    // In a session that ends at the first error, or after a millisecond, nothing can be taken back.
    let in_session = |each: &Parameter| {
        matches!(each.context.as_str(), "user" | "superuser")
            && !["exit_on_error", "transaction_timeout"].contains(&each.name.as_str())
    };
    let is_tried = |each: &&Parameter| {
        !cannot_be_altered(&each.name, &each.context) && !matches!(each.kind, Kind::String | Kind::StringList { .. })
    };
    let pairs: Vec<_> = all
        .iter()
        .filter(is_tried)
        .flat_map(|each| texts(&each.kind, in_session(each)).into_iter().map(move |text| (each, text)))
        .collect();
    let (quick, slow): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(each, _)| in_session(each));

    server.execute("postgres", TRY).unwrap();
    let row = |(number, (each, text)): (usize, &(&Parameter, String))| {
        format!("({number}, {}, {})", quote_literal(&each.name), quote_literal(text))
    };
    let rows: Vec<_> = quick.iter().enumerate().map(row).collect();
    server.execute("postgres", &format!("insert into attempt values {}", rows.join(", "))).unwrap();
    let shown = server.query("postgres", "select shown, failed from try_all() order by number").unwrap();
    assert_eq!(shown.len(), quick.len());
    let quick = quick.into_iter().zip(shown).map(|((parameter, text), mut row)| {
        let failed = row.pop().unwrap();
        Attempt { parameter, text, outcome: failed.map_or(Ok(row.pop().unwrap()), Err) }
    });

    let sets: Vec<_> = slow
        .iter()
        .map(|(each, text)| Alter::Set { name: each.name.clone(), literals: vec![text.clone()] }.sql())
        .collect();
    let failed = run_all(server, &sets);
    let slow = slow.into_iter().zip(failed).map(|((parameter, text), failed)| Attempt {
        parameter,
        text,
        outcome: failed.map_or(Ok(None), Err),
    });
    quick.chain(slow).collect()
}

/// What is wrong with the answer that was worked out.
fn fault(attempt: &Attempt<'_>, major: u32) -> Option<String> {
    let Attempt { parameter: Parameter { name, kind, .. }, text, outcome } = attempt;
    let parsed = parse(kind, text).and_then(|value| check_rule(name, &value).map(|()| value));
    let wrong = |what: &str| Some(format!("{name} = {text:?}: {what}: {parsed:?} {outcome:?}"));
    match (&parsed, outcome) {
        (Err(_), Ok(_)) => wrong("refused, and the server takes it"),
        (Ok(Value::Unsure(_)), _) => None,
        (Ok(_), Ok(Some(shown))) if is_shown_as(name, i64::from(major), kind, text, shown) == Some(false) => {
            wrong("the server shows another value")
        }
        (Ok(_), Err(message)) if !is_beyond_us(name, message) => wrong("taken, and the server refuses it"),
        (Err(ValueError::OutOfRange { .. }), Err(message)) if !message.contains("outside the valid range") => {
            let is_beyond_all = message.contains("invalid value for parameter");
            if is_beyond_all { None } else { wrong("out of range for another reason") }
        }
        (Err(error), Err(message)) if message.contains("outside the valid range") => {
            if matches!(error, ValueError::OutOfRange { .. }) { None } else { wrong("the server says out of range") }
        }
        _ => None,
    }
}

/// What depends on the machine, on how the server was built, or on the sum of four parameters.
const BEYOND_US: [&str; 6] = [
    "autovacuum_max_workers",
    "bonjour",
    "max_connections",
    "max_stack_depth",
    "max_wal_senders",
    "max_worker_processes",
];

/// Refused for a reason that cannot be known from outside.
fn is_beyond_us(name: &str, message: &str) -> bool {
    BEYOND_US.contains(&name) && !message.contains("outside the valid range")
}

#[test]
fn a_text_is_a_value_where_the_server_takes_it() {
    let mut faults = Vec::new();
    for major in MAJORS {
        let server = server(major);
        let all = parameters(&server);
        let attempts = attempts(&server, &all);
        let taken = attempts.iter().filter(|attempt| attempt.outcome.is_ok()).count();
        assert!(taken > 2_000 && attempts.len() - taken > 2_000, "{major}: {taken} of {}", attempts.len());
        faults.extend(attempts.iter().filter_map(|each| Some(format!("{major}: {}", fault(each, major)?))));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
