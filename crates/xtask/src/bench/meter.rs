//! What a command costs: the server's processor time and memory, and the command's own memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::process::line;
use crate::servers::Server;

/// How often memory is looked at.
const STEP: Duration = Duration::from_millis(2);

/// Processor time is counted in steps of this many seconds.
const TICK: f64 = 0.01;

/// The cost of one command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Seconds of processor time of the server's processes that ended meanwhile.
    pub(super) server_cpu: f64,
    /// Seconds from start to end.
    pub(super) wall: f64,
    /// The most memory of its own that one of the server's new processes had, in bytes.
    pub(super) backend_memory: u64,
    /// The most memory the command had, in bytes.
    pub(super) client_memory: u64,
}

/// Runs `command` against `server`, which nobody else uses meanwhile.
pub(super) fn measure(server: &Server, command: &mut Command) -> Result<Cost> {
    let postmaster = postmaster(server)?;
    let before = children(postmaster);
    let (cpu, clock) = (ended_cpu(postmaster)?, Instant::now());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().with_context(|| line(command))?;
    let (client, over) = (child.id(), AtomicBool::new(false));
    let (status, backend_memory, client_memory) = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let (mut backend, mut own) = (0, 0);
            while !over.load(Ordering::Relaxed) {
                let new = children(postmaster).into_iter().filter(|pid| !before.contains(pid));
                backend = new.map(|pid| status(pid, "RssAnon:")).fold(backend, u64::max);
                own = own.max(status(client, "VmHWM:"));
                thread::sleep(STEP);
            }
            (backend, own)
        });
        let ended = child.wait();
        over.store(true, Ordering::Relaxed);
        let (backend, own) = watch.join().unwrap_or_default();
        (ended, backend, own)
    });
    let wall = clock.elapsed().as_secs_f64();
    ensure!(status?.success(), "{} failed", line(command));
    // The server counts a process when it has seen it end.
    thread::sleep(Duration::from_millis(100));
    let server_cpu = ended_cpu(postmaster)? - cpu;
    Ok(Cost { server_cpu, wall, backend_memory, client_memory })
}

/// Runs `command`, which uses no server: seconds from start to end, and the most memory that it had, in bytes.
pub(super) fn alone(command: &mut Command) -> Result<(f64, u64)> {
    let clock = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().with_context(|| line(command))?;
    let mut memory = 0;
    let status = loop {
        memory = status(child.id(), "VmHWM:").max(memory);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(STEP / 4);
    };
    let wall = clock.elapsed().as_secs_f64();
    ensure!(status.success(), "{} failed", line(command));
    Ok((wall, memory))
}

fn postmaster(server: &Server) -> Result<u32> {
    let file = server.data_dir().join("postmaster.pid");
    let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
    text.lines().next().unwrap_or_default().trim().parse().context("postmaster.pid names no process")
}

/// Processor time of the children of `pid` that have ended, in seconds.
fn ended_cpu(pid: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // After the name in parentheses come the fields from the third on; cutime and cstime are the 16th and 17th.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(13) + ticks(14)) * TICK)
}

fn children(pid: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// A figure of a process in bytes; 0 where it is gone.
fn status(pid: u32, name: &str) -> u64 {
    let text = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).unwrap_or_default();
    let kilobytes =
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
