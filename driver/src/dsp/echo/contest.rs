//! The contest of the two filters, and of what is in front with no filter at all: which is better, as far as it is more than chance.
//!
//! As long as there is no echo, whatever comes to the front does harm. So the first find needs [`Evidence`] that there is one, or a
//! lead beyond doubt. And what is in front goes at once when it makes things worse.
//!
//! Once little is left both filters know the path, and each has errors of its own. What lies between them is better than either then,
//! and takes the place of both.
//!
//! Powers are compared with the low tones weakened, in which two voices go together longest, and which tell least of a path.
//!
//! Source: J. Arenas-García and others, 2006 (a mix of two adaptive filters is no worse than the better).
//!
//! Never: decides for a lead that is small, or that chance would give.

use super::evidence::Evidence;
use super::tick_power;
use crate::dsp::wide::Wide;

/// Which is better.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contest {
    /// The back against the front.
    filters: Lead,
    /// No filter against the front.
    nothing: Lead,
    /// What speaks for an echo, as long as none has been found.
    evidence: Evidence,
    emphasis: Emphasis,
}

/// What came of a tick of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// No more than chance.
    Neither,
    /// Nothing has been found, and what is on trial has been there long enough.
    Next,
    /// The back has proved better.
    Back,
    /// Both are good, and better is what lies this part of the way from the front to the back.
    Between(f32),
    /// The back has strayed.
    Front,
    /// It has, and what is in front takes so much away that the path is still the same.
    Same,
    /// The front does harm.
    Nothing,
    /// Nothing is in front, and the back is worse than that.
    Worse,
}

/// What each has left of a tick: the errors of the two filters, and what came in.
pub struct Round {
    pub near: Wide,
    /// The filter in front is on trial: nothing was found yet, and what came in is what is heard.
    pub trial: bool,
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
    /// The power of the difference of what they leave.
    apart: [f32; 2],
    /// The power of what the front leaves.
    front: [f32; 2],
}

/// A lead that is a smaller part of the error than this is not worth the risk: mostly somebody is speaking. Over a short time
/// it must be large, and the first time.
const WORTH: [f32; 2] = [0.25, 0.1];
const WORTH_FIRST: [f32; 2] = [0.8, 0.6];
/// The same where what is left is most likely the near end's: what is in front leaves more than it takes away.
const WORTH_DOUBTFUL: [f32; 2] = [0.35, 0.35];
/// What is in front takes so many times away what it leaves when it is settled: 20 dB.
const SETTLED: f32 = 100.0;
/// The part of the error that a mix of the two must be better by then.
const WORTH_BETWEEN: [f32; 2] = [0.25, 0.05];
/// The least power by which the first must lead, and nothing, of a tick: an echo of less is not heard.
const HEARD: f32 = tick_power(-55.0);
/// How many times chance squared a lead must be to bring what was learned to the front, to bring it there first, to throw it away, and
/// to throw away what is in front.
const PROOF: f32 = 25.0;
const PROOF_FIRST: f32 = 100.0;
const STRAYED: f32 = 8.0;
const HARM: f32 = 16.0;
/// What is in front takes so many times away what it leaves, if the path is still the one that it was learned from: 5 dB.
const SAME: f32 = 2.0;
/// In the beginning, while all that is heard is most likely echo, the back wins more easily and is thrown away less easily.
const PROOF_BEGINNING: f32 = 4.0;
const STRAYED_BEGINNING: f32 = 32.0;

/// A lead of this part of the error over the short time, at least, when there is evidence of an echo: 5 dB.
const WORTH_EVIDENT: f32 = 0.7;
/// A filter that is spread farther than this is none of a path, whatever it takes away.
const SPREAD_MAX: f32 = 0.5;
/// How much of each sample is taken off the next before powers are compared.
const EMPHASIS: f32 = 0.75;

/// Weakens low tones.
#[derive(Debug, Clone, Copy, Default)]
struct Emphasis {
    /// The last sample of each before: what came in, what the front leaves, what the back leaves.
    last: [f32; 3],
}

