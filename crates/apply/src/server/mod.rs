//! The server that is changed: one session that holds the advisory lock and runs every statement.

mod advisory;
pub(crate) mod alter_system;
pub(crate) mod dcs;
mod environment;
mod facts;
mod leader;
mod observe;
mod pooler;
mod quiet;
mod reload;
mod trial;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pgdba_change::facts::Facts;
use pgdba_change::patroni::Dcs;
use pgdba_collector::{Answer, ConnectOptions, Fault, Opening, Session, open_session};
use pgdba_snapshot::guards::marked;

pub(crate) use facts::Wanted;

use crate::error::{ApplyError, ChangeError};
use crate::patroni::Patroni;

/// The longest a change may take from the first question to the last, an answer of the user included.
const LIMIT: Duration = Duration::from_secs(3600);

/// Parameters that this session sets to 0 for itself, and since which version: limits that end sessions or statements,
/// parallel workers, who see other values than the session does, and quotes that would go into the file with every list.
const LIFTED: [(&str, i64); 7] = [
    ("quote_all_identifiers", 12),
    ("max_parallel_workers_per_gather", 12),
    ("statement_timeout", 12),
    ("lock_timeout", 12),
    ("idle_in_transaction_session_timeout", 12),
    ("idle_session_timeout", 14),
    ("transaction_timeout", 17),
];

/// The least versions by which the settings of [`LIFTED`] differ, the newest first.
const LIFTED_SINCE: [i64; 3] = [17, 14, 12];

/// Why a session did not open may be a limit of time that is in force for every session: these words are in the server's messages.
const ENDED_BY_LIMIT: [&str; 4] = ["57014", "25P03", "25P04", "57P05"];

/// How long sessions that such a limit ends are begun anew, and the pause before each.
const ATTEMPTS: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// What the server says where a library that every session loads is missing.
const MISSING_LIBRARY: [&str; 2] = ["could not access file", "could not load library"];

/// The parameters that name such libraries; a superuser can begin a session without them.
const PRELOADS: [&str; 2] = ["session_preload_libraries", "local_preload_libraries"];

/// A server to be changed, and its Patroni where it has one.
pub struct Server {
    pub(crate) session: Session,
    pub(crate) opening: Opening,
    pub(crate) connect: ConnectOptions,
    /// How Patroni is asked; none where nobody said where it is.
    pub(crate) patroni: Option<Arc<Patroni>>,
    /// The server as it was last seen.
    observed: Option<Facts>,
    /// The parameters that the role may set to keep its statements from being recorded, once they were asked for.
    settable: Option<BTreeSet<String>>,
    /// The lock on the leader's server, for a change through Patroni.
    leader: Option<leader::Leader>,
}

impl Server {
    /// Connects, and asks which server it is. The session can read; [`Server::hold`] makes it one that can change something.
    ///
    /// # Errors
    /// [`ApplyError::Collect`].
    pub async fn open(connect: &ConnectOptions, patroni: Option<Patroni>) -> Result<Self, ApplyError> {
        let (session, opening) = open_session(connect, LIMIT).await?;
        let connect = connect.clone();
        Ok(Self {
            session,
            opening,
            connect,
            patroni: dcs::shared(patroni),
            leader: None,
            observed: None,
            settable: None,
        })
    }

    /// Connects for a change: to the server itself, with a session that no limit of time ends. A limit that is in force for every
    /// session is lifted from the session's first moment on.
    ///
    /// # Errors
    /// [`ApplyError::Collect`]; [`ApplyError::Pooled`], with nothing left behind on the session.
    pub async fn open_for_change(connect: &ConnectOptions, patroni: Option<Patroni>) -> Result<Self, ApplyError> {
        let mut server = match Self::open_and_lift(connect).await {
            Err(error) if is_ended_by_configuration(&error) => Self::open_without_limits(connect, error).await?,
            outcome => outcome?,
        };
        server.patroni = dcs::shared(patroni);
        Ok(server)
    }

    async fn open_and_lift(connect: &ConnectOptions) -> Result<Self, ApplyError> {
        let mut server = Self::open(connect, None).await?;
        server.refuse_pooler().await?;
        server.lift_limits().await?;
        Ok(server)
    }

    /// A server refuses a setting that it does not know, so fewer are given until it takes them.
    async fn open_without_limits(connect: &ConnectOptions, first: ApplyError) -> Result<Self, ApplyError> {
        let begun = Instant::now();
        for version in LIFTED_SINCE {
            let names = LIFTED.iter().filter(|(_, since)| *since <= version);
            let mut settings: Vec<String> = names.map(|(name, _)| format!("-c {name}=0")).collect();
            if is_missing_library(&first) {
                settings.extend(PRELOADS.map(|name| format!("-c {name}=")));
            }
            let connect = ConnectOptions { startup_settings: Some(settings.join(" ")), ..connect.clone() };
            if let Ok(server) = Self::open_repeatedly(&connect, begun).await {
                return Ok(server);
            }
        }
        Err(first)
    }

