//! G.726: speech at 16, 24, 32 and 40 kbit/s, two to five bits a sample.
//!
//! Each sample is predicted (two poles, six zeros: from the last two reconstructed samples and the last six quantised
//! differences); the prediction error is quantised by an adaptive quantiser. Both ends adapt alike from the codes, so
//! nothing but the codes need be sent. Samples are uniform, as in the Recommendation's annex A: there is no tandem
//! adjustment to a G.711 law. Of 16 bits the upper 14 count. The two ends must begin together, from a fresh state.
//!
//! Eight codes of a tick fill as many octets as a code has bits. Two orders are in use: see [`Packing`].
//!
//! Names in capitals are the blocks of the Recommendation. Never: allocates, or fails: every code means something.
//!
//! Sources: ITU-T G.726 (1990) and its annex A; RFC 3551 and ITU-T I.366.2 for the packing.

use super::{SILENCE, Samples};
use crate::time::SAMPLES_PER_TICK;

/// Bits a sample, and so bits a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rate {
    /// 16 kbit/s, 2 bits a sample.
    Kbit16,
    /// 24 kbit/s, 3 bits a sample.
    Kbit24,
    /// 32 kbit/s, 4 bits a sample.
    Kbit32,
    /// 40 kbit/s, 5 bits a sample.
    Kbit40,
}

/// The order in which codes fill octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packing {
    /// RFC 3551 (RTP, and most files): the first code in the lowest bits.
    LowFirst,
    /// I.366.2 (AAL2): the first code in the highest bits.
    HighFirst,
}

/// The most octets of a tick.
pub(crate) const TICK_OCTETS_MAX: usize = 5;

/// The codes of one tick, each in the low bits of an octet.
pub type Codes = [u8; SAMPLES_PER_TICK];

impl Rate {
    /// Bits of a code, which is also octets of a tick.
    pub const fn bits(self) -> usize {
        match self {
            Rate::Kbit16 => 2,
            Rate::Kbit24 => 3,
            Rate::Kbit32 => 4,
            Rate::Kbit40 => 5,
        }
    }

    /// Packs the codes of a tick. The first [`bits`](Rate::bits) octets of the result are theirs; the others are 0.
    pub fn pack(self, codes: &Codes, packing: Packing) -> [u8; TICK_OCTETS_MAX] {
        let bits = self.bits();
        let word = codes.iter().enumerate().fold(0_u64, |word, (n, code)| {
            let place = match packing {
                Packing::LowFirst => n,
                Packing::HighFirst => SAMPLES_PER_TICK - 1 - n,
            };
            word | (u64::from(*code) & ((1 << bits) - 1)) << (place * bits)
        });
        let octets = word.to_le_bytes();
        core::array::from_fn(|n| match packing {
            _ if n >= bits => 0,
            Packing::LowFirst => octets[n],
            Packing::HighFirst => octets[bits - 1 - n],
        })
    }

    /// Unpacks the codes of a tick from [`bits`](Rate::bits) octets; what is missing is taken for 0, what is more is
    /// left.
    pub fn unpack(self, octets: &[u8], packing: Packing) -> Codes {
        let bits = self.bits();
        let word = octets.iter().take(bits).enumerate().fold(0_u64, |word, (n, octet)| {
            let place = match packing {
                Packing::LowFirst => n,
                Packing::HighFirst => bits - 1 - n,
            };
            word | u64::from(*octet) << (8 * place)
        });
        core::array::from_fn(|n| {
            let place = match packing {
                Packing::LowFirst => n,
                Packing::HighFirst => SAMPLES_PER_TICK - 1 - n,
            };
            (word >> (place * bits) & ((1 << bits) - 1)) as u8
        })
    }

    const fn tables(self) -> &'static Tables {
        match self {
            Rate::Kbit16 => &KBIT_16,
            Rate::Kbit24 => &KBIT_24,
            Rate::Kbit32 => &KBIT_32,
            Rate::Kbit40 => &KBIT_40,
        }
    }
}

/// Tables of one rate. All but the limits go by the magnitude of a code.
#[derive(Debug)]
struct Tables {
    /// Bounds between magnitudes, as logarithms: tables 1 to 4 of the Recommendation.
    limits: &'static [i32],
    /// The logarithm of the difference that a magnitude stands for.
    values: &'static [i32],
    /// W: how a magnitude changes the steps.
    steps: &'static [i32],
    /// F: how much a magnitude says that the sound is changing.
    change: &'static [i32],
    /// The nothing that may not be sent as the code 0: it is sent as its complement. There is none at 16 kbit/s.
    has_zero: bool,
    /// Leak of the six zero coefficients, in bits of shift.
    leak: u32,
}

