//! A Patroni cluster starts, changes its leader, and leaves nothing behind.

use std::fs;

use anyhow::Result;
use xtask::servers::PatroniLab;

/// How many processes have this text among their arguments.
fn processes_with(text: &str) -> usize {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let arguments = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    arguments.filter(|arguments| String::from_utf8_lossy(arguments).contains(text)).count()
}

#[test]
fn a_pair_changes_places_and_goes_without_a_trace() -> Result<()> {
    let lab = PatroniLab::pair()?;
    assert_eq!(lab.leader()?, 0);
    let places = [0, 1].map(|index| lab.data_dir(index));
    let is_standby = |index| lab.query(index, "select pg_is_in_recovery()");
    assert_eq!([is_standby(0)?, is_standby(1)?].concat().concat(), [Some("f".to_owned()), Some("t".to_owned())]);
    lab.switchover()?;
    assert_eq!(lab.leader()?, 1);
    assert_eq!([is_standby(0)?, is_standby(1)?].concat().concat(), [Some("t".to_owned()), Some("f".to_owned())]);
    let folders = places.map(|place| place.parent().map(std::path::Path::to_path_buf).unwrap_or(place));
    let texts = folders.clone().map(|folder| format!("{}/", folder.display()));
    // Patroni and its server.
    assert!(texts.iter().all(|text| processes_with(text) >= 2));
    drop(lab);
    assert_eq!(texts.map(|text| processes_with(&text)), [0, 0]);
    assert!(folders.iter().all(|folder| !folder.exists()));
    Ok(())
}
