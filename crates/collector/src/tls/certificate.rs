//! What pgdba itself must know of a server's certificate: names, dates, and what it was signed with.
//!
//! The chain of trust is checked by the TLS library. This is for what libpq takes and the library does not: names in the
//! subject, certificates of version 1, and the hash that channel binding needs.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::der::{
    BIT_STRING, BOOLEAN, Elements, GENERALIZED_TIME, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET, UTC_TIME, numbered,
};

/// `id-at-commonName`.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// `id-ce-subjectAltName`.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// `id-ce-basicConstraints`.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
/// Of the alternatives of a subjectAltName: `dNSName` and `iPAddress`.
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// The parts of a certificate.
pub(super) struct Certificate<'a> {
    whole: &'a [u8],
    /// Version 1 and 2 certificates cannot have extensions.
    pub(super) is_version_3: bool,
    /// What the issuer signed.
    pub(super) signed: &'a [u8],
    /// The names as they are encoded, to be compared byte by byte.
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    /// Kind of the public key, and the key.
    pub(super) key_algorithm: &'a [u8],
    pub(super) key: &'a [u8],
    /// How the issuer signed, and the signature.
    pub(super) signature_algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Takes a certificate apart; nothing where it is none.
    pub(super) fn parse(der: &'a [u8]) -> Option<Self> {
        let mut certificate = Elements(Elements(der).expect(SEQUENCE)?.content);
        let signed = certificate.expect(SEQUENCE)?;
        let signature_algorithm = certificate.expect(SEQUENCE)?.content;
        let signature = bits(certificate.expect(BIT_STRING)?.content)?;

        let mut parts = Elements(signed.content);
        let version = parts.optional(numbered(0)).and_then(|version| version.content.last().copied());
        parts.next()?; // the serial number
        parts.expect(SEQUENCE)?; // the signature's algorithm again
        let issuer = parts.expect(SEQUENCE)?.content;
        let mut validity = Elements(parts.expect(SEQUENCE)?.content);
        let subject = parts.expect(SEQUENCE)?.content;
        let (key_algorithm, key) = key(parts.expect(SEQUENCE)?.content)?;
        let extensions = parts.find(|part| part.tag == numbered(3)).map_or(&[][..], |part| part.content);
        Some(Self {
            whole: der,
            is_version_3: version == Some(2),
            signed: signed.whole,
            issuer,
            subject,
            not_before: time(validity.next()?)?,
            not_after: time(validity.next()?)?,
            key_algorithm,
            key,
            signature_algorithm,
            signature,
            extensions,
        })
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// Whether it says of itself that it may sign others.
    pub(super) fn is_authority(&self) -> bool {
        let constraints = self.extension(BASIC_CONSTRAINTS).and_then(|value| Elements(value).expect(SEQUENCE));
        let flag = constraints.and_then(|constraints| Elements(constraints.content).expect(BOOLEAN));
        flag.is_some_and(|flag| flag.content != [0])
    }

    /// The first common name of the subject.
    pub(super) fn common_name(&self) -> Option<&'a [u8]> {
        common_name(self.subject)
    }

    /// The host names and addresses that it is valid for besides its common name.
    pub(super) fn alternative_names(&self) -> Vec<AlternativeName<'a>> {
        let names = self.extension(SUBJECT_ALT_NAME).and_then(|value| Elements(value).expect(SEQUENCE));
        let names = names.map_or(&[][..], |names| names.content);
        let known = Elements(names).filter_map(|name| match name.tag {
            DNS_NAME => Some(AlternativeName::Dns(name.content)),
            IP_ADDRESS => Some(AlternativeName::Ip(address(name.content))),
            _ => None,
        });
        known.collect()
    }

    fn extension(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        let list = Elements(self.extensions).expect(SEQUENCE)?;
        Elements(list.content).find_map(|extension| {
            let mut parts = Elements(extension.content);
            let is_it = parts.expect(OBJECT_IDENTIFIER)?.content == wanted;
            // Between the two may stand whether it is critical.
            is_it.then(|| parts.find(|part| part.tag == OCTET_STRING).map(|value| value.content)).flatten()
        })
    }

    /// The data of channel binding `tls-server-end-point` (RFC 5929): the certificate's hash by the function that its
    /// signature was made with, SHA-256 in place of MD5 and SHA-1. None where the signature has no such function.
    pub(super) fn end_point_hash(&self) -> Option<Vec<u8>> {
        let mut algorithm = Elements(self.signature_algorithm);
        let name = algorithm.expect(OBJECT_IDENTIFIER)?.content;
        let hash = match (name.strip_prefix(RSA), name.strip_prefix(ECDSA)) {
            (Some([10]), _) => pss_hash(algorithm.optional(SEQUENCE).map_or(&[][..], |parameters| parameters.content)),
            (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => Hash::Sha256,
            (Some([14]), _) | (_, Some([3, 1])) => Hash::Sha224,
            (Some([12]), _) | (_, Some([3, 3])) => Hash::Sha384,
            (Some([13]), _) | (_, Some([3, 4])) => Hash::Sha512,
            _ => return None,
        };
        Some(match hash {
            Hash::Sha224 => Sha224::digest(self.whole).to_vec(),
            Hash::Sha256 => Sha256::digest(self.whole).to_vec(),
            Hash::Sha384 => Sha384::digest(self.whole).to_vec(),
            Hash::Sha512 => Sha512::digest(self.whole).to_vec(),
        })
    }
}

