//! What a finding is about.

use std::fmt;

use pgdba_pg::quote::quote_identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of objects that findings are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// The whole cluster; it has no name.
    Cluster,
    /// A configuration parameter.
    Parameter,
    /// A database.
    Database,
    /// A schema.
    Schema,
    /// A table or materialized view.
    Table,
    /// An index.
    Index,
    /// A column; `table` names its table.
    Column,
    /// A constraint; `table` names its table.
    Constraint,
    /// A sequence.
    Sequence,
    /// A function or procedure.
    Function,
    /// An extension.
    Extension,
    /// A publication.
    Publication,
    /// A subscription.
    Subscription,
    /// A role.
    Role,
    /// A statement, by its query id.
    Query,
    /// A session, by its process id.
    Session,
    /// A prepared transaction, by its transaction id.
    PreparedTransaction,
    /// A replication slot.
    ReplicationSlot,
    /// A standby or subscriber that is connected, by its application name or the process id of its WAL sender.
    Standby,
    /// A file system, by the part of the cluster on it.
    FileSystem,
    /// A tablespace.
    Tablespace,
    /// A line of `pg_hba.conf`, by its number.
    HbaLine,
    /// A node of a plan, by its number in the order of EXPLAIN.
    PlanNode,
}

impl SubjectKind {
    /// The kind in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Parameter => "parameter",
            Self::Database => "database",
            Self::Schema => "schema",
            Self::Table => "table",
            Self::Index => "index",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::Sequence => "sequence",
            Self::Function => "function",
            Self::Extension => "extension",
            Self::Publication => "publication",
            Self::Subscription => "subscription",
            Self::Role => "role",
            Self::Query => "query",
            Self::Session => "session",
            Self::PreparedTransaction => "prepared transaction",
            Self::ReplicationSlot => "replication slot",
            Self::Standby => "standby",
            Self::FileSystem => "file system",
            Self::Tablespace => "tablespace",
            Self::HbaLine => "pg_hba.conf line",
            Self::PlanNode => "plan node",
        }
    }
}

/// What a finding is about. Names are as the server has them: they are quoted where they are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Subject {
    /// The kind of object.
    pub kind: SubjectKind,
    /// The database it belongs to, if it belongs to one and the snapshot contains which.
    pub database: Option<String>,
    /// Its schema, where its kind has one.
    pub schema: Option<String>,
    /// The table it belongs to, where its kind has one.
    pub table: Option<String>,
    /// The role it belongs to, where its kind has one: each role has its own counters of a query.
    pub role: Option<String>,
    /// The oid of that role, where its name is not known: it was dropped, or `pg_roles` could not be read.
    pub role_oid: Option<i64>,
    /// Its name; empty for the cluster.
    pub name: String,
}

impl Subject {
    /// The whole cluster.
    #[must_use]
    pub fn cluster() -> Self {
        Self::named(SubjectKind::Cluster, "")
    }

    /// The parameter `name`.
    #[must_use]
    pub fn parameter(name: &str) -> Self {
        Self::named(SubjectKind::Parameter, name)
    }

    /// An object of the cluster that is identified by its name.
    #[must_use]
    pub fn named(kind: SubjectKind, name: &str) -> Self {
        Self { kind, database: None, schema: None, table: None, role: None, role_oid: None, name: name.to_owned() }
    }

    /// The same in a database.
    #[must_use]
    pub fn in_database(self, database: Option<&str>) -> Self {
        Self { database: database.map(str::to_owned), ..self }
    }

    /// The same in a schema.
    #[must_use]
    pub fn in_schema(self, schema: &str) -> Self {
        Self { schema: Some(schema.to_owned()), ..self }
    }

    /// The same of a role.
    #[must_use]
    pub fn of_role(self, role: Option<&str>) -> Self {
        Self { role: role.map(str::to_owned), ..self }
    }

    /// The same of a role without a known name.
    #[must_use]
    pub fn of_role_with_oid(self, role_oid: Option<i64>) -> Self {
        Self { role_oid, ..self }
    }

    /// The stable part of its id: kind and quoted names, such as `table shop.public.orders`.
    #[must_use]
    pub fn id(&self) -> String {
        let database = self.database.as_deref().map(quote_identifier);
        let parts: Vec<String> = database.into_iter().chain(self.parts()).collect();
        format!("{} {}{}", self.kind.word(), parts.join("."), self.role_words()).trim_end().to_owned()
    }

    /// Its id among the findings of the rule `code`, such as `PGD502 table shop.public.orders`.
    #[must_use]
    pub fn id_for(&self, code: &str) -> String {
        format!("{code} {}", self.id())
    }

    fn role_words(&self) -> String {
        match (&self.role, self.role_oid) {
            (Some(role), _) => format!(" of role {}", quote_identifier(role)),
            (None, Some(oid)) => format!(" of the role with OID {oid}"),
            (None, None) => String::new(),
        }
    }

    fn parts(&self) -> impl Iterator<Item = String> {
        let name = (!self.name.is_empty()).then(|| match self.kind {
            // These are not SQL identifiers.
            SubjectKind::Parameter
            | SubjectKind::Query
            | SubjectKind::Session
            | SubjectKind::PreparedTransaction
            | SubjectKind::Standby
            | SubjectKind::FileSystem
            | SubjectKind::HbaLine => self.name.clone(),
            _ => quote_identifier(&self.name),
        });
        let outer = [&self.schema, &self.table].into_iter().flatten().map(|part| quote_identifier(part));
        outer.chain(name)
    }
}

/// Schema and name, quoted where SQL needs it, and the role; without the database.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.parts().collect::<Vec<_>>().join("."), self.role_words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_only_where_they_are_shown() {
        let table = Subject::named(SubjectKind::Table, "Order").in_schema("public").in_database(Some("my shop"));
        assert_eq!(table.to_string(), "public.\"Order\"");
        assert_eq!(table.id(), "table \"my shop\".public.\"Order\"");
        assert_eq!(Subject::cluster().id(), "cluster");
        assert_eq!(Subject::parameter("auto_explain.log_format").id(), "parameter auto_explain.log_format");
        let query = Subject::named(SubjectKind::Query, "-42").in_database(Some("shop"));
        assert_eq!(query.to_string(), "-42");
        assert_eq!(query.of_role(Some("App")).id(), "query shop.-42 of role \"App\"");
    }
}
