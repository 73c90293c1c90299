mod errors;

use serde_json::json;

use super::{Acceptance, Policy, acceptance};
use crate::format::{Analysis, Block, Outcome, Severity, Why};
use crate::{Options, Verdict, analyze, example, read_policy};

/// Three tables past their threshold: two warnings and a notice.
fn document() -> serde_json::Value {
    let table = |oid: i64, schema: &str, name: &str| {
        json!({ "datname": "shop", "oid": oid, "nspname": schema, "relname": name, "relkind": "r", "relpages": 5000,
                "reltuples": 100_000 })
    };
    let stat = |oid: i64, dead: i64| {
        json!({ "datname": "shop", "relid": oid, "n_live_tup": 100_000, "n_dead_tup": dead, "n_mod_since_analyze": 0,
                "last_autoanalyze": "2026-01-01T06:00:00Z" })
    };
    json!({
        "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
                         { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" },
                         { "name": "autovacuum_naptime", "setting": "60", "unit": "s" },
                         { "name": "fsync", "setting": "on" }, { "name": "full_page_writes", "setting": "on" },
                         { "name": "autovacuum", "setting": "on" }, { "name": "track_counts", "setting": "on" } ],
        "pg_class": [ table(1, "public", "orders"), table(2, "staging_a", "raw"), table(3, "staging_b", "raw") ],
        "pg_stat_user_tables": [ stat(1, 300_000), stat(2, 200_000), stat(3, 80_000) ],
    })
}

fn policy(text: &str) -> Policy {
    read_policy(text.as_bytes()).unwrap()
}

fn analysis(policy: &Policy) -> Analysis {
    let mut snapshot = example::snapshot(&document().to_string()).unwrap();
    snapshot.identity.fingerprint = Some("f00d".to_owned());
    snapshot.redacted = true;
    assert_eq!(snapshot.fingerprint().as_deref(), Some("f00d"), "of a redacted snapshot it is what is written");
    snapshot.redacted = false;
    snapshot.identity.system_identifier = Some("7000000000000000001".to_owned());
    analyze(&snapshot, &Options { policy: Some(policy), ..Options::default() })
}

fn with(text: &str) -> Analysis {
    analysis(&policy(text))
}

fn labels(analysis: &Analysis) -> Vec<(&str, Severity)> {
    let subjects = analysis.findings.iter().flat_map(|finding| &finding.subjects);
    subjects.map(|subject| (subject.label.as_str(), subject.severity)).collect()
}

#[test]
fn without_a_policy_everything_is_shown() {
    let found = with("");
    let expected = [
        ("public.orders", Severity::Warning),
        ("staging_a.raw", Severity::Warning),
        ("staging_b.raw", Severity::Notice),
    ];
    assert_eq!(labels(&found), expected);
    let dead = pgdba_pg::display::count(580_000);
    assert_eq!(found.findings[0].summary, format!("Vacuum 3 tables: {dead} dead rows"));
    assert_eq!((found.policy.words(), found.set_aside.len()), (None, 0));
}

#[test]
fn the_words_of_a_finding_are_about_what_is_left_and_the_rest_is_counted() {
    let found = with("[[silence]]\nrule = 'dead_tuples'\nschema = 'staging_*'\nreason = 'refilled every night'\n");
    assert_eq!(labels(&found), [("public.orders", Severity::Warning)]);
    let dead = pgdba_pg::display::count(300_000);
    assert_eq!(found.findings[0].summary, format!("Vacuum public.orders: {dead} dead rows"));
    assert!(found.findings[0].rationale.contains("at 14.9 times"), "of the one table: {}", found.findings[0].rationale);
    assert_eq!(found.policy.silenced, 2);
    assert_eq!(found.policy.words().unwrap(), "2 subjects silenced");
    let aside: Vec<(&str, Severity, String)> =
        found.set_aside.iter().map(|aside| (aside.id.as_str(), aside.severity, aside.why.words())).collect();
    let why = || "silenced: refilled every night".to_owned();
    let expected = [
        ("PGD502 table shop.staging_a.raw", Severity::Warning, why()),
        ("PGD502 table shop.staging_b.raw", Severity::Notice, why()),
    ];
    assert_eq!(aside, expected);
}

