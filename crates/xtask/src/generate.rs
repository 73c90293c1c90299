//! `cargo xtask gen`: files that are made from code and committed.
//!
//! Writing and checking are one code path, so a check cannot pass on files that a run would change.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::paths;

/// Makes the texts of some files; paths are relative to the workspace.
pub type Generator = fn() -> Result<Vec<(PathBuf, String)>>;

/// Every generator, in the order they run.
const GENERATORS: &[Generator] = &[];

/// The command that makes the files, as it stands in their first lines and in messages.
pub const COMMAND: &str = "cargo xtask gen";

/// Writes every generated file that is not as it should be; with `check` it names them and fails instead.
pub fn run(check: bool) -> Result<()> {
    run_all(GENERATORS, check)
}

fn run_all(generators: &[Generator], check: bool) -> Result<()> {
    let mut stale = Vec::new();
    for generator in generators {
        for (path, text) in generator()? {
            let place = paths::root().join(&path);
            if fs::read_to_string(&place).is_ok_and(|found| found == text) {
                continue;
            }
            if !check {
                let folder = place.parent().context("a generated file without a folder")?;
                fs::create_dir_all(folder)?;
                fs::write(&place, text).with_context(|| format!("could not write {}", path.display()))?;
                println!("wrote {}", path.display());
            }
            stale.push(path.display().to_string());
        }
    }
    if check && !stale.is_empty() {
        bail!("generated files are not as the code says: {}\nrun `{COMMAND}` and commit them", stale.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_names_file_and_command() {
        let generators: [Generator; 1] = [|| Ok(vec![(PathBuf::from("docs/no-such-file.md"), "text".to_owned())])];
        let error = run_all(&generators, true).unwrap_err().to_string();
        assert!(error.contains("docs/no-such-file.md") && error.contains(COMMAND), "{error}");
    }
}
