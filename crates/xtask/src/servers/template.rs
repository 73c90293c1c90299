//! Data directories that are copied instead of made: initdb takes about a second of processor time, a copy a twentieth of it.
//!
//! One directory of each release is kept in the cache folder. A copy differs from it as two runs of initdb differ: by the
//! system identifier.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::control::Control;
use super::folder;
use crate::setup::lock;
use crate::{paths, process};

/// Where a long page header, the first of each WAL file, has the system identifier.
const IN_WAL: u64 = 24;

/// Makes the data directory of `control` as initdb does with these arguments. `release` names the binaries in the cache.
pub(super) fn make_data_directory(control: &Control, release: &str, arguments: &[String]) -> Result<()> {
    let template = template(control, release, arguments)?;
    let mut copy = Command::new("cp");
    // Most of the first WAL file is zeros, which take no memory where the folder is in memory.
    copy.args(["-R", "--sparse=always", "--preserve=mode,ownership"]).arg(&template).arg(&control.data);
    process::output(&mut copy)?;
    identify(&control.data, new_identifier()?).with_context(|| format!("could not stamp a copy of {release}"))
}

/// The kept directory, made when it is missing. One that was cut off while it was made has another name and is made again.
fn template(control: &Control, release: &str, arguments: &[String]) -> Result<PathBuf> {
    let all = Control::initdb_arguments(arguments);
    let digest = Sha256::digest(format!("{:?} {all:?}", control.account));
    let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let place = paths::cache()?.join("data").join(format!("{release}-{digest}"));
    let finished = place.join("data");
    if finished.exists() {
        return Ok(finished);
    }
    let _lock = lock::exclusive(&format!("data-{release}"))?;
    if !finished.exists() {
        let unfinished = PathBuf::from(format!("{}.new", place.display()));
        fs::remove_dir_all(&unfinished).ok();
        folder::create_at(&unfinished, control.account)?;
        Control { data: unfinished.join("data"), ..control.clone() }.initdb(arguments)?;
        fs::rename(&unfinished, &place).with_context(|| format!("could not keep {}", place.display()))?;
    }
    Ok(finished)
}

/// An identifier as initdb makes one, of the time and the process, and of how many were made before.
fn new_identifier() -> Result<u64> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock is before 1970")?;
    let process = std::process::id().wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed)) & 0xFFF;
    Ok((now.as_secs() << 32) | u64::from((now.subsec_micros() << 12) | process))
}

/// Replaces the system identifier of a data directory whose server never ran: in the control file, with its checksum, and
/// in the WAL file.
fn identify(data: &Path, identifier: u64) -> Result<()> {
    let path = data.join("global/pg_control");
    let mut control = fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
    let old = stamp(&mut control, identifier).context("pg_control has no checksum where one is expected")?;
    // Written in place: a new file would belong to this process's user.
    let write = |path: &Path, bytes: &[u8], at| File::options().write(true).open(path)?.write_all_at(bytes, at);
    write(&path, &control, 0)?;
    let wal = data.join("pg_wal/000000010000000000000001");
    let mut found = [0; 8];
    File::open(&wal)?.read_exact_at(&mut found, IN_WAL)?;
    ensure!(found == old, "{} has another system identifier than pg_control", wal.display());
    write(&wal, &identifier.to_le_bytes(), IN_WAL)?;
    Ok(())
}

/// Puts the identifier first in the control file, and returns the one that was there. The checksum is at the end of what is
/// used of the file, which each version has somewhere else: it is where the checksum of all bytes before it stands.
fn stamp(control: &mut [u8], identifier: u64) -> Option<[u8; 8]> {
    let words = (8..control.len().checked_sub(4)?).step_by(4);
    let (mut checksum, mut done, mut place) = (!0, 0, None);
    for at in words {
        checksum = extend(checksum, control.get(done..at)?);
        done = at;
        if control.get(at..at + 4)? == (!checksum).to_le_bytes() {
            place = Some(at);
            break;
        }
    }
    let place = place?;
    let old = *control.first_chunk()?;
    *control.first_chunk_mut()? = identifier.to_le_bytes();
    let checksum = !extend(!0, control.get(..place)?);
    control.get_mut(place..place + 4)?.copy_from_slice(&checksum.to_le_bytes());
    Some(old)
}

/// CRC-32C, bit by bit: 300 bytes are all there is. It begins with all bits set and is inverted at its end.
fn extend(checksum: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(checksum, |checksum, byte| {
        let bit = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0x82F6_3B78 } else { sum >> 1 };
        (0..8).fold(checksum ^ u32::from(*byte), bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standards() {
        assert_eq!(!extend(!0, b"123456789"), 0xE306_9283);
        assert_eq!(!extend(extend(!0, b"1234"), b"56789"), 0xE306_9283);
    }

    #[test]
    fn a_control_file_is_stamped_where_its_checksum_is() {
        let mut file = vec![7; 64];
        file[40..44].copy_from_slice(&(!extend(!0, &[7; 40])).to_le_bytes());
        assert_eq!(stamp(&mut file, 1), Some([7; 8]));
        assert_eq!(file[..8], 1_u64.to_le_bytes());
        assert_eq!(file[40..44], (!extend(!0, &file[..40])).to_le_bytes());
        assert_eq!(stamp(&mut [7; 64], 1), None);
    }
}
