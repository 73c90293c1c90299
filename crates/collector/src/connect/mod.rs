//! Making the session, and saying why there is none: host after host, address after address, as libpq does it.

mod attempt;
mod attributes;
mod explain;
mod route;

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Error};

pub use crate::connect_fault::{ConnectFault, ConnectFaultKind};
use crate::dsn::passfile::{self, Found};
use crate::dsn::{ConnectOptions, Host, SessionAttrs, Target};
use crate::error::CollectError;
use crate::socket::{Place, Stream};
use crate::wording::Limit;
use attempt::{Attempt, Failed};
pub(crate) use route::Route;

/// The task that moves a session's bytes.
pub(crate) type Driver = JoinHandle<Result<(), Error>>;

/// A session and where it is.
pub(crate) struct Connected {
    pub(crate) client: Client,
    pub(crate) connection: Driver,
    /// The host that answered, and the address it had.
    pub(crate) target: Target,
    /// How a cancel request gets there.
    pub(crate) route: Route,
    /// What the user should know, one sentence each.
    pub(crate) notes: Vec<String>,
}

/// A host or an address that gave no session.
struct Miss {
    target: Target,
    fault: ConnectFault,
}

/// Connects to the first host that gives the session that is wanted. The caller bounds the time of the whole.
///
/// # Errors
/// [`CollectError::Connect`], with the reason of each host that was asked.
pub(crate) async fn connect(options: &ConnectOptions) -> Result<Connected, CollectError> {
    let mut order: Vec<&Host> = options.hosts.iter().collect();
    if options.load_balance {
        shuffle(&mut order);
    }
    let rounds: &[SessionAttrs] = match options.session_attrs {
        SessionAttrs::PreferStandby => &[SessionAttrs::Standby, SessionAttrs::Any],
        SessionAttrs::Any => &[SessionAttrs::Any],
        SessionAttrs::ReadWrite => &[SessionAttrs::ReadWrite],
        SessionAttrs::ReadOnly => &[SessionAttrs::ReadOnly],
        SessionAttrs::Primary => &[SessionAttrs::Primary],
        SessionAttrs::Standby => &[SessionAttrs::Standby],
    };
    let mut misses = Vec::new();
    for wanted in rounds {
        misses.clear();
        for host in &order {
            match ask(options, host, *wanted, &mut misses).await {
                Answer::Session(connected) => return Ok(*connected),
                Answer::Next => {}
                Answer::End => return Err(failure(options, misses, true)),
            }
        }
    }
    Err(failure(options, misses, false))
}

enum Answer {
    Session(Box<Connected>),
    /// The next host may do better.
    Next,
    /// The server that answered is the one, and it refused.
    End,
}

/// Asks one host at each of its addresses.
async fn ask(options: &ConnectOptions, host: &Host, wanted: SessionAttrs, misses: &mut Vec<Miss>) -> Answer {
    let Target { user, dbname, .. } = options.target.clone();
    let mut target = Target { host: host.host.clone(), address: None, port: host.port, user, dbname };
    let places = match places(options, host, &target).await {
        Ok(places) => places,
        Err(fault) => {
            misses.push(Miss { target, fault });
            return Answer::Next;
        }
    };
    let found = match (&options.password, &options.passfile) {
        (None, Some(file)) => passfile::look_up(file, &target),
        _ => Found::default(),
    };
    for place in places {
        if let Place::Tcp(address) = &place {
            target.address = Some(address.ip()).filter(|ip| ip.to_string() != target.host);
        }
        let attempt = Attempt { options, host, target: &target, place, found: &found };
        let session = match attempt.run().await {
            Ok(session) => session,
            Err(Failed { fault, may_go_on, .. }) => {
                misses.push(Miss { target: target.clone(), fault });
                if may_go_on {
                    continue;
                }
                return Answer::End;
            }
        };
        let (client, connection, route) = session;
        let checked = within(options.connect_timeout, attributes::check(&client, wanted)).await;
        if let Err(fault) = checked.and_then(|verdict| verdict) {
            misses.push(Miss { target, fault });
            return Answer::Next;
        }
        let notes = options.notes.iter().cloned().chain(found.ignored).collect();
        return Answer::Session(Box::new(Connected { client, connection, target, route, notes }));
    }
    Answer::Next
}

/// Where a host may be.
async fn places(options: &ConnectOptions, host: &Host, target: &Target) -> Result<Vec<Place>, ConnectFault> {
    if let Some(address) = host.hostaddr {
        return Ok(vec![Place::Tcp(SocketAddr::new(address, host.port))]);
    }
    if target.is_socket() {
        return Ok(vec![Place::Unix(Path::new(&host.host).join(format!(".s.PGSQL.{}", host.port)))]);
    }
    let lookup = lookup_host((host.host.as_str(), host.port));
    let found = within(options.connect_timeout, lookup).await?;
    let mut places: Vec<Place> = found.map_err(|error| explain::explain_io(&error, false))?.map(Place::Tcp).collect();
    if options.load_balance {
        shuffle(&mut places);
    }
    Ok(places)
}

/// What `work` gives, unless it takes longer than one address may take.
async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Result<T, ConnectFault> {
    match limit {
        None => Ok(work.await),
        Some(limit) => timeout(limit, work)
            .await
            .map_err(|_| ConnectFault::new(ConnectFaultKind::Timeout, format!("timed out after {}", Limit(limit)))),
    }
}

/// What to say where no session came about; `answered` where the last one asked did answer, and refused.
fn failure(options: &ConnectOptions, mut misses: Vec<Miss>, answered: bool) -> CollectError {
    let last = misses.pop().unwrap_or_else(|| Miss {
        target: options.target.clone(),
        fault: ConnectFault::new(ConnectFaultKind::HostUnknown, "the host name does not resolve to an address"),
    });
    let Miss { target, mut fault } = last;
    if misses.is_empty() {
        return CollectError::Connect { target: Box::new(target), fault };
    }
    if answered {
        fault.message = format!("{} (previous attempts: {})", fault.message, listed(&misses));
        return CollectError::Connect { target: Box::new(target), fault };
    }
    let kind = if options.hosts.len() > 1 { ConnectFaultKind::AllHostsFailed } else { fault.kind };
    misses.push(Miss { target, fault });
    let fault = ConnectFault { kind, message: listed(&misses) };
    CollectError::Connect { target: Box::new(options.target.clone()), fault }
}

fn listed(misses: &[Miss]) -> String {
    let each = misses.iter().map(|miss| format!("{}: {}", crate::dsn::Place(&miss.target), miss.fault));
    each.collect::<Vec<_>>().join("; ")
}

/// Puts the items into an order that is left to chance.
fn shuffle<T>(items: &mut [T]) {
    // The keys of the standard library's hash maps are the nearest source of chance.
    for upper in (1..items.len()).rev() {
        let chance = RandomState::new().hash_one(upper);
        let at = usize::try_from(chance % (upper as u64 + 1)).unwrap_or(upper);
        items.swap(upper, at);
    }
}
