//! `cargo xtask doctor`: what is needed here, whether it is there, and what installs it. It changes nothing.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::servers::{MAJORS, client_tools, clock, release};
use crate::setup::{browser, node, wasm_target};
use crate::{paths, process};

/// One thing that some command needs.
struct Need {
    name: String,
    /// What is there, in words.
    found: Option<String>,
    needed_for: &'static str,
    /// The command or the advice that brings it.
    remedy: &'static str,
}

const SETUP: &str = "cargo xtask setup";

/// Prints the table.
pub fn run() -> Result<()> {
    let needs = needs()?;
    let width = |column: fn(&Need) -> usize| needs.iter().map(column).max().unwrap_or_default();
    let (name, purpose) = (width(|need| need.name.chars().count()), width(|need| need.needed_for.chars().count()));
    for need in &needs {
        let (mark, rest) = match &need.found {
            Some(found) => ("there  ", found.clone()),
            None => ("MISSING", need.remedy.to_owned()),
        };
        println!("{mark}  {:name$}  {:purpose$}  {rest}", need.name, need.needed_for);
    }
    let missing = needs.iter().filter(|need| need.found.is_none()).count();
    println!("\n{}", if missing == 0 { "nothing is missing".to_owned() } else { format!("{missing} missing") });
    println!("kept between builds: {}", paths::cache()?.display());
    Ok(())
}

fn needs() -> Result<Vec<Need>> {
    let mut needs = vec![
        Need {
            name: "Rust".to_owned(),
            found: version("rustc", &["--version"]),
            needed_for: "everything",
            remedy: "https://rustup.rs",
        },
        Need {
            name: format!("target {}", wasm_target::TARGET),
            found: wasm_target::found(),
            needed_for: "web, demo, test",
            remedy: SETUP,
        },
        Need {
            name: "Node.js 18 or newer".to_owned(),
            found: node::prepare().ok().and_then(|()| node::version()),
            needed_for: "servers, test",
            remedy: "your system's package, or https://nodejs.org",
        },
        Need {
            name: "npm".to_owned(),
            found: version("npm", &["--version"]),
            needed_for: "servers, test",
            remedy: "comes with Node.js",
        },
        Need {
            name: "tar".to_owned(),
            found: version("tar", &["--version"]),
            needed_for: "servers, test",
            remedy: "your system's package",
        },
    ];
    for major in MAJORS {
        needs.push(server(major)?);
    }
    needs.extend(["psql", "pgbench", "patroni", "etcd"].map(debian_program));
    needs.push(movable_clock());
    needs.push(Need {
        name: "openssl".to_owned(),
        found: version("openssl", &["version"]),
        needed_for: "test",
        remedy: SETUP,
    });
    needs.push(Need {
        name: "Chromium".to_owned(),
        found: browser::find()?.map(|file| file.display().to_string()),
        needed_for: "test",
        remedy: SETUP,
    });
    needs.push(Need {
        name: "node modules of the browser tests".to_owned(),
        found: node::has_browser_modules().then(|| node::BROWSER_TESTS.to_owned()),
        needed_for: "test",
        remedy: SETUP,
    });
    Ok(needs)
}

fn server(major: u32) -> Result<Need> {
    let found = release::installed(major)?.map(|folder| short(&folder));
    let needed_for = if major == crate::servers::NEWEST { "demo, test" } else { "test" };
    Ok(Need { name: format!("PostgreSQL {major}"), found, needed_for, remedy: SETUP })
}

fn debian_program(program: &str) -> Need {
    let found = client_tools::find(program).map(|file| file.display().to_string());
    Need { name: program.to_owned(), found, needed_for: "test", remedy: SETUP }
}

fn movable_clock() -> Need {
    let found = Path::new(clock::LIBRARY).exists().then(|| clock::LIBRARY.to_owned());
    Need { name: "libfaketime".to_owned(), found, needed_for: "test", remedy: SETUP }
}

/// The version that stands in the name of a server's folder.
fn short(native: &Path) -> String {
    let home = native.parent().unwrap_or(native);
    home.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn version(program: &str, words: &[&str]) -> Option<String> {
    let text = process::output(Command::new(program).args(words)).ok()?;
    text.lines().next().map(str::to_owned)
}