#[test]
fn severity_and_verdict_follow_from_what_is_left() {
    let found = with("[[silence]]\narea = 'vacuum'\nname = ['orders', 'none']\nreason = 'r'\n");
    assert_eq!(found.findings[0].severity, Severity::Warning, "one warning is left");
    let found = with(
        "[[silence]]\narea = 'vacuum'\nname = 'orders'\nreason = 'r'\n\
         [[silence]]\nschema = 'staging_a'\nreason = 's'\n",
    );
    assert_eq!((found.findings[0].severity, labels(&found).len()), (Severity::Notice, 1));
    assert_eq!(found.worst(), Some(Severity::Notice));
    let found = with("[[silence]]\ndatabase = 'shop'\nreason = 'r'\n");
    assert!(found.findings.is_empty());
    assert_eq!(found.policy.silenced, 3);
    let outcome = &found.assessments.iter().find(|one| one.code == "PGD502").unwrap().outcome;
    assert_eq!(*outcome, Outcome::SetAside { subjects: 3 }, "that is no pass");
}

#[test]
fn the_last_entry_that_matches_decides_whatever_its_kind() {
    let lower = "[[lower]]\nrule = 'PGD502'\nschema = '*'\nto = 'info'\nreason = 'all'\n";
    let raise = "[[raise]]\nrule = 'pgd502'\nname = 'orders'\nto = 'critical'\nreason = 'one'\n";
    let found = with(&format!("{lower}{raise}"));
    let expected =
        [("public.orders", Severity::Critical), ("staging_a.raw", Severity::Info), ("staging_b.raw", Severity::Info)];
    assert_eq!(labels(&found), expected);
    assert_eq!((found.findings[0].severity, found.verdict), (Severity::Critical, Verdict::ActNow));
    assert_eq!(found.policy.words().unwrap(), "3 subjects with changed severity");
    let overridden = found.findings[0].subjects[0].overridden.as_ref().unwrap();
    let words = [
        "1 subject: info instead of notice: all (policy, line 1)",
        "1 subject: info instead of warning: all (policy, line 1)",
        "1 subject: critical instead of warning: one (policy, line 6)",
    ];
    assert_eq!(found.findings[0].policy_words(), words);
    assert_eq!((overridden.from, overridden.reason.as_str(), overridden.line), (Severity::Warning, "one", 6));
    let found = with(&format!("{raise}{lower}"));
    assert!(labels(&found).iter().all(|(_, severity)| *severity == Severity::Info), "{found:?}");
    assert!(found.policy.notes[0].contains("line 1 (raise): no effect"), "{:?}", found.policy.notes);
}

#[test]
fn lower_never_raises_and_raise_never_lowers() {
    let found = with("[[lower]]\nrule = 'dead_tuples'\nto = 'critical'\nreason = 'r'\n");
    assert_eq!(labels(&found)[0].1, Severity::Warning);
    let found = with("[[raise]]\nrule = 'dead_tuples'\nto = 'info'\nreason = 'r'\n");
    assert_eq!((labels(&found)[0].1, found.policy.overridden), (Severity::Warning, 0));
}

#[test]
fn a_rule_that_is_silenced_whole_is_skipped_as_by_ignore_and_named_with_its_reason() {
    let found = with("[[silence]]\nrule = ['dead_tuples', 'PGD801']\nreason = 'a test server'\n");
    assert!(found.findings.is_empty());
    let ignored = Outcome::Ignored { reason: Some("a test server".to_owned()) };
    assert_eq!(found.assessments.iter().filter(|one| one.outcome == ignored).count(), 2);
    assert_eq!((found.coverage.ignored, found.policy.notes.len()), (2, 0));
    assert_eq!(found.policy.words().unwrap(), "2 checks skipped");
    // A later entry about some of its subjects brings it back.
    let found = with(
        "[[silence]]\nrule = 'dead_tuples'\nreason = 'r'\n\
         [[lower]]\nrule = 'dead_tuples'\nname = 'orders'\nto = 'info'\nreason = 's'\n",
    );
    assert_eq!((labels(&found), found.policy.silenced), (vec![("public.orders", Severity::Info)], 2));
}

