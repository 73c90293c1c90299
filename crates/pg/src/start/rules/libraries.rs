//! Libraries that are loaded when the server or a session starts.

use super::Start;
use crate::start::host::{Host, Path};
use crate::start::problem::Problem;
use crate::start::questions::Questions;
use crate::start::settings::Settings;
use crate::start::shared_memory::library_name;

/// The parameters that name libraries to load.
const PRELOADS: [&str; 3] = ["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries"];

const PATH: &str = "dynamic_library_path";

/// Where `local_preload_libraries` looks for a plain name.
const PLUGINS: &str = "$libdir/plugins";

/// A library that needs another one before it.
const KCACHE: &str = "pg_stat_kcache";
const STATEMENTS: &str = "pg_stat_statements";

/// Whether a library is where it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Its file is there.
    Present,
    /// It is not.
    Missing,
    /// The directory could not be listed.
    Unknown,
}

/// Where a library is looked for.
enum Place {
    /// By its file name in these directories.
    Directories(Vec<String>, String),
    /// At this path, with or without the suffix.
    Path(String),
}

pub(super) fn ask(start: &Start<'_>, questions: &mut Questions) {
    for name in PRELOADS.into_iter().filter(|name| start.touches(&[name, PATH])) {
        for library in start.settings.list(name).unwrap_or_default() {
            match place(start.settings, name, &library) {
                Place::Directories(directories, _) => questions.library_directories.extend(directories),
                Place::Path(path) => questions.paths.extend([format!("{path}.so"), path]),
            }
        }
    }
}

/// The libraries that a parameter names, and whether each is there.
#[must_use]
pub fn presence(settings: &Settings, host: &Host, name: &str) -> Vec<(String, Presence)> {
    let libraries = settings.list(name).unwrap_or_default();
    libraries.into_iter().map(|library| (library.clone(), find(settings, host, name, &library))).collect()
}

fn find(settings: &Settings, host: &Host, name: &str, library: &str) -> Presence {
    match place(settings, name, library) {
        Place::Directories(directories, file) => {
            let with_suffix = format!("{file}.so");
            let listings: Vec<_> = directories.iter().map(|directory| host.libraries.get(directory)).collect();
            let has_it =
                |files: &&std::collections::BTreeSet<String>| files.contains(&file) || files.contains(&with_suffix);
            if listings.iter().flatten().any(has_it) {
                Presence::Present
            } else if listings.iter().all(Option::is_some) {
                Presence::Missing
            } else {
                Presence::Unknown
            }
        }
        Place::Path(path) => {
            let at = [host.path(&path), host.path(&format!("{path}.so"))];
            if at.contains(&Some(&Path::File)) {
                Presence::Present
            } else if at.iter().all(|at| matches!(at, Some(Path::Missing | Path::Directory))) {
                Presence::Missing
            } else {
                Presence::Unknown
            }
        }
    }
}

fn place(settings: &Settings, name: &str, library: &str) -> Place {
    if let Some((directory, file)) = library.rsplit_once('/') {
        if directory == "$libdir" || directory.starts_with("$libdir/") {
            return Place::Directories(vec![directory.to_owned()], file.to_owned());
        }
        return Place::Path(library.to_owned());
    }
    let directories = match settings.text(PATH) {
        _ if name == "local_preload_libraries" => vec![PLUGINS.to_owned()],
        Some(path) => path.split(':').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        None => vec!["$libdir".to_owned()],
    };
    Place::Directories(directories, library.to_owned())
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    let name = PRELOADS[0];
    if !start.touches(&[name, PATH]) {
        return Vec::new();
    }
    let loaded = start.running.and_then(|running| running.list(name)).unwrap_or_default();
    let path_is_changed = start.touches(&[PATH]);
    let mut problems = Vec::new();
    for (library, presence) in presence(start.settings, host, name) {
        let is_new = path_is_changed || !loaded.contains(&library);
        match presence {
            Presence::Missing => {
                let wherefrom = if path_is_changed { " in dynamic_library_path" } else { "" };
                let reason = format!("{name}: the library \"{library}\" does not exist{wherefrom}");
                problems.push(Problem::certain(&[name, PATH], reason));
            }
            Presence::Unknown if is_new => {
                problems.push(Problem::unless(&[name], format!("the library \"{library}\" is installed ({name})")));
            }
            Presence::Unknown | Presence::Present => {}
        }
    }
    problems.extend(order(start.settings));
    problems
}

/// It refuses to load where the other one was not loaded before it.
fn order(settings: &Settings) -> Option<Problem> {
    let name = PRELOADS[0];
    let libraries = settings.list(name)?;
    let position = |wanted: &str| libraries.iter().position(|library| library_name(library) == wanted);
    let kcache = position(KCACHE)?;
    let is_late = position(STATEMENTS).is_none_or(|statements| statements > kcache);
    is_late.then(|| Problem::certain(&[name], format!("{name}: {KCACHE} must come after {STATEMENTS}")))
}
