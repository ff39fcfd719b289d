//! Work orders for the console: taken down from a call, listed, and their steps taken.
//!
//! Never: has a rule of orders; the table of `tipring_core::work_order` has those, and says who may take a step.

use tipring_core::csta::DeviceId;
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_core::person::Person;
use tipring_core::store::sqlite::{Accepted, OrderError, OrderQuery};
use tipring_core::work_order::{self, OrderId, OrderRequest, Refusal, Submission, Urgency, WorkOrder};
use tipring_web::records::{
    NewOrder, OrderItem, OrderKindItem, OrderStep, OrderUrgency, ROWS_MAX, RecordsClient, RecordsRefusal, RecordsReply,
    RecordsRequest,
};

use super::{Place, failed, no_right, not_known, out_of_range, refusal};
use crate::clock;
use crate::orders::OrderRow;

/// The user as a person before orders and customers.
///
/// # Errors
/// The user has neither a right to call control nor the right `review`.
pub(super) fn person(client: &RecordsClient) -> Result<Person, RecordsRefusal> {
    person_of(&client.login, &client.rights)
}

/// The person of a user and its rights.
pub(super) fn person_of(login: &str, rights: &Rights) -> Result<Person, RecordsRefusal> {
    let has = |group| rights.devices(group).is_some_and(|devices| !devices.is_empty());
    if !has(ServiceGroup::Call) && !has(ServiceGroup::Review) {
        return Err(refusal(UniversalFailure::SecurityViolation, "the user has no right to orders and customers"));
    }
    let is_supervisor = rights.devices(ServiceGroup::Review) == Some(&Devices::All);
    Ok(Person { name: login.to_owned(), is_supervisor })
}

fn refused(error: OrderError) -> RecordsRefusal {
    let why = error.to_string();
    let failure = match error {
        OrderError::Refused(Refusal::Rank { .. }) => UniversalFailure::PrivilegeViolationOnSpecifiedDevice,
        OrderError::Refused(Refusal::NotFrom { .. }) => UniversalFailure::InvalidObjectState,
        OrderError::Refused(Refusal::NoKind { .. }) | OrderError::NoOrder(_) => UniversalFailure::ObjectNotKnown,
        OrderError::Refused(_) => UniversalFailure::ValueOutOfRange,
        OrderError::Store(_) => UniversalFailure::GenericOperation,
    };
    refusal(failure, why)
}

const fn core_step(step: OrderStep) -> work_order::OrderStep {
    match step {
        OrderStep::Dispatch => work_order::OrderStep::Dispatch,
        OrderStep::Done => work_order::OrderStep::Done,
        OrderStep::Revisit => work_order::OrderStep::Revisit,
        OrderStep::File => work_order::OrderStep::File,
        OrderStep::Reopen => work_order::OrderStep::Reopen,
    }
}

/// All steps that can be asked for.
const STEPS: [OrderStep; 5] =
    [OrderStep::Dispatch, OrderStep::Done, OrderStep::Revisit, OrderStep::File, OrderStep::Reopen];

/// The row of an order, with the steps that a person can take.
fn item(order: WorkOrder, by: &Person, now_ms: i64) -> OrderItem {
    let (rank, state) = (order.rank(by), order.state);
    let is_possible = |step: &OrderStep| state.rules().any(|rule| rule.step == core_step(*step) && rule.rank <= rank);
    let steps = STEPS.into_iter().filter(is_possible).collect();
    OrderRow::new(order, now_ms).into_item(steps)
}

