//! Faults on demand: what goes wrong with a card, when, and how often, as a function of a seed.
//!
//! A plan is data. Each millisecond, every planned fault whose time has come is drawn for; the ones that struck are
//! what the card then asks for. The same seed and the same plan give the same faults at the same milliseconds.
//!
//! Never: looks at the card. It only says what is broken; the card knows what that does.

use std::sync::{Arc, Mutex, PoisonError};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::network::Sound;

/// The number of ports of the cards that can have port faults.
pub const PORTS: usize = 4;

/// A fault of the simulated card or its lines.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault", deny_unknown_fields)]
pub enum Fault {
    /// The interrupt pin stays down while this lasts, and follows afterwards.
    LateInterrupt,
    /// Events of this millisecond vanish before anyone sees them.
    LostInterrupt,
    /// The interrupt pin is up, though nothing happened.
    SpuriousInterrupt,
    /// Master aborts on the bus: sound of this millisecond is not carried, and the card reports it.
    MasterAbort,
    /// Memory refuses: sound of this millisecond is not carried, and the card says so.
    TargetAbort,
    /// The serial answer line is stuck.
    StuckSerial {
        /// At this level.
        level: bool,
    },
    /// A module does not answer on the serial bus.
    DeadModule {
        /// The port, 0 to 3.
        port: usize,
    },
    /// A module's supply breaks down; it comes back with all registers at their defaults.
    BrownOut {
        /// The port, 0 to 3.
        port: usize,
    },
    /// The 12 V supply of a station module is missing: its converter makes no line voltage.
    NoLinePower {
        /// The port, 0 to 3.
        port: usize,
    },
    /// A station module never finishes its calibration.
    EndlessCalibration {
        /// The port, 0 to 3.
        port: usize,
    },
    /// Bits of a register of a module read as 0, whatever was written to them.
    BadRegister {
        /// The port, 0 to 3.
        port: usize,
        /// The register.
        register: u8,
        /// The bits.
        bits: u8,
    },
    /// Bits of an indirect register of a station module read as 0.
    BadMemory {
        /// The port, 0 to 3.
        port: usize,
        /// The indirect register.
        address: u8,
        /// The bits.
        bits: u16,
    },
    /// Accesses to the indirect registers of a station module never end.
    EndlessIndirect {
        /// The port, 0 to 3.
        port: usize,
    },
    /// The line driver of a station module is so far off that the chip cannot balance it by itself.
    Unbalanced {
        /// The port, 0 to 3.
        port: usize,
        /// The current that is left at best when it is balanced by hand, in steps; with 0 that succeeds.
        current: u8,
    },
    /// The calibration of a station module's converter gives a value that cannot be.
    UnsoundConverter {
        /// The port, 0 to 3.
        port: usize,
    },
    /// The clock of the PCM bus stands still: no sound moves, and registers go on as if nothing were.
    StoppedClock,
    /// The wires of a station line touch.
    ShortCircuit {
        /// The port, 0 to 3.
        port: usize,
    },
    /// A line transistor of a station module gets too hot.
    Overheating {
        /// The port, 0 to 3.
        port: usize,
    },
    /// The wires of a trunk line are cut: no battery, no sound.
    CutLine {
        /// The port, 0 to 3.
        port: usize,
    },
    /// The isolation link of a trunk module is interrupted: its line side is out of reach.
    LinkLoss {
        /// The port, 0 to 3.
        port: usize,
    },
    /// White noise on the line, towards the driver.
    Noise {
        /// The port, 0 to 3.
        port: usize,
        /// Its level in dBm0.
        level_dbm0: f32,
    },
    /// Echo of the driver's sound, as from a badly balanced hybrid.
    Echo {
        /// The port, 0 to 3.
        port: usize,
        /// Attenuation, in dB.
        loss_db: f32,
        /// Delay, in samples, up to 511.
        delay_samples: usize,
    },
    /// All frequencies towards the driver are moved, as by an old carrier system. Adds 31 samples of delay.
    FrequencyOffset {
        /// The port, 0 to 3.
        port: usize,
        /// Shift, in hertz.
        hertz: f32,
    },
    /// Sound towards the driver is cut at a peak.
    Clipping {
        /// The port, 0 to 3.
        port: usize,
        /// The largest magnitude that passes, 1 to 32767.
        peak: i16,
    },
}

