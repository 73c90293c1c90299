//! A line of the file, as the server writes it.

/// A line as the server writes it, without its line break.
#[must_use]
pub fn line_of(name: &str, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b" = ", &quoted(value)].concat()
}

/// A value as it is written in the file.
pub(super) fn quoted(value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![b'\''];
    for &byte in value {
        if byte == b'\'' || byte == b'\\' {
            bytes.push(byte);
        }
        bytes.push(byte);
    }
    bytes.push(b'\'');
    bytes
}
