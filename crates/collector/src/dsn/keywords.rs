//! The options of a connection that libpq knows, and how each is treated here.

/// An option of a connection.
pub(super) struct Keyword {
    /// Its name.
    pub(super) name: &'static str,
    /// The environment variable that stands for it.
    pub(super) variable: Option<&'static str>,
    /// Why it is refused, if it is. Ignored in silence, the session would be another one, or a less safe one, than was asked for.
    pub(super) refusal: Option<&'static str>,
}

impl Keyword {
    const fn new(name: &'static str) -> Self {
        Self { name, variable: None, refusal: None }
    }

    const fn variable(self, variable: &'static str) -> Self {
        Self { variable: Some(variable), ..self }
    }

    const fn refused(self, reason: &'static str) -> Self {
        Self { refusal: Some(reason), ..self }
    }
}

/// All of them.
pub(super) static KEYWORDS: [Keyword; 45] = [
    Keyword::new("application_name").variable("PGAPPNAME"),
    Keyword::new("channel_binding").variable("PGCHANNELBINDING"),
    Keyword::new("connect_timeout").variable("PGCONNECT_TIMEOUT"),
    Keyword::new("dbname").variable("PGDATABASE"),
    Keyword::new("fallback_application_name"),
    Keyword::new("gssencmode").variable("PGGSSENCMODE"),
    Keyword::new("host").variable("PGHOST"),
    Keyword::new("hostaddr").variable("PGHOSTADDR"),
    Keyword::new("keepalives"),
    Keyword::new("keepalives_count"),
    Keyword::new("keepalives_idle"),
    Keyword::new("keepalives_interval"),
    Keyword::new("load_balance_hosts").variable("PGLOADBALANCEHOSTS"),
    Keyword::new("options").refused("options is not supported, since connection poolers reject it; leave it out"),
    Keyword::new("passfile").variable("PGPASSFILE"),
    Keyword::new("password").variable("PGPASSWORD"),
    Keyword::new("port").variable("PGPORT"),
    Keyword::new("replication").refused("replication connections cannot run queries; leave replication out"),
    Keyword::new("require_auth").variable("PGREQUIREAUTH").refused("require_auth is not supported; leave it out"),
    Keyword::new("requirepeer").variable("PGREQUIREPEER").refused("requirepeer is not supported; leave it out"),
    Keyword::new("service").variable("PGSERVICE"),
    Keyword::new("servicefile").variable("PGSERVICEFILE"),
    Keyword::new("ssl_max_protocol_version").variable("PGSSLMAXPROTOCOLVERSION"),
    Keyword::new("ssl_min_protocol_version").variable("PGSSLMINPROTOCOLVERSION"),
    Keyword::new("sslcert").variable("PGSSLCERT"),
    Keyword::new("sslcertmode").variable("PGSSLCERTMODE"),
    Keyword::new("sslcompression"),
    Keyword::new("sslcrl").variable("PGSSLCRL"),
    Keyword::new("sslcrldir").variable("PGSSLCRLDIR"),
    Keyword::new("sslkey").variable("PGSSLKEY"),
    Keyword::new("sslmode").variable("PGSSLMODE"),
    Keyword::new("sslnegotiation").variable("PGSSLNEGOTIATION"),
    Keyword::new("sslpassword")
        .refused("sslpassword is not supported; store the private key without a passphrase and leave it out"),
    Keyword::new("sslrootcert").variable("PGSSLROOTCERT"),
    Keyword::new("sslsni").variable("PGSSLSNI"),
    Keyword::new("target_session_attrs").variable("PGTARGETSESSIONATTRS"),
    Keyword::new("tcp_user_timeout"),
    Keyword::new("user").variable("PGUSER"),
    // These change nothing about what is read.
    Keyword::new("client_encoding"),
    Keyword::new("gssdelegation"),
    Keyword::new("gsslib"),
    Keyword::new("krbsrvname"),
    Keyword::new("max_protocol_version"),
    Keyword::new("min_protocol_version"),
    Keyword::new("sslkeylogfile"),
];

/// The option of this name, if there is one.
pub(super) fn keyword(name: &str) -> Option<&'static str> {
    KEYWORDS.iter().map(|keyword| keyword.name).find(|known| *known == name)
}
