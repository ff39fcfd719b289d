//! The FXO module: a Si3050 with a Si3019 line side. It terminates a line of the exchange, as a telephone does.
//!
//! Source: Si3050 + Si3018/Si3019 data sheet, register summary. Registers it does not interpret are storage.
//!
//! | seen on the line | shown to the driver |
//! |---|---|
//! | battery | register 29, signed volts, slowly following; 0 within 3 V of nothing |
//! | loop current, off hook | registers 28 and 12 |
//! | ringing | register 5: bit 5 in positive half waves, bit 6 in negative ones if asked for, bit 2 for seconds after |
//! | no line side, or no power for it | register 11 high digit 0, all of the above 0 |

use super::bridge::Frames;
use super::codec::{Format, Gain};
use super::pcm::Slot;
use super::serial::Registers;
use crate::fault::{Flaws, PortNow};
use crate::network::{TrunkFeed, TrunkLoad};

const CONTROL_1: usize = 1;
const CONTROL_2: usize = 2;
const INTERRUPT_SOURCE: usize = 4;
const DAA_CONTROL_1: usize = 5;
const DAA_CONTROL_2: usize = 6;
const DAA_CONTROL_3: usize = 10;
const CHIP_ID: usize = 11;
const LINE_STATUS: usize = 12;
const LINE_REVISION: usize = 13;
const MUTE: usize = 15;
const INTERNATIONAL_1: usize = 16;
const INTERNATIONAL_2: usize = 17;
const INTERNATIONAL_3: usize = 18;
const LOOP_CURRENT: usize = 28;
const LINE_VOLTAGE: usize = 29;
const DAA_CONTROL_5: usize = 31;
const PCM_MODE: usize = 33;
const TRANSMIT_START: usize = 34;
const RECEIVE_START: usize = 36;
const TRANSMIT_GAIN: [usize; 2] = [38, 40];
const RECEIVE_GAIN: [usize; 2] = [39, 41];
const REGISTERS: usize = 60;

/// Control 1: back to the defaults.
const SOFTWARE_RESET: u8 = 1 << 7;
/// Control 2: the receive path (line to host) works.
const RECEIVE_ENABLE: u8 = 1 << 0;
/// DAA control 1: off hook.
const OFF_HOOK: u8 = 1 << 0;
/// DAA control 1: a ring was seen, and not long ago.
const RING_DETECT: u8 = 1 << 2;
/// DAA control 1: listens to the line while on hook.
const ON_HOOK_MONITOR: u8 = 1 << 3;
/// DAA control 1: a positive half wave of ringing now.
const RING_POSITIVE: u8 = 1 << 5;
/// DAA control 1: a negative half wave of ringing now.
const RING_NEGATIVE: u8 = 1 << 6;
/// DAA control 2: no power for the line side.
const LINE_SIDE_DOWN: u8 = 1 << 4;
/// DAA control 3: what the host sends goes straight back to it, code for code.
const DIGITAL_LOOPBACK: u8 = 1 << 0;
const MUTE_TRANSMIT: u8 = 1 << 7;
const MUTE_RECEIVE: u8 = 1 << 3;
/// International 1: the higher of the two lower ring thresholds.
const RING_THRESHOLD: u8 = 1 << 0;
/// International 2: recalibrate; clears itself.
const RECALIBRATE: u8 = 1 << 7;
/// International 2: the highest ring threshold.
const RING_THRESHOLD_2: u8 = 1 << 4;
/// International 3: both half waves of ringing are shown.
const FULL_WAVE: u8 = 1 << 1;
/// DAA control 5: register 29 shows small voltages, too.
const SMALL_VOLTAGES: u8 = 1 << 0;
const PCM_ENABLE: u8 = 1 << 5;

const SOURCE_RING: u8 = 1 << 7;
const SOURCE_LINK_LOSS: u8 = 1 << 5;
const SOURCE_DROP_OUT: u8 = 1 << 3;
const SOURCE_POLARITY: u8 = 1 << 0;

