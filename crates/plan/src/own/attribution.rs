//! Who pays for whom: which part of a figure of a node is that of a node that worked for it.

use super::readers::Readers;
use crate::model::{NodeType, Plan, Relationship};

/// Nodes below the holder of an InitPlan that are tried as its reader where no expression shows one.
const MAX_HIDDEN_READERS: usize = 100;

/// The charges of a plan, for one figure.
pub(super) struct Attribution {
    /// The figure of each node, with that of its children.
    inclusive: Vec<f64>,
    /// For each node, the nodes that it pays for, and how much.
    charges: Vec<Vec<(usize, f64)>>,
    /// What is left of each node for InitPlans and CTEs.
    room: Vec<f64>,
    /// Data-modifying CTEs, with the part that ran after the root had returned.
    pub(super) after_root: Vec<(usize, f64)>,
}

impl Attribution {
    /// Charges every node for its inputs and SubPlans, and the readers of InitPlans and CTEs for those.
    pub(super) fn of(plan: &Plan, readers: &Readers, inclusive: Vec<f64>) -> Self {
        let charges = vec![Vec::new(); inclusive.len()];
        let room = inclusive.clone();
        let mut attribution = Self { inclusive, charges, room, after_root: Vec::new() };
        let is_apart =
            |place: usize| plan.nodes.get(place).is_some_and(|node| node.relationship == Some(Relationship::InitPlan));
        for (place, node) in plan.nodes.iter().enumerate().filter(|(place, _)| !is_apart(*place)) {
            if let Some(parent) = node.parent {
                attribution.charge(parent.0, place, attribution.inclusive(place));
            }
        }
        for place in (0..plan.nodes.len()).filter(|place| is_apart(*place)) {
            attribution.charge_readers(plan, readers, place);
        }
        attribution
    }

    fn inclusive(&self, place: usize) -> f64 {
        self.inclusive.get(place).copied().unwrap_or_default()
    }

    fn room(&self, place: usize) -> f64 {
        self.room.get(place).copied().unwrap_or_default().max(0.0)
    }

    fn charge(&mut self, payer: usize, payee: usize, amount: f64) {
        if amount <= 0.0 {
            return;
        }
        if let (Some(charges), Some(room)) = (self.charges.get_mut(payer), self.room.get_mut(payer)) {
            charges.push((payee, amount));
            *room -= amount;
        }
    }

    /// Shares an InitPlan or a CTE among its readers, each up to its own room.
    fn charge_readers(&mut self, plan: &Plan, readers: &Readers, subquery: usize) {
        let amount = self.inclusive(subquery);
        let Some(node) = plan.nodes.get(subquery).filter(|_| amount > 0.0) else { return };
        let Some(holder) = node.parent.map(|holder| holder.0) else { return };
        let list = readers.list(subquery);
        let space: f64 = list.iter().map(|reader| self.room(*reader)).sum();
        let share = if space > amount { amount / space } else { 1.0 };
        let mut left = amount;
        for reader in list {
            let part = (self.room(*reader) * share).min(left);
            self.charge(*reader, subquery, part);
            left -= part;
        }
        // The executor runs a data-modifying CTE to its end, after the root has returned.
        if node.kind == NodeType::ModifyTable {
            if left > 0.0 {
                self.after_root.push((subquery, left));
            }
            return;
        }
        if list.is_empty() {
            left = self.charge_hidden_readers(readers, subquery, holder, left);
        }
        self.charge(holder, subquery, left);
    }

    /// Without VERBOSE the columns are not printed, so that a reader can be anywhere below the holder. Returns what is left.
    fn charge_hidden_readers(&mut self, readers: &Readers, subquery: usize, holder: usize, amount: f64) -> f64 {
        let inside = subquery..readers.end(subquery);
        let below = (holder..readers.end(holder)).take(MAX_HIDDEN_READERS).filter(|place| !inside.contains(place));
        below.fold(amount, |left, place| {
            let part = self.room(place).min(left);
            self.charge(place, subquery, part);
            left - part
        })
    }

    /// What is left of each node; where the others exceed it, 0.
    pub(super) fn remainders(&self) -> Vec<f64> {
        self.room.iter().map(|room| room.max(0.0)).collect()
    }

    /// By how much the charges of each node exceed it.
    pub(super) fn excesses(&self) -> Vec<f64> {
        self.room.iter().map(|room| (-room).max(0.0)).collect()
    }

    /// The sum that is shared: the root, and what ran after it.
    pub(super) fn total(&self) -> f64 {
        self.inclusive(0) + self.after_root.iter().map(|(_, amount)| amount).sum::<f64>()
    }

    /// What is left of each node if everything below a node that is exceeded is scaled down to fit, so that all of it adds up to
    /// [`Attribution::total`].
    pub(super) fn shares(mut self) -> Vec<f64> {
        let mut paid = vec![0.0; self.inclusive.len()];
        if let Some(root) = paid.first_mut() {
            *root = self.inclusive(0);
        }
        for (place, amount) in &self.after_root {
            if let Some(paid) = paid.get_mut(*place) {
                *paid += amount;
            }
        }
        let mut shares = vec![0.0; self.inclusive.len()];
        for place in self.order() {
            let inclusive = self.inclusive(place);
            let scale = if inclusive > 0.0 { paid.get(place).copied().unwrap_or_default() / inclusive } else { 0.0 };
            let charges = self.charges.get(place).map(Vec::as_slice).unwrap_or_default();
            let charged: f64 = charges.iter().map(|(_, amount)| amount).sum();
            let fit = if charged > inclusive { inclusive / charged } else { 1.0 };
            for (payee, amount) in charges {
                if let Some(paid) = paid.get_mut(*payee) {
                    *paid += amount * scale * fit;
                }
            }
            if let Some(share) = shares.get_mut(place) {
                *share = (inclusive - charged).max(0.0) * scale;
            }
        }
        shares
    }

    /// The nodes, each behind all that pay for it. Charges in a circle, which only an invented plan has, are removed.
    fn order(&mut self) -> Vec<usize> {
        let count = self.charges.len();
        let mut waiting_for = vec![0_usize; count];
        for (payee, _) in self.charges.iter().flatten() {
            if let Some(waiting) = waiting_for.get_mut(*payee) {
                *waiting += 1;
            }
        }
        let mut is_done = vec![false; count];
        let mut order = Vec::with_capacity(count);
        let mut ready: Vec<usize> = (0..count).filter(|place| waiting_for.get(*place) == Some(&0)).collect();
        let mut next_blocked = 0;
        loop {
            while let Some(place) = ready.pop() {
                if let Some(done) = is_done.get_mut(place) {
                    *done = true;
                }
                order.push(place);
                for (payee, _) in self.charges.get(place).into_iter().flatten() {
                    let Some(waiting) = waiting_for.get_mut(*payee) else { continue };
                    *waiting = waiting.saturating_sub(1);
                    if *waiting == 0 {
                        ready.push(*payee);
                    }
                }
            }
            let Some(blocked) = (next_blocked..count).find(|place| is_done.get(*place) == Some(&false)) else {
                return order;
            };
            next_blocked = blocked + 1;
            for (payer, charges) in self.charges.iter_mut().enumerate() {
                if is_done.get(payer) == Some(&false) {
                    charges.retain(|(payee, _)| *payee != blocked);
                }
            }
            if let Some(waiting) = waiting_for.get_mut(blocked) {
                *waiting = 0;
            }
            ready.push(blocked);
        }
    }
}
