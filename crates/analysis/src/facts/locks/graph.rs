//! The graph of who waits for whom, as a forest in which each session is expanded once.

use std::collections::VecDeque;

/// How a session is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// By a lock that the other holds.
    Held,
    /// By a lock that the other awaits too, and before it in the queue.
    Queued,
}

/// The sessions that one waits for, by their number.
#[derive(Debug, Clone, Default)]
pub(super) struct Blockers {
    pub(super) held: Vec<usize>,
    pub(super) queued: Vec<usize>,
}

/// A place in the forest, in the order in which it is read: a session stands before those that wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The number of the session.
    pub session: usize,
    /// How many sessions are above it.
    pub depth: usize,
    /// The session above it, and how that blocks it; none of the root of a chain.
    pub above: Option<(usize, Link)>,
    /// Sessions that wait for it as well, but have their place elsewhere.
    pub elsewhere: Vec<usize>,
}

/// Roots for which all sessions behind them are counted; of more, only those below them in the forest.
const COUNTED_ROOTS: usize = 64;

/// Who waits for whom.
#[derive(Debug)]
pub(super) struct Graph {
    blockers: Vec<Blockers>,
    /// The sessions that wait for each, and how.
    waiters: Vec<Vec<(usize, Link)>>,
}

impl Graph {
    pub(super) fn new(blockers: Vec<Blockers>) -> Self {
        let mut waiters: Vec<Vec<(usize, Link)>> = vec![Vec::new(); blockers.len()];
        for (waiter, by) in blockers.iter().enumerate() {
            let links =
                by.held.iter().map(|to| (*to, Link::Held)).chain(by.queued.iter().map(|to| (*to, Link::Queued)));
            for (blocker, link) in links {
                if let Some(list) = waiters.get_mut(blocker) {
                    list.push((waiter, link));
                }
            }
        }
        Self { blockers, waiters }
    }

    fn waiters(&self, session: usize) -> &[(usize, Link)] {
        self.waiters.get(session).map_or(&[], Vec::as_slice)
    }

    fn all_blockers(&self, session: usize) -> impl Iterator<Item = usize> {
        self.blockers.get(session).into_iter().flat_map(|by| by.held.iter().chain(&by.queued).copied())
    }

    /// The sessions that wait for nobody, but block others; most blocked sessions first.
    fn roots(&self) -> Vec<usize> {
        let is_root =
            |session: &usize| self.all_blockers(*session).next().is_none() && !self.waiters(*session).is_empty();
        let mut roots: Vec<usize> = (0..self.blockers.len()).filter(is_root).collect();
        roots.sort_by_key(|root| std::cmp::Reverse(self.waiters(*root).len()));
        let counted = roots.len().min(COUNTED_ROOTS);
        let (counted, _) = roots.split_at_mut(counted);
        counted.sort_by_cached_key(|root| std::cmp::Reverse(self.behind(*root)));
        roots
    }

    /// How many sessions wait for one, directly or through others.
    fn behind(&self, root: usize) -> usize {
        let mut seen = vec![false; self.blockers.len()];
        let mut queue = vec![root];
        let mut count = 0_usize;
        while let Some(session) = queue.pop() {
            for (waiter, _) in self.waiters(session) {
                if let Some(seen) = seen.get_mut(*waiter).filter(|seen| !**seen && *waiter != root) {
                    *seen = true;
                    count += 1;
                    queue.push(*waiter);
                }
            }
        }
        count
    }

    /// Sessions that wait for one another in a circle: deadlocks in the making.
    pub(super) fn circles(&self) -> Vec<Vec<usize>> {
        let next = self.within_circles();
        let mut state = vec![0_usize; next.len()];
        let mut circles = Vec::new();
        for start in 0..next.len() {
            let (mut path, mut at) = (Vec::new(), Some(start));
            while let Some(session) = at.filter(|at| state.get(*at) == Some(&0)) {
                if let Some(state) = state.get_mut(session) {
                    *state = start + 1;
                }
                path.push(session);
                at = next.get(session).copied().flatten();
            }
            let is_closed = at.is_some_and(|at| state.get(at) == Some(&(start + 1)));
            let from = at.filter(|_| is_closed).and_then(|at| path.iter().position(|session| *session == at));
            circles.extend(from.and_then(|from| path.get(from..)).map(<[usize]>::to_vec));
        }
        circles
    }

