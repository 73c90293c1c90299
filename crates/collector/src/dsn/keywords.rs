//! The options of a connection that libpq knows, and what becomes of each here.

/// Options that are followed, and the environment variables that stand for them.
pub(super) const FOLLOWED: [(&str, Option<&str>); 38] = [
    ("application_name", Some("PGAPPNAME")),
    ("channel_binding", Some("PGCHANNELBINDING")),
    ("connect_timeout", Some("PGCONNECT_TIMEOUT")),
    ("dbname", Some("PGDATABASE")),
    ("fallback_application_name", None),
    ("gssencmode", Some("PGGSSENCMODE")),
    ("host", Some("PGHOST")),
    ("hostaddr", Some("PGHOSTADDR")),
    ("keepalives", None),
    ("keepalives_count", None),
    ("keepalives_idle", None),
    ("keepalives_interval", None),
    ("load_balance_hosts", Some("PGLOADBALANCEHOSTS")),
    ("options", None),
    ("passfile", Some("PGPASSFILE")),
    ("password", Some("PGPASSWORD")),
    ("port", Some("PGPORT")),
    ("replication", None),
    ("require_auth", Some("PGREQUIREAUTH")),
    ("requirepeer", Some("PGREQUIREPEER")),
    ("service", Some("PGSERVICE")),
    ("servicefile", Some("PGSERVICEFILE")),
    ("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION")),
    ("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION")),
    ("sslcert", Some("PGSSLCERT")),
    ("sslcertmode", Some("PGSSLCERTMODE")),
    ("sslcompression", None),
    ("sslcrl", Some("PGSSLCRL")),
    ("sslcrldir", Some("PGSSLCRLDIR")),
    ("sslkey", Some("PGSSLKEY")),
    ("sslmode", Some("PGSSLMODE")),
    ("sslnegotiation", Some("PGSSLNEGOTIATION")),
    ("sslpassword", None),
    ("sslrootcert", Some("PGSSLROOTCERT")),
    ("sslsni", Some("PGSSLSNI")),
    ("target_session_attrs", Some("PGTARGETSESSIONATTRS")),
    ("tcp_user_timeout", None),
    ("user", Some("PGUSER")),
];

/// Options that change nothing about what is read.
const PASSED_OVER: [&str; 7] = [
    "client_encoding",
    "gssdelegation",
    "gsslib",
    "krbsrvname",
    "max_protocol_version",
    "min_protocol_version",
    "sslkeylogfile",
];

/// Options that must not be passed over in silence: the session would be another one, or a less safe one, than was
/// asked for. Each with what is said.
pub(super) const REFUSED: [(&str, &str); 5] = [
    ("options", "options is not supported, since connection poolers reject it; leave it out"),
    ("replication", "replication connections cannot run queries; leave replication out"),
    ("require_auth", "require_auth is not supported; leave it out"),
    ("requirepeer", "requirepeer is not supported; leave it out"),
    ("sslpassword", "sslpassword is not supported; store the private key without a passphrase and leave it out"),
];

/// The option of this name, if there is one.
pub(super) fn keyword(key: &str) -> Option<&'static str> {
    FOLLOWED.iter().map(|(key, _)| *key).chain(PASSED_OVER).find(|known| *known == key)
}