static KBIT_16: Tables =
    Tables { limits: &[261], values: &[116, 365], steps: &[-22, 439], change: &[0, 7], has_zero: false, leak: 8 };
static KBIT_24: Tables = Tables {
    limits: &[8, 218, 331],
    values: &[-2048, 135, 273, 373],
    steps: &[-4, 30, 137, 582],
    change: &[0, 1, 2, 7],
    has_zero: true,
    leak: 8,
};
static KBIT_32: Tables = Tables {
    limits: &[-124, 80, 178, 246, 300, 349, 400],
    values: &[-2048, 4, 135, 213, 273, 323, 373, 425],
    steps: &[-12, 18, 41, 64, 112, 198, 355, 1122],
    change: &[0, 0, 0, 1, 1, 1, 3, 7],
    has_zero: true,
    leak: 8,
};
static KBIT_40: Tables = Tables {
    limits: &[-122, -16, 68, 139, 198, 250, 298, 339, 378, 413, 445, 475, 502, 528, 553],
    values: &[-2048, -66, 28, 104, 169, 224, 274, 318, 358, 395, 429, 459, 488, 514, 539, 566],
    steps: &[14, 14, 24, 39, 40, 41, 58, 100, 141, 179, 219, 280, 358, 440, 529, 696],
    change: &[0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6],
    has_zero: true,
    leak: 9,
};

impl Tables {
    /// The magnitude of a code, and whether it stands for a difference below zero. Negative codes are complements.
    fn parts(&self, code: u8) -> (usize, bool) {
        let codes = 2 * self.values.len();
        let code = usize::from(code) % codes;
        if code < self.values.len() { (code, false) } else { (codes - 1 - code, true) }
    }

    fn code(&self, magnitude: usize, negative: bool) -> u8 {
        let last = 2 * self.values.len() - 1;
        let complement = negative || (magnitude == 0 && self.has_zero);
        (if complement { last - magnitude } else { magnitude }) as u8
    }
}

/// Samples into codes.
#[derive(Debug, Clone)]
pub struct Encoder(State);

impl Encoder {
    /// An encoder in its fresh state.
    pub fn new(rate: Rate) -> Encoder {
        Encoder(State::new(rate.tables()))
    }

    /// The codes of a tick.
    pub fn step(&mut self, samples: &Samples) -> Codes {
        samples.map(|sample| self.0.encode(sample))
    }
}

/// Codes into samples.
#[derive(Debug, Clone)]
pub struct Decoder(State);

impl Decoder {
    /// A decoder in its fresh state.
    pub fn new(rate: Rate) -> Decoder {
        Decoder(State::new(rate.tables()))
    }

    /// The samples of a tick. Of each code only the bits that the rate has are looked at.
    pub fn step(&mut self, codes: &Codes) -> Samples {
        let mut samples = SILENCE;
        for (sample, code) in samples.iter_mut().zip(codes) {
            *sample = self.0.decode(*code);
        }
        samples
    }
}

/// A number as FLOAT makes it: 6 bits of mantissa, 32 to 63, below a power of two.
#[derive(Debug, Clone, Copy)]
struct Float {
    negative: bool,
    exponent: i32,
    mantissa: i32,
}

impl Float {
    const ZERO: Float = Float { negative: false, exponent: 0, mantissa: 32 };

    fn new(magnitude: i32, negative: bool) -> Float {
        let exponent = bit_length(magnitude);
        let mantissa = if magnitude == 0 { 32 } else { (magnitude << 6) >> exponent };
        Float { negative, exponent, mantissa }
    }

    /// FMULT: times a coefficient of 14 fractional bits.
    fn times(self, coefficient: i32) -> i32 {
        let coefficient = coefficient >> 2;
        let magnitude = coefficient.abs() & 0x1fff;
        let exponent = bit_length(magnitude) - 6;
        let mantissa = match magnitude {
            0 => 32,
            magnitude if exponent >= 0 => magnitude >> exponent,
            magnitude => magnitude << -exponent,
        };
        let exponent = exponent + self.exponent - 13;
        let mantissa = (mantissa * self.mantissa + 0x30) >> 4;
        let product = if exponent >= 0 { mantissa << exponent & 0x7fff } else { mantissa >> -exponent };
        if (coefficient < 0) != self.negative { -product } else { product }
    }
}

/// A sum in the 16 bits that the Recommendation adds in. Only the loudest signals are ever cut.
const fn in_16_bits(sum: i32) -> i32 {
    sum as i16 as i32
}

