//! The TigerJet TJ320: registers, two DMA rings, and the glue logic behind its local bus.
//!
//! One frame is one 32-bit word, 8,000 times a second: one is read from the transmit ring (memory to line), one is
//! written to the receive ring (line to memory). The octets of a word are the PCM bus after frame sync, first octet on
//! the bus in bits 31 to 24.
//!
//! Never: knows what a module is. The pins of the serial bus leave here as levels, and its answer comes back as one.

use super::dma_ring::Ring;
use crate::guest_memory::GuestMemory;

/// Register offsets, the same in both BARs. Octets, unless a width is given.
pub(super) mod register {
    /// Resets, local bus timing and DMA mode.
    pub(crate) const CNTL: u64 = 0x00;
    /// DMA on and off.
    pub(crate) const OPER: u64 = 0x01;
    /// AUX pin directions, 1 for output.
    pub(crate) const AUXC: u64 = 0x02;
    /// AUX pin output levels.
    pub(crate) const AUXD: u64 = 0x03;
    /// Enables for the bits of [`INTSTAT`].
    pub(crate) const MASK0: u64 = 0x04;
    /// Enables for the AUX pins as interrupts.
    pub(crate) const MASK1: u64 = 0x05;
    /// DMA and bus events; cleared by writing 1.
    pub(crate) const INTSTAT: u64 = 0x06;
    /// The levels of the AUX pins now.
    pub(crate) const AUXR: u64 = 0x07;
    /// First word of the transmit ring, 32 bits; interrupt, end and current addresses follow.
    pub(crate) const TX: u64 = 0x08;
    /// First word of the receive ring, 32 bits; interrupt, end and current addresses follow.
    pub(crate) const RX: u64 = 0x18;
    /// Polarity of the AUX pins as interrupts.
    pub(crate) const AUX_POLARITY: u64 = 0x2a;
    /// Address of the 16 octets of the local bus; one every 4 octets.
    pub(crate) const LOCAL_BUS: u64 = 0xc0;
    /// The end of the registers; the memory BAR is longer and empty from here on.
    pub(crate) const END: u64 = 0x100;
}

/// CNTL, bit 0: the external reset pin; 0 holds the modules in reset.
pub(super) const CNTL_RELEASE: u8 = 1 << 0;
const CNTL_RESET_DMA: u8 = 1 << 1;
const CNTL_RESET_SERIAL: u8 = 1 << 2;
const CNTL_LATCH_EVENTS: u8 = 1 << 6;
const CNTL_STOP_AT_END: u8 = 1 << 7;

const OPER_RUN: u8 = 1 << 0;
const OPER_RESTART: u8 = 1 << 1;

/// INTSTAT: the word at the transmit ring's interrupt address was read.
pub(super) const EVENT_TX_INTERRUPT: u8 = 1 << 0;
/// INTSTAT: the word at the transmit ring's end address was read.
pub(super) const EVENT_TX_END: u8 = 1 << 1;
/// INTSTAT: the word at the receive ring's interrupt address was written.
pub(super) const EVENT_RX_INTERRUPT: u8 = 1 << 2;
/// INTSTAT: the word at the receive ring's end address was written.
pub(super) const EVENT_RX_END: u8 = 1 << 3;
/// INTSTAT: master abort, no target at a bus address.
pub(super) const EVENT_MASTER_ABORT: u8 = 1 << 4;
/// INTSTAT: whoever answered at a bus address refused.
pub(super) const EVENT_TARGET_ABORT: u8 = 1 << 5;

/// AUX pin 2: module select, active low.
pub(super) const PIN_SELECT: u8 = 1 << 2;
/// AUX pin 3: serial clock, idle high.
pub(super) const PIN_CLOCK: u8 = 1 << 3;
/// AUX pin 4: serial data to the modules.
pub(super) const PIN_DATA_OUT: u8 = 1 << 4;
/// AUX pin 5: serial data from the modules.
pub(super) const PIN_DATA_IN: u8 = 1 << 5;

/// Local bus: frame sync shape, and which modules the driver has found.
const GLUE_SYNC: usize = 0;
/// Local bus: a scratch octet.
const GLUE_TEST: usize = 1;
/// Local bus: which modules the select pin goes to, one bit a port.
const GLUE_SELECT: usize = 2;
/// Local bus: version of the glue logic, read-only.
const GLUE_VERSION: usize = 3;
/// Version register of a present-day card.
const VERSION: u8 = 0x73;