pub(super) fn create(place: &Place, client: &RecordsClient, order: &NewOrder) -> Result<RecordsReply, RecordsRefusal> {
    let by = person(client)?;
    let mut archive = place.act()?;
    let facts = match order.call {
        Some(call) => {
            let found = archive.store.call_facts(call).map_err(|error| failed(error.into()))?;
            Some(found.ok_or_else(|| not_known(format!("there is no call {call}")))?)
        }
        None => None,
    };
    if let Some(facts) = facts.as_ref().filter(|_| !by.is_supervisor) {
        let mut devices = [&facts.station, &facts.queue].into_iter().flatten().filter_map(|id| DeviceId::new(id).ok());
        let may = |device: DeviceId| {
            [ServiceGroup::Call, ServiceGroup::Review].into_iter().any(|group| client.rights.permits(group, &device))
        };
        if !devices.any(may) {
            return Err(no_right());
        }
    }
    let number = order.number.clone().or_else(|| facts.as_ref().map(|facts| facts.number.clone())).unwrap_or_default();
    let known = archive.store.customer_of(&number).map_err(|error| failed(error.into()))?;
    let request = OrderRequest {
        kind: order.kind.clone(),
        urgency: match order.urgency {
            OrderUrgency::Normal => Urgency::Normal,
            OrderUrgency::Urgent => Urgency::Urgent,
            OrderUrgency::Emergency => Urgency::Emergency,
        },
        name: order.name.clone().or(known.map(|customer| customer.name)).unwrap_or_default(),
        number,
        place: order.place.clone(),
        text: order.text.clone(),
        owner: None,
        call: order.call.unwrap_or(0),
        recording: facts.as_ref().and_then(|facts| facts.recording),
        called_ms: facts.map(|facts| facts.offered_ms),
    };
    let now_ms = clock::epoch_ms();
    let accepted = archive.store.accept_order(&place.kinds, request, order.separate, &by, now_ms).map_err(refused)?;
    let (order, repeat) = match accepted {
        Accepted::New(order) => (order, false),
        Accepted::Repeat(order) => (order, true),
    };
    Ok(RecordsReply::Order { order: Box::new(item(order, &by, now_ms)), repeat })
}

pub(super) fn list(
    place: &Place,
    client: &RecordsClient,
    request: &RecordsRequest,
) -> Result<RecordsReply, RecordsRefusal> {
    let RecordsRequest::ListOrders { number, late, filed, limit, watch: _ } = request else {
        return Err(not_known("this is no list of work orders"));
    };
    let by = person(client)?;
    if !(1..=ROWS_MAX).contains(limit) {
        return Err(out_of_range(format!("a limit is 1 to {ROWS_MAX}, not {limit}")));
    }
    let now_ms = clock::epoch_ms();
    let query = OrderQuery {
        filed: *filed,
        number: number.clone(),
        owner: (!by.is_supervisor && number.is_none()).then(|| by.name.clone()),
        late_at: late.then_some(now_ms),
        limit: Some(limit + 1),
        ..OrderQuery::default()
    };
    let mut orders = place.read()?.store.orders(&query).map_err(|error| failed(error.into()))?;
    let more = orders.len() > *limit as usize;
    orders.truncate(*limit as usize);
    let kinds = place.kinds.all.iter();
    Ok(RecordsReply::Orders {
        orders: orders.into_iter().map(|order| item(order, &by, now_ms)).collect(),
        more,
        kinds: kinds.map(|kind| OrderKindItem { kind: kind.name.clone(), title: kind.title.clone() }).collect(),
    })
}

pub(super) fn step(
    place: &Place,
    client: &RecordsClient,
    order: &str,
    (step, unit, remark): (OrderStep, &str, &str),
) -> Result<RecordsReply, RecordsRefusal> {
    let by = person(client)?;
    let id: OrderId = order.parse().map_err(|error: work_order::WrongNumber| out_of_range(error.to_string()))?;
    let given = Submission { unit: unit.to_owned(), remark: remark.to_owned(), ..Submission::of(core_step(step)) };
    let now_ms = clock::epoch_ms();
    let order = place.act()?.store.step_order(&place.kinds, id, given, &by, now_ms).map_err(refused)?;
    Ok(RecordsReply::Order { order: Box::new(item(order, &by, now_ms)), repeat: false })
}