impl Emphasis {
    #[inline(always)]
    fn step(&mut self, sounds: [Wide; 3]) -> [Wide; 3] {
        // As loud as before if it is noise: one through the root of 1 + EMPHASIS².
        const SCALE: f32 = 0.8;
        let mut out = sounds;
        for ((out, sound), last) in out.iter_mut().zip(&sounds).zip(&mut self.last) {
            let [a, b, c, d, e, f, g, h] = sound.0;
            *out = (*sound - Wide([*last, a, b, c, d, e, f, g]) * EMPHASIS) * SCALE;
            *last = h;
        }
        out
    }
}

impl Contest {
    /// Takes a tick. The back does not win unless it `may`, nor if it is `spread` too far.
    #[inline(always)]
    pub fn step(&mut self, round: &Round, may: bool, spread: impl FnOnce() -> f32) -> Verdict {
        let [near, front, back] = self.emphasis.step([round.near, round.front, round.back]);
        let mut verdict = Verdict::Neither;
        if round.trial {
            self.filters.step(near, back);
            if self.evidence.step(near.power(), front.power()) {
                verdict = Verdict::Next;
            }
            let evident = self.evidence.may_be_enough() && self.filters.leads_by(WORTH_EVIDENT);
            let proved = self.filters.is_ahead(WORTH_FIRST, PROOF_FIRST, HEARD);
            if may && (evident || proved) {
                let spread = spread();
                if evident && self.evidence.is_enough(spread) || proved && spread < SPREAD_MAX {
                    return self.decide(Verdict::Back);
                }
            }
            if self.filters.is_behind(Contest::strayed(round)) {
                return self.decide(Verdict::Worse);
            }
            return verdict;
        }
        self.filters.step(front, back);
        self.nothing.step(front, near);
        if may && let Some(better) = self.better(round.beginning, spread) {
            verdict = better;
        } else if self.nothing.is_ahead(WORTH, HARM, HEARD) {
            verdict = Verdict::Nothing;
        } else if self.filters.is_behind(Contest::strayed(round)) {
            let same = self.nothing.is_behind(HARM) && self.nothing.is_behind_by(SAME);
            verdict = if same { Verdict::Same } else { Verdict::Front };
        }
        self.decide(verdict)
    }

    /// Whether the back, or what lies between, is to come to the front.
    #[inline(always)]
    fn better(&self, beginning: bool, spread: impl FnOnce() -> f32) -> Option<Verdict> {
        if !beginning && self.nothing.is_behind_by(SETTLED) {
            let part = self.filters.between(WORTH_BETWEEN, PROOF)?;
            return (spread() < SPREAD_MAX).then_some(Verdict::Between(part));
        }
        let (worth, proof) = match beginning {
            true => (WORTH, PROOF_BEGINNING),
            false if self.nothing.is_behind_by(1.0) => (WORTH, PROOF),
            false => (WORTH_DOUBTFUL, PROOF),
        };
        (self.filters.is_ahead(worth, proof, 0.0) && spread() < SPREAD_MAX).then_some(Verdict::Back)
    }

    /// How many times chance squared the back must be behind to be thrown away.
    #[inline(always)]
    fn strayed(round: &Round) -> f32 {
        if round.beginning { STRAYED_BEGINNING } else { STRAYED }
    }

