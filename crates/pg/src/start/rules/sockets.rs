//! Where the server listens: it needs one TCP address, and every directory for a Unix-domain socket.

use std::net::IpAddr;

use super::Start;
use crate::parameter::split_list;
use crate::start::host::{Host, Path, Writable};
use crate::start::problem::Problem;
use crate::start::questions::Questions;

const ADDRESSES: &str = "listen_addresses";
const DIRECTORIES: &str = "unix_socket_directories";
const GROUP: &str = "unix_socket_group";
const PORT: &str = "port";

/// The longest path of a socket, in bytes.
const LONGEST_PATH: usize = 107;

/// The lowest port for everybody where the system says nothing else.
const USUAL_LOWEST_PORT: i64 = 1024;

pub(super) fn ask(start: &Start<'_>, questions: &mut Questions) {
    questions.addresses |= start.touches(&[ADDRESSES]);
    questions.ports |= start.touches(&[PORT, ADDRESSES]);
    questions.groups |=
        start.touches(&[GROUP, DIRECTORIES]) && start.settings.text(GROUP).is_some_and(|name| !name.is_empty());
    if start.touches(&[DIRECTORIES]) {
        questions.mounts = true;
        questions.paths.extend(directories(start));
    }
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        [nowhere(start), addresses(start, host), port(start, host), group(start, host)].into_iter().flatten().collect();
    problems.extend(directories(start).iter().filter_map(|directory| socket(start, host, directory)));
    problems
}

/// The directories for sockets; names in the abstract namespace begin with `@` and need none.
fn directories(start: &Start<'_>) -> Vec<String> {
    let all = start.settings.list(DIRECTORIES).unwrap_or_default();
    all.into_iter().filter(|directory| !directory.starts_with('@')).collect()
}

fn nowhere(start: &Start<'_>) -> Option<Problem> {
    let names = [ADDRESSES, DIRECTORIES];
    let is_empty = |name| start.settings.text(name).is_some_and(|text| text.trim().is_empty());
    let has_no_directory = is_empty(DIRECTORIES) || start.settings.list(DIRECTORIES).is_some_and(|all| all.is_empty());
    (start.touches(&names) && is_empty(ADDRESSES) && has_no_directory)
        .then(|| Problem::certain(&names, format!("{ADDRESSES} and {DIRECTORIES} are both empty")))
}

/// Whether the server can listen on an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bind {
    Yes,
    No,
    Unknown,
}

fn addresses(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let names = [ADDRESSES];
    let text = start.settings.text(ADDRESSES).filter(|_| start.touches(&names))?;
    let Some(all) = split_list(text, true) else {
        let reason = format!("{ADDRESSES} is not a comma-separated list: \"{text}\"");
        return Some(Problem::certain(&names, reason));
    };
    let binds: Vec<Bind> = all.iter().map(|address| bind(address, host)).collect();
    if all.is_empty() || binds.contains(&Bind::Yes) {
        return None;
    }
    let list = all.join(", ");
    if binds.contains(&Bind::Unknown) {
        let which = if all.len() == 1 { list } else { format!("one of {list}") };
        return Some(Problem::unless(&names, format!("{which} is an address of its host ({ADDRESSES})")));
    }
    let reason = match all.len() {
        1 => format!("{list} is not an address of the host ({ADDRESSES})"),
        _ => format!("none of {list} is an address of the host ({ADDRESSES})"),
    };
    Some(Problem::certain(&names, reason))
}

