//! `pgdba config apply`: parameters of a live server are changed together, or not at all.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;
use pgdba_analysis::Block;
use pgdba_apply::{Desk, Done, Server, Store, apply, plan, refused, take_up};
use pgdba_change::change_set::Via;
use pgdba_change::machine::TakeUp;
use pgdba_change::precheck::{Options, Precheck};
use pgdba_change::request::Request;
use pgdba_collector::{block_on, error::Os};
use pgdba_pg::text::{message, one_line};
use pgdba_report::text;
use serde_json::json;

use super::live::Live;
use super::{changes, dcs, plan as shown_plan};
use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::registry::Home;
use crate::target::producer;
use crate::terminal::layout_of;

const EXAMPLES: &str = "\
Examples:
  pgdba config apply --name prod --set work_mem=64MB --set jit=off --dry-run
  pgdba config apply --name prod --file changes.json
  pgdba config apply --name prod --reset work_mem --yes
  pgdba config apply --name prod --set work_mem=64MB --via patroni
  pgdba config apply --name prod --resume --changeset-id 019a…";

/// What to give where a file cannot be read.
const FILE_HINT: &str = "Name a file such as pgdba config diff writes, or - for standard input.";

/// Change parameters of a live server: prechecked, journaled, verified, and undone if anything fails
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) live: Live,
    /// File with the changes: from `pgdba config diff`, from the page, or written as {"parameters": {"work_mem":
    /// "64MB"}}
    #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "reset", "resume"])]
    file: Option<PathBuf>,
    /// Set a parameter; can be repeated
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "resume")]
    set: Vec<String>,
    /// Reset a parameter to the value in the other files or the server's default; can be repeated
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    reset: Vec<String>,
    /// Show the plan for each parameter and change nothing
    #[arg(long, conflicts_with = "resume")]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    /// How to change: on this server only, or through Patroni on all members of its cluster
    #[arg(long, value_enum, default_value_t = Way::AlterSystem, conflicts_with = "resume")]
    via: Way,
    /// Override refusals because of Patroni or a library that is not loaded; the change set records it
    #[arg(long)]
    force: bool,
    /// Complete an interrupted change
    #[arg(long, requires = "changeset_id")]
    resume: bool,
    /// The change set to complete; the beginning of its ID is enough
    #[arg(long, value_name = "ID", requires = "resume", value_parser = NonEmptyStringValueParser::new())]
    changeset_id: Option<String>,
}

impl Args {
    /// Sets parameters, each given as `name=value`, as another command recommends.
    pub(super) fn set(live: Live, set: Vec<String>, via: Way, dry_run: bool, yes: bool) -> Self {
        Self {
            live,
            file: None,
            set,
            reset: Vec::new(),
            dry_run,
            yes,
            via,
            force: false,
            resume: false,
            changeset_id: None,
        }
    }
}

/// How parameters are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Way {
    /// ALTER SYSTEM
    AlterSystem,
    /// Patroni's dynamic configuration
    Patroni,
}

/// Plans, asks, applies.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let mut reach = args.live.reach()?;
    let warnings = std::mem::take(&mut reach.warnings);
    let home = Home::of_user()?;
    let producer = producer();
    let desk = Desk { home: home.path(), producer: &producer };
    let request = if args.resume { None } else { Some(request(args)?) };
    let mut answer = block_on(async {
        let mut server = reach.open().await?;
        let answer = match (&request, &args.changeset_id) {
            (Some(request), _) => change(&mut server, desk, args, request).await,
            (None, id) => resume(&mut server, desk, args, id.as_deref().unwrap_or_default()).await,
        };
        server.close().await;
        answer
    })?;
    answer.warnings.splice(0..0, warnings);
    Ok(answer)
}

fn request(args: &Args) -> Result<Request, Failure> {
    let Some(path) = &args.file else { return Ok(Request::of_arguments(&args.set, &args.reset)?) };
    let text = if path == Path::new("-") { read(io::stdin()) } else { std::fs::File::open(path).and_then(read) };
    let file = |failure: Failure| {
        let message = format!("could not read \"{}\": {}", path.display(), failure.message);
        Failure { message, ..failure }
    };
    let text = text.map_err(|error| Failure::usage("file_failed", Os(&error).to_string(), FILE_HINT)).map_err(file)?;
    let request = Request::read(&text).map_err(|error| file(error.into()))?;
    if request.via == Some(Via::Patroni) && args.via != Way::Patroni {
        return Err(Failure::usage(
            "change_set_via_patroni",
            format!("\"{}\" contains a change of Patroni's dynamic configuration", path.display()),
            "Use --via patroni, which changes all members of the cluster.",
        ));
    }
    Ok(request)
}

/// The largest file of changes that is read.
const LARGEST_FILE: u64 = 1 << 20;

/// The text of a file of changes; one that is larger than any such file is not read to its end.
fn read(file: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is larger than 1 MB, so it is not a file of changes",
        ));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

