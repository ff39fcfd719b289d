//! Files of traces, one a card at a time, written by the file thread.
//!
//! Never: runs on the media thread.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tipring_driver::card::maintenance::{Entry, Header, Record};
use tipring_driver::ids::TaskId;
use tipring_driver::spsc::Consumer;

use crate::failure::{Outcome, fail};
use crate::sound::{SoundReport, SoundReports};

/// Ticks between two times that what was written is handed to the system.
const FLUSH_TICKS: u32 = 1000;

/// The traces of a context's cards.
pub struct Traces {
    cards: Box<[Mutex<CardTrace>]>,
    /// Traces under way: nearly always none, and then there is nothing to look for.
    open: AtomicUsize,
    notices: SoundReports,
}

/// A card: its records, and the file they go to.
pub struct CardTrace {
    records: Consumer<Record>,
    header: Header,
    open: Option<Open>,
}

impl CardTrace {
    /// A card without a trace.
    pub fn new(records: Consumer<Record>, header: Header) -> CardTrace {
        CardTrace { records, header, open: None }
    }
}

/// A trace under way.
struct Open {
    task: TaskId,
    path: PathBuf,
    out: BufWriter<File>,
    records: u64,
    lost: u64,
    flushed: u32,
    failed: bool,
}

impl Traces {
    /// The traces of cards, in their order.
    pub fn new(cards: Vec<CardTrace>, notices: SoundReports) -> Traces {
        Traces { cards: cards.into_iter().map(Mutex::new).collect(), open: AtomicUsize::new(0), notices }
    }

    /// Makes the file of a trace; records go there from now on.
    ///
    /// # Errors
    /// `E_IO`.
    pub fn begin(&self, card: usize, task: TaskId, path: &Path) -> Outcome<()> {
        let mut card = self.cards[card].lock();
        let made = OpenOptions::new().write(true).create_new(true).open(path).and_then(|file| {
            let mut out = BufWriter::new(file);
            out.write_all(&card.header.to_octets()).map(|()| out)
        });
        match made {
            Ok(out) => {
                let (records, lost, flushed, failed) = (0, 0, 0, false);
                card.open = Some(Open { task, path: path.to_owned(), out, records, lost, flushed, failed });
                self.open.fetch_add(1, Ordering::Release);
                Ok(())
            }
            Err(why) => fail!(E_IO, "{} cannot be made: {why}", path.display()),
        }
    }

    /// Writes the records that wait.
    pub fn step(&self) {
        if self.open.load(Ordering::Acquire) == 0 {
            return;
        }
        for card in &self.cards {
            if card.lock().step(&self.notices) {
                self.open.fetch_sub(1, Ordering::Release);
            }
        }
    }

    /// Closes the files of traces that did not come to their end.
    pub fn finish(&self) {
        self.step();
        for card in &self.cards {
            if let Some(open) = card.lock().open.take() {
                open.close(&self.notices);
            }
        }
    }
}

impl CardTrace {
    /// Writes the records that wait. Returns true if the trace came to its end.
    fn step(&mut self, notices: &SoundReports) -> bool {
        let mut ended = false;
        while let Some(record) = self.records.pop() {
            let Some(open) = &mut self.open else { continue };
            open.write(record, notices);
            if record.entry == Entry::End
                && let Some(open) = self.open.take()
            {
                open.close(notices);
                ended = true;
            }
        }
        ended
    }
}

impl Open {
    fn write(&mut self, record: Record, notices: &SoundReports) {
        if let Entry::Lost(count) = record.entry {
            self.lost += u64::from(count);
        }
        if self.failed {
            return;
        }
        let mut written = self.out.write_all(&record.to_octets());
        self.records += 1;
        if record.tick.wrapping_sub(self.flushed) >= FLUSH_TICKS || record.entry == Entry::End {
            self.flushed = record.tick;
            written = written.and_then(|()| self.out.flush());
        }
        if let Err(why) = written {
            self.failed = true;
            notices.push(SoundReport::Failed(self.task, format!("{}: {why}", self.path.display())));
        }
    }

    fn close(mut self, notices: &SoundReports) {
        if !self.failed
            && let Err(why) = self.out.flush()
        {
            notices.push(SoundReport::Failed(self.task, format!("{}: {why}", self.path.display())));
        }
        notices.push(SoundReport::Traced { task: self.task, records: self.records, lost: self.lost });
    }
}
