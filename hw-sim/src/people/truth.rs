//! Events as they really happened, for judges: one line of JSON each.
//!
//! A judge compares these lines with what the system under test says happened. They come from the world's own side of
//! the wires: what was sent, heard, lifted, keyed. Times are milliseconds of the world's clock, 8 samples each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde::{Deserialize, Serialize};

use super::voice::PhraseId;

/// An event of the simulated world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Milliseconds since the world began.
    pub ms: u64,
    /// The event.
    #[serde(flatten)]
    pub what: What,
}

/// Events. Sockets (`line`, `station`) are numbered from 0, as on the card; calls from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// The world began.
    Began {
        /// The seed from which everything follows.
        seed: u64,
        /// Number of calls that will come in.
        calls: u32,
    },
    /// The exchange began to ring a line.
    CallStarted {
        /// The trunk's socket.
        line: u8,
        /// The call.
        call: u32,
        /// The caller's number, as the exchange would tell it; empty if withheld.
        number: String,
        /// The caller's name.
        name: String,
    },
    /// Ordinary ringing of a call began: caller ID before it is over.
    RingingBegan {
        /// The trunk's socket.
        line: u8,
        /// The call.
        call: u32,
    },
    /// A caller met an engaged line: the call never reached the card.
    CallBlocked {
        /// The trunk's socket.
        line: u8,
        /// The call.
        call: u32,
    },
    /// The caller's identity was sent, or was cut off because the call was answered or abandoned meanwhile.
    CallerIdSent {
        /// The trunk's socket.
        line: u8,
        /// The call.
        call: u32,
        /// The number sent; empty if withheld.
        number: String,
        /// The name sent, if the message had one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// True if the last octet left the exchange.
        complete: bool,
        /// Its beginning.
        from_ms: u64,
    },
    /// The exchange saw the loop closed: the card answered.
    Answered {
        /// The trunk's socket.
        line: u8,
        /// The call.
        call: u32,
    },
    /// A caller pressed a key.
    DigitKeyed {
        /// The call.
        call: u32,
        /// The key.
        digit: char,
        /// Press of the key; `ms` is its release.
        from_ms: u64,
    },
    /// A caller heard a human voice for the first time.
    Welcomed {
        /// The call.
        call: u32,
        /// Time since the answer, in ms.
        waited_ms: u64,
    },
    /// A calling fax machine heard another one answer.
    FaxAnswered {
        /// The call.
        call: u32,
        /// Time since the answer, in ms.
        waited_ms: u64,
    },
    /// A calling fax machine has sent its page.
    FaxSent {
        /// The call.
        call: u32,
    },
    /// A caller gave up.
    Abandoned {
        /// The call.
        call: u32,
        /// Progress of the caller.
        stage: Stage,
    },
    /// An incoming or outgoing call is over for the party at the exchange.
    CallEnded {
        /// The trunk's socket.
        line: u8,
        /// The call.
        call: u32,
        /// The party that cleared first.
        by: Side,
    },
    /// The card put a line on hook, as the exchange saw it.
    LineReleased {
        /// The trunk's socket.
        line: u8,
    },
    /// A line stayed off hook so long after its call that the exchange gave it up.
    LineLockedOut {
        /// The trunk's socket.
        line: u8,
    },
    /// The card opened the loop for a moment during a call.
    LineFlashed {
        /// The trunk's socket.
        line: u8,
    },
    /// The card took an idle line.
    LineSeized {
        /// The trunk's socket.
        line: u8,
    },
    /// The exchange received a number from a line.
    Dialled {
        /// The trunk's socket.
        line: u8,
        /// The outgoing call, numbered on from the incoming ones.
        call: u32,
        /// The digits as the exchange heard them.
        digits: String,
    },
    /// The person called from a line lifted.
    OutgoingAnswered {
        /// The trunk's socket.
        line: u8,
        /// The call.
        call: u32,
    },
    /// A telephone began to ring.
    StationRang {
        /// The station's socket.
        station: u8,
    },
    /// A telephone stopped ringing without having been lifted.
    StationRingingStopped {
        /// The station's socket.
        station: u8,
    },
    /// A telephone was lifted.
    StationLifted {
        /// The station's socket.
        station: u8,
    },
    /// A person dialled at a telephone: the digits keyed.
    StationDialled {
        /// The station's socket.
        station: u8,
        /// The keys.
        digits: String,
    },
    /// A telephone was put down.
    StationHungUp {
        /// The station's socket.
        station: u8,
        /// The owner's reason.
        why: HangUp,
    },
    /// A speaker stopped speaking a phrase.
    Spoken {
        /// The phrase; its samples can be made again from the seed.
        phrase: PhraseId,
        /// Its beginning; `ms` is its end.
        from_ms: u64,
        /// Number of its samples that were spoken.
        samples: u64,
        /// True if it was spoken to its end.
        complete: bool,
    },
    /// A phrase was heard by another party.
    Heard {
        /// The phrase.
        phrase: PhraseId,
        /// Listener who heard it.
        by: Listener,
        /// Delay from mouth to tone_receiver, in samples.
        delay_samples: u32,
        /// The first sample of the phrase that was compared: 0, unless the listener came later.
        from_sample: u64,
        /// Number of its samples that were compared: all, unless the listener left earlier.
        samples: u64,
        /// True if it was spoken to its end, with the listener present from its beginning to its end.
        complete: bool,
        /// The amplification on the way; 1 is none.
        gain: f32,
        /// Signal to noise in decibels: what was said against the difference to what was heard.
        snr_db: f32,
    },
    /// A phrase was spoken for 400 ms or more and was heard by no other party. A shorter one is not looked for.
    Unheard {
        /// The phrase.
        phrase: PhraseId,
    },
    /// The callers of a shift are gone, and every line and telephone is at rest: the calls alone begin.
    ShiftEnds {
        /// Its number, counted from 1.
        shift: u32,
    },
    /// A shift is over, and every line and telephone has rested for as long as the scenario says.
    ShiftOver {
        /// Its number, counted from 1.
        shift: u32,
    },
    /// Every call is over, and every line and telephone at rest.
    Over,
}

