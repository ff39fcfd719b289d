//! The states of a station line, and the ringing signal.

use super::{Fxs, HIGH_BATTERY, RINGING_ACTIVE_TIMER, RINGING_CONTROL, RINGING_INACTIVE_TIMER, indirect};

/// Linefeed state: bits 2:0 of register 64 as commanded, bits 6:4 as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Linefeed {
    /// 0: no voltage.
    Open,
    /// 1: fed; speech when off hook.
    ForwardActive,
    /// 2: fed; speech on hook, too.
    ForwardOnHookTransmission,
    /// 3: only ring is fed, the idle state of ground start.
    TipOpen,
    /// 4: ringing.
    Ringing,
    /// 5: as 1 with tip and ring exchanged.
    ReverseActive,
    /// 6: as 2 with tip and ring exchanged.
    ReverseOnHookTransmission,
    /// 7: only tip is fed.
    RingOpen,
}

impl Linefeed {
    /// The state from bits 2:0 of a register value.
    pub(super) fn from_code(code: u8) -> Linefeed {
        match code & 0b111 {
            0 => Self::Open,
            1 => Self::ForwardActive,
            2 => Self::ForwardOnHookTransmission,
            3 => Self::TipOpen,
            4 => Self::Ringing,
            5 => Self::ReverseActive,
            6 => Self::ReverseOnHookTransmission,
            _ => Self::RingOpen,
        }
    }

    /// The number of the state.
    pub(super) fn code(self) -> u8 {
        self as u8
    }

    /// Returns true if tip and ring are reversed.
    pub(super) fn is_reverse(self) -> bool {
        matches!(self, Self::ReverseActive | Self::ReverseOnHookTransmission)
    }
}

/// Ringing control: the active timer ends a burst.
const ACTIVE_TIMER: u8 = 1 << 4;
/// Ringing control: the inactive timer begins the next one.
const INACTIVE_TIMER: u8 = 1 << 3;
/// Ringing control: the offset counts.
const OFFSET: u8 = 1 << 1;
/// Ringing control: trapezoidal instead of sinusoidal.
const TRAPEZOID: u8 = 1 << 0;
/// Amplitude of the generator's full scale.
const FULL_SCALE_VOLTS: f32 = 96.0;
/// Peak over root mean square of the trapezoid, as the data sheet advises it.
const TRAPEZOID_CREST: f32 = 1.25;

impl Fxs {
    /// With its timers on, the chip rings in bursts by itself and leaves the line to on-hook transmission between them.
    pub(super) fn time_ringing(&mut self) {
        let control = self.registers[RINGING_CONTROL];
        // Timers count 125 us.
        let timer = |low: usize| u32::from(u16::from_le_bytes([self.registers[low], self.registers[low + 1]])) / 8;
        let limit = match self.actual {
            Linefeed::Ringing if control & ACTIVE_TIMER != 0 => timer(RINGING_ACTIVE_TIMER),
            Linefeed::ForwardOnHookTransmission
                if control & INACTIVE_TIMER != 0 && self.commanded() == Linefeed::Ringing =>
            {
                timer(RINGING_INACTIVE_TIMER)
            }
            Linefeed::Open
            | Linefeed::ForwardActive
            | Linefeed::ForwardOnHookTransmission
            | Linefeed::TipOpen
            | Linefeed::Ringing
            | Linefeed::ReverseActive
            | Linefeed::ReverseOnHookTransmission
            | Linefeed::RingOpen => return,
        };
        self.ringing_ms += 1;
        if self.ringing_ms >= limit {
            self.ringing_ms = 0;
            self.actual = match self.actual {
                Linefeed::Ringing => Linefeed::ForwardOnHookTransmission,
                _ => Linefeed::Ringing,
            };
        }
    }

    /// The state the host asked for last.
    pub(super) fn commanded(&self) -> Linefeed {
        Linefeed::from_code(self.registers[super::LINEFEED])
    }

    /// The ringing on the line now: its peak by the generator, how the peak stands to the root mean square, its
    /// frequency and the direct voltage under it.
    ///
    /// Source: Si3210 data sheet, ringing generation. The generator of the sine makes a step each millisecond: with c =
    /// cos(2 pi f / 1000), indirect register 20 is c * 2^15 and 21 is 2^13 * sqrt((1 - c) / (1 + c)) * peak / 96 V. A
    /// trapezoid's peak is in 2^15ths of the supply, and its half period is register 22 in 125 us. The offset is in
    /// 2^15ths of 96 V. What the supply cannot give is cut off.
    pub(super) fn ringing(&self) -> Ringing {
        if self.actual != Linefeed::Ringing {
            return Ringing::default();
        }
        let high_battery = f32::from(self.registers[HIGH_BATTERY] & 0x3f) * 1.5;
        let supply = high_battery.min(self.power.volts());
        let control = self.registers[RINGING_CONTROL];
        let amplitude = f32::from(self.indirect[indirect::RINGING_AMPLITUDE]);
        let offset_volts = if control & OFFSET != 0 {
            f32::from(self.indirect[indirect::RINGING_OFFSET] as i16) / 32_768.0 * FULL_SCALE_VOLTS
        } else {
            0.0
        };
        if control & TRAPEZOID != 0 {
            let period_ms = f32::from(self.indirect[indirect::RINGING_PHASE]) / 4.0;
            let hertz = if period_ms > 0.0 { 1_000.0 / period_ms } else { 0.0 };
            return Ringing { volts: amplitude / 32_768.0 * supply / TRAPEZOID_CREST, hertz, offset_volts };
        }
        let cosine = f32::from(self.indirect[indirect::RINGING_FREQUENCY] as i16) / 32_768.0;
        let shape = ((1.0 - cosine) / (1.0 + cosine)).sqrt();
        if !(shape > 0.0 && shape.is_finite()) {
            return Ringing::default();
        }
        let peak = amplitude / 8_192.0 * FULL_SCALE_VOLTS / shape;
        let room = (supply - offset_volts.abs()).max(0.0);
        let hertz = cosine.acos() / std::f32::consts::TAU * 1_000.0;
        Ringing { volts: peak.min(room) / std::f32::consts::SQRT_2, hertz, offset_volts }
    }
}

/// Ringing on a line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Ringing {
    /// Root mean square of the alternating part.
    pub volts: f32,
    /// Its frequency.
    pub hertz: f32,
    /// The direct part.
    pub offset_volts: f32,
}
