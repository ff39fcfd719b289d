//! A state of the model in a few octets: one for each connection, and one for each call.
//!
//! A call is the octets of its connections in rising order, then an octet with the highest bit set that ends it; calls
//! are in rising order. Identifiers, times and the order of arrival are left out, since no step depends on them.

use super::*;

/// Octets of a state: six appearances, a trunk and a parking place, a queue for each call, and the end of each call.
pub const OCTETS: usize = 24;

/// A packed state. Unused octets are zero.
pub type Packed = [u8; OCTETS];

const DEVICES: [Device; 6] = [A, B, C, T, Q, P];
/// The end of a call.
const END: u8 = 0x80;
/// The call is predictive: it enters the queue when its far end answers.
const PREDICTIVE: u8 = 0x08;

/// The states of a connection, with deadline, role and recall. The place in this list is the code.
const CODES: [(ConnectionState, Wait, Role, Option<Device>); 20] = {
    use ConnectionState::*;
    [
        (Initiated, Wait::Digits, Role::Party, None),
        (Initiated, Wait::FarEnd, Role::Party, None),
        (Initiated, Wait::Identity, Role::Party, None),
        (Alerting, Wait::NoAnswer, Role::Party, None),
        (Alerting, Wait::NoAnswer, Role::Party, Some(A)),
        (Alerting, Wait::NoAnswer, Role::Party, Some(B)),
        (Alerting, Wait::NoAnswer, Role::Party, Some(C)),
        (Connected, Wait::None, Role::Party, None),
        (Connected, Wait::None, Role::Silent, None),
        (Connected, Wait::None, Role::Coach(StationIx(0)), None),
        (Connected, Wait::None, Role::Coach(StationIx(1)), None),
        (Connected, Wait::None, Role::Coach(StationIx(2)), None),
        (Connected, Wait::FarEnd, Role::Party, None),
        (Held, Wait::HoldRecall, Role::Party, None),
        (Queued, Wait::QueueTime, Role::Party, None),
        (Queued, Wait::ParkRecall, Role::Party, None),
        (Queued, Wait::ParkRecall, Role::Party, Some(A)),
        (Queued, Wait::ParkRecall, Role::Party, Some(B)),
        (Queued, Wait::ParkRecall, Role::Party, Some(C)),
        (Failed, Wait::Tone, Role::Party, None),
    ]
};

fn octet(it: &Connection) -> u8 {
    let device = DEVICES.iter().position(|&device| device == it.device).expect("a device of the site");
    // A recall counts where a deadline leads to it.
    let recall = it.recall.filter(|_| matches!(it.wait, Wait::NoAnswer | Wait::ParkRecall));
    let code = CODES.iter().position(|&code| code == (it.state, it.wait, it.role, recall));
    let code = code.unwrap_or_else(|| panic!("{it:?} has no code"));
    (device * CODES.len() + code) as u8
}

fn connection(octet: u8) -> Connection {
    let (device, code) = (usize::from(octet) / CODES.len(), usize::from(octet) % CODES.len());
    let (state, wait, role, recall) = CODES[code];
    Connection { device: DEVICES[device], state, since: Tick::ZERO, wait, role, recall }
}

/// The state of a model.
pub fn pack(model: &Model) -> Packed {
    let mut calls: ArrayVec<ArrayVec<u8, 8>, 8> = model
        .calls()
        .map(|call| {
            let mut octets: ArrayVec<u8, 8> = call.connections.iter().map(octet).collect();
            octets.sort_unstable();
            let entry = call.entry.and_then(|entry| DEVICES.iter().position(|&device| device == entry));
            let predictive = if call.predictive.is_some() { PREDICTIVE } else { 0 };
            octets.push(END | predictive | entry.map_or(0, |at| at as u8 + 1));
            octets
        })
        .collect();
    calls.sort_unstable();
    let mut packed = [0; OCTETS];
    for (to, octet) in packed.iter_mut().zip(calls.iter().flatten()) {
        *to = *octet;
    }
    assert!(calls.iter().map(ArrayVec::len).sum::<usize>() <= OCTETS, "a state outgrows its octets");
    packed
}

/// The calls of a packed state.
pub fn unpack(packed: &Packed) -> Vec<Call> {
    let used = packed.iter().rposition(|octet| octet & END != 0).map_or(0, |last| last + 1);
    let calls = packed[..used].split_inclusive(|octet| octet & END != 0);
    calls
        .zip(1..)
        .map(|(octets, id)| {
            let (end, octets) = octets.split_last().expect("a call ends");
            let entry = (end & 0x07).checked_sub(1).map(|at| DEVICES[usize::from(at)]);
            let predictive = (end & PREDICTIVE != 0).then_some(QueueIx(0));
            Call {
                entry,
                predictive,
                connections: octets.iter().copied().map(connection).collect(),
                ..Call::new(CallId(id))
            }
        })
        .collect()
}

#[test]
fn a_packed_state_is_the_whole_of_it() {
    let mut model = site(BOUNDS);
    let call = model.predictive(T, QueueIx(0), WHY).expect("seized");
    model.make(A, B, WHY).expect("made");
    let packed = pack(&model);
    model.restore(unpack(&packed));
    assert_eq!(pack(&model), packed);
    let predictive = model.calls().find(|call| call.at(T).is_some()).expect("the call");
    assert_eq!(predictive.predictive, Some(QueueIx(0)), "{call:?} enters its queue when it is answered");
}
