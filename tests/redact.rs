//! Redaction on real servers whose every name is marked: no mark leaves, nothing else changes, and the key undoes it.

mod marks;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use pgdba_analysis::{Options, analyze};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::redact::{Key, SECRET_BYTES, redact, restore};
use serde_json::Value;
use xtask::fixtures::folder;
use xtask::servers::{Server, ServerOptions};

use self::marks::the_marks_are_there;
use crate::program::{Run, pgdba};
use crate::psql;

/// Every name of the schema begins with it; no digest and no word of PostgreSQL holds it.
const MARK: &str = "zq";

/// What the schema marks, and what the options below do.
const SCHEMA: &str = include_str!("redact/marked.sql");

/// The oldest version, one in between and the newest.
const MAJORS: [u32; 3] = [12, 15, 18];

/// Names that the schema and its settings plant at least.
const PLANTED: usize = 250;

/// A server on which every name that a user can give is marked.
struct Marked {
    server: Arc<Server>,
    folder: tempfile::TempDir,
    /// A session with a marked application that shows a marked statement; it ends with the server.
    _session: JoinHandle<()>,
}

impl Marked {
    fn start(major: u32) -> Self {
        let options = ServerOptions::fast()
            .with_statements()
            .with("wal_level", "logical")
            .with("max_prepared_transactions", "2")
            .with("autovacuum", "off")
            .with("cluster_name", "zqcluster")
            .with("log_directory", "zqlogs")
            .with("synchronous_standby_names", "ANY 1 (zqstandby, \"zqStandby x\")")
            .with("synchronous_commit", "off")
            .with("archive_command", "/opt/zqfolder/zqarchive %p")
            .with("zqextension.zqparameter", "zqvalue");
        let server = Arc::new(Server::start(major, &options).unwrap());
        let run = |sql: &str| server.execute("postgres", sql).unwrap();
        for sql in [
            "create role zqsuper superuser login",
            "create role \"zqReader x\"",
            "create database zqdatabase",
            "create database zqempty",
        ] {
            run(sql);
        }
        run("create role zqlimited login");
        run("revoke connect on database zqempty from public");
        run("alter role zqsuper in database zqempty set timezone = 'ZQZONE-3'");
        run("alter database zqdatabase set search_path = zqplain, \"$user\"");
        run("alter role zqsuper in database zqdatabase set application_name = 'zqrole_application'");
        for statement in SCHEMA.split(";\n") {
            server.execute("zqdatabase", statement).unwrap();
        }
        // A server without ICU has no such collation.
        server.execute("zqdatabase", "create collation zqplain.zqicu (provider = icu, locale = 'und-x-zqicu')").ok();
        server.execute("zqdatabase", "begin; select 1; prepare transaction 'zqtransaction'").unwrap();
        let folder = tempfile::tempdir().unwrap();
        // The server makes the folder, so that it is its own.
        let space = server.data_dir().join("zqspace");
        run(&format!("copy (select 1) to program 'mkdir {}'", space.display()));
        run(&format!("create tablespace zqtablespace location '{}'", space.display()));
        run("alter role zqsuper set default_tablespace = zqtablespace");
        let mut hba = fs::OpenOptions::new().append(true).open(server.data_dir().join("pg_hba.conf")).unwrap();
        hba.write_all(
            b"host zqdatabase zqowner,+zqreader zqhost.example trust\nhost all zqowner 10.77.0.0/16 md5\nzqerror\n",
        )
        .unwrap();
        let mut conf = fs::OpenOptions::new().append(true).open(server.data_dir().join("postgresql.conf")).unwrap();
        conf.write_all(b"zqunknown_parameter = zqvalue\nwork_mem = zqmuch\nlc_monetary = 'zqmonetary'\ndatestyle = 'ISO, zqstyle'\n\
              ssl_ciphers = 'HIGH:zqcipher'\nssl_ecdh_curve = 'zqcurve'\nlog_timezone = 'zqlogzone'\n").unwrap();
        let session = Self::session(&server);
        Self { server, folder, _session: session }
    }

