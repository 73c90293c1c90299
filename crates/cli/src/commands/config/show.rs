//! `pgdba config show`: what is set, where, and what waits.

use pgdba_analysis::configuration::{Configuration, FaultyLine, Parameter, ParameterText, SECTIONS};
use pgdba_analysis::format::Cell;
use pgdba_analysis::{Block, Table};
use pgdba_pg::display::counted;
use pgdba_report::Report;
use serde_json::json;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::target::{KeyArgument, Target};

const EXAMPLES: &str = "\
Examples:
  pgdba config show --name prod
  pgdba config show --snapshot snapshot.json.gz --grep wal
  pgdba config show --dsn postgres://monitor@db1/shop --all --format markdown";

/// The section without which there is nothing to show.
const PARAMETERS: &str = "pg_settings";

/// Show the configuration: changed, overridden and pending parameters, and invalid lines
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    key: KeyArgument,
    /// Show all parameters, not only those that are changed, pending, overridden or faulty
    #[arg(long)]
    all: bool,
    /// Show the parameters with this text in their name or a value, changed or not, ignoring case
    #[arg(long, value_name = "PATTERN")]
    grep: Option<String>,
}

/// Reads the configuration of the target.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let (snapshot, mut warnings) = args.target.load(&SECTIONS)?;
    let snapshot = args.key.restore(snapshot, &mut warnings)?;
    let configuration = Configuration::of(&snapshot);
    readable(&configuration, "the configuration")?;
    let view = View::of(configuration, args.all, args.grep.as_deref());
    Ok(Answer {
        shown: view.report().into(),
        data: json!({
            "cluster": view.configuration.cluster,
            "total": view.total,
            "left_out": view.total - view.configuration.parameters.len(),
            "parameters": view.configuration.parameters,
            "faulty_lines": view.configuration.faulty_lines,
            "files_blocked": view.configuration.files_blocked,
            "unseen": view.configuration.unseen,
        }),
        warnings,
        ..Answer::default()
    })
}

/// An error where there are no parameters: what roles and databases set tells nothing without them. `what` names it.
pub(super) fn readable(configuration: &Configuration, what: &str) -> Result<(), Failure> {
    if configuration.parameters.iter().any(|one| one.value.is_some() || one.context.is_some()) {
        return Ok(());
    }
    let unseen = configuration.unseen.iter().find(|unseen| unseen.section == PARAMETERS);
    let reason = unseen.map_or("it has no rows", |unseen| unseen.reason.as_str());
    Err(Failure {
        code: "section_missing",
        message: format!("{what} could not be read: {reason}"),
        hint: Some("Collect a snapshot with the section pg_settings: pgdba inspect".to_owned()),
        exit: Exit::Failed,
    })
}

/// What is shown of a configuration.
struct View {
    /// With the parameters that are shown.
    configuration: Configuration,
    /// How many parameters there are.
    total: usize,
    /// How many of all are changed, and how many wait for something.
    changed: usize,
    waiting: usize,
    /// What was looked for.
    pattern: Option<String>,
}

impl View {
    fn of(mut configuration: Configuration, all: bool, pattern: Option<&str>) -> Self {
        let parameters = &configuration.parameters;
        let total = parameters.len();
        let changed = parameters.iter().filter(|parameter| parameter.changed).count();
        let waiting = parameters.iter().filter(|parameter| parameter.next.is_some()).count();
        let wanted = pattern.map(str::to_lowercase);
        configuration.parameters.retain(|parameter| match &wanted {
            Some(pattern) => has(parameter, pattern),
            None => all || parameter.is_notable(),
        });
        Self { configuration, total, changed, waiting, pattern: pattern.map(str::to_owned) }
    }

    fn report(&self) -> Report {
        let faults = &self.configuration.faulty_lines;
        let faults =
            (!faults.is_empty()).then(|| [Block::paragraph(self.faults_lead()), Block::list(faults.iter().map(fault))]);
        let rows = self.configuration.parameters.iter().flat_map(rows);
        let columns = [
            ("parameter", "parameter"),
            ("value", "value"),
            ("default", "default"),
            ("takes_effect", "takes effect"),
            ("source", "source"),
        ];
        let table = Block::Table(Table::whole("Parameters", &columns, rows));
        let blocks = faults.into_iter().flatten();
        let blocks = blocks.chain([Block::paragraph(self.lead()), table, Block::list(self.notes())]);
        Report::about(&self.configuration.cluster).with(blocks)
    }

    fn faults_lead(&self) -> String {
        let (count, is, it) = match self.configuration.faulty_lines.len() {
            1 => ("1 line".to_owned(), "is", "it"),
            many => (format!("{many} lines"), "are", "them"),
        };
        let reload = match self.configuration.files_blocked {
            true => "A reload applies nothing from the files".to_owned(),
            false => format!("A reload skips {it}"),
        };
        format!("{count} of the configuration files {is} invalid. {reload}, and the server would not start:")
    }

