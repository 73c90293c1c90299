//! A policy through the program: which file is used, what every face says of it, how findings are accepted.

mod docs;
mod law;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use xtask::paths;

use crate::fixtures;
use crate::program::{Run, build, pgdba};
use crate::schemas::{assert_valid, validator};

/// A folder with a snapshot that has findings about several tables.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        build();
        let folder = tempfile::tempdir().unwrap();
        for name in ["beside", "work", "home"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("beside/shop.json.gz"), fixtures::bytes("example.json.gz")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Runs `pgdba` in `work`, with `home` as its home.
    fn run(&self, words: &str) -> Run {
        run_in(&self.path("work"), &self.path("home"), &words.split(' ').collect::<Vec<_>>())
    }
}

fn run_in(folder: &Path, home: &Path, args: &[&str]) -> Run {
    let mut command = Command::new(paths::target().join("debug/pgdba"));
    let output = command.current_dir(folder).env("PGDBA_HOME", home).args(args).output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A policy that silences every table and says so in its own words.
fn silence(reason: &str) -> String {
    format!("[[silence]]\nkind = 'table'\nreason = '{reason}'\n")
}

const CHECK: &str = "check --snapshot ../beside/shop.json.gz";

#[test]
fn the_nearest_policy_is_used_alone_and_named() {
    let desk = Desk::new();
    let without = desk.run(CHECK);
    assert!(!without.stdout.contains("Policy") && !without.stdout.contains("set aside"), "{}", without.stdout);
    let places = [
        ("home/pgdba.toml", desk.path("home/pgdba.toml").display().to_string()),
        ("work/pgdba.toml", "pgdba.toml".to_owned()),
        ("beside/pgdba.toml", "../beside/pgdba.toml".to_owned()),
    ];
    for (place, shown) in &places {
        desk.write(place, &silence(place));
        let run = desk.run(CHECK);
        let flat = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&format!("Policy {shown}: ")), "{place}: {flat}");
        let envelope = desk.run(&format!("{CHECK} --format json")).envelope();
        let aside = envelope["data"]["set_aside"].as_array().unwrap().clone();
        assert!(!aside.is_empty() && aside.iter().all(|one| one["why"]["reason"] == *place), "{place}: {aside:?}");
        assert_eq!(envelope["data"]["policy"]["file"], shown.as_str());
    }
    desk.write("named.toml", &silence("named"));
    let run = desk.run(&format!("{CHECK} --policy ../named.toml"));
    assert!(run.stdout.contains("silenced: named"), "{}", run.stdout);
    assert_eq!(desk.run(&format!("{CHECK} --no-policy")).stdout, without.stdout);
    let both = desk.run(&format!("{CHECK} --no-policy --policy ../named.toml"));
    assert_eq!(both.code, Some(2), "{}", both.stderr);
}

#[test]
fn every_face_counts_what_is_set_aside() {
    let desk = Desk::new();
    desk.write("beside/pgdba.toml", &silence("a reason of ours"));
    let data = desk.run(&format!("{CHECK} --format json")).envelope()["data"].clone();
    assert_valid(&validator("analysis.json"), &data, "with a policy");
    let count = data["set_aside"].as_array().unwrap().len();
    assert!(count > 1 && data["policy"]["silenced"] == count, "{}", data["policy"]);
    let words = format!("{count} subjects set aside by the policy");
    for (call, file) in [
        (CHECK.to_owned(), None),
        (format!("{CHECK} --format markdown"), None),
        ("report ../beside/shop.json.gz -o report.html".to_owned(), Some("work/report.html")),
        ("report ../beside/shop.json.gz -o report.md".to_owned(), Some("work/report.md")),
        ("report ../beside/shop.json.gz -o report.txt".to_owned(), Some("work/report.txt")),
    ] {
        let run = desk.run(&call);
        assert_eq!(run.code, Some(0), "{call}: {}", run.stderr);
        assert!(run.stdout.contains(&words), "{call}: {}", run.stdout);
        let shown = file.map_or(run.stdout, |file| fs::read_to_string(desk.path(file)).unwrap());
        for wanted in [words.as_str(), "Silenced and accepted", "a reason of ours", "subjects silenced"] {
            assert!(shown.split_whitespace().collect::<Vec<_>>().join(" ").contains(wanted), "{call}: {wanted}");
        }
    }
}

