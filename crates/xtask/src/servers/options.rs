//! How a test's server differs from what initdb leaves.

/// What a server is started with. The default is an untouched server: initdb's own settings, apart from where it listens.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// Parameters appended to postgresql.conf, as a person would; the value is written in quotes.
    pub settings: Vec<(String, String)>,
    /// Preload pg_stat_statements and create the extension in database `postgres`.
    pub preload_statements: bool,
    /// Further arguments of initdb, such as `--data-checksums`.
    pub initdb_args: Vec<String>,
    /// Arguments of the server's command line, such as `-c fsync=off`. pg_settings shows them as "command line".
    pub command_line: Vec<String>,
    /// Whether the server's clock can be moved while it runs.
    pub has_movable_clock: bool,
}

impl ServerOptions {
    /// Options for a test that does not look at durability: fsync is off on the command line, postgresql.conf untouched.
    pub fn fast() -> Self {
        Self::default().with_command_line("-c fsync=off")
    }

    /// Adds a parameter to postgresql.conf.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Preloads pg_stat_statements and creates the extension in database `postgres`.
    pub fn with_statements(mut self) -> Self {
        self.preload_statements = true;
        self
    }

    /// Adds arguments, separated by blanks, to the server's command line.
    pub fn with_command_line(mut self, arguments: &str) -> Self {
        self.command_line.extend(arguments.split(' ').map(str::to_owned));
        self
    }

    /// Gives the server a clock that can be moved while it runs.
    pub fn with_movable_clock(mut self) -> Self {
        self.has_movable_clock = true;
        self
    }

    /// The lines for postgresql.conf that these options stand for.
    pub(super) fn configuration(&self) -> String {
        let preload = ("shared_preload_libraries".to_owned(), "pg_stat_statements".to_owned());
        let all = self.preload_statements.then_some(&preload).into_iter().chain(&self.settings);
        all.map(|(name, value)| assignment(name, value)).collect()
    }
}

/// One line of postgresql.conf.
pub(super) fn assignment(name: &str, value: &str) -> String {
    format!("{name} = '{}'\n", value.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_quoted_lines() {
        let options = ServerOptions::default().with_statements().with("log_line_prefix", "it's %m");
        let expected = "shared_preload_libraries = 'pg_stat_statements'\nlog_line_prefix = 'it''s %m'\n";
        assert_eq!(options.configuration(), expected);
        assert_eq!(ServerOptions::default().configuration(), "");
    }
}
