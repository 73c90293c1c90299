//! Which server this is and what the role may ask it: the first questions of a session.

use std::time::Duration;

use pgdba_pg::ServerVersion;
use pgdba_snapshot::guards::is_hampered;
use pgdba_snapshot::{Identity, Tier};

use crate::dsn::{ConnectOptions, Target};
use crate::error::CollectError;
use crate::fault::Fault;
use crate::guard::{Counting, Guard};
use crate::missing::Missing;
use crate::session::{Answer, Session};

/// Asked before the version is known, so it must run everywhere.
const OPENING: &str = "\
select pg_catalog.current_setting('server_version_num') as version_num,
       pg_catalog.current_setting('is_superuser') = 'on' as is_superuser,
       pg_catalog.current_setting('pg_stat_statements.track', true) is not null as counts_statements,
       pg_catalog.current_database() as datname,
       (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()) as dat_id,
       pg_catalog.current_setting('server_encoding') = 'SQL_ASCII' as keeps_any_bytes,
       pg_catalog.host(pg_catalog.inet_server_addr()) as addr,
       pg_catalog.inet_server_port() as port,
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - pg_catalog.pg_postmaster_start_time()) as uptime,
       pg_catalog.has_function_privilege(
         pg_catalog.to_regprocedure('pg_catalog.pg_control_system()')::pg_catalog.oid, 'EXECUTE') as may_read_control";

const SYSTEM_IDENTIFIER: &str = "select system_identifier from pg_catalog.pg_control_system()";

/// After how many seconds without a statement the server ends the session; 0 for never, null before version 14.
const IDLE_LIMIT: &str = "\
pg_catalog.date_part('epoch', pg_catalog.current_setting('idle_session_timeout', true)::pg_catalog.interval) as idle_limit";

/// The first version whose control file may identify a cluster.
const CONTROL_SINCE: i64 = 13;

/// What is known of the server before the first section.
pub struct Opening {
    /// The server's version.
    pub version: ServerVersion,
    /// Which cluster it is.
    pub identity: Identity,
    /// The database the session is in.
    pub datname: String,
    /// How long the server had been up, in seconds.
    pub uptime: f64,
    /// What stands in for what could not be known.
    pub warnings: Vec<String>,
}

/// A session, and what server it is on.
///
/// # Errors
/// Where no session comes about within `max_time`, or the server will not say what it is.
pub async fn open_session(connect: &ConnectOptions, max_time: Duration) -> Result<(Session, Opening), CollectError> {
    let mut session = Session::open(connect, max_time).await?;
    match identify(&mut session).await {
        Ok(opening) => Ok((session, opening)),
        Err(refusal) => {
            let target = session.target.clone();
            session.close().await;
            Err(refusal.into_error(&target, max_time))
        }
    }
}

/// Asks what another database of the same server takes, and puts the session under the guards for it.
pub(crate) async fn identify_database(session: &mut Session) -> Result<(), Fault> {
    let sql = format!(
        "select pg_catalog.current_setting('server_encoding') = 'SQL_ASCII' as keeps_any_bytes,\n       \
         {IDLE_LIMIT},\n       {} as is_hampered",
        is_hampered()
    );
    // Asked without giving the planner anything: what it lacks by itself is the question.
    session.guard = Guard { keeps_any_bytes: false, is_hampered: false, ..session.guard };
    let answer = session.query(&sql).await?.into_iter().next().unwrap_or_default();
    session.guard.keeps_any_bytes = answer.is("keeps_any_bytes");
    session.guard.is_hampered = answer.is("is_hampered");
    session.idle_limit = idle_limit(&answer);
    Ok(())
}

