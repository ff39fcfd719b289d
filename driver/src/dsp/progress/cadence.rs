//! Cadence of one tone on one lane: lengths of sound and silence, compared with patterns.

use super::{Cadence, Span};

/// Spans remembered: the longest pattern has eight.
const SPANS_MAX: usize = 16;
/// After so much silence nothing is remembered: no tone pauses for as long.
const SILENCE_MAX_MS: u32 = 12_000;

/// Sound and silence in turn, as far back as they are remembered.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Track {
    /// Finished spans in milliseconds, the newest last; they alternate.
    spans: [u32; SPANS_MAX],
    count: usize,
    /// Present span: sound or silence, and its length.
    sounding: bool,
    now_ms: u32,
}

impl Track {
    /// Takes `ms` of sound or silence. Whether a span has just ended.
    pub(super) fn step(&mut self, sounding: bool, ms: u32) -> bool {
        if sounding == self.sounding {
            self.now_ms = self.now_ms.saturating_add(ms);
            if !sounding && self.now_ms > SILENCE_MAX_MS {
                self.count = 0;
            }
            return false;
        }
        // The silence before the first burst has no length that means anything.
        if self.sounding || self.count > 0 {
            if self.count == SPANS_MAX {
                // Two at once, so that a burst stays where a burst was.
                self.spans.copy_within(2.., 0);
                self.count -= 2;
            }
            self.spans[self.count] = self.now_ms;
            self.count += 1;
        }
        self.sounding = sounding;
        self.now_ms = ms;
        true
    }

    /// Forgets all but the span that goes on, and a burst that `has_ended` just now: another tone may have begun with
    /// it.
    pub(super) fn forget(&mut self, has_ended: bool) {
        match self.finished() {
            [.., burst] if has_ended && !self.sounding => {
                self.spans[0] = *burst;
                self.count = 1;
            }
            _ => self.count = 0,
        }
    }

    /// For how long it has sounded without a break; 0 in silence.
    pub(super) fn burst_ms(&self) -> u32 {
        if self.sounding { self.now_ms } else { 0 }
    }

    /// Returns true after silence for as long as is remembered.
    pub(super) fn is_silent(&self) -> bool {
        !self.sounding && self.count == 0
    }

    fn finished(&self) -> &[u32] {
        &self.spans[..self.count]
    }

    /// Returns true if the newest finished span was sound: then it is silent now.
    fn newest_is_burst(&self) -> bool {
        !self.sounding
    }

    /// Returns true if the remembered spans make a pattern.
    pub(super) fn fits(&self, cadence: &Cadence) -> bool {
        match *cadence {
            Cadence::Steady { ms, gap_ms } => self.sounding && self.steady_ms(gap_ms) >= ms,
            Cadence::Cycle { spans, enough } => self.newest(enough).is_some_and(|newest| in_cycle(newest, spans)),
            Cadence::Regular { spans, spread_ms, enough } => {
                self.newest(enough).is_some_and(|newest| is_regular(newest, spans, spread_ms))
            }
        }
    }

    /// Returns true while a recognised pattern holds: the present span is not longer than it can be, and what has just
    /// ended, if anything has, was right.
    pub(super) fn holds(&self, cadence: &Cadence, has_ended: bool) -> bool {
        match *cadence {
            Cadence::Steady { gap_ms, .. } => self.sounding || self.now_ms <= gap_ms,
            Cadence::Cycle { spans, .. } => {
                let own = |(index, span): (usize, &Span)| ((index % 2 == 0) == self.sounding).then_some(span.max_ms);
                let longest = spans.iter().enumerate().filter_map(own).max().unwrap_or(0);
                let newest = self.newest_two(has_ended);
                self.now_ms <= longest && (newest.is_empty() || in_cycle(newest, spans) || self.is_first(newest, spans))
            }
            Cadence::Regular { spans, spread_ms, .. } => {
                self.now_ms <= spans.max_ms && is_regular(self.newest_two(has_ended), spans, spread_ms)
            }
        }
    }

    /// A silence alone fits wherever the cycle has such a one.
    fn is_first(&self, newest: &[u32], spans: &[Span]) -> bool {
        match newest {
            [silence] => spans.iter().skip(1).step_by(2).any(|span| span.contains(*silence)),
            _ => false,
        }
    }

