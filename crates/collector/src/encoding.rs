//! Text that is not valid UTF-8: a name or a query from a database whose encoding checks nothing.
//!
//! One such byte makes the server refuse a whole section, or arrives and cannot be read. The section is then asked for
//! again with every value in ASCII.

/// `sql` with every value of `columns` as text in which bytes beyond ASCII are written `\ooo`, and `\` twice.
///
/// It needs a session whose client encoding is `SQL_ASCII`, so that the server converts nothing on the way.
pub(crate) fn escaping(sql: &str, columns: &[String]) -> String {
    let values: Vec<String> = columns
        .iter()
        .map(|column| {
            let name = pgdba_pg::quote::quote_identifier(column);
            format!("pg_catalog.encode(pg_catalog.textsend(q.{name}::pg_catalog.text), 'escape') as {name}")
        })
        .collect();
    format!("select {}\nfrom (\n{}\n) q", values.join(",\n       "), sql.trim_end())
}

/// The text behind what [`escaping`] asked for; bytes that are no UTF-8 become replacement characters.
pub(crate) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => break,
            [b'\\', b'\\', rest @ ..] => {
                bytes.push(b'\\');
                rest
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', rest @ ..] => {
                bytes.push(((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'));
                rest
            }
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_bytes_come_back() {
        assert_eq!(unescaped("caf\\303\\251"), "café");
        assert_eq!(unescaped("caf\\351 and \\\\"), "caf\u{fffd} and \\");
        assert_eq!(unescaped("\\9 \\"), "\\9 \\");
    }

    #[test]
    fn every_column_is_escaped() {
        let sql = escaping("select 1 as a, 2 as \"B\"\n", &["a".to_owned(), "B".to_owned()]);
        assert!(sql.contains("q.a::pg_catalog.text") && sql.contains("as \"B\"\nfrom (\nselect 1"), "{sql}");
    }
}
