use super::*;

fn none(_: &str) -> Option<String> {
    None
}

fn parsed(dsn: &str) -> ConnectOptions {
    parse(dsn, &none).unwrap()
}

fn refused(dsn: &str) -> CollectError {
    parse(dsn, &none).unwrap_err()
}

fn place(options: &ConnectOptions) -> (&str, u16, &str, &str) {
    let Target { host, port, user, dbname, .. } = &options.target;
    (host, *port, user, dbname)
}

#[test]
fn urls_are_read_as_libpq_does() {
    let options = parsed("postgres://ann:p%40ss@db1:5433/shop?application_name=me&connect_timeout=3");
    assert_eq!(place(&options), ("db1", 5433, "ann", "shop"));
    assert_eq!(options.password.as_ref().map(Password::reveal), Some("p@ss"));
    assert_eq!(options.application_name, "me");
    assert_eq!(options.connect_timeout, Some(Duration::from_secs(3)));
    assert_eq!(place(&parsed("postgresql://ann@[::1]:1/")), ("::1", 1, "ann", "ann"));
    assert_eq!(place(&parsed("postgresql://ann@%2Frun%2Fpg/db")), ("/run/pg", 5432, "ann", "db"));
    assert_eq!(place(&parsed("postgresql:///db?host=/tmp&user=ann&port=7")), ("/tmp", 7, "ann", "db"));
}

#[test]
fn pairs_are_read_as_libpq_does() {
    let options = parsed(r"host = db1 port=5433 user='an n' dbname=a\'b password='it\'s' ");
    assert_eq!(place(&options), ("db1", 5433, "an n", "a'b"));
    assert_eq!(options.password.as_ref().map(Password::reveal), Some("it's"));
    assert_eq!(options.connect_timeout, Some(CONNECT_TIMEOUT));
    assert_eq!(parsed("host=h user=u connect_timeout=0").connect_timeout, None);
    assert_eq!(parsed("hostaddr=10.0.0.1 user=u").target.host, "10.0.0.1");
    assert_eq!(parsed("host=h user=u password=''").password.map(|word| word.reveal().to_owned()), None);
}

#[test]
fn the_environment_stands_in_where_the_string_is_silent() {
    let env = |name: &str| match name {
        "PGHOST" => Some("envhost".to_owned()),
        "PGHOSTADDR" => Some("10.0.0.9".to_owned()),
        "PGPORT" => Some("6000".to_owned()),
        "PGUSER" => Some("envuser".to_owned()),
        "PGPASSWORD" => Some("envpw".to_owned()),
        "PGOPTIONS" => Some("-c x=y".to_owned()),
        _ => None,
    };
    let options = parse("", &env).unwrap();
    assert_eq!(place(&options), ("envhost", 6000, "envuser", "envuser"));
    assert_eq!(options.hosts[0].hostaddr, Some(IpAddr::from([10, 0, 0, 9])));
    let options = parse("host=db2 dbname=x", &env).unwrap();
    assert_eq!(place(&options), ("db2", 6000, "envuser", "x"));
    // As libpq does it, though the address may not be that of the host that was named.
    assert_eq!(options.hosts[0].hostaddr, Some(IpAddr::from([10, 0, 0, 9])));
    assert_eq!(options.password.as_ref().map(Password::reveal), Some("envpw"));
}

#[test]
fn tls_is_as_much_as_was_asked_for() {
    let mode = |dsn: &str| parsed(dsn).tls.mode;
    assert_eq!(mode("host=h user=u"), SslMode::Prefer);
    assert_eq!(mode("host=h user=u sslmode=verify-ca"), SslMode::VerifyCa);
    assert_eq!(mode("postgres://u@h/db?ssl=true"), SslMode::Require);
    assert_eq!(mode("host=h user=u sslrootcert=system"), SslMode::VerifyFull);
    let env = |name: &str| (name == "PGSSLMODE").then(|| "require".to_owned());
    assert_eq!(parse("host=h user=u", &env).unwrap().tls.mode, SslMode::Require);
    let env = |name: &str| (name == "PGREQUIRESSL").then(|| "1".to_owned());
    assert_eq!(parse("host=h user=u", &env).unwrap().tls.mode, SslMode::Require);
    let env = |name: &str| (name == "HOME").then(|| "/home/ann".to_owned());
    let tls = parse("host=h user=u sslkey=/k sslcrldir=/d", &env).unwrap().tls;
    assert_eq!(tls.roots, Roots::File("/home/ann/.postgresql/root.crt".into()));
    assert_eq!(tls.certificate, Some("/home/ann/.postgresql/postgresql.crt".into()));
    assert_eq!((tls.key, tls.crl), (Some("/k".into()), None));
    assert_eq!(parsed("host=h user=u ssl_min_protocol_version=tlsv1.3").tls.least, TlsVersion::V1_3);
    assert_eq!(parsed("host=h user=u sslcertmode=disable").tls.certificate, None);
}