    /// The server reads the settings that a session begins with inside the transaction that authenticates it, and
    /// `transaction_timeout` counts from that transaction's begin. A limit of a millisecond lets only some attempts through on a
    /// busy machine, and none where authentication itself takes longer, as SCRAM does.
    async fn open_repeatedly(connect: &ConnectOptions, begun: Instant) -> Result<Self, ApplyError> {
        loop {
            match Self::open_and_lift(connect).await {
                Err(error) if is_ended_by_limit(&error) && begun.elapsed() < ATTEMPTS => {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// What a reload brings into force for others must not keep this session from putting it back, or from seeing it as it is.
    async fn lift_limits(&mut self) -> Result<(), ApplyError> {
        let major = self.opening.version.major();
        for (name, _) in LIFTED.iter().filter(|(_, since)| *since <= major) {
            let set = format!("set {name} = 0");
            self.command(&set).await.map_err(|fault| ApplyError::Question(reason_of(fault)))?;
        }
        Ok(())
    }

    /// Begins a new session on the same server in place of one that was lost, and takes the lock of the change `id` again.
    ///
    /// # Errors
    /// [`ApplyError`]: no session, another server, or the lock is another change's.
    pub(crate) async fn reconnect(&mut self, id: &str) -> Result<(), ApplyError> {
        let connect = self.connect.for_database(&self.session.target, &self.opening.datname);
        let other = Self::open_for_change(&connect, None).await?;
        if other.fingerprint() != self.fingerprint()
            || other.opening.identity.resolved_addr != self.opening.identity.resolved_addr
        {
            return Err(ApplyError::Question("a different server answers at the same address".to_owned()));
        }
        self.opening = other.opening;
        self.session.replace(other.session);
        self.lock(id).await
    }

    /// The digest that names it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        self.opening.identity.fingerprint.as_deref().unwrap_or_default()
    }

    /// Where it is, for people.
    #[must_use]
    pub fn place(&self) -> String {
        let target = &self.session.target;
        format!("{}:{}", target.host, target.port)
    }

    /// Where its Patroni is asked, if it has one.
    #[must_use]
    pub fn patroni_url(&self) -> Option<&str> {
        self.patroni.as_deref().map(Patroni::url)
    }

    /// The dynamic configuration of its Patroni as it is now; none where it has no Patroni.
    ///
    /// # Errors
    /// [`ApplyError::Patroni`], also where that Patroni manages another cluster.
    pub async fn dcs(&mut self) -> Result<Option<Dcs>, ApplyError> {
        self.dcs_now().await
    }

    /// What the user should know of how the session came about, one sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.opening.warnings
    }

    /// The line that a person types on standard input; nothing where somebody asks to stop instead, or nothing comes.
    pub async fn typed(&mut self) -> Option<String> {
        let line = tokio::task::spawn_blocking(|| std::io::stdin().lines().next());
        self.session.unless_stopped(line).await?.ok()??.ok()
    }

    /// When the server started, in its own words.
    ///
    /// # Errors
    /// [`ApplyError::Question`].
    pub async fn started_at(&mut self) -> Result<Option<jiff::Timestamp>, ApplyError> {
        Ok(self.facts(Wanted::default()).await?.started_at)
    }

    /// Ends the session; the advisory lock goes with it.
    pub async fn close(self) {
        self.session.close().await;
    }

    /// Runs a statement of our own outside the guards. It bears the mark, so that whoever looks at the server's statements
    /// sees whose it is; only ALTER SYSTEM, which is the user's, goes without.
    pub(crate) async fn command(&mut self, sql: &str) -> Result<Vec<Answer>, Fault> {
        self.session.command(&marked(sql)).await
    }

    /// Asks a question that nothing can go on without.
    pub(crate) async fn ask(&mut self, sql: &str) -> Result<Vec<Answer>, ApplyError> {
        self.session.steady_query(sql).await.map_err(|fault| ApplyError::Question(reason_of(fault)))
    }
}

/// Whether a setting that applies to every session ended this one before it could lift it: a limit of time, a missing library.
fn is_ended_by_configuration(error: &ApplyError) -> bool {
    is_missing_library(error) || is_ended_by_limit(error)
}

fn is_ended_by_limit(error: &ApplyError) -> bool {
    let text = error.to_string();
    ENDED_BY_LIMIT.iter().any(|state| text.contains(&format!("SQLSTATE {state}")))
}

fn is_missing_library(error: &ApplyError) -> bool {
    let text = error.to_string();
    MISSING_LIBRARY.iter().any(|words| text.contains(words))
}

impl From<Fault> for ChangeError {
    fn from(fault: Fault) -> Self {
        Self::Session(reason_of(fault))
    }
}

/// A fault as a clause.
pub(crate) fn reason_of(fault: Fault) -> String {
    match fault.reason() {
        Ok(reason) | Err(Fault::Lost(reason)) => reason,
        Err(Fault::Interrupted) => "interrupted".to_owned(),
        Err(_) => "timed out".to_owned(),
    }
}
