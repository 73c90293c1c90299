//! How a cluster is made.

use std::path::PathBuf;

/// How a cluster is made. The default: one member whose Patroni looks around every second and asks for nothing.
#[derive(Clone, Debug)]
pub struct PatroniLabOptions {
    /// How many members, 1 or 2.
    pub members: usize,
    /// `postgresql.parameters` of the dynamic configuration, as YAML writes them.
    pub parameters: Vec<(String, String)>,
    /// `postgresql.parameters` of the first member's own file.
    pub local_parameters: Vec<(String, String)>,
    /// Name and password without which nothing can be changed.
    pub credentials: Option<(String, String)>,
    /// Certificates of the REST interface.
    pub tls: Option<LabTls>,
    /// Which Patroni.
    pub release: PatroniRelease,
}

/// Which Patroni. They differ in what they say of a pending restart and in what they do with nonsense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatroniRelease {
    /// 3.0.2, from Debian's packages.
    Debian,
    /// 4.1.5, from PyPI.
    PyPi,
}

/// Certificates of the REST interface.
#[derive(Clone, Debug)]
pub struct LabTls {
    /// The authority that both sides trust.
    pub authority: PathBuf,
    /// The certificate that Patroni shows.
    pub certificate: PathBuf,
    /// Its key, which the account of the servers may read.
    pub key: PathBuf,
    /// Certificate and key that a client has to show for everything, where it has to.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl Default for PatroniLabOptions {
    fn default() -> Self {
        let parameters = [("work_mem", "6MB"), ("max_connections", "60"), ("random_page_cost", "1.5")];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self {
            members: 1,
            parameters,
            local_parameters: Vec::new(),
            credentials: None,
            tls: None,
            release: PatroniRelease::Debian,
        }
    }
}

impl PatroniLabOptions {
    /// Adds a parameter to the first member's own file.
    #[must_use]
    pub fn with_local(mut self, name: &str, value: &str) -> Self {
        self.local_parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Asks for a name and a password before anything is changed.
    #[must_use]
    pub fn with_credentials(mut self, user: &str, password: &str) -> Self {
        self.credentials = Some((user.to_owned(), password.to_owned()));
        self
    }
}