#[test]
fn how_blind_a_check_is_follows_from_the_policy() {
    let of = |text: &str| {
        let snapshot = example::snapshot("{}").unwrap();
        let policy = policy(text);
        let ignore = vec!["outdated_extension".to_owned()];
        analyze(&snapshot, &Options { policy: Some(&policy), ignore, ..Options::default() })
    };
    assert!(of("").is_blind_to(Severity::Critical));
    // The version is known.
    let areas: Vec<&str> =
        crate::rules::AREAS.iter().map(|(name, ..)| *name).filter(|name| *name != "versions").collect();
    let areas = format!("{areas:?}");
    let lowered = of(&format!("[[lower]]\narea = {areas}\nto = 'notice'\nreason = 'r'\n"));
    assert!(!lowered.is_blind_to(Severity::Warning) && lowered.is_blind_to(Severity::Notice));
    assert_eq!(lowered.policy.notes, Vec::<String>::new(), "of rules that did not run nothing is said");
    let silenced = of(&format!("[[silence]]\narea = {areas}\nreason = 'r'\n"));
    assert!(!silenced.is_blind_to(Severity::Info));
    let raised = of("[[raise]]\nrule = 'spilling_statement'\nname = '-42'\nto = 'critical'\nreason = 'r'\n");
    let worst = raised.assessments.iter().find(|one| one.name == "spilling_statement").unwrap().worst;
    assert_eq!(worst, Severity::Critical, "it could be");
}

#[test]
fn an_entry_has_effect_until_the_end_of_its_last_day_and_then_is_reported() {
    // The snapshot is of 1 January 2026.
    let until = |day: &str| with(&format!("[[silence]]\nname = '*'\nuntil = {day}\nreason = 'r'\n"));
    assert_eq!(until("2026-01-01").policy.silenced, 3);
    let expired = until("2025-12-31");
    assert_eq!((expired.policy.silenced, labels(&expired).len()), (0, 3));
    let note = "policy, line 1 (silence): expired, so it has no effect; remove it or set a later date in until";
    assert_eq!(expired.policy.notes, [note]);
    let mut snapshot = example::snapshot(&document().to_string()).unwrap();
    snapshot.collected_at = None;
    let policy = policy("[[silence]]\nname = '*'\nuntil = 2999-01-01\nreason = 'r'\n");
    let undated = analyze(&snapshot, &Options { policy: Some(&policy), ..Options::default() });
    assert_eq!(undated.policy.silenced, 0, "nobody knows whether it expired");
}

#[test]
fn an_entry_that_matches_nothing_is_noted() {
    let found = with("[[lower]]\nname = 'no_such_*'\nrule = 'dead_tuples'\nto = 'info'\nreason = 'r'\n");
    assert_eq!(found.policy.notes, ["policy, line 1 (lower): no effect: it matches no finding"]);
}

#[test]
fn a_note_says_why_an_entry_has_no_effect() {
    let of = |text: &str| with(text).policy.notes;
    let raise = "[[raise]]\nrule = 'dead_tuples'\nname = 'orders'\nto = 'notice'\nreason = 'r'\n";
    assert_eq!(of(raise), ["policy, line 1 (raise): no effect: the severity is already this high"]);
    let lower = "[[lower]]\nrule = 'dead_tuples'\nname = 'orders'\nto = 'critical'\nreason = 'r'\n";
    assert_eq!(of(lower), ["policy, line 1 (lower): no effect: the severity is already this low"]);
    let later = "[[silence]]\nrule = 'dead_tuples'\nschema = '*'\nreason = 'r'\n";
    let overruled = "policy, line 1 (raise): no effect: a later entry decides";
    assert_eq!(of(&format!("{raise}{later}")), [overruled]);
    // What changes one subject has effect, whatever it is for the others.
    let some = "[[lower]]\nrule = 'dead_tuples'\nschema = '*'\nto = 'notice'\nreason = 'r'\n";
    assert_eq!(of(some), Vec::<String>::new());
}

