//! The psql script: the collection without a binary, for plain `psql` 11 and newer.
//!
//! Made from the same declarations as the native collection, so a new section comes in by itself. The script writes the
//! document as it goes. Every query is framed so that the JSON stays valid whatever becomes of it: rows come first, all
//! of them or none, and whether the section is available is written behind them.

mod columns;
mod section;
mod value;

use std::fmt::Write;

use pgdba_pg::quote::quote_literal;

pub use self::columns::touched;
use crate::SectionSpec;
use crate::document::{FORMAT, FORMAT_VERSION};
use crate::guards::{BEGIN, COMMIT, MARK, SETTINGS, STATEMENT_SECONDS, Setting, UNCOUNTED};
use crate::guards::{is_hampered, is_method, set_config};
use crate::prerequisites;
use crate::section::VersionedBy;
use crate::sections;

/// What the script collects.
#[derive(Debug, Clone)]
pub struct Options {
    /// The sections, in the order of collection.
    pub sections: Vec<&'static SectionSpec>,
    /// At most this many statements of pg_stat_statements.
    pub statements: u32,
}

impl Options {
    /// Statements that are kept where nothing else is said.
    pub const STATEMENTS: u32 = 1000;
}

impl Default for Options {
    fn default() -> Self {
        Self { sections: sections::ALL.to_vec(), statements: Self::STATEMENTS }
    }
}

/// The oldest major version that the script runs on.
const OLDEST: i64 = 12;

/// The first version whose control file may identify a cluster.
const CONTROL_SINCE: i64 = 13;

/// The widest a comment may be, in characters.
const WIDTH: usize = 120;

/// The script.
#[must_use]
pub fn script(options: &Options) -> String {
    let mut text = head(options);
    // What is sampled is for a delta, which takes two looks at one server.
    for spec in options.sections.iter().filter(|spec| !spec.sampled) {
        text.push_str(&section::text(spec, options.statements));
    }
    text.push_str("\n\\qecho '},\"checksum\":null}'\n");
    text
}

fn head(options: &Options) -> String {
    let versions = server_versions(options);
    let flags: Vec<String> = versions
        .iter()
        .map(|major| {
            let number = major * 10_000;
            format!("pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= {number} as from_{major}")
        })
        .collect();
    let ascii = set_config("client_encoding", "SQL_ASCII");
    let (_, track, none) = UNCOUNTED;
    // What is replaced last may hold what was replaced before, and not the other way round.
    include_str!("head.sql")
        .replace("{{prerequisites}}", &prerequisites(options))
        .replace("{{verbs}}", &value::verbs())
        .replace("{{prefix_words}}", &value::prefix_words())
        .replace("{{no_statement}}", &in_psql_quotes(&value::no_statement()))
        .replace("{{secret_settings}}", &in_psql_quotes(&value::secret_settings()))
        .replace("{{guards}}", &first_guards())
        .replace("{{later_guards}}", &later_guards())
        .replace("{{methods}}", &methods())
        .replace("{{is_hampered}}", &is_hampered())
        .replace("{{ascii_guard}}", &in_psql_quotes(&ascii))
        .replace("{{uncounted_guard}}", &in_psql_quotes(&set_config(track, none)))
        .replace("{{server_versions}}", &flags.join(",\n       "))
        .replace("{{control_since}}", &(CONTROL_SINCE * 10_000).to_string())
        .replace("{{now}}", &in_psql_quotes(&now()))
        .replace("{{begin}}", BEGIN)
        .replace("{{commit}}", COMMIT)
        .replace("{{mark}}", MARK)
        .replace("{{statements}}", &options.statements.to_string())
        .replace("{{format}}", FORMAT)
        .replace("{{format_version}}", &FORMAT_VERSION.to_string())
        .replace("{{version}}", env!("CARGO_PKG_VERSION"))
}

/// The server's clock as a JSON string, in milliseconds.
fn now() -> String {
    let time = "pg_catalog.date_trunc('milliseconds', pg_catalog.clock_timestamp())";
    format!("pg_catalog.to_json({})", value::rfc3339(time))
}

