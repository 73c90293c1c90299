//! Encodings other than UTF-8, by the first bytes of a text.

/// The encoding of a text whose characters take two or four bytes each, by its byte order mark or its first character.
pub(crate) fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    let is_first = |byte: u8| matches!(byte, b'{' | b'[') || byte.is_ascii_whitespace();
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [first, 0, 0, 0, ..] | [0, 0, 0, first, ..] if is_first(*first) => Some("UTF-32"),
        [first, 0, ..] | [0, first, ..] if is_first(*first) => Some("UTF-16"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_encodings_are_told_apart_with_and_without_a_byte_order_mark() {
        for (text, expected) in [
            (&b"\xff\xfe{\0}\0"[..], Some("UTF-16")),
            (b"\xfe\xff\0{\0}", Some("UTF-16")),
            (b"{\0}\0", Some("UTF-16")),
            (b"\0{\0}", Some("UTF-16")),
            (b"\n\0{\0}\0", Some("UTF-16")),
            (b"\xff\xfe\0\0{\0\0\0", Some("UTF-32")),
            (b"\0\0\xfe\xff\0\0\0{", Some("UTF-32")),
            (b"{\0\0\0}\0\0\0", Some("UTF-32")),
            (b"\0\0\0{\0\0\0}", Some("UTF-32")),
            (b"\xef\xbb\xbf{}", None),
            (b"{}", None),
            (b"\0\0\0\0", None),
            (b"", None),
        ] {
            assert_eq!(wide_encoding(text), expected, "{text:?}");
        }
    }
}
