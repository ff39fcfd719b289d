//! A switchboard for tests, on the wires themselves: answers, prompts, takes a key, queues, rings, connects, clears.

use std::collections::VecDeque;

use tipring_hw_sim::network::country::CHINA;
use tipring_hw_sim::network::exchange::{HookEvent, HookWatch};
use tipring_hw_sim::network::signal::dtmf::Receiver;
use tipring_hw_sim::network::signal::tone::Tone;
use tipring_hw_sim::network::signal::tone_receiver::{Signal, ToneReceiver};
use tipring_hw_sim::network::{Sound, StationFeed, TrunkLoad, WireFeed, WireLoad};
use tipring_hw_sim::people::listen::through_a_law;
use tipring_hw_sim::people::voice::{PhraseId, Speaker, phrase};
use tipring_hw_sim::scenario::Socket;

/// Every path through the switchboard takes so long, in ms.
const DELAY_MS: usize = 5;
/// The card answers at this ring.
const ANSWER_AT_RING: u32 = 2;

#[derive(Debug, Clone, Copy, PartialEq)]
enum TrunkState {
    Idle,
    Prompting(usize),
    Queued,
    Alerting(usize),
    Talking(usize),
    Resting(u32),
}

struct Trunk {
    state: TrunkState,
    rings: u32,
    was_ringing: bool,
    quiet_ms: u32,
    receiver: Receiver,
    tone_receiver: ToneReceiver,
    heard: VecDeque<Sound>,
    pub key: Option<char>,
}

struct Station {
    /// The trunk it serves.
    trunk: Option<usize>,
    /// Its agent wears a headset: a call begins with a tone, not with ringing.
    headset: bool,
    /// Remaining time of that tone, in ms.
    zip_left_ms: u32,
    ringing_ms: u32,
    off_hook: bool,
    /// The loop as it is, pulses and all, and what is made of it.
    closed: bool,
    hook: HookWatch,
    busy: Option<Tone>,
    heard: VecDeque<Sound>,
}

/// The switchboard.
pub struct Switchboard {
    sockets: Vec<Socket>,
    trunks: Vec<Option<Trunk>>,
    stations: Vec<Option<Station>>,
    queue: VecDeque<usize>,
    prompt: Vec<i16>,
}

fn coded(sound: &Sound) -> Sound {
    through_a_law(sound).try_into().expect("eight samples")
}

impl Switchboard {
    /// A switchboard with headsets at all stations.
    pub fn with_headsets(sockets: &[Socket]) -> Switchboard {
        let mut board = Switchboard::new(sockets);
        board.stations.iter_mut().flatten().for_each(|station| station.headset = true);
        board
    }

    /// A switchboard for these sockets.
    pub fn new(sockets: &[Socket]) -> Switchboard {
        let delayed = || VecDeque::from(vec![[0; 8]; DELAY_MS]);
        let trunk = || Trunk {
            state: TrunkState::Idle,
            rings: 0,
            was_ringing: false,
            quiet_ms: 0,
            receiver: Receiver::new(),
            tone_receiver: ToneReceiver::new(&CHINA),
            heard: delayed(),
            key: None,
        };
        let station = || Station {
            trunk: None,
            headset: false,
            zip_left_ms: 0,
            ringing_ms: 0,
            off_hook: false,
            closed: false,
            hook: HookWatch::new(None),
            busy: None,
            heard: delayed(),
        };
        let mut prompt = phrase(99, PhraseId { speaker: Speaker::Remote { call: 1 }, turn: 1 });
        prompt.truncate(24_000);
        Switchboard {
            sockets: sockets.to_vec(),
            trunks: sockets.iter().map(|s| (*s == Socket::Trunk).then(trunk)).collect(),
            stations: sockets.iter().map(|s| (*s == Socket::Station).then(station)).collect(),
            queue: VecDeque::new(),
            prompt,
        }
    }

    /// Runs one millisecond.
    pub fn step(&mut self, feeds: &[WireFeed], loads: &mut [WireLoad]) {
        for (i, feed) in feeds.iter().enumerate() {
            match *feed {
                WireFeed::Trunk(feed) => {
                    if let Some(trunk) = &mut self.trunks[i] {
                        trunk.heard.push_back(coded(&feed.sound));
                    }
                    self.trunk(i, feed.ringing_volts > 30.0, &feed.sound);
                }
                WireFeed::Station(load) => {
                    if let Some(station) = &mut self.stations[i] {
                        station.heard.push_back(coded(&load.sound));
                    }
                    self.station(i, load.off_hook);
                }
                WireFeed::Nothing => {}
            }
        }
        self.serve();
        let from_trunks: Vec<Sound> = self.trunks.iter_mut().map(|t| take(t.as_mut().map(|t| &mut t.heard))).collect();
        let from_stations: Vec<Sound> =
            self.stations.iter_mut().map(|s| take(s.as_mut().map(|s| &mut s.heard))).collect();
        for (i, load) in loads.iter_mut().enumerate() {
            *load = match self.sockets[i] {
                Socket::Empty => WireLoad::Nothing,
                Socket::Trunk => WireLoad::Trunk(self.trunk_load(i, &from_stations)),
                Socket::Station => WireLoad::Station(self.station_feed(i, &from_trunks)),
            };
        }
    }

