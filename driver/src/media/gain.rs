//! Gains of channels: what a party hears, and what others hear of it, made louder or softer.
//!
//! A channel without a gain costs nothing, and octets of the same law pass it bit for bit. Detectors, and recordings
//! that are evidence, take the sound as it came.
//!
//! Never: changes what a line machine listens to.

use crate::dsp::Samples;
use crate::ids::ChannelId;

/// The most that a gain makes a sound louder or softer, in tenths of a decibel.
pub const GAIN_MAX_TENTHS_DB: i16 = 240;

/// Gains of one channel, in tenths of a decibel: -240 to 240.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Gain {
    /// On what the party hears.
    pub hears: i16,
    /// On what others hear of the party.
    pub says: i16,
}

#[derive(Debug, Clone, Copy)]
struct Factors {
    hears: f32,
    says: f32,
}

/// The gains of all channels.
#[derive(Debug)]
pub(crate) struct Gains {
    factors: Vec<Option<Factors>>,
    /// Channels with a gain.
    set: Vec<ChannelId>,
}

impl Gains {
    /// No gains yet.
    pub(crate) fn new(channels: usize) -> Gains {
        Gains { factors: vec![None; channels], set: Vec::with_capacity(channels) }
    }

    /// Sets the gains of a channel; beyond the limits they stay at the limit.
    pub(crate) fn set(&mut self, channel: ChannelId, gain: Gain) {
        let factor = |tenths: i16| 10f32.powf(f32::from(tenths.clamp(-GAIN_MAX_TENTHS_DB, GAIN_MAX_TENTHS_DB)) / 200.0);
        self.set.retain(|set| *set != channel);
        let some = gain != Gain::default();
        self.factors[channel.index()] = some.then(|| Factors { hears: factor(gain.hears), says: factor(gain.says) });
        if some {
            self.set.push(channel);
        }
    }

    /// Each party as others hear it in this tick; `room` is as long as `said`.
    pub(crate) fn says<'a>(&self, said: &'a [Samples], room: &'a mut [Samples]) -> &'a [Samples] {
        if self.set.is_empty() {
            return said;
        }
        room.copy_from_slice(said);
        for channel in &self.set {
            if let Some(Factors { says, .. }) = self.factors[channel.index()] {
                apply(&mut room[channel.index()], says);
            }
        }
        room
    }

    /// This tick's mix as the party at `channel` hears it.
    pub(crate) fn hears(&self, channel: ChannelId, mix: &mut Samples) {
        if let Some(Factors { hears, .. }) = self.factors[channel.index()] {
            apply(mix, hears);
        }
    }
}

fn apply(samples: &mut Samples, factor: f32) {
    for sample in samples {
        // `as` limits to what a sample can hold.
        *sample = (f32::from(*sample) * factor).round() as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_changes_its_own_channel_and_direction_alone_and_limits() {
        let mut gains = Gains::new(2);
        let mut room = [[0; 8]; 2];
        let said = [[1000; 8], [20_000; 8]];
        assert_eq!(gains.says(&said, &mut room), said);
        gains.set(ChannelId(1), Gain { hears: -60, says: 60 });
        assert_eq!(gains.says(&said, &mut room), [[1000; 8], [i16::MAX; 8]]);
        let mut mix = [1000; 8];
        gains.hears(ChannelId(0), &mut mix);
        assert_eq!(mix, [1000; 8]);
        gains.hears(ChannelId(1), &mut mix);
        assert_eq!(mix, [501; 8]);
        gains.set(ChannelId(1), Gain::default());
        assert_eq!(gains.says(&said, &mut room), said);
    }
}
