//! Reports that are computed from steps alone: a tally rolled over the steps, from interval to interval.
//!
//! Never: depends on the moment at which it is printed; what is open, late and old is so at the end of each interval.

use std::io::Write;

use serde::Serialize;
use tipring_core::report::bounds::Bounds;
use tipring_core::{voice_mail, work_order};

use super::{Common, Opened};
use crate::failure::Failure;
use crate::report::table::Table;

/// A computation over the steps of an interval, which can go on to the next one.
pub(super) trait Tally {
    /// A row of the report.
    type Row: Serialize;

    /// The end of the interval, ms since 1970.
    fn end_ms(&self) -> i64;
    /// Goes on to the interval after this one.
    fn roll(&mut self, to_ms: i64);
    /// The rows of the interval.
    fn rows(&self) -> Vec<Self::Row>;
}

macro_rules! tally {
    ($of:ty, $row:ty) => {
        impl Tally for $of {
            type Row = $row;

            fn end_ms(&self) -> i64 {
                self.end_ms()
            }

            fn roll(&mut self, to_ms: i64) {
                self.roll(to_ms);
            }

            fn rows(&self) -> Vec<$row> {
                self.rows()
            }
        }
    };
}

tally!(work_order::Tally, work_order::KindRow);
tally!(voice_mail::Tally, voice_mail::MailboxRow);

fn ms(moment: u64) -> i64 {
    i64::try_from(moment).unwrap_or(i64::MAX)
}

/// A report of steps that is being written.
pub(super) struct Walk<'a, T, W> {
    bounds: Bounds,
    index: usize,
    tally: T,
    table: Table<'a, W>,
    written: Result<(), Failure>,
}

impl<'a, T: Tally, W: Write> Walk<'a, T, W> {
    /// A report over the span that is asked for, else that of the steps and the log. `begin` makes the tally of the
    /// first interval.
    ///
    /// # Errors
    /// The log cannot be read, or the span is empty.
    pub(super) fn new(
        common: &Common,
        Opened { store, clock, .. }: &Opened,
        steps: Option<(i64, i64)>,
        table: Table<'a, W>,
        begin: fn(i64, i64) -> T,
    ) -> Result<Walk<'a, T, W>, Failure> {
        let steps = steps.map(|(first, last)| (first.max(0) as u64, last.max(0) as u64 + 1));
        let log = store.log_span()?.map(|(first, last)| (first, last + 1));
        // Without steps there is no row, whatever the span.
        let (first, _) = steps.or(log).unwrap_or((0, 1));
        let end = steps.into_iter().chain(log).map(|(_, end)| end).max().unwrap_or(1);
        let bounds = common.intervals_of(common.interval, *clock, (first, end))?;
        let (from, to) = bounds.interval(0);
        Ok(Walk { tally: begin(ms(from), ms(to)), bounds, index: 0, table, written: Ok(()) })
    }

    /// The end of the report, ms since 1970; it is not included.
    pub(super) fn end_ms(&self) -> i64 {
        ms(self.bounds.interval(self.bounds.count() - 1).1)
    }

    /// The tally of the interval in which a moment lies; the intervals before it are written.
    pub(super) fn at(&mut self, at_ms: i64) -> &mut T {
        while at_ms >= self.tally.end_ms() && self.go_on() {}
        &mut self.tally
    }

    fn write(&mut self) {
        for row in self.tally.rows() {
            if self.written.is_ok() {
                self.written = self.table.row(&row);
            }
        }
    }

    /// Writes the interval and goes on to the next one. False if it is the last.
    fn go_on(&mut self) -> bool {
        if self.index + 1 >= self.bounds.count() {
            return false;
        }
        self.write();
        self.index += 1;
        self.tally.roll(ms(self.bounds.interval(self.index).1));
        true
    }

    /// Writes the intervals that are left.
    ///
    /// # Errors
    /// The output takes no more.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        while self.go_on() {}
        self.write();
        self.written?;
        self.table.finish().map(drop)
    }
}