impl Fault {
    /// The port it is of, if it is of one.
    pub fn port(&self) -> Option<usize> {
        match *self {
            Fault::LateInterrupt
            | Fault::LostInterrupt
            | Fault::SpuriousInterrupt
            | Fault::MasterAbort
            | Fault::TargetAbort
            | Fault::StuckSerial { .. }
            | Fault::StoppedClock => None,
            Fault::DeadModule { port }
            | Fault::BrownOut { port }
            | Fault::NoLinePower { port }
            | Fault::EndlessCalibration { port }
            | Fault::BadRegister { port, .. }
            | Fault::BadMemory { port, .. }
            | Fault::EndlessIndirect { port }
            | Fault::Unbalanced { port, .. }
            | Fault::UnsoundConverter { port }
            | Fault::ShortCircuit { port }
            | Fault::Overheating { port }
            | Fault::CutLine { port }
            | Fault::LinkLoss { port }
            | Fault::Noise { port, .. }
            | Fault::Echo { port, .. }
            | Fault::FrequencyOffset { port, .. }
            | Fault::Clipping { port, .. } => Some(port),
        }
    }
}

/// A fault and when it strikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
    /// From this millisecond of the card's life.
    #[serde(default)]
    pub from_ms: u64,
    /// For so long; to the end if absent.
    #[serde(default)]
    pub for_ms: Option<u64>,
    /// The chance in each of these milliseconds, 0 to 1.
    #[serde(default = "always")]
    pub chance: f64,
}

fn always() -> f64 {
    1.0
}

impl Planned {
    /// A fault that is there all the time.
    pub fn always(fault: Fault) -> Planned {
        Planned { fault, from_ms: 0, for_ms: None, chance: 1.0 }
    }

    /// A fault that lasts for a while.
    pub fn during(fault: Fault, from_ms: u64, for_ms: u64) -> Planned {
        Planned { fault, from_ms, for_ms: Some(for_ms), chance: 1.0 }
    }

    /// A fault that strikes now and then, with this chance in each millisecond.
    pub fn at_random(fault: Fault, chance: f64) -> Planned {
        Planned { fault, from_ms: 0, for_ms: None, chance }
    }
}

/// Faults of the card in this millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Now {
    /// The interrupt pin is kept down.
    pub pin_held: bool,
    /// The events of this millisecond vanish.
    pub events_lost: bool,
    /// The interrupt pin is up without a reason.
    pub pin_spurious: bool,
    /// Master aborts on the bus.
    pub master_abort: bool,
    /// Memory refuses.
    pub target_abort: bool,
    /// The serial answer line is stuck at a level.
    pub serial_stuck: Option<bool>,
    /// No sound moves.
    pub clock_stopped: bool,
    /// The ports.
    pub ports: [PortNow; PORTS],
}

/// Faults of a port in this millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PortNow {
    /// Does not answer on the serial bus.
    pub dead: bool,
    /// Loses its registers.
    pub brown_out: bool,
    /// Has no supply for the line.
    pub no_line_power: bool,
    /// Does not finish calibrating.
    pub endless_calibration: bool,
    /// Its wires touch.
    pub short_circuit: bool,
    /// A transistor is too hot.
    pub overheating: bool,
    /// Its wires are cut.
    pub cut_line: bool,
    /// Its isolation link is interrupted.
    pub link_lost: bool,
    /// Faults within its chip.
    pub flaws: Flaws,
    noise_rms: f32,
    echo: Option<(f32, usize)>,
    offset_hertz: f32,
    peak: Option<i16>,
}

/// Faults within a module's chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flaws {
    /// Of this register these bits read as 0.
    pub register: Option<(u8, u8)>,
    /// Number and value of an indirect register.
    pub memory: Option<(u8, u16)>,
    /// Indirect accesses never end.
    pub endless_indirect: bool,
    /// The chip cannot balance its line driver by itself; this much current is left at best.
    pub unbalanced: Option<u8>,
    /// The converter's calibration gives nonsense.
    pub unsound_converter: bool,
}

/// Faults that are switched on and off while the card runs, beside those of a plan.
#[derive(Debug, Clone, Default)]
pub struct FaultSwitch(Arc<Mutex<Vec<Fault>>>);

impl FaultSwitch {
    /// Switches a fault on or off, from the next millisecond of the card on. Faults on the line (noise, echo, frequency
    /// offset, clipping) have no effect here: those are the wire's.
    pub fn set(&self, fault: Fault, on: bool) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.retain(|other| *other != fault);
        if on {
            faults.push(fault);
        }
    }

    fn add_to(&self, now: &mut Now) {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.iter().for_each(|fault| now.add(*fault));
    }
}

