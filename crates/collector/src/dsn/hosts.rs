//! The hosts that may be asked, one after the other: lists of names, addresses and ports, as libpq matches them.

use std::net::IpAddr;

use super::options::Options;
use super::{Host, defaults};
use crate::error::CollectError;

const DEFAULT_PORT: u16 = 5432;

/// Reads `host`, `hostaddr` and `port`, each of which may be a list.
pub(super) fn read(options: &Options) -> Result<Vec<Host>, CollectError> {
    let names: Vec<&str> = list(options, "host");
    let addresses: Vec<&str> = list(options, "hostaddr");
    let ports = list(options, "port");
    let count = if addresses.is_empty() { names.len().max(1) } else { addresses.len() };
    if !addresses.is_empty() && !names.is_empty() && names.len() != count {
        return Err(bad(format!("host has {} entries, but hostaddr has {count}", names.len())));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(bad(format!(
            "port has {} entries for {count} hosts; specify one, or one for each host",
            ports.len()
        )));
    }
    let hosts = (0..count).map(|at| {
        let port = port(ports.get(at).or(ports.first().filter(|_| ports.len() == 1)))?;
        let hostaddr = addresses.get(at).filter(|text| !text.is_empty());
        let hostaddr = hostaddr.map(|text| text.parse::<IpAddr>()).transpose();
        let hostaddr = hostaddr.map_err(|_| bad("hostaddr is not an IP address".to_owned()))?;
        let name = names.get(at).filter(|name| !name.is_empty()).map(|name| (*name).to_owned());
        if name.as_ref().is_some_and(|name| name.starts_with('@')) {
            return Err(bad("sockets in the abstract namespace (host=@...) are not supported".to_owned()));
        }
        let is_named = name.is_some() || hostaddr.is_none();
        let name = name.or_else(|| hostaddr.map(|address| address.to_string()));
        let host = name.unwrap_or_else(|| defaults::host(port));
        Ok(Host { host, hostaddr, port, is_named })
    });
    hosts.collect()
}

fn list<'a>(options: &'a Options, key: &str) -> Vec<&'a str> {
    options.get(key).map(|text| text.split(',').map(str::trim).collect()).unwrap_or_default()
}

fn port(text: Option<&&str>) -> Result<u16, CollectError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(DEFAULT_PORT) };
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| bad("port must be an integer from 1 to 65535".to_owned()))
}

fn bad(reason: String) -> CollectError {
    CollectError::BadOption(reason)
}
