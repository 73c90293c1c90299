//! What is asked before a section is read, and with which statement it is read.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::ServerVersion;
use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::guards::MARK;
use pgdba_snapshot::permission::limitation;
use pgdba_snapshot::psql::touched;
use pgdba_snapshot::section::VersionedBy;
use pgdba_snapshot::sections;

use crate::error::CollectError;
use crate::fault::Fault;
use crate::missing::Missing;
use crate::prerequisite::Prerequisite;
use crate::session::{Answer, Session};

/// The sections to collect, in the order of collection, whatever the order of `names`.
pub(crate) fn wanted(names: Option<&[String]>) -> Result<Vec<&'static SectionSpec>, CollectError> {
    let Some(names) = names else { return Ok(sections::ALL.to_vec()) };
    if let Some(unknown) = names.iter().find(|name| sections::find(name).is_none()) {
        return Err(CollectError::UnknownSection(unknown.clone()));
    }
    Ok(sections::ALL.iter().copied().filter(|spec| names.iter().any(|name| name == spec.name)).collect())
}

/// For what a section is read, which decides how much of it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The sample of a delta's beginning: the figures of everything, so that nothing seems new at the end.
    Beginning,
    /// A sample inside the window: figures only.
    Between,
    /// The section as the document shows it.
    Whole,
}

impl Extent {
    /// The most statements it asks for, where `statements` are kept.
    pub(crate) fn limit(self, statements: u32) -> u32 {
        if self == Self::Beginning { u32::MAX } else { statements }
    }

    /// Whether texts of statements are kept. They are read all the same: whether an identifier may be kept depends on them.
    pub(crate) fn has_texts(self) -> bool {
        self == Self::Whole
    }
}

/// The statement that reads `spec` from this server, or why there is none.
pub(crate) fn statement(
    spec: &SectionSpec,
    server: ServerVersion,
    prerequisites: &[Prerequisite],
    statements: u32,
    privileged: bool,
) -> Result<String, Missing> {
    let VersionedBy::Extension(extension) = spec.versioned_by else {
        let sql = spec.sql_for(server.major(), privileged).map(str::to_owned);
        return sql.ok_or(Missing::NotInVersion(server.major()));
    };
    let found = prerequisites.iter().find(|prerequisite| prerequisite.prereq.name == extension);
    let found = found.ok_or(Missing::ExtensionUnknown(extension))?;
    let sql = spec.sql_for(found.version()?, privileged).ok_or_else(|| {
        let version = found.prereq.version.clone().unwrap_or_default();
        Missing::ExtensionTooOld { extension, version }
    })?;
    let function = format!("{{{{{extension}}}}}");
    // The number first: the function's quoted name comes from the server and may hold anything.
    let sql = sql.replace("{{statements}}", &statements.to_string()).replace("{{mark}}", MARK);
    Ok(sql.replace(&function, &found.function()))
}

/// `sql`, which any role may run, without the texts of statements: the server keeps them in a file of its own.
pub(crate) fn without_texts(spec: &SectionSpec, sql: &str) -> Option<String> {
    let VersionedBy::Extension("pg_stat_statements") = spec.versioned_by else { return None };
    sql.contains("(true)").then(|| sql.replace("(true)", "(false)"))
}

/// What the server says before it is asked for the section itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Permission {
    /// Why the section cannot be read.
    pub(crate) refused: Option<Missing>,
    /// Whether the role may run the statement that reads more.
    pub(crate) privileged: bool,
    /// Why part of it is hidden.
    pub(crate) limited: Option<String>,
}

/// What the role may read of each section, by its name.
pub(crate) type Permissions = BTreeMap<&'static str, Permission>;

/// The server's own relations of which the role may read no column: somebody has taken them from it, or they are for superusers.
const UNREADABLE: &str = "\
pg_catalog.array_to_string(array(
  select c.relname from pg_catalog.pg_class c
  where c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace and c.relkind in ('r', 'v')
    and not pg_catalog.has_any_column_privilege(c.oid, 'SELECT')), ' ') as unreadable";

