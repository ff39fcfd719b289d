//! The private area of a message: a vendor's name and its data. And the data of our own vendor.
//!
//! Layout: vendor name of 32 octets filled with NUL, length of the data (2 octets, little-endian), data.
//! Data of vendor `TIPRING`: one octet, the version (1), then a JSON object in UTF-8, together at most 1,024 octets: on
//! events the screen pop ([`CallData`]), on requests [`RequestData`], on replies [`ReplyData`]; its own services are in
//! `TIPRING.md`. Data of the ECS vendor: `ecs`.
//!
//! Never: knows what the data do.

use core::fmt;

use tipring_csta_types::Request;
use tipring_csta_types::call_data::CallData;
use tipring_csta_types::event::Event;
use tipring_csta_types::private::{EventData, ReplyData, RequestData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::switch::SwitchRequest;

use super::{Pdu, ecs};
use crate::error::{BerError, BerErrorKind, PduError};
use crate::frame::{PRIVATE_HEAD_OCTETS, VENDOR_OCTETS, write_private};

/// The most data that C programs have room for.
pub const DATA_OCTETS_MAX: usize = 1024;

/// The vendor under which versions of private data are asked for.
pub const VENDOR_VERSION: &str = "VERSION";
/// The vendor of what this product adds.
pub const VENDOR_TIPRING: &str = "TIPRING";
/// The version of what this product adds.
pub const TIPRING_VERSION: u8 = 1;

/// A private area as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Private<'a> {
    /// Its vendor.
    pub vendor: &'a str,
    /// The data.
    pub data: &'a [u8],
}

/// A private area that has not the form of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPrivate;

impl fmt::Display for BadPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The private area is not a vendor name, a length and so much data")
    }
}

impl std::error::Error for BadPrivate {}

impl<'a> Private<'a> {
    /// Reads the private area of a frame; an empty one and one without data are none.
    ///
    /// # Errors
    /// [`BadPrivate`] if it is not a vendor name, a length, and as many octets.
    pub fn read(area: &'a [u8]) -> Result<Option<Private<'a>>, BadPrivate> {
        if area.is_empty() {
            return Ok(None);
        }
        let (name, rest) = area.split_at_checked(VENDOR_OCTETS).ok_or(BadPrivate)?;
        let (length, data) = rest.split_first_chunk::<2>().ok_or(BadPrivate)?;
        if usize::from(u16::from_le_bytes(*length)) != data.len() {
            return Err(BadPrivate);
        }
        let end = name.iter().position(|octet| *octet == 0).ok_or(BadPrivate)?;
        let vendor = core::str::from_utf8(&name[..end]).map_err(|_| BadPrivate)?;
        Ok(if data.is_empty() { None } else { Some(Private { vendor, data }) })
    }
}

/// Returns a private area for a frame. A vendor name has at most 31 characters; what is longer is cut.
pub fn area(vendor: &str, data: &[u8]) -> Vec<u8> {
    let mut area = Vec::with_capacity(PRIVATE_HEAD_OCTETS + data.len());
    write_private(&mut area, vendor, data);
    area
}

/// Form of a stream's private data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Our own: version and JSON.
    Tipring,
    /// The ECS vendor's PDUs of a version, 2 to 10.
    Ecs(u16),
}

impl Dialect {
    /// Number of dialects.
    pub const COUNT: usize = 10;

    /// Returns the dialect of a version of the ECS vendor.
    pub const fn ecs(version: u16) -> Option<Dialect> {
        match version {
            2..=10 => Some(Dialect::Ecs(version)),
            _ => None,
        }
    }

    /// Returns its place among all of them.
    pub const fn index(self) -> usize {
        match self {
            Dialect::Tipring => 0,
            Dialect::Ecs(version) => version as usize - 1,
        }
    }
}

/// Appends what an event says beyond the standard; nothing if the dialect has nothing for it.
pub fn write_event_data(dialect: Dialect, event: &Event, data: &EventData, out: &mut Vec<u8>) {
    match (dialect, data) {
        (Dialect::Tipring, EventData { call: Some(call), .. }) => append_call_data(call, out),
        (Dialect::Tipring, EventData { vendor: Some(vendor), .. }) => append_json(&**vendor, out),
        (Dialect::Tipring, _) => {}
        (Dialect::Ecs(version), data) => ecs::append_event(version, event, data, out),
    }
}

/// Returns what a report without a monitor says beyond the standard.
pub fn write_report_data(dialect: Dialect, data: &EventData) -> Option<Vec<u8>> {
    let vendor = data.vendor.as_deref()?;
    Some(match dialect {
        Dialect::Tipring => write_json(vendor),
        Dialect::Ecs(_) => ecs::write_pdu(vendor.number(), |writer| Pdu::write(vendor, writer)),
    })
}

/// Returns what a request of the switch says beyond the standard.
pub fn write_switch_request_data(dialect: Dialect, request: &SwitchRequest, data: &EventData) -> Option<Vec<u8>> {
    match (dialect, request) {
        (Dialect::Tipring, _) => data.call.as_deref().map(write_call_data),
        (Dialect::Ecs(version), SwitchRequest::Route { .. }) => Some(ecs::write_route_request(version, data)),
        (Dialect::Ecs(_), _) => None,
    }
}

