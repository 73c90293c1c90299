//! Redaction on real servers whose every name is marked: no mark leaves, nothing else changes, and the key undoes it.

mod guesses;
mod marks;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pgdba_analysis::{Options, analyze};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::redact::{Key, SECRET_BYTES, redact, restore, search};
use serde_json::Value;
use xtask::fixtures::folder;
use xtask::servers::MAJORS;

use self::guesses::nothing_confirms_a_guess;
use self::marks::the_marks_are_there;
use self::server::Marked;
use crate::program::{Run, pgdba};
use crate::psql;

/// Every name of the schema begins with it; no digest and no word of PostgreSQL holds it.
const MARK: &str = "zq";

/// The versions on which every way of redacting and every face is tried; on the others one way each, in turn.
const WHOLLY: [u32; 2] = [12, 18];

/// A secret under which no few tokens are by chance in the order of what they stand for.
const SECRET: [u8; SECRET_BYTES] = [4; SECRET_BYTES];

/// Names that the schema and its settings plant at least.
const PLANTED: usize = 250;

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

/// The ways besides `snapshot redact`, which is tried everywhere.
const WAYS: [fn(&Marked, &str, &str); 3] = [collected_redacted, sampled_redacted, script_redacted_later];

#[test]
fn no_name_leaves_the_findings_stay_and_the_key_restores_everything() {
    for (turn, major) in MAJORS.into_iter().enumerate() {
        let server = Marked::start(major);
        let plain = server.collect("plain.json", &[]);
        let (redacted, key) = (server.path("redacted.json"), server.path("site.key"));
        fs::write(&key, Key::new(&SECRET).to_json().unwrap()).unwrap();
        done(pgdba(&["snapshot", "redact", &plain, "-o", &redacted, "--key", &key]));

        // Every section that holds names holds marked ones, else this test would show nothing.
        let before = fs::read_to_string(&plain).unwrap();
        the_marks_are_there(&json(&plain), major);
        let planted = marks(&before);
        assert!(planted.len() >= PLANTED, "{major}: {} names are planted", planted.len());
        let after = fs::read_to_string(&redacted).unwrap();
        assert_eq!(marked(&after), Vec::<String>::new(), "{major}");
        let data_dir = server.server.data_dir().to_str().unwrap().to_owned();
        assert!(before.contains(&data_dir) && !after.contains(&data_dir), "{major}: the data folder");
        the_findings_stay(&plain, &redacted, &key, major);
        nothing_confirms_a_guess(&server, &redacted, &key);
        verify_tells(&server, &plain, &redacted, major);
        if WHOLLY.contains(&major) {
            WAYS.iter().for_each(|way| way(&server, &redacted, &key));
            reports_are_redacted(&server, &plain, &redacted, &key);
            warnings_are_redacted(&server, &redacted, &key);
        } else {
            WAYS[turn % WAYS.len()](&server, &redacted, &key);
        }
    }
}

fn the_findings_stay(plain: &str, redacted: &str, key: &str, major: u32) {
    let check = |arguments: &[&str]| pgdba(&[&["check", "--format", "json", "--snapshot"], arguments].concat());
    let (plain_check, redacted_check) = (check(&[plain]).envelope(), check(&[redacted]).envelope());
    assert!(findings(&plain_check).len() >= 4, "{major}: {:?}", findings(&plain_check));
    assert_eq!(findings(&plain_check), findings(&redacted_check), "{major}");
    assert_eq!(check(&[redacted, "--key", key]).envelope()["data"], plain_check["data"], "{major}");
}

