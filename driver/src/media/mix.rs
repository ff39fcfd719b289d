//! Mixer: sums of a tick with saturation at the end.
//!
//! A channel to which nothing was added is silent and costs nothing. A single source passes bit for bit.

use crate::dsp::Samples;
use crate::ids::ChannelId;
use crate::time::SAMPLES_PER_TICK;

/// The sums of one tick, by channel.
#[derive(Debug)]
pub(crate) struct Mix {
    sums: Vec<[i32; SAMPLES_PER_TICK]>,
    sounding: Vec<bool>,
}

impl Mix {
    /// Silence on `channels` channels.
    pub(crate) fn new(channels: usize) -> Mix {
        Mix { sums: vec![[0; SAMPLES_PER_TICK]; channels], sounding: vec![false; channels] }
    }

    /// Adds a source to what the party at `channel` hears. A sum of 2¹⁶ sources does not overflow.
    pub(crate) fn add(&mut self, channel: ChannelId, samples: &Samples) {
        let at = channel.index();
        let sum = &mut self.sums[at];
        if self.sounding[at] {
            for (sum, sample) in sum.iter_mut().zip(samples) {
                *sum += i32::from(*sample);
            }
        } else {
            self.sounding[at] = true;
            *sum = samples.map(i32::from);
        }
    }

    /// Adds a sum of sources, not limited to what a sample can hold.
    pub(crate) fn add_sum(&mut self, channel: ChannelId, sum: &[i32; SAMPLES_PER_TICK]) {
        let at = channel.index();
        if self.sounding[at] {
            for (all, one) in self.sums[at].iter_mut().zip(sum) {
                *all += *one;
            }
        } else {
            self.sounding[at] = true;
            self.sums[at] = *sum;
        }
    }

    /// Takes the mix of `channel`; none if nothing was added. The channel is silent again afterwards.
    pub(crate) fn take(&mut self, channel: ChannelId) -> Option<Samples> {
        let at = channel.index();
        if !self.sounding[at] {
            return None;
        }
        self.sounding[at] = false;
        Some(self.sums[at].map(|sum| sum.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16))
    }
}