/// Inside the single quotes of a psql command.
fn in_psql_quotes(text: &str) -> String {
    text.replace('\'', "''")
}

fn first_guards() -> String {
    let seconds = format!("{STATEMENT_SECONDS}s");
    let oldest = SETTINGS.iter().filter(|setting| setting.0 <= OLDEST && !is_method(setting));
    let oldest = oldest.map(|(_, name, value)| (*name, *value));
    let mut text = String::new();
    for (place, (name, value)) in oldest.chain([("statement_timeout", seconds.as_str())]).enumerate() {
        let call = in_psql_quotes(&set_config(name, value));
        // Writing to a String cannot fail.
        let _ = match place {
            0 => writeln!(text, "\\set pgdba_guards 'select {MARK} {call}'"),
            _ => writeln!(text, "\\set pgdba_guards :pgdba_guards ', {call}'"),
        };
    }
    text.trim_end().to_owned()
}

/// What gives the planner all its methods.
fn methods() -> String {
    let line = |(_, name, value): &Setting| {
        format!("\\set pgdba_guards :pgdba_guards ', {}'\n", in_psql_quotes(&set_config(name, value)))
    };
    SETTINGS.iter().filter(|setting| is_method(setting)).map(line).collect::<String>().trim_end().to_owned()
}

fn later_guards() -> String {
    let later = SETTINGS.iter().filter(|(since, ..)| *since > OLDEST);
    let line = |(since, name, value): &Setting| {
        let call = in_psql_quotes(&set_config(name, value));
        format!("\\if :pgdba_from_{since}\n\\set pgdba_guards :pgdba_guards ', {call}'\n\\endif\n")
    };
    later.map(line).collect::<String>().trim_end().to_owned()
}

