use std::ffi::OsString;
use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::*;

use super::*;
use crate::exit::Exit;

/// What a user wrote by hand, with everything that must survive.
const HAND_WRITTEN: &str = r##"# My clusters.
# Two lines of heading.
editor = "mine"   # unknown to pgdba

# About Ann's cluster.

# Ann's own words.
[clusters.ann]   # header
dsn = "host=db1 dbname=shop" # moved in May
colour = "blue"
# who to call
note = "call Ann"

# About Bob's.
[clusters."bob.1"]
dsn = 'postgres://bob@db2/x'
tags = { env = "prod" }

[other]
key = 1
# The end.
"##;

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("home");
    let home = Home::find(&|name| (name == "PGDBA_HOME").then(|| OsString::from(&path))).unwrap();
    (folder, home)
}

fn with(text: &str) -> (tempfile::TempDir, Home) {
    let (folder, home) = home();
    fs::create_dir(home.config().parent().unwrap()).unwrap();
    fs::write(home.config(), text).unwrap();
    (folder, home)
}

fn cluster(name: &str, dsn: &str) -> Cluster {
    let dsn = Dsn::new(dsn).unwrap();
    Cluster { name: name.to_owned(), dsn, patroni: None, tags: BTreeMap::new(), note: None }
}

fn file(home: &Home) -> String {
    fs::read_to_string(home.config()).unwrap()
}

fn failure(text: &str) -> Failure {
    let (_folder, home) = with(text);
    Registry::open(&home).err().unwrap()
}

#[test]
fn the_home_is_named_by_the_environment() {
    let path = |set: &[(&str, &str)]| {
        let env = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
        Home::find(&env).map(|home| home.config().display().to_string()).map_err(|failure| failure.code)
    };
    assert_eq!(path(&[("PGDBA_HOME", "/a"), ("HOME", "/b")]), Ok("/a/config.toml".to_owned()));
    assert_eq!(path(&[("PGDBA_HOME", ""), ("HOME", "/b")]), Ok("/b/.pgdba/config.toml".to_owned()));
    assert_eq!(path(&[("HOME", "")]), Err("no_home"));
}

#[test]
fn what_is_added_is_found_again() {
    let (_folder, home) = home();
    assert_eq!(Registry::open(&home).unwrap().clusters().count(), 0);
    let mut whole = cluster("a.b-c_1", "postgres://u@db1:5433/shop");
    whole.patroni = Some("https://db1:8008/x".to_owned());
    whole.tags = BTreeMap::from([("env".to_owned(), "prod \"1\"".to_owned())]);
    whole.note = Some("it's \\ noted".to_owned());
    assert!(!Registry::add(&home, whole.clone(), false).unwrap());
    assert!(!Registry::add(&home, cluster("b", "service=b"), true).unwrap());
    let registry = Registry::open(&home).unwrap();
    assert_eq!(registry.find("a.b-c_1").unwrap(), &whole);
    assert_eq!(registry.clusters().map(|cluster| cluster.name.as_str()).collect::<Vec<_>>(), ["a.b-c_1", "b"]);
    assert_eq!(registry.warnings, Vec::<String>::new());
    let again = Registry::add(&home, cluster("b", "host=x"), false).unwrap_err();
    assert_eq!((again.code, again.exit), ("cluster_exists", Exit::Usage));
    assert_eq!(Registry::open(&home).unwrap().find("b").unwrap().dsn.as_str(), "service=b");
    assert!(Registry::add(&home, cluster("b", "host=x"), true).unwrap());
    assert_eq!(Registry::open(&home).unwrap().find("b").unwrap().dsn.as_str(), "host=x");
}

#[test]
fn adding_leaves_every_byte_of_the_user_where_it_was() {
    let (_folder, home) = with(HAND_WRITTEN);
    Registry::add(&home, cluster("carl", "host=db3"), false).unwrap();
    let expected = HAND_WRITTEN.replace("\n[other]", "\n[clusters.carl]\ndsn = \"host=db3\"\n\n[other]");
    assert_eq!(file(&home), expected);
    Registry::remove(&home, "carl").unwrap();
    assert_eq!(file(&home), HAND_WRITTEN);
}

#[test]
fn replacing_keeps_comments_and_unknown_keys() {
    let (_folder, home) = with(HAND_WRITTEN);
    let mut new = cluster("ann", "host=db9");
    new.patroni = Some("http://db9:8008".to_owned());
    Registry::add(&home, new, true).unwrap();
    let expected = HAND_WRITTEN
        .replace("dsn = \"host=db1 dbname=shop\" #", "# who to call\ndsn = \"host=db9\" #")
        .replace("# who to call\nnote = \"call Ann\"\n", "patroni = \"http://db9:8008\"\n");
    assert_eq!(file(&home), expected);
}