#[test]
fn entries_on_one_line_are_judged_one_by_one() {
    let entry = |name: &str| format!("{{ rule = 'dead_tuples', name = '{name}', reason = 'r' }}");
    let found = with(&format!("silence = [{}, {}]\n", entry("orders"), entry("none")));
    let notes = ["policy, line 1, column 69 (silence): no effect: it matches no finding"];
    assert_eq!((found.policy.silenced, found.policy.notes), (1, notes.map(str::to_owned).to_vec()));
}

#[test]
fn many_entries_without_effect_are_counted() {
    let text = "[[silence]]\nrule = 'dead_tuples'\nname = 'none'\nreason = 'r'\n".repeat(2_000);
    let places = "line 1 (silence), line 5 (silence), line 9 (silence), line 13 (silence), line 17 (silence)";
    let note = format!("policy, {places} and 1995 more entries: no effect: it matches no finding");
    assert_eq!(with(&text).policy.notes, [note]);
}

#[test]
fn accepted_findings_that_are_not_recognized_are_noted() {
    let text = "[[accepted]]\ncluster = 'other'\nwarning = ['PGD502 table shop.public.orders']\n";
    let new_only = || Policy { new_only: true, ..policy(text) };
    let none = "--new-only shows every finding: no findings of this cluster are accepted yet; use --accept FILE first";
    assert_eq!(with(text).policy.notes, Vec::<String>::new());
    assert_eq!(analysis(&new_only()).policy.notes, [none]);
    let mut snapshot = example::snapshot(&document().to_string()).unwrap();
    let notes = |snapshot: &_, policy: &Policy| {
        analyze(snapshot, &Options { policy: Some(policy), ..Options::default() }).policy.notes
    };
    snapshot.identity.system_identifier = None;
    let unknown = "--new-only shows every finding: the snapshot does not identify its cluster";
    assert_eq!(notes(&snapshot, &new_only()), [unknown]);
    // The fingerprint in a redacted snapshot is another one.
    snapshot.redacted = true;
    let redacted = "policy: names are redacted, so accepted findings are not recognized; use --key";
    assert_eq!(notes(&snapshot, &policy(text)), [redacted]);
}

#[test]
fn where_no_check_ran_nothing_is_healthy() {
    let areas: Vec<&str> = crate::rules::AREAS.iter().map(|(area, ..)| *area).collect();
    let found = with(&format!("[[silence]]\narea = {areas:?}\nreason = 'r'\n"));
    assert_eq!((found.coverage.ran, found.verdict), (0, Verdict::Incomplete));
    assert_eq!(found.policy.words().unwrap(), format!("{} checks skipped", found.coverage.rules));
}

#[test]
fn patterns_over_names_match_no_token() {
    let mut snapshot = example::snapshot(&document().to_string()).unwrap();
    snapshot.redacted = true;
    let policy = policy(
        "[[silence]]\nname = '*'\nreason = 'r'\n[[silence]]\nrule = 'fsync_off'\nkind = 'parameter'\nreason = 'r'\n",
    );
    let found = analyze(&snapshot, &Options { policy: Some(&policy), ..Options::default() });
    assert_eq!((found.policy.silenced, labels(&found).len()), (0, 3));
    let note = "policy, line 1 (silence): names are redacted, so patterns do not match names of objects; use --key";
    assert!(found.policy.notes.contains(&note.to_owned()), "{:?}", found.policy.notes);
}

#[test]
fn parameters_are_matched_in_a_redacted_snapshot_too() {
    let document = json!({ "pg_settings": [ { "name": "fsync", "setting": "off", "source": "default" } ] });
    let mut snapshot = example::snapshot(&document.to_string()).unwrap();
    snapshot.redacted = true;
    let policy = policy("[[silence]]\nkind = 'parameter'\nname = 'fsync'\nreason = 'a test server'\n");
    let found = analyze(&snapshot, &Options { policy: Some(&policy), ..Options::default() });
    assert_eq!((found.findings.len(), found.policy.silenced), (0, 1));
    assert!(found.recommendations.is_empty(), "what is silenced is not recommended");
}