/// Asks, and puts the session under the guards that this server takes.
pub(crate) async fn identify(session: &mut Session) -> Result<Opening, Refusal> {
    let answers =
        session.query(&format!("{OPENING},\n       {IDLE_LIMIT},\n       {} as is_hampered", is_hampered())).await?;
    let answer = answers.into_iter().next().unwrap_or_default();
    let version = answer.get("version_num").and_then(|text| text.parse().ok()).map(ServerVersion);
    let version = version.ok_or(Refusal::Fault(Fault::Answer("it did not report its version".to_owned())))?;
    if version.major() < Guard::UNKNOWN_SERVER.major {
        return Err(Refusal::TooOld(version));
    }
    let counting = match (answer.is("counts_statements"), answer.is("is_superuser")) {
        (true, true) => Counting::Uncounted,
        (true, false) => Counting::Counted,
        (false, _) => Counting::Absent,
    };
    session.guard = Guard {
        major: version.major(),
        counting,
        keeps_any_bytes: answer.is("keeps_any_bytes"),
        is_hampered: answer.is("is_hampered"),
    };

    session.idle_limit = idle_limit(&answer);
    let mut warnings = std::mem::take(&mut session.notes);
    let system_identifier = match system_identifier(session, version, &answer).await? {
        Ok(identifier) => identifier,
        Err(reason) => {
            warnings.push(format!(
                "the fingerprint identifies the address, not the cluster, because the system identifier is unknown: \
                 {reason}"
            ));
            String::new()
        }
    };
    let identity = identity(&answer, system_identifier, version, &session.target);
    if identity.tier != Some(Tier::SystemIdentifier)
        && identity.resolved_port.is_some_and(|own| Some(own) != identity.config_port)
    {
        let text = "the server listens on a different port, so the connection goes through a pooler or a port \
                    forwarder: through another route the same server might have another fingerprint";
        warnings.push(text.to_owned());
    }
    let datname = answer.text("datname").unwrap_or_default();
    let uptime = answer.get("uptime").and_then(|text| text.parse().ok()).unwrap_or(0.0);
    Ok(Opening { version, identity, datname, uptime, warnings })
}

/// After which time without a statement the server ends the session.
fn idle_limit(answer: &Answer) -> Option<Duration> {
    let seconds = answer.get("idle_limit")?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero())
}

/// The identifier, or why it is unknown; a fault only where the session is over.
async fn system_identifier(
    session: &mut Session,
    version: ServerVersion,
    answer: &Answer,
) -> Result<Result<String, Missing>, Fault> {
    if version.major() < CONTROL_SINCE {
        return Ok(Err(Missing::Refused(format!("it requires PostgreSQL {CONTROL_SINCE} or newer"))));
    }
    if !answer.is("may_read_control") {
        return Ok(Err(Missing::Refused("no EXECUTE privilege on function pg_control_system".to_owned())));
    }
    match session.query(SYSTEM_IDENTIFIER).await {
        Ok(rows) => {
            let identifier = rows.first().and_then(|row| row.text("system_identifier"));
            Ok(identifier.ok_or_else(|| Missing::Refused("function pg_control_system did not return it".to_owned())))
        }
        Err(fault) => fault.reason().map(|reason| Err(Missing::Refused(reason))),
    }
}

fn identity(answer: &Answer, system_identifier: String, version: ServerVersion, target: &Target) -> Identity {
    let number = |column| answer.get(column).and_then(|text| text.parse().ok());
    let mut identity = Identity {
        system_identifier: Some(system_identifier),
        resolved_addr: answer.text("addr"),
        resolved_port: number("port"),
        config_host: Some(target.host.clone()),
        config_port: Some(i64::from(target.port)),
        dat_id: number("dat_id"),
        server_version_num: Some(version.0),
        ..Identity::default()
    };
    let fingerprint = identity.fingerprint_of();
    identity.tier = fingerprint.as_ref().map(|fingerprint| fingerprint.tier);
    identity.fingerprint = fingerprint.map(|fingerprint| fingerprint.digest);
    identity
}

/// Why there is nothing to collect from.
pub(crate) enum Refusal {
    Fault(Fault),
    TooOld(ServerVersion),
    /// No section is there, and why.
    Nothing(String),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Refusal {
    /// As the error of the whole collection.
    pub(crate) fn into_error(self, target: &Target, limit: Duration) -> CollectError {
        let target = Box::new(target.clone());
        let fault = match self {
            Self::TooOld(version) => return CollectError::ServerTooOld { target, version: version.to_string() },
            Self::Nothing(reason) => return CollectError::Nothing { target, reason },
            Self::Fault(fault) => fault,
        };
        match fault.reason() {
            Ok(reason) => CollectError::Refused { target, reason },
            Err(Fault::Lost(reason)) => CollectError::Lost { target, reason },
            Err(Fault::Interrupted) => CollectError::Interrupted,
            Err(Fault::Output(source)) => CollectError::document(source),
            Err(_) => CollectError::TimeLimit(limit),
        }
    }
}