#[test]
fn removing_takes_the_entry_and_the_comment_directly_above_it() {
    let (_folder, home) = with(HAND_WRITTEN);
    Registry::remove(&home, "ann").unwrap();
    let gone = "# Ann's own words.\n[clusters.ann]   # header\ndsn = \"host=db1 dbname=shop\" # moved in May\n\
                colour = \"blue\"\n# who to call\nnote = \"call Ann\"\n\n";
    assert_eq!(file(&home), HAND_WRITTEN.replace(gone, ""));
    Registry::remove(&home, "bob.1").unwrap();
    let text = file(&home);
    assert!(text.contains("# My clusters.") && text.contains("# About Ann's") && text.contains("# The end."), "{text}");
    assert!(!text.contains("Bob") && text.contains("[other]\nkey = 1\n"), "{text}");
    assert_eq!(Registry::remove(&home, "bob.1").unwrap_err().code, "unknown_cluster");
}

#[test]
fn the_heading_of_the_file_stays_when_its_first_entry_goes() {
    let (_folder, home) = with("# Heading.\n[clusters.a]\ndsn = 'host=h'\n\n[clusters.b]\ndsn = 'host=h'\n");
    Registry::remove(&home, "a").unwrap();
    assert_eq!(file(&home), "# Heading.\n\n[clusters.b]\ndsn = 'host=h'\n");
    Registry::remove(&home, "b").unwrap();
    assert!(file(&home).contains("# Heading."), "{}", file(&home));
}

#[test]
fn other_ways_to_write_the_same_are_read_and_changed() {
    for text in [
        "[clusters]\na = { dsn = 'host=a', tags = { t = 'v' } }\n",
        "clusters = { a = { dsn = 'host=a', tags.t = 'v' } }\n",
        "clusters.a.dsn = 'host=a'\nclusters.a.tags.t = 'v'\n",
        "[clusters.a]\ndsn = 'host=a'\n[clusters.a.tags]\nt = 'v'\n[z]\n",
        "[clusters.a.tags]\r\nt = 'v'\r\n[clusters.a]\r\ndsn = 'host=a'\r\n",
    ] {
        let (_folder, home) = with(text);
        assert_eq!(Registry::open(&home).unwrap().find("a").unwrap().tags_text(), "t=v", "{text}");
        Registry::add(&home, cluster("b", "host=b"), false).unwrap();
        let mut new = cluster("a", "host=c");
        new.tags = BTreeMap::from([("t".to_owned(), "w".to_owned()), ("u".to_owned(), "x".to_owned())]);
        Registry::add(&home, new, true).unwrap();
        let registry = Registry::open(&home).unwrap();
        assert_eq!(registry.find("a").unwrap().tags_text(), "t=w, u=x", "{text}");
        assert_eq!(registry.find("b").unwrap().dsn.as_str(), "host=b", "{text}");
        Registry::remove(&home, "a").unwrap();
        let left = Registry::open(&home).unwrap();
        assert_eq!(left.clusters().map(|cluster| cluster.name.as_str()).collect::<Vec<_>>(), ["b"], "{text}");
    }
}

#[test]
fn a_broken_file_is_said_with_its_place_and_without_its_text() {
    for (text, code, place) in [
        ("[clusters.a]\ndsn = \"hunter2\n", "config_broken", "line 2, column"),
        ("x = hunter2\n", "config_broken", "line 1, column 5"),
        ("clusters = 7\n", "config_broken", "line 1, column 12: clusters is not a table"),
        ("[clusters]\na = 'hunter2'\n", "config_broken", "line 2, column 5: a cluster is not a table"),
        ("[clusters.a]\nnote = 'x'\n", "config_broken", "line 1, column 11: a cluster has no dsn"),
        ("[clusters.a]\ndsn = 7\n", "config_broken", "line 2, column 7: this value must be a text"),
        ("# ä\n[clusters.a]\ndsn = 'host=h'\ntags = 'x'\n", "config_broken", "line 4, column 8: tags is not"),
        ("[clusters.a]\ndsn = 'host=h'\ntags = {a='x', b = 1}\n", "config_broken", "line 3, column 20"),
        ("[clusters.'a b']\ndsn = 'host=h'\n", "bad_cluster_name", "line 1, column 11"),
        ("[clusters.a]\ndsn = 'postgres://u:hunter2@h'\n", "password_in_dsn", "line 2, column 7"),
        ("[clusters.a]\ndsn = 'host=h'\npatroni = 'http://u:hunter2@h'\n", "password_in_url", "line 1, column 11"),
    ] {
        let failure = failure(text);
        assert_eq!((failure.code, failure.exit == Exit::Usage), (code, false), "{text}");
        assert!(failure.message.contains("config.toml") && failure.message.contains(place), "{}", failure.message);
        assert!(failure.hint.is_some() && !format!("{failure:?}").contains("hunter2"), "{failure:?}");
    }
    let (_folder, home) = with("");
    fs::write(home.config(), b"a = 1\nb = '\xff'\n").unwrap();
    let failure = Registry::open(&home).err().unwrap();
    assert!(failure.message.ends_with("line 2, column 6: it is not UTF-8"), "{}", failure.message);
}

