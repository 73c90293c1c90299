//! Every sslmode against every kind of server certificate.

use std::path::Path;

use xtask::servers::lab::certificates::{GOOD, REVOKED, UNKNOWN_CA, VERSION_1, WRONG_HOST};
use xtask::servers::{Lab, NEWEST, Server, ServerOptions, client_tools};

use super::{Outcome, both, connect};

/// What comes of each mode, by the server's certificate ("off": no TLS), the role (`anybody` may connect either way,
/// `only_tls` must not without TLS) and the file of trusted authorities ("-": none). A `+` is a session.
const EXPECTED: &str = "\
certificate role roots disable allow prefer require verify-ca verify-full
off anybody - + + + tls_not_supported no_root_certificate no_root_certificate
off anybody ca + + + tls_not_supported tls_not_supported tls_not_supported
good anybody - + + + + no_root_certificate no_root_certificate
good anybody ca + + + + + +
good only_tls - no_pg_hba_entry_without_tls + + + no_root_certificate no_root_certificate
good anybody expired_ca + + + certificate_expired certificate_expired certificate_expired
chained only_tls ca no_pg_hba_entry_without_tls + + + + +
chained anybody intermediate + + + tls_file_unusable tls_file_unusable tls_file_unusable
unknown_ca anybody - + + + + no_root_certificate no_root_certificate
unknown_ca anybody ca + + + unknown_ca unknown_ca unknown_ca
unknown_ca only_tls ca no_pg_hba_entry_without_tls unknown_ca unknown_ca unknown_ca unknown_ca unknown_ca
wrong_host anybody - + + + + no_root_certificate no_root_certificate
wrong_host only_tls ca no_pg_hba_entry_without_tls + + + + wrong_host_name
expired anybody - + + + + no_root_certificate no_root_certificate
expired anybody ca + + + certificate_expired certificate_expired certificate_expired
expired only_tls ca no_pg_hba_entry_without_tls certificate_expired certificate_expired certificate_expired \
certificate_expired certificate_expired
self_signed only_tls - no_pg_hba_entry_without_tls + + + no_root_certificate no_root_certificate
self_signed anybody ca + + + unknown_ca unknown_ca unknown_ca
self_signed only_tls self_signed no_pg_hba_entry_without_tls + + + + +
version_1 only_tls - no_pg_hba_entry_without_tls + + + no_root_certificate no_root_certificate
version_1 only_tls ca no_pg_hba_entry_without_tls + + + + +
version_1 anybody other_ca + + + unknown_ca unknown_ca unknown_ca";

const HBA: &str = "\
host all anybody 127.0.0.1/32 trust
hostssl all only_tls 127.0.0.1/32 trust";

#[test]
fn every_sslmode_ends_as_with_libpq() {
    client_tools::install_client_tools().unwrap();
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let lab = Lab::make(&server.socket_dir().join("lab")).unwrap();
    let home = tempfile::tempdir().unwrap();
    server.execute("postgres", "create role anybody login; create role only_tls login").unwrap();
    server.reload_hba(HBA).unwrap();
    let mut rows = EXPECTED.lines().map(|row| row.split(' ').collect::<Vec<_>>());
    let modes = rows.next().unwrap();
    let mut now = "";
    for row in rows {
        let (certificate, role, roots) = (row[0], row[1], row[2]);
        if certificate != now {
            present(&server, &lab, certificate);
            now = certificate;
        }
        assert_eq!(row.len(), modes.len(), "{row:?}");
        for (mode, code) in modes.iter().zip(&row).skip(3) {
            let dsn = format!("{} sslmode={mode}{}", place(&server, "localhost", role), trusting(&lab, roots));
            assert_eq!(mark(&both(home.path(), &[], &dsn)), *code, "{certificate} {role} {roots} {mode}");
        }
    }
    names_and_addresses(&server, &lab, home.path());
    revocations(&server, &lab, home.path());
    what_libpq_15_does_not_know(&server, &lab, home.path());
    home_folder(&server, &lab);
    present(&server, &lab, GOOD);
    super::cancel::a_statement_under_tls(&server, home.path());
}

fn mark(outcome: &Outcome) -> &str {
    outcome.code.as_deref().unwrap_or("+")
}

/// Has the server show this certificate, or no TLS at all.
fn present(server: &Server, lab: &Lab, certificate: &str) {
    if certificate == "off" {
        return server.reload_with(&[("ssl", "off")]).unwrap();
    }
    let file = lab.path(&format!("{certificate}.crt")).display().to_string();
    let key = lab.path("server.key").display().to_string();
    server.reload_with(&[("ssl_cert_file", &file), ("ssl_key_file", &key), ("ssl", "on")]).unwrap();
}