#[test]
fn what_is_silenced_does_not_fail_a_check_and_what_is_raised_does() {
    let desk = Desk::new();
    let fail_on = |severity: &str| desk.run(&format!("{CHECK} --fail-on {severity} --policy ../p.toml")).code;
    desk.write("p.toml", "");
    assert_eq!((fail_on("critical"), fail_on("notice")), (Some(0), Some(3)));
    desk.write("p.toml", "[[silence]]\nname = '*'\nreason = 'all'\n");
    assert_eq!(fail_on("notice"), Some(0));
    desk.write("p.toml", "[[raise]]\nkind = 'table'\nto = 'critical'\nreason = 'ours'\n");
    assert_eq!(fail_on("critical"), Some(3));
    desk.write("p.toml", "[[lower]]\nname = '*'\nto = 'info'\nreason = 'ours'\n");
    assert_eq!((fail_on("notice"), fail_on("info")), (Some(0), Some(3)));
}

#[test]
fn what_was_accepted_is_not_new_and_the_rest_of_the_file_stays() {
    let desk = Desk::new();
    let own = "# ours\n[[silence]]\nrule = 'fsync_off' # never mind\nreason = 'r'\n";
    desk.write("work/pgdba.toml", own);
    let run = desk.run(&format!("{CHECK} --accept pgdba.toml"));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("Accepted ") && run.stdout.contains(" in \"pgdba.toml\"."), "{}", run.stdout);
    let written = fs::read_to_string(desk.path("work/pgdba.toml")).unwrap();
    assert!(written.starts_with(own) && written.contains("[[accepted]]"), "{written}");

    let shown = desk.run(CHECK);
    assert!(
        shown.stdout.contains("- 1 subject accepted before") && !shown.stdout.contains("set aside"),
        "{}",
        shown.stdout
    );
    let new = desk.run(&format!("{CHECK} --new-only --fail-on info"));
    assert_eq!(new.code, Some(0), "{}", new.stdout);
    assert!(new.stdout.contains("set aside by the policy"), "{}", new.stdout);
    let data = desk.run(&format!("{CHECK} --new-only --format json")).envelope()["data"].clone();
    assert_valid(&validator("analysis.json"), &data, "new only");
    assert_eq!((data["findings"].as_array().unwrap().len(), data["policy"]["silenced"].as_u64()), (0, Some(0)));
    // The same again is the same file.
    desk.run(&format!("{CHECK} --accept pgdba.toml"));
    assert_eq!(fs::read_to_string(desk.path("work/pgdba.toml")).unwrap(), written);
    // Taking one out makes it new.
    let line = written.lines().find(|line| line.trim_start().starts_with(['"', '\''])).unwrap();
    desk.write("work/pgdba.toml", &written.replace(&format!("{line}\n"), ""));
    let data = desk.run(&format!("{CHECK} --new-only --format json")).envelope()["data"].clone();
    let subjects: Vec<_> =
        data["findings"].as_array().unwrap().iter().flat_map(|f| f["subjects"].as_array().unwrap()).collect();
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    assert_eq!(subjects[0]["id"].as_str().unwrap(), line.trim().trim_end_matches(',').trim_matches(['"', '\'']));
}

#[test]
fn names_are_not_known_in_a_redacted_snapshot_and_with_its_key_they_are() {
    let desk = Desk::new();
    let run = desk.run("snapshot redact ../beside/shop.json.gz -o red.json --key site.key");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    desk.write("work/pgdba.toml", "[[silence]]\nname = '*'\nreason = 'r'\n");
    let run = desk.run("check --snapshot red.json");
    let flat = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("line 1 (silence): names are redacted, so patterns do not match names of objects"), "{flat}");
    let with_key = desk.run("check --snapshot red.json --key site.key");
    assert!(with_key.stdout.contains("set aside by the policy"), "{}", with_key.stdout);
    let refused = desk.run("check --snapshot red.json --accept other.toml");
    assert_eq!(refused.code, Some(2), "{}", refused.stdout);
    assert!(refused.stderr.contains("--key") && !desk.path("work/other.toml").exists(), "{}", refused.stderr);
}

