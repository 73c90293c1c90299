//! `pgdba config diff`: what should be set otherwise; or how two configurations differ.

use std::path::{Path, PathBuf};

use pgdba_analysis::configuration::{Configuration, SECTIONS, compare};
use pgdba_analysis::{Analysis, Block, Changes, Options, Recommendation, analyze};
use pgdba_collector::AtomicFile;
use pgdba_pg::display::counted;
use pgdba_report::Report;
use serde_json::json;

use super::against;
use super::elsewhere::elsewhere;
use super::hardware::HardwareArguments;
use super::show::readable;
use super::tune::tuned;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::policy::PolicyArgument;
use crate::target::{self, KeyArgument, Target};
use crate::terminal::shell_word;

const EXAMPLES: &str = "\
Examples:
  pgdba config diff --name prod
  pgdba config diff --snapshot snapshot.json.gz -o changes.json
  pgdba config diff --name prod --workload oltp
  pgdba config diff --name prod --against last-week.json.gz";

/// Compare the configuration with pgdba's recommendations, or with another snapshot
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    key: KeyArgument,
    /// Write the recommended values to this file, for `pgdba config apply --file`
    #[arg(short = 'o', long, value_name = "FILE")]
    changes: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyArgument,
    #[command(flatten)]
    hardware: HardwareArguments,
    /// Compare with the configuration in this snapshot instead: another server, or another time
    #[arg(long, value_name = "FILE", conflicts_with_all = ["changes", "policy", "no_policy", "workload"])]
    against: Option<PathBuf>,
}

/// Compares.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.against {
        Some(other) => compare_with(args, other),
        None => recommend(args),
    }
}

fn compare_with(args: &Args, other: &Path) -> Result<Answer, Failure> {
    // A file that cannot be read is reported before a server is queried.
    let second = target::read(other)?;
    let (first, mut warnings) = args.target.load(&SECTIONS)?;
    if first.redacted != second.redacted || first.redaction_key != second.redaction_key {
        warnings.push(
            "the snapshots are not redacted with the same key, so equal names in values appear to differ".to_owned(),
        );
    }
    let first = args.key.restore(first, &mut warnings)?;
    let second = if second.redacted { args.key.restore(second, &mut warnings)? } else { second };
    readable(&Configuration::of(&first), "the configuration of the first")?;
    readable(&Configuration::of(&second), &format!("the configuration in \"{}\"", other.display()))?;
    against::answer(&compare(&first, &second), warnings)
}

fn recommend(args: &Args) -> Result<Answer, Failure> {
    let policy = args.policy.load(args.target.file())?;
    if let Some(output) = &args.changes {
        let file = policy.file.as_deref().map(Path::new);
        let inputs: Vec<&Path> = [args.target.file(), args.key.path(), file].into_iter().flatten().collect();
        target::protect(&inputs, output)?;
    }
    let (snapshot, mut warnings) = args.target.load(&[])?;
    let snapshot = args.key.restore(snapshot, &mut warnings)?;
    let mut analysis = analyze(&snapshot, &Options { policy: Some(&policy), rules_only: true, ..Options::default() });
    let tuning = args.hardware.is_given().then(|| tuned(&snapshot, &analysis, &args.hardware.given())).transpose()?;
    if let Some(tuning) = &tuning {
        analysis.recommendations.clone_from(&tuning.recommendations);
    }
    let advice = Advice { analysis: &analysis, blind: blind(&analysis) };
    let mut report = advice.report();
    let mut written = None;
    if let Some(path) = &args.changes {
        report = report.with(advice.write(path, &args.target.again(), &mut written)?);
    }
    Ok(Answer {
        shown: report.into(),
        data: json!({
            "cluster": analysis.cluster,
            "recommendations": analysis.recommendations,
            "not_assessed": advice.blind,
            "set_aside": analysis.set_aside,
            "policy": analysis.policy,
            "changes": written,
            "tuning": tuning,
        })
        .into(),
        warnings,
        ..Answer::default()
    })
}

/// The rules that could not run, by code.
fn blind(analysis: &Analysis) -> Vec<String> {
    let blind = analysis.assessments.iter().filter(|rule| rule.blind_spot().is_some());
    blind.map(|one| one.code.clone()).collect()
}

/// What an analysis recommends.
struct Advice<'a> {
    analysis: &'a Analysis,
    blind: Vec<String>,
}