#[test]
fn a_broken_file_is_not_written_over() {
    let (_folder, home) = with("[clusters\n");
    assert_eq!(Registry::add(&home, cluster("a", "host=h"), true).unwrap_err().code, "config_broken");
    assert_eq!(file(&home), "[clusters\n");
}

#[test]
fn secrets_are_refused_and_never_repeated() {
    for (dsn, code) in [
        ("postgres://u:hunter2@h/db", "password_in_dsn"),
        ("host=h password=hunter2", "password_in_dsn"),
        ("host=h PASSWORD = 'hunter2'", "password_in_dsn"),
        ("postgres://u@h/db?password=hunter2", "password_in_dsn"),
        ("postgres://u@h/db?pass%77ord=hunter2", "password_in_dsn"),
        ("postgres://u@h/db?sslpassword=hunter2", "password_in_dsn"),
        ("dbname=postgres://u:hunter2@h/db", "password_in_dsn"),
        ("postgres://u:a@hunter2@h/db", "bad_dsn"),
        ("postgres://u:5/hunter2@h/db", "bad_dsn"),
        ("host=h hunter2", "bad_dsn"),
        (" ", "bad_dsn"),
        ("postgres://h:hunter2/db", "bad_dsn"),
        ("host=h\u{7f}hunter2", "bad_dsn"),
    ] {
        let failure = Dsn::new(dsn).unwrap_err();
        assert_eq!((failure.code, failure.exit == Exit::Usage), (code, true), "{dsn}");
        assert!(failure.hint.is_some() && !format!("{failure:?}").contains("hunter2"), "{failure:?}");
    }
    for fine in ["passfile=/p service=s", "postgres://u:@h/db", "host=h password=''", "user=password host=h"] {
        assert_eq!(Dsn::new(fine).map(|dsn| dsn.as_str().to_owned()).map_err(|f| f.code), Ok(fine.to_owned()));
    }
}

/// What connection strings are made of, and what may go wrong in one.
const PIECES: [&str; 24] = [
    "postgres://",
    "postgresql://",
    "://",
    ":",
    "@",
    "/",
    "?",
    "&",
    "=",
    ",",
    "[",
    "]",
    " ",
    "'",
    "\\",
    "%3D",
    "%40",
    "%zz",
    "password",
    "pass%77ord",
    "host=h",
    "user",
    "x",
    "ä",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_string_is_kept_in_which_the_collector_finds_a_password(
        start in prop::sample::select(vec!["", "postgres://", "postgres://u:x", "host=h password", "postgres://u@h/d?password", "postgres://u@h/d?pass%77ord"]),
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..9),
    ) {
        let dsn = format!("{start}{}", pieces.concat());
        let has_password = pgdba_collector::parse_dsn(Some(&dsn), &|_| None).is_ok_and(|found| found.password.is_some());
        prop_assert!(!has_password || Dsn::new(&dsn).is_err(), "{dsn}");
    }
}

#[test]
fn places_say_what_the_entry_says() {
    for (dsn, place) in [
        ("postgres://u@db1:5433/shop", "db1:5433/shop"),
        ("postgres://u@[::1]/shop", "[::1]/shop"),
        ("postgres://a:1,b,c:3/x", "a:1,b,c:3/x"),
        ("host=a,b port=7", "a:7,b:7"),
        ("host=/run/pg dbname=x", "/run/pg/x"),
        ("hostaddr=10.0.0.1 dbname=a dbname=b", "10.0.0.1/b"),
        ("service=prod", "service=prod"),
        ("user=u", "(libpq's variables)"),
        ("port=6000", "(libpq's variables):6000"),
        ("dbname=x", "(libpq's variables)/x"),
    ] {
        assert_eq!(Dsn::new(dsn).unwrap().place(), place, "{dsn}");
    }
}

