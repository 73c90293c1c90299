//! What pgdba itself must know of a server's certificate: names, dates, and what it was signed with.
//!
//! The chain of trust is checked by the TLS library. This is for what libpq takes and the library does not: names in the
//! subject, certificates of version 1, and the hash that channel binding needs.

use std::net::IpAddr;

use der::Tag;
use der::asn1::{BitStringRef, GeneralizedTime, ObjectIdentifier, UtcTime};
use jiff::Timestamp;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::der::{Element, Elements, numbered, numbered_primitive};

/// `id-at-commonName`.
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// `id-ce-subjectAltName`.
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
/// `id-ce-basicConstraints`.
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// Of the alternatives of a subjectAltName: `dNSName` and `iPAddress`.
const DNS_NAME: Tag = numbered_primitive(2);
const IP_ADDRESS: Tag = numbered_primitive(7);

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
    /// Takes a certificate apart; none where it is not one.
    pub(super) fn parse(der: &'a [u8]) -> Option<Self> {
        let mut certificate = Elements(der).expect(Tag::Sequence)?.parts();
        let signed = certificate.expect(Tag::Sequence)?;
        let signature_algorithm = certificate.expect(Tag::Sequence)?.content();
        let signature = bits(&certificate.expect(Tag::BitString)?)?;

        let mut parts = signed.parts();
        let version = parts.optional(numbered(0)).and_then(|version| version.content().last().copied());
        parts.next()?; // the serial number
        parts.expect(Tag::Sequence)?; // the signature's algorithm again
        let issuer = parts.expect(Tag::Sequence)?.content();
        let mut validity = parts.expect(Tag::Sequence)?.parts();
        let subject = parts.expect(Tag::Sequence)?.content();
        let (key_algorithm, key) = key(parts.expect(Tag::Sequence)?.content())?;
        let extensions = parts.find(|part| part.tag() == numbered(3)).map_or(&[][..], |part| part.content());
        Some(Self {
            whole: der,
            is_version_3: version == Some(2),
            signed: signed.whole,
            issuer,
            subject,
            not_before: time(&validity.next()?)?,
            not_after: time(&validity.next()?)?,
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
        let constraints = self.extension(BASIC_CONSTRAINTS).and_then(|value| Elements(value).expect(Tag::Sequence));
        let flag = constraints.and_then(|constraints| constraints.parts().expect(Tag::Boolean));
        flag.is_some_and(|flag| flag.content() != [0])
    }

    /// The first common name of the subject.
    pub(super) fn common_name(&self) -> Option<&'a [u8]> {
        common_name(self.subject)
    }

    /// The host names and addresses that it is valid for besides its common name.
    pub(super) fn alternative_names(&self) -> Vec<AlternativeName<'a>> {
        let names = self.extension(SUBJECT_ALT_NAME).and_then(|value| Elements(value).expect(Tag::Sequence));
        let names = names.map_or(Elements(&[]), |names| names.parts());
        let known = names.filter_map(|name| match name.tag() {
            DNS_NAME => Some(AlternativeName::Dns(name.content())),
            IP_ADDRESS => Some(AlternativeName::Ip(address(name.content()))),
            _ => None,
        });
        known.collect()
    }

    fn extension(&self, wanted: ObjectIdentifier) -> Option<&'a [u8]> {
        Elements(self.extensions).expect(Tag::Sequence)?.parts().find_map(|extension| {
            let mut parts = extension.parts();
            let is_it = identifier(&parts.next()?)? == wanted;
            // Between the two may stand whether it is critical.
            is_it.then(|| parts.find(|part| part.tag() == Tag::OctetString).map(|value| value.content())).flatten()
        })
    }

    /// The data of channel binding `tls-server-end-point` (RFC 5929): the certificate's hash by the function that its
    /// signature was made with, SHA-256 in place of MD5 and SHA-1. None where the signature has no such function.
    pub(super) fn end_point_hash(&self) -> Option<Vec<u8>> {
        let mut algorithm = Elements(self.signature_algorithm);
        let name = identifier(&algorithm.next()?)?;
        let hash = match (last_arc(name, RSA), last_arc(name, ECDSA), last_arc(name, ECDSA_WITH_SHA2)) {
            (Some(10), ..) => pss_hash(algorithm.optional(Tag::Sequence).map_or(Elements(&[]), |all| all.parts())),
            (Some(4 | 5 | 11), ..) | (_, Some(1), _) | (.., Some(2)) => Hash::Sha256,
            (Some(14), ..) | (.., Some(1)) => Hash::Sha224,
            (Some(12), ..) | (.., Some(3)) => Hash::Sha384,
            (Some(13), ..) | (.., Some(4)) => Hash::Sha512,
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

/// PKCS #1, ECDSA with SHA-1 and with SHA-2, and the hash functions of NIST.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1");
const ECDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4");
const ECDSA_WITH_SHA2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3");
const NIST_HASH: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2");

/// The number of `name` right below `parent`.
fn last_arc(name: ObjectIdentifier, parent: ObjectIdentifier) -> Option<u32> {
    (name.parent() == Some(parent)).then(|| name.arcs().last()).flatten()
}

/// The hash function in the parameters of an RSA-PSS signature; where it is not named, it is SHA-1.
fn pss_hash(mut parameters: Elements<'_>) -> Hash {
    let named = parameters.optional(numbered(0)).and_then(|part| part.parts().expect(Tag::Sequence));
    let name = named.and_then(|algorithm| identifier(&algorithm.parts().next()?));
    match name.and_then(|name| last_arc(name, NIST_HASH)) {
        Some(2) => Hash::Sha384,
        Some(3) => Hash::Sha512,
        Some(4) => Hash::Sha224,
        _ => Hash::Sha256,
    }
}

/// The algorithm and the key of a `SubjectPublicKeyInfo`.
pub(super) fn key(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = Elements(content);
    let algorithm = parts.expect(Tag::Sequence)?.content();
    Some((algorithm, bits(&parts.expect(Tag::BitString)?)?))
}

/// The first common name in a name.
pub(super) fn common_name(name: &[u8]) -> Option<&[u8]> {
    let sets = Elements(name).filter(|part| part.tag() == Tag::Set).flat_map(|set| set.parts());
    let mut values = sets.filter_map(|attribute| {
        let mut parts = attribute.parts();
        let is_it = identifier(&parts.next()?)? == COMMON_NAME;
        is_it.then(|| parts.next()).flatten()
    });
    values.next().map(|value| value.content())
}

fn identifier(element: &Element<'_>) -> Option<ObjectIdentifier> {
    element.any.decode_as().ok()
}

/// Whole bytes only.
fn bits<'a>(element: &Element<'a>) -> Option<&'a [u8]> {
    element.any.decode_as::<BitStringRef<'a>>().ok()?.as_bytes()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// `YYMMDDhhmmssZ` (until 2049) or `YYYYMMDDhhmmssZ`.
fn time(element: &Element<'_>) -> Option<Timestamp> {
    let since_1970 = match element.tag() {
        Tag::UtcTime => element.any.decode_as::<UtcTime>().ok()?.to_unix_duration(),
        Tag::GeneralizedTime => element.any.decode_as::<GeneralizedTime>().ok()?.to_unix_duration(),
        _ => return None,
    };
    Timestamp::from_second(i64::try_from(since_1970.as_secs()).ok()?).ok()
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
