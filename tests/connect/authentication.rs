//! Proofs of who one is: passwords and where they come from, client certificates; and the server's refusals.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;

use xtask::process;
use xtask::servers::lab::certificates::GOOD;
use xtask::servers::{Lab, Server, ServerOptions, client_tools};

use super::{SECRET, both, connect, psql, wait_for};

/// The oldest version that is supported.
const MAJOR: u32 = 12;

const HBA: &str = "\
hostssl all scram all scram-sha-256
hostssl all certified all cert
hostssl all doubly all scram-sha-256 clientcert=verify-ca
hostnossl all plain all scram-sha-256
hostssl all digest all md5
host all nologin,full,barred all trust";

#[test]
fn proofs_and_refusals_are_as_with_libpq_and_each_has_its_code() {
    client_tools::install_client_tools().unwrap();
    let options = ServerOptions::fast().with("max_connections", "12").with("password_encryption", "scram-sha-256");
    let server = Server::start(MAJOR, &options).unwrap();
    let lab = Lab::make(&server.socket_dir().join("lab")).unwrap();
    prepare(&server, &lab);
    let home = tempfile::tempdir().unwrap();
    let here = Here { server: &server, lab: &lab, home: home.path() };
    server.reload_with(&[("ssl_ca_file", &here.file("ca.crt"))]).unwrap();
    here.present(GOOD, "server");
    server.reload_hba(HBA).unwrap();
    here.passwords();
    here.password_files();
    here.channel_binding();
    here.bindings_by_signature();
    here.client_certificates();
    here.keys_that_cannot_be_used();
    here.refusals();
    here.services();
    here.full_and_stopped();
}

fn prepare(server: &Server, lab: &Lab) {
    let roles = format!(
        "create role scram login password '{SECRET}'; create role doubly login password '{SECRET}';
         create role plain login password '{SECRET}'; create role certified login; create role nologin;
         create role full login; create role barred login;
         create database closed; revoke connect on database closed from public"
    );
    for statement in roles.split(';') {
        server.execute("postgres", statement).unwrap();
    }
    let old = format!("set password_encryption = 'md5'; create role digest login password '{SECRET}'");
    server.execute("postgres", &old).unwrap();
    lab.client("certified", "certified", "ca").unwrap();
    lab.client("stranger", "certified", "other_ca").unwrap();
}

struct Here<'a> {
    server: &'a Server,
    lab: &'a Lab,
    home: &'a Path,
}

