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
    let Target { host, port, user, dbname } = &options.target;
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
    assert_eq!(options.hostaddr, Some(IpAddr::from([10, 0, 0, 9])));
    let options = parse("host=db2 dbname=x", &env).unwrap();
    assert_eq!(place(&options), ("db2", 6000, "envuser", "x"));
    assert_eq!(options.hostaddr, None);
    assert_eq!(options.password.as_ref().map(Password::reveal), Some("envpw"));
}

#[test]
fn encryption_is_refused_but_not_for_sockets() {
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_eq!(refused(&format!("host=h user=u sslmode={mode}")).code(), "tls_required");
        assert_eq!(parsed(&format!("host=/tmp user=u sslmode={mode}")).target.host, "/tmp");
    }
    for mode in ["disable", "allow", "prefer"] {
        assert_eq!(parsed(&format!("host=h user=u sslmode={mode}")).target.host, "h");
    }
    assert_eq!(refused("postgres://u@h/db?ssl=true").code(), "tls_required");
    assert_eq!(refused("host=h user=u sslmode=maybe").code(), "bad_dsn");
    let env = |name: &str| (name == "PGSSLMODE").then(|| "require".to_owned());
    assert_eq!(parse("host=h user=u", &env).unwrap_err().code(), "tls_required");
}

#[test]
fn what_cannot_be_followed_is_said() {
    for (dsn, part) in [
        ("host=h user=u options='-c a=b'", "poolers refuse it"),
        ("service=prod", "service file"),
        ("host=a,b user=u", "several hosts"),
        ("host=h user=u port=70000", "port must be"),
        ("host=h user=u port=x", "port must be"),
        ("host=h user=u hostaddr=x", "no IP address"),
        ("host=h user=u target_session_attrs=read-write", "target_session_attrs"),
        ("host=h user=u channel_binding=require", "channel_binding"),
        ("host='h", "quote is not closed"),
        ("postgres://u@h/db?x", "no \"=\""),
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
