//! Every state, event and point of death, against a server in memory.

use proptest::prelude::*;

use super::*;

/// Steps of the largest change that is tried exhaustively.
const STEPS: u32 = 4;

/// What a change meets in the world: the file, what is in force, who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
struct World {
    steps: u32,
    /// For each step whether the file has the new value.
    file: Vec<bool>,
    /// The same of what the server runs with.
    in_force: Vec<bool>,
    is_locked: bool,
    journal: Option<State>,
}

impl World {
    fn new(steps: u32) -> Self {
        let former = vec![false; steps as usize];
        Self { steps, file: former.clone(), in_force: former, is_locked: false, journal: None }
    }

    /// Carries an action out, as `apply` does.
    fn perform(&mut self, action: Action) -> Event<&'static str> {
        match action {
            Action::Lock => self.is_locked = true,
            Action::Unlock => self.is_locked = false,
            Action::Set(step) => self.file[step as usize] = true,
            Action::Reload => self.in_force = self.file.clone(),
            Action::PutBack => self.file.fill(false),
            Action::Verify if self.in_force.contains(&false) => return Event::Failed("not in force".into()),
            Action::VerifyFormer if self.in_force.contains(&true) => return Event::Failed("still in force".into()),
            Action::Precheck | Action::Snapshot | Action::Proceed | Action::Verify | Action::VerifyFormer => {}
        }
        if action != Action::Lock && action != Action::Unlock {
            assert!(self.is_locked, "{action:?} without the lock");
        }
        Event::Done
    }

    fn is_former(&self) -> bool {
        !self.file.contains(&true) && !self.in_force.contains(&true)
    }

    fn is_new(&self) -> bool {
        !self.file.contains(&false) && !self.in_force.contains(&false)
    }

    /// The journal tells the truth about a server at rest.
    fn check_settled(&self) {
        match &self.journal {
            Some(State::Recorded) => assert!(self.is_new(), "{self:?}"),
            Some(State::Restored { .. } | State::Abandoned { .. }) => assert!(self.is_former(), "{self:?}"),
            other => panic!("not settled: {other:?}"),
        }
        assert!(!self.is_locked, "{self:?}");
    }
}

/// How a run may be disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disturbance {
    /// The process dies before the state is written.
    DiesBeforeJournal,
    /// It dies after that and before the action.
    DiesBeforeAction,
    /// It dies after the action and before its outcome is known.
    DiesAfterAction,
    /// The action fails without effect.
    Fails,
    /// It fails after it had its effect.
    FailsAfterEffect,
    /// The user presses Ctrl-C.
    Interrupted,
}

const DISTURBANCES: [Disturbance; 6] = [
    Disturbance::DiesBeforeJournal,
    Disturbance::DiesBeforeAction,
    Disturbance::DiesAfterAction,
    Disturbance::Fails,
    Disturbance::FailsAfterEffect,
    Disturbance::Interrupted,
];

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Finished,
    Stuck,
    Died,
}

/// Runs from `first` on; the action number `at` is disturbed. The number of actions, and how it ended.
fn run(world: &mut World, first: (State, Action), disturbed: Option<(usize, Disturbance)>) -> (usize, End) {
    let (mut state, mut action) = first;
    for number in 0.. {
        assert!(number < 200, "no end: {state:?}");
        let now = disturbed.filter(|(at, _)| *at == number).map(|(_, what)| what);
        if now == Some(Disturbance::DiesBeforeJournal) {
            return (number, End::Died);
        }
        world.journal = Some(state.clone());
        let event = match now {
            Some(Disturbance::DiesBeforeAction) => return (number, End::Died),
            Some(Disturbance::DiesAfterAction) => {
                world.perform(action);
                return (number, End::Died);
            }
            Some(Disturbance::Fails) => Event::Failed("refused".into()),
            Some(Disturbance::FailsAfterEffect) => {
                world.perform(action);
                Event::Failed("no answer".into())
            }
            Some(Disturbance::Interrupted) => {
                world.perform(action);
                Event::Interrupted
            }
            _ => world.perform(action),
        };
        match next(&state, event, world.steps) {
            Next::Enter(then, act) | Next::Retreat(then, act, _) => (state, action) = (then, act),
            Next::Finished => return (number + 1, End::Finished),
            Next::Stuck(_) => return (number + 1, End::Stuck),
        }
    }
    unreachable!()
}

