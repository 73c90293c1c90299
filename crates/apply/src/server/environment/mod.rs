//! What surrounds a server's settings, asked of the server: its host's files, its libraries, slots and sessions.
//!
//! Privileges are checked first, so a missing one leaves no error in the server log. A path that the server itself is refused
//! is logged only where the role cannot turn that off for the question.

mod linux;

use std::collections::{BTreeMap, BTreeSet};

use pgdba_change::environment::{Environment, Questions};
use pgdba_change::facts::Facts;
use pgdba_collector::Answer;
use pgdba_pg::Bytes;
use pgdba_pg::quote::quote_literal_raw;
use pgdba_pg::start::{self, Host, HugePages, Memory, Overcommit, Path, Slot};
use pgdba_snapshot::guards::set_config;

use super::facts::bytes_of_hex;
use super::{Server, reason_of};
use crate::error::ApplyError;

/// Which of the functions and views below the role may use.
const RIGHTS: &str = "\
select pg_catalog.has_function_privilege('pg_catalog.pg_read_file(text, bigint, bigint, boolean)', 'EXECUTE') and x.files as reads,
       pg_catalog.has_function_privilege('pg_catalog.pg_read_binary_file(text)', 'EXECUTE') and x.files as reads_bytes,
       pg_catalog.has_function_privilege('pg_catalog.pg_stat_file(text, boolean)', 'EXECUTE') and x.files as stats,
       pg_catalog.has_function_privilege('pg_catalog.pg_ls_dir(text, boolean, boolean)', 'EXECUTE') and x.files as lists,
       pg_catalog.has_function_privilege('pg_catalog.pg_config()', 'EXECUTE')
         and pg_catalog.has_table_privilege('pg_catalog.pg_config', 'SELECT') as configured,
       pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') as sees_sessions
from (select pg_catalog.pg_has_role('pg_read_server_files', 'USAGE')) as x(files)";

const CONFIGURATION: &str =
    "select c.name, c.setting from pg_catalog.pg_config c where c.name in ('PKGLIBDIR', 'CONFIGURE')";

const SLOTS: &str = "\
select s.slot_name as name, s.slot_type = 'logical' as is_logical
from pg_catalog.pg_replication_slots s where not s.temporary order by 1";

const PREPARED: &str = "select pg_catalog.count(*) as number from pg_catalog.pg_prepared_xacts";

const PG_CONTROL: &str =
    "select pg_catalog.encode(pg_catalog.pg_read_binary_file('global/pg_control'), 'hex') as bytes";

const STANDBYS: &str = "\
select pg_catalog.lower(r.application_name) as name
from pg_catalog.pg_stat_replication r where r.state in ('catchup', 'streaming')";

const SESSIONS: &str = "\
select pg_catalog.count(*) as number from pg_catalog.pg_stat_activity a
where a.backend_type = 'client backend' and a.pid <> pg_catalog.pg_backend_pid()";

/// The longest file that is read, in bytes.
const LONGEST_FILE: u32 = 1 << 20;

/// What the server's own directory of libraries is called in parameters.
const OWN_LIBRARIES: &str = "$libdir";

/// What the role may do, and where the libraries are.
struct Rights {
    reads: bool,
    reads_bytes: bool,
    stats: bool,
    lists: bool,
    sees_sessions: bool,
    is_superuser: bool,
    configuration: BTreeMap<String, String>,
}

/// What came of a question that the operating system may refuse to the server.
enum Attempt {
    /// The answer.
    Allowed(Vec<Answer>),
    /// The operating system's reason.
    Refused(String),
}

impl Attempt {
    fn allowed(self) -> Option<Vec<Answer>> {
        match self {
            Self::Allowed(rows) => Some(rows),
            Self::Refused(_) => None,
        }
    }
}

impl Server {
    /// Asks what `questions` want to know, as far as the role may.
    pub(crate) async fn environment(
        &mut self,
        questions: &Questions,
        facts: &Facts,
    ) -> Result<Environment, ApplyError> {
        if *questions == Questions::default() {
            return Ok(Environment::default());
        }
        let rights = self.rights(facts.is_superuser).await?;
        let mut environment =
            Environment { host: self.host(&questions.start, &rights, facts).await?, ..Environment::default() };
        if rights.sees_sessions && questions.standbys {
            environment.standbys = Some(self.names(STANDBYS).await?);
        }
        if rights.sees_sessions && questions.sessions {
            environment.sessions = self.count(SESSIONS).await?;
        }
        Ok(environment)
    }