/// Returns what a reply says beyond the standard; none if the dialect has nothing for it.
pub fn write_reply_data(dialect: Dialect, reply: &Reply, data: Option<&ReplyData>) -> Option<Vec<u8>> {
    match (dialect, data) {
        (Dialect::Tipring, Some(ReplyData { call: Some(call), .. })) => Some(write_call_data(call)),
        (Dialect::Tipring, _) => data.filter(|data| **data != ReplyData::default()).map(write_json),
        (Dialect::Ecs(version), _) => ecs::write_reply(version, reply, data),
    }
}

/// Reads what refines a request.
///
/// # Errors
/// [`PduError`] of data that cannot be read, or of a vendor request that does not exist.
pub fn read_request_data(dialect: Dialect, request: &Request, data: &[u8]) -> Result<RequestData, PduError> {
    match dialect {
        Dialect::Tipring => {
            read_json(data).ok_or(PduError::Malformed(BerError { kind: BerErrorKind::BadContent, offset: 0 }))
        }
        Dialect::Ecs(_) => ecs::read_request(request, data),
    }
}

/// Returns a value as the data of vendor `TIPRING`: the version, then JSON.
pub fn write_json(value: &impl serde::Serialize) -> Vec<u8> {
    let mut data = Vec::new();
    append_json(value, &mut data);
    data
}

fn append_json(value: &impl serde::Serialize, out: &mut Vec<u8>) {
    out.push(TIPRING_VERSION);
    // Text and numbers alone cannot fail to be JSON, and a vector takes everything.
    serde_json::to_writer(out, value).expect("plain data are JSON");
}

/// Reads the data of vendor `TIPRING`; nothing if they are of another version or not of this type.
pub fn read_json<T: serde::de::DeserializeOwned>(data: &[u8]) -> Option<T> {
    match data.split_first() {
        Some((&TIPRING_VERSION, json)) => serde_json::from_slice(json).ok(),
        Some(_) | None => None,
    }
}

/// Screen-pop data as the data of vendor `TIPRING`. What does not fit is cut until the rest fits: lines of the card,
/// the oldest first, then always from the longest field, a whole character at a time.
pub fn write_call_data(call: &CallData) -> Vec<u8> {
    let mut data = Vec::new();
    append_call_data(call, &mut data);
    data
}

fn append_call_data(call: &CallData, out: &mut Vec<u8>) {
    let start = out.len();
    append_json(call, out);
    if out.len() - start > DATA_OCTETS_MAX {
        let mut call = call.clone();
        while out.len() - start > DATA_OCTETS_MAX && cut_longest(&mut call, out.len() - start - DATA_OCTETS_MAX) {
            out.truncate(start);
            append_json(&call, out);
        }
    }
}

/// Reads screen-pop data; nothing if they are of another version or not what that version says.
pub fn read_call_data(data: &[u8]) -> Option<CallData> {
    read_json(data)
}

