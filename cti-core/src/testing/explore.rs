//! Every order of services, line events and deadlines, as far as a number of states goes: breadth-first through the
//! core that the product runs, on the [smallest site](small_site) that has everything.
//!
//! | in every state | judged by |
//! |---|---|
//! | the conditions between two transactions; a deadline for what is not stable | `Core::check`, `check_deadlines` |
//! | events alone give the snapshot; who hears whom; who waits beside a free agent | [`judge`](super::judge) |
//! | a confirmed service has done what it says; a confirmed answer comes | [`promise`] |
//! | hang-ups and deadlines empty the site, and every call leaves its record | [`Site::end`] |
//! | a refusal, or an inquiry, changes nothing | [`fingerprint`] |
//!
//! `TIPRING_STATES=100000 cargo test --release -p tipring-core --lib explored -- --nocapture` goes on to that many
//! states. A failure prints the steps that lead to it, and the command that takes them again.
//!
//! Never: makes a state that the core cannot come to.

mod beginnings;
mod faults;
mod fingerprint;
mod found;
mod promise;
mod small_site;
mod step;

use std::any::Any;
use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use At::{S1001, S1002, S1003};
use beginnings::BEGINNINGS;
use fingerprint::{fingerprint, in_words};
use small_site::{Fault, Site};
use step::{At, Of, Step, Took, every, inquiries};

/// The states of the normal run.
const STATES: usize = 10_000;

/// The states of the run with the other second flash.
const ALTERNATING: usize = 2_000;
/// The smallest space has more states than this.
const SMALLEST: usize = 10_000;

/// A state that was reached: by which step, from which.
#[derive(Clone, Copy)]
struct Reached {
    from: u32,
    step: Step,
}

/// A state whose core is at hand.
struct Open {
    state: u32,
    site: Site,
}

/// The search.
struct Search {
    every: Vec<Step>,
    /// In the order of their discovery; the first is the beginning.
    states: Vec<Reached>,
    seen: HashSet<u64>,
    /// The way to the state at hand: the next one shares most of it, for states come in the order of their parents.
    open: Vec<Open>,
    steps: u64,
    /// The most deadlines after which a state was empty.
    longest: usize,
    /// Failures, the first after each kind of step.
    failures: Vec<String>,
    failed: Vec<Discriminant<Step>>,
}

/// A failure: what was found, and the command that takes the steps to it again.
fn failure(what: &(dyn Any + Send), path: &[Step]) -> String {
    let text = what.downcast_ref::<String>().map(String::as_str).or(what.downcast_ref::<&str>().copied());
    let steps: Vec<String> = path.iter().map(|step| format!("{step:?}")).collect();
    let again = "cargo test -p tipring-core --lib steps_again -- --nocapture";
    format!("{}\nTIPRING_STEPS='{}' {again}", text.unwrap_or("a panic"), steps.join("; "))
}

impl Search {
    fn new(fault: Fault, beginnings: &[&[Step]]) -> Search {
        Search::of(Site::new(fault), every(), beginnings)
    }

    /// A search from this site by these steps.
    fn of(site: Site, every: Vec<Step>, beginnings: &[&[Step]]) -> Search {
        let seen = HashSet::from([fingerprint(&site)]);
        let mut search = Search {
            every,
            states: vec![Reached { from: 0, step: Step::Deadline }],
            seen,
            open: vec![Open { state: 0, site }],
            steps: 0,
            longest: 0,
            failures: Vec::new(),
            failed: Vec::new(),
        };
        beginnings.iter().for_each(|way| search.begin(way));
        search
    }

    /// Adds the states on a way from the first one.
    fn begin(&mut self, way: &[Step]) {
        self.open(0);
        let mut site = self.open[0].site.fork();
        let mut from = 0;
        for &step in way {
            match catch_unwind(AssertUnwindSafe(|| site.take(step))) {
                Ok(Took::Done) => {}
                Ok(took) => panic!("{took:?}: {step:?} on the way {way:?} in {}", site.in_words()),
                Err(what) => return self.fail(&*what, from, Some(step)),
            }
            self.seen.insert(fingerprint(&site));
            self.states.push(Reached { from, step });
            from = self.states.len() as u32 - 1;
        }
    }

