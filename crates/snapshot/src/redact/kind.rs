//! The kinds of things whose names are replaced, and how their tokens look.

/// What a name is the name of. The order is that of [`Kind::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A database.
    Database,
    /// A role.
    Role,
    /// A schema.
    Schema,
    /// A table, view, materialized view or foreign table.
    Table,
    /// An index.
    Index,
    /// A sequence.
    Sequence,
    /// A column.
    Column,
    /// A constraint.
    Constraint,
    /// A function, procedure or aggregate.
    Function,
    /// A type.
    Type,
    /// A collation.
    Collation,
    /// An operator class.
    OperatorClass,
    /// An extended statistics object.
    Statistics,
    /// A row security policy.
    Policy,
    /// A trigger.
    Trigger,
    /// A publication.
    Publication,
    /// A subscription.
    Subscription,
    /// A replication slot.
    Slot,
    /// A tablespace.
    Tablespace,
    /// A host name or an address.
    Host,
    /// What a client calls itself, and a standby.
    Application,
    /// A file or folder.
    Path,
    /// A parameter that PostgreSQL does not know.
    Parameter,
    /// The cluster: its name, and the identifier that `initdb` gave it.
    Cluster,
    /// A word of a text that names something, of whatever kind.
    Name,
    /// A text of which nothing is known.
    Text,
    /// A value that is no text where a text was expected, kept as JSON.
    Json,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 27] = [
        Self::Database,
        Self::Role,
        Self::Schema,
        Self::Table,
        Self::Index,
        Self::Sequence,
        Self::Column,
        Self::Constraint,
        Self::Function,
        Self::Type,
        Self::Collation,
        Self::OperatorClass,
        Self::Statistics,
        Self::Policy,
        Self::Trigger,
        Self::Publication,
        Self::Subscription,
        Self::Slot,
        Self::Tablespace,
        Self::Host,
        Self::Application,
        Self::Path,
        Self::Parameter,
        Self::Cluster,
        Self::Name,
        Self::Text,
        Self::Json,
    ];

    /// What a token of this kind begins with; a number follows, for the identifier of a cluster a digest.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Database => "d",
            Self::Role => "r",
            Self::Schema => "s",
            Self::Table => "t",
            Self::Index => "i",
            Self::Sequence => "seq",
            Self::Column => "c",
            Self::Constraint => "con",
            Self::Function => "f",
            Self::Type => "type",
            Self::Collation => "coll",
            Self::OperatorClass => "opc",
            Self::Statistics => "stat",
            Self::Policy => "pol",
            Self::Trigger => "trig",
            Self::Publication => "pub",
            Self::Subscription => "sub",
            Self::Slot => "slot",
            Self::Tablespace => "space",
            Self::Host => "h",
            Self::Application => "a",
            Self::Path => "path",
            Self::Parameter => "param",
            Self::Cluster => "cluster",
            Self::Name => "name",
            Self::Text => "text",
            Self::Json => "json",
        }
    }

    /// What things of this kind are called, one and several.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Database => ("database", "databases"),
            Self::Role => ("role", "roles"),
            Self::Schema => ("schema", "schemas"),
            Self::Table => ("table", "tables"),
            Self::Index => ("index", "indexes"),
            Self::Sequence => ("sequence", "sequences"),
            Self::Column => ("column", "columns"),
            Self::Constraint => ("constraint", "constraints"),
            Self::Function => ("function", "functions"),
            Self::Type => ("type", "types"),
            Self::Collation => ("collation", "collations"),
            Self::OperatorClass => ("operator class", "operator classes"),
            Self::Statistics => ("statistics object", "statistics objects"),
            Self::Policy => ("policy", "policies"),
            Self::Trigger => ("trigger", "triggers"),
            Self::Publication => ("publication", "publications"),
            Self::Subscription => ("subscription", "subscriptions"),
            Self::Slot => ("replication slot", "replication slots"),
            Self::Tablespace => ("tablespace", "tablespaces"),
            Self::Host => ("host or address", "hosts and addresses"),
            Self::Application => ("application", "applications"),
            Self::Path => ("path", "paths"),
            Self::Parameter => ("unrecognized parameter", "unrecognized parameters"),
            Self::Cluster => ("cluster name", "cluster names"),
            Self::Name => ("other name", "other names"),
            Self::Text => ("text", "texts"),
            Self::Json => ("other value", "other values"),
        }
    }

    /// The kind whose tokens begin with `prefix`.
    pub(super) fn of_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.prefix() == prefix)
    }
}

/// An identifier that becomes a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identifier {
    /// The system identifier that `initdb` gave the cluster.
    System,
    /// The query identifier of a statement.
    Query,
    /// Half of the key of an advisory lock.
    Lock,
}

impl Identifier {
    pub(super) const ALL: [Self; 3] = [Self::System, Self::Query, Self::Lock];

    /// What its token begins with; `_` and the digest follow.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::System => "cluster",
            Self::Query => "query",
            Self::Lock => "lock",
        }
    }
}