/// Every major version that something of the script depends on.
fn server_versions(options: &Options) -> Vec<i64> {
    let of_sections = options.sections.iter().flat_map(|spec| {
        let privileged = spec.privileged.iter().flat_map(|more| more.sql);
        let variants = spec.sql.iter().chain(privileged).map(|(from, _)| *from);
        let variants = variants.filter(|_| spec.versioned_by == VersionedBy::Server);
        variants.chain([spec.since])
    });
    let mut versions: Vec<i64> = of_sections.chain(SETTINGS.iter().map(|(since, ..)| *since)).chain([OLDEST]).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// Asks for the extensions that sections depend on: as members of the document, and what chooses their queries.
fn prerequisites(options: &Options) -> String {
    let sql = prerequisites::SQL.trim();
    let mut text = format!(
        "-- {rule}\n-- Extensions that sections depend on\n--\n\
         -- Why: sections that require an extension are read only if it is installed and its functions belong to it.\n\
         -- {rule}\n\
         {BEGIN};\n:pgdba_guards \\gset pgdba_\n\
         select {MARK} pg_catalog.json_agg(pg_catalog.json_build_object('name', p.name, 'available', p.error is null,\n         \
         'version', p.version, 'error', p.error)) as prereqs\nfrom (\n{sql}\n) as p\n\\gset pgdba_\n{COMMIT};\n",
        rule = "-".repeat(WIDTH - 3),
    );
    for extension in extensions(options) {
        text.push_str(&prerequisite(options, extension, sql));
    }
    text
}

fn extensions(options: &Options) -> Vec<&'static str> {
    let mut names: Vec<&str> = options
        .sections
        .iter()
        .filter_map(|spec| match spec.versioned_by {
            VersionedBy::Server => None,
            VersionedBy::Extension(extension) => Some(extension),
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn prerequisite(options: &Options, extension: &'static str, sql: &str) -> String {
    let of_extension = options.sections.iter().filter(|spec| spec.versioned_by == VersionedBy::Extension(extension));
    let mut numbers: Vec<i64> = of_extension.flat_map(|spec| spec.sql.iter().map(|(from, _)| *from)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let flags: String = numbers
        .iter()
        .map(|number| format!(",\n       coalesce(x.number >= {number}, false) as from_{number}"))
        .collect();
    let unknown = format!("could not determine whether the extension {extension} is installed");
    let name = quote_literal(extension);
    format!(
        "\\set pgdba_{extension}_error '{unknown}'\n\
         \\set pgdba_{extension}_version ''\n\
         \\set pgdba_{extension}_number 0\n\
         \\set pgdba_{extension}_schema ''\n\
         {BEGIN};\n:pgdba_guards \\gset pgdba_\n\
         select {MARK} coalesce(x.error, case when x.number is null\n                              \
         then pg_catalog.concat('unrecognized version \"', x.version, '\" of the extension') end, '') as error,\n       coalesce(x.version, '') as version, coalesce(x.number, 0) as number, coalesce(x.schema, '') as schema{flags}\nfrom (select p.*, case when p.version ~ '^[0-9]+[.][0-9]{{1,2}}$'\n                       then pg_catalog.split_part(p.version, '.', 1)::pg_catalog.int4 * 100\n                            + pg_catalog.split_part(p.version, '.', 2)::pg_catalog.int4 end as number\n      from (\n{sql}\n      ) as p where p.name = {name}) as x\n\\gset pgdba_{extension}_\n{COMMIT};\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_filled_and_the_text_is_ascii() {
        let script = script(&Options::default());
        assert!(!script.contains("{{") && !script.contains("}}"), "a placeholder is left");
        assert!(script.is_ascii());
        assert!(script.lines().filter(|line| line.starts_with("--")).all(|line| line.len() <= WIDTH + 3));
    }

    #[test]
    fn every_section_is_there_with_its_reason() {
        let script = script(&Options::default());
        for spec in sections::ALL.iter().filter(|spec| !spec.sampled) {
            assert!(script.contains(&format!("\n-- {}\n--\n", spec.name)), "{}", spec.name);
            assert!(script.contains(&format!("'\"{}\":{{'", spec.name)), "{}", spec.name);
            assert!(spec.why.ends_with(['.']), "{}", spec.name);
        }
    }

    #[test]
    fn fewer_sections_make_a_shorter_script() {
        let system = sections::find("system").into_iter().collect();
        let script = script(&Options { sections: system, statements: 7 });
        assert!(script.contains("\n-- system\n") && !script.contains("\n-- pg_class\n"));
        assert!(!script.contains("pgdba_pg_stat_statements"), "nothing of the extension is asked for");
    }

    #[test]
    fn nothing_can_leave_the_transaction_or_the_program() {
        let script = script(&Options::default());
        let commands = script
            .lines()
            .filter_map(|line| line.strip_prefix('\\'))
            .map(|line| line.split_whitespace().next().unwrap_or_default());
        let allowed = ["set", "unset", "timing", "pset", "if", "elif", "else", "endif", "gset", "qecho"];
        for command in commands {
            assert!(allowed.contains(&command), "\\{command}");
        }
        let begun = script.lines().filter(|line| line.starts_with(BEGIN)).count();
        let guarded = script.lines().filter(|line| *line == ":pgdba_guards \\gset pgdba_").count();
        let ended = script.lines().filter(|line| line.strip_suffix(';') == Some(COMMIT)).count();
        assert_eq!((begun, begun), (guarded, ended));
    }
    #[test]
    fn every_statement_bears_the_mark() {
        let mut is_first = true;
        let mut seen = 0;
        for line in script(&Options::default()).lines() {
            let is_command = line.starts_with('\\');
            if !is_command && !line.is_empty() && !line.starts_with("--") {
                let is_variable = [":pgdba_guards ", ":pgdba_explain "].iter().any(|name| line.starts_with(name));
                let is_marked = line.split_once(' ').is_some_and(|(_, rest)| rest.starts_with(MARK));
                assert!(!is_first || is_variable || is_marked, "{line}");
                seen += u32::from(is_first);
                is_first = false;
            }
            is_first |= is_command || line.ends_with(';') || line.contains(" \\gset");
        }
        assert!(seen > 200, "{seen}");
        let variables = script(&Options::default());
        for begin in ["\\set pgdba_guards 'select ", "\\set pgdba_explain 'select "] {
            assert!(variables.contains(&format!("{begin}{MARK} ")), "{begin}");
        }
    }
}