#[test]
fn a_recommendation_that_is_silenced_is_not_made_and_that_is_said() {
    let desk = Desk::new();
    let mut document: Value = serde_json::from_slice(&fixtures::unpacked(&fixtures::bytes("example.json.gz"))).unwrap();
    let settings = &mut document["sections"]["pg_settings"];
    let column = |name: &str| settings["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap();
    let (name, setting) = (column("name"), column("setting"));
    let fsync = settings["rows"].as_array_mut().unwrap().iter_mut().find(|row| row[name] == "fsync").unwrap();
    fsync[setting] = "off".into();
    desk.write("work/s.json", &document.to_string());
    let recommended = |words: &str| {
        let run = desk.run(&format!("config diff --snapshot s.json{words}"));
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout
    };
    assert!(recommended(" --no-policy").contains("should be changed."));
    desk.write("work/pgdba.toml", "[[silence]]\nkind = 'parameter'\nname = 'fsync'\nreason = 'r'\n");
    let silenced = recommended("");
    assert!(silenced.contains("nothing to recommend"), "{silenced}");
    assert!(silenced.contains("policy pgdba.toml: 1 subject silenced"), "{silenced}");
}

#[test]
fn a_policy_that_cannot_be_used_is_told_in_one_sentence_with_exit_code_2() {
    let desk = Desk::new();
    desk.write("syntax.toml", "[[silence]]\nrule = fsync_off\n");
    desk.write("rule.toml", "[[silence]]\nrule = 'fsink_off'\nreason = 'r'\n");
    fs::write(desk.path("latin1.toml"), b"# caf\xe9\n").unwrap();
    fs::write(desk.path("zeros.toml"), [0; 4096]).unwrap();
    fs::write(desk.path("large.toml"), vec![b' '; 20 << 20]).unwrap();
    desk.write("deep.toml", &format!("silence = {}", "[".repeat(1 << 20)));
    for (file, expected) in [
        ("syntax.toml", "line 2, column 8: "),
        ("rule.toml", "line 2, column 8: rule \"fsink_off\" does not exist: did you mean \"fsync_off\"?"),
        ("latin1.toml", "line 1, column 6: the policy is not UTF-8"),
        ("zeros.toml", "line 1, column "),
        ("large.toml", "the policy is larger than 16 MiB"),
        ("deep.toml", "line 1, column "),
        ("no_such.toml", "could not read \"../no_such.toml\""),
        ("work", "could not read \"../work\""),
    ] {
        for call in [CHECK, "report ../beside/shop.json.gz", "config diff --snapshot ../beside/shop.json.gz"] {
            let run = desk.run(&format!("{call} --policy ../{file}"));
            assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{call} {file}: {}", run.stderr);
            assert!(run.stderr.contains(expected) && run.stderr.len() < 600, "{call} {file}: {}", run.stderr);
        }
    }
    // A file that is found is not passed over because it is wrong, and accepting leaves it alone.
    fs::copy(desk.path("rule.toml"), desk.path("work/pgdba.toml")).unwrap();
    let run = desk.run(&format!("{CHECK} --format json"));
    assert_eq!((run.code, &run.envelope()["error"]["code"]), (Some(2), &"policy_invalid".into()));
    let before = fs::read(desk.path("syntax.toml")).unwrap();
    let run = desk.run(&format!("{CHECK} --no-policy --accept ../syntax.toml"));
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    assert_eq!(fs::read(desk.path("syntax.toml")).unwrap(), before);
}

#[test]
fn the_schema_is_printed_and_is_the_one_in_docs() {
    let printed = pgdba(&["schema", "policy"]).stdout;
    assert_eq!(printed, fs::read_to_string(paths::root().join("docs/schema/policy.json")).unwrap());
}
