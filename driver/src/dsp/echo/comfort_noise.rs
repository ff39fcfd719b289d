//! Comfort noise: as loud as the noise of the near end, and roughly of its colour.
//!
//! The noise is measured while neither end speaks: the far end, and what may still echo of it, is quiet, and the near
//! end is no louder than it always is. Its level moves by small steps; its colour is a prediction from four samples.
//! Nothing here is random: each line's noise is the same in every run.
//!
//! Never: puts noise where there is none, or learns from speech.

use super::tick_power;
use crate::dsp::vector::{WIDTH, Wide};

/// A far end below this is silent.
const FAR_SILENT: f32 = tick_power(-55.0);
/// Decay of the room after the far end's speech, beyond the tail, in ticks.
const AFTER_FAR: u32 = 32;
/// Ticks of a block.
const BLOCK: u32 = 16;
/// Blocks in which the quietest is looked for: half a second. It counts for the next half, too.
const WINDOW: u32 = 32;
/// A block above the quietest by no more than this is noise: 4 dB.
const ALIKE: f32 = 2.5;
/// The range of the noise: at the bottom is what A-law makes of silence, and what is above the top is not learned.
const NOISE_MIN: f32 = tick_power(-64.0);
const NOISE_MAX: f32 = tick_power(-33.0);
/// Prediction error above which the signal is noise and below which it is a tone, as a part of the power.
const NARROW: f32 = 0.06;
/// The largest step of a level, block by block: 0.6 dB, which is 2.4 dB in 64 ms.
const STEP: f32 = 1.15;
/// Part of the difference by which level and spectrum move towards the measurement, block by block.
const PACE: f32 = 1.0 / 8.0;
/// From how many samples before a sample is predicted.
const ORDER: usize = 4;
/// Autocorrelation at lags of 0 to 4 samples.
type Colour = [f32; ORDER + 1];

/// The noise of one line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comfort {
    /// For how many ticks after the far end has spoken nothing is learned.
    tail: u32,
    /// Ticks until then.
    wait: u32,
    block: Block,
    /// The quietest blocks: of this window and of the last.
    quietest: [f32; 2],
    /// Blocks of this window.
    blocks: u32,
    /// The power of a tick, and the products relative to it.
    noise: f32,
    colour: Colour,
    /// The prediction, and what of the power it leaves.
    weights: [f32; ORDER],
    unpredicted: f32,
    /// The last samples made, newest first, and the state of the generator.
    made: [f32; ORDER],
    state: u32,
}

/// Measurement of the current block.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    ticks: u32,
    products: Colour,
    /// The last samples of the tick before.
    before: [f32; ORDER],
}

impl Comfort {
    /// No noise is known. The far end echoes for `tail_ms`.
    pub(super) fn new(tail_ms: u32) -> Comfort {
        Comfort {
            tail: tail_ms + AFTER_FAR,
            wait: 0,
            block: Block::default(),
            quietest: [f32::MAX; 2],
            blocks: 0,
            noise: NOISE_MIN,
            colour: [1.0, 0.0, 0.0, 0.0, 0.0],
            weights: [0.0; ORDER],
            unpredicted: 1.0,
            made: [0.0; ORDER],
            state: 1,
        }
    }

    /// Forgets the noise.
    pub(super) fn reset(&mut self) {
        *self = Comfort::new(self.tail - AFTER_FAR);
    }

    /// The power of the noise: the sum of the squares of a tick. 0 if there is none.
    pub(super) fn power(&self) -> f32 {
        if self.noise > NOISE_MIN { self.noise } else { 0.0 }
    }

    /// Takes what is left of a tick of the near end, its power, and the far end's.
    pub(super) fn observe(&mut self, left: &Wide, power: f32, far: f32) {
        if far > FAR_SILENT {
            self.wait = self.tail;
            self.block = Block::default();
        }
        if self.wait > 0 {
            self.wait -= 1;
            return;
        }
        self.block.add(left, power);
        if self.block.ticks == BLOCK {
            let products = core::mem::take(&mut self.block.products).map(|product| product / BLOCK as f32);
            self.block.ticks = 0;
            self.learn(&products);
        }
    }

    /// A tick of the noise.
    pub(super) fn next(&mut self) -> Wide {
        // Evenly spread numbers of up to a have a variance of a²/3.
        let peak = (3.0 * self.power() / WIDTH as f32 * self.unpredicted).sqrt();
        let mut tick = Wide::ZERO;
        for sample in &mut tick.0 {
            self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let random = self.state as i32 as f32 * (1.0 / 2_147_483_648.0);
            let predicted: f32 = self.weights.iter().zip(&self.made).map(|(weight, made)| weight * made).sum();
            *sample = predicted + peak * random;
            self.made.rotate_right(1);
            self.made[0] = *sample;
        }
        tick
    }

