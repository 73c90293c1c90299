//! Names that every OpenSSL that PostgreSQL is built with knows. Others may be known too.

/// Groups of the key exchange, in lower case: curves, finite fields, and hybrids of OpenSSL 3.5.
const GROUPS: [&str; 24] = [
    "brainpoolp256r1",
    "brainpoolp384r1",
    "brainpoolp512r1",
    "ffdhe2048",
    "ffdhe3072",
    "ffdhe4096",
    "ffdhe6144",
    "ffdhe8192",
    "mlkem1024",
    "mlkem512",
    "mlkem768",
    "p-224",
    "p-256",
    "p-384",
    "p-521",
    "prime256v1",
    "secp224r1",
    "secp256k1",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "x25519",
    "x25519mlkem768",
    "x448",
];

/// Cipher suites of TLS 1.3.
const SUITES: [&str; 5] = [
    "TLS_AES_128_CCM_8_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
];

/// Whether `name` is a group of the key exchange, in any case.
#[must_use]
pub fn is_group(name: &str) -> bool {
    GROUPS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether `name` is a cipher suite of TLS 1.3.
#[must_use]
pub fn is_suite(name: &str) -> bool {
    SUITES.contains(&name)
}

/// Whether `name` may be that of a cipher or of a class of them: those (`HIGH`, `ECDHE-RSA-AES256-GCM-SHA384`, `kRSA`, `@SECLEVEL=2`) have capitals.
#[must_use]
pub fn may_be_cipher(name: &str) -> bool {
    let name = name.trim_start_matches(['+', '@']);
    !name.starts_with(['!', '-']) && name.chars().any(|c| c.is_ascii_uppercase())
}