/// System side revision, in the low digit of register 11.
const REVISION: u8 = 0x03;
/// Si3019 line side, in the high digit of register 11.
const LINE_SIDE_SI3019: u8 = 0x30;
/// Line side revision, bits 5:2 of register 13; bit 6 is always set.
const LINE_SIDE_REVISION: u8 = 0x40 | 0x05 << 2;
/// Start-up time of the line side, in milliseconds.
const LINK_UP_MS: u32 = 20;
/// Time ring detect stays set after the last half wave, in milliseconds (4.5 to 9 s).
const RING_HOLD_MS: u32 = 5_000;
/// A ringing cycle, and how much of it each half wave is above the threshold, in parts.
const RING_CYCLE: u32 = 1_000_000;
const HALF_WAVE: u32 = 450_000;
/// Battery left at the module by a closed loop, in volts, and the resistance of line and exchange in ohms.
const OFF_HOOK_VOLTS: f32 = 7.0;
const LOOP_OHMS: f32 = 1_800.0;
/// Part of the way to its value that the voltage register covers each millisecond.
const VOLTAGE_FOLLOWS: f32 = 0.125;

/// An FXO module.
#[derive(Debug, Clone)]
pub(super) struct Fxo {
    registers: [u8; REGISTERS],
    link_ms: u32,
    /// The battery as seen through the filter of register 29.
    volts: f32,
    current_ma: f32,
    ring_phase: u32,
    ringing: bool,
    ring_hold_ms: u32,
    off_hook_ms: u32,
    positive: Option<bool>,
    /// Sound of the host from the bus in this millisecond.
    from_host: Frames,
    flaws: Flaws,
    transmit: Gain,
    receive: Gain,
}

impl Default for Fxo {
    fn default() -> Self {
        let mut registers = [0; REGISTERS];
        for (register, value) in
            [(CONTROL_2, 0x03), (DAA_CONTROL_2, 0x10), (22, 0x96), (23, 0x2d), (24, 0x19), (DAA_CONTROL_5, 0x20)]
        {
            registers[register] = value;
        }
        Fxo {
            registers,
            link_ms: 0,
            volts: 0.0,
            current_ma: 0.0,
            ring_phase: 0,
            ringing: false,
            ring_hold_ms: 0,
            off_hook_ms: 0,
            positive: None,
            from_host: [u32::MAX; 8],
            flaws: Flaws::default(),
            transmit: Gain::UNITY,
            receive: Gain::UNITY,
        }
    }
}

impl Fxo {
    /// Load of the module on its line in this millisecond, with the host's sound from the bus.
    pub(super) fn present(&mut self, frames: &Frames, broken: &PortNow) -> TrunkLoad {
        if broken.link_lost && self.link_up() {
            self.registers[INTERRUPT_SOURCE] |= SOURCE_LINK_LOSS;
        }
        let powered = self.registers[DAA_CONTROL_2] & LINE_SIDE_DOWN == 0 && !broken.link_lost;
        self.link_ms = if powered { (self.link_ms + 1).min(LINK_UP_MS) } else { 0 };
        let off_hook = self.link_up() && self.registers[DAA_CONTROL_1] & OFF_HOOK != 0;
        self.off_hook_ms = if off_hook { self.off_hook_ms.saturating_add(1) } else { 0 };
        (self.from_host, self.flaws) = (*frames, broken.flaws);
        let mut sound = [0; 8];
        let speaks = off_hook && self.off_hook_ms > self.off_hook_counter_ms();
        if speaks
            && self.registers[MUTE] & MUTE_TRANSMIT == 0
            && let Some(slot) = self.slot(RECEIVE_START)
        {
            sound = slot.take(frames);
            self.transmit.apply(&mut sound);
        }
        TrunkLoad { off_hook, sound }
    }

