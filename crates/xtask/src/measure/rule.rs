//! How long the code of a rule is.

use std::path::{Path, PathBuf};

/// A rule's code outside its page and tests.
pub(super) struct Lines {
    pub(super) path: PathBuf,
    /// Lines that are neither blank nor documentation.
    pub(super) lines: usize,
    /// Whether it is of the family "parameter X is off".
    pub(super) is_parameter: bool,
}

/// The lines of the file at `path`, where that is a rule's.
pub(super) fn measure(path: &Path, text: &str) -> Option<Lines> {
    let is_rule = text.contains("\nrule! {") && path.parent()?.parent()?.ends_with("analysis/src/rules");
    let code = text.lines().take_while(|line| *line != "#[cfg(test)]").map(str::trim_start);
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("///") && !line.starts_with("//!");
    is_rule.then(|| Lines {
        path: path.to_owned(),
        lines: code.filter(is_code).count(),
        is_parameter: text.contains("engine::off"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_tests_do_not_count() {
        let text =
            "//! A.\n\nuse x;\nrule! {\n    /// ## Page\n    rule a {}\n}\n\nfn f() {}\n\n#[cfg(test)]\nmod tests {}\n";
        let lines = |path: &str| measure(Path::new(path), text).map(|rule| rule.lines);
        assert_eq!(lines("crates/analysis/src/rules/vacuum/a.rs"), Some(5));
        assert_eq!(lines("crates/analysis/src/topics/a.rs"), None);
    }
}
