//! Runs cases, four at a time, on the ports of a simulated card.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};

use tipring_direct::SlotHandle;
use tipring_driver::card::tdm400p::Settings as CardSettings;
use tipring_driver::country::LineProfile;
use tipring_driver::engine::{Acceptance, Command, CommandRefused, Engine, EventSink, Settings};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineCommand, LineEvent};
use tipring_driver::media::MediaEvent;
use tipring_driver::spsc::{Producer, queue};
use tipring_driver::time::Tick;
use tipring_hw_sim::card::tdm400p as sim;
use tipring_hw_sim::network::display::Display;
use tipring_hw_sim::network::exchange::{Equipment, ExchangeEvent, ExchangeLine};
use tipring_hw_sim::network::private_exchange::{PortEvent, PrivateExchange};
use tipring_hw_sim::network::signal::caller_id::Indication;
use tipring_hw_sim::network::signal::dtmf::Sequence;
use tipring_hw_sim::network::signal::music::Music;
use tipring_hw_sim::network::signal::tone::Tone;
use tipring_hw_sim::network::telephone::Telephone;
use tipring_hw_sim::network::{Sound, StationFeed, WireFeed, WireLoad, World};

use super::Facts;
use crate::rig::{Again, plug};
use crate::speech::Speech;

/// The variable that names the one case to run.
const ONLY: &str = "TIPRING_CASE";
const PORTS: usize = 4;
/// No case takes longer, in ms.
const CASE_MAX_MS: u64 = 600_000;
/// Limit until the card is up and its lines are in service, in ms.
const UP_MS: u64 = 20_000;

/// A row of the table.
pub struct Case {
    pub facts: Facts,
    pub signal: String,
    pub line: LineProfile,
    pub far: Far,
    pub steps: Vec<Step>,
}

/// Equipment at the other end of the wires.
pub enum Far {
    Exchange(Box<Equipment>),
    Telephone,
    PrivateExchange,
}

/// An action at the exchange.
pub type Act = fn(&mut ExchangeLine);
/// A condition on everything seen; the error says how it fails.
pub type Check = Box<dyn Fn(&Seen) -> Result<(), String>>;

/// A step done, or a condition that must be seen. Times are in ms since the last step that was done.
pub enum Step {
    Command(LineCommand),
    Exchange(Act),
    Phone(Box<dyn Fn(&mut Telephone)>),
    Port(fn(&mut PrivateExchange)),
    /// Sound of the party beyond, or at the telephone, from now on.
    Party(Party),
    /// Offers of the line come second to a command from now on, or do not.
    Glare(bool),
    /// The line says this next, no earlier and no later.
    Expect(Expected, u64, u64),
    /// The exchange tells this next, but for rings and identities sent, and no later.
    ExchangeEvent(ExchangeEvent, u64),
    /// The private exchange tells this next, and no later.
    PortEvent(PortEvent, u64),
    /// The line says nothing for so long after the last thing done or seen.
    Quiet(u64),
    /// A condition of all that was seen.
    Check(Check),
}

