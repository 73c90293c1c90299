//! What check_postgres says of the same relations.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::servers::Server;
use crate::setup::packages;

const PROGRAM: &str = "check_postgres";

/// The share of bloat by the name of the relation. It names relations of which it thinks that a part is wasted, and their
/// tables and indexes.
pub(super) fn estimates(server: &Server) -> Result<BTreeMap<String, f64>> {
    if process::find_in_path(PROGRAM).is_none() {
        packages::install(&["check-postgres"], "check_postgres, to compare with")?;
    }
    let mut command = Command::new(PROGRAM);
    command.args(["--action=bloat", "--host=127.0.0.1", "--dbuser=postgres", "--db=postgres", "--perflimit=5000"]);
    command.args(["--warning=0", "--critical=99999999999", &format!("--port={}", server.port())]);
    // It ends with 1, as it warns of everything.
    let output = command.output()?;
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Reads `table s.t rows:9 pages:10 shouldbe:5 (2.0X) …` and `index i rows:? pages:10 shouldbe:5 …`.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let entry = |part: &str| {
        let words: Vec<&str> = part.split_whitespace().collect();
        let kind = words.iter().position(|word| matches!(*word, "table" | "index"))?;
        let name = words.get(kind + 1)?.rsplit('.').next()?.to_owned();
        let number = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)?.parse::<f64>().ok());
        let (pages, needed) = (number("pages:")?, number("shouldbe:")?);
        // It lists indexes once more as tables that need nothing.
        (pages > 0.0 && needed > 0.0).then(|| (name, (1.0 - needed / pages).max(0.0)))
    };
    text.split(" * ").filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_become_shares() {
        let text = "POSTGRES_BLOAT WARNING: DB \"postgres\" (db postgres) table history.large rows:240679 pages:3368 \
                    shouldbe:1684 (2.0X) wasted size:11182080 (10 MB) * (db postgres) index large_pkey rows:? pages:1099 \
                    shouldbe:1414 (0.8X) wasted bytes:0 (0 bytes) * (db postgres) table history.large_pkey rows:9 pages:1099 \
                    shouldbe:0 (0.0X) wasted size:0 (0 bytes)";
        let expected = [("large".to_owned(), 0.5), ("large_pkey".to_owned(), 0.0)];
        assert_eq!(parse(text), expected.into_iter().collect());
    }
}
