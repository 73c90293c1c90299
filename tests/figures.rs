//! Figures in the built program: no dependency of a test has a say in how it reads numbers.

use std::fs;

use crate::program::pgdba;

#[test]
fn the_program_shows_a_figure_with_all_its_digits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    // Numbers that a fast reading gets wrong in the last digit.
    for figure in ["12102703.018219067", "499222242241.79596"] {
        let sections = format!(r#"{{"host":{{"available":true,"columns":["a"],"rows":[[{figure}]]}}}}"#);
        fs::write(&file, format!(r#"{{"format":"pgdba.diag_snapshot","format_version":1,"sections":{sections}}}"#))
            .unwrap();
        let run = pgdba(&["snapshot", "show", file.to_str().unwrap(), "host"]);
        assert_eq!(run.stdout.lines().nth(1), Some(figure), "{}", run.stderr);
    }
}