    /// Takes what the line does in this millisecond, and puts what it hears on the bus.
    pub(super) fn listen(&mut self, feed: &TrunkFeed, frames: &mut Frames, broken: &PortNow) {
        let cut = TrunkFeed::default();
        let feed = if broken.cut_line || !self.link_up() { &cut } else { feed };
        self.follow_voltage(feed.battery_volts);
        self.follow_ringing(feed.ringing_volts, feed.ringing_hertz);
        let listens = self.off_hook_ms > self.off_hook_counter_ms()
            || self.off_hook_ms == 0 && self.registers[DAA_CONTROL_1] & ON_HOOK_MONITOR != 0;
        if let Some(slot) = self.slot(TRANSMIT_START) {
            if self.registers[DAA_CONTROL_3] & DIGITAL_LOOPBACK != 0
                && let Some(received) = self.slot(RECEIVE_START)
            {
                return slot.put_codes(&received.take_codes(&self.from_host), frames);
            }
            let mut sound = [0; 8];
            if listens && self.registers[MUTE] & MUTE_RECEIVE == 0 && self.registers[CONTROL_2] & RECEIVE_ENABLE != 0 {
                sound = feed.sound;
                self.receive.apply(&mut sound);
            }
            slot.put(&sound, frames);
        }
    }

    fn link_up(&self) -> bool {
        self.link_ms == LINK_UP_MS
    }

    fn follow_voltage(&mut self, battery: f32) {
        let closed = self.off_hook_ms > 0;
        let seen = if closed { battery.clamp(-OFF_HOOK_VOLTS, OFF_HOOK_VOLTS) } else { battery };
        self.volts += (seen - self.volts) * VOLTAGE_FOLLOWS;
        if (seen - self.volts).abs() < 0.5 {
            self.volts = seen;
        }
        let was = self.current_ma;
        self.current_ma = if closed { (battery.abs() - OFF_HOOK_VOLTS).max(0.0) / LOOP_OHMS * 1_000.0 } else { 0.0 };
        if closed && was > 0.0 && self.current_ma == 0.0 {
            self.registers[INTERRUPT_SOURCE] |= SOURCE_DROP_OUT;
        }
        if self.volts.abs() > 3.0 {
            let positive = self.volts > 0.0;
            if self.positive.replace(positive).is_some_and(|was| was != positive) {
                self.registers[INTERRUPT_SOURCE] |= SOURCE_POLARITY;
            }
        }
    }

    fn follow_ringing(&mut self, volts: f32, hertz: f32) {
        // International 1 and 2 choose between about 15, 21.5 and 45 V.
        let threshold = match (
            self.registers[INTERNATIONAL_2] & RING_THRESHOLD_2 != 0,
            self.registers[INTERNATIONAL_1] & RING_THRESHOLD != 0,
        ) {
            (false, false) => 15.0,
            (false, true) => 21.5,
            (true, _) => 45.0,
        };
        let rings = self.off_hook_ms == 0 && volts > threshold;
        if rings {
            if !self.ringing {
                self.ring_phase = 0;
                self.registers[INTERRUPT_SOURCE] |= SOURCE_RING;
            } else {
                // Thousandths of a cycle a second are millionths of a cycle a millisecond.
                self.ring_phase = (self.ring_phase + (hertz * 1_000.0) as u32) % RING_CYCLE;
            }
            self.ring_hold_ms = RING_HOLD_MS;
        } else {
            self.ring_hold_ms = if self.off_hook_ms > 0 { 0 } else { self.ring_hold_ms.saturating_sub(1) };
        }
        self.ringing = rings;
    }

    /// The read-only bits of register 5.
    fn ring_bits(&self) -> u8 {
        let mut bits = if self.ring_hold_ms > 0 { RING_DETECT } else { 0 };
        if self.ringing && self.ring_phase < HALF_WAVE {
            bits |= RING_POSITIVE;
        }
        let negative = (RING_CYCLE / 2..RING_CYCLE / 2 + HALF_WAVE).contains(&self.ring_phase);
        if self.ringing && negative && self.registers[INTERNATIONAL_3] & FULL_WAVE != 0 {
            bits |= RING_NEGATIVE;
        }
        bits
    }