/// The next event expected of a line.
#[derive(Debug)]
pub enum Expected {
    Event(LineEvent),
    /// Caller identity with this number.
    Number(&'static str),
}

impl Expected {
    fn fits(&self, event: &LineEvent) -> bool {
        match (self, event) {
            (Expected::Event(expected), event) => expected == event,
            (Expected::Number(number), LineEvent::CallerIdentity(caller)) => caller.number.as_str() == *number,
            (Expected::Number(_), _) => false,
        }
    }
}

/// A party at a far end.
#[derive(Default)]
pub enum Party {
    #[default]
    Silent,
    Speaks(Box<Speech>),
    Plays(Box<Music>),
    Sounds(Box<Tone>),
    Presses(Sequence),
}

impl Party {
    fn next_ms(&mut self) -> Sound {
        match self {
            Party::Silent => [0; 8],
            Party::Speaks(speech) => std::array::from_fn(|_| speech.next()),
            Party::Plays(music) => music.next_ms(),
            Party::Sounds(tone) => tone.next_ms(),
            Party::Presses(keys) => keys.next_ms().unwrap_or_default(),
        }
    }
}

/// Everything that was seen at one wire, with the times.
#[derive(Default)]
pub struct Seen {
    pub events: Vec<(u64, LineEvent)>,
    pub exchange_events: Vec<(u64, ExchangeEvent)>,
    /// Events of the private exchange.
    pub port: Vec<(u64, PortEvent)>,
    /// Ms at which the loop closed or opened.
    pub hook: Vec<(u64, bool)>,
    /// Ms at which ringing voltage came or went.
    pub ringing: Vec<(u64, bool)>,
    /// Indications received by the telephone's display.
    pub shown: Vec<(u64, Indication)>,
    /// Ms of the last step that was done.
    pub mark: u64,
}

impl Seen {
    /// The breaks of the loop since it was closed last but once, as beginnings and lengths: all but the last opening.
    pub fn breaks(&self) -> Vec<(u64, u64)> {
        self.hook
            .windows(2)
            .filter(|pair| !pair[0].1 && pair[1].1)
            .map(|pair| (pair[0].0, pair[1].0 - pair[0].0))
            .collect()
    }
}

struct End {
    exchange: Option<ExchangeLine>,
    phone: Telephone,
    port: Option<PrivateExchange>,
    party: Party,
    glare: bool,
    seen: Seen,
}

#[derive(Clone)]
struct Ends(Arc<Mutex<(u64, Vec<End>)>>);

impl Ends {
    fn hold(&self) -> MutexGuard<'_, (u64, Vec<End>)> {
        self.0.lock().unwrap()
    }
}

fn note(changes: &mut Vec<(u64, bool)>, now: u64, level: bool) {
    if changes.last().map_or(level, |(_, last)| *last != level) {
        changes.push((now, level));
    }
}

impl World for Ends {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        let (now, ends) = &mut *self.hold();
        for ((end, load), feed) in ends.iter_mut().zip(loads).zip(feeds) {
            let says = end.party.next_ms();
            match (load, &mut end.exchange) {
                (WireLoad::Trunk(load), Some(exchange)) => {
                    note(&mut end.seen.hook, *now, load.off_hook);
                    let (line, _) = exchange.step(load, &says);
                    note(&mut end.seen.ringing, *now, line.ringing_volts > 0.0);
                    while let Some(event) = exchange.poll() {
                        end.seen.exchange_events.push((*now, event));
                    }
                    *feed = WireFeed::Trunk(line);
                }
                (WireLoad::Station(line), _) => {
                    let load = match &mut end.port {
                        Some(port) => port.step(line, &says),
                        None => end.phone.step(line, &says),
                    };
                    let port = end.port.as_mut().and_then(PrivateExchange::poll);
                    end.seen.port.extend(port.map(|event| (*now, event)));
                    let display = end.phone.display.as_mut();
                    end.seen.shown.extend(display.and_then(Display::poll).map(|shown| (*now, shown)));
                    note(&mut end.seen.hook, *now, load.off_hook);
                    note(&mut end.seen.ringing, *now, rings(line));
                    *feed = WireFeed::Station(load);
                }
                _ => *feed = WireFeed::Nothing,
            }
        }
    }
}

fn rings(line: &StationFeed) -> bool {
    line.ringing_volts > 20.0
}

impl EventSink for Ends {
    fn line_event(&mut self, _now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        let (now, ends) = &mut *self.hold();
        let Some(end) = ends.get_mut(channel.index()) else { return Acceptance::Accepted };
        end.seen.events.push((*now, event));
        if end.glare && event == LineEvent::Offered { Acceptance::Superseded } else { Acceptance::Accepted }
    }

    fn media_event(&mut self, _now: Tick, _event: MediaEvent) {}

    fn command_refused(&mut self, _now: Tick, _refused: CommandRefused) {}

    fn tick(&mut self, _now: Tick) {}
}

/// A case on its way.
struct Going {
    case: Case,
    step: usize,
    events: usize,
    exchange_events: usize,
    port: usize,
    /// Ms of the last step that was done or seen.
    since: u64,
}