/// A plan being carried out.
pub struct Faults {
    plan: Vec<Planned>,
    switch: Option<FaultSwitch>,
    rng: ChaCha8Rng,
    ms: u64,
    now: Now,
    lines: Option<Box<[Line; PORTS]>>,
}

impl Default for Faults {
    fn default() -> Self {
        Faults::new(0, Vec::new())
    }
}

impl Faults {
    /// Carries out a plan; what strikes at random follows the seed.
    pub fn new(seed: u64, plan: Vec<Planned>) -> Faults {
        let on_the_line = |planned: &Planned| {
            matches!(
                planned.fault,
                Fault::Noise { .. } | Fault::Echo { .. } | Fault::FrequencyOffset { .. } | Fault::Clipping { .. }
            )
        };
        let lines = plan.iter().any(on_the_line).then(|| Box::new(std::array::from_fn(|_| Line::default())));
        Faults { plan, switch: None, rng: ChaCha8Rng::seed_from_u64(seed), ms: 0, now: Now::default(), lines }
    }

    /// No plan: faults are switched on and off.
    pub fn switched(switch: FaultSwitch) -> Faults {
        Faults { switch: Some(switch), ..Faults::default() }
    }

    /// Runs one millisecond: draws for every planned fault.
    pub fn step(&mut self) {
        if self.plan.is_empty() && self.switch.is_none() {
            return;
        }
        let mut now = Now::default();
        if let Some(switch) = &self.switch {
            switch.add_to(&mut now);
        }
        for planned in &self.plan {
            let since = self.ms.checked_sub(planned.from_ms);
            let in_time = since.is_some_and(|since| planned.for_ms.is_none_or(|length| since < length));
            if in_time && strikes(&mut self.rng, planned.chance) {
                now.add(planned.fault);
            }
        }
        self.now = now;
        self.ms += 1;
    }

    /// Faults in this millisecond.
    pub fn now(&self) -> &Now {
        &self.now
    }

    /// Spoils what is heard on a port; `said` is what the driver said in the same millisecond.
    pub fn spoil(&mut self, port: usize, said: &Sound, heard: &mut Sound) {
        let Some(lines) = &mut self.lines else { return };
        lines[port].spoil(&self.now.ports[port], &mut self.rng, said, heard);
    }
}

