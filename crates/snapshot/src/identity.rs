//! Which cluster a snapshot is of, as surely as could be told.

use data_encoding::HEXLOWER;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How reliable an [`Identity`] is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The identifier that `initdb` gave the cluster; the same through every address, and on its standbys.
    SystemIdentifier,
    /// The address and port the server answered from, and the database's oid.
    ResolvedAddress,
    /// The requested host and port.
    ConfiguredHost,
}

/// What identifies a cluster. Any member can be missing; the fingerprint uses the best tier available.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Identity {
    /// The tier the fingerprint was taken from.
    pub tier: Option<Tier>,
    /// `pg_control_system().system_identifier` in decimal; empty if it could not be read.
    pub system_identifier: Option<String>,
    /// The server's address (`inet_server_addr()`); null for a Unix-domain socket.
    pub resolved_addr: Option<String>,
    /// The server's port (`inet_server_port()`).
    pub resolved_port: Option<i64>,
    /// The requested host: a name, an address or a socket directory.
    pub config_host: Option<String>,
    /// The requested port.
    pub config_port: Option<i64>,
    /// The oid of the database that the collector was connected to.
    pub dat_id: Option<i64>,
    /// `server_version_num`.
    pub server_version_num: Option<i64>,
    /// Lower-case hexadecimal SHA-256, see [`Identity::fingerprint_of`].
    pub fingerprint: Option<String>,
}

/// A digest that names a cluster, and the bytes it is the digest of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Where the bytes come from.
    pub tier: Tier,
    /// The text whose UTF-8 bytes are digested; `printf %s TEXT | sha256sum` gives the same.
    pub text: String,
    /// Lower-case hexadecimal SHA-256 of `text`.
    pub digest: String,
}

impl Identity {
    /// The fingerprint of the best tier that is known.
    ///
    /// Tier 0: `system_identifier`; tier 1: `resolved_addr:resolved_port:dat_id`; tier 2: `config_host:config_port`.
    /// `None` where not even the last is known.
    #[must_use]
    pub fn fingerprint_of(&self) -> Option<Fingerprint> {
        let (tier, text) =
            self.by_system_identifier().or_else(|| self.by_resolved_address()).or_else(|| self.by_configured_host())?;
        let digest = sha256_hex(text.as_bytes());
        Some(Fingerprint { tier, text, digest })
    }

    fn by_system_identifier(&self) -> Option<(Tier, String)> {
        let identifier = self.system_identifier.as_ref().filter(|identifier| !identifier.is_empty())?;
        Some((Tier::SystemIdentifier, identifier.clone()))
    }

    fn by_resolved_address(&self) -> Option<(Tier, String)> {
        let addr = self.resolved_addr.as_ref().filter(|addr| !addr.is_empty())?;
        Some((Tier::ResolvedAddress, format!("{addr}:{}:{}", self.resolved_port?, self.dat_id?)))
    }

    fn by_configured_host(&self) -> Option<(Tier, String)> {
        Some((Tier::ConfiguredHost, format!("{}:{}", self.config_host.as_ref()?, self.config_port?)))
    }
}

/// Bytes that are digested in one call. A browser first runs unoptimized code of a module, and switches to optimized code only
/// when a function is called again: a single call for a whole document would run the slow code to its end.
const DIGESTED_AT_ONCE: usize = 1 << 16;

/// Lower-case hexadecimal SHA-256 of `bytes`.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    bytes.chunks(DIGESTED_AT_ONCE).for_each(|chunk| digest.update(chunk));
    hex(&digest.finalize())
}

/// `bytes` in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Identity {
        Identity {
            system_identifier: Some("7412345678901234567".to_owned()),
            resolved_addr: Some("10.0.0.5".to_owned()),
            resolved_port: Some(5432),
            config_host: Some("db1".to_owned()),
            config_port: Some(5432),
            dat_id: Some(16384),
            ..Identity::default()
        }
    }

    /// A test vector of FIPS 180 (SHA-256, a million times the letter a): longer than one piece, and not a multiple of it.
    #[test]
    fn the_digest_of_a_long_text_is_that_of_all_its_pieces() {
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(sha256_hex(&vec![b'a'; 1_000_000]), expected);
    }

    /// The digests were made with `printf %s TEXT | sha256sum`.
    #[test]
    fn each_tier_digests_exactly_the_documented_bytes() {
        let mut identity = full();
        let cases = [
            (
                Tier::SystemIdentifier,
                "7412345678901234567",
                "30b77d18cca45a7f4edba7f97ba89107c5ea8e0a8a6d5a4ed5efc62520eb566c",
            ),
            (
                Tier::ResolvedAddress,
                "10.0.0.5:5432:16384",
                "a7b2a1fefcad396461b9a35f2668620808ac484006d60912b76607449ea6f5f8",
            ),
            (Tier::ConfiguredHost, "db1:5432", "0b4faff8e8b19f071c9b7dd97516763e37456a4c7c0a99fafe4e04c6f1f0f7e1"),
        ];
        for (tier, text, digest) in cases {
            let fingerprint = identity.fingerprint_of().unwrap();
            assert_eq!((fingerprint.tier, fingerprint.text.as_str()), (tier, text));
            assert_eq!(fingerprint.digest, digest);
            match tier {
                Tier::SystemIdentifier => identity.system_identifier = Some(String::new()),
                Tier::ResolvedAddress => identity.resolved_addr = None,
                Tier::ConfiguredHost => identity.config_host = None,
            }
        }
        assert_eq!(identity.fingerprint_of(), None);
    }
}