/// Takes a change up whose process is gone, until the server is in a clean state.
fn settle(world: &mut World, how: TakeUp) {
    let Some(state) = world.journal.clone() else {
        assert!(world.is_former(), "changed without a journal: {world:?}");
        world.is_locked = false;
        return;
    };
    match take_up(&state, how, world.steps) {
        Ok(first) => {
            world.is_locked = true;
            assert_eq!(run(world, first, None).1, End::Finished, "{state:?}");
        }
        // What is closed is what it says; all that can be left is the lock.
        Err(_) if state.is_settled() => world.is_locked = false,
        Err(closed) => {
            assert_eq!(closed, Closed::GoingBack, "{state:?}");
            return settle(world, TakeUp::RollBack);
        }
    }
    world.check_settled();
}

#[test]
fn undisturbed_a_change_goes_through_the_states_of_the_design() {
    let mut world = World::new(2);
    let (mut state, mut action) = begin();
    let mut words = Vec::new();
    loop {
        words.push(state.word());
        let event = world.perform(action);
        match next(&state, event, 2) {
            Next::Enter(then, act) | Next::Retreat(then, act, _) => (state, action) = (then, act),
            end => break assert_eq!(end, Next::Finished),
        }
    }
    let expected = "planned locked prechecked snapshotted applying:0 applying:1 applying:2 reloaded verified recorded";
    assert_eq!(words.join(" "), expected);
    world.journal = Some(state);
    world.check_settled();
}

#[test]
fn nothing_to_set_is_recorded_without_a_reload() {
    let mut world = World::new(0);
    assert_eq!(run(&mut world, begin(), None).1, End::Finished);
    assert_eq!(world.journal, Some(State::Recorded));
}

