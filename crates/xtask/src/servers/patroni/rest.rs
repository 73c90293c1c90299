//! Asking Patroni's REST interface, not through the client that the tests try: over a bare connection, because members are
//! asked ten times a second until they are ready; with TLS by Python's own client, which Patroni brings with it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::options::PatroniLabOptions;
use crate::process;

const SCRIPT: &str = r#"
import base64, ssl, sys, urllib.error, urllib.request
url, method, body, credentials, authority, certificate, key = sys.argv[1:]
context = ssl.create_default_context(cafile=authority) if authority else None
if certificate:
    context.load_cert_chain(certificate, key)
request = urllib.request.Request(url, data=body.encode() or None, method=method)
if credentials:
    request.add_header("Authorization", "Basic " + base64.b64encode(credentials.encode()).decode())
try:
    answer = urllib.request.urlopen(request, timeout=30, context=context)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status if hasattr(answer, "status") else answer.code)
print(answer.read().decode())
"#;

/// How long a member may take to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);

/// Status and answer.
pub(super) fn ask(options: &PatroniLabOptions, url: &str, method: &str, body: &str) -> Result<(u16, String)> {
    let credentials = options.credentials.as_ref().map(|(user, password)| format!("{user}:{password}"));
    match url.strip_prefix("http://") {
        Some(place) => ask_plainly(credentials, place, method, body),
        None => ask_by_python(options, credentials, url, method, body),
    }
}

/// Patroni answers in HTTP/1.0: the end of the answer is the end of the connection.
fn ask_plainly(credentials: Option<String>, place: &str, method: &str, body: &str) -> Result<(u16, String)> {
    let (host, path) = place.split_once('/').context("an address without a path")?;
    let mut connection = TcpStream::connect(host).with_context(|| format!("could not connect to {host}"))?;
    connection.set_read_timeout(Some(ANSWERED_WITHIN))?;
    let access = credentials.map(|pair| format!("Authorization: Basic {}\r\n", STANDARD.encode(pair)));
    let (access, length) = (access.unwrap_or_default(), body.len());
    write!(connection, "{method} /{path} HTTP/1.0\r\nHost: {host}\r\n{access}Content-Length: {length}\r\n\r\n{body}")?;
    let mut text = String::new();
    connection.read_to_string(&mut text).with_context(|| format!("{host} did not answer"))?;
    let (head, answer) = text.split_once("\r\n\r\n").context("an answer without an end of its head")?;
    let status = head.split(' ').nth(1).context("an answer without a status")?;
    Ok((status.parse().context("a status that is no number")?, answer.trim_end().to_owned()))
}

fn ask_by_python(
    options: &PatroniLabOptions,
    credentials: Option<String>,
    url: &str,
    method: &str,
    body: &str,
) -> Result<(u16, String)> {
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-c", SCRIPT, url, method, body, &credentials.unwrap_or_default()]);
    match &options.tls {
        None => command.args(["", "", ""]),
        Some(tls) => {
            let client = tls.client.clone().unwrap_or_default();
            command.arg(&tls.authority).arg(client.0).arg(client.1)
        }
    };
    let text = process::output(&mut command)?;
    let (status, answer) = text.split_once('\n').context("no answer")?;
    Ok((status.parse().context("no status")?, answer.trim_end().to_owned()))
}