#[test]
fn names_tags_notes_and_patroni_are_checked() {
    let code = |change: &dyn Fn(&mut Cluster)| {
        let mut cluster = cluster("a", "host=h");
        change(&mut cluster);
        cluster.check().map(|_| "fine").unwrap_or_else(|failure| failure.code)
    };
    for (name, expected) in [("a", "fine"), ("9.b-C_", "fine"), ("", "bad_cluster_name"), ("-a", "bad_cluster_name")] {
        assert_eq!(code(&|cluster| cluster.name = name.to_owned()), expected, "{name}");
    }
    for name in ["a b", "ä", "..", "a/b", "postgres://u:p@h"] {
        assert_eq!(code(&|cluster| cluster.name = name.to_owned()), "bad_cluster_name", "{name}");
    }
    for (url, expected) in [
        ("http://db1:8008", "fine"),
        ("https://[::1]/p/", "fine"),
        ("https://[::1]:8008", "fine"),
        ("http://u:p@db1", "password_in_url"),
        ("http://db1:8008?token=x", "bad_patroni_url"),
        ("http://db1:x", "bad_patroni_url"),
        ("http://", "bad_patroni_url"),
        ("db1:8008", "bad_patroni_url"),
        ("http://d b", "bad_patroni_url"),
    ] {
        assert_eq!(code(&|cluster| cluster.patroni = Some(url.to_owned())), expected, "{url}");
    }
    assert_eq!(code(&|cluster| cluster.note = Some("a\u{1b}[2J".to_owned())), "bad_text");
    assert_eq!(tag("env=a=b").unwrap(), ("env".to_owned(), "a=b".to_owned()));
    for wrong in ["env", "=x", "env=", "e v=x"] {
        assert_eq!(tag(wrong).unwrap_err().code, "bad_tag", "{wrong}");
    }
    assert_eq!(tag("env=a\nb").unwrap_err().code, "bad_text");
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let (_folder, home) = home();
    let hint = |name: &str| {
        let failure = Registry::open(&home).unwrap().find(name).unwrap_err();
        (failure.code, failure.hint.unwrap())
    };
    assert_eq!(hint("x").0, "unknown_cluster");
    assert!(hint("x").1.contains("pgdba cluster add"), "{}", hint("x").1);
    Registry::add(&home, cluster("a", "host=h"), false).unwrap();
    Registry::add(&home, cluster("b", "host=h"), false).unwrap();
    assert_eq!(hint("x"), ("unknown_cluster", "Registered clusters: a, b".to_owned()));
    for index in 0..NAMES_SHOWN {
        Registry::add(&home, cluster(&format!("c{index}"), "host=h"), false).unwrap();
    }
    assert!(hint("x").1.ends_with("and 2 more (pgdba cluster list)"), "{}", hint("x").1);
    assert_eq!(hint("postgres://u:p@h").0, "bad_cluster_name");
}

#[test]
fn files_are_the_owners_alone_and_others_write_permission_is_said() {
    let (_folder, home) = home();
    Registry::add(&home, cluster("a", "host=h"), false).unwrap();
    let folder = home.config().parent().unwrap().to_owned();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&home.config())), (0o700, 0o600));
    let warnings = || Registry::open(&home).unwrap().warnings;
    let set = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    set(&home.config(), 0o644);
    set(&folder, 0o755);
    assert_eq!(warnings(), Vec::<String>::new());
    set(&home.config(), 0o620);
    assert!(warnings().len() == 1 && warnings()[0].contains("config.toml\": others can write"), "{:?}", warnings());
    set(&folder, 0o702);
    assert!(warnings().len() == 2 && warnings()[0].contains("chmod go-w"), "{:?}", warnings());
    Registry::add(&home, cluster("b", "host=h"), false).unwrap();
    assert_eq!(mode(&home.config()), 0o600);
}

#[test]
fn a_link_stays_a_link() {
    let (folder, home) = with("");
    let real = folder.path().join("real.toml");
    fs::rename(home.config(), &real).unwrap();
    symlink(&real, home.config()).unwrap();
    Registry::add(&home, cluster("a", "host=h"), false).unwrap();
    assert!(fs::symlink_metadata(home.config()).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("[clusters.a]"));
}

#[test]
fn nothing_is_lost_when_many_add_at_once() {
    let (_folder, home) = home();
    std::thread::scope(|scope| {
        for index in 0..8 {
            let home = &home;
            scope.spawn(move || Registry::add(home, cluster(&format!("c{index}"), "host=h"), false).unwrap());
        }
    });
    assert_eq!(Registry::open(&home).unwrap().clusters().count(), 8);
}