/// Asks whether the role may read `specs`, all at once: a refused statement would leave a line in the server's log.
pub(crate) async fn permissions(session: &mut Session, specs: &[&'static SectionSpec]) -> Result<Permissions, Fault> {
    let questions = specs.iter().enumerate().map(|(at, spec)| question(at, spec));
    let questions: Vec<String> = questions.chain([UNREADABLE.to_owned()]).collect();
    let answers = session.query(&format!("select {}", questions.join(",\n"))).await?;
    let answer = answers.first().ok_or(Fault::Answer("it did not report the privileges of the role".to_owned()))?;
    let unreadable = answer.text("unreadable").unwrap_or_default();
    let unreadable: BTreeSet<&str> = unreadable.split_whitespace().collect();
    let major = session.guard.major;
    let permission = |(at, spec): (usize, &&'static SectionSpec)| {
        let mut permission = permission(answer, at, spec);
        permission.refused = permission.refused.or_else(|| hindrance(spec, major, permission.privileged, &unreadable));
        (spec.name, permission)
    };
    Ok(specs.iter().enumerate().map(permission).collect())
}

/// The first relation that `spec` reads and that is among those that the role may not read, in a clause.
fn hindrance(spec: &SectionSpec, major: i64, privileged: bool, unreadable: &BTreeSet<&str>) -> Option<Missing> {
    // An extension's versions read the same relations.
    let version = if spec.versioned_by == VersionedBy::Server { major } else { i64::MAX };
    let (relations, _) = touched(spec.sql_for(version, privileged)?);
    let hidden = relations.into_iter().find(|name| unreadable.contains(name))?;
    Some(Missing::NoSelect(hidden.to_owned()))
}

fn permission(answer: &Answer, at: usize, spec: &SectionSpec) -> Permission {
    let privileged = answer.is(&format!("privileged_{at}"));
    let complete = answer.is(&format!("complete_{at}"));
    let hidden = spec.privileged.as_ref().filter(|_| !privileged).and_then(|more| more.otherwise).map(str::to_owned);
    let limited = spec.complete_with.filter(|_| !complete).map(limitation).or(hidden);
    let refused = answer.text(&format!("refused_{at}")).map(Missing::Refused);
    Permission { refused, privileged, limited }
}

fn question(at: usize, spec: &SectionSpec) -> String {
    let refused = spec.guard.unwrap_or("null::pg_catalog.text").trim_end();
    let complete = spec.complete_with.map_or("true".to_owned(), |role| {
        format!("pg_catalog.pg_has_role({}, 'USAGE')", pgdba_pg::quote::quote_literal(role))
    });
    let privileged = spec.privileged.as_ref().map_or("false", |more| more.when);
    format!("({refused}) as refused_{at}, {complete} as complete_{at}, {privileged} as privileged_{at}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keep_the_order_of_collection() {
        let names = ["pg_index".to_owned(), "system".to_owned()];
        let names: Vec<_> = wanted(Some(&names)).unwrap().iter().map(|spec| spec.name).collect();
        assert_eq!(names, ["system", "pg_index"]);
        assert_eq!(wanted(Some(&["pg_nothing".to_owned()])).unwrap_err().code(), "unknown_section");
        assert_eq!(wanted(None).unwrap().len(), sections::ALL.len());
    }

    #[test]
    fn no_placeholder_reaches_the_server() {
        let server = ServerVersion::from_major(18);
        for spec in sections::ALL.iter().filter(|spec| spec.versioned_by == VersionedBy::Server) {
            for privileged in [false, true] {
                let sql = statement(spec, server, &[], 10, privileged).unwrap();
                assert!(!sql.contains("{{"), "{}", spec.name);
            }
        }
    }

    #[test]
    fn the_privileged_statement_is_for_those_who_may_run_it() {
        let spec = sections::find("pg_stats").unwrap();
        let sql = |privileged| statement(spec, ServerVersion::from_major(18), &[], 10, privileged).unwrap();
        assert!(sql(true).contains("from pg_catalog.pg_statistic s"));
        assert!(sql(false).contains("from pg_catalog.pg_stats s"));
        let question = question(3, spec);
        assert!(
            question.ends_with(", pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT') as privileged_3")
        );
    }

    #[test]
    fn questions_ask_for_guard_and_role_at_once() {
        let spec = |name| sections::find(name).unwrap();
        assert_eq!(
            question(7, spec("pg_settings")),
            "(null::pg_catalog.text) as refused_7, \
             pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE') as complete_7, false as privileged_7"
        );
        assert!(question(0, spec("host")).ends_with(") as refused_0, true as complete_0, false as privileged_0"));
    }
}
