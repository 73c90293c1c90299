//! `pgdba cluster`: names for servers, so that `--name` can stand in for a connection string.

use std::collections::BTreeMap;

use clap::Subcommand;
use pgdba_analysis::{Block, Figure, Table};
use pgdba_collector::{CollectError, parse_dsn};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::registry::{Cluster, Dsn, Home, Registry, tag};
use crate::terminal::shell_word;

const EXAMPLES: &str = "\
Examples:
  pgdba cluster add prod --dsn postgres://monitor@db1/shop --tag env=prod --patroni http://db1:8008
  pgdba cluster list --tag env=prod
  pgdba check --name prod";

/// Options by which a connection string leans on a file that may not be here, or not yet.
const FILES: [&str; 8] =
    ["service", "servicefile", "passfile", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir"];

/// Names for servers, kept in ~/.pgdba/config.toml ($PGDBA_HOME moves it) without passwords
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Give a server a name
    Add(Add),
    /// The names and where they lead
    List {
        /// Only clusters with this tag; given more than once, with all of them
        #[arg(long = "tag", value_name = "KEY=VALUE")]
        tags: Vec<String>,
    },
    /// All that is known of one
    Show {
        /// The cluster's name
        name: String,
    },
    /// Forget one
    Remove {
        /// The cluster's name
        name: String,
    },
}

#[derive(Debug, clap::Args)]
struct Add {
    /// Its name: letters, digits, "-", "_" and "."
    name: String,
    /// URL or key=value pairs, without a password; libpq's variables stand in for what it does not say
    #[arg(long)]
    dsn: String,
    /// Where its Patroni answers, such as http://db1:8008
    #[arg(long, value_name = "URL")]
    patroni: Option<String>,
    /// A mark to filter by; may be given more than once
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    tags: Vec<String>,
    /// A line for people
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Put it in the place of the cluster of this name, whole: what is not given is gone
    #[arg(long)]
    replace: bool,
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Add(_) => "cluster add",
            What::List { .. } => "cluster list",
            What::Show { .. } => "cluster show",
            What::Remove { .. } => "cluster remove",
        }
    }
}

/// Reads or changes the registry.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    let home = Home::of_user()?;
    match &args.what {
        What::Add(args) => add(&home, args),
        What::List { tags } => list(&Registry::open(&home)?, &wanted(tags)?),
        What::Show { name } => show(&Registry::open(&home)?, name),
        What::Remove { name } => remove(&home, name),
    }
}

fn add(home: &Home, args: &Add) -> Result<Answer, Failure> {
    let cluster = Cluster {
        name: args.name.clone(),
        dsn: Dsn::new(&args.dsn)?,
        patroni: args.patroni.clone(),
        tags: wanted(&args.tags)?,
        note: args.note.clone(),
    };
    let cluster = cluster.check()?;
    let doubt = follow(&cluster.dsn)?;
    let name = cluster.name.clone();
    let is_replaced = Registry::add(home, cluster, args.replace)?;
    let registry = Registry::open(home)?;
    let done = if is_replaced { "Replaced" } else { "Added" };
    let mut data = registry.find(&name)?.data();
    if let Some(members) = data.as_object_mut() {
        members.insert("replaced".to_owned(), Value::Bool(is_replaced));
        members.insert("file".to_owned(), Value::String(registry.path.display().to_string()));
    }
    Ok(Answer {
        shown: [
            Block::paragraph(format!("{done} {name} in {}.", registry.path.display())),
            Block::shell("Try it with", format!("pgdba check --name {}", shell_word(&name))),
        ]
        .into(),
        data: data.into(),
        warnings: registry.warnings.into_iter().chain(doubt).collect(),
        ..Answer::default()
    })
}

/// Whether pgdba could go where the connection string leads: an error where it never could, a doubt where it cannot
/// as things are. Variables that say where to connect are left out, since another shell will have others.
fn follow(dsn: &Dsn) -> Result<Option<String>, Failure> {
    let places = |name: &str| matches!(name, "HOME" | "PGSERVICEFILE" | "PGSYSCONFDIR" | "USER" | "LOGNAME");
    let env = |name: &str| std::env::var(name).ok().filter(|_| places(name));
    let leans_on_file = FILES.iter().any(|key| dsn.get(key).is_some());
    match parse_dsn(Some(dsn.as_str()), &env) {
        Ok(_) => Ok(None),
        Err(error) if matches!(error, CollectError::BadDsn(_)) || (error.is_usage() && !leans_on_file) => {
            Err(error.into())
        }
        Err(error) => Ok(Some(format!("as things are, this cluster cannot be reached: {error}"))),
    }
}

fn wanted(tags: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    tags.iter().map(|text| tag(text)).collect()
}

fn list(registry: &Registry, tags: &BTreeMap<String, String>) -> Result<Answer, Failure> {
    let has_all = |cluster: &&Cluster| tags.iter().all(|(key, value)| cluster.tags.get(key) == Some(value));
    let clusters: Vec<&Cluster> = registry.clusters().filter(has_all).collect();
    let rows = clusters
        .iter()
        .map(|cluster| [cluster.name.clone(), cluster.dsn.place(), cluster.tags_text()].map(Into::into).to_vec());
    let columns = [("name", "name"), ("server", "server"), ("tags", "tags")];
    let shown = match (clusters.is_empty(), tags.is_empty()) {
        (false, _) => vec![Block::Table(Table::whole("Clusters", &columns, rows))],
        (true, false) => vec![Block::paragraph("No cluster has these tags.")],
        (true, true) => vec![
            Block::paragraph("No clusters are registered."),
            Block::shell("Add one with", "pgdba cluster add NAME --dsn DSN"),
        ],
    };
    let data: Vec<Value> = clusters.iter().map(|cluster| cluster.data()).collect();
    Ok(Answer {
        shown: shown.into(),
        data: json!({ "file": registry.path.display().to_string(), "clusters": data }).into(),
        warnings: registry.warnings.clone(),
        ..Answer::default()
    })
}

fn show(registry: &Registry, name: &str) -> Result<Answer, Failure> {
    let cluster = registry.find(name)?;
    let members = [
        ("name", Some(cluster.name.clone())),
        ("server", Some(cluster.dsn.place())),
        ("dsn", Some(cluster.dsn.as_str().to_owned())),
        ("patroni", cluster.patroni.clone()),
        ("tags", Some(cluster.tags_text()).filter(|tags| !tags.is_empty())),
        ("note", cluster.note.clone()),
    ];
    let items = members.into_iter().filter_map(|(key, value)| value.map(|value| Figure::new(key, value))).collect();
    Ok(Answer {
        shown: [Block::Figures { items }].into(),
        data: cluster.data().into(),
        warnings: registry.warnings.clone(),
        ..Answer::default()
    })
}

fn remove(home: &Home, name: &str) -> Result<Answer, Failure> {
    Registry::remove(home, name)?;
    let registry = Registry::open(home)?;
    let file = registry.path.display().to_string();
    Ok(Answer {
        shown: [Block::paragraph(format!("Removed {name} from {file}."))].into(),
        data: json!({ "name": name, "file": file }).into(),
        warnings: registry.warnings,
        ..Answer::default()
    })
}