fn place(server: &Server, host: &str, role: &str) -> String {
    format!("host={host} port={} user={role} dbname=postgres", server.port())
}

fn trusting(lab: &Lab, roots: &str) -> String {
    let file = lab.path(&format!("{roots}.crt"));
    if roots == "-" { String::new() } else { format!(" sslrootcert={}", file.display()) }
}

/// The name that was asked for is compared, not the address it led to.
fn names_and_addresses(server: &Server, lab: &Lab, home: &Path) {
    let roots = trusting(lab, "ca");
    let full = |place: String| mark(&both(home, &[], &format!("{place} sslmode=verify-full{roots}"))).to_owned();
    present(server, lab, GOOD);
    assert_eq!(full(place(server, "127.0.0.1", "only_tls")), "+");
    assert_eq!(full(place(server, "db.example", "only_tls") + " hostaddr=127.0.0.1"), "wrong_host_name");
    assert_eq!(full(place(server, "", "only_tls").replace("host= ", "hostaddr=127.0.0.1 ")), "wrong_host_name");
    present(server, lab, WRONG_HOST);
    assert_eq!(full(place(server, "DB.example", "only_tls") + " hostaddr=127.0.0.1"), "+");
    assert_eq!(full(place(server, "127.0.0.1", "only_tls")), "wrong_host_name");
    // Without alternative names the subject's name counts, for a name and not for an address.
    present(server, lab, VERSION_1);
    assert_eq!(full(place(server, "127.0.0.1", "only_tls")), "wrong_host_name");
}

fn revocations(server: &Server, lab: &Lab, home: &Path) {
    let list = format!(" sslmode=verify-full sslcrl={}", lab.path("revoked.crl").display());
    let dsn = place(server, "localhost", "only_tls") + &trusting(lab, "ca") + &list;
    for (certificate, code) in [(GOOD, "+"), (REVOKED, "certificate_revoked")] {
        present(server, lab, certificate);
        assert_eq!(mark(&both(home, &[], &dsn)), code, "{certificate}");
    }
    // libpq says nothing about a list that is not there.
    let gone = connect(home, &[], &dsn.replace("revoked.crl", "gone.crl"));
    assert!(gone.is_ok() && gone.text.contains("the file specified by sslcrl does not exist"), "{}", gone.text);
}

/// Without an oracle: psql here is of version 15.
fn what_libpq_15_does_not_know(server: &Server, lab: &Lab, home: &Path) {
    present(server, lab, GOOD);
    let dsn = place(server, "localhost", "only_tls") + &trusting(lab, "ca");
    for (more, code) in [
        ("sslmode=verify-full sslnegotiation=direct", "+"),
        ("sslmode=verify-full sslnegotiation=direct ssl_min_protocol_version=TLSv1.3", "+"),
        ("sslmode=require ssl_max_protocol_version=TLSv1.2", "+"),
        ("sslmode=prefer sslnegotiation=direct", "bad_dsn"),
    ] {
        assert_eq!(mark(&connect(home, &[], &format!("{dsn} {more}"))), code, "{more}");
    }
    let system = place(server, "localhost", "only_tls") + " sslrootcert=system";
    let trusted = lab.path("ca.crt").display().to_string();
    assert_eq!(mark(&connect(home, &[("SSL_CERT_FILE", &trusted)], &system)), "+");
    let other = lab.path("other_ca.crt").display().to_string();
    assert_eq!(mark(&connect(home, &[("SSL_CERT_FILE", &other)], &system)), "unknown_ca");
    // The wrong kind of version of TLS on the server's side.
    server.reload_with(&[("ssl_max_protocol_version", "TLSv1.2")]).unwrap();
    let newer = format!("{dsn} sslmode=require ssl_min_protocol_version=TLSv1.3");
    assert_eq!(mark(&both(home, &[], &newer)), "tls_failed");
    present(server, lab, VERSION_1);
    assert_eq!(mark(&both(home, &[], &format!("{dsn} sslmode=verify-full"))), "+");
    server.reload_with(&[("ssl_max_protocol_version", "TLSv1.3")]).unwrap();
}

/// A file of trusted authorities in the home folder is used in every mode in which TLS is spoken.
fn home_folder(server: &Server, lab: &Lab) {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".postgresql")).unwrap();
    std::fs::copy(lab.path("ca.crt"), home.path().join(".postgresql/root.crt")).unwrap();
    for (certificate, code) in [(GOOD, "+"), (UNKNOWN_CA, "unknown_ca")] {
        present(server, lab, certificate);
        let dsn = place(server, "localhost", "only_tls") + " sslmode=require";
        assert_eq!(mark(&both(home.path(), &[], &dsn)), code, "{certificate}");
    }
}
