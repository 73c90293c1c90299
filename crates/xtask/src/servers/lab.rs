//! Certificates to try TLS with, made by the openssl program: good ones and every kind of bad one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::privilege;
use crate::process;
use crate::setup::packages;

/// What the certificates of servers are called: each a file `NAME.crt` in the lab, all of them with the key `server.key`.
pub mod certificates {
    /// For localhost and 127.0.0.1, signed by the lab's authority.
    pub const GOOD: &str = "good";
    /// The same, but revoked by `revoked.crl`.
    pub const REVOKED: &str = "revoked";
    /// Signed by an authority of `intermediate.crt`, which stands behind it in the file and is signed by the lab's.
    pub const CHAINED: &str = "chained";
    /// Signed by an authority that `ca.crt` does not name.
    pub const UNKNOWN_CA: &str = "unknown_ca";
    /// For another host.
    pub const WRONG_HOST: &str = "wrong_host";
    /// Out of date.
    pub const EXPIRED: &str = "expired";
    /// Its own authority, as PostgreSQL's documentation makes one for a start; the name stands in the subject only.
    pub const SELF_SIGNED: &str = "self_signed";
    /// Of X.509 version 1 and without alternative names, as the documentation signs one.
    pub const VERSION_1: &str = "version_1";
}
use certificates::{CHAINED, EXPIRED, GOOD, REVOKED, SELF_SIGNED, UNKNOWN_CA, VERSION_1, WRONG_HOST};

const HERE: &str = "subjectAltName=DNS:localhost,IP:127.0.0.1";
const ELSEWHERE: &str = "subjectAltName=DNS:db.example";

/// A folder with certificates, which the server's user may enter.
#[derive(Debug)]
pub struct Lab {
    folder: PathBuf,
}

impl Lab {
    /// Makes the folder and everything in it; `folder`'s parent must be open to the server's user.
    pub fn make(folder: &Path) -> Result<Self> {
        if process::find_in_path("openssl").is_none() {
            packages::install(&["openssl"], "certificates for the tests")?;
        }
        fs::create_dir(folder).with_context(|| format!("could not create {}", folder.display()))?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        let lab = Self { folder: folder.to_owned() };
        lab.authority("ca")?;
        lab.authority("other_ca")?;
        lab.openssl("req -new -sha256 -key ca.key -subj /CN=ca -out ca.csr")?;
        lab.openssl("x509 -req -sha256 -in ca.csr -signkey ca.key -days -1 -out expired_ca.crt")?;
        lab.key("intermediate")?;
        lab.sign(
            "intermediate",
            "intermediate",
            "intermediate",
            "ca",
            "30",
            Some("basicConstraints=critical,CA:TRUE"),
        )?;
        lab.key("server")?;
        for (name, authority, days, extension) in [
            (GOOD, "ca", "30", Some(HERE)),
            (REVOKED, "ca", "30", Some(HERE)),
            (CHAINED, "intermediate", "30", Some(HERE)),
            (UNKNOWN_CA, "other_ca", "30", Some(HERE)),
            (WRONG_HOST, "ca", "30", Some(ELSEWHERE)),
            (EXPIRED, "ca", "-1", Some(HERE)),
            (VERSION_1, "ca", "30", None),
        ] {
            lab.sign(name, "server", "localhost", authority, days, extension)?;
        }
        let chain = fs::read_to_string(lab.path("chained.crt"))? + &fs::read_to_string(lab.path("intermediate.crt"))?;
        fs::write(lab.path("chained.crt"), chain)?;
        let self_signed = "req -new -x509 -sha256 -days 30 -key server.key -subj /CN=localhost -out";
        lab.openssl(&format!("{self_signed} {SELF_SIGNED}.crt"))?;
        lab.revoke()?;
        lab.give_key("server")?;
        Ok(lab)
    }

    /// One more certificate of a server that is its own authority, with a key of its own: `NAME.crt`, `NAME.key`. The
    /// options are those of `openssl genpkey` and `openssl req -x509`.
    pub fn self_signed(&self, name: &str, key: &str, signature: &str) -> Result<()> {
        self.openssl(&format!("genpkey {key} -out {name}.key"))?;
        self.openssl(&format!(
            "req -new -x509 {signature} -days 30 -key {name}.key -subj /CN=localhost -out {name}.crt"
        ))?;
        self.give_key(name)
    }

    /// Makes a key the server's: nobody else may read it.
    fn give_key(&self, name: &str) -> Result<()> {
        let key = self.path(&format!("{name}.key"));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        let account = privilege::server_account()?;
        Ok(account.map_or(Ok(()), |account| chown(key, Some(account.uid), Some(account.gid)))?)
    }

    /// A file in the lab.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A certificate with a key of its own, `NAME.crt` and `NAME.key`, for a role.
    pub fn client(&self, name: &str, role: &str, authority: &str) -> Result<()> {
        self.key(name)?;
        self.sign(name, name, role, authority, "30", Some("extendedKeyUsage=clientAuth"))
    }

    fn authority(&self, name: &str) -> Result<()> {
        self.key(name)?;
        self.openssl(&format!("req -new -x509 -sha256 -days 30 -key {name}.key -subj /CN={name} -out {name}.crt"))
    }

    fn key(&self, name: &str) -> Result<()> {
        self.openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"))?;
        fs::set_permissions(self.path(&format!("{name}.key")), fs::Permissions::from_mode(0o600))?;
        Ok(())
    }

    fn sign(
        &self,
        name: &str,
        key: &str,
        common_name: &str,
        authority: &str,
        days: &str,
        extension: Option<&str>,
    ) -> Result<()> {
        self.openssl(&format!("req -new -sha256 -key {key}.key -subj /CN={common_name} -out {name}.csr"))?;
        let mut command = format!(
            "x509 -req -sha256 -in {name}.csr -CA {authority}.crt -CAkey {authority}.key -CAcreateserial -days {days} -out {name}.crt"
        );
        if let Some(extension) = extension {
            fs::write(self.path("extensions"), format!("{extension}\n"))?;
            command.push_str(" -extfile extensions");
        }
        self.openssl(&command)
    }

    /// The list of what the authority revoked.
    fn revoke(&self) -> Result<()> {
        let config = "[ca]\ndefault_ca = lab\n[lab]\ndatabase = index\ndefault_md = sha256\ndefault_crl_days = 30\n\
                      certificate = ca.crt\nprivate_key = ca.key\n\
                      crlnumber = number\ncrl_extensions = more\n[more]\nauthorityKeyIdentifier = keyid\n";
        fs::write(self.path("ca.conf"), config)?;
        fs::write(self.path("index"), "")?;
        fs::write(self.path("number"), "01\n")?;
        self.openssl("ca -config ca.conf -revoke revoked.crt")?;
        self.openssl("ca -config ca.conf -gencrl -out revoked.crl")
    }

    fn openssl(&self, arguments: &str) -> Result<()> {
        let mut command = Command::new("openssl");
        process::output(command.args(arguments.split(' ')).current_dir(&self.folder))?;
        Ok(())
    }
}