    fn learn(&mut self, products: &Colour) {
        let power = products[0];
        self.quietest[0] = self.quietest[0].min(power);
        self.blocks += 1;
        let quietest = self.quietest[0].min(self.quietest[1]);
        if self.blocks == WINDOW {
            self.blocks = 0;
            self.quietest = [f32::MAX, self.quietest[0]];
        }
        if power > NOISE_MAX || power > ALIKE * quietest.max(NOISE_MIN) {
            return;
        }
        if power > NOISE_MIN {
            if predict(products).1 < NARROW {
                return;
            }
            for (known, product) in self.colour.iter_mut().zip(products) {
                *known += PACE * (product / power - *known);
            }
            (self.weights, self.unpredicted) = predict(&self.colour);
        }
        let next = self.noise + PACE * (power - self.noise);
        self.noise = next.clamp(self.noise / STEP, self.noise * STEP).clamp(NOISE_MIN, NOISE_MAX);
    }
}

/// The best prediction for a colour, and what of the power it leaves, by the recursion of Levinson and Durbin.
fn predict(colour: &Colour) -> ([f32; ORDER], f32) {
    // A little white noise more, so that no resonance is sharp.
    const WHITE: f32 = 1.02;
    let mut weights = [0.0; ORDER];
    let whole = colour[0] * WHITE;
    let mut left = whole;
    for order in 0..ORDER {
        let known: f32 = (0..order).map(|k| weights[k] * colour[order - k]).sum();
        // What is measured over a short time need not be possible; what is made must be stable.
        let reflection = ((colour[order + 1] - known) / left).clamp(-0.98, 0.98);
        let before = weights;
        for k in 0..order {
            weights[k] = before[k] - reflection * before[order - 1 - k];
        }
        weights[order] = reflection;
        left *= 1.0 - reflection * reflection;
    }
    (weights, left / whole)
}

impl Block {
    #[inline]
    fn add(&mut self, tick: &Wide, power: f32) {
        self.ticks += 1;
        self.products[0] += power;
        let [a, b, c, d, e, f, g, h] = tick.0;
        let [w, x, y, z] = self.before;
        let samples = [w, x, y, z, a, b, c, d, e, f, g, h];
        for apart in 1..=ORDER {
            let earlier = &samples[ORDER - apart..];
            self.products[apart] += tick.0.iter().zip(earlier).map(|(late, early)| late * early).sum::<f32>();
        }
        self.before = [e, f, g, h];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds noise of a level, white or low-pass, for `ticks` ticks.
    fn hear(comfort: &mut Comfort, dbm0: f64, low: bool, far: f32, ticks: usize) {
        let rms = (tick_power(dbm0) / WIDTH as f32).sqrt();
        let mut state = 7_u32;
        let mut before = 0.0;
        for _ in 0..ticks {
            let tick = Wide(core::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let white = 3_f32.sqrt() * rms * (state as i32 as f32 / 2_147_483_648.0);
                before = if low { 0.8 * before + 0.6 * white } else { white };
                before
            }));
            comfort.observe(&tick, tick.power(), far);
        }
    }

    /// The level of a second of what is made, and how much of it two neighbours have in common.
    fn made(comfort: &mut Comfort) -> (f64, f32) {
        let samples: Vec<f32> = (0..1000).flat_map(|_| comfort.next().0).collect();
        let power: f32 = samples.iter().map(|sample| sample * sample).sum();
        let common: f32 = samples.windows(2).map(|pair| pair[0] * pair[1]).sum();
        (crate::dsp::level::dbm0(f64::from(power / samples.len() as f32)), common / power)
    }

    #[test]
    fn the_noise_has_the_level_and_the_colour_of_what_was_heard() {
        for (low, common_wanted) in [(false, 0.0), (true, 0.8)] {
            let mut comfort = Comfort::new(16);
            hear(&mut comfort, -45.0, low, 0.0, 2000);
            let (level, common) = made(&mut comfort);
            assert!((level + 45.0).abs() < 1.0, "{level:.1} dBm0");
            assert!((common - common_wanted).abs() < 0.1, "{common:.2} in common");
        }
    }

    #[test]
    fn nothing_is_learned_while_the_far_end_speaks_or_of_what_is_no_noise() {
        let mut comfort = Comfort::new(16);
        hear(&mut comfort, -40.0, false, tick_power(-20.0), 2000);
        assert_eq!(comfort.power(), 0.0);
        hear(&mut comfort, -15.0, false, 0.0, 2000);
        assert_eq!(comfort.power(), 0.0, "too loud for noise");
        hear(&mut comfort, -50.0, false, 0.0, 2000);
        hear(&mut comfort, -30.0, false, 0.0, 300);
        let (level, _) = made(&mut comfort);
        assert!((level + 50.0).abs() < 1.0, "a word of speech is not learned: {level:.1} dBm0");
    }

    #[test]
    fn the_level_moves_in_small_steps_and_the_same_way_in_every_run() {
        let mut comfort = Comfort::new(16);
        hear(&mut comfort, -60.0, false, 0.0, 2000);
        let mut before = comfort.power();
        for _ in 0..100 {
            hear(&mut comfort, -45.0, false, 0.0, 64);
            assert!(comfort.power() <= before * 1.75, "2.4 dB in 64 ms");
            before = comfort.power();
        }
        assert_eq!(comfort.clone().next(), comfort.next());
    }
}