/// A name in the extension subjectAltName.
pub(super) enum AlternativeName<'a> {
    Dns(&'a [u8]),
    /// None where it has neither 4 nor 16 bytes.
    Ip(Option<IpAddr>),
}

enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// `1.2.840.113549.1.1` (PKCS #1), `1.2.840.10045.4` (ECDSA), `2.16.840.1.101.3.4.2` (hash functions of NIST).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
const NIST_HASH: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

/// The hash function in the parameters of an RSA-PSS signature; where it is not named, it is SHA-1.
fn pss_hash(parameters: &[u8]) -> Hash {
    let named = Elements(parameters).optional(numbered(0)).and_then(|part| Elements(part.content).expect(SEQUENCE));
    let name = named.and_then(|algorithm| Elements(algorithm.content).expect(OBJECT_IDENTIFIER));
    match name.and_then(|name| name.content.strip_prefix(NIST_HASH)) {
        Some([2]) => Hash::Sha384,
        Some([3]) => Hash::Sha512,
        Some([4]) => Hash::Sha224,
        _ => Hash::Sha256,
    }
}

/// The algorithm and the key of a `SubjectPublicKeyInfo`.
pub(super) fn key(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = Elements(content);
    let algorithm = parts.expect(SEQUENCE)?.content;
    Some((algorithm, bits(parts.expect(BIT_STRING)?.content)?))
}

/// The first common name in a name.
pub(super) fn common_name(name: &[u8]) -> Option<&[u8]> {
    let sets = Elements(name).filter(|part| part.tag == SET).flat_map(|set| Elements(set.content));
    let mut values = sets.filter_map(|attribute| {
        let mut parts = Elements(attribute.content);
        let is_it = parts.expect(OBJECT_IDENTIFIER)?.content == COMMON_NAME;
        is_it.then(|| parts.next()).flatten()
    });
    values.next().map(|value| value.content)
}

/// Whole bytes only: the first byte says how many bits are unused.
fn bits(content: &[u8]) -> Option<&[u8]> {
    content.strip_prefix(&[0])
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// `YYMMDDhhmmssZ` (until 2049) or `YYYYMMDDhhmmssZ`.
fn time(element: super::der::Element<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(element.content).ok()?.strip_suffix('Z')?;
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let year: i16 = text.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        GENERALIZED_TIME => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let number = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let civil = DateTime::new(year, number(0)?, number(2)?, number(4)?, number(6)?, number(8)?, 0).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use pgdba_snapshot::identity::hex;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::super::names;
    use super::*;

    /// `openssl req -new -x509 -newkey rsa:2048 -nodes -keyout /dev/null -sha384 -days 3650 -subj /O=Example/CN=db.example
    /// -addext 'subjectAltName=DNS:db.example,DNS:*.db.example,IP:10.0.0.5,IP:fd00::5'`
    fn example() -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(include_bytes!("example.pem")).unwrap()
    }

    /// What openssl itself says of it.
    #[test]
    fn the_parts_are_those_that_openssl_shows() {
        let der = example();
        let certificate = Certificate::parse(&der).unwrap();
        assert_eq!(certificate.common_name(), Some(b"db.example".as_slice()));
        assert_eq!(certificate.not_before.to_string(), "2026-11-24T11:53:25Z");
        assert_eq!(certificate.not_after.to_string(), "2036-11-21T11:53:25Z");
        assert!(certificate.is_version_3 && certificate.is_self_issued() && certificate.is_authority());
        let hash = "d42f98913d5ccd3b3ff972e74becc999eb2372d4be68d47ba9e4b2835f3b3a1863cb6e3656308998b29f066f6c697429";
        assert_eq!(hex(&certificate.end_point_hash().unwrap()), hash);
        for host in ["db.example", "A.db.example", "10.0.0.5", "fd00:0::5"] {
            assert!(names::check(&certificate, host).is_ok(), "{host}");
        }
        let mismatch = names::check(&certificate, "10.0.0.6").unwrap_err();
        let expected = "server certificate for \"db.example\" (and 3 more) does not match host name \"10.0.0.6\"";
        assert_eq!(mismatch.to_string(), expected);
    }

    /// It comes from a stranger: cut or changed anywhere, it is another certificate or none, and never a panic.
    #[test]
    fn a_spoilt_certificate_is_read_or_refused() {
        let whole = example().to_vec();
        let read = |der: &[u8]| {
            let Some(certificate) = Certificate::parse(der) else { return false };
            let _ =
                (names::check(&certificate, "db.example"), certificate.end_point_hash(), certificate.is_authority());
            true
        };
        assert!(read(&whole));
        for length in 0..whole.len() {
            assert!(!read(&whole[..length]), "{length}");
        }
        for at in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0x80, 0x84, 0xff, whole[at] ^ 1, whole[at] ^ 0x20] {
                let mut spoilt = whole.clone();
                spoilt[at] = byte;
                read(&spoilt);
            }
        }
    }
}
