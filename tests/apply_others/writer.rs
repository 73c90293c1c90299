//! A session that runs ALTER SYSTEM hundreds of times a second.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio_postgres::NoTls;
use xtask::servers::Server;

/// The numbers that every parameter takes which a test gives: from this one on, so many.
const SMALLEST: u32 = 64;
const NUMBERS: u32 = 9_000;

/// Between two of its statements: a command of pgdba's takes a hundred times as long, and gets the processor for it.
const PAUSE: Duration = Duration::from_millis(1);

/// A writer, until it is asked for what it wrote.
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<BTreeMap<String, String>>,
}

impl Writer {
    /// Sets one parameter after the other to the next number, from `first` on.
    pub(crate) fn start(server: &Server, names: &'static [&'static str], first: u32) -> Self {
        let (dsn, stop) = (server.dsn("postgres", "postgres"), Arc::new(AtomicBool::new(false)));
        let (asked, (begun, has_begun)) = (Arc::clone(&stop), std::sync::mpsc::channel());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&dsn, NoTls).await.unwrap();
                tokio::spawn(connection);
                let mut last = BTreeMap::new();
                for number in first.. {
                    let name = names[number as usize % names.len()];
                    let value = SMALLEST + number % NUMBERS;
                    client.batch_execute(&format!("alter system set {name} = {value}")).await.unwrap();
                    last.insert(name.to_owned(), value.to_string());
                    tokio::time::sleep(PAUSE).await;
                    if last.len() == names.len() {
                        // Nobody waits for it any more after the first time.
                        let _ = begun.send(());
                        if asked.load(Ordering::SeqCst) {
                            break;
                        }
                    }
                }
                last
            })
        });
        has_begun.recv().unwrap();
        Self { stop, thread }
    }

    /// Ends the session; the last value that it set of each parameter.
    pub(crate) fn ends(self) -> BTreeMap<String, String> {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}
