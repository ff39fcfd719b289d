//! Every service with every operand, every line event and every deadline, on the small site.

use super::small_site::{CLIENT, SmallSite};
use super::*;
use ConnectionState::{Alerting, Connected, Held, Queued};

pub const STATIONS: [Device; 3] = [A, B, C];
/// The devices that can be called.
pub const DEVICES: [Device; 6] = [A, B, C, T, Q, P];

/// One thing that can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Initiate(Device),
    Dial(CallId, Device, Device),
    Make(Device, Device),
    Arrive(Device),
    Accept(CallId),
    Predictive,
    Reach(CallId),
    FarEndAnswers(CallId),
    Answer(CallId, Device),
    Hold(CallId, Device),
    Retrieve(CallId, Device),
    Alternate(CallId, CallId, Device),
    Consult(CallId, Device, Device),
    Reconnect(CallId, CallId, Device),
    Transfer(CallId, CallId, Device),
    Conference(CallId, CallId, Device),
    Deflect(CallId, Device, Device),
    Distribute(CallId, Device),
    PickUp(CallId, Device, Device),
    Park(CallId, Device),
    Observe(CallId, Device, Role),
    ChangeRole(CallId, Device, Role),
    SingleStep(CallId, Device, Device, bool),
    GroupPickUp(Device),
    CampOn(CallId, Device, Device),
    OfferCamped(CallId, Device),
    CallBack(CallId, Device, Device),
    RingBack(Device, Device),
    RingAll(CallId),
    Overflow(CallId),
    GiveUp(CallId),
    TakeOver(CallId, Device, Device),
    ForceRelease(Device),
    Clear(CallId, Device),
    ClearCall(CallId),
    Expire(CallId, Device),
    /// The trunk is answered, and a client asked for the route.
    AcceptAndAsk(CallId),
    /// A flow asks a client for the route.
    FlowAsks(CallId),
    /// A flow sends its caller on.
    FlowSends(CallId, Device),
    /// A flow ends with busy tone.
    FlowRefuses(CallId),
    /// The client selects a destination.
    RouteSelect(CallId, Device),
    /// The client selects what is none, without a retry.
    RouteNowhere(CallId),
    /// The client gives the dialogue up.
    RouteEnd(CallId),
    /// The client ends its registration, or is gone.
    RouteCancel,
    /// The queue sends its caller to a flow.
    OverflowToFlow(CallId),
}

/// The state that a service leaves its device in; none where several are possible, or where the call has gone on.
type Outcome = Option<(CallId, Device, Option<ConnectionState>)>;

impl Action {
    /// Carries it out; the dialogues of routing follow.
    pub fn apply(self, m: &mut SmallSite) -> Result<(), Refused> {
        self.carry_out(m)?;
        m.follow();
        Ok(())
    }

