//! The file of customers for the console: shown with the card of now, searched, changed, merged.
//!
//! Never: has a rule of customers; those are in `tipring_core::customer`.

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::customer::{CardCall, Customer, CustomerChange, CustomerId, CustomerRefusal, WrongCustomer};
use tipring_core::store::sqlite::{CustomerError, SqliteStore};
use tipring_web::records::{
    CustomerCall, CustomerFields, CustomerItem, ROWS_MAX, RecordsClient, RecordsRefusal, RecordsReply,
};

use super::orders::person;
use super::{Place, failed, no_right, out_of_range, refusal};
use crate::clock;

/// Most calls of a reply.
const CALLS_SHOWN: usize = 10;

fn item(customer: Customer) -> CustomerItem {
    let Customer { id, numbers, name, account, address, language, region, vip, notes } = customer;
    CustomerItem { customer: id.to_string(), numbers, name, account, address, language, region, vip, notes }
}

fn call(call: CardCall) -> CustomerCall {
    let CardCall { at_ms, is_inbound, outcome, queue, agent, talk_ms } = call;
    CustomerCall { at_ms, inbound: is_inbound, outcome, queue, agent, talk_ms }
}

fn refused(error: CustomerError) -> RecordsRefusal {
    let why = error.to_string();
    let failure = match error {
        CustomerError::Refused(CustomerRefusal::NotKnown(_)) => UniversalFailure::ObjectNotKnown,
        CustomerError::Refused(CustomerRefusal::Taken { .. }) => UniversalFailure::InvalidObjectState,
        CustomerError::Refused(_) => UniversalFailure::ValueOutOfRange,
        CustomerError::Store(_) => UniversalFailure::GenericOperation,
    };
    refusal(failure, why)
}

/// The customer of an identifier or a number, and the number; a number may have none.
fn find(store: &SqliteStore, text: &str) -> Result<(Option<Customer>, String), RecordsRefusal> {
    let of = |error: tipring_core::store::StoreError| failed(error.into());
    if let Some(number) = store.number_plan().normal(text) {
        return Ok((store.customer_of(&number).map_err(of)?, number));
    }
    let id = id(text)?;
    let customer = store.customer_by_id(id).map_err(of)?;
    let customer = customer.ok_or_else(|| refused(CustomerRefusal::NotKnown(id).into()))?;
    Ok((Some(customer), String::new()))
}

fn id(text: &str) -> Result<CustomerId, RecordsRefusal> {
    text.parse().map_err(|error: WrongCustomer| out_of_range(error.to_string()))
}

fn reply(store: &SqliteStore, customer: Option<Customer>, number: &str) -> Result<RecordsReply, RecordsRefusal> {
    let card = store.customer_card(customer.as_ref(), number).map_err(|error| failed(error.into()))?;
    let calls = store.customer_calls(customer.as_ref(), number, CALLS_SHOWN).map_err(|error| failed(error.into()))?;
    Ok(RecordsReply::Customer {
        customer: customer.map(item).map(Box::new),
        card: Box::new(card),
        calls: calls.into_iter().map(call).collect(),
    })
}

pub(super) fn show(place: &Place, client: &RecordsClient, customer: &str) -> Result<RecordsReply, RecordsRefusal> {
    person(client)?;
    let archive = place.read()?;
    let (found, number) = find(&archive.store, customer)?;
    reply(&archive.store, found, &number)
}

pub(super) fn search(
    place: &Place,
    client: &RecordsClient,
    text: &str,
    limit: u32,
) -> Result<RecordsReply, RecordsRefusal> {
    person(client)?;
    if !(1..=ROWS_MAX).contains(&limit) {
        return Err(out_of_range(format!("a limit is 1 to {ROWS_MAX}, not {limit}")));
    }
    let mut found = place.read()?.store.find_customers(text, limit + 1).map_err(|error| failed(error.into()))?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    Ok(RecordsReply::Customers { customers: found.into_iter().map(item).collect(), more })
}

pub(super) fn set(
    place: &Place,
    client: &RecordsClient,
    customer: &str,
    fields: &CustomerFields,
) -> Result<RecordsReply, RecordsRefusal> {
    let by = person(client)?;
    let mut store = place.act()?.store;
    let (found, number) = find(&store, customer)?;
    let first = found.is_none().then_some(number);
    let fields = fields.clone();
    let change = CustomerChange {
        numbers: first.into_iter().chain(fields.add).collect(),
        without: fields.remove,
        name: fields.name,
        account: fields.account,
        address: fields.address,
        language: fields.language,
        region: fields.region,
        vip: fields.vip,
        notes: fields.notes,
    };
    let found = found.map(|customer| customer.id);
    let customer = store.change_customer(found, &change, &by.name, clock::epoch_ms()).map_err(refused)?;
    reply(&store, Some(customer), "")
}

pub(super) fn merge(
    place: &Place,
    client: &RecordsClient,
    from: &str,
    into: &str,
) -> Result<RecordsReply, RecordsRefusal> {
    let by = person(client)?;
    if !by.is_supervisor {
        return Err(no_right());
    }
    let (from, into) = (id(from)?, id(into)?);
    let mut store = place.act()?.store;
    let customer = store.merge_customers(from, into, &by.name, clock::epoch_ms()).map_err(refused)?;
    reply(&store, Some(customer), "")
}