fn bind(address: &str, host: &Host) -> Bind {
    if matches!(address, "*" | "0.0.0.0" | "localhost" | "127.0.0.1") {
        return Bind::Yes;
    }
    let is_own = |address: &IpAddr| match &host.addresses {
        _ if address.is_loopback() && address.is_ipv4() => Bind::Yes,
        Some(own) if own.contains(address) => Bind::Yes,
        Some(own) if address.is_unspecified() => {
            if own.iter().any(IpAddr::is_ipv6) {
                Bind::Yes
            } else {
                Bind::Unknown
            }
        }
        Some(_) => Bind::No,
        None => Bind::Unknown,
    };
    if let Ok(address) = address.parse::<IpAddr>() {
        return is_own(&address);
    }
    let known = host.host_names.as_ref().and_then(|names| names.get(&address.to_ascii_lowercase()));
    // A name server may know it where the host's table does not.
    let Some(known) = known else { return Bind::Unknown };
    if known.iter().any(|address| is_own(address) == Bind::Yes) { Bind::Yes } else { Bind::Unknown }
}

fn port(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let names = [PORT];
    let port = start.settings.integer(PORT).filter(|_| start.touches(&[PORT, ADDRESSES]))?;
    let listens = start.settings.text(ADDRESSES).is_some_and(|text| !text.trim().is_empty());
    let same_as_now = start.running.and_then(|running| running.integer(PORT)) == Some(port);
    if !listens || (same_as_now && !start.touches(&names)) {
        return None;
    }
    match host.lowest_port {
        Some(lowest) if port < lowest => {
            let reason = format!("the lowest port for the server's user is {lowest}, but {PORT} is {port}");
            Some(Problem::certain(&names, reason))
        }
        None if port < USUAL_LOWEST_PORT => {
            Some(Problem::unless(&names, format!("its user has the privilege to listen on port {port}")))
        }
        Some(_) | None => None,
    }
}

fn socket(start: &Start<'_>, host: &Host, directory: &str) -> Option<Problem> {
    let names = [DIRECTORIES];
    if start.touches(&[DIRECTORIES, PORT]) {
        let port = start.settings.integer(PORT)?;
        let length = format!("{}/.s.PGSQL.{port}", directory.trim_end_matches('/')).len();
        if length > LONGEST_PATH {
            let reason = format!(
                "{DIRECTORIES}: the path of the socket in \"{directory}\" has {length} bytes, but the maximum is \
                 {LONGEST_PATH}"
            );
            return Some(Problem::certain(&names, reason));
        }
    }
    if !start.touches(&names) {
        return None;
    }
    let certain = |what: &str| Some(Problem::certain(&names, format!("{DIRECTORIES}: {what}")));
    match host.path(directory)? {
        Path::Missing => certain(&format!("the directory \"{directory}\" does not exist")),
        Path::File => certain(&format!("\"{directory}\" is not a directory")),
        Path::Refused(reason) => certain(&format!("the server cannot use \"{directory}\": {reason}")),
        Path::Directory => match host.writable(directory) {
            Writable::Yes => None,
            Writable::No => certain(&format!("the server cannot write to \"{directory}\"")),
            Writable::Doubtful => {
                Some(Problem::unless(&names, format!("its user can write to \"{directory}\" ({DIRECTORIES})")))
            }
        },
    }
}

fn group(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let names = [GROUP];
    let group = start.settings.text(GROUP).filter(|group| !group.is_empty())?;
    if !start.touches(&[GROUP, DIRECTORIES]) || directories(start).is_empty() {
        return None;
    }
    let number = match (group.parse::<i64>(), &host.groups) {
        (Ok(number), _) => Some(number),
        (Err(_), Some(groups)) => groups.get(group).copied(),
        (Err(_), None) => None,
    };
    let is_own = number.zip(host.own_groups.as_ref()).map(|(number, own)| own.contains(&number));
    match is_own {
        Some(true) => None,
        Some(false) => Some(Problem::certain(
            &names,
            format!("the server's user is not a member of the group \"{group}\" ({GROUP})"),
        )),
        None if host.groups.is_some() && number.is_none() => {
            let condition = format!("the group \"{group}\" exists, although it is not in /etc/group ({GROUP})");
            Some(Problem::unless(&names, condition))
        }
        None => Some(Problem::unless(&names, format!("its user is a member of the group \"{group}\" ({GROUP})"))),
    }
}
