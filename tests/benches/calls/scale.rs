//! Processor time of a call by the size of the site: channels, monitors elsewhere, monitors that are sent each event.
//!
//! The core is alone, as in the first turn of `calls`; a tick passes with each turn. Sizes take turns in rounds, and
//! the figures are medians.
//!
//! Never: compares two sizes that were measured one after the other.

use nix::time::ClockId;

use crate::lines::Callers;
use crate::outside::{Nothing, Outside};
use crate::site::{Clock, Site, Size};
use crate::{ROUNDS, median, seconds_of, settle};

/// Calls at once, at every size: the trunks of the smallest.
const AT_ONCE: u64 = 12;
/// Calls of a round: with 1,200 lines, each has ten.
const CALLS: u64 = 12_000;
/// Trunks, with as many stations: 24 to 2,400 channels.
const LINES: [u16; 4] = [12, 40, 120, 1_200];
/// Lines while monitors grow.
const LINES_WITH_MONITORS: u16 = 120;
const MONITORS: [usize; 4] = [10, 100, 1_000, 5_000];
/// Monitors that are sent every event of a call.
const OBSERVERS: [usize; 3] = [1, 10, 100];

/// The cost of a call in one round.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// Microseconds.
    call: f64,
    /// Microseconds for each event that a monitor was sent.
    event: f64,
}

/// Measures and prints all sizes.
pub fn measure() {
    println!("core alone, {AT_ONCE} calls at once, {ROUNDS} rounds of {CALLS} calls");
    let by_lines = LINES.map(Size::of);
    table("channels", by_lines, |size| 2 * usize::from(size.lines), |size| AT_ONCE.min(size.lines.into()));
    table("channels, every trunk at once", by_lines, |size| 2 * usize::from(size.lines), |size| size.lines.into());
    let size = Size::of(LINES_WITH_MONITORS);
    let elsewhere = MONITORS.map(|idle_monitors| Size { idle_monitors, ..size });
    table("monitors of other devices", elsewhere, |size| size.idle_monitors, |_| AT_ONCE);
    let observers = OBSERVERS.map(|queue_monitors| Size { queue_monitors, ..size });
    table("monitors of the queue's calls", observers, |size| size.queue_monitors, |_| AT_ONCE);
}

/// One row for each size, and its cost beside that of the first.
fn table<const N: usize>(what: &str, sizes: [Size; N], shown: fn(&Size) -> usize, at_once: fn(&Size) -> u64) {
    let mut sites = sizes.map(|size| Site::new(size, Callers::Unknown, Clock::Turns, Nothing::default()));
    let rounds: Vec<[Cost; N]> = (0..ROUNDS)
        .map(|_| {
            let mut sites = sites.iter_mut().zip(&sizes);
            std::array::from_fn(|_| {
                let (site, size) = sites.next().expect("a site for each size");
                cost(site, at_once(size))
            })
        })
        .collect();
    let medians: [Cost; N] = std::array::from_fn(|ix| Cost {
        call: median(rounds.iter().map(|round| round[ix].call)),
        event: median(rounds.iter().map(|round| round[ix].event)),
    });
    println!("{what}:");
    for (size, cost) in sizes.iter().zip(&medians) {
        let ratio = cost.call / medians[0].call;
        println!("  {:>6}  {:>6.2} µs a call, {ratio:.2}; {:.2} µs an event", shown(size), cost.call, cost.event);
    }
    for site in &sites {
        site.check();
    }
}

/// A round of one site.
fn cost(site: &mut Site<Nothing>, at_once: u64) -> Cost {
    let processor = || seconds_of(ClockId::CLOCK_THREAD_CPUTIME_ID);
    let (until, events, began) = (site.begun() + CALLS, site.outside.sent().events, processor());
    while site.begun() < until {
        site.turn(at_once);
    }
    settle(site);
    let (micros, events) = (1e6 * (processor() - began), site.outside.sent().events - events);
    Cost { call: micros / CALLS as f64, event: micros / events.max(1) as f64 }
}
