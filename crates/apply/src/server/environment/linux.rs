//! What files of a Linux system say, from their text.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pgdba_pg::Bytes;
use pgdba_pg::start::HugePages;

/// The bit of the capability to listen on any port.
const NET_BIND_SERVICE: u32 = 10;

/// File systems that hold no files of anybody's.
const KERNEL_FILE_SYSTEMS: [&str; 8] =
    ["proc", "sysfs", "cgroup", "cgroup2", "debugfs", "tracefs", "securityfs", "bpf"];

/// The first number behind `name:` in a file such as `/proc/meminfo`.
fn number(text: &str, name: &str) -> Option<i64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// An amount of `/proc/meminfo`, which are in kB.
pub(super) fn kilobytes(meminfo: &str, name: &str) -> Option<Bytes> {
    number(meminfo, name)?.checked_mul(1024).map(Bytes)
}

/// The huge pages of the default size; the kernel may add `extra` ones.
pub(super) fn huge_pages(meminfo: &str, extra: i64) -> Option<HugePages> {
    let free = number(meminfo, "HugePages_Free")?.saturating_sub(number(meminfo, "HugePages_Rsvd").unwrap_or(0));
    Some(HugePages {
        size: kilobytes(meminfo, "Hugepagesize")?,
        total: number(meminfo, "HugePages_Total")?.saturating_add(extra),
        free: free.saturating_add(extra),
    })
}

/// Whether the file systems can be written to, by mount point (`/proc/self/mounts`).
pub(super) fn mounts(text: &str) -> BTreeMap<String, bool> {
    let mount = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [_, point, kind, options, ..] = words.as_slice() else { return None };
        let is_writable = !KERNEL_FILE_SYSTEMS.contains(kind) && options.split(',').all(|option| option != "ro");
        Some(((*point).replace("\\040", " "), is_writable))
    };
    text.lines().filter_map(mount).collect()
}

/// The groups of `/etc/group` with their numbers.
pub(super) fn groups(text: &str) -> BTreeMap<String, i64> {
    let group = |line: &str| {
        let mut fields = line.split(':');
        Some((fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?))
    };
    text.lines().filter_map(group).collect()
}

/// The numbers of a process's groups (`/proc/self/status`).
pub(super) fn own_groups(status: &str) -> Option<BTreeSet<i64>> {
    let of = |name| status.lines().find_map(|line: &str| line.strip_prefix(name));
    let numbers = of("Gid:")?.split_whitespace().chain(of("Groups:")?.split_whitespace());
    numbers.map(|number| number.parse().ok()).collect()
}

/// The lowest port that the process of this status may listen on.
pub(super) fn lowest_port(status: &str, lowest: Option<&str>) -> Option<i64> {
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    let capabilities = u64::from_str_radix(capabilities.trim(), 16).ok()?;
    if capabilities >> NET_BIND_SERVICE & 1 == 1 {
        return Some(0);
    }
    lowest?.trim().parse().ok()
}

/// The addresses of the host: those that `/proc/net/fib_trie` marks as local, and those of `/proc/net/if_inet6`.
pub(super) fn addresses(fib_trie: &str, if_inet6: &str) -> BTreeSet<IpAddr> {
    let lines: Vec<&str> = fib_trie.lines().map(str::trim).collect();
    let four = lines.windows(2).filter_map(|pair| {
        let [address, kind] = pair else { return None };
        let address = address.strip_prefix("|-- ")?.parse().ok()?;
        kind.ends_with("host LOCAL").then_some(address)
    });
    let six = if_inet6.lines().filter_map(|line| {
        let digits = line.split_whitespace().next()?;
        u128::from_str_radix(digits, 16).ok().map(|bits| IpAddr::V6(bits.into()))
    });
    four.chain(six).collect()
}