    fn session(server: &Arc<Server>) -> JoinHandle<()> {
        let other = Arc::clone(server);
        let sql = "select zqid, set_config('application_name', 'zqapplication on zqhost', false), pg_sleep(60)
                   from zqplain.zqorders";
        // It fails when it is ended; that is how it ends.
        let session = thread::spawn(move || drop(other.execute("zqdatabase", sql)));
        let deadline = Instant::now() + Duration::from_secs(20);
        let begun =
            "select 1 from pg_stat_activity where application_name ~ '^zqapplication' and wait_event = 'PgSleep'";
        while server.query("postgres", begun).unwrap().is_empty() {
            assert!(Instant::now() < deadline, "the session has not begun");
            thread::sleep(Duration::from_millis(20));
        }
        session
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Collects with `arguments` besides; gives the path of the document.
    fn collect(&self, name: &str, arguments: &[&str]) -> String {
        let file = self.path(name);
        let dsn = self.server.dsn("zqsuper", "zqdatabase");
        let all = [&["inspect", "--all-databases", "--dsn", &dsn, "-o", &file], arguments].concat();
        done(pgdba(&all));
        file
    }
}

impl Drop for Marked {
    fn drop(&mut self) {
        self.server.stop_immediate().ok();
    }
}

fn done(run: Run) -> String {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    run.stdout
}

fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The lines in which the mark stands, whatever its case.
fn marked(text: &str) -> Vec<String> {
    let around = |line: &str| {
        let lower = line.to_lowercase();
        let at = lower.find(MARK)?;
        Some(lower.chars().skip(at.saturating_sub(60)).take(160).collect())
    };
    text.lines().filter_map(around).collect()
}

/// The distinct words that bear the mark.
fn marks(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with(MARK)).map(str::to_owned).collect()
}

/// How many findings there are of each code and severity.
fn findings(envelope: &Value) -> BTreeMap<(String, String), usize> {
    let mut counted = BTreeMap::new();
    for finding in envelope["data"]["findings"].as_array().unwrap() {
        let text = |member: &str| finding[member].as_str().unwrap().to_owned();
        *counted.entry((text("code"), text("severity"))).or_default() += 1;
    }
    counted
}

#[test]
fn no_name_leaves_the_findings_stay_and_the_key_restores_everything() {
    for major in MAJORS {
        let marked_server = Marked::start(major);
        let plain = marked_server.collect("plain.json", &[]);
        let (redacted, key) = (marked_server.path("redacted.json"), marked_server.path("site.key"));
        done(pgdba(&["snapshot", "redact", &plain, "-o", &redacted, "--key", &key]));

        // Every section that holds names holds marked ones, else this test would show nothing.
        let before = fs::read_to_string(&plain).unwrap();
        the_marks_are_there(&json(&plain), major);
        let planted = marks(&before);
        assert!(planted.len() >= PLANTED, "{major}: {} names are planted", planted.len());
        let after = fs::read_to_string(&redacted).unwrap();
        assert_eq!(marked(&after), Vec::<String>::new(), "{major}");
        let data_dir = marked_server.server.data_dir().to_str().unwrap().to_owned();
        assert!(before.contains(&data_dir) && !after.contains(&data_dir), "{major}: the data folder");

        let check = |arguments: &[&str]| pgdba(&[&["check", "--format", "json", "--snapshot"], arguments].concat());
        let (plain_check, redacted_check) = (check(&[&plain]).envelope(), check(&[&redacted]).envelope());
        assert!(findings(&plain_check).len() >= 4, "{major}: {:?}", findings(&plain_check));
        assert_eq!(findings(&plain_check), findings(&redacted_check), "{major}");
        assert_eq!(check(&[&redacted, "--key", &key]).envelope()["data"], plain_check["data"], "{major}");
        for suffix in ["txt", "md", "html"] {
            let report = |snapshot: &str, name: &str, key: &[&str]| {
                let file = marked_server.path(&format!("{name}.{suffix}"));
                done(pgdba(&[&["report", snapshot, "-o", &file], key].concat()));
                fs::read_to_string(file).unwrap()
            };
            let with_names = report(&plain, "plain", &[]);
            assert!(!marked(&with_names).is_empty(), "{major}");
            let without = report(&redacted, "redacted", &[]);
            assert_eq!(marked(&without), Vec::<String>::new(), "{major} {suffix}");
            assert!(without.contains("names redacted"), "{major} {suffix}");
            assert_eq!(report(&redacted, "restored", &["--key", &key]), with_names, "{major} {suffix}");
        }
        verify_tells(&marked_server, &plain, &redacted, major);
        the_collector_redacts_too(&marked_server, &redacted, &key, major);
    }
}