    async fn rights(&mut self, is_superuser: bool) -> Result<Rights, ApplyError> {
        let row = self.ask(RIGHTS).await?.into_iter().next().unwrap_or_default();
        let rows = if row.is("configured") { self.ask(CONFIGURATION).await? } else { Vec::new() };
        let pair = |row: &Answer| Some((row.text("name")?, row.text("setting")?));
        Ok(Rights {
            reads: row.is("reads"),
            reads_bytes: row.is("reads_bytes"),
            stats: row.is("stats"),
            lists: row.is("lists"),
            sees_sessions: row.is("sees_sessions"),
            is_superuser,
            configuration: rows.iter().filter_map(pair).collect(),
        })
    }

    async fn host(&mut self, questions: &start::Questions, rights: &Rights, facts: &Facts) -> Result<Host, ApplyError> {
        let mut host = Host {
            in_recovery: Some(facts.in_recovery),
            has_gss: rights.configuration.get("CONFIGURE").map(|options| options.contains("gssapi")),
            ..Host::default()
        };
        if rights.reads {
            self.read_host(&mut host, questions, rights).await?;
        }
        if rights.lists {
            for directory in &questions.library_directories {
                if let Some(files) = self.list(directory, rights).await? {
                    host.libraries.insert(directory.clone(), files);
                }
            }
        }
        if rights.stats {
            for path in &questions.paths {
                host.paths.insert(path.clone(), self.path(path, rights).await?);
            }
        }
        if questions.slots {
            let slot = |row: &Answer| Some(Slot { name: row.text("name")?, is_logical: row.is("is_logical") });
            host.slots = Some(self.ask(SLOTS).await?.iter().filter_map(slot).collect());
        }
        if questions.prepared_transactions {
            host.prepared_transactions = self.count(PREPARED).await?;
        }
        if questions.primary && facts.in_recovery && rights.reads_bytes {
            let rows = self.ask(PG_CONTROL).await?;
            let bytes = rows.first().and_then(|row| row.get("bytes")).and_then(bytes_of_hex);
            host.primary = bytes.and_then(|bytes| start::primary_parameters(&bytes));
        }
        Ok(host)
    }

    /// What stands in files of the operating system.
    async fn read_host(
        &mut self,
        host: &mut Host,
        questions: &start::Questions,
        rights: &Rights,
    ) -> Result<(), ApplyError> {
        if questions.memory {
            host.memory = self.memory(rights).await?;
            host.container_limit = self.container_limit(rights).await?;
        }
        if let Some(size) = questions.huge_pages {
            host.huge_pages = self.huge_pages(size, rights).await?;
        }
        if questions.mounts {
            host.mounts = self.file("/proc/self/mounts", rights).await?.map(|text| linux::mounts(&text));
        }
        if questions.groups {
            host.groups = self.file("/etc/group", rights).await?.map(|text| linux::groups(&text));
        }
        if questions.groups || questions.ports {
            let status = self.file("/proc/self/status", rights).await?.unwrap_or_default();
            host.own_groups = linux::own_groups(&status);
            let lowest = self.file("/proc/sys/net/ipv4/ip_unprivileged_port_start", rights).await?;
            host.lowest_port = linux::lowest_port(&status, lowest.as_deref());
        }
        if questions.addresses {
            let nonlocal = self.file("/proc/sys/net/ipv4/ip_nonlocal_bind", rights).await?;
            let own = self.file("/proc/net/fib_trie", rights).await?;
            let six = self.file("/proc/net/if_inet6", rights).await?;
            if nonlocal.is_none_or(|text| text.trim() == "0") {
                host.addresses = own.map(|own| linux::addresses(&own, six.as_deref().unwrap_or_default()));
            }
            host.host_names = self.file("/etc/hosts", rights).await?.map(|text| linux::host_names(&text));
        }
        if questions.openssl {
            host.openssl = self.file("/proc/self/maps", rights).await?.and_then(|text| linux::openssl(&text));
        }
        Ok(())
    }

    async fn memory(&mut self, rights: &Rights) -> Result<Option<Memory>, ApplyError> {
        let Some(meminfo) = self.file("/proc/meminfo", rights).await? else { return Ok(None) };
        let kilobytes = |name| linux::kilobytes(&meminfo, name);
        let mode = self.file("/proc/sys/vm/overcommit_memory", rights).await?;
        let overcommit = match mode.as_deref().map(str::trim) {
            Some("0") => Some(Overcommit::Heuristic),
            Some("1") => Some(Overcommit::Always),
            Some("2") => kilobytes("CommitLimit")
                .zip(kilobytes("Committed_AS"))
                .map(|(limit, committed)| Overcommit::Never { limit, committed }),
            _ => None,
        };
        let swap = kilobytes("SwapTotal").unwrap_or(Bytes(0));
        Ok(kilobytes("MemTotal").map(|total| Memory { total, swap, overcommit }))
    }