    fn carry_out(self, m: &mut SmallSite) -> Result<(), Refused> {
        match self {
            Action::Initiate(from) => m.initiate(from, WHY).map(|_| ()),
            Action::Dial(call, from, to) => m.originate(call, from, to, WHY),
            Action::Make(from, to) => m.make(from, to, WHY).map(|_| ()),
            Action::Arrive(to) => m.arrive(T, to, WHY).map(|_| ()),
            Action::Accept(call) => {
                m.accept(call, T, WHY)?;
                enter(m, call);
                Ok(())
            }
            Action::Predictive => m.predictive(T, QueueIx(0), WHY).map(|_| ()),
            Action::Reach(call) => m.reach(call, T, WHY),
            Action::FarEndAnswers(call) => m.far_end_answered(call, T, WHY),
            Action::Answer(call, by) => m.answer(call, by, WHY),
            Action::Hold(call, by) => m.hold(call, by, WHY),
            Action::Retrieve(call, by) => m.retrieve(call, by, WHY),
            Action::Alternate(active, other, by) => m.alternate(active, other, by, WHY),
            Action::Consult(call, by, to) => m.consult(call, by, to, WHY).map(|_| ()),
            Action::Reconnect(active, held, by) => m.reconnect(active, held, by, WHY),
            Action::Transfer(active, held, by) => m.transfer(active, held, by, WHY),
            Action::Conference(active, held, by) => m.conference(active, held, by, WHY),
            Action::Deflect(call, by, to) => m.deflect(call, by, to, WHY),
            Action::Distribute(call, to) => m.divert(call, Q, to, WHY),
            Action::PickUp(call, from, by) => m.pickup(call, from, by, WHY),
            Action::Park(call, by) => m.park(call, by, P, WHY),
            Action::Observe(call, by, role) => m.observe(call, by, role, WHY),
            Action::ChangeRole(call, by, role) => m.change_role(call, by, role, WHY),
            Action::SingleStep(call, by, to, stays) => m.single_step(call, by, to, stays, WHY).map(|_| ()),
            Action::GroupPickUp(by) => m.group_pickup(by, WHY).map(|_| ()),
            Action::CampOn(call, from, to) => m.camp_on(call, from, to, WHY),
            Action::OfferCamped(call, at) => m.offer_camped(call, at, WHY),
            Action::CallBack(call, from, to) => m.call_back(call, from, to, WHY),
            Action::RingBack(from, to) => m.ring_back(from, to, WHY).map(|_| ()),
            Action::RingAll(call) => {
                if !STATIONS.iter().any(|&station| m.can_offer(call, station)) {
                    return Err(Refused::ResourceBusy);
                }
                m.take(call, Q, WHY)?;
                for station in STATIONS {
                    let _ = m.offer(call, station, WHY);
                }
                Ok(())
            }
            // The queue's time is over: the caller hears a tone.
            Action::Overflow(call) => {
                let caller = only_other(m, call, Q)?;
                m.take(call, Q, WHY)?;
                m.fail(call, caller, WHY)
            }
            // The trunk is engaged from the other side, and there is no other.
            Action::GiveUp(call) => {
                let caller = only_other(m, call, T)?;
                if m.state(call, T) != Some(ConnectionState::Initiated) {
                    return Err(Refused::InvalidObjectState);
                }
                m.give_up(call, T, WHY)?;
                m.fail(call, caller, WHY)
            }
            Action::TakeOver(call, from, by) => m.take_over(call, from, by, WHY),
            Action::ForceRelease(at) => m.force_release(at, WHY).map(|_| ()),
            Action::Clear(call, by) => m.clear(call, by, WHY),
            Action::ClearCall(call) => m.clear_call(call, WHY),
            // The client has not answered in time: the flow goes on. A flow whose time is over ends the call.
            Action::Expire(call, N) if m.is_asked(call) => m.end_dialogue(call),
            Action::Expire(call, N) if m.state(call, N).is_some() => m.clear_call(call, WHY),
            Action::Expire(call, by) => {
                let arrives = m.call(call).and_then(|of| of.at(by)).is_some_and(|it| it.wait == Wait::Identity);
                m.expire(call, by, WHY)?;
                if arrives {
                    enter(m, call);
                }
                Ok(())
            }
            Action::AcceptAndAsk(call) => {
                if m.call(call).is_none_or(|of| of.entry != Some(N)) {
                    return Err(Refused::InvalidObjectState);
                }
                m.accept(call, T, WHY)?;
                m.ask(call)
            }
            Action::FlowAsks(call) => m.ask(call),
            Action::FlowSends(call, to) if !m.is_asked(call) => send_on(m, call, N, to),
            Action::FlowRefuses(call) if !m.is_asked(call) => {
                let speaker = speaker(m, call);
                m.take(call, N, WHY)?;
                fail(m, call, speaker);
                Ok(())
            }
            Action::FlowSends(..) | Action::FlowRefuses(_) => Err(Refused::InvalidObjectState),
            Action::RouteSelect(call, to) => {
                m.end_dialogue(call)?;
                send_on(m, call, N, to)
            }
            Action::RouteNowhere(call) | Action::RouteEnd(call) => m.end_dialogue(call),
            Action::RouteCancel => {
                let register = m.routing.registrations.keys().next().copied().ok_or(Refused::InvalidCrossRefId)?;
                m.routing.cancel(CLIENT, register).map(|_| ())
            }
            Action::OverflowToFlow(call) => send_on(m, call, Q, N),
        }
    }

