//! The Content-Security-Policy of the page's two forms.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What both forms share: no plugin, no form, no base, pictures only inside the file, and strings become script or markup
/// only through the one policy `pgdba` that the page's own script makes.
const COMMON: &str = "img-src data:; base-uri 'none'; form-action 'none'; \
                      require-trusted-types-for 'script'; trusted-types pgdba";

/// For one file with one inline script and one inline style: exactly these texts and nothing else. The worker comes from
/// a blob because a file opened from disk has no origin that `'self'` could mean.
pub(super) fn one_file(script: &str, style: &str) -> String {
    format!(
        "default-src 'none'; script-src '{}' 'wasm-unsafe-eval'; worker-src blob:; style-src '{}'; {COMMON}",
        source(script),
        source(style)
    )
}

/// For a folder on a web server: what lies beside the page and nothing else.
pub(super) fn folder() -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; \
         connect-src 'self'; {COMMON}"
    )
}

/// The hash of the exact text between the tags, as a policy names it.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_the_one_browsers_compute() {
        // The example of the CSP specification.
        let expected = "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=";
        assert_eq!(source("alert('Hello, world.');"), expected);
    }

    #[test]
    fn one_file_allows_no_request() {
        let policy = one_file("a", "b");
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"));
        assert!(!policy.contains("'self'") && !policy.contains("connect-src") && !policy.contains('\n'));
    }
}
