//! The layout of a channel's word: state, owner, cause and generation in 64 bits.
//!
//! | bits | what |
//! |---|---|
//! | 0–7 | [`State`] |
//! | 8–15 | [`Owner`]: who took the last step |
//! | 16–23 | [`Cause`]: why |
//! | 24–63 | [`Generation`]: which use of the channel this is |
//!
//! Never: decides which word may follow which; that is for [`transition`](super::transition).

use core::fmt;

/// Makes an enum that lives in one octet of the word.
macro_rules! octet {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal),* $(,)? } else $fallback:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$vdoc])* $variant = $number,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The meaning of an octet. Words are only ever made from these enums, so every octet has one.
            #[inline]
            const fn from_octet(octet: u8) -> $name {
                match octet {
                    $($number => $name::$variant,)*
                    _ => $name::$fallback,
                }
            }
        }
    };
}

octet!(
    /// State of a channel.
    State {
        /// It cannot be used: no card, no module, or a broken one.
        OutOfService = 0,
        /// It is at rest and can be used.
        Idle = 1,
        /// A trunk rings: a call is offered.
        Offered = 2,
        /// A trunk has been seized and dials, or waits for the far end.
        Dialling = 3,
        /// A station is being rung.
        Ringing = 4,
        /// The loop is closed: a trunk has been answered, a station has been lifted.
        InUse = 5,
        /// The far end of a trunk has gone, and this end has not yet been put on hook.
        Released = 6,
        /// This end is being put on hook, or ringing stopped; the line has not come to rest.
        Releasing = 7,
    } else OutOfService
);

octet!(
    /// Writer of the last step.
    Owner {
        /// No step yet.
        None = 0,
        /// The line: the media thread wrote the word.
        Line = 1,
        /// A command: the core wrote it.
        Core = 2,
    } else None
);

octet!(
    /// Cause of a channel's state.
    Cause {
        /// Nothing is to be said: the step speaks for itself.
        Normal = 0,
        /// The caller stopped ringing before the answer.
        RingingStopped = 1,
        /// Busy or congestion tone was heard.
        Tone = 2,
        /// The exchange took the battery away.
        LoopBreak = 3,
        /// The polarity went back.
        Polarity = 4,
        /// Nothing was heard for too long.
        Silence = 5,
        /// No dial tone came.
        NoDialTone = 6,
        /// There is no battery.
        NoBattery = 7,
        /// The far end is busy.
        Busy = 8,
        /// The network is congested, or the number cannot be had.
        Congestion = 9,
        /// The card or the module is gone.
        Lost = 10,
        /// A trunk rang when it was to be taken for a call out.
        Glare = 11,
        /// The number is not assigned.
        Unassigned = 12,
        /// The number has been changed or cut off.
        Intercepted = 13,
        /// The network announces why the call has failed.
        Announced = 14,
    } else Normal
);

impl State {
    /// Returns true if the channel is at rest: the next step begins a new use of it.
    pub const fn is_at_rest(self) -> bool {
        matches!(self, State::OutOfService | State::Idle)
    }
}

/// Use of a channel: counted up each time the channel leaves rest, to distinguish two uses in the same state. 40 bits:
/// one a millisecond lasts 34 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Generation(u64);

impl Generation {
    const BITS: u32 = 40;

    /// The number, for showing.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The generation of the step after this one.
    pub const fn next(self) -> Generation {
        Generation((self.0 + 1) & ((1 << Generation::BITS) - 1))
    }
}

/// A channel's word, read once: all of it belongs together. Serialised as its 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "u64", from = "u64")]
pub struct Word {
    /// State of the channel.
    pub state: State,
    /// Writer of the last step.
    pub owner: Owner,
    /// Cause of the state.
    pub cause: Cause,
    /// Number of the channel's use.
    pub generation: Generation,
}

impl From<Word> for u64 {
    fn from(word: Word) -> u64 {
        word.to_bits()
    }
}

impl From<u64> for Word {
    fn from(bits: u64) -> Word {
        Word::from_bits(bits)
    }
}

impl Word {
    /// The word every channel begins with: out of service until its line says otherwise.
    pub const START: Word =
        Word { state: State::OutOfService, owner: Owner::None, cause: Cause::Normal, generation: Generation(0) };

    /// The word after a step; a new generation begins when the channel leaves rest.
    pub(super) const fn step(self, state: State, owner: Owner, cause: Cause) -> Word {
        let generation = if self.state.is_at_rest() { self.generation.next() } else { self.generation };
        Word { state, owner, cause, generation }
    }

    pub(super) const fn to_bits(self) -> u64 {
        self.state as u64 | (self.owner as u64) << 8 | (self.cause as u64) << 16 | self.generation.0 << 24
    }

    #[inline]
    pub(super) const fn from_bits(bits: u64) -> Word {
        Word {
            state: State::from_octet(bits as u8),
            owner: Owner::from_octet((bits >> 8) as u8),
            cause: Cause::from_octet((bits >> 16) as u8),
            generation: Generation(bits >> 24),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} by {:?} ({:?}), use {}", self.state, self.owner, self.cause, self.generation.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_survives_its_bits() {
        for &state in State::ALL {
            for &owner in Owner::ALL {
                for &cause in Cause::ALL {
                    let word = Word { state, owner, cause, generation: Generation((1 << 40) - 1) };
                    assert_eq!(Word::from_bits(word.to_bits()), word);
                }
            }
        }
    }

    #[test]
    fn a_generation_begins_when_a_channel_leaves_rest_and_lasts_until_it_does_again() {
        let idle = Word::START.step(State::Idle, Owner::Line, Cause::Normal);
        let offered = idle.step(State::Offered, Owner::Line, Cause::Normal);
        let answered = offered.step(State::InUse, Owner::Core, Cause::Normal);
        assert_eq!(idle.generation.number(), 1);
        assert_eq!(offered.generation.number(), 2);
        assert_eq!(answered.generation, offered.generation);
    }
}