    /// Begins anew after a verdict.
    #[inline(always)]
    fn decide(&mut self, verdict: Verdict) -> Verdict {
        if verdict != Verdict::Neither {
            *self = Contest { emphasis: self.emphasis, ..Contest::default() };
        }
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
            self.apart[term] = rest * self.apart[term] + pace * apart;
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

    /// How far it is from the front to the best mix with the other, up to the other itself, if that is better than the front by what is
    /// worth it, and by so many times chance.
    ///
    /// It is the regression of what the front leaves on the difference: their product is half the sum of the lead and the difference's
    /// power.
    #[inline(always)]
    fn between(&self, worth: [f32; 2], proof: f32) -> Option<f32> {
        (0..2).find_map(|term| {
            let (apart, twice) = (self.apart[term] + f32::MIN_POSITIVE, self.lead[term] + self.apart[term]);
            let part = (0.5 * twice / apart).min(1.0);
            let gain = part * (twice - part * apart);
            let is_ahead =
                twice > 0.0 && gain > worth[term] * self.front[term] && twice * twice > proof * self.chance[term];
            is_ahead.then_some(part)
        })
    }

    /// Whether the other leads by this part of the error over the short time.
    #[inline(always)]
    fn leads_by(&self, worth: f32) -> bool {
        self.lead[0] > worth * self.front[0]
    }

    /// Whether the other is behind by this many times the error over the long time.
    #[inline(always)]
    fn is_behind_by(&self, times: f32) -> bool {
        -self.lead[1] > times * self.front[1]
    }

    /// Whether the other is behind, and the square of that is so many times chance.
    #[inline(always)]
    fn is_behind(&self, proof: f32) -> bool {
        (0..2).any(|term| self.lead[term] < 0.0 && self.lead[term] * self.lead[term] > proof * self.chance[term])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many ticks it takes to a verdict, and which. `front` is what the filter in front leaves, or the one on trial.
    fn verdict(trial: bool, near: f32, front: f32, back: f32, spread: f32) -> Option<(usize, Verdict)> {
        let mut contest = Contest::default();
        let mut state = 1_u32;
        (1..1000).find_map(|tick| {
            let noise = Wide(core::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as i32 as f32 / 2_147_483_648.0
            }));
            let round = Round { near: noise * near, trial, front: noise * front, back: noise * back, beginning: false };
            match contest.step(&round, true, || spread) {
                Verdict::Neither | Verdict::Next => None,
                verdict => Some((tick, verdict)),
            }
        })
    }

    #[test]
    fn a_find_is_believed_at_once_if_its_trial_goes_well_and_it_is_in_one_part() {
        let (evident, what) = verdict(true, 4000.0, 400.0, 400.0, 0.1).unwrap();
        assert!(what == Verdict::Back && evident < 20, "{evident} ticks");
        // Without a trial, or all over the place, it takes a lead beyond doubt.
        let (proved, what) = verdict(true, 4000.0, 4000.0, 400.0, 0.1).unwrap();
        assert!(what == Verdict::Back && (50..150).contains(&proved), "{proved} ticks");
        assert_eq!(verdict(true, 4000.0, 400.0, 400.0, 0.3).map(|(_, what)| what), Some(Verdict::Back));
        assert_eq!(verdict(true, 4000.0, 400.0, 400.0, 0.7), None);
    }

    #[test]
    fn a_better_filter_replaces_a_good_one_in_little_time() {
        let (ticks, what) = verdict(false, 4000.0, 1000.0, 100.0, 0.1).unwrap();
        assert!(what == Verdict::Back && ticks < 50, "{ticks} ticks");
        assert_eq!(verdict(false, 4000.0, 1000.0, 100.0, 0.7), None);
    }

    #[test]
    fn of_two_good_filters_with_errors_of_their_own_the_middle_is_best() {
        let mut contest = Contest::default();
        let mut state = 1_u32;
        let mut noise = || {
            Wide(core::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as i32 as f32 / 2_147_483_648.0
            }))
        };
        let verdict = (0..1000).find_map(|_| {
            let [near, rest, own, other] = [(); 4].map(|()| noise());
            let (front, back) = (rest * 100.0 + own * 60.0, rest * 100.0 + other * 60.0);
            let round = Round { near: near * 4000.0, trial: false, front, back, beginning: false };
            Some(contest.step(&round, true, || 0.1)).filter(|verdict| *verdict != Verdict::Neither)
        });
        assert!(matches!(verdict, Some(Verdict::Between(part)) if (0.3..0.7).contains(&part)), "{verdict:?}");
    }

    #[test]
    fn what_is_too_soft_to_be_heard_is_not_found() {
        assert!(verdict(true, 20.0, 1.0, 1.0, 0.1).is_none());
    }

    #[test]
    fn a_filter_that_does_harm_goes_at_once() {
        let (ticks, what) = verdict(false, 500.0, 1000.0, 990.0, 0.1).unwrap();
        assert!(what == Verdict::Nothing && ticks < 50, "{ticks} ticks");
    }

    #[test]
    fn a_learner_that_has_strayed_is_called_back() {
        assert!(matches!(verdict(false, 1200.0, 1000.0, 1500.0, 0.1), Some((_, Verdict::Front))));
    }

    #[test]
    fn a_learner_that_strays_from_a_filter_that_works_has_seen_no_other_path() {
        assert!(matches!(verdict(false, 4000.0, 1000.0, 1500.0, 0.1), Some((_, Verdict::Same))));
    }
}