    fn trunk(&mut self, i: usize, ringing: bool, sound: &Sound) {
        let Some(trunk) = &mut self.trunks[i] else { return };
        trunk.quiet_ms = if ringing { 0 } else { trunk.quiet_ms + 1 };
        if ringing && !trunk.was_ringing {
            trunk.rings += 1;
        }
        trunk.was_ringing = ringing;
        if trunk.quiet_ms > 6000 {
            trunk.rings = 0;
        }
        let heard = coded(sound);
        match &mut trunk.state {
            TrunkState::Idle => {
                if trunk.rings >= ANSWER_AT_RING && !ringing {
                    trunk.state = TrunkState::Prompting(0);
                    trunk.tone_receiver.forget();
                    trunk.key = None;
                }
                return;
            }
            TrunkState::Prompting(at) => {
                *at += 1;
                if let Some(key) = trunk.receiver.hear(&heard) {
                    trunk.key = Some(key);
                    trunk.state = TrunkState::Queued;
                    self.queue.push_back(i);
                }
            }
            TrunkState::Resting(left) => {
                *left -= 1;
                trunk.rings = 0;
                if *left == 0 {
                    trunk.state = TrunkState::Idle;
                }
                return;
            }
            TrunkState::Queued | TrunkState::Alerting(_) | TrunkState::Talking(_) => {}
        }
        trunk.tone_receiver.hear(&heard);
        if trunk.tone_receiver.signal() == Some(Signal::Busy) {
            self.clear(i);
        }
    }

    fn clear(&mut self, i: usize) {
        self.queue.retain(|&queued| queued != i);
        let Some(trunk) = &mut self.trunks[i] else { return };
        if let TrunkState::Alerting(s) | TrunkState::Talking(s) = trunk.state
            && let Some(station) = &mut self.stations[s]
        {
            station.trunk = None;
            station.busy = (station.off_hook && !station.headset).then(|| Tone::new(CHINA.busy));
        }
        trunk.state = TrunkState::Resting(1500);
    }

    fn station(&mut self, i: usize, closed: bool) {
        let Some(station) = &mut self.stations[i] else { return };
        station.closed = closed;
        let off_hook = match station.hook.see(closed) {
            Some(HookEvent::Closed) => true,
            Some(HookEvent::Opened) => false,
            Some(HookEvent::Flash | HookEvent::PulseDigit(_)) | None => return,
        };
        station.off_hook = off_hook;
        station.busy = None;
        if off_hook && station.trunk.is_none() && !station.headset {
            self.seize(i);
            return;
        }
        let Some(station) = &self.stations[i] else { return };
        let Some(t) = station.trunk else { return };
        if off_hook {
            if let Some(trunk) = &mut self.trunks[t] {
                trunk.state = TrunkState::Talking(i);
            }
        } else {
            self.clear(t);
        }
    }

    /// A station that is lifted gets an idle trunk, if there is one.
    fn seize(&mut self, i: usize) {
        let idle = |t: &Option<Trunk>| t.as_ref().is_some_and(|t| t.state == TrunkState::Idle && t.rings == 0);
        if let Some(t) = self.trunks.iter().position(idle)
            && let (Some(trunk), Some(station)) = (&mut self.trunks[t], &mut self.stations[i])
        {
            trunk.state = TrunkState::Talking(i);
            trunk.tone_receiver.forget();
            station.trunk = Some(t);
        }
    }

    fn serve(&mut self) {
        let free = |s: &Option<Station>| s.as_ref().is_some_and(|s| s.trunk.is_none() && s.off_hook == s.headset);
        while let Some(&t) = self.queue.front()
            && let Some(s) = self.stations.iter().position(free)
        {
            self.queue.pop_front();
            if let (Some(trunk), Some(station)) = (&mut self.trunks[t], &mut self.stations[s]) {
                trunk.state = if station.headset { TrunkState::Talking(s) } else { TrunkState::Alerting(s) };
                station.trunk = Some(t);
                station.ringing_ms = 0;
                station.zip_left_ms = 300;
            }
        }
    }

    fn trunk_load(&self, i: usize, from_stations: &[Sound]) -> TrunkLoad {
        let Some(trunk) = &self.trunks[i] else { return TrunkLoad::default() };
        let said = match trunk.state {
            TrunkState::Idle | TrunkState::Resting(_) => return TrunkLoad::default(),
            TrunkState::Prompting(at) => self.prompt.as_chunks::<8>().0.get(at).copied().unwrap_or_default(),
            TrunkState::Queued | TrunkState::Alerting(_) => [0; 8],
            TrunkState::Talking(s) => from_stations[s],
        };
        // A station's pulses go through to the exchange.
        let off_hook = match trunk.state {
            TrunkState::Talking(s) => self.stations[s].as_ref().is_some_and(|s| s.closed || !s.hook.is_closed()),
            _ => true,
        };
        TrunkLoad { off_hook, sound: coded(&said) }
    }

    fn station_feed(&mut self, i: usize, from_trunks: &[Sound]) -> StationFeed {
        let Some(station) = &mut self.stations[i] else { return StationFeed::default() };
        let mut feed = StationFeed { battery_volts: 48.0, ..StationFeed::default() };
        match (station.trunk, station.off_hook) {
            (Some(_), false) => {
                feed.ringing_volts = if station.ringing_ms % 5000 < 1000 { 60.0 } else { 0.0 };
                station.ringing_ms += 1;
            }
            (Some(_), true) if station.headset && station.zip_left_ms > 0 => {
                station.zip_left_ms -= 1;
                feed.sound = Tone::new(CHINA.dial).next_ms();
            }
            (Some(t), true) => feed.sound = from_trunks[t],
            (None, _) => feed.sound = station.busy.as_mut().map_or([0; 8], Tone::next_ms),
        }
        feed
    }
}

fn take(heard: Option<&mut VecDeque<Sound>>) -> Sound {
    heard.and_then(VecDeque::pop_front).unwrap_or([0; 8])
}