/// Words of one millisecond.
pub(super) type Frames = [u32; 8];

/// The bridge chip and the glue logic.
#[derive(Debug, Clone)]
pub(super) struct Bridge {
    control: u8,
    operation: u8,
    aux_direction: u8,
    aux_output: u8,
    mask0: u8,
    mask1: u8,
    events: u8,
    transmit: Ring,
    receive: Ring,
    /// 0x28 to 0x2f: pulse counter, AUX functions, serial port. Stored and read back.
    stored: [u8; 8],
    local: [u8; 16],
    /// The level the modules put on [`PIN_DATA_IN`].
    data_in: bool,
    strict_events: bool,
}

/// Effect of a register write on the rest of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing beyond the register.
    None,
    /// The modules are in reset from now on, or no longer.
    Reset {
        /// True while they are held in reset.
        held: bool,
    },
    /// The pins of the serial bus may have moved.
    Pins,
}

impl Bridge {
    /// A bridge after power-up: modules in reset, nothing running, no interrupt enabled.
    ///
    /// With `strict_events`, events that are not latched (CNTL bit 6 clear) vanish after a frame as on the chip;
    /// without, they stay until acknowledged, which spares guests with jittery clocks lost interrupts.
    pub(super) fn new(strict_events: bool) -> Bridge {
        let mut local = [0xff; 16];
        local[GLUE_SYNC] = 0;
        local[GLUE_TEST] = 0;
        local[GLUE_SELECT] = 0;
        local[GLUE_VERSION] = VERSION;
        Bridge {
            control: 0,
            operation: 0,
            aux_direction: 0,
            aux_output: 0,
            mask0: 0,
            mask1: 0,
            events: 0,
            transmit: Ring::default(),
            receive: Ring::default(),
            stored: [0; 8],
            local,
            data_in: true,
            strict_events,
        }
    }

    /// As after power-up.
    pub(super) fn reset(&mut self) {
        *self = Bridge::new(self.strict_events);
    }

    /// Reads one octet. Beyond the registers all ones.
    pub(super) fn read(&mut self, offset: u64) -> u8 {
        match offset {
            register::CNTL => self.control,
            register::OPER => self.operation,
            register::AUXC => self.aux_direction,
            register::AUXD => self.aux_output,
            register::MASK0 => self.mask0,
            register::MASK1 => self.mask1,
            register::INTSTAT => self.events,
            register::AUXR => self.pins(),
            0x08..0x18 => self.transmit.read(offset - register::TX),
            0x18..0x28 => self.receive.read(offset - register::RX),
            0x28..0x30 => self.stored[(offset - 0x28) as usize],
            register::LOCAL_BUS..register::END if offset.is_multiple_of(4) => {
                self.local[((offset - register::LOCAL_BUS) / 4) as usize]
            }
            _ => 0xff,
        }
    }

    /// Writes one octet.
    pub(super) fn write(&mut self, offset: u64, value: u8) -> Effect {
        match offset {
            register::CNTL => return self.write_control(value),
            register::OPER => {
                let starts = value & OPER_RUN != 0 && self.operation & OPER_RUN == 0;
                self.operation = value & (OPER_RUN | OPER_RESTART);
                if starts {
                    self.transmit.begin();
                    self.receive.begin();
                }
                if value & OPER_RESTART != 0 {
                    self.rewind();
                }
            }
            register::AUXC => {
                self.aux_direction = value;
                return Effect::Pins;
            }
            register::AUXD => {
                self.aux_output = value;
                return Effect::Pins;
            }
            register::MASK0 => self.mask0 = value,
            register::MASK1 => self.mask1 = value,
            register::INTSTAT => self.events &= !value,
            0x08..0x18 => self.transmit.write(offset - register::TX, value),
            0x18..0x28 => self.receive.write(offset - register::RX, value),
            0x28..0x30 => self.stored[(offset - 0x28) as usize] = value,
            register::LOCAL_BUS..register::END if offset.is_multiple_of(4) => {
                let local = ((offset - register::LOCAL_BUS) / 4) as usize;
                if local < GLUE_VERSION {
                    self.local[local] = value;
                }
            }
            _ => {}
        }
        Effect::None
    }

