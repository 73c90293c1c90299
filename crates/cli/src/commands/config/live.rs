//! A live server that is to be changed, and its Patroni.

use pgdba_apply::patroni::{Patroni, PatroniArguments};
use pgdba_apply::{ApplyError, Server};
use pgdba_collector::ConnectOptions;

use crate::failure::Failure;
use crate::target;

/// The options that name both.
#[derive(Debug, clap::Args)]
pub(super) struct Live {
    #[command(flatten)]
    pub(super) server: target::Server,
    #[command(flatten)]
    patroni: PatroniArguments,
}

/// How to reach both.
pub(super) struct Reach {
    connect: ConnectOptions,
    patroni: Option<Patroni>,
    /// What the user should know about how that was found, one sentence each.
    pub(super) warnings: Vec<String>,
}

impl Live {
    /// A server and its Patroni, from options of another command.
    pub(super) fn new(server: target::Server, patroni: PatroniArguments) -> Self {
        Self { server, patroni }
    }

    /// Reads the registry and the files that the options name; nothing is sent yet.
    pub(super) fn reach(&self) -> Result<Reach, Failure> {
        let (connect, warnings) = self.server.connection()?;
        let options = self.patroni.options(self.server.patroni()?.as_deref()).map_err(ApplyError::from)?;
        let patroni = options.map(Patroni::new).transpose().map_err(ApplyError::from)?;
        Ok(Reach { connect, patroni, warnings })
    }
}

impl Reach {
    /// Connects to look only.
    pub(super) async fn look(self) -> Result<Server, Failure> {
        Ok(Server::open(&self.connect, self.patroni).await?)
    }

    /// Connects.
    pub(super) async fn open(self) -> Result<Server, Failure> {
        Ok(Server::open_for_change(&self.connect, self.patroni).await?)
    }
}
