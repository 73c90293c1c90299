//! Where a parameter's value comes from: PostgreSQL's `GucSource`, and which source overrides which.

use std::fmt;

/// `pg_settings.source`, in PostgreSQL's order of precedence: a later source overrides an earlier one.
///
/// The names are those of `GucSource_Names` in PostgreSQL's `guc_tables.c`; no supported version adds to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The built-in default, or one computed when the server starts.
    Default,
    /// An environment variable of the server, such as `PGPORT`.
    EnvironmentVariable,
    /// `postgresql.conf`, a file included by it, or `postgresql.auto.conf`.
    ConfigurationFile,
    /// An option on the command line that started the server.
    CommandLine,
    /// `ALTER ROLE ALL SET`.
    Global,
    /// `ALTER DATABASE … SET`.
    Database,
    /// `ALTER ROLE … SET`.
    User,
    /// `ALTER ROLE … IN DATABASE … SET`.
    DatabaseUser,
    /// An option that the client sent with its connection request.
    Client,
    /// The server itself, which sets its internal parameters so, and the value it computes where the files leave that to it
    /// (`wal_buffers` up to 14).
    Override,
    /// The border between what a session sets and what is set for it; never a value's source.
    Interactive,
    /// A trial of a value for a role or a database; never a value's source.
    Test,
    /// `SET` in the session.
    Session,
}

/// For whom a source sets a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For the server, where its configuration files say nothing else or say just this.
    Files,
    /// For the server, on its command line.
    CommandLine,
    /// For the sessions of a role, of a database, of one in the other, or for all sessions.
    RoleOrDatabase,
    /// For one session.
    Session,
    /// For the server, by itself.
    Server,
}

impl Source {
    /// Every source, in order of precedence.
    pub const ALL: [Self; 13] = [
        Self::Default,
        Self::EnvironmentVariable,
        Self::ConfigurationFile,
        Self::CommandLine,
        Self::Global,
        Self::Database,
        Self::User,
        Self::DatabaseUser,
        Self::Client,
        Self::Override,
        Self::Interactive,
        Self::Test,
        Self::Session,
    ];

    /// The source that `pg_settings` shows under this name; none for a name that no known version has.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    /// The name that `pg_settings` shows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::EnvironmentVariable => "environment variable",
            Self::ConfigurationFile => "configuration file",
            Self::CommandLine => "command line",
            Self::Global => "global",
            Self::Database => "database",
            Self::User => "user",
            Self::DatabaseUser => "database user",
            Self::Client => "client",
            Self::Override => "override",
            Self::Interactive => "interactive",
            Self::Test => "test",
            Self::Session => "session",
        }
    }

    /// The statement that sets a value for roles or databases.
    #[must_use]
    pub const fn statement(self) -> Option<&'static str> {
        match self {
            Self::Global => Some("ALTER ROLE ALL"),
            Self::Database => Some("ALTER DATABASE"),
            Self::User => Some("ALTER ROLE"),
            Self::DatabaseUser => Some("ALTER ROLE IN DATABASE"),
            _ => None,
        }
    }

    /// For whom it sets a value.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::Default | Self::EnvironmentVariable | Self::ConfigurationFile => Scope::Files,
            Self::CommandLine => Scope::CommandLine,
            Self::Global | Self::Database | Self::User | Self::DatabaseUser => Scope::RoleOrDatabase,
            Self::Client | Self::Interactive | Self::Test | Self::Session => Scope::Session,
            Self::Override => Scope::Server,
        }
    }

    /// Whether a value from this source stays in force whatever the configuration files (and `ALTER SYSTEM`) say: for the whole
    /// server, or for the session that sees it.
    ///
    /// Not [`Override`](Self::Override): where the server computes a value, a line in the files replaces the computed one.
    #[must_use]
    pub const fn overrides_files(self) -> bool {
        match self.scope() {
            Scope::CommandLine | Scope::RoleOrDatabase | Scope::Session => true,
            Scope::Files | Scope::Server => false,
        }
    }

    /// Whether a value from this source is what the configuration files hold, or what applies because they hold nothing. Not
    /// [`Override`](Self::Override): the files decide there too, but what is shown is what the server made of them.
    #[must_use]
    pub const fn shows_files(self) -> bool {
        match self.scope() {
            Scope::Files => true,
            Scope::CommandLine | Scope::RoleOrDatabase | Scope::Session | Scope::Server => false,
        }
    }

    /// Whether other sessions may see another value: it is set for this session, its role or its database.
    #[must_use]
    pub const fn differs_between_sessions(self) -> bool {
        match self.scope() {
            Scope::RoleOrDatabase | Scope::Session => true,
            Scope::Files | Scope::CommandLine | Scope::Server => false,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_read_back_and_the_order_is_that_of_precedence() {
        for source in Source::ALL {
            assert_eq!(Source::parse(source.name()), Some(source));
        }
        assert!(Source::ALL.is_sorted());
        assert_eq!(Source::parse("Default"), None);
    }

    #[test]
    fn what_the_server_computes_follows_the_files_without_showing_them() {
        assert!(!Source::Override.overrides_files() && !Source::Override.shows_files());
        for source in Source::ALL.into_iter().filter(|source| *source != Source::Override) {
            assert_ne!(source.overrides_files(), source.shows_files(), "{source}");
        }
    }
}