    /// The states it promises, by the words of the standard.
    pub fn promises(self) -> [Outcome; 2] {
        let one = |call, device, state| [Some((call, device, state)), None];
        let two = |(first, to), (second, back), by| [Some((first, by, to)), Some((second, by, back))];
        match self {
            Action::Answer(call, by)
            | Action::Retrieve(call, by)
            | Action::Observe(call, by, _)
            | Action::ChangeRole(call, by, _) => one(call, by, Some(Connected)),
            Action::TakeOver(call, from, by) => [Some((call, from, None)), Some((call, by, Some(Connected)))],
            Action::CampOn(call, from, _) => one(call, from, Some(Connected)),
            Action::OfferCamped(call, at) => one(call, at, Some(Alerting)),
            Action::CallBack(call, by, _) => one(call, by, None),
            Action::SingleStep(call, by, _, _) => one(call, by, None),
            Action::RingAll(call) | Action::Overflow(call) => one(call, Q, None),
            Action::GiveUp(call) => one(call, T, None),
            Action::Hold(call, by) | Action::Consult(call, by, _) => one(call, by, Some(Held)),
            Action::Alternate(active, other, by) => two((active, Some(Held)), (other, Some(Connected)), by),
            Action::Reconnect(active, held, by) => two((active, None), (held, Some(Connected)), by),
            Action::Transfer(active, held, by) => two((active, None), (held, None), by),
            Action::Conference(active, held, by) => two((active, Some(Connected)), (held, None), by),
            Action::Deflect(call, by, _) | Action::Clear(call, by) => one(call, by, None),
            Action::Distribute(call, to) => [Some((call, Q, None)), Some((call, to, Some(Alerting)))],
            Action::PickUp(call, from, by) => [Some((call, from, None)), Some((call, by, Some(Connected)))],
            Action::Park(call, by) => [Some((call, by, None)), Some((call, P, Some(Queued)))],
            Action::Accept(_) | Action::Reach(_) | Action::FarEndAnswers(_) | Action::ClearCall(_) => [None, None],
            Action::Initiate(_) | Action::Dial(..) | Action::Make(..) | Action::Arrive(_) => [None, None],
            Action::GroupPickUp(_) | Action::RingBack(..) | Action::ForceRelease(_) => [None, None],
            Action::Predictive | Action::Expire(..) | Action::RouteCancel => [None, None],
            Action::AcceptAndAsk(call) | Action::FlowAsks(call) => one(call, N, Some(Alerting)),
            Action::RouteNowhere(call) | Action::RouteEnd(call) => one(call, N, Some(Alerting)),
            Action::FlowSends(call, _) | Action::FlowRefuses(call) | Action::RouteSelect(call, _) => one(call, N, None),
            Action::OverflowToFlow(call) => [Some((call, Q, None)), Some((call, N, Some(Alerting)))],
        }
    }
}

/// The features of stations under which the actions are taken. They are data of the site, not of a call: whatever was
/// set before, a call meets one of these. No station has a place of its own in them, so that stations of one kind are
/// alike.
pub const FEATURES: [fn([Device; 3]) -> Features; 7] = [
    |_| Features::default(),
    |_| Features { forward_always: Some(Q), ..Features::default() },
    |_| Features { forward_busy: Some(Q), ..Features::default() },
    |_| Features { do_not_disturb: true, ..Features::default() },
    |[_, next, _]| Features { forward_always: Some(next), ..Features::default() },
    |[_, next, _]| Features { forward_no_answer: Some(next), ..Features::default() },
    |[_, _, last]| Features { forward_no_answer: Some(last), ..Features::default() },
];

/// Sets the features of that number at every station.
pub fn set_features(model: &mut Model, number: usize) {
    for round in [[A, B, C], [B, C, A], [C, A, B]] {
        let features = Features { pickup_group: Some(0), ..FEATURES[number](round) };
        model.set_features(round[0], features).expect("features of the site");
    }
}

impl Action {
    /// Returns true if features of that number bear on it: on the way to a device, or when a deadline leads on.
    pub fn meets(self, number: usize) -> bool {
        match self {
            Action::Make(_, to) | Action::Dial(_, _, to) | Action::Consult(_, _, to) | Action::Deflect(_, _, to) => {
                number < 5 && STATIONS.contains(&to)
            }
            Action::SingleStep(_, _, to, _) => number < 5 && STATIONS.contains(&to),
            Action::FlowSends(_, to) | Action::RouteSelect(_, to) => number < 5 && STATIONS.contains(&to),
            Action::CampOn(..) | Action::CallBack(..) => number == 3,
            Action::Expire(_, at) => number >= 5 && STATIONS.contains(&at),
            Action::Accept(_) | Action::Answer(..) | Action::Alternate(..) => number < 5,
            _ => false,
        }
    }
}

/// A call that comes to the number is asked about where a client has registered, and is in the flow else.
fn enter(m: &mut SmallSite, call: CallId) {
    if m.state(call, N).is_some() {
        m.routing.ask(call, N);
    }
}

/// The party that a flow serves: the first of those who talk.
fn speaker(m: &Model, call: CallId) -> Option<Device> {
    m.call(call)?.parties().filter(|it| it.state == Connected).map(|it| it.device).min()
}

/// The call cannot go on: the party that a flow serves hears a tone, or those who are left are released.
fn fail(m: &mut Model, call: CallId, speaker: Option<Device>) {
    if let Some(speaker) = speaker {
        let _ = m.fail(call, speaker, WHY);
    }
    m.settle(call, WHY);
}

/// Takes a call from where it waits, and sends it on.
fn send_on(m: &mut Model, call: CallId, from: Device, to: Device) -> Result<(), Refused> {
    let speaker = speaker(m, call);
    m.take(call, from, WHY)?;
    if m.route(call, to, speaker.unwrap_or(from), WHY).is_err() {
        fail(m, call, speaker);
    }
    m.settle(call, WHY);
    Ok(())
}