async fn change(server: &mut Server, desk: Desk<'_>, args: &Args, request: &Request) -> Result<Answer, Failure> {
    let via = if args.via == Way::Patroni { Via::Patroni } else { Via::AlterSystem };
    let options = Options { via, force: args.force };
    let planned = plan(server, request, options).await?;
    let mut warnings = server.warnings().to_vec();
    warnings.extend(half_way(server, desk, &args.live.server.again())?);
    if args.dry_run {
        return Ok(dry_run(server, &planned, warnings));
    }
    // Asking is for what can be done and changes something: a refusal is said at once, by `apply`.
    let is_asked = !args.yes && planned.refusals.is_empty() && planned.changes.iter().any(|c| c.outcome.is_step());
    if is_asked {
        confirm(server, &planned, via).await?;
    }
    let id = uuid::Uuid::now_v7().to_string();
    let done = apply(server, desk, (&planned, request, options), &id).await?;
    if !is_asked {
        warnings.extend(planned.warnings.iter().cloned());
    }
    Ok(applied(server, args, &done, (!is_asked).then_some(&planned), warnings))
}

/// The changes of this server, which `again` names, that are incomplete.
fn half_way(server: &Server, desk: Desk<'_>, again: &str) -> Result<Vec<String>, Failure> {
    let journals = Store::at(desk.home, server.fingerprint()).unsettled()?;
    let told = journals.iter().map(|journal| {
        let id = &journal.change_set.id;
        format!(
            "the change set {id} is incomplete: {}; go back with: pgdba config rollback{again} --changeset-id {id}",
            journal.state.words()
        )
    });
    Ok(told.collect())
}

async fn resume(server: &mut Server, desk: Desk<'_>, args: &Args, id: &str) -> Result<Answer, Failure> {
    let id = Store::at(desk.home, server.fingerprint()).find(id)?;
    let done = take_up(server, desk, &id, TakeUp::Resume, args.force).await?;
    Ok(applied(server, args, &done, None, server.warnings().to_vec()))
}

fn dry_run(server: &Server, planned: &Precheck, mut warnings: Vec<String>) -> Answer {
    warnings.extend(planned.warnings.iter().cloned());
    let verdict = shown_plan::verdict(planned);
    let refused = refused(planned).map(Failure::from);
    Answer {
        shown: shown_plan::report(&server.place(), planned).with([verdict]).into(),
        data: json!({
            "dry_run": true,
            "parameters": changes::masked(&planned.changes),
            "result": planned.dry_run(),
            "refusals": planned.refusals.iter().map(changes::refusal).collect::<Vec<_>>(),
        })
        .into(),
        warnings,
        failure: refused,
        is_failure_shown: true,
        ..Answer::default()
    }
}

/// Shows the plan and asks; an error where the answer is not yes, or nobody can be asked.
async fn confirm(server: &mut Server, planned: &Precheck, via: Via) -> Result<(), Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let message = "cannot ask for confirmation: standard input is not a terminal";
        return Err(Failure::usage(
            "not_confirmed",
            message,
            "Use --yes to apply without confirmation, or --dry-run to see the plan.",
        ));
    }
    let mut stderr = io::stderr();
    let plan = text::render(&shown_plan::report(&server.place(), planned), layout_of(&stderr));
    for warning in &planned.warnings {
        drop(writeln!(stderr, "pgdba: warning: {}", message(warning)));
    }
    let place = match (via, server.patroni_url()) {
        (Via::Patroni, Some(url)) => format!("all members of the cluster of {url}"),
        _ => server.place(),
    };
    drop(write!(stderr, "{plan}\nApply this to {}? [y/N] ", one_line(&place)));
    let is_yes =
        server.typed().await.is_some_and(|line| matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"));
    if is_yes {
        return Ok(());
    }
    Err(Failure {
        code: "declined",
        message: "not applied: the answer was not yes".to_owned(),
        hint: Some("Nothing was changed.".to_owned()),
        exit: Exit::Failed,
    })
}

/// What was done; the plan comes first where it was not shown yet.
fn applied(server: &Server, args: &Args, done: &Done, planned: Option<&Precheck>, mut warnings: Vec<String>) -> Answer {
    let change_set = &done.journal.change_set;
    let steps = change_set.steps().count();
    let id = &change_set.id;
    let mut blocks: Vec<Block> = planned.map(|planned| shown_plan::changes(&planned.changes)).into_iter().collect();
    if steps == 0 {
        blocks.push(Block::paragraph("Every parameter already has this value: nothing was changed."));
    } else {
        let applied = dcs::applied(done, &dcs::place(server, change_set), steps);
        let waiting = change_set.waiting_for_restart();
        let restart = (!waiting.is_empty()).then(|| shown_plan::needs_restart(&waiting));
        blocks.push(Block::paragraph([applied].into_iter().chain(restart).collect::<Vec<_>>().join(" ")));
        let command = format!("pgdba config rollback{} --changeset-id {id}", args.live.server.again());
        blocks.push(Block::shell("To undo it", command));
    }
    warnings.extend(done.notes.iter().cloned());
    Answer { shown: blocks.into(), data: changes::journal(&done.journal).into(), warnings, ..Answer::default() }
}