    /// Goes through states in their order until `most` are known, or `failures` kinds of steps have failed.
    fn run(&mut self, most: usize, failures: usize) {
        let mut next = 0;
        while next < self.states.len() && self.states.len() < most && self.failures.len() < failures {
            self.expand(next as u32, most);
            next += 1;
            if next % 1_000 == 0 {
                println!("{next} of {} states, {} steps", self.states.len(), self.steps);
            }
        }
    }

    /// The steps that lead to a state.
    fn path(&self, mut state: u32) -> Vec<Step> {
        let mut path = Vec::new();
        while state > 0 {
            path.push(self.states[state as usize].step);
            state = self.states[state as usize].from;
        }
        path.reverse();
        path
    }

    /// Brings the core of a state to the end of `open`.
    fn open(&mut self, state: u32) {
        let mut way = vec![state];
        while let Some(&last) = way.last().filter(|&&last| self.open.iter().all(|it| it.state != last)) {
            way.push(self.states[last as usize].from);
        }
        let shared = way.pop();
        let kept = self.open.iter().position(|it| Some(it.state) == shared).expect("the first state is always open");
        self.open.truncate(kept + 1);
        for state in way.into_iter().rev() {
            let mut site = self.open.last().expect("just found").site.fork();
            let took = site.take(self.states[state as usize].step);
            assert_eq!(took, Took::Done, "what was done once can be done again");
            self.open.push(Open { state, site });
        }
    }

    /// Takes every step from a state.
    fn expand(&mut self, state: u32, most: usize) {
        self.open(state);
        let site = self.open.pop().expect("opened").site;
        let (mut work, mut refused) = (site.fork(), Vec::new());
        for step in self.every.clone() {
            let took = catch_unwind(AssertUnwindSafe(|| self.look_at(&mut work, state, step, most)));
            match took {
                Ok(Took::Nothing) => continue,
                Ok(Took::Refused) => {
                    refused.push(step);
                    continue;
                }
                Ok(Took::Done) => {}
                Err(what) => self.fail(&*what, state, Some(step)),
            }
            work = site.fork();
        }
        if let Err(what) = catch_unwind(AssertUnwindSafe(|| changes_nothing(&site, &refused))) {
            self.fail(&*what, state, None);
        }
        self.open.push(Open { state, site });
    }

    fn fail(&mut self, what: &(dyn Any + Send), state: u32, step: Option<Step>) {
        let kind = step.as_ref().map_or(discriminant(&Step::Deadline), discriminant);
        if !self.failed.contains(&kind) {
            self.failed.push(kind);
            let path: Vec<Step> = self.path(state).into_iter().chain(step).collect();
            self.failures.push(failure(what, &path));
        }
    }

    /// Takes one step; a state that is new is taken to its end.
    fn look_at(&mut self, work: &mut Site, from: u32, step: Step, most: usize) -> Took {
        let took = work.take(step);
        if took == Took::Done {
            self.steps += 1;
            if self.states.len() < most && self.seen.insert(fingerprint(work)) {
                let ends = [false, true].map(|waits| work.fork().end(waits));
                self.longest = self.longest.max(ends[0]).max(ends[1]);
                self.states.push(Reached { from, step });
            }
        }
        took
    }
}

/// Judges that requests which are refused, and those that only ask, leave the state as it was.
fn changes_nothing(site: &Site, refused: &[Step]) {
    let mut work = site.fork();
    for &step in refused {
        assert_eq!(work.take(step), Took::Refused);
    }
    for request in inquiries(site) {
        work.inquire(request);
    }
    if fingerprint(&work) != fingerprint(site) {
        say_what_changed(site, refused);
    }
}

/// A refusal, or an inquiry, has changed something: says which, and what.
fn say_what_changed(site: &Site, refused: &[Step]) {
    let before = in_words(site);
    let differs = |after: Vec<String>| {
        let at = before.iter().zip(&after).position(|(before, after)| before != after)?;
        Some(format!("{} has become {}", before[at], after[at]))
    };
    for &step in refused {
        let mut work = site.fork();
        work.take(step);
        if let Some(differs) = differs(in_words(&work)) {
            panic!("{step:?} was refused, and {differs}");
        }
    }
    for request in inquiries(site) {
        let mut work = site.fork();
        work.inquire(request.clone());
        if let Some(differs) = differs(in_words(&work)) {
            panic!("{request:?} only asks, and {differs}");
        }
    }
    panic!("what is refused and what only asks change something together");
}