fn verify_tells(server: &Marked, plain: &str, redacted: &str, major: u32) {
    let run = pgdba(&["snapshot", "verify", "--format", "json", redacted]);
    assert_eq!(run.code, Some(0), "{major}: {}", run.stdout);
    let data = &run.envelope()["data"];
    assert_eq!((&data["checksum_fits"], &data["redacted"]), (&true.into(), &true.into()), "{major}");
    assert_eq!((&data["tells"], &data["plain_names"]), (&Value::Array(vec![]), &Value::Array(vec![])), "{major}");
    let told = done(pgdba(&["snapshot", "info", redacted]));
    assert!(told.contains("contains:       no names"), "{major}: {told}");

    // A name that redaction would have forgotten.
    let forgotten = server.path("forgotten.json");
    let text = fs::read_to_string(redacted).unwrap().replacen("\"pg_catalog\"", "\"zqforgotten\"", 1);
    fs::write(&forgotten, text).unwrap();
    let run = pgdba(&["snapshot", "verify", &forgotten]);
    assert!(run.code == Some(1) && run.stdout.contains("plain names: found in"), "{major}: {}", run.stdout);
    assert!(!run.stdout.contains("zqforgotten"), "{major}: {}", run.stdout);

    let told = done(pgdba(&["snapshot", "verify", plain])).split_whitespace().collect::<Vec<_>>().join(" ");
    for kind in ["databases", "roles", "schemas", "tables", "indexes", "function", "columns", "hosts and addresses"] {
        assert!(told.contains(kind), "{major}: {kind} in {told}");
    }
    let changed = server.path("changed.json");
    let text = fs::read_to_string(plain).unwrap().replacen("zqapplication on zqhost", "zq.dba@zqhost.example", 1);
    fs::write(&changed, text).unwrap();
    let run = pgdba(&["snapshot", "verify", &changed]);
    assert_eq!(run.code, Some(1), "{major}: {}", run.stdout);
    assert!(run.stdout.contains("does not match") && run.stdout.contains("pg_stat_activity: an email address, 1 time"));
    assert!(!run.stdout.contains("zq.dba"), "{major}: {}", run.stdout);
}

/// With the same key file the same table has the same token, and without one there is nothing to restore.
fn the_collector_redacts_too(server: &Marked, redacted: &str, key: &str, major: u32) {
    let direct = server.collect("direct.json", &["--redact", "--key", key]);
    let text = fs::read_to_string(&direct).unwrap();
    assert_eq!(marked(&text), Vec::<String>::new(), "{major}");
    let tokens = |path: &str| {
        let document = json(path);
        let rows = document["sections"]["pg_class"]["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| (row[1].clone(), row[3].clone())).collect::<Vec<_>>()
    };
    assert_eq!(tokens(redacted), tokens(&direct), "{major}");
    assert_eq!(json(redacted)["identity"], json(&direct)["identity"], "{major}");

    // Two samples, and the script's document redacted later.
    let delta = server.collect("delta.json", &["--redact", "--key", key, "--delta", "--interval", "2s"]);
    let (script, later) = (server.path("script.json"), server.path("later.json"));
    let run = psql::run(&psql::handed_out(), &server.server.dsn("zqsuper", "zqdatabase"));
    assert!(run.status.success(), "{major}");
    fs::write(&script, run.stdout).unwrap();
    assert!(!marked(&fs::read_to_string(&script).unwrap()).is_empty(), "{major}");
    done(pgdba(&["snapshot", "redact", &script, "-o", &later, "--key", key]));
    for file in [&delta, &later] {
        assert_eq!(marked(&fs::read_to_string(file).unwrap()), Vec::<String>::new(), "{major} {file}");
    }
    let check = |file: &str, key: &[&str]| pgdba(&[&["check", "--format", "json", "--snapshot", file], key].concat());
    let [plain, restored] =
        [check(&script, &[]), check(&later, &["--key", key])].map(|run| run.envelope()["data"].clone());
    assert_eq!(plain, restored, "{major}: the script's document");

    // A role that may not enter every database, so that there is something to warn of.
    let dsn = server.server.dsn("zqlimited", "zqdatabase");
    let run = pgdba(&["inspect", "--all-databases", "--dsn", &dsn, "--format", "json", "--redact"]);
    assert_eq!((run.code, marked(&run.stdout)), (Some(0), Vec::new()), "{major}");
    assert_eq!(marked(&run.stderr), Vec::<String>::new(), "{major}");
    let warnings = run.envelope()["warnings"].to_string();
    assert!(warnings.contains("no CONNECT privilege"), "{major}: {warnings}");

    let run = pgdba(&["inspect", "--dsn", &dsn, "-o", &server.path("limited.json"), "--redact"]);
    assert!(
        run.stderr.contains("the names cannot be restored, because the key is not saved"),
        "{major}: {}",
        run.stderr
    );
    let keyless = server.collect("keyless.json", &["--redact"]);
    assert_eq!(marked(&fs::read_to_string(&keyless).unwrap()), Vec::<String>::new(), "{major}");
    let run = pgdba(&["check", "--snapshot", &keyless, "--key", key, "--format", "json"]);
    assert_eq!((run.code, run.envelope()["error"]["code"].as_str()), (Some(1), Some("key_mismatch")), "{major}");

    let sees_names = |words: &[&str]| {
        let run = pgdba(words);
        assert_eq!(run.code, Some(0), "{major}: {words:?} {}", run.stderr);
        !marked(&run.stdout).is_empty()
    };
    for words in [["snapshot", "show", redacted, "pg_class"], ["rule", "duplicate_index", "--explain", redacted]] {
        assert!(!sees_names(&words), "{major}: {words:?}");
        assert!(sees_names(&[&words[..], &["--key", key]].concat()), "{major}: {words:?}");
    }
    let again = pgdba(&["snapshot", "redact", &direct, "-o", &server.path("again.json")]);
    assert_eq!(again.code, Some(2), "{major}: {}", again.stderr);
}

#[test]
fn what_is_read_is_never_written_over() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let (snapshot, key, link) = (path("shop.json.gz"), path("site.key"), path("link.json.gz"));
    fs::copy(folder().join("example.json.gz"), &snapshot).unwrap();
    std::os::unix::fs::symlink(&snapshot, &link).unwrap();
    done(pgdba(&["snapshot", "redact", &snapshot, "-o", &path("red.json"), "--key", &key]));
    let before = [&snapshot, &key].map(|file| fs::read(file).unwrap());
    let calls: [&[&str]; 5] = [
        &["snapshot", "redact", &snapshot, "-o", &snapshot],
        &["snapshot", "redact", &link, "-o", &snapshot],
        &["report", &snapshot, "-o", &snapshot],
        &["report", &snapshot, "-o", &link],
        &["report", &path("red.json"), "--key", &key, "-o", &key],
    ];
    for call in calls {
        let run = pgdba(&[call, &["--format", "json"]].concat());
        assert_eq!((run.code, &run.envelope()["error"]["code"]), (Some(2), &"output_is_input".into()), "{call:?}");
    }
    assert_eq!([&snapshot, &key].map(|file| fs::read(file).unwrap()), before);
    done(pgdba(&["report", &snapshot, "-o", &path("report.html")]));
    done(pgdba(&["report", &snapshot, "-o", &path("report.html")]));
}