fn reports_are_redacted(server: &Marked, plain: &str, redacted: &str, key: &str) {
    for suffix in ["txt", "md", "html"] {
        let report = |snapshot: &str, name: &str, key: &[&str]| {
            let file = server.path(&format!("{name}.{suffix}"));
            done(pgdba(&[&["report", snapshot, "-o", &file], key].concat()));
            fs::read_to_string(file).unwrap()
        };
        let with_names = report(plain, "plain", &[]);
        assert!(!marked(&with_names).is_empty(), "{suffix}");
        let without = report(redacted, "redacted", &[]);
        assert_eq!(marked(&without), Vec::<String>::new(), "{suffix}");
        // A text breaks its lines.
        let words: Vec<&str> = without.split_whitespace().collect();
        assert!(words.join(" ").contains("names redacted"), "{suffix}");
        assert_eq!(report(redacted, "restored", &["--key", key]), with_names, "{suffix}");
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

    assert_eq!(unnoticed(&json(plain), &json(redacted)), Vec::<String>::new(), "{major}");
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

/// The columns in which a value of the plain document could stand in the redacted one and nobody would notice. Each is tried with
/// the first value of it that is redacted.
fn unnoticed(plain: &Value, redacted: &Value) -> Vec<String> {
    let mut unnoticed = Vec::new();
    let mut tried = 0;
    for (name, section) in plain["sections"].as_object().unwrap() {
        let columns = section["columns"].as_array().cloned().unwrap_or_default();
        for (at, column) in columns.iter().enumerate() {
            let rows = |document: &Value| document["sections"][name]["rows"].as_array().cloned().unwrap_or_default();
            let kept: BTreeSet<String> = rows(redacted).iter().map(|row| row[at].to_string()).collect();
            let Some(row) = rows(plain).into_iter().find(|row| marked(&row[at].to_string()).len() == 1) else {
                continue;
            };
            assert!(!kept.contains(&row[at].to_string()), "{name}.{column}");
            let mut hidden = rows(redacted)[0].clone();
            hidden[at] = row[at].clone();
            let mut document = redacted.clone();
            document["sections"] =
                serde_json::json!({ name: { "available": true, "columns": columns, "rows": [hidden] } });
            tried += 1;
            if search(&document.to_string(), true).leaks.len() != 1 {
                unnoticed.push(format!("{name}.{column}: {}", row[at]));
            }
        }
    }
    assert!(tried > 60, "{tried} columns");
    unnoticed
}

/// A redacted document without a mark, which `verify` finds nothing in either.
fn holds_no_name(server: &Marked, file: &str, key: &str) {
    assert_eq!(marked(&fs::read_to_string(file).unwrap()), Vec::<String>::new(), "{file}");
    let run = pgdba(&["snapshot", "verify", file]);
    assert_eq!(run.code, Some(0), "{} {file}: {}", server.server.major(), run.stdout);
    nothing_confirms_a_guess(server, file, key);
}

/// With the same key file the same table has the same token.
fn collected_redacted(server: &Marked, redacted: &str, key: &str) {
    let direct = server.collect("direct.json", &["--redact", "--key", key]);
    holds_no_name(server, &direct, key);
    let tokens = |path: &str| {
        let document = json(path);
        let rows = document["sections"]["pg_class"]["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| (row[1].clone(), row[3].clone())).collect::<Vec<_>>()
    };
    assert_eq!(tokens(redacted), tokens(&direct));
    assert_eq!(json(redacted)["identity"], json(&direct)["identity"]);
}

fn sampled_redacted(server: &Marked, _: &str, key: &str) {
    let delta = server.collect("delta.json", &["--redact", "--key", key, "--delta", "--interval", "2s"]);
    holds_no_name(server, &delta, key);
}

fn script_redacted_later(server: &Marked, _: &str, key: &str) {
    let (script, later) = (server.path("script.json"), server.path("later.json"));
    let run = psql::run(&psql::handed_out(), &server.server.dsn("zqsuper", "zqdatabase"));
    assert!(run.status.success());
    fs::write(&script, run.stdout).unwrap();
    assert!(!marked(&fs::read_to_string(&script).unwrap()).is_empty());
    done(pgdba(&["snapshot", "redact", &script, "-o", &later, "--key", key]));
    holds_no_name(server, &later, key);
    let check = |file: &str, key: &[&str]| pgdba(&[&["check", "--format", "json", "--snapshot", file], key].concat());
    let [plain, restored] =
        [check(&script, &[]), check(&later, &["--key", key])].map(|run| run.envelope()["data"].clone());
    assert_eq!(plain, restored, "the script's document");
}

/// Warnings, a document without a key, and commands that show names with the key only.
fn warnings_are_redacted(server: &Marked, redacted: &str, key: &str) {
    let major = server.server.major();
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
    let again = pgdba(&["snapshot", "redact", redacted, "-o", &server.path("again.json")]);
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
    let same_key = format!("{}/./site.key", home.path().display());
    let calls: [&[&str]; 8] = [
        &["config", "diff", "--snapshot", &snapshot, "-o", &link],
        &["config", "diff", "--snapshot", &path("red.json"), "--key", &key, "-o", &same_key],
        &["snapshot", "redact", &snapshot, "-o", &same_key, "--key", &key],
        &["snapshot", "redact", &snapshot, "-o", &snapshot],
        &["snapshot", "redact", &link, "-o", &snapshot],
        &["report", &snapshot, "-o", &snapshot],
        &["report", &snapshot, "-o", &link],
        &["report", &path("red.json"), "--key", &key, "-o", &key],
    ];
    for call in calls {
        let run = pgdba(&[call, &["--format", "json"]].concat());
        let is_of_key = call.contains(&"redact") && call.contains(&"--key");
        let expected = if is_of_key { (Some(1), "bad_key") } else { (Some(2), "output_is_input") };
        let envelope = run.envelope();
        assert_eq!((run.code, envelope["error"]["code"].as_str().unwrap()), expected, "{call:?}");
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
        let leaks = search(std::str::from_utf8(&text).unwrap(), true).leaks;
        assert_eq!(leaks, BTreeSet::new(), "{name}: false alarms");
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