#[test]
fn lists_of_hosts_are_matched_as_libpq_does() {
    let places = |dsn: &str| -> Vec<(String, u16)> {
        parsed(dsn).hosts.into_iter().map(|host| (host.host, host.port)).collect()
    };
    let owned =
        |pairs: &[(&str, u16)]| pairs.iter().map(|(host, port)| ((*host).to_owned(), *port)).collect::<Vec<_>>();
    assert_eq!(places("host=a,b user=u port=7"), owned(&[("a", 7), ("b", 7)]));
    assert_eq!(places("host=a,/tmp user=u port=7,"), owned(&[("a", 7), ("/tmp", 5432)]));
    assert_eq!(places("postgres://u@a:1,[::1]:2,c/db"), owned(&[("a", 1), ("::1", 2), ("c", 5432)]));
    let hosts = parsed("host=a,b hostaddr=10.0.0.1,10.0.0.2 user=u").hosts;
    assert_eq!(hosts[1].hostaddr, Some(IpAddr::from([10, 0, 0, 2])));
    assert_eq!(parsed("host=a,b user=u dbname=d").target.to_string(), "hosts \"a\", \"b\", user \"u\", database \"d\"");
    assert!(!parsed("hostaddr=10.0.0.1 user=u").hosts[0].is_named);
}

#[test]
fn a_service_stands_between_the_string_and_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("services");
    std::fs::write(&file, "[shop]\nhost=db1\nport=6001\nuser=ann\n").unwrap();
    let env = |name: &str| match name {
        "PGSERVICEFILE" => Some(file.display().to_string()),
        "PGSYSCONFDIR" => Some(folder.path().display().to_string()),
        "PGSERVICE" => Some("shop".to_owned()),
        "PGPORT" => Some("6002".to_owned()),
        "PGDATABASE" => Some("envdb".to_owned()),
        _ => None,
    };
    assert_eq!(place(&parse("user=bob", &env).unwrap()), ("db1", 6001, "bob", "envdb"));
    assert_eq!(parse("service=other", &env).unwrap_err().code(), "bad_service");
    std::fs::write(folder.path().join("pg_service.conf"), "[other]\nhost=db2\n").unwrap();
    assert_eq!(place(&parse("service=other user=u", &env).unwrap()), ("db2", 6002, "u", "envdb"));
}

#[test]
fn what_cannot_be_followed_is_said() {
    for (dsn, part) in [
        ("host=h user=u options='-c a=b'", "poolers reject it"),
        ("host=a,b user=u port=1,2,3", "3 entries for 2 hosts"),
        ("host=a,b,c hostaddr=10.0.0.1,10.0.0.2 user=u", "3 entries, but hostaddr has 2"),
        ("host=h user=u port=70000", "port must be"),
        ("host=h user=u port=x", "port must be"),
        ("host=h user=u hostaddr=x", "not an IP address"),
        ("host=h user=u target_session_attrs=some", "target_session_attrs"),
        ("host=h user=u sslmode=maybe", "sslmode must be"),
        ("host=h user=u gssencmode=require", "gssencmode must be"),
        ("host=h user=u sslnegotiation=direct", "needs sslmode require"),
        ("host=h user=u sslrootcert=system sslmode=require", "needs sslmode=verify-full"),
        ("host=h user=u sslcertmode=require", "sslcertmode must be"),
        ("host=h user=u ssl_max_protocol_version=TLSv1.1", "older versions"),
        ("host=h user=u ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2", "is above"),
        ("host=h user=u sslpassword=hunter2", "sslpassword"),
        ("host='h", "unterminated single quote"),
        ("postgres://u@h/db?x", "\"=\" is missing"),
        ("postgres://u%zz@h/db", "hexadecimal"),
    ] {
        let error = refused(dsn);
        assert_eq!(error.code(), "bad_dsn", "{dsn}");
        assert!(error.to_string().contains(part), "{dsn}: {error}");
    }
}

#[test]
fn no_slip_of_the_pen_shows_a_password() {
    for dsn in [
        "host=h user=u password=two hunter2",
        "host=h user=u password=two hunter2=x",
        "postgres://u:a@hunter2@h/db",
        "postgres://u:12/hunter2@h/db",
        "postgres://u:x?hunter2@h/db",
        "postgres://u:hunter2%zz@h/db",
        "hunter2",
        "http://u:hunter2@h/",
    ] {
        let error = refused(dsn);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{dsn}: {error}");
    }
    assert!(!format!("{:?}", parsed("host=h user=u password=hunter2")).contains("hunter2"));
}
