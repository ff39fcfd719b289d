//! One figure: what is timed, ours and the peer's, and how the two are compared.
//!
//! Both are given the same slice of the same signals in turn, a hundred times over; what stands in the table is the
//! median of the times of each, and the median of the ratios of neighbours. What else runs on the machine slows a slice
//! or two of either; the median does not see it, and neighbours see the same machine.

use std::time::Instant;

use crate::signals::{MS, SLICE_MS};

/// Slices of each side. Odd, so that there is one in the middle.
const ROUNDS: usize = 101;
/// Slices before the first that counts: the processor wakes up, filters settle.
const WARM_UP: usize = 5;

/// Does what is timed, for the slice of every channel that begins at this millisecond.
pub type Work<'a> = Box<dyn FnMut(usize) + 'a>;

/// A measurement: ours, and the peer's if there is one.
pub struct Contest<'a> {
    name: &'static str,
    /// The part of the peer's time that ours may take.
    target: f64,
    channels: usize,
    ours: Work<'a>,
    peer: Option<Work<'a>>,
}

impl<'a> Contest<'a> {
    pub fn new(
        name: &'static str,
        target: f64,
        channels: usize,
        ours: Work<'a>,
        peer: Option<Work<'a>>,
    ) -> Contest<'a> {
        Contest { name, target, channels, ours, peer }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it and prints its line.
    pub fn run(&mut self) {
        let samples = self.channels * SLICE_MS * 8;
        let mut ours = Vec::new();
        let mut peers = Vec::new();
        let mut ratios = Vec::new();
        for round in 0..WARM_UP + ROUNDS {
            let from_ms = round * SLICE_MS % MS;
            let own = timed(&mut self.ours, from_ms, samples);
            let other = self.peer.as_mut().map(|peer| timed(peer, from_ms, samples));
            if round < WARM_UP {
                continue;
            }
            ours.push(own);
            peers.extend(other);
            ratios.extend(other.map(|other| own / other));
        }
        let ours = median(ours);
        if ratios.is_empty() {
            println!("{:28}{ours:>12.2}{:>12}{:>8}{:>8}", self.name, "-", "-", "-");
            return;
        }
        let (peer, ratio) = (median(peers), median(ratios));
        let verdict = if ratio <= self.target { "" } else { "  missed" };
        println!("{:28}{ours:>12.2}{peer:>12.2}{ratio:>8.3}{:>8.2}{verdict}", self.name, self.target);
    }
}

/// Nanoseconds a sample of one channel.
fn timed(work: &mut Work<'_>, from_ms: usize, samples: usize) -> f64 {
    let start = Instant::now();
    work(from_ms);
    start.elapsed().as_nanos() as f64 / samples as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