impl Advice<'_> {
    fn report(&self) -> Report {
        let blocks = [
            Block::paragraph(self.lead()),
            Block::Table(Recommendation::table(&self.analysis.recommendations)),
            Block::list(self.notes()),
        ];
        Report::about(&self.analysis.cluster).with(blocks)
    }

    fn lead(&self) -> String {
        match i64::try_from(self.analysis.recommendations.len()).unwrap_or(i64::MAX) {
            0 => "No change is recommended.".to_owned(),
            count => format!("{} should be changed.", counted(count, "parameter", "parameters")),
        }
    }

    fn notes(&self) -> Vec<String> {
        let fixed = self.analysis.recommendations.iter().filter_map(elsewhere);
        let blind = (!self.blind.is_empty())
            .then(|| format!("could not check: {}; `pgdba check` shows why", self.blind.join(", ")));
        let policy = &self.analysis.policy;
        let file = policy.effect_of_file().map(|(file, effect)| format!("policy {file}: {effect}"));
        fixed.chain(blind).chain(file).chain(policy.notes.iter().cloned()).collect()
    }

    /// Writes the change set and tells what was written.
    fn write(&self, path: &Path, target: &str, written: &mut Option<String>) -> Result<Vec<Block>, Failure> {
        let changes = Changes::of(self.analysis);
        let shown = path.display().to_string();
        if changes.is_empty() {
            return Ok(vec![Block::paragraph(format!("{shown} was not written: there is nothing to change."))]);
        }
        AtomicFile::write_text(path, &changes.text()?)?;
        *written = Some(shown.clone());
        let count = counted(changes.count(), "change", "changes");
        let command = format!("pgdba config apply --file {} {target}", shell_word(&shown));
        Ok(vec![
            Block::paragraph(format!("Wrote {shown}: {count}. Read it before you apply it.")),
            Block::shell("To apply it", command),
        ])
    }
}

#[cfg(test)]
mod tests {
    use pgdba_analysis::example;
    use pgdba_report::{Layout, markdown, text};

    use super::*;

    fn analysis(settings: &str) -> Analysis {
        let document = format!("{{ \"version\": 17, \"pg_settings\": [ {settings} ] }}");
        analyze(&example::snapshot(&document).unwrap(), &Options::default())
    }

    #[test]
    fn each_recommendation_has_its_reason() {
        let analysis = analysis(
            r#"{ "name": "fsync", "setting": "off", "vartype": "bool", "context": "sighup", "source": "command line" },
               { "name": "full_page_writes", "setting": "off", "vartype": "bool", "context": "sighup", "source": "default" }"#,
        );
        let advice = Advice { analysis: &analysis, blind: vec!["PGD701".to_owned(), "PGD801".to_owned()] };
        let expected = "\
unnamed cluster
PostgreSQL 17.0 · collected 1 Jan 2026 12:00 UTC · by an unknown program

2 parameters should be changed.

parameter         current  recommended  takes effect  why
fsync             off      on           reload        PGD101 fsync is off
full_page_writes  off      on           reload        PGD102 full_page_writes is off

- fsync is set on the command line, which overrides ALTER SYSTEM: change it there
- could not check: PGD701, PGD801; `pgdba check` shows why
";
        assert_eq!(text::render(&advice.report(), Layout::FILE), expected);
        assert!(
            markdown::render(&advice.report()).contains("| full\\_page\\_writes | off | on | reload | PGD102 full")
        );
    }

    #[test]
    fn what_alter_system_set_on_a_patroni_member_is_reset_there() {
        let document = r#"{ "pg_settings": [
            { "name": "fsync", "setting": "off", "vartype": "bool", "context": "sighup", "source": "configuration file",
              "sourcefile": "/data/postgresql.auto.conf" } ],
          "pg_file_settings": [
            { "seqno": 1, "name": "port", "setting": "5432", "sourcefile": "/data/postgresql.base.conf", "applied": true },
            { "seqno": 2, "name": "fsync", "setting": "off", "sourcefile": "/data/postgresql.auto.conf", "applied": true } ] }"#;
        let analysis = analyze(&example::snapshot(document).unwrap(), &Options::default());
        let notes = Advice { analysis: &analysis, blind: Vec::new() }.notes().join("\n");
        assert!(notes.contains("run ALTER SYSTEM RESET fsync on the member") && !notes.contains("--via"), "{notes}");
        assert!(Changes::of(&analysis).is_empty());
    }

    #[test]
    fn nothing_to_recommend_is_an_answer() {
        let analysis = analysis(r#"{ "name": "fsync", "setting": "on" }"#);
        let advice = Advice { analysis: &analysis, blind: Vec::new() };
        assert!(text::render(&advice.report(), Layout::FILE).ends_with("\nNo change is recommended.\n"));
    }
}