impl Here<'_> {
    fn file(&self, name: &str) -> String {
        self.lab.path(name).display().to_string()
    }

    fn present(&self, certificate: &str, key: &str) {
        let (certificate, key) = (self.file(&format!("{certificate}.crt")), self.file(&format!("{key}.key")));
        let parameters = [("ssl_cert_file", certificate.as_str()), ("ssl_key_file", &key), ("ssl", "on")];
        self.server.reload_with(&parameters).unwrap();
    }

    fn dsn(&self, role: &str, more: &str) -> String {
        format!("host=127.0.0.1 port={} user={role} dbname=postgres {more}", self.server.port())
    }

    #[track_caller]
    /// Both end the same way, and this is ours.
    fn expect(&self, variables: &[(&str, &str)], role: &str, more: &str, code: &str) {
        let outcome = both(self.home, variables, &self.dsn(role, more));
        assert_eq!(outcome.code(), code, "{role} {more}: {}", outcome.text);
    }

    fn passwords(&self) {
        let right = [("PGPASSWORD", SECRET)];
        self.expect(&right, "scram", "", "connected");
        self.expect(&right, "digest", "", "connected");
        self.expect(&right, "plain", "", "connected");
        self.expect(&[("PGPASSWORD", "wrong")], "scram", "", "authentication_failed");
        self.expect(&[("PGPASSWORD", "wrong")], "plain", "sslmode=disable", "authentication_failed");
        self.expect(&[], "scram", &format!("password={SECRET}"), "connected");
        self.expect(&right, "scram", "password=wrong", "authentication_failed");
        self.expect(&[], "scram", "", "password_needed");
        let url = format!("postgres://scram:{SECRET}@localhost:{}/postgres?sslmode=require", self.server.port());
        assert!(both(self.home, &[], &url).is_ok());
    }

    fn password_files(&self) {
        let file = self.home.join(".pgpass");
        let port = self.server.port();
        let write = |mode: u32, text: &str| {
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        };
        write(0o600, &format!("# none\nlocalhost:*:*:*:wrong\n127.0.0.1:{port}:postgres:scram:{SECRET}\n"));
        self.expect(&[], "scram", "", "connected");
        self.expect(&[("PGPASSWORD", "wrong")], "scram", "", "authentication_failed");
        write(0o640, &format!("*:*:*:*:{SECRET}\n"));
        let ignored = connect(self.home, &[], &self.dsn("scram", ""));
        assert_eq!(ignored.code(), "password_needed");
        assert!(ignored.text.contains("it can be read by its group or others"), "{}", ignored.text);
        self.expect(&[], "scram", "", "password_needed");
        write(0o600, "*:*:*:*:wrong\n");
        let wrong = connect(self.home, &[], &self.dsn("scram", ""));
        assert!(wrong.text.contains("the password is from"), "{}", wrong.text);
        self.expect(&[], "scram", "", "authentication_failed");
        let other = self.home.join("other");
        fs::rename(&file, &other).unwrap();
        fs::write(&other, format!("*:*:post\\gres:*:{SECRET}\n")).unwrap();
        let other = other.display().to_string();
        self.expect(&[("PGPASSFILE", &other)], "scram", "", "connected");
        self.expect(&[], "scram", &format!("passfile={other}"), "connected");
        // The usual folder of the socket counts as localhost; this folder is another one.
        fs::write(&other, format!("{}:*:*:*:{SECRET}\n", self.server.socket_dir().display())).unwrap();
        self.server.reload_hba(&format!("local all scram scram-sha-256\n{HBA}")).unwrap();
        self.expect(&[("PGPASSFILE", &other)], "scram", "", "password_needed");
    }

    fn channel_binding(&self) {
        let right = [("PGPASSWORD", SECRET)];
        self.expect(&right, "scram", "channel_binding=require", "connected");
        self.expect(&right, "scram", "channel_binding=disable", "connected");
        self.expect(&right, "plain", "channel_binding=require sslmode=disable", "channel_binding_failed");
        self.expect(&right, "digest", "channel_binding=require", "channel_binding_failed");
        self.expect(&right, "full", "channel_binding=require", "channel_binding_failed");
    }

    /// The hash of the certificate that a proof is bound to depends on how the certificate was signed.
    fn bindings_by_signature(&self) {
        const RSA: &str = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048";
        const PSS: &str = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
        for (name, key, signature) in [
            ("rsa_sha256", RSA, "-sha256"),
            ("rsa_sha384", RSA, "-sha384"),
            ("rsa_sha512", RSA, "-sha512"),
            ("pss_sha256", RSA, &format!("-sha256 {PSS}")),
            ("pss_sha384", RSA, &format!("-sha384 {PSS}")),
            ("ecdsa_sha512", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "-sha512"),
        ] {
            self.lab.self_signed(name, key, signature).unwrap();
            self.present(name, name);
            let more = format!("sslmode=verify-full host=localhost sslrootcert={}", self.file(&format!("{name}.crt")));
            self.expect(&[("PGPASSWORD", SECRET)], "scram", &format!("channel_binding=require {more}"), "connected");
        }
        self.present(GOOD, "server");
    }

    fn client_certificates(&self) {
        let of = |name: &str| {
            let file = |end: &str| self.lab.path(&format!("{name}.{end}")).display().to_string();
            format!("sslcert={} sslkey={}", file("crt"), file("key"))
        };
        let right = [("PGPASSWORD", SECRET)];
        self.expect(&[], "certified", &of("certified"), "connected");
        self.expect(&[], "certified", "sslmode=require", "client_certificate_required");
        self.expect(&[], "certified", &format!("sslmode=require {}", of("stranger")), "client_certificate_rejected");
        self.expect(&right, "doubly", &of("certified"), "connected");
        self.expect(&right, "doubly", "sslmode=require", "client_certificate_required");
        self.expect(&right, "scram", &of("certified"), "connected");
        let older = format!("sslmode=require ssl_max_protocol_version=TLSv1.2 {}", of("stranger"));
        self.expect(&[], "certified", &older, "client_certificate_rejected");
        let folder = self.home.join(".postgresql");
        fs::create_dir(&folder).unwrap();
        for end in ["crt", "key"] {
            fs::copy(self.lab.path(&format!("certified.{end}")), folder.join(format!("postgresql.{end}"))).unwrap();
        }
        self.expect(&[], "certified", "", "connected");
        let none = connect(self.home, &[], &self.dsn("certified", "sslmode=require sslcertmode=disable"));
        assert_eq!(none.code(), "client_certificate_required");
        fs::remove_dir_all(folder).unwrap();
    }

    fn keys_that_cannot_be_used(&self) {
        let certificate = self.lab.path("certified.crt").display().to_string();
        let key = self.lab.path("odd.key");
        let usable = fs::read_to_string(self.lab.path("certified.key")).unwrap();
        let other = fs::read_to_string(self.lab.path("stranger.key")).unwrap();
        let encrypted = usable.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        for (mode, text, part) in [
            (0o644, usable.as_str(), "can be read by others"),
            (0o600, other.as_str(), "does not belong"),
            (0o600, encrypted.as_str(), "is encrypted"),
            (0o600, "nothing", "does not contain a private key"),
        ] {
            fs::write(&key, text).unwrap();
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
            let more = format!("sslmode=require sslcert={certificate} sslkey={}", key.display());
            let outcome = connect(self.home, &[], &self.dsn("certified", &more));
            assert_eq!(outcome.code(), "tls_file_unusable", "{part}: {}", outcome.text);
            assert!(outcome.text.contains(part), "{part}: {}", outcome.text);
            // psql would ask for the passphrase on a terminal, so it is not asked here.
            assert!(part == "is encrypted" || psql(self.home, &[], &self.dsn("certified", &more)).is_err(), "{part}");
        }
    }

    fn refusals(&self) {
        self.expect(&[], "nobody", "", "no_pg_hba_entry");
        self.expect(&[], "nobody", "sslmode=require", "no_pg_hba_entry");
        self.expect(&[], "scram", "sslmode=disable", "no_pg_hba_entry_without_tls");
        self.expect(&[], "nologin", "", "unknown_role");
        self.expect(&[], "barred", "dbname=nowhere", "unknown_database");
        self.expect(&[], "barred", "dbname=closed", "permission_denied");
        self.expect(&[], "barred", "gssencmode=prefer", "connected");
        self.expect(&[], "barred", "host=host.invalid", "host_unknown");
        self.expect(&[], "barred", "host=/nowhere", "no_socket");
        self.expect(&[], "barred", "port=1", "connection_refused");
        let socket = format!("host={} user=postgres sslmode=verify-full", self.server.socket_dir().display());
        self.expect(&[], "barred", &socket, "connected");
    }

    fn services(&self) {
        let file = self.home.join(".pg_service.conf");
        let port = self.server.port();
        let text = format!("[shop]\nhost=127.0.0.1\nport={port}\nuser=scram\npassword={SECRET}\ndbname=postgres\n");
        fs::write(&file, text).unwrap();
        let of = |variables: &[(&str, &str)], dsn: &str| both(self.home, variables, dsn).code().to_owned();
        assert_eq!(of(&[], "service=shop"), "connected");
        assert_eq!(of(&[("PGSERVICE", "shop"), ("PGPORT", "1"), ("PGUSER", "nobody")], ""), "connected");
        assert_eq!(of(&[], "service=shop user=nobody"), "no_pg_hba_entry");
        assert_eq!(of(&[("PGSERVICE", "nowhere")], ""), "bad_service");
        fs::write(&file, format!("[shop]\npasswort={SECRET}\n")).unwrap();
        assert_eq!(of(&[], "service=shop"), "bad_service");
    }

    /// The last of it, since afterwards nothing answers any more.
    fn full_and_stopped(&self) {
        let dsn = self.dsn("full", "");
        self.server.execute("postgres", "alter role full connection limit 0").unwrap();
        assert_eq!(both(self.home, &[], &dsn).code(), "too_many_connections");
        let file = self.server.data_dir().join("postmaster.pid");
        let pid = fs::read_to_string(file).unwrap().lines().next().unwrap().to_owned();
        thread::scope(|scope| {
            // A smart shutdown waits for this session, and lets nobody else in meanwhile.
            scope.spawn(|| self.server.execute("postgres", "select pg_sleep(60)"));
            let asleep = "select count(*) from pg_catalog.pg_stat_activity where wait_event = 'PgSleep'";
            wait_for("a session", || self.server.query("postgres", asleep).unwrap()[0][0].as_deref() == Some("1"));
            process::run(Command::new("kill").args(["-s", "TERM", &pid])).unwrap();
            wait_for("the end to begin", || connect(self.home, &[], &self.dsn("barred", "")).code() != "connected");
            let code = both(self.home, &[], &self.dsn("barred", "")).code().to_owned();
            self.server.stop_fast().unwrap();
            assert_eq!(code, "shutting_down");
        });
        assert_eq!(both(self.home, &[], &dsn).code(), "connection_refused");
    }
}