    fn lead(&self) -> String {
        let waiting = match self.waiting {
            0 => String::new(),
            many => format!(", and {} pending a restart or reload", counted(many, "change is", "changes are")),
        };
        let differ = if self.changed == 1 { "differs" } else { "differ" };
        let total = counted(self.total, "parameter", "parameters");
        format!("{} of {total} {differ} from the default{waiting}.", self.changed)
    }

    fn notes(&self) -> Vec<String> {
        let parameters = &self.configuration.parameters;
        let forgotten = parameters.iter().filter(|parameter| parameter.forgotten_mark).map(|parameter| {
            format!(
                "{}: marked as pending restart, but no change is pending: it was reverted, or the command line overrides it",
                parameter.name
            )
        });
        let unknown: Vec<&str> =
            parameters.iter().filter(|one| one.has_unknown_origin()).map(|one| one.name.as_str()).collect();
        let unknown = (!unknown.is_empty())
            .then(|| format!("source unknown, because the collecting session sets it itself: {}", unknown.join(", ")));
        let doubtful = parameters.iter().any(|one| one.next.as_ref().is_some_and(|next| next.value.is_none()));
        let doubtful = doubtful.then(|| {
            "the configuration files were not read: a parameter marked as pending restart may have been reverted since".to_owned()
        });
        let unseen = self.configuration.unseen.iter();
        let unseen = unseen.map(|unseen| format!("missing or incomplete: {}: {}", unseen.section, unseen.reason));
        forgotten.chain(unknown).chain(doubtful).chain(unseen).chain(self.left_out()).collect()
    }

    /// How many parameters are not shown.
    fn left_out(&self) -> Option<String> {
        let left_out = self.total.saturating_sub(self.configuration.parameters.len());
        let is_bare = self.configuration.parameters.is_empty();
        let (others, have, their, do_not) =
            if left_out == 1 { ("other", "has", "its", "does not") } else { ("others", "have", "their", "do not") };
        match (&self.pattern, left_out) {
            (_, 0) => None,
            (Some(pattern), _) if is_bare => Some(format!("no parameter has \"{pattern}\" in its name or value")),
            (Some(pattern), _) => {
                Some(format!("{left_out} {others} {do_not} have \"{pattern}\" in {their} name or value"))
            }
            (None, _) if is_bare => Some("all have their default value; --all shows them".to_owned()),
            (None, _) => Some(format!("{left_out} {others} {have} {their} default value; --all shows them")),
        }
    }
}

fn fault(line: &FaultyLine) -> String {
    let file = line.file.as_deref().unwrap_or("a configuration file");
    let place = line.line.map_or_else(|| file.to_owned(), |number| format!("line {number} of {file}"));
    let what = match (&line.parameter, &line.value) {
        (Some(parameter), Some(value)) => format!("{parameter} = '{value}': "),
        (Some(parameter), None) => format!("{parameter}: "),
        (None, _) => String::new(),
    };
    format!("{place}: {what}{}", line.error)
}

/// The parameter, and beneath it what it waits for and who has another value.
fn rows(parameter: &Parameter) -> Vec<Vec<Cell>> {
    let beneath = |what: &str, value: Option<&ParameterText>, source: &str| {
        vec![format!("└ {what}").into(), shown(value).into(), "".into(), "".into(), source.into()]
    };
    let own = vec![
        parameter.name.as_str().into(),
        shown(parameter.value.as_ref()).into(),
        shown(parameter.built_in.as_ref()).into(),
        parameter.takes_effect.word().into(),
        parameter.origin.words.as_str().into(),
    ];
    let next = parameter.next.as_ref().map(|next| {
        let default = if next.value.is_some() { "default" } else { "unknown" };
        let source = next.origin.as_ref().map_or(default, |origin| origin.words.as_str());
        beneath(&format!("after a {}", next.needs.word()), next.value.as_ref(), source)
    });
    let in_files = parameter.in_files.as_ref();
    let in_files = in_files.map(|line| beneath("in the files", Some(&line.value), &line.origin.words));
    let overrides = parameter.overrides.iter().map(|one| beneath(&one.scope(), Some(&one.value), one.origin()));
    std::iter::once(own).chain(next).chain(in_files).chain(overrides).collect()
}

/// A value, as displayed.
pub(super) fn shown(value: Option<&ParameterText>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.shown.clone())
}

/// Whether `pattern`, in lower case, is in the parameter's name or in one of its values.
fn has(parameter: &Parameter, pattern: &str) -> bool {
    let next = parameter.next.as_ref().and_then(|next| next.value.as_ref());
    let overrides = parameter.overrides.iter().map(|one| &one.value);
    let in_files = parameter.in_files.as_ref().map(|line| &line.value);
    let values = parameter.value.iter().chain(next).chain(in_files).chain(overrides);
    let mut texts = values.flat_map(|value| [&value.setting, &value.shown]).chain([&parameter.name]);
    texts.any(|text| text.to_lowercase().contains(pattern))
}

#[cfg(test)]
mod tests;
