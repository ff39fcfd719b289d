//! The speed of the model alone.
//!
//! `cargo test --release -p tipring-core --lib model::tests::speed -- --ignored --nocapture`

use std::time::Instant;

use super::*;

/// Calls in each round.
const CALLS: u32 = 20_000;

/// A call that comes in, waits in a queue, and talks to an agent, who consults and transfers it. Returns its changes.
fn course(model: &mut Model) -> usize {
    let call = arrive(model, Q);
    model.take(call, Q, WHY).expect("distributed");
    model.offer(call, A, WHY).expect("offered");
    model.answer(call, A, WHY).expect("answered");
    let active = consult(model, call, A, C);
    model.answer(active, C, WHY).expect("answered");
    model.transfer(active, call, A, WHY).expect("transferred");
    model.clear(active, T, WHY).expect("cleared");
    model.take_changes(Vec::new()).len()
}

#[test]
#[ignore = "a benchmark: run it in release"]
fn calls_and_changes_a_second() {
    for others in [0, 100, 2_000] {
        let kinds = vec![StationKind::Headset; 3 + 2 * others];
        let mut model = Model::new(&kinds, 1, 1, Bounds::default(), CallId(0));
        for ix in 0..others as u16 {
            let [from, to] = [3 + 2 * ix, 4 + 2 * ix].map(|ix| Device::Station(StationIx(ix)));
            talk(&mut model, from, to);
        }
        drop(model.take_changes(Vec::new()));
        let mut rounds: Vec<(f64, f64)> = (0..7)
            .map(|_| {
                let start = Instant::now();
                let changes: usize = (0..CALLS).map(|_| course(&mut model)).sum();
                let seconds = start.elapsed().as_secs_f64();
                (f64::from(CALLS) / seconds, changes as f64 / seconds)
            })
            .collect();
        rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (calls, changes) = rounds[rounds.len() / 2];
        println!("beside {others:>4} other calls: {calls:>9.0} calls a second, {changes:>10.0} changes a second");
    }
}
