//! TLS: read when the server starts with `ssl = on`, and at no other start.

use super::Start;
use crate::start::host::{Host, Path};
use crate::start::problem::Problem;
use crate::start::questions::Questions;
use crate::tls_names;

/// The key and what goes with it. Its mode, its owner and whether it fits are seen by no query.
const KEY: [&str; 4] = ["ssl", "ssl_cert_file", "ssl_key_file", "ssl_passphrase_command"];

/// Files that must be there where they are named.
const FILES: [&str; 5] = ["ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file", "ssl_dh_params_file"];

/// From this version on the two limits of the protocol are compared.
const COMPARES_PROTOCOLS: i64 = 13;

/// Up to this version of OpenSSL an unknown cipher is passed over.
const LENIENT_OPENSSL: &str = "1.";

/// Versions of the protocol, the oldest first.
const PROTOCOLS: [&str; 4] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

fn is_on(start: &Start<'_>) -> bool {
    start.settings.is_on("ssl") == Some(true)
}

/// Whether this parameter is read anew: it is in question, or TLS as a whole is.
fn is_read(start: &Start<'_>, name: &str) -> bool {
    is_on(start) && start.touches(&["ssl", name])
}

/// The files that are named and read, by parameter.
fn files<'s>(start: &Start<'s>) -> impl Iterator<Item = (&'static str, &'s str)> {
    let settings = start.settings;
    let read = FILES.into_iter().filter(|name| is_read(start, name)).collect::<Vec<_>>();
    read.into_iter().filter_map(move |name| Some((name, settings.text(name).filter(|file| !file.is_empty())?)))
}

pub(super) fn ask(start: &Start<'_>, questions: &mut Questions) {
    questions.paths.extend(files(start).map(|(_, file)| file.to_owned()));
    questions.openssl |= is_read(start, "ssl_ciphers");
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    if !is_on(start) {
        return Vec::new();
    }
    let mut problems: Vec<Problem> = files(start).filter_map(|(name, file)| missing(host, name, file)).collect();
    if problems.is_empty() {
        problems.extend(key(start));
    }
    let others = [protocols(start), groups(start), ciphers(start, host), suites(start)];
    problems.extend(others.into_iter().flatten());
    problems
}

fn missing(host: &Host, name: &str, file: &str) -> Option<Problem> {
    let names = ["ssl", name];
    match host.path(file) {
        Some(Path::File) => None,
        Some(Path::Missing | Path::Directory) => {
            Some(Problem::certain(&names, format!("ssl = on: {name}: the file \"{file}\" does not exist")))
        }
        Some(Path::Refused(reason)) => {
            Some(Problem::certain(&names, format!("ssl = on: the server cannot read {name} \"{file}\": {reason}")))
        }
        None => {
            Some(Problem::unless(&names, format!("{name} \"{file}\" exists and the server can read it (ssl = on)")))
        }
    }
}

fn key(start: &Start<'_>) -> Option<Problem> {
    let names = start.touched(&KEY);
    // What the running server has loaded it can load again.
    let same = |name: &str| start.running.is_some_and(|running| running.text(name) == start.settings.text(name));
    let was_on = start.running.is_some_and(|running| running.is_on("ssl") == Some(true));
    if names.is_empty() || (was_on && KEY.into_iter().skip(1).all(same)) {
        return None;
    }
    let key = start.settings.text("ssl_key_file").unwrap_or_default();
    let condition = format!(
        "ssl_key_file \"{key}\" is the key of the certificate, belongs to its user and cannot be read by others (mode \
         0600), which pgdba cannot check"
    );
    Some(Problem::unless(&names, condition))
}

fn protocols(start: &Start<'_>) -> Option<Problem> {
    let names = ["ssl_min_protocol_version", "ssl_max_protocol_version"];
    let is_read = names.into_iter().any(|name| is_read(start, name));
    let rank = |name: &str| PROTOCOLS.iter().position(|known| start.settings.text(name) == Some(known));
    let [least, most] = names.map(rank);
    let is_reversed = least.zip(most).is_some_and(|(least, most)| least > most);
    (is_read && is_reversed && start.settings.version.major() >= COMPARES_PROTOCOLS)
        .then(|| Problem::certain(&names, format!("{} is later than {}", names[0], names[1])))
}

fn groups(start: &Start<'_>) -> Option<Problem> {
    // Renamed in 18, where it may be a list.
    let name = ["ssl_groups", "ssl_ecdh_curve"].into_iter().find(|name| start.settings.text(name).is_some())?;
    let text = start.settings.text(name).filter(|text| is_read(start, name) && !text.is_empty())?;
    let unknown = text.split(':').find(|group| !tls_names::is_group(group))?;
    Some(Problem::unless(&[name], format!("OpenSSL knows the group \"{unknown}\" ({name})")))
}

fn ciphers(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let name = "ssl_ciphers";
    let text = start.settings.text(name).filter(|_| is_read(start, name))?;
    let is_lenient = host.openssl.as_ref().is_some_and(|version| version.starts_with(LENIENT_OPENSSL));
    let names_any = text.split([':', ',', ' ']).any(tls_names::may_be_cipher);
    (!is_lenient && !names_any)
        .then(|| Problem::unless(&[name], format!("OpenSSL knows a cipher of \"{text}\" ({name})")))
}

fn suites(start: &Start<'_>) -> Option<Problem> {
    let name = "ssl_tls13_ciphers";
    let text = start.settings.text(name).filter(|text| is_read(start, name) && !text.is_empty())?;
    (!text.split(':').any(tls_names::is_suite))
        .then(|| Problem::unless(&[name], format!("OpenSSL knows a cipher suite of \"{text}\" ({name})")))
}
