//! A disk without room for the document.

use std::process::Command;

use xtask::servers::{NEWEST, Server, ServerOptions};
use xtask::{paths, process};

use super::FILE;
use crate::program::build;

/// Ways to run out of room in the folder `$1`, and what the system says then.
/// A small disk of its own, seen by these processes only, so that nothing of it stays; and a limit on the size of files.
const OUT_OF_ROOM: [(&str, &str); 2] =
    [("mount -t tmpfs -o size=64k none \"$1\"", "no space left on device"), ("ulimit -f 64", "file too large")];

#[test]
fn a_disk_that_is_full_leaves_the_file_that_was_there() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let dsn = server.dsn("postgres", "postgres");
    build();
    let alone = ["--mount", "--map-root-user"];
    let may_mount = process::succeeds(Command::new("unshare").args(alone).arg("true"));
    let both = ["pgdba", "pgdba-collect"].into_iter();
    for (program, (limit, why)) in both.flat_map(|program| OUT_OF_ROOM.map(|way| (program, way))) {
        let is_disk = limit.starts_with("mount");
        if is_disk && !may_mount {
            eprintln!("no disk can be mounted here, so only a limit on the size of files is tried");
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let before = format!("{limit} && cd \"$1\" && echo before > {FILE} && shift");
        let script = format!("{before}\n\"$@\" >&2\necho \"exit $?\" && ls -A && cat {FILE}");
        let mut command = Command::new(if is_disk { "unshare" } else { "env" });
        command.args(is_disk.then_some(alone).into_iter().flatten());
        command.args(["sh", "-c", &script, "sh"]).arg(folder.path());
        command.arg(paths::target().join("debug").join(program)).args((program == "pgdba").then_some("inspect"));
        let done = command.args(["--dsn", &dsn, "-o", FILE]).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(String::from_utf8(done.stdout).unwrap(), format!("exit 1\n{FILE}\nbefore\n"), "{said}");
        assert!(said.contains(why) && said.lines().count() == 1, "{said}");
    }
}