/// Runs all cases, or the one that is asked for; panics with all that failed.
pub fn run(test: &str, cases: Vec<Case>) {
    let only = std::env::var(ONLY).ok();
    let wanted = |case: &Case| only.as_ref().is_none_or(|only| *only == case.signal);
    let mut cases: Vec<Case> = cases.into_iter().filter(wanted).collect();
    let mut failures = Vec::new();
    let total = cases.len();
    while !cases.is_empty() {
        let batch: Vec<Case> = cases.drain(..cases.len().min(PORTS)).collect();
        failures.extend(catch_unwind(AssertUnwindSafe(|| Rig::new(batch).run(test))).expect("a rig that runs"));
    }
    assert!(failures.is_empty(), "{} of {total} cases failed:\n\n{}", failures.len(), failures.join("\n"));
}

struct Rig {
    slot: SlotHandle,
    engine: Engine<Ends>,
    commands: Producer<Command>,
    ends: Ends,
    going: Vec<Option<Going>>,
}

impl Rig {
    fn new(cases: Vec<Case>) -> Rig {
        let facts = cases[0].facts;
        let country = facts.far();
        let mut sockets = [sim::Module::Absent; PORTS];
        let mut settings = Settings::new(facts.near());
        let mut ends = Vec::new();
        for (port, case) in cases.iter().enumerate() {
            let exchange = match &case.far {
                Far::Exchange(equipment) => Some(ExchangeLine::of_seed(**equipment, port as u64)),
                Far::Telephone | Far::PrivateExchange => None,
            };
            sockets[port] = if exchange.is_some() { sim::Module::Fxo } else { sim::Module::Fxs };
            settings.lines.push((ChannelId(port as u16), case.line));
            let phone = Telephone::with_display(&country);
            let port = matches!(case.far, Far::PrivateExchange).then(PrivateExchange::default);
            ends.push(End { exchange, phone, port, party: Party::Silent, glare: false, seen: Seen::default() });
        }
        let ends = Ends(Arc::new(Mutex::new((0, ends))));
        let device = sim::Tdm400p::new(sockets, Box::new(ends.clone()));
        let card_settings = CardSettings::default();
        let (card, slot) = plug(device, card_settings, &card_settings.needs(), &Again::Never);
        let (commands, commands_end) = queue(64);
        let (engine, _) = Engine::new(vec![Box::new(card)], settings, commands_end, ends.clone());
        let going = cases
            .into_iter()
            .map(|case| Some(Going { case, step: 0, events: 1, exchange_events: 0, port: 0, since: 0 }))
            .collect();
        Rig { slot, engine, commands, ends, going }
    }

    fn step(&mut self) {
        self.ends.hold().0 += 1;
        self.slot.lock().step();
        self.engine.step_once(1);
    }

    /// Runs until every case has ended, one way or the other. Returns what failed.
    fn run(mut self, test: &str) -> Vec<String> {
        let in_service = |end: &End| matches!(end.seen.events[..], [(_, LineEvent::InService(_))]);
        for _ in 0..UP_MS {
            self.step();
            if self.ends.hold().1.iter().all(in_service) {
                break;
            }
        }
        assert!(self.ends.hold().1.iter().all(in_service), "the lines come into service");
        // A moment for what was written last to be read back.
        (0..500).for_each(|_| self.step());
        let began = self.ends.hold().0;
        self.going.iter_mut().flatten().for_each(|going| going.since = began);
        self.ends.hold().1.iter_mut().for_each(|end| end.seen.mark = began);
        let mut failures = Vec::new();
        while self.going.iter().any(Option::is_some) {
            for port in 0..self.going.len() {
                match self.advance(port) {
                    Ok(true) => self.going[port] = None,
                    Ok(false) => {}
                    Err(why) => failures.extend(self.fail(test, port, &why)),
                }
            }
            assert!(self.ends.hold().0 - began < CASE_MAX_MS, "a case does not end");
            self.step();
        }
        failures
    }