    fn write_control(&mut self, value: u8) -> Effect {
        let was_held = self.modules_held();
        self.control = value;
        if value & CNTL_RESET_DMA != 0 {
            self.rewind();
        }
        match self.modules_held() {
            held if held != was_held => Effect::Reset { held },
            _ => Effect::None,
        }
    }

    fn rewind(&mut self) {
        self.transmit.rewind();
        self.receive.rewind();
    }

    /// Returns true while the modules are held in reset.
    pub(super) fn modules_held(&self) -> bool {
        self.control & CNTL_RELEASE == 0
    }

    /// The levels of all AUX pins: outputs as driven, the serial answer on its pin, other inputs pulled up.
    pub(super) fn pins(&self) -> u8 {
        let inputs = if self.data_in { 0xff } else { !PIN_DATA_IN };
        self.aux_output & self.aux_direction | inputs & !self.aux_direction
    }

    /// Octet of the modules on the serial answer pin.
    pub(super) fn set_data_in(&mut self, level: bool) {
        self.data_in = level;
    }

    /// Modules that the select pin goes to, one bit a port.
    pub(super) fn selected(&self) -> u8 {
        self.local[GLUE_SELECT]
    }

    /// Returns true while DMA runs.
    pub(super) fn running(&self) -> bool {
        self.operation & OPER_RUN != 0 && self.control & CNTL_RESET_DMA == 0
    }

    /// Returns true while the serial port to the PCM bus is held in reset: no sound in either direction.
    pub(super) fn pcm_held(&self) -> bool {
        self.control & CNTL_RESET_SERIAL != 0
    }

    /// The number of frames in the shorter ring.
    pub(super) fn ring_frames(&self) -> u32 {
        self.transmit.words().min(self.receive.words())
    }

    /// Returns true if an interrupt is requested.
    pub(super) fn interrupt(&self) -> bool {
        // An AUX pin interrupts while it is at the level its polarity bit names; outputs never do.
        let polarity = self.stored[(register::AUX_POLARITY - 0x28) as usize];
        let aux = !(self.pins() ^ polarity) & !self.aux_direction;
        self.events & self.mask0 != 0 || aux & self.mask1 != 0
    }

    /// Returns true if the driver has serviced the last millisecond: where it enabled interrupts, it has acknowledged
    /// the last; and where it did not, or follows the positions all the same, it has read them since.
    pub(super) fn taken(&self) -> bool {
        let dma_events = EVENT_TX_INTERRUPT | EVENT_TX_END | EVENT_RX_INTERRUPT | EVENT_RX_END;
        if !self.running() {
            return true;
        }
        // A driver that compares both positions must not find a step between them.
        let seen = self.transmit.is_seen() && self.receive.is_seen();
        let watched = self.transmit.is_watched() || self.receive.is_watched();
        seen && if self.mask0 & dma_events != 0 { self.events & self.mask0 == 0 } else { watched }
    }

    /// Sets event bits, as when a bus access ended badly.
    pub(super) fn raise(&mut self, events: u8) {
        self.events |= events;
    }

    /// The event bits now.
    pub(super) fn events(&self) -> u8 {
        self.events
    }

    /// Goes back to the event bits of an earlier moment, as if nothing had happened since.
    pub(super) fn forget_events_since(&mut self, before: u8) {
        self.events &= before;
    }

    /// Reads the next millisecond from the transmit ring without moving on; words that cannot be read are all ones.
    /// Returns the words, and whether all could be read.
    pub(super) fn fetch(&self, memory: &GuestMemory) -> (Frames, bool) {
        let mut ring = self.transmit;
        let mut whole = true;
        let frames = std::array::from_fn(|_| {
            let Some(address) = ring.word() else { return u32::MAX };
            let word = memory.read_u32(address);
            ring.advance(self.control & CNTL_STOP_AT_END != 0);
            whole &= word.is_some();
            word.unwrap_or(u32::MAX)
        });
        (frames, whole)
    }