    /// That of the root group, which is the container's own where the server runs in one.
    async fn container_limit(&mut self, rights: &Rights) -> Result<Option<Bytes>, ApplyError> {
        for file in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
            if let Some(text) = self.file(file, rights).await? {
                return Ok(text.trim().parse().ok().map(Bytes));
            }
        }
        Ok(None)
    }

    /// Those of the default size, and of another one where that is wanted.
    async fn huge_pages(&mut self, size: Bytes, rights: &Rights) -> Result<Option<HugePages>, ApplyError> {
        let Some(meminfo) = self.file("/proc/meminfo", rights).await? else { return Ok(None) };
        let extra = self.number("/proc/sys/vm/nr_overcommit_hugepages", rights).await?.unwrap_or(0);
        let usual = linux::huge_pages(&meminfo, extra);
        if size.0 == 0 || usual.is_some_and(|usual| usual.size == size) {
            return Ok(usual);
        }
        let folder = format!("/sys/kernel/mm/hugepages/hugepages-{}kB", size.0 / 1024);
        let Some(total) = self.number(&format!("{folder}/nr_hugepages"), rights).await? else { return Ok(None) };
        let extra = self.number(&format!("{folder}/nr_overcommit_hugepages"), rights).await?.unwrap_or(0);
        let free = self.number(&format!("{folder}/free_hugepages"), rights).await?.unwrap_or(0);
        let reserved = self.number(&format!("{folder}/resv_hugepages"), rights).await?.unwrap_or(0);
        Ok(Some(HugePages { size, total: total + extra, free: free - reserved + extra }))
    }

    async fn number(&mut self, file: &str, rights: &Rights) -> Result<Option<i64>, ApplyError> {
        Ok(self.file(file, rights).await?.and_then(|text| text.trim().parse().ok()))
    }

    /// The text of a file; none where there is none, and where the server cannot read it.
    async fn file(&mut self, file: &str, rights: &Rights) -> Result<Option<String>, ApplyError> {
        let read = format!("pg_catalog.pg_read_file({}, 0, {LONGEST_FILE}, true)", quote_literal_raw(file));
        let rows = self.attempt(&format!("{read} as text"), rights).await?;
        Ok(rows.allowed().and_then(|rows| rows.first().and_then(|row| row.text("text"))))
    }

    /// The names in a directory with libraries; none where it cannot be listed.
    async fn list(&mut self, directory: &str, rights: &Rights) -> Result<Option<BTreeSet<String>>, ApplyError> {
        let place = match directory.strip_prefix(OWN_LIBRARIES) {
            Some(rest) => rights.configuration.get("PKGLIBDIR").map(|own| format!("{own}{rest}")),
            None => Some(directory.to_owned()),
        };
        let Some(place) = place else { return Ok(None) };
        let list = format!("pg_catalog.pg_ls_dir({}, true, false) as name", quote_literal_raw(&place));
        let rows = self.attempt(&list, rights).await?;
        Ok(rows.allowed().map(|rows| rows.iter().filter_map(|row| row.text("name")).collect()))
    }

    async fn path(&mut self, path: &str, rights: &Rights) -> Result<Path, ApplyError> {
        let look = format!("(pg_catalog.pg_stat_file({}, true)).isdir as is_directory", quote_literal_raw(path));
        let found = match self.attempt(&look, rights).await? {
            Attempt::Allowed(rows) => rows
                .first()
                .and_then(|row| row.get("is_directory"))
                .map(|_| if rows.iter().any(|row| row.is("is_directory")) { Path::Directory } else { Path::File }),
            Attempt::Refused(reason) => Some(Path::Refused(reason)),
        };
        Ok(found.unwrap_or(Path::Missing))
    }

    /// Asks for something that the operating system may refuse to the server, which leaves no line in the log where the role can
    /// turn that off; the reason where it is refused.
    async fn attempt(&mut self, expression: &str, rights: &Rights) -> Result<Attempt, ApplyError> {
        let quiet =
            if rights.is_superuser { format!("{}, ", set_config("log_min_messages", "panic")) } else { String::new() };
        match self.session.steady_query(&format!("select {quiet}{expression}")).await {
            Ok(rows) => Ok(Attempt::Allowed(rows)),
            Err(fault) => {
                let reason = fault.reason().map_err(|fault| ApplyError::Question(reason_of(fault)))?;
                let words = reason.split(" (SQLSTATE").next().unwrap_or_default();
                Ok(Attempt::Refused(words.rsplit(": ").next().unwrap_or(words).to_owned()))
            }
        }
    }

    async fn count(&mut self, sql: &str) -> Result<Option<i64>, ApplyError> {
        Ok(self.ask(sql).await?.first().and_then(|row| row.get("number")).and_then(|text| text.parse().ok()))
    }
}