    /// For each session that is in a circle or between two, one that blocks it there: all others are taken away, those that
    /// nobody blocks and those that block nobody.
    fn within_circles(&self) -> Vec<Option<usize>> {
        let count = self.blockers.len();
        let mut is_gone = vec![false; count];
        let mut above: Vec<usize> = (0..count).map(|session| self.all_blockers(session).count()).collect();
        let mut below: Vec<usize> = (0..count).map(|session| self.waiters(session).len()).collect();
        let mut queue: Vec<usize> = (0..count).collect();
        while let Some(session) = queue.pop() {
            let is_end = above.get(session) == Some(&0) || below.get(session) == Some(&0);
            let Some(gone) = is_gone.get_mut(session).filter(|gone| is_end && !**gone) else { continue };
            *gone = true;
            let waiters = self.waiters(session).iter().map(|(waiter, _)| *waiter);
            waiters.for_each(|waiter| lessen(&mut above, waiter, &mut queue));
            self.all_blockers(session).for_each(|blocker| lessen(&mut below, blocker, &mut queue));
        }
        let stays = |session: &usize| is_gone.get(*session) == Some(&false);
        (0..count).map(|session| self.all_blockers(session).find(stays).filter(|_| stays(&session))).collect()
    }

    /// The forest: each session that waits or blocks once, below one that holds the lock it waits for if there is one.
    pub(super) fn forest(&self) -> Vec<Place> {
        let mut growth = Growth::new(self.blockers.len());
        for root in self.roots() {
            growth.root(root);
        }
        growth.spread(self);
        // What is left has no root: it is in circles, or waits for them.
        let circles = self.circles();
        let rest = circles.iter().filter_map(|circle| circle.first().copied()).chain(0..self.blockers.len());
        for session in rest {
            if growth.is_new(session) && self.all_blockers(session).next().is_some() {
                growth.root(session);
                growth.spread(self);
            }
        }
        growth.places(self)
    }
}

/// One fewer neighbor; a session that has none left is looked at again.
fn lessen(counts: &mut [usize], session: usize, queue: &mut Vec<usize>) {
    if let Some(count) = counts.get_mut(session) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            queue.push(session);
        }
    }
}

/// A forest that grows from its roots, over held locks first.
#[derive(Debug)]
struct Growth {
    roots: Vec<usize>,
    has_place: Vec<bool>,
    above: Vec<Option<(usize, Link)>>,
    below: Vec<Vec<usize>>,
    held: VecDeque<(usize, usize)>,
    queued: VecDeque<(usize, usize)>,
}

impl Growth {
    fn new(count: usize) -> Self {
        Self {
            roots: Vec::new(),
            has_place: vec![false; count],
            above: vec![None; count],
            below: vec![Vec::new(); count],
            held: VecDeque::new(),
            queued: VecDeque::new(),
        }
    }

    fn is_new(&self, session: usize) -> bool {
        self.has_place.get(session) == Some(&false)
    }

    fn root(&mut self, session: usize) {
        self.roots.push(session);
        self.take(session);
        self.held.push_back((session, session));
    }

    fn take(&mut self, session: usize) {
        if let Some(taken) = self.has_place.get_mut(session) {
            *taken = true;
        }
    }

    /// Gives everybody who waits for somebody with a place a place.
    fn spread(&mut self, graph: &Graph) {
        loop {
            let (next, link) = match self.held.pop_front() {
                Some(next) => (next, Link::Held),
                None => match self.queued.pop_front() {
                    Some(next) => (next, Link::Queued),
                    None => return,
                },
            };
            let (above, session) = next;
            if above != session {
                if !self.is_new(session) {
                    continue;
                }
                self.take(session);
                if let Some(place) = self.above.get_mut(session) {
                    *place = Some((above, link));
                }
                if let Some(below) = self.below.get_mut(above) {
                    below.push(session);
                }
            }
            for (waiter, link) in
                graph.waiters(session).iter().filter(|(waiter, _)| self.has_place.get(*waiter) == Some(&false))
            {
                match link {
                    Link::Held => self.held.push_back((session, *waiter)),
                    Link::Queued => self.queued.push_back((session, *waiter)),
                }
            }
        }
    }