/// Progress of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The line was ringing.
    Ringing,
    /// The line was answered, and no key pressed yet.
    Menu,
    /// Waiting for a human.
    Queued,
}

/// A side of a call, seen from the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The party at the far end of the exchange: a caller or a called party.
    Remote,
    /// The card.
    Card,
    /// The exchange: no answer, or the number cannot be reached.
    Exchange,
}

/// Reason for which a telephone was put down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangUp {
    /// All was said.
    Finished,
    /// Busy tone was heard.
    BusyTone,
    /// The telephone has no agent.
    NobodyThere,
}

/// A listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listener {
    /// The remote party of a call.
    Call(u32),
    /// The owner of a telephone, by its socket.
    Station(u8),
}

/// Output of the events.
#[derive(Debug)]
pub(crate) struct TruthWriter {
    sender: Sender<Truth>,
    finished: Arc<AtomicBool>,
    now: u64,
}

impl TruthWriter {
    /// A writer, and where to listen.
    pub(crate) fn new() -> (TruthWriter, TruthLog) {
        let (sender, receiver) = channel();
        let finished = Arc::new(AtomicBool::new(false));
        (TruthWriter { sender, finished: Arc::clone(&finished), now: 0 }, TruthLog { receiver, finished })
    }

    /// Another millisecond is over.
    pub(crate) fn tick(&mut self) {
        self.now += 1;
    }

    /// Milliseconds since the world began.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// Reports an event of this moment. Events without a reader are dropped.
    pub(crate) fn emit(&mut self, what: What) {
        if what == What::Over {
            self.finished.store(true, Ordering::Release);
        }
        let _ = self.sender.send(Truth { ms: self.now, what });
    }
}

/// Reader of the truth, apart from the world itself, which a card owns.
#[derive(Debug)]
pub struct TruthLog {
    receiver: Receiver<Truth>,
    finished: Arc<AtomicBool>,
}

impl TruthLog {
    /// The next event, if there is one. Never waits.
    pub fn poll_truth(&self) -> Option<Truth> {
        self.receiver.try_recv().ok()
    }

    /// Returns true if the scenario is over: no further event will happen by itself.
    pub fn finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }
}