    /// Writes a millisecond to the receive ring, moves both rings on and raises their events, all of them at once.
    /// Returns whether all words could be written.
    pub(super) fn store(&mut self, frames: &Frames, memory: &GuestMemory) -> bool {
        let stop_at_end = self.control & CNTL_STOP_AT_END != 0;
        let keep = self.control & CNTL_LATCH_EVENTS != 0 || !self.strict_events;
        let ring_events = EVENT_TX_INTERRUPT | EVENT_TX_END | EVENT_RX_INTERRUPT | EVENT_RX_END;
        let mut whole = true;
        for &frame in frames {
            if !keep {
                self.events &= !ring_events;
            }
            if let Some(address) = self.receive.word() {
                whole &= memory.write_u32(address, frame);
                let passed = self.receive.advance(stop_at_end);
                self.events |= if passed.interrupt { EVENT_RX_INTERRUPT } else { 0 };
                self.events |= if passed.end { EVENT_RX_END } else { 0 };
            }
            if self.transmit.word().is_some() {
                let passed = self.transmit.advance(stop_at_end);
                self.events |= if passed.interrupt { EVENT_TX_INTERRUPT } else { 0 };
                self.events |= if passed.end { EVENT_TX_END } else { 0 };
            }
        }
        self.transmit.lived();
        self.receive.lived();
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    use nix::sys::memfd::{MFdFlags, memfd_create};

    const BUFFER: u32 = 0x0010_0000;

    fn buffer() -> (GuestMemory, File) {
        let file = File::from(memfd_create("test", MFdFlags::MFD_CLOEXEC).unwrap());
        file.set_len(8192).unwrap();
        let mut memory = GuestMemory::default();
        memory.map(u64::from(BUFFER), 8192, file.try_clone().unwrap().into(), 0, true).unwrap();
        (memory, file)
    }

    fn write32(bridge: &mut Bridge, offset: u64, value: u32) {
        for (at, octet) in (offset..).zip(value.to_le_bytes()) {
            bridge.write(at, octet);
        }
    }

    fn read32(bridge: &mut Bridge, offset: u64) -> u32 {
        u32::from_le_bytes(std::array::from_fn(|at| bridge.read(offset + at as u64)))
    }

    /// Sets up rings of that many words and starts them: transmit at the buffer, receive 4 KiB on.
    fn start(bridge: &mut Bridge, control: u8, transmit_words: u32, receive_words: u32) {
        for (offset, base, words) in
            [(register::TX, BUFFER, transmit_words), (register::RX, BUFFER + 4096, receive_words)]
        {
            write32(bridge, offset, base);
            write32(bridge, offset + 4, base + words / 2 * 4 - 4);
            write32(bridge, offset + 8, base + words * 4 - 4);
        }
        bridge.write(register::MASK0, 0x3f);
        bridge.write(register::CNTL, 0x0f);
        bridge.write(register::CNTL, control);
        bridge.write(register::OPER, 1);
    }

    fn step(bridge: &mut Bridge, memory: &GuestMemory, receive: Frames) -> Frames {
        let (frames, whole) = bridge.fetch(memory);
        assert!(whole & bridge.store(&receive, memory));
        frames
    }

    #[test]
    fn the_register_test_of_the_glue_logic_passes() {
        let mut bridge = Bridge::new(false);
        assert_eq!(bridge.read(0xcc), 0x73);
        bridge.write(0xcc, 0);
        assert_eq!(bridge.read(0xcc), 0x73, "the version cannot be written");
        for value in 0..255 {
            bridge.write(0xc8, value);
            assert_eq!(bridge.read(0xc8), value);
            assert_eq!(bridge.selected(), value);
        }
        assert_eq!(bridge.read(0xc1), 0xff, "one octet every four");
        assert_eq!(bridge.read(0x100), 0xff);
    }

    #[test]
    fn events_of_equal_rings_come_in_pairs_and_alternate() {
        let (memory, _file) = buffer();
        let mut bridge = Bridge::new(false);
        start(&mut bridge, 0x01, 16, 16);
        assert!(!bridge.interrupt());
        for expected in [0x05, 0x0a, 0x05, 0x0a] {
            step(&mut bridge, &memory, [0; 8]);
            assert!(bridge.interrupt());
            assert_eq!(bridge.read(register::INTSTAT), expected);
            bridge.write(register::INTSTAT, expected);
            assert!(!bridge.interrupt());
        }
    }

    #[test]
    fn sound_goes_where_the_positions_say_and_wraps() {
        let (memory, file) = buffer();
        let mut bridge = Bridge::new(false);
        start(&mut bridge, 0x41, 16, 32);
        for word in 0..16u32 {
            file.write_all_at(&(word + 100).to_le_bytes(), u64::from(word) * 4).unwrap();
        }
        for ms in 0..6u32 {
            let frames = step(&mut bridge, &memory, std::array::from_fn(|frame| ms * 8 + frame as u32));
            assert_eq!(frames, std::array::from_fn(|frame| 100 + (ms * 8 + frame as u32) % 16));
            assert_eq!(read32(&mut bridge, 0x14), BUFFER + (ms + 1) * 8 % 16 * 4);
            assert_eq!(read32(&mut bridge, 0x24), BUFFER + 4096 + (ms + 1) * 8 % 32 * 4);
        }
        let mut octets = [0; 4];
        file.read_exact_at(&mut octets, 4096 + 4 * 4).unwrap();
        assert_eq!(u32::from_le_bytes(octets), 32 + 4, "the second time round");
        file.read_exact_at(&mut octets, 4096 + 20 * 4).unwrap();
        assert_eq!(u32::from_le_bytes(octets), 20);
    }

    #[test]
    fn rings_of_2_to_128_ms_carry_every_sample_and_tell_both_events_each_round() {
        for words in [16, 32, 64, 128, 192, 256, 512, 1024u32] {
            // Both rings alike, and the transmit ring of another size.
            for transmit_words in [words, 64] {
                let (memory, file) = buffer();
                let mut bridge = Bridge::new(false);
                start(&mut bridge, 0x41, transmit_words, words);
                for word in 0..transmit_words {
                    file.write_all_at(&(word + 7).to_le_bytes(), u64::from(word) * 4).unwrap();
                }
                let mut ends = [0; 4];
                for ms in 0..3 * words / 8 {
                    let frames = step(&mut bridge, &memory, std::array::from_fn(|frame| ms * 8 + frame as u32));
                    assert_eq!(frames, std::array::from_fn(|frame| (ms * 8 + frame as u32) % transmit_words + 7));
                    assert_eq!(read32(&mut bridge, 0x24), BUFFER + 4096 + (ms + 1) * 8 % words * 4, "{words} words");
                    let events = bridge.read(register::INTSTAT);
                    bridge.write(register::INTSTAT, events);
                    for (bit, count) in ends.iter_mut().enumerate() {
                        *count += u32::from(events >> bit & 1);
                    }
                }
                let rounds = 3 * words / transmit_words;
                assert!(ends[0].abs_diff(rounds) <= 1 && ends[1] == rounds, "{words}: {ends:?}");
                assert_eq!(ends[2..], [3, 3], "{words} words");
                let mut octets = vec![0; 4 * words as usize];
                file.read_exact_at(&mut octets, 4096).unwrap();
                let heard = octets.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap()));
                assert!(heard.eq(2 * words..3 * words), "the third round stands in a ring of {words} words");
            }
        }
    }

    #[test]
    fn the_interrupt_may_stand_anywhere_in_the_ring() {
        // As FreeBSD's driver for the same chip has it: 192 words, the interrupt at one third.
        let (memory, _file) = buffer();
        let mut bridge = Bridge::new(false);
        start(&mut bridge, 0x41, 192, 192);
        for offset in [register::TX, register::RX] {
            let start = read32(&mut bridge, offset);
            write32(&mut bridge, offset + 4, start + 64 * 4 - 4);
        }
        let mut told = Vec::new();
        for ms in 1..=48 {
            step(&mut bridge, &memory, [0; 8]);
            let events = bridge.read(register::INTSTAT);
            bridge.write(register::INTSTAT, events);
            if events != 0 {
                told.push((ms, events));
            }
        }
        assert_eq!(told, [(8, 0x05), (24, 0x0a), (32, 0x05), (48, 0x0a)]);
    }

    #[test]
    fn a_restart_by_oper_begins_again_at_the_start_and_goes_on() {
        let (memory, _file) = buffer();
        let mut bridge = Bridge::new(false);
        start(&mut bridge, 0x41, 32, 32);
        for _ in 0..3 {
            step(&mut bridge, &memory, [0; 8]);
        }
        assert_eq!(read32(&mut bridge, 0x24), BUFFER + 4096 + 24 * 4);
        bridge.write(register::OPER, 3);
        bridge.write(register::OPER, 1);
        assert!(bridge.running());
        assert_eq!((read32(&mut bridge, 0x14), read32(&mut bridge, 0x24)), (BUFFER, BUFFER + 4096));
        step(&mut bridge, &memory, [0; 8]);
        assert_eq!(read32(&mut bridge, 0x24), BUFFER + 4096 + 8 * 4);
        bridge.write(register::OPER, 0);
        assert!(!bridge.running());
        assert_eq!(read32(&mut bridge, 0x24), BUFFER + 4096 + 8 * 4, "stopped, it stands where it stood");
    }

    #[test]
    fn masks_decide_at_once_whether_what_is_pending_interrupts() {
        let (memory, _file) = buffer();
        let mut bridge = Bridge::new(false);
        start(&mut bridge, 0x41, 16, 16);
        bridge.write(register::MASK0, 0);
        step(&mut bridge, &memory, [0; 8]);
        assert_eq!((bridge.interrupt(), bridge.read(register::INTSTAT)), (false, 0x05), "it happened all the same");
        bridge.write(register::MASK0, 0x04);
        assert!(bridge.interrupt());
        bridge.write(register::INTSTAT, 0x04);
        assert!(!bridge.interrupt(), "what is left is masked");
        bridge.write(register::MASK0, 0x01);
        assert!(bridge.interrupt());
        bridge.write(register::MASK0, 0x3a);
        assert!(!bridge.interrupt());
    }

    #[test]
    fn an_aux_pin_interrupts_by_its_own_mask_and_polarity_if_it_is_an_input() {
        let mut bridge = Bridge::new(false);
        bridge.write(register::AUXC, 0xdf);
        bridge.write(register::MASK1, PIN_DATA_IN);
        bridge.write(register::AUX_POLARITY, PIN_DATA_IN);
        assert!(bridge.interrupt(), "the pin is high, as asked");
        bridge.set_data_in(false);
        assert!(!bridge.interrupt());
        bridge.write(register::AUX_POLARITY, 0);
        assert!(bridge.interrupt());
        bridge.write(register::AUXC, 0xff);
        assert!(!bridge.interrupt(), "an output never does");
    }

    #[test]
    fn unlatched_events_of_a_strict_bridge_vanish_after_their_frame() {
        let (memory, _file) = buffer();
        let mut bridge = Bridge::new(true);
        start(&mut bridge, 0x01, 32, 32);
        let mut seen = Vec::new();
        for _ in 0..4 {
            step(&mut bridge, &memory, [0; 8]);
            seen.push(bridge.read(register::INTSTAT));
        }
        assert_eq!(seen, [0, 0x05, 0, 0x0a], "present only while the word was the last");
        bridge.write(register::CNTL, 0x41);
        for _ in 0..4 {
            step(&mut bridge, &memory, [0; 8]);
        }
        assert_eq!(bridge.read(register::INTSTAT), 0x0f, "latched");
    }

    #[test]
    fn stop_at_end_stops_and_a_reset_rewinds() {
        let (memory, _file) = buffer();
        let mut bridge = Bridge::new(false);
        start(&mut bridge, 0x81, 16, 16);
        for _ in 0..3 {
            step(&mut bridge, &memory, [0; 8]);
        }
        assert_eq!(read32(&mut bridge, 0x14), BUFFER + 60);
        bridge.write(register::CNTL, 0x03);
        assert!(!bridge.running());
        assert_eq!(read32(&mut bridge, 0x14), BUFFER);
    }

    #[test]
    fn a_millisecond_is_taken_by_acknowledging_or_by_reading_a_position() {
        let (memory, _file) = buffer();
        let mut bridge = Bridge::new(false);
        assert!(bridge.taken());
        start(&mut bridge, 0x41, 16, 16);
        step(&mut bridge, &memory, [0; 8]);
        assert!(!bridge.taken());
        bridge.write(register::INTSTAT, 0x0f);
        assert!(bridge.taken());
        bridge.write(register::MASK0, 0);
        step(&mut bridge, &memory, [0; 8]);
        assert!(!bridge.taken());
        read32(&mut bridge, 0x24);
        assert!(bridge.taken());
        read32(&mut bridge, 0x14);
        step(&mut bridge, &memory, [0; 8]);
        read32(&mut bridge, 0x24);
        assert!(!bridge.taken(), "this driver reads both, and has read one");
        read32(&mut bridge, 0x14);
        assert!(bridge.taken());
    }

    #[test]
    fn memory_that_does_not_answer_is_told() {
        let memory = GuestMemory::default();
        let mut bridge = Bridge::new(false);
        start(&mut bridge, 0x41, 16, 16);
        assert_eq!(bridge.fetch(&memory), ([u32::MAX; 8], false));
        assert!(!bridge.store(&[0; 8], &memory));
        assert_eq!(memory.misses(), 16);
    }
}
