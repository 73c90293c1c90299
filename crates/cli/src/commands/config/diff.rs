//! `pgdba config diff`: what should be set otherwise; or how two configurations differ.

use std::path::{Path, PathBuf};

use pgdba_analysis::configuration::{Configuration, SECTIONS, compare};
use pgdba_analysis::format::recommendation::Route;
use pgdba_analysis::{Analysis, Changes, Options, Outcome, Recommendation, analyze};
use pgdba_collector::AtomicFile;
use pgdba_pg::display::counted;
use serde_json::json;

use super::against;
use super::show::{about, paragraphs, readable};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::policy::PolicyArgument;
use crate::table::{Table, escape};
use crate::target::{self, KeyArgument, Target};
use crate::terminal::{self, one_line};

const EXAMPLES: &str = "\
Examples:
  pgdba config diff --name prod
  pgdba config diff --snapshot snapshot.json.gz -o changes.json
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
    /// Compare with the configuration in this snapshot instead: another server, or another time
    #[arg(long, value_name = "FILE", conflicts_with_all = ["changes", "policy", "no_policy"])]
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
    // A file that cannot be read is told before a server is asked.
    let second = target::read(other)?;
    let (first, mut warnings) = args.target.load(&SECTIONS)?;
    if first.redacted != second.redacted || first.redaction_key != second.redaction_key {
        warnings.push(
            "the snapshots are not redacted with the same key: names in values differ though they may be the same"
                .to_owned(),
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
    let (snapshot, mut warnings) = args.target.load(&[])?;
    let snapshot = args.key.restore(snapshot, &mut warnings)?;
    let analysis = analyze(&snapshot, &Options { policy: Some(&policy), ..Options::default() });
    let advice = Advice { analysis: &analysis, blind: blind(&analysis) };
    let mut text = advice.text(terminal::width());
    let mut markdown = advice.markdown();
    let mut written = None;
    if let Some(path) = &args.changes {
        let said = advice.write(path, &args.target.again(), &mut written)?;
        text.push_str(&format!("\n{said}\n"));
        markdown.push_str(&format!("\n{}\n", escape(&said)));
    }
    Ok(Answer {
        text,
        markdown: Some(markdown),
        data: json!({
            "cluster": analysis.cluster,
            "recommendations": analysis.recommendations,
            "not_assessed": advice.blind,
            "set_aside": analysis.set_aside,
            "policy": analysis.policy,
            "changes": written,
        }),
        warnings,
        ..Answer::default()
    })
}

/// The rules that could not look, by code.
fn blind(analysis: &Analysis) -> Vec<String> {
    let blind = analysis.assessments.iter().filter(|one| matches!(one.outcome, Outcome::NotAssessed { .. }));
    blind.map(|one| one.code.clone()).collect()
}

/// What an analysis recommends.
struct Advice<'a> {
    analysis: &'a Analysis,
    blind: Vec<String>,
}

impl Advice<'_> {
    fn text(&self, columns: Option<usize>) -> String {
        let mut out = format!("{}\n\n{}\n", one_line(&about(&self.analysis.cluster)), self.lead());
        if !self.analysis.recommendations.is_empty() {
            out.push_str(&format!("\n{}", self.table().text_within(columns)));
        }
        out + &paragraphs(&self.notes(), columns)
    }

    fn markdown(&self) -> String {
        let mut out = format!("**{}**\n\n{}\n", escape(&about(&self.analysis.cluster)), self.lead());
        if !self.analysis.recommendations.is_empty() {
            out.push_str(&format!("\n{}", self.table().markdown()));
        }
        self.notes().iter().for_each(|note| out.push_str(&format!("\n{}\n", escape(note))));
        out
    }

    fn lead(&self) -> String {
        match i64::try_from(self.analysis.recommendations.len()).unwrap_or(i64::MAX) {
            0 => "nothing to recommend: no rule asks for another value of a parameter".to_owned(),
            count => format!("{} should have another value", counted(count, "parameter", "parameters")),
        }
    }

    fn table(&self) -> Table<5> {
        let rows = self.analysis.recommendations.iter().map(|one| {
            [
                one.parameter.clone(),
                one.current_shown().unwrap_or_else(|| "–".to_owned()),
                one.recommended_shown(),
                one.takes_effect.word().to_owned(),
                why(one),
            ]
        });
        Table::new(["parameter", "current", "recommended", "takes effect", "why"], rows)
    }

    fn notes(&self) -> Vec<String> {
        let fixed = self.analysis.recommendations.iter().filter_map(elsewhere);
        let blind = (!self.blind.is_empty())
            .then(|| format!("could not check: {}; `pgdba check` shows why", self.blind.join(", ")));
        let policy = &self.analysis.policy;
        let file = policy.file.as_ref().map(|file| {
            format!("policy {file}: {}", policy.words().unwrap_or_else(|| "no subject matches".to_owned()))
        });
        fixed.chain(blind).chain(file).chain(policy.notes.iter().cloned()).collect()
    }

    /// Writes the change set; says what became of it.
    fn write(&self, path: &Path, target: &str, written: &mut Option<String>) -> Result<String, Failure> {
        let changes = Changes::of(self.analysis);
        let shown = path.display().to_string();
        if changes.is_empty() {
            return Ok(format!("{shown} was not written: there is nothing to change"));
        }
        AtomicFile::write_text(path, &changes.text()?)?;
        *written = Some(shown.clone());
        let count = counted(changes.count(), "change", "changes");
        Ok(format!("wrote {shown}: {count}\nread it, then: pgdba config apply --file {shown} {target}"))
    }
}

/// Where a parameter has to be changed, where ALTER SYSTEM cannot.
fn elsewhere(one: &Recommendation) -> Option<String> {
    let parameter = &one.parameter;
    match &one.route {
        Route::AlterSystem => None,
        Route::CommandLine => {
            Some(format!("{parameter} is set on the command line, which overrides ALTER SYSTEM: change it there"))
        }
        Route::Override(by) => {
            Some(format!("{parameter} is set by the {by}, which overrides ALTER SYSTEM: change it there"))
        }
        Route::Patroni => Some(format!(
            "{parameter} is managed by Patroni: use pgdba config apply --via patroni, or patronictl edit-config"
        )),
        Route::Service(service) => {
            Some(format!("{parameter} is managed by {service}: change it in its parameter group or console"))
        }
    }
}

fn why(one: &Recommendation) -> String {
    one.rule.as_ref().map_or_else(|| one.rationale.clone(), |rule| format!("{} {}", rule.code, rule.title))
}

#[cfg(test)]
mod tests {
    use pgdba_analysis::example;

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
unnamed cluster · PostgreSQL 17.0 · collected 1 Jan 2026 12:00 UTC

2 parameters should have another value

parameter         current  recommended  takes effect  why
fsync             off      on           reload        PGD101 fsync is off
full_page_writes  off      on           reload        PGD102 full_page_writes is off

fsync is set on the command line, which overrides ALTER SYSTEM: change it there
could not check: PGD701, PGD801; `pgdba check` shows why
";
        assert_eq!(advice.text(None), expected);
        assert!(advice.markdown().contains("| full\\_page\\_writes | off | on | reload | PGD102 full"));
    }

    #[test]
    fn nothing_to_recommend_is_an_answer() {
        let analysis = analysis(r#"{ "name": "fsync", "setting": "on" }"#);
        let advice = Advice { analysis: &analysis, blind: Vec::new() };
        assert!(advice.text(None).ends_with("nothing to recommend: no rule asks for another value of a parameter\n"));
    }
}
