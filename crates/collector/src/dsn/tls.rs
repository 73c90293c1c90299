//! The options about TLS.

use std::path::{Path, PathBuf};

use super::defaults::Home;
use super::options::Options;
use crate::error::CollectError;

/// How much TLS there must be; each mode includes what those before it ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS only where the server refuses the session without.
    Allow,
    /// TLS where the server has it.
    Prefer,
    /// Always TLS.
    Require,
    /// And the server's certificate must be signed by an authority that is trusted.
    VerifyCa,
    /// And it must be for the host that was asked for.
    VerifyFull,
}

/// Where the authorities stand that are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// Wherever the operating system has them.
    System,
    /// In a file that may be missing.
    File(PathBuf),
    /// There is no home folder in which a file could be.
    Nowhere,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3.
    V1_3,
}

/// Whether the password's proof is bound to the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// Where it can be.
    Prefer,
    /// Always.
    Require,
}

/// What is said about TLS.
#[derive(Debug, Clone)]
pub struct TlsOptions {
    /// How much there must be.
    pub mode: SslMode,
    /// TLS from the first byte on, without asking the server whether it has it (PostgreSQL 17 and newer).
    pub direct: bool,
    /// Whether the password's proof is bound to the server's certificate.
    pub channel_binding: ChannelBinding,
    /// Whom to trust.
    pub roots: Roots,
    /// The client's certificate, in a file that may be missing.
    pub certificate: Option<PathBuf>,
    /// The key of the client's certificate.
    pub key: Option<PathBuf>,
    /// A file of revoked certificates, which may be missing.
    pub crl: Option<PathBuf>,
    /// A folder with such files.
    pub crl_folder: Option<PathBuf>,
    /// The oldest version of TLS that is spoken.
    pub least: TlsVersion,
    /// The newest version of TLS that is spoken.
    pub most: TlsVersion,
    /// Whether the host's name is said before encryption begins.
    pub sni: bool,
}

/// Reads the options about TLS.
pub(super) fn read(options: &Options, home: &Home) -> Result<TlsOptions, CollectError> {
    let is_system = options.get("sslrootcert") == Some("system");
    let mode = match options.get("sslmode") {
        None if is_system => SslMode::VerifyFull,
        None => SslMode::Prefer,
        Some(word) => mode(word)?,
    };
    if is_system && mode != SslMode::VerifyFull {
        return Err(bad("sslrootcert=system needs sslmode=verify-full"));
    }
    let direct = options.choice("sslnegotiation", &["postgres", "direct"])? == Some("direct");
    if direct && mode < SslMode::Require {
        return Err(bad("sslnegotiation=direct needs sslmode require, verify-ca or verify-full"));
    }
    let shows = options.choice("sslcertmode", &["disable", "allow"])? != Some("disable");
    let file = |key, default: &str| options.get(key).map(PathBuf::from).or_else(|| home.file(default));
    let crl_folder = options.get("sslcrldir").map(PathBuf::from);
    Ok(TlsOptions {
        mode,
        direct,
        channel_binding: match options.choice("channel_binding", &["disable", "prefer", "require"])? {
            Some("disable") => ChannelBinding::Disable,
            Some("require") => ChannelBinding::Require,
            _ => ChannelBinding::Prefer,
        },
        roots: match file("sslrootcert", ".postgresql/root.crt") {
            Some(_) if is_system => Roots::System,
            Some(path) => Roots::File(path),
            None => Roots::Nowhere,
        },
        certificate: file("sslcert", ".postgresql/postgresql.crt").filter(|_| shows),
        key: file("sslkey", ".postgresql/postgresql.key"),
        crl: match &crl_folder {
            Some(_) => options.get("sslcrl").map(PathBuf::from),
            None => file("sslcrl", ".postgresql/root.crl"),
        },
        crl_folder,
        least: least(options)?,
        most: most(options)?,
        sni: options.choice("sslsni", &["0", "1"])? != Some("0"),
    })
    .and_then(versions_fit)
}

/// What was named and is not there: libpq passes over it in silence, we say so.
pub(super) fn missing(options: &Options, tls: &TlsOptions) -> Vec<String> {
    let named = ["sslrootcert", "sslcrl", "sslcrldir"]
        .into_iter()
        .filter(|key| *key != "sslrootcert" || tls.roots != Roots::System);
    let gone = named.filter(|key| options.get(key).is_some_and(|path| !Path::new(path).exists()));
    gone.map(|key| format!("the file specified by {key} does not exist and was ignored")).collect()
}

fn mode(word: &str) -> Result<SslMode, CollectError> {
    Ok(match word {
        "disable" => SslMode::Disable,
        "allow" => SslMode::Allow,
        "prefer" => SslMode::Prefer,
        "require" => SslMode::Require,
        "verify-ca" => SslMode::VerifyCa,
        "verify-full" => SslMode::VerifyFull,
        _ => return Err(bad("sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full")),
    })
}

const VERSIONS: [&str; 4] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/// Older versions than 1.2 are never spoken, so they are no lower limit.
fn least(options: &Options) -> Result<TlsVersion, CollectError> {
    let word = options.choice_any_case("ssl_min_protocol_version", &VERSIONS)?;
    Ok(if word == Some("TLSv1.3") { TlsVersion::V1_3 } else { TlsVersion::V1_2 })
}

fn most(options: &Options) -> Result<TlsVersion, CollectError> {
    match options.choice_any_case("ssl_max_protocol_version", &VERSIONS)? {
        Some("TLSv1" | "TLSv1.1") => {
            Err(bad("ssl_max_protocol_version must be TLSv1.2 or TLSv1.3: older versions are not supported"))
        }
        Some("TLSv1.2") => Ok(TlsVersion::V1_2),
        _ => Ok(TlsVersion::V1_3),
    }
}

fn versions_fit(tls: TlsOptions) -> Result<TlsOptions, CollectError> {
    if tls.least > tls.most {
        return Err(bad("ssl_min_protocol_version is above ssl_max_protocol_version"));
    }
    Ok(tls)
}

fn bad(reason: &str) -> CollectError {
    CollectError::BadOption(reason.to_owned())
}
