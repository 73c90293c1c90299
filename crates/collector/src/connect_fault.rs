//! What kinds of failure there are when connecting: the word for programs, and the next step.

use std::fmt;

/// Why no session came about.
#[derive(Debug, Clone)]
pub struct ConnectFault {
    /// The kind of failure, for programs and for the hint.
    pub kind: ConnectFaultKind,
    /// What the server, the operating system or the TLS library said.
    pub message: String,
}

impl ConnectFault {
    pub(crate) fn new(kind: ConnectFaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl fmt::Display for ConnectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Declares the kinds of failure: each with the word for programs and the next step.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident $code:literal $hint:literal;)+) => {
        /// What kind of failure it was.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ConnectFaultKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ConnectFaultKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// A word for programs; it does not change from version to version.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)+ }
            }

            /// The next step.
            #[must_use]
            pub fn hint(self) -> Option<&'static str> {
                match self { $(Self::$kind => Some($hint).filter(|hint: &&str| !hint.is_empty()),)+ }
            }
        }
    };
}

kinds! {
    /// Nothing listens there.
    Refused "connection_refused" "check host and port, and that the server is running and listens there (listen_addresses)";
    /// There is no such socket, or it may not be opened.
    NoSocket "no_socket" "the server puts its socket into the folder that its unix_socket_directories names; give it as host=/FOLDER";
    /// The name leads to no address.
    HostUnknown "host_unknown" "check the host's name, or give its address in hostaddr";
    /// The network does not lead there.
    Unreachable "host_unreachable" "check the address and the way to it: routes, firewalls, tunnels";
    /// Nobody answered in time.
    Timeout "timeout" "a firewall may be dropping the packets; connect_timeout sets how long to wait for each address, --max-time for all";
    /// None of several hosts gave a session.
    AllHostsFailed "all_hosts_failed" "each host is named above with its own reason";
    /// The server is not of the kind that was asked for.
    SessionAttrs "wrong_kind_of_server" "name the other hosts of the cluster too (host=a,b), or ask for another kind with target_session_attrs";
    /// A wrong password, or another proof that failed.
    Authentication "authentication_failed" "check role and password, and where the password comes from; peer authentication asks for the operating system's user of the same name";
    /// The server asks for a password, and there is none.
    PasswordNeeded "password_needed" "give the password in a password file (~/.pgpass) or in PGPASSWORD";
    /// The server wants a proof that this program cannot give, such as Kerberos.
    UnsupportedAuthentication "unsupported_authentication" "GSSAPI and SSPI are not supported; connect as a role with scram-sha-256, md5, peer or cert in pg_hba.conf";
    /// The server's rules keep this connection out.
    NoPgHbaEntry "no_pg_hba_entry" "add a line to pg_hba.conf for this host, user and database, or use the Unix socket";
    /// The server's rules keep this connection out, which was not under TLS.
    NoPgHbaEntryPlain "no_pg_hba_entry_without_tls" "if the line in pg_hba.conf asks for TLS (hostssl), connect with sslmode=require; else add a line for this host, user and database";
    /// There is no such role, or it may not log in.
    UnknownRole "unknown_role" "name the role with user=; it needs the LOGIN attribute";
    /// There is no such database.
    UnknownDatabase "unknown_database" "name the database with dbname=; \"postgres\" exists nearly everywhere";
    /// The role may not connect to this database.
    PermissionDenied "permission_denied" "grant CONNECT on the database to the role, or connect to another database";
    /// All slots are taken.
    TooManyConnections "too_many_connections" "wait for a free slot, or connect as a role that may use the reserved ones";
    /// The server is starting or recovering.
    StartingUp "starting_up" "the server does not take connections now; try again in a moment";
    /// The server is stopping.
    ShuttingDown "shutting_down" "the server is being stopped; try again when it is back, or name a standby";
    /// A connection pooler does not know a parameter of the session.
    PoolerParameter "pooler_parameter" "connect to the server itself, or have the pooler pass over the parameter (ignore_startup_parameters of PgBouncer)";
    /// A connection pooler answers, and the server behind it does not.
    PoolerAlone "pooler_without_server" "the connection pooler has no server behind it; look at the server, or connect to it directly";
    /// Something else answers there.
    Protocol "protocol_error" "check that the port is PostgreSQL's";
    /// The server does not speak TLS.
    TlsNotSupported "tls_not_supported" "enable ssl on the server, or connect with sslmode=prefer where the network is trusted";
    /// No agreement on how to encrypt.
    TlsFailed "tls_failed" "the server's log says more; spoken are TLS 1.2 and 1.3, with keys of RSA (2048 bits or more), P-256, P-384 and Ed25519";
    /// A certificate, key or list in a file cannot be used.
    TlsFile "tls_file_unusable" "name another file (sslcert, sslkey, sslrootcert, sslcrl), or mend this one";
    /// There is nothing to check the server's certificate with.
    NoRootCertificate "no_root_certificate" "name the file of trusted authorities with sslrootcert (\"system\" for the operating system's), or use a weaker sslmode";
    /// The server's certificate is signed by nobody who is trusted here.
    UnknownCa "unknown_ca" "name the file with the authority that signed the server's certificate with sslrootcert, or put it into ~/.postgresql/root.crt";
    /// A certificate of the server's is out of date.
    CertificateExpired "certificate_expired" "renew the server's certificate, and check this machine's clock";
    /// The server's certificate was revoked, or may have been.
    CertificateRevoked "certificate_revoked" "do not trust this server before its certificate is renewed; check that sslcrl is up to date";
    /// The server's certificate is for another host.
    WrongHostName "wrong_host_name" "connect by a name that is in the certificate (hostaddr gives the address), or use sslmode=verify-ca";
    /// The server's certificate cannot be checked.
    CertificateInvalid "certificate_invalid" "replace the server's certificate: X.509 version 3, RSA of 2048 bits or more, P-256, P-384 or Ed25519, SHA-256 or better";
    /// The server wants to see a client certificate.
    ClientCertificateRequired "client_certificate_required" "name certificate and key with sslcert and sslkey, or put them into ~/.postgresql/postgresql.crt and .key";
    /// The server does not take the client certificate.
    ClientCertificateRejected "client_certificate_rejected" "the client certificate must be in force and signed by an authority in the server's ssl_ca_file";
    /// The password's proof cannot be bound to the server's certificate.
    ChannelBinding "channel_binding_failed" "channel_binding=require needs TLS and a role with a scram-sha-256 password; use prefer where that cannot be";
    /// Any other reason the server gave.
    Other "connection_failed" "";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page lists the code of every kind, and of no kind that is gone.
    #[test]
    fn the_page_about_connecting_has_every_code() {
        let page = include_str!("../../../docs/connecting.md");
        let table = page.split("| code |").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
        let rows = table.lines().skip(2).filter_map(|row| row.split('|').nth(1));
        let mut listed: Vec<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
        let mut kinds: Vec<&str> = ConnectFaultKind::ALL.iter().map(|kind| kind.code()).collect();
        kinds.extend(["bad_dsn", "bad_service"]);
        listed.sort_unstable();
        kinds.sort_unstable();
        assert_eq!(listed, kinds);
    }

    #[test]
    fn no_two_kinds_share_a_code() {
        let mut codes: Vec<&str> = ConnectFaultKind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
