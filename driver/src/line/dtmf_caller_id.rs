//! Caller ID sent as keys on the idle line: DTMF caller identity.
//!
//! | form | where |
//! |---|---|
//! | `D` number `C`; `A` or `B` first and `#` last are met | China, Taiwan, Kuwait |
//! | `A` number [`D` redirecting number] [`B` code] `C` | Nordic countries, Brazil, India, Netherlands, … |
//! | `D1#` withheld, `D2#` international, `D3#` technical reasons | Denmark, Netherlands |
//! | number `#` | Denmark, Netherlands |
//!
//! `#` and `C` end any of them. Codes after `B`: 00 not available, 10 withheld.
//!
//! Never: listens to anything but an idle or ringing line, where keys have no other meaning.

use arrayvec::ArrayVec;

use super::{AbsenceReason, CallerId, Digit, NUMBER_MAX};
use crate::time::{Tick, Ticks};

/// Keys further apart than this do not belong together (signals and pauses are 40 to 100 ms each).
const APART: Ticks = Ticks::from_ms(1000);
/// A message has two numbers and a code at most.
const KEYS_MAX: usize = 2 * NUMBER_MAX + 8;

/// Collects the keys of a message.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyedIdentity {
    keys: ArrayVec<char, KEYS_MAX>,
    last: Tick,
}

impl KeyedIdentity {
    /// Takes a key. Returns the caller ID when the message is complete.
    pub(crate) fn handle_digit(&mut self, now: Tick, digit: Digit) -> Option<CallerId> {
        if now.since(self.last) > APART || self.keys.is_full() {
            self.keys.clear();
        }
        self.last = now;
        match digit.as_char() {
            '#' | 'C' => {
                let caller = read(&self.keys);
                self.keys.clear();
                caller
            }
            key => {
                self.keys.push(key);
                None
            }
        }
    }

    /// Forgets what was collected.
    pub(crate) fn reset(&mut self) {
        self.keys.clear();
    }
}

/// Reads the keys before the end mark.
fn read(keys: &[char]) -> Option<CallerId> {
    let mut caller = CallerId::default();
    if let ['D', reason @ ('1'..='3')] = keys {
        caller.absence = Some(if *reason == '1' { AbsenceReason::Private } else { AbsenceReason::Unavailable });
        return Some(caller);
    }
    // Without a start mark the number is what comes first.
    let (mark, keys) = match keys {
        [mark @ ('A' | 'B' | 'D'), keys @ ..] => (*mark, keys),
        keys => ('A', keys),
    };
    let (first, rest) = keys.split_at(keys.iter().position(|key| !key.is_ascii_digit()).unwrap_or(keys.len()));
    if first == ['0', '0'] && mark == 'B' {
        caller.absence = Some(AbsenceReason::Unavailable);
    } else if first == ['1', '0'] && mark == 'B' {
        caller.absence = Some(AbsenceReason::Private);
    } else {
        for key in first.iter().take(NUMBER_MAX) {
            caller.number.push(*key);
        }
    }
    if caller.number.is_empty() && caller.absence.is_none() {
        caller.absence = match rest {
            ['B', '0', '0', ..] => Some(AbsenceReason::Unavailable),
            ['B', '1', '0', ..] => Some(AbsenceReason::Private),
            _ => return None,
        };
    }
    Some(caller)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(keys: &str) -> Option<CallerId> {
        let mut identity = KeyedIdentity::default();
        let mut received = None;
        for (at, key) in keys.chars().enumerate() {
            assert_eq!(received, None, "no caller ID before the end mark");
            received = identity.handle_digit(Tick(140 * at as u64), Digit::new(key).unwrap());
        }
        received
    }

    fn number(keys: &str) -> Option<String> {
        received(keys).map(|caller| caller.number.to_string())
    }

    #[test]
    fn every_form_in_use_gives_the_number() {
        for keys in ["D01062345678C", "A01062345678C", "B01062345678#", "A01062345678#", "01062345678#"] {
            assert_eq!(number(keys).as_deref(), Some("01062345678"), "{keys}");
        }
        assert_eq!(number("A5551234D5559999C").as_deref(), Some("5551234"));
        assert_eq!(number("A5551234B00C").as_deref(), Some("5551234"));
    }

    #[test]
    fn a_number_that_is_withheld_or_unknown_says_so() {
        assert_eq!(received("D1#").unwrap().absence, Some(AbsenceReason::Private));
        assert_eq!(received("D2#").unwrap().absence, Some(AbsenceReason::Unavailable));
        assert_eq!(received("AB00C").unwrap().absence, Some(AbsenceReason::Unavailable));
        assert_eq!(received("AB10C").unwrap().absence, Some(AbsenceReason::Private));
        assert_eq!(received("B10C").unwrap().absence, Some(AbsenceReason::Private));
    }

    #[test]
    fn an_end_without_a_beginning_is_nobody() {
        assert_eq!(received("#"), None);
        assert_eq!(received("AC"), None);
    }

    #[test]
    fn keys_far_apart_do_not_belong_together() {
        let mut identity = KeyedIdentity::default();
        let key = |c| Digit::new(c).unwrap();
        identity.handle_digit(Tick(0), key('D'));
        identity.handle_digit(Tick(140), key('1'));
        identity.handle_digit(Tick(5000), key('D'));
        identity.handle_digit(Tick(5140), key('9'));
        assert_eq!(identity.handle_digit(Tick(5280), key('C')).unwrap().number.as_str(), "9");
    }

    #[test]
    fn more_keys_than_a_message_can_have_start_again() {
        let mut identity = KeyedIdentity::default();
        for at in 0..500 {
            assert_eq!(identity.handle_digit(Tick(at), Digit::new('7').unwrap()), None);
        }
        assert!(identity.handle_digit(Tick(500), Digit::new('#').unwrap()).is_some());
    }
}