    /// The places in reading order.
    fn places(&self, graph: &Graph) -> Vec<Place> {
        let mut places = Vec::new();
        let mut stack: Vec<(usize, usize)> = self.roots.iter().rev().map(|root| (*root, 0)).collect();
        while let Some((session, depth)) = stack.pop() {
            let below = self.below.get(session).map_or(&[][..], Vec::as_slice);
            stack.extend(below.iter().rev().map(|child| (*child, depth + 1)));
            let is_below = |waiter: usize| {
                self.above.get(waiter).is_some_and(|above| above.is_some_and(|(above, _)| above == session))
            };
            // Everybody who queues is blocked by all before: only held locks are worth a mention.
            let held = graph.waiters(session).iter().filter(|(_, link)| *link == Link::Held);
            let elsewhere = held.map(|(waiter, _)| *waiter).filter(|waiter| !is_below(*waiter)).collect();
            places.push(Place { session, depth, above: self.above.get(session).copied().flatten(), elsewhere });
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph of sessions that each wait for these by held locks and for those in the queue.
    fn graph(sessions: &[(&[usize], &[usize])]) -> Graph {
        let blockers =
            |(held, queued): &(&[usize], &[usize])| Blockers { held: held.to_vec(), queued: queued.to_vec() };
        Graph::new(sessions.iter().map(blockers).collect())
    }

    fn shown(graph: &Graph) -> Vec<(usize, usize, Option<Link>)> {
        graph.forest().iter().map(|place| (place.session, place.depth, place.above.map(|(_, link)| link))).collect()
    }

    #[test]
    fn a_chain_is_as_deep_as_it_is_long() {
        let graph = graph(&[(&[], &[]), (&[0], &[]), (&[1], &[])]);
        assert_eq!(shown(&graph), [(0, 0, None), (1, 1, Some(Link::Held)), (2, 2, Some(Link::Held))]);
        assert_eq!((graph.circles(), graph.behind(0)), (Vec::new(), 2));
    }

    #[test]
    fn waiters_on_one_row_are_expanded_once_each() {
        // The first waiter holds the lock on the row; each other also queues behind all before it.
        let count = 400;
        let mut blockers = vec![Blockers::default(), Blockers { held: vec![0], queued: Vec::new() }];
        blockers.extend((2..count).map(|session| Blockers { held: vec![1], queued: (2..session).collect() }));
        let graph = Graph::new(blockers);
        let forest = graph.forest();
        assert_eq!(forest.len(), count);
        assert!(forest.iter().skip(2).all(|place| place.above == Some((1, Link::Held)) && place.depth == 2));
        assert!(forest.iter().all(|place| place.elsewhere.is_empty()));
        assert_eq!(graph.behind(0), count - 1);
    }

    #[test]
    fn readers_queue_behind_a_waiter() {
        let graph = graph(&[(&[], &[]), (&[0], &[]), (&[], &[1]), (&[], &[1])]);
        let expected = [(0, 0, None), (1, 1, Some(Link::Held)), (2, 2, Some(Link::Queued)), (3, 2, Some(Link::Queued))];
        assert_eq!(shown(&graph), expected);
    }

    #[test]
    fn a_session_with_two_blockers_is_below_one_and_mentioned_by_the_other() {
        let forest = graph(&[(&[], &[]), (&[], &[]), (&[0, 1], &[])]).forest();
        let elsewhere: Vec<&[usize]> = forest.iter().map(|place| place.elsewhere.as_slice()).collect();
        assert_eq!((forest.len(), elsewhere), (3, vec![&[][..], &[][..], &[2][..]]));
    }

    #[test]
    fn a_circle_is_found_wherever_it_hangs() {
        // 0 and 1 wait for each other; 2 waits for 1; 3 blocks 0 too.
        let graph = graph(&[(&[1, 3], &[]), (&[0], &[]), (&[1], &[]), (&[], &[])]);
        let circles = graph.circles();
        assert_eq!(circles.len(), 1);
        assert_eq!(circles[0].iter().collect::<std::collections::BTreeSet<_>>(), [0, 1].iter().collect());
        assert_eq!(graph.forest().len(), 4);
    }

    #[test]
    fn a_circle_without_a_root_has_its_place() {
        let graph = graph(&[(&[2], &[]), (&[0], &[]), (&[1], &[]), (&[2], &[])]);
        assert_eq!(graph.circles().iter().map(Vec::len).collect::<Vec<_>>(), [3]);
        let forest = graph.forest();
        assert_eq!(forest.len(), 4);
        assert_eq!(forest.iter().filter(|place| place.above.is_none()).count(), 1);
    }

    #[test]
    fn whoever_waits_for_himself_is_a_circle_and_no_endless_one() {
        let graph = graph(&[(&[0], &[]), (&[5], &[])]);
        assert_eq!(graph.circles(), [[0]]);
        assert_eq!(graph.forest().len(), 2);
    }
}