    /// Time after going off hook without sound: bits 6:5 of DAA control 5.
    fn off_hook_counter_ms(&self) -> u32 {
        match self.registers[DAA_CONTROL_5] >> 5 & 0b11 {
            0b00 => 512,
            0b01 => 128,
            0b10 => 64,
            _ => 8,
        }
    }

    /// Place of a direction's samples on the bus; `None` while the module keeps off it.
    fn slot(&self, start: usize) -> Option<Slot> {
        let mode = self.registers[PCM_MODE];
        let start = u16::from_le_bytes([self.registers[start], self.registers[start + 1] & 0x03]);
        (mode & PCM_ENABLE != 0).then_some(Slot { start, format: Format::from_mode(mode) })
    }

    fn line_voltage(&self) -> u8 {
        if !self.link_up() || (self.volts.abs() <= 3.0 && self.registers[DAA_CONTROL_5] & SMALL_VOLTAGES == 0) {
            return 0;
        }
        (self.volts.round().clamp(-128.0, 127.0) as i8) as u8
    }

    /// A coarse gain in dB and a fine one in tenths; bit 4 of each makes it a loss.
    fn gain(&self, [coarse, fine]: [usize; 2]) -> Gain {
        let db = |register: u8| {
            let amount = f32::from(register & 0x0f);
            if register & 0x10 != 0 { -amount } else { amount }
        };
        Gain::from_db(db(self.registers[coarse]) + db(self.registers[fine]) / 10.0)
    }
}

impl Registers for Fxo {
    fn read(&mut self, register: u8) -> u8 {
        let bad = self.flaws.register.filter(|(flawed, _)| *flawed == register).map_or(0, |(_, bits)| bits);
        let register = usize::from(register);
        let Some(&stored) = self.registers.get(register) else { return 0 };
        let value = match register {
            DAA_CONTROL_1 => stored | self.ring_bits(),
            CHIP_ID if self.link_up() => LINE_SIDE_SI3019 | REVISION,
            CHIP_ID => REVISION,
            LINE_STATUS if self.link_up() => 1 << 6 | ((self.current_ma / 3.3).round() as u8).min(0x1f),
            LINE_REVISION if self.link_up() => LINE_SIDE_REVISION,
            LINE_STATUS | LINE_REVISION => 0,
            LOOP_CURRENT => (self.current_ma / 1.1).round().min(255.0) as u8,
            LINE_VOLTAGE => self.line_voltage(),
            _ => stored,
        };
        value & !bad
    }

