//! A state of the model in a few octets: one for each connection, and one for each call.
//!
//! A call is the octets of its connections in rising order, then an octet with the highest bit set that ends it; calls
//! are in rising order. Stations of one kind are alike: of the states that differ by their order the least stands for
//! all. Identifiers, times and the order of arrival are left out, since no step depends on them.

use std::sync::LazyLock;

use super::small_site::{SiteState, SmallSite};
use super::*;

/// Octets of a state: six appearances, a trunk and a parking place, a queue or the number for each call, and the end of
/// each call.
pub const OCTETS: usize = 24;

/// A packed state. Unused octets are zero.
pub type Packed = [u8; OCTETS];

const DEVICES: [Device; 7] = [A, B, C, T, Q, P, N];
/// The end of a call.
const END: u8 = 0x80;
/// The call is predictive: it enters the queue when its far end answers.
const PREDICTIVE: u8 = 0x08;
/// A client is asked for the route of the call.
const ASKED: u8 = 0x10;

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
    let recall = it.recall.filter(|_| matches!(it.wait, Wait::NoAnswer | Wait::ParkRecall) && it.device != N);
    let code = CODES.iter().position(|&code| code == (it.state, it.wait, it.role, recall));
    let code = code.unwrap_or_else(|| panic!("{it:?} has no code"));
    // A number does nothing but alert, so that its octets end below that of the end of a call.
    let octet = device * CODES.len() + code;
    assert!(octet < usize::from(END), "{it:?} has no octet");
    octet as u8
}

fn connection(octet: u8) -> Connection {
    let (device, code) = (usize::from(octet) / CODES.len(), usize::from(octet) % CODES.len());
    let (state, wait, role, recall) = CODES[code];
    Connection { device: DEVICES[device], state, since: Tick::ZERO, wait, role, recall }
}

/// The orders in which three stations can be taken.
const TURNS: [[u8; 3]; 6] = [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]];

/// Octets of a state whose stations are taken in another order, for each order and octet.
static TURNED: LazyLock<[[u8; 256]; 6]> = LazyLock::new(|| {
    TURNS.map(|turn| {
        let station = |ix: StationIx| StationIx(u16::from(turn[usize::from(ix.0)]));
        let device = |device| match device {
            Device::Station(ix) => Device::Station(station(ix)),
            other => other,
        };
        let mut turned = [0; 256];
        for (octet_of, turned) in (0..=u8::MAX).zip(&mut turned) {
            *turned = match octet_of {
                end if end & END != 0 => end & !ENTRY | entry(entry_of(end).map(device)),
                octet_of if usize::from(octet_of) < DEVICES.len() * CODES.len() => {
                    let it = connection(octet_of);
                    let role = match it.role {
                        Role::Coach(coached) => Role::Coach(station(coached)),
                        other => other,
                    };
                    octet(&Connection { device: device(it.device), recall: it.recall.map(device), role, ..it })
                }
                _ => 0,
            };
        }
        turned
    })
});

/// The device to which a call goes on, in the octet that ends it.
const ENTRY: u8 = 0x07;

fn entry(to: Option<Device>) -> u8 {
    to.and_then(|to| DEVICES.iter().position(|&device| device == to)).map_or(0, |at| at as u8 + 1)
}

fn entry_of(end: u8) -> Option<Device> {
    (end & ENTRY).checked_sub(1).and_then(|at| DEVICES.get(usize::from(at))).copied()
}

/// The state of a site: the least of those that differ by the order of stations of one kind.
pub fn pack(site: &SmallSite) -> Packed {
    let calls: ArrayVec<ArrayVec<u8, 8>, 8> = site
        .calls()
        .map(|call| {
            let mut octets: ArrayVec<u8, 8> = call.connections.iter().map(octet).collect();
            let predictive = if call.predictive.is_some() { PREDICTIVE } else { 0 };
            let asked = if site.is_asked(call.id) { ASKED } else { 0 };
            octets.push(END | predictive | asked | entry(call.entry));
            octets
        })
        .collect();
    assert!(calls.iter().map(ArrayVec::len).sum::<usize>() <= OCTETS, "a state outgrows its octets");
    let kind = |ix: usize| site.stations[ix].0;
    let alike = |turn: &[u8; 3]| (0..3).all(|ix| kind(ix) == kind(usize::from(turn[ix])));
    let turns = TURNS.iter().zip(TURNED.iter()).filter(|(turn, _)| alike(turn));
    turns.map(|(_, octets)| turned(calls.clone(), octets)).min().unwrap_or_default()
}

fn turned(mut calls: ArrayVec<ArrayVec<u8, 8>, 8>, octets: &[u8; 256]) -> Packed {
    for call in &mut calls {
        call.iter_mut().for_each(|octet| *octet = octets[usize::from(*octet)]);
        let end = call.len() - 1;
        call[..end].sort_unstable();
    }
    calls.sort_unstable();
    let mut packed = [0; OCTETS];
    for (to, octet) in packed.iter_mut().zip(calls.iter().flatten()) {
        *to = *octet;
    }
    packed
}

/// The calls of a packed state, and those about which a client is asked.
pub fn unpack(packed: &Packed) -> SiteState {
    let used = packed.iter().rposition(|octet| octet & END != 0).map_or(0, |last| last + 1);
    let calls = packed[..used].split_inclusive(|octet| octet & END != 0);
    let mut state = SiteState { calls: Vec::new(), asked: Vec::new() };
    for (octets, id) in calls.zip(1..) {
        let (end, octets) = octets.split_last().expect("a call ends");
        if end & ASKED != 0 {
            state.asked.push(CallId(id));
        }
        state.calls.push(Call {
            entry: entry_of(*end),
            predictive: (end & PREDICTIVE != 0).then_some(QueueIx(0)),
            connections: octets.iter().copied().map(connection).collect(),
            ..Call::new(CallId(id))
        });
    }
    state
}

#[test]
fn a_packed_state_is_the_whole_of_it() {
    let mut model = SmallSite::new(site(BOUNDS));
    let call = model.predictive(T, QueueIx(0), WHY).expect("seized");
    model.make(A, B, WHY).expect("made");
    let packed = pack(&model);
    model.set(&unpack(&packed));
    assert_eq!(pack(&model), packed);
    let predictive = model.calls().find(|call| call.at(T).is_some()).expect("the call");
    assert_eq!(predictive.predictive, Some(QueueIx(0)), "{call:?} enters its queue when it is answered");
}

#[test]
fn a_packed_state_says_which_call_a_client_is_asked_about() {
    let mut site = SmallSite::new(site(BOUNDS));
    let call = site.arrive(T, N, WHY).expect("arrived");
    site.accept(call, T, WHY).expect("accepted");
    let in_flow = pack(&site);
    site.ask(call).expect("asked");
    let asked = pack(&site);
    assert_ne!(in_flow, asked);
    for state in [in_flow, asked] {
        site.set(&unpack(&state));
        assert_eq!(pack(&site), state);
    }
}