/// However a run is disturbed, at whatever action, and however the command that takes it up is disturbed in turn, the
/// server ends in one of the two clean states, and the journal says in which.
#[test]
fn from_every_point_of_death_both_ways_lead_to_a_clean_state() {
    let mut tried = 0;
    for steps in 0..=STEPS {
        let length = run(&mut World::new(steps), begin(), None).0;
        for at in 0..length {
            for what in DISTURBANCES {
                for how in [TakeUp::Resume, TakeUp::RollBack] {
                    let mut world = World::new(steps);
                    let end = run(&mut world, begin(), Some((at, what))).1;
                    tried += 1;
                    check_end(&world, &end);
                    disturb_the_second(&world, how);
                    if end != End::Finished {
                        settle(&mut world, how);
                    }
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

fn check_end(world: &World, end: &End) {
    if *end == End::Finished {
        world.check_settled();
    }
}

fn disturb_the_second(world: &World, how: TakeUp) {
    let Some(state) = world.journal.clone() else { return };
    let Ok(first) = take_up(&state, how, world.steps) else { return };
    for at in 0..20 {
        for what in DISTURBANCES {
            for again in [TakeUp::Resume, TakeUp::RollBack] {
                let mut second = World { is_locked: true, ..world.clone() };
                let end = run(&mut second, first.clone(), Some((at, what))).1;
                check_end(&second, &end);
                if end != End::Finished {
                    settle(&mut second, again);
                }
            }
        }
    }
}

#[test]
fn a_rollback_of_an_applied_change_restores_and_says_so() {
    let mut world = World::new(3);
    run(&mut world, begin(), None);
    assert!(world.is_new());
    world.is_locked = true;
    let first = take_up(&State::Recorded, TakeUp::RollBack, 3).unwrap();
    assert_eq!(run(&mut world, first, None).1, End::Finished);
    assert_eq!(world.journal, Some(State::Restored { why: Why::Rollback }));
    world.check_settled();
    let state = world.journal.clone().unwrap();
    assert_eq!(take_up(&state, TakeUp::RollBack, 3), Err(Closed::RolledBack));
    assert_eq!(take_up(&state, TakeUp::Resume, 3), Err(Closed::RolledBack));
}

#[test]
fn a_failure_on_the_way_is_undone_and_keeps_its_reason() {
    let mut world = World::new(3);
    // Action 5 is the second Set.
    let end = run(&mut world, begin(), Some((5, Disturbance::Fails))).1;
    assert_eq!(end, End::Finished);
    let why = Why::Failure { reason: "refused".to_owned() };
    assert_eq!(world.journal, Some(State::Restored { why }));
    world.check_settled();
}

/// The states on the way back of a server that does not run, each in the journal before its action; it dies before the action
/// number `death`, or after it.
fn run_offline(world: &mut World, death: Option<(usize, bool)>) -> bool {
    let state = world.journal.clone().unwrap();
    let Ok((mut state, mut action)) = take_up(&state, TakeUp::RollBack, world.steps) else { return true };
    for number in 0.. {
        assert_ne!(action, Action::VerifyFormer);
        world.journal = Some(state.clone());
        if death == Some((number, false)) {
            return false;
        }
        // Of a server that does not run nothing is in force: reloading changes the file as little as waiting does.
        let event = if action == Action::Reload { Event::Done } else { world.perform(action) };
        if death == Some((number, true)) {
            return false;
        }
        match next_offline(&state, event) {
            Next::Enter(then, act) | Next::Retreat(then, act, _) => (state, action) = (then, act),
            end => {
                assert_eq!(end, Next::Finished);
                return true;
            }
        }
    }
    unreachable!()
}

/// The server starts: what is in the file is in force.
fn start(world: &mut World) {
    world.in_force = world.file.clone();
}

#[test]
fn an_offline_rollback_that_died_anywhere_is_finished_offline_or_on_the_running_server() {
    for at in 0..run(&mut World::new(2), begin(), None).0 {
        let mut left = World::new(2);
        run(&mut left, begin(), Some((at, Disturbance::DiesAfterAction)));
        for death in [(0, false), (0, true), (1, false), (1, true), (2, false), (2, true)] {
            for is_offline in [true, false] {
                let mut world = World { is_locked: true, ..left.clone() };
                let is_finished = run_offline(&mut world, Some(death));
                world.is_locked = true;
                if !is_finished && is_offline {
                    assert!(run_offline(&mut world, None));
                    start(&mut world);
                } else {
                    start(&mut world);
                    settle(&mut world, TakeUp::RollBack);
                }
                world.is_locked = false;
                assert!(!matches!(world.journal, Some(State::Recorded)), "{at} {death:?}");
                world.check_settled();
            }
        }
    }
}

proptest! {
    /// A chain of commands, each disturbed anywhere.
    #[test]
    fn no_chain_of_deaths_loses_the_way(
        steps in 0..6_u32,
        deaths in prop::collection::vec((0..20_usize, 0..DISTURBANCES.len(), any::<bool>()), 0..8),
    ) {
        let mut world = World::new(steps);
        let mut first = Some(begin());
        for (at, what, resume) in deaths {
            let Some(start) = first.take() else { break };
            let end = run(&mut world, start, Some((at, DISTURBANCES[what]))).1;
            check_end(&world, &end);
            if let Some(state) = world.journal.clone().filter(|_| end != End::Finished) {
                let how = if resume { TakeUp::Resume } else { TakeUp::RollBack };
                world.is_locked = true;
                first = take_up(&state, how, steps).or_else(|_| take_up(&state, TakeUp::RollBack, steps)).ok();
            }
        }
        if world.journal.as_ref().is_some_and(|state| !state.is_settled()) {
            settle(&mut world, TakeUp::RollBack);
        }
    }

    /// The journal reads back as it was written.
    #[test]
    fn states_survive_the_journal(done in 0..9_u32, reason in ".*") {
        let why = Why::Failure { reason: reason.clone() };
        let states = [
            State::Planned, State::Applying { done, of: 9 }, State::Restoring { why: Why::Rollback },
            State::PutBack { why: why.clone() }, State::Restored { why }, State::Abandoned { reason },
        ];
        for state in states {
            let text = serde_json::to_string(&state).unwrap();
            prop_assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
        }
    }
}
