//! A REST interface that asks for a name, a password and a certificate.

use pgdba_apply::patroni::{Patroni, PatroniOptions};
use pgdba_collector::dsn::Password;
use serde_json::json;
use xtask::servers::patroni::{LabTls, PatroniLabOptions};
use xtask::servers::{Lab, PatroniLab};

use super::raw_config;

const SECRET: &str = "Geheim-of-the-test";

#[test]
fn who_may_not_is_told_why() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let certificates = Lab::make(&folder.path().join("lab")).unwrap();
    certificates.client("dba", "dba", "ca").unwrap();
    certificates.client("stranger", "stranger", "other_ca").unwrap();
    let path = |name: &str| certificates.path(name);
    let tls = LabTls {
        authority: path("ca.crt"),
        certificate: path("good.crt"),
        key: path("server.key"),
        client: Some((path("dba.crt"), path("dba.key"))),
    };
    let options = PatroniLabOptions { tls: Some(tls), ..PatroniLabOptions::default() };
    let lab = PatroniLab::start(&options.with_credentials("adm", SECRET)).unwrap();

    let bare = || PatroniOptions::new(&lab.url(0)).unwrap();
    let shown = |name: &str| {
        bare()
            .with_roots(path("ca.crt"))
            .with_certificate(path(&format!("{name}.crt")), Some(path(&format!("{name}.key"))))
    };
    let refused = |options: PatroniOptions, code: &str, words: &str| {
        let error = Patroni::new(options).and_then(|patroni| patroni.node()).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    };
    refused(bare(), "patroni_tls", "not signed by a trusted authority");
    refused(bare().with_roots(path("other_ca.crt")), "patroni_tls", "not signed by a trusted authority");
    refused(bare().with_roots(path("nothing.crt")), "patroni_file", "does not exist");
    refused(bare().with_roots(path("ca.key")), "patroni_file", "not contain a certificate in PEM format");
    refused(shown("nobody"), "patroni_file", "does not exist");
    refused(shown("stranger"), "patroni_tls", "certificate");
    refused(bare().with_roots(path("ca.crt")), "patroni_tls", "certificate");
    let plain = PatroniOptions::new(&lab.url(0).replace("https:", "http:")).unwrap();
    let error = Patroni::new(plain).unwrap().node().unwrap_err();
    assert!(["patroni_broken_off", "not_patroni"].contains(&error.code()), "{error}");

    let reader = Patroni::new(shown("dba")).unwrap();
    assert_eq!(reader.config().unwrap().0, raw_config(&lab));
    assert_eq!(reader.cluster().unwrap().leader().unwrap().name, "pg1");

    let patch = json!({"postgresql": {"parameters": {"work_mem": "11MB"}}});
    let before = raw_config(&lab);
    let error = reader.patch_config(&patch).unwrap_err();
    assert_eq!(error.code(), "patroni_unauthorized");
    assert!(
        error.hint().contains("PGDBA_PATRONI_PASSWORD") && error.to_string().contains("no auth header received"),
        "{error}"
    );
    let named = |password: &str| {
        let options = shown("dba").with_credentials("adm".to_owned(), Password::new(password.to_owned()));
        Patroni::new(options).unwrap()
    };
    let error = named("wrong-one").patch_config(&patch).unwrap_err();
    assert!(error.hint().starts_with("Compare") && error.to_string().contains("not authenticated"), "{error}");
    assert!(!format!("{error} {error:?} {}", error.hint()).contains("wrong-one"));
    assert_eq!(raw_config(&lab), before);

    let after = named(SECRET).patch_config(&patch).unwrap();
    assert_eq!(after.parameter("work_mem").as_deref(), Some("11MB"));
    assert_eq!(after.0, raw_config(&lab));
    assert!(!format!("{:?}", named(SECRET)).contains(SECRET));
}
