//! Which server, and who asks it for what.

use std::fmt;
use std::net::IpAddr;

/// What names a server and a session on it, in messages and in the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name, an address, or the folder of a Unix socket (it begins with a slash).
    pub host: String,
    /// The address that the host's name led to, where it says more than the host.
    pub address: Option<IpAddr>,
    /// TCP port, or the number in the socket's name.
    pub port: u16,
    /// The role.
    pub user: String,
    /// The database.
    pub dbname: String,
}

impl Target {
    /// Whether the host is the folder of a Unix socket.
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, dbname, .. } = self;
        if self.host.contains(',') {
            return write!(f, "hosts {}, user \"{user}\", database \"{dbname}\"", self.host);
        }
        write!(f, "{}, user \"{user}\", database \"{dbname}\"", Place(self))
    }
}

/// Where a server is, without who asks it for what.
pub(crate) struct Place<'a>(pub(crate) &'a Target);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { host, address, port, .. } = self.0;
        let kind = if self.0.is_socket() { "socket directory" } else { "host" };
        let address = address.map(|address| format!(" ({address})")).unwrap_or_default();
        write!(f, "{kind} \"{host}\"{address}, port {port}")
    }
}