/// The party beside a device in a call of two, which must be connected.
fn only_other(model: &Model, call: CallId, device: Device) -> Result<Device, Refused> {
    let of = model.call(call).filter(|of| of.at(device).is_some() && of.connections.len() == 2);
    let other = of.and_then(|of| of.connections.iter().find(|it| it.device != device && it.state == Connected));
    other.filter(|it| it.wait == Wait::None).map(|it| it.device).ok_or(Refused::InvalidObjectState)
}

/// The first promise that is not kept after an action.
pub fn broken_promise(model: &Model, action: Action) -> Option<(CallId, Device, Option<ConnectionState>)> {
    // A caller who is called back may find the station engaged again.
    let goes_on = matches!(action, Action::Answer(..) | Action::Alternate(..));
    let kept = |&(call, device, state): &(CallId, Device, Option<ConnectionState>)| {
        let now = model.state(call, device);
        now == state || (goes_on && state == Some(Connected) && now == Some(ConnectionState::Failed))
    };
    action.promises().into_iter().flatten().find(|promise| !kept(promise))
}

/// Every action on the calls of a site, whether or not it will be refused.
pub fn every(ids: &[CallId], all: &mut Vec<Action>) {
    all.clear();
    for from in STATIONS {
        all.extend([Action::Initiate(from), Action::GroupPickUp(from), Action::ForceRelease(from)]);
        all.extend(DEVICES.into_iter().filter(|&to| to != from).map(|to| Action::Make(from, to)));
        all.extend(STATIONS.into_iter().map(|to| Action::RingBack(from, to)));
    }
    all.extend([A, B, C, Q, N].map(Action::Arrive));
    all.extend([Action::Predictive, Action::RouteCancel]);
    for &id in ids {
        all.extend([Action::ClearCall(id), Action::Accept(id), Action::Reach(id), Action::FarEndAnswers(id)]);
        all.extend([Action::RingAll(id), Action::Overflow(id), Action::GiveUp(id), Action::OverflowToFlow(id)]);
        all.extend([Action::AcceptAndAsk(id), Action::FlowAsks(id), Action::FlowRefuses(id), Action::Expire(id, N)]);
        all.extend([Action::RouteNowhere(id), Action::RouteEnd(id)]);
        for to in [A, B, C, T, Q] {
            all.extend([Action::FlowSends(id, to), Action::RouteSelect(id, to)]);
        }
        for by in DEVICES {
            all.extend([Action::Clear(id, by), Action::Expire(id, by), Action::Answer(id, by)]);
        }
        for by in STATIONS {
            all.extend([Action::Hold(id, by), Action::Retrieve(id, by), Action::Park(id, by)]);
            all.extend([Action::Distribute(id, by), Action::OfferCamped(id, by), Action::PickUp(id, N, by)]);
            for role in [Role::Party, Role::Silent] {
                all.extend([Action::Observe(id, by, role), Action::ChangeRole(id, by, role)]);
            }
            for (coached, station) in STATIONS.into_iter().zip(0..) {
                let role = Role::Coach(StationIx(station));
                all.push(Action::ChangeRole(id, by, role));
                if coached != by {
                    all.push(Action::Observe(id, by, role));
                }
            }
            for to in DEVICES.into_iter().filter(|&to| to != by) {
                all.extend([Action::Deflect(id, by, to), Action::PickUp(id, to, by)]);
                all.extend([Action::Consult(id, by, to), Action::Dial(id, by, to)]);
                all.extend([Action::SingleStep(id, by, to, false), Action::SingleStep(id, by, to, true)]);
                all.extend([Action::CampOn(id, by, to), Action::CallBack(id, by, to), Action::TakeOver(id, to, by)]);
            }
            for &other in ids.iter().filter(|&&other| other != id) {
                all.push(Action::Alternate(id, other, by));
                all.push(Action::Reconnect(id, other, by));
                all.push(Action::Transfer(id, other, by));
                all.push(Action::Conference(id, other, by));
            }
        }
    }
}

/// The deadline that leads to an emptier site, or the hang-up where no deadline runs; none on an empty site.
///
/// Deadlines come first: a hang-up must not be needed where a deadline runs.
pub fn next_to_end(model: &Model) -> impl Iterator<Item = Action> + '_ {
    let connections = || model.calls().flat_map(|call| call.connections.iter().map(|it| (call.id, *it)));
    let waits = connections().filter(|(_, it)| it.wait != Wait::None);
    let ends = connections().filter(|(_, it)| it.state == Connected);
    waits.map(|(call, it)| Action::Expire(call, it.device)).chain(ends.map(|(call, it)| Action::Clear(call, it.device)))
}
