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
    Refused "connection_refused" "Check host and port, and that the server is running and listens there \
                                  (listen_addresses).";
    /// There is no such socket, or it may not be opened.
    NoSocket "no_socket" "Use the directory in the server's unix_socket_directories, as host=/DIRECTORY.";
    /// The name leads to no address.
    HostUnknown "host_unknown" "Check the host name, or specify its address with hostaddr.";
    /// The network does not lead there.
    Unreachable "host_unreachable" "Check the address and the network: routes, firewalls, tunnels.";
    /// Nobody answered in time.
    Timeout "timeout" "A firewall might be dropping the packets. connect_timeout limits the time for each address, \
                       --max-time the total.";
    /// None of several hosts gave a session.
    AllHostsFailed "all_hosts_failed" "See the reason for each host above.";
    /// The server is not of the kind that was asked for.
    SessionAttrs "wrong_kind_of_server" "List the other hosts of the cluster too (host=a,b), or change \
                                         target_session_attrs.";
    /// A wrong password, or another proof that failed.
    Authentication "authentication_failed" "Check the role, the password and the source of the password. Peer \
                                            authentication requires an operating system user with the name of the \
                                            role.";
    /// The server asks for a password, and there is none.
    PasswordNeeded "password_needed" "Put the password in a password file (~/.pgpass) or in PGPASSWORD.";
    /// The server wants a proof that this program cannot give, such as Kerberos.
    UnsupportedAuthentication "unsupported_authentication" "GSSAPI and SSPI are not supported. Connect as a role with \
                                                            scram-sha-256, md5, peer or cert in pg_hba.conf.";
    /// The server's rules keep this connection out.
    NoPgHbaEntry "no_pg_hba_entry" "Add a line to pg_hba.conf for this host, user and database, or use a Unix-domain \
                                    socket.";
    /// The server's rules keep this connection out, which was not under TLS.
    NoPgHbaEntryPlain "no_pg_hba_entry_without_tls" "If the line in pg_hba.conf requires TLS (hostssl), connect with \
                                                     sslmode=require. Otherwise add a line for this host, user and \
                                                     database.";
    /// There is no such role, or it may not log in.
    UnknownRole "unknown_role" "Specify the role with user=. It needs the LOGIN attribute.";
    /// There is no such database.
    UnknownDatabase "unknown_database" "Specify the database with dbname=. Almost every server has the database \
                                        \"postgres\".";
    /// The role may not connect to this database.
    PermissionDenied "permission_denied" "Grant CONNECT on the database to the role, or connect to another database.";
    /// All slots are taken.
    TooManyConnections "too_many_connections" "Wait for a free connection slot, or connect as a role that can use the \
                                               reserved ones.";
    /// The server is starting or recovering.
    StartingUp "starting_up" "Wait until the server accepts connections, then run the command again.";
    /// The server is stopping.
    ShuttingDown "shutting_down" "Run the command again when the server is running, or connect to a standby.";
    /// A limit of time in the server's configuration ends sessions while they connect.
    EndedByTimeout "ended_by_timeout" "Connect through a socket or an address that pg_hba.conf trusts, which is faster. If no \
                                       session comes through, stop the server and raise transaction_timeout in its \
                                       configuration file (config rollback --offline restores the former value).";
    /// A connection pooler does not know a parameter of the session.
    PoolerParameter "pooler_parameter" "Connect to the server directly, or make the pooler ignore the parameter \
                                        (ignore_startup_parameters in PgBouncer).";
    /// A connection pooler answers, and the server behind it does not.
    PoolerAlone "pooler_without_server" "Check the server behind the connection pooler, or connect to it directly.";
    /// Something else answers there.
    Protocol "protocol_error" "Check that PostgreSQL listens on this port.";
    /// The server does not speak TLS.
    TlsNotSupported "tls_not_supported" "Enable ssl on the server, or connect with sslmode=prefer if the network is \
                                         trusted.";
    /// No agreement on how to encrypt.
    TlsFailed "tls_failed" "See the server log. pgdba supports TLS 1.2 and 1.3, with RSA (2048 bits or more), P-256, \
                            P-384 and Ed25519 keys.";
    /// A certificate, key or list in a file cannot be used.
    TlsFile "tls_file_unusable" "Specify another file (sslcert, sslkey, sslrootcert, sslcrl), or correct this one.";
    /// There is nothing to check the server's certificate with.
    NoRootCertificate "no_root_certificate" "Specify the file of trusted authorities with sslrootcert (\"system\" for \
                                             that of the operating system), or use a weaker sslmode.";
    /// The server's certificate is signed by nobody who is trusted here.
    UnknownCa "unknown_ca" "Specify the certificate of the authority that signed the server's certificate with \
                            sslrootcert, or put it in ~/.postgresql/root.crt.";
    /// A certificate of the server's is out of date.
    CertificateExpired "certificate_expired" "Renew the server's certificate, and check the clock of this machine.";
    /// The server's certificate was revoked, or may have been.
    CertificateRevoked "certificate_revoked" "Do not trust this server until its certificate is replaced. Check that \
                                              sslcrl is up to date.";
    /// The server's certificate is for another host.
    WrongHostName "wrong_host_name" "Use a host name from the certificate as host (and the address as hostaddr), or \
                                     sslmode=verify-ca.";
    /// The server's certificate cannot be checked.
    CertificateInvalid "certificate_invalid" "Replace the server's certificate with one of X.509 version 3, with an \
                                              RSA (2048 bits or more), P-256, P-384 or Ed25519 key and SHA-256 or \
                                              better.";
    /// The server wants to see a client certificate.
    ClientCertificateRequired "client_certificate_required" "Specify the certificate and its key with sslcert and \
                                                             sslkey, or put them in ~/.postgresql/postgresql.crt and \
                                                             .key.";
    /// The server does not take the client certificate.
    ClientCertificateRejected "client_certificate_rejected" "The client certificate must be valid and signed by an \
                                                             authority in the server's ssl_ca_file.";
    /// The password's proof cannot be bound to the server's certificate.
    ChannelBinding "channel_binding_failed" "channel_binding=require needs TLS and a role with a scram-sha-256 \
                                             password. Otherwise use channel_binding=prefer.";
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