fn nothing(_: Step, _: &mut super::rig::Rig) {}

fn given(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
fn every_explored_state_is_whole_and_ends() {
    let most = given("TIPRING_STATES").map_or(STATES, |text| text.parse().expect("a number of states"));
    let mut search = Search::new(nothing, BEGINNINGS);
    let began = Instant::now();
    search.run(most, usize::MAX);
    let Search { states, steps, longest, failures, .. } = &search;
    println!(
        "{} states, {steps} steps, each state empty after at most {longest} deadlines and hang-ups; {:?}",
        states.len(),
        began.elapsed()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert_eq!(states.len(), most, "a search that comes to an end explores too little");
}

/// With this setting the second flash alternates between the two calls instead of joining them.
#[test]
fn every_explored_state_of_a_site_whose_second_flash_alternates_is_whole_and_ends() {
    let most = given("TIPRING_STATES").map_or(ALTERNATING, |text| text.parse().expect("a number of states"));
    let consults: &[Step] = &[
        Step::Lift(S1001),
        Step::Keys(S1001, "1003"),
        Step::Lift(S1003),
        Step::Flash(S1001),
        Step::Keys(S1001, "1002"),
        Step::Answer(Of(S1002, 0)),
        Step::Deadline,
        Step::Flash(S1001),
    ];
    let mut search = Search::of(Site::alternating(), every(), &[consults]);
    search.run(most, usize::MAX);
    assert!(search.failures.is_empty(), "{}", search.failures.join("\n\n"));
    assert_eq!(search.states.len(), most);
}

/// Two telephones and one call at a time, by hands, clients and deadlines: there is no further state.
#[test]
fn the_smallest_space_is_walked_to_its_end() {
    let is_small = |step: &Step| {
        let [first, second] = [S1001, S1003].map(|at| Of(at, 0));
        match *step {
            Step::Deadline => true,
            Step::Lift(at) | Step::PutDown(at) | Step::Flash(at) | Step::RingFails(at) => at != S1002,
            Step::Lost(at) | Step::Back(at) => [S1001, S1003].contains(&at),
            Step::Keys(at, keys) => at != S1002 && ["1001", "1003", "1002"].contains(&keys),
            Step::Make(from, to) => [S1001, S1003].contains(&from) && [S1001, S1003].contains(&to),
            Step::Answer(of) | Step::Clear(of) | Step::Hold(of) | Step::Retrieve(of) => [first, second].contains(&of),
            Step::Complete(_, of) | Step::Deflect(of, S1001 | S1003) => [first, second].contains(&of),
            Step::DoNotDisturb(S1001, _) => true,
            _ => false,
        }
    };
    let steps: Vec<Step> = every().into_iter().filter(is_small).collect();
    let mut search = Search::of(Site::of_one_call(), steps, &[]);
    search.run(usize::MAX, usize::MAX);
    let Search { states, steps, longest, failures, .. } = &search;
    println!("{} states, {steps} steps, at most {longest} deadlines and hang-ups, and no further state", states.len());
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(states.len() > SMALLEST, "only {} states", states.len());
}

/// Takes the steps of a path that was printed, and says what is there after each.
#[test]
fn steps_again() {
    let Some(text) = given("TIPRING_STEPS") else { return };
    let mut site = Site::new(nothing);
    let every = every();
    for name in text.split("; ") {
        let step = every.iter().find(|step| format!("{step:?}") == name).unwrap_or_else(|| panic!("no step is {name}"));
        site.rig.events.clear();
        println!("{name}");
        let took = site.take(*step);
        println!("    {took:?}: {}", site.in_words());
        for report in site.rig.reported() {
            println!("    {report}");
        }
    }
    for waits in [false, true] {
        site.fork().end(waits);
    }
}

#[test]
fn a_site_that_is_empty_again_is_the_state_it_began_in() {
    let mut site = Site::new(nothing);
    let before = in_words(&site);
    for step in [Step::Lift(S1001), Step::Keys(S1001, "1003"), Step::PutDown(S1001)] {
        assert_eq!(site.take(step), Took::Done);
    }
    let after = in_words(&site);
    let differs: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).collect();
    assert!(before == after, "{differs:?}");
}