    /// The span that has just ended, with the burst before it if it is a silence; nothing if none has ended.
    fn newest_two(&self, has_ended: bool) -> &[u32] {
        let finished = self.finished();
        let count = match (has_ended, self.newest_is_burst()) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => 2,
        };
        &finished[finished.len() - count.min(finished.len())..]
    }

    /// This many finished spans, the newest last, if they begin with sound.
    fn newest(&self, count: u8) -> Option<&[u32]> {
        let begins_with_burst = (count % 2 == 1) == self.newest_is_burst();
        let start = self.count.checked_sub(count as usize)?;
        begins_with_burst.then(|| &self.spans[start..self.count])
    }

    /// Length of the sound, silences up to `gap_ms` included.
    fn steady_ms(&self, gap_ms: u32) -> u32 {
        let mut total = self.now_ms;
        let mut finished = self.finished().iter().rev();
        while let (Some(silence), Some(burst)) = (finished.next(), finished.next()) {
            if *silence > gap_ms {
                break;
            }
            total += silence + burst;
        }
        total
    }
}

/// Returns true for spans, sound first, that are part of a repeated cycle.
fn in_cycle(newest: &[u32], cycle: &[Span]) -> bool {
    (0..cycle.len()).step_by(2).any(|start| {
        let expected = cycle.iter().cycle().skip(start);
        newest.iter().zip(expected).all(|(ms, span)| span.contains(*ms))
    })
}

/// Returns true if all spans have allowed lengths, the bursts alike and the silences alike.
fn is_regular(newest: &[u32], allowed: Span, spread_ms: u32) -> bool {
    let alike = |first: usize| {
        let own = || newest.iter().skip(first).step_by(2);
        let spread = own().max().zip(own().min()).map_or(0, |(longest, shortest)| longest - shortest);
        spread <= spread_ms
    };
    newest.iter().all(|ms| allowed.contains(*ms)) && alike(0) && alike(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUSY: Cadence = Cadence::Cycle { spans: &[Span::around(350, 15), Span::around(350, 15)], enough: 7 };
    const UNOBTAINABLE: Cadence = Cadence::Cycle {
        spans: &[Span::around(100, 15), Span::around(100, 15), Span::around(400, 15), Span::around(400, 15)],
        enough: 4,
    };
    const REGULAR: Cadence = Cadence::Regular { spans: Span { min_ms: 150, max_ms: 800 }, spread_ms: 60, enough: 9 };

    /// Runs spans through a track, beginning with silence; returns when the cadence fitted first, in milliseconds.
    fn fitted_at(cadence: &Cadence, spans: &[u32]) -> Option<u32> {
        let mut track = Track::default();
        let mut now = 0;
        for (index, span) in spans.iter().enumerate() {
            for _ in 0..span / 10 {
                track.step(index % 2 == 1, 10);
                now += 10;
                if track.fits(cadence) {
                    return Some(now);
                }
            }
        }
        None
    }

    #[test]
    fn busy_is_known_after_four_bursts() {
        let spans = [500, 350, 350, 350, 350, 350, 350, 350, 350];
        assert_eq!(fitted_at(&BUSY, &spans), Some(500 + 7 * 350 + 10));
        assert_eq!(fitted_at(&BUSY, &[500, 300, 400, 390, 310, 350, 350, 400, 10]), Some(500 + 2500 + 10));
        assert_eq!(fitted_at(&BUSY, &[500, 350, 350, 350, 350, 280, 350, 350, 350, 350, 350]), None);
    }

    #[test]
    fn a_cycle_may_begin_at_any_burst() {
        assert!(fitted_at(&UNOBTAINABLE, &[100, 400, 400, 100, 100, 400, 400]).is_some());
        assert!(fitted_at(&UNOBTAINABLE, &[100, 100, 100, 400, 400, 100]).is_some());
        assert!(fitted_at(&UNOBTAINABLE, &[100, 100, 400, 400, 100, 100, 400]).is_none());
    }

    #[test]
    fn any_regular_cadence_is_told_from_speech() {
        assert!(fitted_at(&REGULAR, &[500, 250, 240, 260, 250, 250, 260, 240, 250, 260, 250]).is_some());
        assert!(fitted_at(&REGULAR, &[500, 250, 240, 400, 250, 250, 260, 600, 250, 260, 250]).is_none());
    }

    #[test]
    fn gaps_do_not_interrupt_a_steady_tone() {
        let steady = Cadence::Steady { ms: 1000, gap_ms: 60 };
        assert_eq!(fitted_at(&steady, &[500, 400, 40, 400, 40, 400]), Some(1500));
        assert_eq!(fitted_at(&steady, &[500, 400, 100, 400, 100, 400]), None);
    }
}