/// Number of bits of a number above zero.
const fn bit_length(number: i32) -> i32 {
    32 - number.leading_zeros() as i32
}

/// A difference that was reconstructed.
#[derive(Debug, Clone, Copy)]
struct Difference {
    magnitude: i32,
    negative: bool,
}

/// Prediction of a sample, and its quantizer scale.
#[derive(Debug, Clone, Copy)]
struct Estimate {
    /// SE: from everything; and SEZ: from the differences alone.
    whole: i32,
    zeros: i32,
    /// Y.
    step: i32,
}

/// State common to encoder and decoder.
#[derive(Debug, Clone)]
struct State {
    tables: &'static Tables,
    /// A: coefficients of the reconstructed samples; B: those of the differences. 14 fractional bits.
    poles: [i32; 2],
    zeros: [i32; 6],
    /// SR and DQ, the newest first.
    samples: [Float; 2],
    differences: [Float; 6],
    /// PK: whether what the differences alone made of the last two samples was below zero.
    signs: [bool; 2],
    /// YU and YL: the fast and the slow size of the steps.
    fast: i32,
    slow: i32,
    /// DMS and DML: how much the sound changes, over a short and a longer time.
    change_short: i32,
    change_long: i32,
    /// AP: how far the fast size counts.
    speed: i32,
    /// TD: what is heard is narrow, such as data.
    narrow: bool,
}

const FAST_MIN: i32 = 544;
const FAST_MAX: i32 = 5120;

impl State {
    fn new(tables: &'static Tables) -> State {
        State {
            tables,
            poles: [0; 2],
            zeros: [0; 6],
            samples: [Float::ZERO; 2],
            differences: [Float::ZERO; 6],
            signs: [false; 2],
            fast: FAST_MIN,
            slow: 34_816,
            change_short: 0,
            change_long: 0,
            speed: 0,
            narrow: false,
        }
    }

    fn encode(&mut self, sample: i16) -> u8 {
        let estimate = self.estimate();
        let (magnitude, negative) = self.quantize(i32::from(sample >> 2) - estimate.whole, estimate.step);
        let code = self.tables.code(magnitude, negative);
        // The decoder sees the code, not what it was made from.
        let (magnitude, negative) = self.tables.parts(code);
        self.follow(magnitude, negative, estimate);
        code
    }

    fn decode(&mut self, code: u8) -> i16 {
        let estimate = self.estimate();
        let (magnitude, negative) = self.tables.parts(code);
        let sample = self.follow(magnitude, negative, estimate) * 4;
        sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    }

    /// ACCUM and MIX.
    fn estimate(&self) -> Estimate {
        let sum = |floats: &[Float], coefficients: &[i32]| -> i32 {
            floats.iter().zip(coefficients).map(|(float, coefficient)| float.times(*coefficient)).sum()
        };
        let zeros = sum(&self.differences, &self.zeros);
        let whole = in_16_bits(zeros + sum(&self.samples, &self.poles));
        let zeros = in_16_bits(zeros);
        let slow = self.slow >> 6;
        let step = match (self.speed, self.fast - slow) {
            (256.., _) => self.fast,
            (speed, above @ 0..) => slow + ((above * (speed >> 2)) >> 6),
            // Towards zero, as for the other sign.
            (speed, below) => slow + ((below * (speed >> 2) + 0x3f) >> 6),
        };
        Estimate { whole: whole >> 1, zeros: zeros >> 1, step }
    }

    /// LOG, SUBTB and QUAN: the magnitude of a difference in steps, and whether it is below zero.
    fn quantize(&self, difference: i32, step: i32) -> (usize, bool) {
        let magnitude = difference.abs();
        let exponent = bit_length(magnitude >> 1);
        let logarithm = (exponent << 7) + ((magnitude << 7) >> exponent & 0x7f) - (step >> 2);
        (self.tables.limits.iter().take_while(|limit| logarithm >= **limit).count(), difference < 0)
    }

    /// Step common to encoder and decoder: reconstructs the sample and adapts. Returns SR.
    fn follow(&mut self, magnitude: usize, negative: bool, estimate: Estimate) -> i32 {
        let difference = Difference { magnitude: self.antilog(magnitude, estimate.step), negative };
        let signed = if negative { -difference.magnitude } else { difference.magnitude };
        let sample = in_16_bits(estimate.whole + signed);
        let by_zeros = in_16_bits(estimate.zeros + signed);

        let transition = self.narrow && difference.magnitude > self.loud();
        self.resize(self.tables.steps[magnitude], estimate.step);
        if transition {
            self.poles = [0; 2];
            self.zeros = [0; 6];
        } else {
            self.learn(difference, by_zeros);
        }
        self.differences.rotate_right(1);
        self.differences[0] = Float::new(difference.magnitude, negative);
        self.samples.rotate_right(1);
        self.samples[0] = Float::new(sample.abs() & 0x7fff, sample < 0);
        self.signs = [by_zeros < 0, self.signs[0]];
        // TONE: -0.71875.
        self.narrow = !transition && self.poles[1] < -11_776;
        self.pace(self.tables.change[magnitude], estimate.step, transition);
        sample
    }