    /// Goes on with a case as far as it can. True if it is over.
    fn advance(&mut self, port: usize) -> Result<bool, String> {
        let Some(going) = &mut self.going[port] else { return Ok(false) };
        let (now, ends) = &mut *self.ends.hold();
        let end = &mut ends[port];
        loop {
            let Some(step) = going.case.steps.get_mut(going.step) else {
                return match end.seen.events.get(going.events) {
                    Some((_, event)) => Err(format!("at the end the line said {event:?}, too")),
                    None => Ok(true),
                };
            };
            let next = end.seen.events.get(going.events);
            match step {
                Step::Expect(expected, from, to) => match next {
                    Some((at, event)) => {
                        let after = at - end.seen.mark;
                        if !expected.fits(event) {
                            return Err(format!("{expected:?} was expected, and the line said {event:?}"));
                        }
                        if !(*from..=*to).contains(&after) {
                            return Err(format!("{event:?} came after {after} ms, not within {from} to {to}"));
                        }
                        going.events += 1;
                        going.since = *now;
                    }
                    None if *now - end.seen.mark > *to => {
                        return Err(format!("{expected:?} did not come within {to} ms"));
                    }
                    None => return Ok(false),
                },
                Step::ExchangeEvent(expected, to) => match end.seen.exchange_events.get(going.exchange_events) {
                    Some((_, ExchangeEvent::Rings | ExchangeEvent::CallerIdSent { .. })) => {
                        going.exchange_events += 1;
                        continue;
                    }
                    Some((_, event)) if event == expected => {
                        going.exchange_events += 1;
                        going.since = *now;
                    }
                    Some((_, event)) => {
                        return Err(format!("the exchange was to report {expected:?}, and reported {event:?}"));
                    }
                    None if *now - end.seen.mark > *to => {
                        return Err(format!("the exchange did not report {expected:?} within {to} ms"));
                    }
                    None => return Ok(false),
                },
                Step::PortEvent(expected, to) => match end.seen.port.get(going.port) {
                    Some((_, event)) if event == expected => {
                        going.port += 1;
                        going.since = *now;
                    }
                    Some((_, event)) => {
                        return Err(format!("the private exchange was to report {expected:?}, and reported {event:?}"));
                    }
                    None if *now - end.seen.mark > *to => {
                        return Err(format!("the private exchange did not report {expected:?} within {to} ms"));
                    }
                    None => return Ok(false),
                },
                Step::Quiet(ms) => match next {
                    Some((at, event)) => {
                        let after = at - end.seen.mark;
                        return Err(format!("{event:?} came after {after} ms, and nothing was to come"));
                    }
                    None if *now - going.since < *ms => return Ok(false),
                    None => {}
                },
                Step::Check(check) => check(&end.seen)?,
                Step::Command(command) => {
                    let command = Command::Line { channel: ChannelId(port as u16), command: *command };
                    self.commands.push(command).expect("room for a command");
                }
                Step::Exchange(act) => act(end.exchange.as_mut().expect("a trunk")),
                Step::Phone(act) => act(&mut end.phone),
                Step::Port(act) => act(end.port.as_mut().expect("a private exchange")),
                Step::Party(party) => end.party = std::mem::take(party),
                Step::Glare(glare) => end.glare = *glare,
            }
            match &going.case.steps[going.step] {
                Step::Command(_)
                | Step::Exchange(_)
                | Step::Phone(_)
                | Step::Port(_)
                | Step::Party(_)
                | Step::Glare(_) => {
                    (end.seen.mark, going.since) = (*now, *now);
                }
                Step::Expect(..) | Step::ExchangeEvent(..) | Step::PortEvent(..) | Step::Quiet(_) | Step::Check(_) => {}
            }
            going.step += 1;
        }
    }

    /// The sentence about a case that failed.
    fn fail(&mut self, test: &str, port: usize, why: &str) -> Option<String> {
        let Going { case, step, .. } = self.going[port].take()?;
        let ends = self.ends.hold();
        let Seen { events, exchange_events, port: port_notices, hook, ringing, shown, mark } = &ends.1[port].seen;
        let last = |changes: &[(u64, bool)]| changes[changes.len().saturating_sub(24)..].to_vec();
        Some(format!(
            "{}: {}: step {step}: {why}\n  last done at {mark} ms\n  the line said {events:?}\n  the exchange reported {exchange_events:?}\n  \
             the display showed {shown:?}\n  the private exchange reported {port_notices:?}\n  loop {:?}\n  ringing {:?}\n  repeat with: {ONLY}='{}' cargo test -p tipring-tests --test hardware {test}\n",
            case.facts.code,
            case.signal,
            last(hook),
            last(ringing),
            case.signal
        ))
    }
}