/// The names of `/etc/hosts` in lower case with their addresses.
pub(super) fn host_names(text: &str) -> BTreeMap<String, BTreeSet<IpAddr>> {
    let mut names: BTreeMap<String, BTreeSet<IpAddr>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse().ok()) else { continue };
        for name in words {
            names.entry(name.to_ascii_lowercase()).or_default().insert(address);
        }
    }
    names
}

/// The version in the name of OpenSSL's library (`/proc/self/maps`).
pub(super) fn openssl(maps: &str) -> Option<String> {
    let (_, after) = maps.split_once("/libssl.so.")?;
    let version = after.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    Some(version.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_in_kilobytes_and_reserved_huge_pages_are_not_free() {
        let meminfo = "MemTotal:       16384256 kB\nMemFree: 1 kB\nHugePages_Total:      10\nHugePages_Free:        8\nHugePages_Rsvd:        3\nHugepagesize:       2048 kB\n";
        assert_eq!(kilobytes(meminfo, "MemTotal"), Some(Bytes(16_384_256 * 1024)));
        assert_eq!(kilobytes(meminfo, "Mem"), None);
        let pages = HugePages { size: Bytes(2 << 20), total: 11, free: 6 };
        assert_eq!(huge_pages(meminfo, 1), Some(pages));
    }

    #[test]
    fn mount_points_tell_where_nobody_can_write() {
        let text = "overlay / overlay rw,relatime 0 0\nproc /proc proc rw,nosuid 0 0\n/dev/sdb /mnt/old\\040data ext4 ro 0 0\n";
        let expected = [("/", true), ("/mnt/old data", false), ("/proc", false)];
        assert_eq!(mounts(text), expected.map(|(point, writable)| (point.to_owned(), writable)).into());
    }

    #[test]
    fn groups_have_numbers_and_a_process_has_its_own() {
        assert_eq!(
            groups("root:x:0:\ndaemon:x:1:bob\nbroken\n"),
            [("root".to_owned(), 0), ("daemon".to_owned(), 1)].into()
        );
        let status = "Name:\tpostgres\nGid:\t104\t104\t104\t104\nGroups:\t104 105 \n";
        assert_eq!(own_groups(status), Some([104, 105].into()));
        assert_eq!(own_groups("Name:\tx\n"), None);
    }

    #[test]
    fn a_capability_opens_every_port() {
        assert_eq!(lowest_port("CapEff:\t0000000000000400\n", Some("1024\n")), Some(0));
        assert_eq!(lowest_port("CapEff:\t0000000000000000\n", Some("1024\n")), Some(1024));
        assert_eq!(lowest_port("CapEff:\t0000000000000000\n", None), None);
    }

    #[test]
    fn only_local_addresses_are_the_hosts_own() {
        let trie = "Local:\n  +-- 10.0.0.0/8 2 0 2\n     |-- 10.1.2.0\n        /24 link UNICAST\n     |-- 10.1.2.3\n        /32 host LOCAL\n     |-- 10.1.2.255\n        /32 link BROADCAST\n";
        let six = "00000000000000000000000000000001 01 80 10 80       lo\n";
        let expected = ["10.1.2.3", "::1"].map(|text| text.parse().unwrap());
        assert_eq!(addresses(trie, six), expected.into());
    }

    #[test]
    fn names_are_read_without_comments() {
        let names = host_names("127.0.0.1 localhost # us\n::1 LocalHost ip6-loopback\n# 10.0.0.1 old\n");
        assert_eq!(names.keys().collect::<Vec<_>>(), ["ip6-loopback", "localhost"]);
        assert_eq!(names["localhost"].len(), 2);
    }

    #[test]
    fn the_librarys_file_name_tells_its_version() {
        assert_eq!(openssl("7f00 r-xp /usr/lib/libssl.so.1.1\n").as_deref(), Some("1.1"));
        assert_eq!(openssl("7f00 r-xp /usr/lib/libssl.so.3\n7f01 r-xp /x"), Some("3".to_owned()));
        assert_eq!(openssl("7f00 r-xp /usr/lib/libc.so.6\n"), None);
    }
}
