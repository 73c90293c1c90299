//! What libpq assumes where nothing is said.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where distributions put the server's socket, the usual place first.
pub(super) const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// The folder in which a socket of this port lies, else `localhost`.
pub(super) fn host(port: u16) -> String {
    let socket = format!(".s.PGSQL.{port}");
    let folder = SOCKET_FOLDERS.into_iter().find(|folder| Path::new(folder).join(&socket).exists());
    folder.unwrap_or("localhost").to_owned()
}

/// The operating system's user, by its number as libpq does it, since `USER` survives a change of user.
pub(super) fn user(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let by_number = || field_of(own_number()?, 0, &fs::read_to_string("/etc/passwd").ok()?);
    by_number().or_else(|| env("USER")).or_else(|| env("LOGNAME")).filter(|name| !name.is_empty())
}

/// The user's home folder, if there is one.
pub(super) struct Home(Option<PathBuf>);

impl Home {
    /// As libpq finds it: `HOME`, else what the system's list of users says.
    pub(super) fn of(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let listed = || field_of(own_number()?, 5, &fs::read_to_string("/etc/passwd").ok()?);
        let folder = env("HOME").filter(|home| !home.is_empty()).or_else(listed);
        Self(folder.filter(|folder| !folder.is_empty()).map(PathBuf::from))
    }

    /// A file in it.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        self.0.as_ref().map(|folder| folder.join(name))
    }
}

fn own_number() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|status| status.uid())
}

/// A field of the line of `uid` in the text of a passwd file.
fn field_of(uid: u32, field: usize, passwd: &str) -> Option<String> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let is_it = fields.get(2)?.parse() == Ok(uid);
        is_it.then(|| fields.get(field).map(|text| (*text).to_owned())).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n\nbroken\npostgres:x:101:103::/var/lib/postgresql:/bin/sh\n";
        assert_eq!(field_of(101, 0, passwd).as_deref(), Some("postgres"));
        assert_eq!(field_of(101, 5, passwd).as_deref(), Some("/var/lib/postgresql"));
        assert_eq!(field_of(7, 0, passwd), None);
    }
}