/// What is accepted of the document, as a policy.
fn accepted(acceptance: &Acceptance) -> String {
    let mut text = format!("[[accepted]]\ncluster = '{}'\n", acceptance.cluster);
    for (severity, ids) in &acceptance.ids {
        text.push_str(&format!("{} = {ids:?}\n", severity.word()));
    }
    text
}

#[test]
fn what_was_accepted_is_shown_as_such_and_set_aside_where_only_new_is_wanted() {
    let text = accepted(&acceptance(&with(""), &Policy::default()).unwrap());
    let found = with(&text);
    assert_eq!((labels(&found).len(), found.policy.accepted, found.verdict), (3, 3, with("").verdict));
    assert!(found.findings[0].subjects.iter().all(|subject| subject.accepted));
    let Some(Block::Table(table)) = found.findings[0].table() else { panic!("three tables") };
    assert_eq!(table.rows[0][0].value.display(), "public.orders (accepted)");
    assert_eq!(found.findings[0].policy_words(), ["3 subjects accepted before"]);
    let new_only = Policy { new_only: true, ..policy(&text) };
    let found = analysis(&new_only);
    assert_eq!((found.findings.len(), found.set_aside.len(), found.policy.accepted), (0, 3, 3));
    assert!(found.set_aside.iter().all(|aside| aside.why == Why::Accepted));
    // Accepted again, it stays accepted.
    assert_eq!(accepted(&acceptance(&found, &new_only).unwrap()), text);
}

#[test]
fn what_was_accepted_and_became_worse_is_new() {
    let text = accepted(&acceptance(&with(""), &Policy::default()).unwrap());
    let raised = format!("{text}\n[[raise]]\nname = 'orders'\nto = 'critical'\nreason = 'r'\n");
    let found = analysis(&Policy { new_only: true, ..policy(&raised) });
    assert_eq!(labels(&found), [("public.orders", Severity::Critical)]);
}

#[test]
fn what_was_accepted_of_another_cluster_says_nothing_of_this_one() {
    let text = accepted(&acceptance(&with(""), &Policy::default()).unwrap());
    let other = text.replacen("cluster = '", "cluster = 'other-", 1);
    let found = analysis(&Policy { new_only: true, ..policy(&other) });
    assert_eq!((labels(&found).len(), found.policy.accepted), (3, 0));
}

#[test]
fn what_is_gone_is_no_longer_accepted_but_for_rules_that_did_not_run() {
    let cluster = with("").cluster.fingerprint.unwrap();
    let before = policy(&format!(
        "[[accepted]]\ncluster = '{cluster}'\nwarning = ['PGD502 table shop.public.gone', 'PGD301 parameter max_wal_size']\n"
    ));
    let now = acceptance(&analysis(&before), &before).unwrap();
    let (severity, ids) = &now.ids[0];
    assert_eq!(*severity, Severity::Warning);
    assert!(ids.contains(&"PGD301 parameter max_wal_size".to_owned()), "checkpoints were not counted: {ids:?}");
    assert!(!ids.contains(&"PGD502 table shop.public.gone".to_owned()), "{ids:?}");
}

#[test]
fn entries_of_one_line_are_told_apart_and_an_entry_without_effect_is_not_called_unmatched() {
    let mut found = policy(
        "lower = [ { rule = 'dead_tuples', to = 'critical', reason = 'r' }, { rule = 'fsync_off', to = 'info', reason = 'r' } ]\n\
         raise = [ { rule = 'fsync_off', to = 'critical', reason = 'r' } ]\n",
    );
    found.file = Some("t.toml".to_owned());
    let summary = analysis(&found).policy;
    assert_eq!(summary.effect_of_file(), Some(("t.toml", "no effect on the findings".to_owned())));
    assert_eq!(
        summary.notes,
        [
            "policy, line 1, column 68 (lower), line 2 (raise): no effect: it matches no finding",
            "policy, line 1, column 11 (lower): no effect: the severity is already this low",
        ]
    );
}
