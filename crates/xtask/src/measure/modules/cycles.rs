//! Cycles in a graph of names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Who uses whom, with a place where that is written.
pub(super) type Edges = BTreeMap<String, BTreeMap<String, String>>;

/// One shortest cycle for each knot of names that reach one another: each name once, in the order of use.
pub(super) fn cycles(edges: &Edges) -> Vec<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for name in edges.keys() {
        if seen.contains(name) {
            continue;
        }
        let Some(cycle) = shortest_back_to(name, edges) else { continue };
        let reachable = reachable(name, edges);
        // The names that reach this one too are the same knot.
        seen.extend(reachable.into_iter().filter(|other| self::reachable(other, edges).contains(name)));
        found.push(cycle);
    }
    found
}

fn shortest_back_to(start: &String, edges: &Edges) -> Option<Vec<String>> {
    let mut waiting = VecDeque::from([vec![start.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = waiting.pop_front() {
        for next in way.last().and_then(|last| edges.get(last)).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                waiting.push_back(way.iter().chain([next]).cloned().collect());
            }
        }
    }
    None
}

fn reachable(start: &String, edges: &Edges) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(name) = waiting.pop() {
        let unseen = edges.get(name).into_iter().flat_map(BTreeMap::keys).filter(|next| seen.insert((*next).clone()));
        waiting.extend(unseen.collect::<Vec<_>>());
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Vec<Vec<String>> {
        let mut edges = Edges::new();
        for (from, to) in pairs {
            edges.entry((*from).to_owned()).or_default().insert((*to).to_owned(), String::new());
        }
        cycles(&edges)
    }

    #[test]
    fn each_knot_is_found_once_by_its_shortest_cycle() {
        assert!(of(&[("a", "b"), ("b", "c"), ("a", "c")]).is_empty());
        assert_eq!(of(&[("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")]), [["a", "b"]]);
        assert_eq!(of(&[("x", "a"), ("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]), [["a", "b"], ["c", "d"]]);
    }
}
