//! Asking Patroni's REST interface, by Python's own client: Patroni brings Python with it, and what the tests look at is then
//! not seen through the client that they try.

use std::process::Command;

use anyhow::{Context, Result};

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

/// Status and answer.
pub(super) fn ask(options: &PatroniLabOptions, url: &str, method: &str, body: &str) -> Result<(u16, String)> {
    let credentials = options.credentials.as_ref().map(|(user, password)| format!("{user}:{password}"));
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