#[test]
fn every_fixture_gives_the_same_findings_redacted_and_is_itself_again_restored() {
    let files: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "gz"))
        .collect();
    assert!(files.len() > 10);
    let mut key = Key::new(&[7; SECRET_BYTES]);
    for file in files {
        let name = file.display();
        let before = pgdba_snapshot::read(&fs::read(&file).unwrap()).unwrap();
        let text = redact(&before, &mut key, Vec::new()).unwrap();
        let redacted = pgdba_snapshot::read(&text).unwrap();
        assert_eq!(parameters(&redacted), parameters(&before), "{name}: a parameter of this version is not known");
        if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pg")) {
            assert_eq!(types(&redacted), types(&before), "{name}: a type of this version is not known");
        }
        let outcome = |snapshot: &DiagSnapshot| {
            let analysis = analyze(snapshot, &Options::default());
            let mut found: Vec<_> = analysis.findings.iter().map(|f| (f.code.clone(), f.severity)).collect();
            found.sort();
            (found, analysis.verdict)
        };
        assert_eq!(outcome(&redacted), outcome(&before), "{name}");
        let after = restore(redacted, &key).unwrap();
        assert_eq!(sections(&after), sections(&before), "{name}");
        assert_eq!((after.identity, after.prereqs), (before.identity, before.prereqs), "{name}");
    }
}

fn sections(snapshot: &DiagSnapshot) -> BTreeMap<String, Value> {
    let value = |text: &str| serde_json::from_str(text).unwrap();
    snapshot.sections.iter().map(|(name, section)| (name.clone(), value(section.get()))).collect()
}

/// A plain server has no type of its own: each that becomes a token is one that the lists lack.
fn types(snapshot: &DiagSnapshot) -> Vec<String> {
    let section = snapshot.section::<pgdba_snapshot::sections::pg_type::PgType>();
    section.rows.into_iter().map(|row| row.typname).collect()
}

fn parameters(snapshot: &DiagSnapshot) -> Vec<String> {
    let section = snapshot.section::<pgdba_snapshot::sections::pg_settings::PgSetting>();
    section.rows.into_iter().map(|row| row.name).collect()
}
