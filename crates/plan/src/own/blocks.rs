//! Own blocks, and the own time of reading and writing them.

use pgdba_pg::Millis;

use super::attribution::Attribution;
use super::readers::Readers;
use crate::model::{Buffers, IoTimes, Node, Plan};

/// Blocks and I/O times of each node without those of the nodes that worked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks {
    /// Own blocks, in the order of [`Plan::nodes`]; none without BUFFERS.
    pub buffers: Option<Vec<Buffers>>,
    /// Own times of reading and writing blocks; none without `track_io_timing`.
    pub io: Option<Vec<IoTimes>>,
}

impl Blocks {
    /// The own blocks of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let readers = Readers::of(plan);
        let own = |figure: &dyn Fn(&Node) -> f64| {
            let inclusive: Vec<f64> = plan.nodes.iter().map(figure).collect();
            Attribution::of(plan, &readers, inclusive).remainders()
        };
        Self { buffers: buffers(plan, &own), io: io(plan, &own) }
    }
}

type Own<'p> = &'p dyn Fn(&dyn Fn(&Node) -> f64) -> Vec<f64>;

fn buffers(plan: &Plan, own: Own<'_>) -> Option<Vec<Buffers>> {
    plan.nodes.iter().find(|node| node.run.buffers.is_some())?;
    const COUNTERS: [fn(&mut Buffers) -> &mut u64; 10] = [
        |buffers| &mut buffers.shared_hit,
        |buffers| &mut buffers.shared_read,
        |buffers| &mut buffers.shared_dirtied,
        |buffers| &mut buffers.shared_written,
        |buffers| &mut buffers.local_hit,
        |buffers| &mut buffers.local_read,
        |buffers| &mut buffers.local_dirtied,
        |buffers| &mut buffers.local_written,
        |buffers| &mut buffers.temp_read,
        |buffers| &mut buffers.temp_written,
    ];
    let mut result = vec![Buffers::default(); plan.nodes.len()];
    for counter in COUNTERS {
        let figures = own(&|node| *counter(&mut node.run.buffers.unwrap_or_default()) as f64);
        for (buffers, figure) in result.iter_mut().zip(figures) {
            *counter(buffers) = figure.round() as u64;
        }
    }
    Some(result)
}

fn io(plan: &Plan, own: Own<'_>) -> Option<Vec<IoTimes>> {
    plan.nodes.iter().find(|node| node.run.io.is_some())?;
    const TIMES: [fn(&mut IoTimes) -> &mut Millis; 6] = [
        |io| &mut io.shared.read,
        |io| &mut io.shared.write,
        |io| &mut io.local.read,
        |io| &mut io.local.write,
        |io| &mut io.temp.read,
        |io| &mut io.temp.write,
    ];
    let mut result = vec![IoTimes::default(); plan.nodes.len()];
    for time in TIMES {
        let figures = own(&|node| time(&mut node.run.io.unwrap_or_default()).0);
        for (io, figure) in result.iter_mut().zip(figures) {
            *time(io) = Millis(figure);
        }
    }
    Some(result)
}