    /// ADDA and ANTILOG: the difference that a magnitude stands for.
    fn antilog(&self, magnitude: usize, step: i32) -> i32 {
        let logarithm = self.tables.values[magnitude] + (step >> 2);
        if logarithm < 0 {
            return 0;
        }
        ((128 + (logarithm & 127)) << 7) >> (14 - (logarithm >> 7 & 15))
    }

    /// TRANS: a narrow sound that makes a larger difference than this has become another.
    fn loud(&self) -> i32 {
        let (whole, fraction) = (self.slow >> 15, self.slow >> 10 & 31);
        let threshold = if whole > 9 { 31 << 10 } else { (32 + fraction) << whole };
        (threshold + (threshold >> 1)) >> 1
    }

    /// FUNCTW, FILTD, LIMB and FILTE: the size of the steps.
    fn resize(&mut self, weight: i32, step: i32) {
        self.fast = (step + (((weight << 5) - step) >> 5)).clamp(FAST_MIN, FAST_MAX);
        self.slow += self.fast + (-self.slow >> 6);
    }

    /// UPA2, LIMC, UPA1, LIMD and UPB: the coefficients.
    fn learn(&mut self, difference: Difference, by_zeros: i32) {
        let [first, second] = self.poles;
        let sign = by_zeros < 0;
        let differs = self.signs.map(|before| before != sign);
        let mut second = second - (second >> 7);
        if by_zeros != 0 {
            second += match if differs[0] { first } else { -first } {
                ..-8191 => -0x100,
                8192.. => 0xff,
                pull => pull >> 5,
            };
            second += if differs[1] { -0x80 } else { 0x80 };
            second = second.clamp(-12_288, 12_288);
        }
        let mut first = first - (first >> 8);
        if by_zeros != 0 {
            first += if differs[0] { -192 } else { 192 };
        }
        let most = 15_360 - second;
        self.poles = [first.clamp(-most, most), second];
        for (zero, before) in self.zeros.iter_mut().zip(&self.differences) {
            *zero -= *zero >> self.tables.leak;
            if difference.magnitude != 0 {
                *zero += if difference.negative == before.negative { 128 } else { -128 };
            }
        }
    }