    fn write(&mut self, register: u8, value: u8) {
        let register = usize::from(register);
        match register {
            CONTROL_1 if value & SOFTWARE_RESET != 0 => *self = Fxo::default(),
            INTERRUPT_SOURCE => self.registers[INTERRUPT_SOURCE] &= value,
            DAA_CONTROL_1 => self.registers[DAA_CONTROL_1] = value & (OFF_HOOK | ON_HOOK_MONITOR),
            DAA_CONTROL_2 => {
                if value & LINE_SIDE_DOWN != 0 && self.link_up() {
                    self.registers[INTERRUPT_SOURCE] |= SOURCE_LINK_LOSS;
                }
                self.registers[DAA_CONTROL_2] = value;
            }
            INTERNATIONAL_2 => self.registers[INTERNATIONAL_2] = value & !RECALIBRATE,
            CHIP_ID | LINE_STATUS | LINE_REVISION | LOOP_CURRENT | LINE_VOLTAGE => {}
            REGISTERS.. => {}
            _ => {
                self.registers[register] = value;
                self.transmit = self.gain(TRANSMIT_GAIN);
                self.receive = self.gain(RECEIVE_GAIN);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought_up() -> Fxo {
        let mut fxo = Fxo::default();
        for (register, value) in [(33, 0x20), (34, 24), (36, 24), (24, 0x19), (6, 0), (5, 0x08), (31, 0xa3)] {
            fxo.write(register, value);
        }
        live(&mut fxo, 100, &idle());
        fxo
    }

    fn idle() -> TrunkFeed {
        TrunkFeed { battery_volts: 48.0, ..TrunkFeed::default() }
    }

    /// Runs for that many milliseconds; returns the last load and the host's sound in the last one.
    fn live(fxo: &mut Fxo, ms: u32, feed: &TrunkFeed) -> (TrunkLoad, Frames) {
        let mut last = (TrunkLoad::default(), [0; 8]);
        for _ in 0..ms {
            let mut frames = [u32::MAX; 8];
            let load = fxo.present(&[0xd5d5_d512; 8], &PortNow::default());
            fxo.listen(feed, &mut frames, &PortNow::default());
            last = (load, frames);
        }
        last
    }

    #[test]
    fn identification_and_link() {
        let mut fxo = Fxo::default();
        assert_eq!(fxo.read(2), 0x03);
        assert_eq!(fxo.read(11) >> 4, 0);
        fxo.write(6, 0);
        live(&mut fxo, 100, &idle());
        assert_eq!(fxo.read(11), 0x33);
        assert_eq!(fxo.read(13) & 0x40, 0x40);
        fxo.write(1, 0x80);
        assert_eq!((fxo.read(1), fxo.read(6), fxo.read(11) >> 4), (0, 0x10, 0));
    }

    #[test]
    fn idle_voltage_has_the_sign_of_its_polarity() {
        let mut fxo = brought_up();
        assert_eq!(fxo.read(29) as i8, 48);
        assert_eq!(fxo.read(5), 0x08);
        live(&mut fxo, 100, &TrunkFeed { battery_volts: -48.0, ..TrunkFeed::default() });
        assert_eq!(fxo.read(29) as i8, -48);
        live(&mut fxo, 100, &TrunkFeed::default());
        assert_eq!(fxo.read(29), 0);
    }

    #[test]
    fn off_hook_draws_current_and_lets_sound_pass_after_its_counter() {
        let mut fxo = brought_up();
        fxo.write(5, 0x09);
        let feed = TrunkFeed { sound: [Format::ALaw.decode(0x34); 8], ..idle() };
        let (load, frames) = live(&mut fxo, 128, &feed);
        assert!(load.off_hook);
        assert_eq!((load.sound, frames), ([0; 8], [0xffff_ffd5; 8]));
        let (load, frames) = live(&mut fxo, 1, &feed);
        assert_eq!(load.sound, [Format::ALaw.decode(0x12); 8]);
        assert_eq!(frames, [0xffff_ff34; 8]);
        assert_eq!(fxo.read(29), 7);
        assert!((20..=30).contains(&fxo.read(28)));
        assert_eq!(fxo.read(12) & 0x40, 0x40);
        assert!((6..=9).contains(&(fxo.read(12) & 0x1f)));
    }

    #[test]
    fn ringing_shows_positive_half_waves_and_is_remembered() {
        let mut fxo = brought_up();
        let ringing = TrunkFeed { ringing_volts: 75.0, ..idle() };
        let mut shown = 0;
        for _ in 0..400 {
            live(&mut fxo, 1, &ringing);
            let bits = fxo.read(5);
            assert_eq!(bits & !(RING_POSITIVE | RING_DETECT), 0x08);
            shown += u32::from(bits & RING_POSITIVE != 0);
        }
        assert_eq!(shown, 180);
        assert_eq!(fxo.read(29) as i8, 48, "steady while ringing");
        live(&mut fxo, 4_999, &idle());
        assert_eq!(fxo.read(5), 0x08 | RING_DETECT);
        live(&mut fxo, 1, &idle());
        assert_eq!(fxo.read(5), 0x08);
    }

    #[test]
    fn half_waves_come_as_often_as_the_line_rings() {
        for hertz in [16.0, 20.0, 25.0, 50.0] {
            let mut fxo = brought_up();
            let ringing = TrunkFeed { ringing_volts: 75.0, ringing_hertz: hertz, ..idle() };
            let mut last = false;
            let mut begun = 0;
            for _ in 0..2_000 {
                live(&mut fxo, 1, &ringing);
                let shown = fxo.read(5) & RING_POSITIVE != 0;
                begun += u32::from(shown && !last);
                last = shown;
            }
            assert_eq!(begun, 2 * hertz as u32, "{hertz} Hz for 2 s");
        }
    }

    #[test]
    fn the_digital_loopback_gives_every_code_back_as_it_came() {
        let mut fxo = brought_up();
        fxo.write(10, 1);
        for code in 0..=255u8 {
            let mut frames = [u32::MAX; 8];
            let word = 0xd5d5_d500 | u32::from(code);
            fxo.present(&[word; 8], &PortNow::default());
            fxo.listen(&idle(), &mut frames, &PortNow::default());
            assert_eq!(frames, [0xffff_ff00 | u32::from(code); 8]);
        }
    }

    #[test]
    fn a_ring_below_the_threshold_is_not_seen() {
        let mut fxo = brought_up();
        fxo.write(16, 0x01);
        live(&mut fxo, 10, &TrunkFeed { ringing_volts: 18.0, ..idle() });
        assert_eq!(fxo.read(5), 0x08);
        fxo.write(16, 0x00);
        live(&mut fxo, 10, &TrunkFeed { ringing_volts: 18.0, ..idle() });
        assert_ne!(fxo.read(5), 0x08);
    }

    #[test]
    fn the_full_wave_detector_shows_both_half_waves() {
        let mut fxo = brought_up();
        fxo.write(18, 0x02);
        let mut seen = [false; 2];
        for _ in 0..40 {
            live(&mut fxo, 1, &TrunkFeed { ringing_volts: 75.0, ..idle() });
            let bits = fxo.read(5);
            seen[0] |= bits & RING_POSITIVE != 0;
            seen[1] |= bits & RING_NEGATIVE != 0;
            assert_ne!(bits & (RING_POSITIVE | RING_NEGATIVE), RING_POSITIVE | RING_NEGATIVE);
        }
        assert_eq!(seen, [true; 2]);
    }

    #[test]
    fn on_hook_the_line_is_heard_only_when_monitored() {
        let mut fxo = brought_up();
        let feed = TrunkFeed { sound: [Format::ALaw.decode(0x34); 8], ..idle() };
        assert_eq!(live(&mut fxo, 1, &feed).1, [0xffff_ff34; 8]);
        fxo.write(5, 0);
        assert_eq!(live(&mut fxo, 1, &feed).1, [0xffff_ffd5; 8]);
        fxo.write(33, 0);
        assert_eq!(live(&mut fxo, 1, &feed).1, [u32::MAX; 8], "off the bus");
    }

    #[test]
    fn losing_the_battery_during_a_call_ends_the_current() {
        let mut fxo = brought_up();
        fxo.write(5, 0x09);
        live(&mut fxo, 300, &idle());
        live(&mut fxo, 300, &TrunkFeed::default());
        assert_eq!((fxo.read(28), fxo.read(29), fxo.read(12)), (0, 0, 0x40));
        assert_eq!(fxo.read(4), SOURCE_DROP_OUT);
        fxo.write(4, 0);
        assert_eq!(fxo.read(4), 0);
    }

    #[test]
    fn gains_are_coarse_decibels_and_fine_tenths() {
        let mut fxo = brought_up();
        for (register, value) in [(38, 0x10), (39, 0x10), (40, 0x10), (41, 0x10)] {
            fxo.write(register, value);
        }
        assert_eq!((fxo.transmit, fxo.receive), (Gain::UNITY, Gain::UNITY));
        fxo.write(39, 0x16);
        fxo.write(41, 0x05);
        assert_eq!(fxo.receive, Gain::from_db(-5.5));
    }
}