/// Cuts a line of the card, then from the longest field, but not below the next longest, and drops variables when no
/// text is left; false if nothing is left to cut.
///
/// A character of one octet may take six in JSON, so a sixth of the `excess` is what can go without cutting too much.
fn cut_longest(call: &mut CallData, excess: usize) -> bool {
    let CallData {
        customer,
        account,
        caller,
        caller_name,
        keyed,
        queue,
        wait_ms: _,
        machine: _,
        variables,
        notes,
        recording: _,
        card,
        user_info: _,
        related_calls: _,
    } = call;
    // The oldest lines of the card go first: the site has them on record.
    if card.as_mut().is_some_and(|card| card.lines.pop().is_some()) {
        return true;
    }
    let mut fields: Vec<&mut String> = [customer, account, caller, caller_name, queue].into_iter().flatten().collect();
    fields.extend([keyed, notes]);
    fields.extend(card.as_mut().map(|card| &mut card.region));
    fields.extend(variables.values_mut());
    fields.sort_by_key(|field| core::cmp::Reverse(field.len()));
    let second = fields.get(1).map_or(0, |field| field.len());
    let Some(longest) = fields.first_mut().filter(|field| !field.is_empty()) else {
        return variables.pop_last().is_some();
    };
    let wanted = longest.len().saturating_sub(excess / 6).max(second).min(longest.len() - 1);
    longest.truncate(longest.floor_char_boundary(wanted));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_csta_types::Ucid;
    use tipring_csta_types::customer_card::{CardLine, CardPart, CustomerCard};
    use tipring_csta_types::event::Machine;
    use tipring_csta_types::private::{UserInfo, UserInfoType};

    #[test]
    fn an_area_is_read_as_it_was_written() {
        let octets = area("ECS", &[0, b'8', 0]);
        assert_eq!(octets.len(), 37);
        assert_eq!(Private::read(&octets), Ok(Some(Private { vendor: "ECS", data: &[0, b'8', 0] })));
        assert_eq!(Private::read(&[]), Ok(None));
        assert_eq!(Private::read(&area("ECS", &[])), Ok(None));
    }

    #[test]
    fn an_area_with_wrong_lengths_or_an_endless_name_is_refused() {
        let octets = area("ECS", &[0, b'8', 0]);
        for length in 1..octets.len() {
            assert_eq!(Private::read(&octets[..length]), Err(BadPrivate), "{length} octets");
        }
        let mut endless = octets;
        endless[..32].fill(b'X');
        assert_eq!(Private::read(&endless), Err(BadPrivate));
    }

    #[test]
    fn call_data_comes_back() {
        let call = CallData {
            customer: Some("王小明".into()),
            account: None,
            caller: Some("13800138000".into()),
            caller_name: Some("王Xiaoming".into()),
            keyed: "2".into(),
            queue: Some("5000".into()),
            wait_ms: 4250,
            machine: Some(Machine::Fax),
            variables: [("meter".into(), "0571".into())].into(),
            notes: "calls about the invoice".into(),
            recording: Some(tipring_csta_types::event::RecordingState::Paused),
            card: Some(card(2)),
            user_info: UserInfo { kind: UserInfoType::Ia5, data: b"gold"[..].try_into().expect("short") },
            related_calls: vec![Ucid::new("00001000011700000000").expect("20 digits")],
        };
        let data = write_call_data(&call);
        assert_eq!(data[0], 1);
        assert_eq!(read_call_data(&data), Some(call));
        assert_eq!(read_call_data(&[2, b'{', b'}']), None);
        assert_eq!(read_call_data(&[]), None);
    }

    fn card(lines: usize) -> CustomerCard {
        let line = |n| CardLine { part: CardPart::Order, at_ms: 1_000 - n as i64, text: "客".repeat(60) };
        CustomerCard {
            customer: "C17".into(),
            vip: true,
            orders: 4,
            lines: (0..lines).map(line).collect(),
            ..Default::default()
        }
    }

    #[test]
    fn lines_of_a_card_that_do_not_fit_go_the_oldest_first_and_all_else_stays_whole() {
        let call = CallData { customer: Some("王小明".into()), card: Some(card(9)), ..CallData::default() };
        let data = write_call_data(&call);
        assert!(data.len() <= DATA_OCTETS_MAX, "{} octets", data.len());
        let read = read_call_data(&data).expect("still JSON");
        let kept = read.card.as_ref().expect("a card").lines.len();
        assert!((1..9).contains(&kept), "{kept} lines");
        assert_eq!(read, CallData { card: Some(card(kept)), ..call });
    }

    #[test]
    fn only_the_longest_field_is_cut_and_no_character_is_broken() {
        let call = CallData {
            customer: Some("客".repeat(500)),
            account: Some("A-1".into()),
            keyed: "7".repeat(40),
            ..CallData::default()
        };
        let data = write_call_data(&call);
        assert!((DATA_OCTETS_MAX - 2..=DATA_OCTETS_MAX).contains(&data.len()), "{} octets", data.len());
        let read = read_call_data(&data).expect("still JSON");
        assert_eq!((read.account, read.keyed), (call.account, call.keyed));
        assert!(read.customer.is_some_and(|name| name.chars().all(|c| c == '客')));
    }

    #[test]
    fn variables_with_long_names_are_dropped_when_no_text_is_left_to_cut() {
        let variables = (0..40).map(|number| (format!("{number:080}"), String::new())).collect();
        let data = write_call_data(&CallData { variables, ..CallData::default() });
        let kept = read_call_data(&data).expect("still JSON").variables.len();
        assert!(data.len() <= DATA_OCTETS_MAX && kept > 5, "{} octets, {kept} variables", data.len());
    }

    #[test]
    fn two_long_fields_end_about_equally_long() {
        let call =
            CallData { customer: Some("\"\n".repeat(700)), account: Some("é".repeat(800)), ..CallData::default() };
        let read = read_call_data(&write_call_data(&call)).expect("still JSON");
        let (customer, account) = (read.customer.unwrap().len(), read.account.unwrap().len());
        assert!(customer.abs_diff(account) <= 4, "{customer} and {account} octets");
    }

    #[test]
    fn the_services_of_the_own_vendor_are_documented_and_the_examples_are_read() {
        use tipring_csta_types::tipring::{TipringReply, TipringRequest};
        let text = include_str!("../../TIPRING.md");
        for (_, name) in TipringRequest::ALL {
            let name = name[..1].to_lowercase() + &name[1..];
            assert!(text.contains(&format!("| `{name}` |")), "{name} has no row");
        }
        let example = text.split("```json").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
        let (request, reply) = example.trim().split_once("\n{").expect("a request and a reply");
        let request: RequestData = serde_json::from_str(request).expect("a request");
        assert!(matches!(request.tipring, Some(TipringRequest::SuperviseCall { follow: false, .. })), "{request:?}");
        let reply: ReplyData = serde_json::from_str(&format!("{{{reply}")).expect("a reply");
        assert!(matches!(reply.tipring, Some(TipringReply::SuperviseCall { is_prompted: false, .. })), "{reply:?}");
        let octets = write_json(&request);
        assert_eq!(read_json::<RequestData>(&octets), Some(request));
    }
}
