//! The contest of the two filters, and of what is in front with no filter at all: which is better, as far as it is more than chance.
//!
//! As long as there is no echo, whatever comes to the front does harm. So the first find must be beyond doubt: two voices often go
//! together for a tenth of a second. And what is in front goes at once when it makes things worse.
//!
//! Never: decides for a lead that is small, or that chance would give.

use super::tick_power;
use crate::dsp::wide::Wide;

/// Which is better.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contest {
    /// The back against the front.
    filters: Lead,
    /// No filter against the front.
    nothing: Lead,
}

/// What came of a tick of it.
pub enum Verdict {
    /// No more than chance.
    Neither,
    /// The back has proved better.
    Back,
    /// The back has strayed.
    Front,
    /// The front does harm.
    Nothing,
    /// Nothing is in front, and the back is worse than that.
    Worse,
}

/// What each has left of a tick: the errors of the two filters, and what came in; none if the front is no filter anyway.
pub struct Round {
    pub near: Option<Wide>,
    pub front: Wide,
    pub back: Wide,
    /// The learner is at its beginning: see [`Trust`](super::trust::Trust).
    pub beginning: bool,
}

/// By how much one leaves less than the front, over 16 and 256 ms.
#[derive(Debug, Clone, Copy, Default)]
struct Lead {
    /// The difference of the powers, and what chance would make of it.
    lead: [f32; 2],
    chance: [f32; 2],
    /// The power of what the front leaves.
    front: [f32; 2],
}

/// A lead that is a smaller part of the error than this is not worth the risk: mostly somebody is speaking. Over a short time
/// it must be large, and the first time.
const WORTH: [f32; 2] = [0.25, 0.1];
const WORTH_FIRST: [f32; 2] = [0.8, 0.6];
/// The least power by which the first must lead, and nothing, of a tick: an echo of less is not heard.
const HEARD: f32 = tick_power(-55.0);
/// How many times chance squared a lead must be to bring what was learned to the front, to bring it there first, to throw it away, and
/// to throw away what is in front.
const PROOF: f32 = 25.0;
const PROOF_FIRST: f32 = 100.0;
const STRAYED: f32 = 8.0;
const HARM: f32 = 16.0;
/// In the beginning, while all that is heard is most likely echo, the back wins more easily and is thrown away less easily.
const PROOF_BEGINNING: f32 = 4.0;
const STRAYED_BEGINNING: f32 = 32.0;

impl Contest {
    /// Takes a tick. The back does not win unless it `may`.
    #[inline(always)]
    pub fn step(&mut self, round: &Round, may: bool) -> Verdict {
        let (proof, strayed) = if round.beginning { (PROOF_BEGINNING, STRAYED_BEGINNING) } else { (PROOF, STRAYED) };
        self.filters.step(round.front, round.back);
        let (worth, proof, least) = match round.near {
            None => (WORTH_FIRST, PROOF_FIRST, HEARD),
            Some(near) => {
                self.nothing.step(round.front, near);
                (WORTH, proof, 0.0)
            }
        };
        let verdict = if may && self.filters.is_ahead(worth, proof, least) {
            Verdict::Back
        } else if round.near.is_some() && self.nothing.is_ahead(WORTH, HARM, HEARD) {
            Verdict::Nothing
        } else if self.filters.is_behind(strayed) {
            if round.near.is_some() { Verdict::Front } else { Verdict::Worse }
        } else {
            return Verdict::Neither;
        };
        *self = Contest::default();
        verdict
    }
}

impl Lead {
    #[inline(always)]
    fn step(&mut self, front: Wide, other: Wide) {
        const PACE: [f32; 2] = [1.0 / 16.0, 1.0 / 256.0];
        let apart = (front - other).power();
        let (front, other) = (front.power(), other.power());
        for (term, pace) in PACE.into_iter().enumerate() {
            let rest = 1.0 - pace;
            self.lead[term] = rest * self.lead[term] + pace * (front - other);
            self.chance[term] = rest * rest * self.chance[term] + pace * pace * front * apart;
            self.front[term] = rest * self.front[term] + pace * front;
        }
    }

    /// Whether the other is ahead by what is worth it and at `least` so much, and the square of its lead by so many times chance.
    #[inline(always)]
    fn is_ahead(&self, worth: [f32; 2], proof: f32, least: f32) -> bool {
        (0..2).any(|term| {
            let lead = self.lead[term];
            lead > least.max(worth[term] * self.front[term]) && lead * lead > proof * self.chance[term]
        })
    }

    #[inline(always)]
    fn is_behind(&self, proof: f32) -> bool {
        (0..2).any(|term| self.lead[term] < 0.0 && self.lead[term] * self.lead[term] > proof * self.chance[term])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many ticks it takes to a verdict other than `Neither`, and which.
    fn verdict(near: Option<f32>, front: f32, back: f32) -> Option<(usize, Verdict)> {
        let mut contest = Contest::default();
        let mut state = 1_u32;
        (1..1000).find_map(|tick| {
            let noise = Wide(core::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as i32 as f32 / 2_147_483_648.0
            }));
            let round = Round {
                near: near.map(|near| noise * near),
                front: noise * front,
                back: noise * back,
                beginning: false,
            };
            match contest.step(&round, true) {
                Verdict::Neither => None,
                verdict => Some((tick, verdict)),
            }
        })
    }

    #[test]
    fn the_first_find_takes_longer_than_any_other() {
        let (first, verdict_first) = verdict(None, 1000.0, 100.0).unwrap();
        let (later, verdict_later) = verdict(Some(4000.0), 1000.0, 100.0).unwrap();
        assert!(matches!((verdict_first, verdict_later), (Verdict::Back, Verdict::Back)));
        assert!(later < first && first < 100, "{later} and {first} ticks");
    }

    #[test]
    fn what_is_too_soft_to_be_heard_is_not_found() {
        assert!(verdict(None, 20.0, 1.0).is_none());
    }

    #[test]
    fn a_filter_that_does_harm_goes_at_once() {
        let (ticks, what) = verdict(Some(500.0), 1000.0, 990.0).unwrap();
        assert!(matches!(what, Verdict::Nothing) && ticks < 50, "{ticks} ticks");
    }

    #[test]
    fn a_learner_that_has_strayed_is_called_back() {
        assert!(matches!(verdict(Some(4000.0), 1000.0, 1500.0), Some((_, Verdict::Front))));
    }
}
