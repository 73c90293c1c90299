//! What libpq assumes where nothing is said.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Where distributions put the server's socket, the usual place first.
const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// The folder in which a socket of this port lies, else `localhost`.
pub(super) fn host(port: u16) -> String {
    let socket = format!(".s.PGSQL.{port}");
    let folder = SOCKET_FOLDERS.into_iter().find(|folder| Path::new(folder).join(&socket).exists());
    folder.unwrap_or("localhost").to_owned()
}

/// The operating system's user, by its number as libpq does it, since `USER` survives a change of user.
pub(super) fn user(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let by_number = || {
        let uid = fs::metadata("/proc/self").ok()?.uid();
        name_of(uid, &fs::read_to_string("/etc/passwd").ok()?)
    };
    by_number().or_else(|| env("USER")).or_else(|| env("LOGNAME")).filter(|name| !name.is_empty())
}

/// The name of `uid` in the text of a passwd file.
fn name_of(uid: u32, passwd: &str) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n\nbroken\npostgres:x:101:103::/var/lib/postgresql:/bin/sh\n";
        assert_eq!(name_of(101, passwd).as_deref(), Some("postgres"));
        assert_eq!(name_of(7, passwd), None);
    }
}
