//! Switch matrix: two-way connections and one-way listening.
//!
//! It is made of legs, each from one channel that is heard to one that hears. Two parties who talk have two legs; a
//! conference of three has six. Every leg has exactly unity gain, so that between two parties octets of the same law
//! arrive as they were sent.
//!
//! Never: knows why channels are connected.

use arrayvec::ArrayVec;

use super::mix::Mix;
use crate::dsp::Samples;
use crate::ids::ChannelId;
use crate::refusal::Refusal;

/// The most channels that one channel can hear at once. Further legs are refused.
pub(crate) const HEARD_MAX: usize = 15;

/// The switch matrix: listeners and talkers.
#[derive(Debug)]
pub(crate) struct Matrix {
    /// For each channel, whom it hears.
    legs: Vec<ArrayVec<ChannelId, HEARD_MAX>>,
    /// The channels that hear another.
    hearing: Vec<ChannelId>,
}

impl Matrix {
    /// No channel hears another.
    pub(crate) fn new(channels: usize) -> Matrix {
        Matrix { legs: vec![ArrayVec::new(); channels], hearing: Vec::with_capacity(channels) }
    }

    /// Lets `a` and `b` hear each other. Twice is as good as once; a channel does not hear itself.
    pub(crate) fn connect(&mut self, a: ChannelId, b: ChannelId) -> Result<(), Refusal> {
        let heard_before = self.legs[a.index()].contains(&b);
        self.hear(a, b)?;
        let both = self.hear(b, a);
        if both.is_err() && !heard_before {
            self.deafen(a, b);
        }
        both
    }

    /// Parts `a` and `b`.
    pub(crate) fn disconnect(&mut self, a: ChannelId, b: ChannelId) {
        self.deafen(a, b);
        self.deafen(b, a);
    }

    /// Lets `listener` hear `talker`, and not the other way round.
    pub(crate) fn hear(&mut self, listener: ChannelId, talker: ChannelId) -> Result<(), Refusal> {
        let legs = &mut self.legs[listener.index()];
        if listener == talker || legs.contains(&talker) {
            return Ok(());
        }
        legs.try_push(talker).map_err(|_| Refusal::TooManyTalkers)?;
        if legs.len() == 1 {
            self.hearing.push(listener);
        }
        Ok(())
    }

    /// Takes `talker` away from what `listener` hears.
    pub(crate) fn deafen(&mut self, listener: ChannelId, talker: ChannelId) {
        let legs = &mut self.legs[listener.index()];
        if legs.is_empty() {
            return;
        }
        legs.retain(|leg| *leg != talker);
        if legs.is_empty() {
            self.hearing.retain(|hearing| *hearing != listener);
        }
    }

    /// Takes every leg to and from `channel` away.
    pub(crate) fn isolate(&mut self, channel: ChannelId) {
        while let Some(talker) = self.legs[channel.index()].last().copied() {
            self.deafen(channel, talker);
        }
        for listener in 0..self.legs.len() {
            self.deafen(ChannelId(listener as u16), channel);
        }
    }

    /// Adds to each sum the talkers it hears; `said` is what each party said in this tick, by channel.
    pub(crate) fn step(&self, said: &[Samples], mix: &mut Mix) {
        for listener in &self.hearing {
            for talker in &self.legs[listener.index()] {
                mix.add(*listener, &said[talker.index()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Law;
    use crate::dsp::g711;

    const A: ChannelId = ChannelId(0);
    const B: ChannelId = ChannelId(1);
    const C: ChannelId = ChannelId(2);

    fn heard(matrix: &Matrix, said: &[Samples; 3]) -> [Option<Samples>; 3] {
        let mut mix = Mix::new(3);
        matrix.step(said, &mut mix);
        [mix.take(A), mix.take(B), mix.take(C)]
    }

    #[test]
    fn two_parties_hear_each_other_and_nobody_else_does() {
        let mut matrix = Matrix::new(3);
        matrix.connect(A, B).unwrap();
        matrix.connect(A, B).unwrap();
        assert_eq!(heard(&matrix, &[[1; 8], [2; 8], [4; 8]]), [Some([2; 8]), Some([1; 8]), None]);
        matrix.disconnect(B, A);
        assert_eq!(heard(&matrix, &[[1; 8], [2; 8], [4; 8]]), [None, None, None]);
    }

    #[test]
    fn three_connected_in_pairs_are_a_conference_without_oneself() {
        let mut matrix = Matrix::new(3);
        for (a, b) in [(A, B), (B, C), (C, A)] {
            matrix.connect(a, b).unwrap();
        }
        assert_eq!(heard(&matrix, &[[1; 8], [2; 8], [4; 8]]), [Some([6; 8]), Some([5; 8]), Some([3; 8])]);
        matrix.isolate(B);
        assert_eq!(heard(&matrix, &[[1; 8], [2; 8], [4; 8]]), [Some([4; 8]), None, Some([1; 8])]);
    }

    #[test]
    fn sums_saturate_instead_of_wrapping() {
        let mut matrix = Matrix::new(3);
        matrix.hear(A, B).unwrap();
        matrix.hear(A, C).unwrap();
        assert_eq!(heard(&matrix, &[[0; 8], [30_000; 8], [30_000; 8]])[0], Some([i16::MAX; 8]));
        assert_eq!(heard(&matrix, &[[0; 8], [-30_000; 8], [-30_000; 8]])[0], Some([i16::MIN; 8]));
    }

    #[test]
    fn every_octet_of_either_law_passes_between_two_parties_as_it_is() {
        let mut matrix = Matrix::new(3);
        matrix.hear(A, B).unwrap();
        for law in [Law::A, Law::Mu] {
            for octet in 0..=255u8 {
                let said = g711::decode_frame(law, &[octet; 8]);
                let arrived = g711::encode_frame(law, &heard(&matrix, &[[0; 8], said, [0; 8]])[0].unwrap());
                // Mu-law has two octets for zero: 0x7f and 0xff.
                let expected = if law == Law::Mu && octet == 0x7f { 0xff } else { octet };
                assert_eq!(arrived, [expected; 8], "{law:?} {octet:#04x}");
            }
        }
    }

    #[test]
    fn a_channel_can_hear_only_so_many() {
        let mut matrix = Matrix::new(HEARD_MAX + 2);
        for talker in 1..=HEARD_MAX {
            matrix.hear(A, ChannelId(talker as u16)).unwrap();
        }
        assert_eq!(matrix.hear(A, ChannelId(HEARD_MAX as u16 + 1)), Err(Refusal::TooManyTalkers));
    }
}
