//! One line of a call progress detector: from the sets of frequencies that sound in each block to a tone by its
//! cadence.
//!
//! Never: reads a sample.

use super::cadence::Track;
use super::{BEGUN_MS, Event, Pattern};

/// Length of a block, in milliseconds.
pub(super) const BLOCK_MS: u32 = 10;
/// Blocks of which the greater part may decide.
pub(super) const MAJORITY_MAX: usize = 7;
/// Different sets of frequencies that they may form.
pub(super) const SETS_MAX: usize = 6;

/// The sets of frequencies that sounded on one line, and the pattern that they form.
#[derive(Debug, Clone, Default)]
pub(super) struct Lane {
    tracks: [Track; SETS_MAX],
    /// Sets that sounded in the last blocks, the newest first, a bit each.
    before: [u8; MAJORITY_MAX - 1],
    /// The pattern that was recognised.
    recognised: Option<usize>,
}

impl Lane {
    /// Returns true if any set sounded in the last block.
    pub(super) fn is_sounding(&self) -> bool {
        self.before[0] != 0
    }

    /// Takes a block. Returns the sets that sounded in the greater part of the last ones: a single block is no change.
    fn vote(&mut self, now: u8, majority_of: usize) -> u8 {
        let others = &self.before[..majority_of - 1];
        let votes = |set: usize| others.iter().chain([&now]).filter(|block| **block >> set & 1 == 1).count();
        let sounding = (0..SETS_MAX).fold(0, |all, set| all | u8::from(2 * votes(set) > majority_of) << set);
        self.before.copy_within(..MAJORITY_MAX - 2, 1);
        self.before[0] = now;
        sounding
    }

    /// Takes a block: which sets of frequencies sounded in it, a bit each. Whether anything is remembered of it or of
    /// those before.
    pub(super) fn step<T: Copy + PartialEq>(
        &mut self,
        now: u8,
        majority_of: usize,
        patterns: &[Pattern<T>],
        sets: &[usize],
        report: &mut dyn FnMut(Event<T>),
    ) -> bool {
        let sounding = self.vote(now, majority_of);
        if sounding == 0 && self.recognised.is_none() && self.tracks.iter().all(Track::is_silent) {
            return self.before != [0; MAJORITY_MAX - 1];
        }
        let mut ended = 0;
        for (set, track) in self.tracks.iter_mut().enumerate() {
            ended |= u8::from(track.step(sounding >> set & 1 == 1, BLOCK_MS)) << set;
            if track.burst_ms() == BEGUN_MS && self.recognised.is_none() {
                report(Event::Begun);
            }
        }
        if let Some(index) = self.recognised {
            let set = sets[index];
            let has_ended = ended >> set & 1 == 1;
            if !self.tracks[set].holds(&patterns[index].cadence, has_ended) {
                self.recognised = None;
                self.tracks[set].forget(has_ended);
                report(Event::Ended(patterns[index].tone));
            }
        }
        let fitting = patterns.iter().zip(sets).position(|(pattern, set)| self.tracks[*set].fits(&pattern.cadence));
        match (self.recognised, fitting) {
            (Some(old), Some(new)) if patterns[old].tone != patterns[new].tone => {
                report(Event::Ended(patterns[old].tone));
                report(Event::Recognised(patterns[new].tone));
                self.recognised = Some(new);
            }
            (None, Some(new)) => {
                report(Event::Recognised(patterns[new].tone));
                self.recognised = Some(new);
            }
            (Some(_), Some(_) | None) | (None, None) => {}
        }
        true
    }
}
