//! `pgdba config show`: what is set, where, and what waits.

use pgdba_analysis::configuration::{Configuration, FaultyLine, Parameter, ParameterText, SECTIONS};
use pgdba_analysis::format::ClusterSummary;
use pgdba_analysis::format::quantity::time_of_day;
use pgdba_pg::display::counted;
use serde_json::json;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::table::{Table, escape, indented};
use crate::target::{KeyArgument, Target};
use crate::terminal::{self, one_line};

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
        text: view.text(terminal::width()),
        markdown: Some(view.markdown()),
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
        message: format!("{what} could not be read: {}", one_line(reason)),
        hint: Some("collect a snapshot with the section pg_settings: pgdba inspect".to_owned()),
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

    fn text(&self, columns: Option<usize>) -> String {
        let mut out = format!("{}\n", one_line(&about(&self.configuration.cluster)));
        let faults = &self.configuration.faulty_lines;
        if !faults.is_empty() {
            out.push_str(&format!("\n{}", wrapped(0, &format!("{}:", self.faults_lead()), columns)));
            faults.iter().for_each(|line| out.push_str(&wrapped(2, &fault(line), columns)));
        }
        out.push_str(&format!("\n{}\n", self.lead()));
        if !self.configuration.parameters.is_empty() {
            out.push_str(&format!("\n{}", self.table().text_within(columns)));
        }
        out + &paragraphs(&self.notes(), columns)
    }

    fn markdown(&self) -> String {
        let mut out = format!("**{}**\n", escape(&about(&self.configuration.cluster)));
        let faults = &self.configuration.faulty_lines;
        if !faults.is_empty() {
            out.push_str(&format!("\n{}:\n\n", self.faults_lead()));
            faults.iter().for_each(|line| out.push_str(&format!("- {}\n", escape(&fault(line)))));
        }
        out.push_str(&format!("\n{}\n", escape(&self.lead())));
        if !self.configuration.parameters.is_empty() {
            out.push_str(&format!("\n{}", self.table().markdown()));
        }
        self.notes().iter().for_each(|note| out.push_str(&format!("\n{}\n", escape(note))));
        out
    }

    fn faults_lead(&self) -> String {
        let (count, is, it) = match self.configuration.faulty_lines.len() {
            1 => ("1 line".to_owned(), "is", "it"),
            many => (format!("{many} lines"), "are", "them"),
        };
        let reload = match self.configuration.files_blocked {
            true => "a reload loads nothing of the files".to_owned(),
            false => format!("a reload passes over {it}"),
        };
        format!("{count} of the configuration files {is} wrong: {reload}, and the server would not start with {it}")
    }

    fn lead(&self) -> String {
        let waiting = match self.waiting {
            0 => String::new(),
            1 => "; 1 waits for a restart or a reload".to_owned(),
            many => format!("; {many} wait for a restart or a reload"),
        };
        let changed = if self.changed == 1 { "is" } else { "are" };
        let total = counted(i64::try_from(self.total).unwrap_or(i64::MAX), "parameter", "parameters");
        format!("{} of {total} {changed} changed{waiting}", self.changed)
    }

    fn table(&self) -> Table<5> {
        let rows = self.configuration.parameters.iter().flat_map(rows);
        Table::new(["parameter", "value", "built in", "takes effect", "set by"], rows)
    }

    fn notes(&self) -> Vec<String> {
        let forgotten = self.configuration.parameters.iter().filter(|parameter| parameter.forgotten_mark);
        let forgotten = forgotten.map(|parameter| {
            format!(
                "{}: the server still marks it as waiting for a restart, but nothing waits: the change was taken back, or the command line wins over it",
                parameter.name
            )
        });
        let untold = self.configuration.parameters.iter();
        let untold: Vec<&str> = untold.filter(|one| one.has_unknown_origin()).map(|one| one.name.as_str()).collect();
        let untold = (!untold.is_empty()).then(|| {
            format!(
                "not told where it comes from, because the session that collected sets it itself: {}",
                untold.join(", ")
            )
        });
        let doubtful =
            self.configuration.parameters.iter().any(|one| one.next.as_ref().is_some_and(|next| next.value.is_none()));
        let doubtful = doubtful.then(|| {
            "what the files say was not seen: a mark for a restart may be left over from a change that was taken back".to_owned()
        });
        let unseen = self.configuration.unseen.iter();
        let unseen = unseen.map(|unseen| format!("not or not wholly seen: {}: {}", unseen.section, unseen.reason));
        let left_out = self.total.saturating_sub(self.configuration.parameters.len());
        let is_bare = self.configuration.parameters.is_empty();
        let (others, have, are) = if left_out == 1 { ("other", "has", "is") } else { ("others", "have", "are") };
        let left_out = match (&self.pattern, left_out) {
            (_, 0) => None,
            (Some(pattern), _) if is_bare => Some(format!("no parameter has \"{pattern}\" in name or value")),
            (Some(pattern), _) => Some(format!("{left_out} {others} {have} no \"{pattern}\" in name or value")),
            (None, _) if is_bare => Some("all are as they were built in: --all shows them".to_owned()),
            (None, _) => Some(format!("{left_out} {others} {are} as they were built in: --all shows them")),
        };
        forgotten.chain(untold).chain(doubtful).chain(unseen).chain(left_out).collect()
    }
}

/// The cluster, in a line.
pub(super) fn about(cluster: &ClusterSummary) -> String {
    let version = cluster.version.as_ref().map(|version| format!("PostgreSQL {version}"));
    let time = cluster.collected_at.map(|time| format!("collected {}", time_of_day(time)));
    let parts = [Some(cluster.name.clone()), version, cluster.role.clone(), time];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
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

/// Sentences below a table, an empty line before them; nothing where there are none.
pub(super) fn paragraphs(notes: &[String], columns: Option<usize>) -> String {
    let lines: String = notes.iter().map(|note| wrapped(0, note, columns)).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// A line, on a terminal in several if need be.
pub(super) fn wrapped(indent: usize, text: &str, columns: Option<usize>) -> String {
    indented(indent, &one_line(text), columns.unwrap_or(usize::MAX))
}

/// The parameter, and beneath it what it waits for and who has another value.
fn rows(parameter: &Parameter) -> Vec<[String; 5]> {
    let shown =
        |value: &Option<ParameterText>| value.as_ref().map_or_else(|| "–".to_owned(), |value| value.shown.clone());
    let beneath = |what: &str, value: String, set_by: &str| {
        [format!("└ {what}"), value, String::new(), String::new(), set_by.to_owned()]
    };
    let own = [
        parameter.name.clone(),
        shown(&parameter.value),
        shown(&parameter.built_in),
        parameter.takes_effect.word().to_owned(),
        parameter.origin.words.clone(),
    ];
    let next = parameter.next.as_ref().map(|next| {
        let built_in = if next.value.is_some() { "built in" } else { "not told" };
        let set_by = next.origin.as_ref().map_or(built_in, |origin| origin.words.as_str());
        beneath(&format!("after a {}", next.needs.word()), shown(&next.value), set_by)
    });
    let in_files = parameter.in_files.as_ref();
    let in_files = in_files.map(|line| beneath("in the files", line.value.shown.clone(), &line.origin.words));
    let overrides = parameter.overrides.iter().map(|one| beneath(&one.scope(), one.value.shown.clone(), one.origin()));
    std::iter::once(own).chain(next).chain(in_files).chain(overrides).collect()
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