fn strikes(rng: &mut ChaCha8Rng, chance: f64) -> bool {
    // The draw is made even for what is certain, so that one fault's chance does not move another's.
    let draw = (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    draw < chance
}

impl Now {
    fn add(&mut self, fault: Fault) {
        match fault {
            Fault::LateInterrupt => self.pin_held = true,
            Fault::LostInterrupt => self.events_lost = true,
            Fault::SpuriousInterrupt => self.pin_spurious = true,
            Fault::MasterAbort => self.master_abort = true,
            Fault::TargetAbort => self.target_abort = true,
            Fault::StuckSerial { level } => self.serial_stuck = Some(level),
            Fault::DeadModule { port } => self.port(port, |port| port.dead = true),
            Fault::BrownOut { port } => self.port(port, |port| port.brown_out = true),
            Fault::NoLinePower { port } => self.port(port, |port| port.no_line_power = true),
            Fault::EndlessCalibration { port } => self.port(port, |port| port.endless_calibration = true),
            Fault::BadRegister { port, register, bits } => {
                self.port(port, |port| port.flaws.register = Some((register, bits)));
            }
            Fault::BadMemory { port, address, bits } => {
                self.port(port, |port| port.flaws.memory = Some((address, bits)));
            }
            Fault::EndlessIndirect { port } => self.port(port, |port| port.flaws.endless_indirect = true),
            Fault::Unbalanced { port, current } => self.port(port, |port| port.flaws.unbalanced = Some(current)),
            Fault::UnsoundConverter { port } => self.port(port, |port| port.flaws.unsound_converter = true),
            Fault::StoppedClock => self.clock_stopped = true,
            Fault::ShortCircuit { port } => self.port(port, |port| port.short_circuit = true),
            Fault::Overheating { port } => self.port(port, |port| port.overheating = true),
            Fault::CutLine { port } => self.port(port, |port| port.cut_line = true),
            Fault::LinkLoss { port } => self.port(port, |port| port.link_lost = true),
            Fault::Noise { port, level_dbm0 } => {
                self.port(port, |port| port.noise_rms = DBM0_RMS * 10f32.powf(level_dbm0 / 20.0));
            }
            Fault::Echo { port, loss_db, delay_samples } => {
                let factor = 10f32.powf(-loss_db / 20.0);
                self.port(port, |port| port.echo = Some((factor, delay_samples.min(ECHO_LENGTH - 1))));
            }
            Fault::FrequencyOffset { port, hertz } => self.port(port, |port| port.offset_hertz = hertz),
            Fault::Clipping { port, peak } => self.port(port, |port| port.peak = Some(peak.max(1))),
        }
    }

    fn port(&mut self, port: usize, change: impl FnOnce(&mut PortNow)) {
        if let Some(port) = self.ports.get_mut(port) {
            change(port);
        }
    }
}

/// Root mean square of 0 dBm0 at the scale of A-law: a sine peaking at 22827.
const DBM0_RMS: f32 = 16141.0;
/// The longest echo, in samples.
const ECHO_LENGTH: usize = 512;
/// Half the length of the filter that turns a signal by 90 degrees.
const HILBERT_HALF: usize = 31;
const HILBERT_LENGTH: usize = 2 * HILBERT_HALF + 1;
const SAMPLE_RATE: f32 = 8000.0;

/// The state of a spoiled line.
struct Line {
    said: [i16; ECHO_LENGTH],
    said_at: usize,
    heard: [f32; HILBERT_LENGTH],
    heard_at: usize,
    hilbert: [f32; HILBERT_LENGTH],
    phase: f32,
}

impl Default for Line {
    fn default() -> Self {
        // The ideal 90 degree filter is 2 / (pi n) at odd n; a Hamming window keeps its ripple low.
        let hilbert = std::array::from_fn(|tap| {
            let n = tap as f32 - HILBERT_HALF as f32;
            let window = 0.54 + 0.46 * (std::f32::consts::PI * n / (HILBERT_HALF as f32 + 1.0)).cos();
            if (tap + HILBERT_HALF).is_multiple_of(2) { 0.0 } else { 2.0 / (std::f32::consts::PI * n) * window }
        });
        Line { said: [0; ECHO_LENGTH], said_at: 0, heard: [0.0; HILBERT_LENGTH], heard_at: 0, hilbert, phase: 0.0 }
    }
}

impl Line {
    fn spoil(&mut self, now: &PortNow, rng: &mut ChaCha8Rng, said: &Sound, heard: &mut Sound) {
        for (&said, heard) in said.iter().zip(heard) {
            self.said[self.said_at] = said;
            let mut sample = f32::from(*heard);
            if let Some((factor, delay)) = now.echo {
                let back = (self.said_at + ECHO_LENGTH - delay) % ECHO_LENGTH;
                sample += f32::from(self.said[back]) * factor;
            }
            self.said_at = (self.said_at + 1) % ECHO_LENGTH;
            if now.offset_hertz != 0.0 {
                sample = self.shifted(sample, now.offset_hertz);
            }
            if now.noise_rms > 0.0 {
                sample += now.noise_rms * gaussian(rng);
            }
            *heard = sample.round_ties_even() as i16;
            if let Some(peak) = now.peak {
                *heard = (*heard).clamp(-peak, peak);
            }
        }
    }

    /// One side band: the signal times a cosine, less the turned signal times a sine.
    fn shifted(&mut self, sample: f32, hertz: f32) -> f32 {
        self.heard[self.heard_at] = sample;
        let at = |back: usize| (self.heard_at + HILBERT_LENGTH - back) % HILBERT_LENGTH;
        let turned: f32 = self.hilbert.iter().enumerate().map(|(tap, factor)| factor * self.heard[at(tap)]).sum();
        let straight = self.heard[at(HILBERT_HALF)];
        self.heard_at = (self.heard_at + 1) % HILBERT_LENGTH;
        self.phase = (self.phase + hertz / SAMPLE_RATE).fract();
        let (sine, cosine) = (std::f32::consts::TAU * self.phase).sin_cos();
        straight * cosine - turned * sine
    }
}

/// A nearly normal number of mean 0 and variance 1: the sum of four even ones.
fn gaussian(rng: &mut ChaCha8Rng) -> f32 {
    let bits = rng.next_u64();
    let sum: f32 = (0..4).map(|part| ((bits >> (16 * part)) & 0xffff) as f32).sum();
    (sum / 65_535.0 - 2.0) * 3f32.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, sample: usize) -> i16 {
        (8000.0 * (std::f32::consts::TAU * hertz * sample as f32 / SAMPLE_RATE).sin()) as i16
    }

    fn level_at(sound: &[i16], hertz: f32) -> f32 {
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (at, &sample) in sound.iter().enumerate() {
            let (sine, cosine) = (std::f32::consts::TAU * hertz * at as f32 / SAMPLE_RATE).sin_cos();
            real += f32::from(sample) * cosine;
            imaginary += f32::from(sample) * sine;
        }
        2.0 * real.hypot(imaginary) / sound.len() as f32
    }

    fn heard(faults: &mut Faults, ms: usize, source: impl Fn(usize) -> i16) -> Vec<i16> {
        let mut all = Vec::new();
        for ms in 0..ms {
            faults.step();
            let mut sound = std::array::from_fn(|at| source(ms * 8 + at));
            faults.spoil(1, &[0; 8], &mut sound);
            all.extend(sound);
        }
        all
    }

    #[test]
    fn a_plan_strikes_when_it_says() {
        let mut faults = Faults::new(1, vec![Planned::during(Fault::MasterAbort, 3, 2)]);
        let struck: Vec<bool> = (0..8)
            .map(|_| {
                faults.step();
                faults.now().master_abort
            })
            .collect();
        assert_eq!(struck, [false, false, false, true, true, false, false, false]);
    }

    #[test]
    fn chance_follows_the_seed_and_nothing_else() {
        let run = |seed, extra: Vec<Planned>| {
            let mut plan = vec![Planned::at_random(Fault::LostInterrupt, 0.1)];
            plan.extend(extra);
            let mut faults = Faults::new(seed, plan);
            (0..2000)
                .map(|_| {
                    faults.step();
                    faults.now().events_lost
                })
                .collect::<Vec<bool>>()
        };
        let struck = run(5, vec![]);
        assert_eq!(struck, run(5, vec![]));
        assert_ne!(struck, run(6, vec![]));
        let count = struck.iter().filter(|&&struck| struck).count();
        assert!((140..260).contains(&count), "{count} of 2000");
    }

    #[test]
    fn noise_has_its_level() {
        let plan = vec![Planned::always(Fault::Noise { port: 1, level_dbm0: -30.0 })];
        let sound = heard(&mut Faults::new(3, plan), 1000, |_| 0);
        let rms = (sound.iter().map(|&s| f32::from(s).powi(2)).sum::<f32>() / sound.len() as f32).sqrt();
        let level = 20.0 * (rms / DBM0_RMS).log10();
        assert!((level + 30.0).abs() < 0.3, "{level} dBm0");
    }

    #[test]
    fn an_offset_moves_a_tone() {
        let plan = vec![Planned::always(Fault::FrequencyOffset { port: 1, hertz: 20.0 })];
        let sound = heard(&mut Faults::new(3, plan), 500, |at| tone(1000.0, at));
        let sound = &sound[800..];
        assert!(level_at(sound, 1020.0) > 7600.0);
        assert!(level_at(sound, 1000.0) < 200.0);
        assert!(level_at(sound, 980.0) < 200.0);
    }

    #[test]
    fn an_echo_comes_back_later_and_weaker() {
        let plan = vec![Planned::always(Fault::Echo { port: 1, loss_db: 6.0206, delay_samples: 10 })];
        let mut faults = Faults::new(3, plan);
        faults.step();
        let mut said = [0; 8];
        said[3] = 1000;
        let mut all = Vec::new();
        for ms in 0..3 {
            let mut sound = [0; 8];
            faults.spoil(1, if ms == 0 { &said } else { &[0; 8] }, &mut sound);
            all.extend(sound);
        }
        let expected: Vec<i16> = (0..24).map(|at| if at == 13 { 500 } else { 0 }).collect();
        assert_eq!(all, expected);
    }

    #[test]
    fn clipping_cuts_peaks_only() {
        let plan = vec![Planned::always(Fault::Clipping { port: 1, peak: 100 })];
        let sound = heard(&mut Faults::new(3, plan), 1, |at| at as i16 * 50 - 200);
        assert_eq!(sound, [-100, -100, -100, -50, 0, 50, 100, 100]);
    }
}