    /// FILTA, FILTB, SUBTC and FILTC: whether the sound changes, and so which size of the steps counts.
    fn pace(&mut self, change: i32, step: i32, transition: bool) {
        self.change_short += ((change << 9) - self.change_short) >> 5;
        self.change_long += ((change << 11) - self.change_long) >> 7;
        let changes = (self.change_short * 4 - self.change_long).abs() >= self.change_long >> 3;
        self.speed = if transition {
            256
        } else if step < 1536 || self.narrow || changes {
            self.speed + ((0x200 - self.speed) >> 4)
        } else {
            self.speed + (-self.speed >> 4)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::level;

    const RATES: [Rate; 4] = [Rate::Kbit16, Rate::Kbit24, Rate::Kbit32, Rate::Kbit40];

    /// A second that grows louder while it rises through the band and beyond.
    fn sweep() -> Vec<Samples> {
        let one = |n: u32| level::to_sample(f64::from(n) * level::sine(f64::from(n * n % 80_000) / 80_000.0));
        (0..1000).map(|tick| core::array::from_fn(|n| one(8 * tick + n as u32))).collect()
    }

    fn encoded(rate: Rate, ticks: &[Samples]) -> Vec<Codes> {
        let mut encoder = Encoder::new(rate);
        ticks.iter().map(|tick| encoder.step(tick)).collect()
    }

    fn decoded(rate: Rate, codes: &[Codes]) -> Vec<Samples> {
        let mut decoder = Decoder::new(rate);
        codes.iter().map(|codes| decoder.step(codes)).collect()
    }

    /// FNV-1a, 64 bits.
    fn hash(octets: impl Iterator<Item = u8>) -> u64 {
        octets.fold(0xcbf2_9ce4_8422_2325, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x100_0000_01b3))
    }

    /// The figures are what spandsp 0.0.6, which passes the Recommendation's own vectors, makes of the same sweep; the
    /// bench `dsp` compares with the library itself, on more.
    #[test]
    fn a_sweep_is_coded_bit_for_bit_as_by_another_implementation() {
        for (rate, from_400, codes_hash, samples_hash) in [
            (
                Rate::Kbit16,
                [3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0],
                0xbc86_68ed_00ab_cdf2,
                0x5cbe_b562_b597_3c49,
            ),
            (
                Rate::Kbit24,
                [7, 1, 7, 7, 1, 1, 7, 7, 1, 7, 1, 7, 1, 7, 1, 1],
                0x924b_ec63_946f_35f6,
                0xd66e_fc22_ae5b_7a1d,
            ),
            (
                Rate::Kbit32,
                [2, 15, 1, 1, 15, 15, 1, 1, 1, 2, 1, 15, 2, 1, 1, 2],
                0x666b_869b_78e3_0486,
                0xfa16_3bb5_f97c_b4d9,
            ),
            (
                Rate::Kbit40,
                [31, 31, 1, 4, 29, 31, 1, 2, 1, 2, 2, 31, 1, 31, 4, 31],
                0xba74_ec40_43cf_33a7,
                0xfe96_6a49_bc95_4e4b,
            ),
        ] {
            let codes = encoded(rate, &sweep());
            assert_eq!(codes[50..52].as_flattened(), from_400, "{rate:?}");
            assert_eq!(hash(codes.as_flattened().iter().copied()), codes_hash, "{rate:?}");
            let samples = decoded(rate, &codes);
            assert_eq!(hash(samples.into_iter().flatten().flat_map(i16::to_le_bytes)), samples_hash, "{rate:?}");
        }
    }

    #[test]
    fn more_bits_leave_less_noise() {
        let ticks: Vec<Samples> = sweep()[..300].to_vec();
        let power = |samples: &[f64]| samples.iter().map(|sample| sample * sample).sum::<f64>();
        let ratio_db = RATES.map(|rate| {
            let samples = decoded(rate, &encoded(rate, &ticks));
            let sent: Vec<f64> = ticks.as_flattened().iter().map(|sample| f64::from(*sample)).collect();
            let noise: Vec<f64> =
                sent.iter().zip(samples.as_flattened()).map(|(sent, heard)| sent - f64::from(*heard)).collect();
            10.0 * (power(&sent[800..]) / power(&noise[800..])).log10()
        });
        assert!(ratio_db.is_sorted_by(|few, more| few + 3.0 < *more), "{ratio_db:?}");
        assert!(ratio_db[0] > 10.0 && ratio_db[2] > 25.0, "{ratio_db:?}");
    }

    #[test]
    fn codes_are_packed_in_either_order() {
        // The first 16 codes of the sweep's second half, and what spandsp packs them into.
        let codes = [[0xf, 7, 7, 7, 7, 0xe, 8, 8], [8, 9, 1, 6, 6, 5, 2, 0xe]];
        let packed = |packing| codes.map(|codes| Rate::Kbit32.pack(&codes, packing));
        assert_eq!(packed(Packing::LowFirst), [[0x7f, 0x77, 0xe7, 0x88, 0], [0x98, 0x61, 0x56, 0xe2, 0]]);
        assert_eq!(packed(Packing::HighFirst), [[0xf7, 0x77, 0x7e, 0x88, 0], [0x89, 0x16, 0x65, 0x2e, 0]]);
        let codes = [7, 3, 3, 3, 3, 7, 4, 4];
        assert_eq!(Rate::Kbit24.pack(&codes, Packing::LowFirst), [0xdf, 0xb6, 0x93, 0, 0]);
        assert_eq!(Rate::Kbit24.pack(&codes, Packing::HighFirst), [0xed, 0xb7, 0xe4, 0, 0]);
        for rate in RATES {
            for packing in [Packing::LowFirst, Packing::HighFirst] {
                let codes: Codes = core::array::from_fn(|n| (n * 5 + 3) as u8 & ((1 << rate.bits()) - 1));
                assert_eq!(rate.unpack(&rate.pack(&codes, packing), packing), codes, "{rate:?}, {packing:?}");
            }
        }
    }

    #[test]
    fn any_codes_at_all_do_no_harm() {
        let mut state = 1_u32;
        let codes: Vec<Codes> = (0..20_000)
            .map(|_| {
                core::array::from_fn(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
            })
            .collect();
        for rate in RATES {
            decoded(rate, &codes);
            let loud: Vec<Samples> = (0..20_000).map(|n| [if n % 3 == 0 { i16::MAX } else { i16::MIN }; 8]).collect();
            let back = decoded(rate, &encoded(rate, &loud));
            assert_eq!(back.len(), loud.len());
        }
    }
}
