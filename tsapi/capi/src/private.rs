//! The functions of attpriv.h: private data of the ECS vendor out of structures, and into them.
//!
//! Never: knows a stream.

use core::ffi::{c_char, c_int, c_long, c_short, c_uchar, c_void};

use tipring_tsapi::ber::Writer;
use tipring_tsapi::session::login::{ECS_NAMES, ECS_VERSIONS, Versions};

use crate::code;
use crate::encode::{write_members, write_node};
use crate::layout::{Image, Node};
use crate::memory::{DATA, PrivateDataT, VENDOR_OCTETS};
use crate::private_pdus::{self, PrivatePdu};

/// Opens the data of every private PDU.
const DISCRIMINATOR: [u8; 2] = [2, 0];
/// Room in ATTPrivateData_t.
const DATA_OCTETS_MAX: usize = 1024;
/// Offset of the union in ATTEvent_t, of its heap, and room there.
const UNION: usize = 8;
const HEAP: usize = 2088;
const HEAP_OCTETS: usize = 1024;
/// Octets of a list of versions with its NUL.
const LIST_OCTETS: usize = 64;

/// User-to-user information where there is none: type -1 and no octets.
static NO_USER_INFO: [c_int; 34] = {
    let mut info = [0; 34];
    info[0] = -1;
    info
};

/// The type of an argument in C.
macro_rules! c_type {
    (text) => { *const c_char };
    (user_info) => { *const c_void };
    (structure) => { *const c_void };
    (flag) => { c_char };
    (bits) => { c_uchar };
    (short) => { c_short };
    (long) => { c_long };
    (real) => { f32 };
    (enumeration) => { c_int };
}

/// Offset of an argument's member.
macro_rules! place {
    (text $given:ident) => {
        $given.cast()
    };
    (structure $given:ident) => {
        $given.cast()
    };
    (user_info $given:ident) => {
        if $given.is_null() { NO_USER_INFO.as_ptr().cast() } else { $given.cast() }
    };
    ($value:ident $given:ident) => {
        (&raw const $given).cast()
    };
}

/// Declares the functions: each fills private data with the PDU of its number, member by member.
macro_rules! functions {
    ($($name:ident = $number:literal ($($argument:ident: $kind:ident),*);)*) => {$(
        #[doc = concat!("Fills private data with the vendor's PDU ", $number, ".")]
        /// # Safety
        /// Pointers are NULL or point to what attpriv.h declares.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(private: *mut PrivateDataT $(, $argument: c_type!($kind))*) -> c_long {
            let places: &[*const u8] = &[$(place!($kind $argument)),*];
            // SAFETY: as the program promises; the places are those of the PDU's members, in their order.
            unsafe { fill(private, $number, |members, writer| write_members(members, places, writer)) }
        }
    )*};
}

functions! {
    attClearConnection = 1 (drop_resource: enumeration, user_info: user_info);
    attConsultationCall = 2 (dest_route: text, priority_calling: flag, user_info: user_info);
    attMakeCall = 3 (dest_route: text, priority_calling: flag, user_info: user_info);
    attDirectAgentCall = 4 (split: text, priority_calling: flag, user_info: user_info);
    attMakePredictiveCall = 5 (priority_calling: flag, max_rings: short, answer_treat: enumeration, dest_route: text, user_info: user_info);
    attSupervisorAssistCall = 6 (split: text, user_info: user_info);
    attReconnectCall = 7 (drop_resource: enumeration, user_info: user_info);
    attSendDTMFTone = 8 (sender: structure, receivers: structure, tones: text, tone_duration: short, pause_duration: short);
    attSetAgentState = 10 (work_mode: enumeration);
    attQueryAcdSplit = 11 (device: text);
    attQueryAgentLogin = 13 (device: text);
    attQueryAgentState = 16 (device: text);
    attQueryCallClassifier = 18 ();
    attQueryDeviceName = 49 (device: text);
    attQueryStationStatus = 22 (device: text);
    attQueryTimeOfDay = 24 ();
    attQueryTrunkGroup = 26 (device: text);
    attMonitorFilter = 29 (private_filter: bits);
    attMonitorStopOnCall = 31 (monitor_cross_ref_id: long, call: structure);
    attRouteSelect = 43 (calling_device: text, direct_agent_call_split: text, priority_calling: flag, dest_route: text, collect_code: structure, user_provided_code: structure, user_info: user_info);
    attSysStat = 45 (link_status_req: flag);
    attSingleStepConferenceCall = 65 (active_call: structure, device_to_be_join: text, participation_type: enumeration, alert_destination: flag);
    attSelectiveListeningHold = 67 (subject_connection: structure, all_parties: flag, selected_party: structure);
    attSelectiveListeningRetrieve = 69 (subject_connection: structure, all_parties: flag, selected_party: structure);
    attSetAgentStateExt = 87 (work_mode: enumeration, reason_code: long);
    attSetBillRate = 74 (call: structure, bill_type: enumeration, bill_rate: real);
    attQueryUCID = 76 (call: structure);
    attSetAdviceOfCharge = 99 (flag: flag);
    attSendDTMFToneExt = 71 (sender: structure, receivers: structure, tones: text, tone_duration: short, pause_duration: short);
    attMonitorFilterExt = 92 (private_filter: bits);
    attV6SetAgentState = 102 (work_mode: enumeration, reason_code: long, enable_pending: flag);
    attV6MakeCall = 110 (dest_route: text, priority_calling: flag, user_info: user_info);
    attV6ClearConnection = 108 (drop_resource: enumeration, user_info: user_info);
    attV6ConsultationCall = 109 (dest_route: text, priority_calling: flag, user_info: user_info);
    attV6DirectAgentCall = 111 (split: text, priority_calling: flag, user_info: user_info);
    attV6MakePredictiveCall = 112 (priority_calling: flag, max_rings: short, answer_treat: enumeration, dest_route: text, user_info: user_info);
    attV6SupervisorAssistCall = 113 (split: text, user_info: user_info);
    attV6ReconnectCall = 114 (drop_resource: enumeration, user_info: user_info);
    attV6RouteSelect = 116 (calling_device: text, direct_agent_call_split: text, priority_calling: flag, dest_route: text, collect_code: structure, user_provided_code: structure, user_info: user_info);
    attV7RouteSelect = 126 (calling_device: text, direct_agent_call_split: text, priority_calling: flag, dest_route: text, collect_code: structure, user_provided_code: structure, user_info: user_info, networkredirect: enumeration);
    attSingleStepTransferCall = 142 (active_call: structure, transferred_to: text);
    attMonitorCallsViaDevice = 144 (private_filter: bits, flow_predictive_call_events: flag);
}

/// Writes private data from the structure of a private PDU.
///
/// # Safety
/// Pointers are NULL or point to what attpriv.h declares: `pdu` to the structure of `number`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn encodePrivate(number: c_int, pdu: *const c_void, private: *mut PrivateDataT) -> c_long {
    let Ok(number) = u16::try_from(number) else { return code::BAD_PARAMETER };
    if pdu.is_null() {
        return code::BAD_PARAMETER;
    }
    // SAFETY: as the program promises.
    unsafe { fill(private, number, |node, writer| write_node(node, pdu.cast(), writer)) }
}

/// Fills private data with a PDU that `write` writes.
///
/// # Safety
/// `private` is NULL or points to an ATTPrivateData_t.
unsafe fn fill(
    private: *mut PrivateDataT,
    number: u16,
    write: impl FnOnce(Node, &mut Writer<'_>) -> Result<(), i64>,
) -> c_long {
    // SAFETY: as the caller promises.
    let Some(head) = (unsafe { private.as_mut() }) else { return code::BAD_PARAMETER };
    head.length = 0;
    let Some(PrivatePdu { node, .. }) = private_pdus::find(number) else { return code::BAD_PARAMETER };
    let mut data = Vec::with_capacity(256);
    data.extend(DISCRIMINATOR);
    data.extend(number.to_le_bytes());
    if let Err(code) = write(*node, &mut Writer::new(&mut data)) {
        return code;
    }
    if data.len() > DATA_OCTETS_MAX {
        return code::BUFFER_SMALL;
    }
    head.vendor = [0; VENDOR_OCTETS];
    head.vendor[..ECS_NAMES[0].len()].copy_from_slice(ECS_NAMES[0].as_bytes());
    head.length = data.len() as u16;
    // SAFETY: an ATTPrivateData_t has room for as many octets.
    unsafe { core::ptr::copy_nonoverlapping(data.as_ptr(), private.cast::<u8>().add(DATA), data.len()) };
    code::POSITIVE_ACK
}

/// Reads private data into an ATTEvent_t.
///
/// # Safety
/// Pointers are NULL or point to what attpriv.h declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn attPrivateData(private: *const PrivateDataT, event: *mut c_void) -> c_long {
    // SAFETY: as the program promises.
    let Some(head) = (unsafe { private.as_ref() }) else { return code::BAD_PARAMETER };
    let name = head.vendor.split(|octet| *octet == 0).next().unwrap_or_default();
    if event.is_null() || !ECS_NAMES.iter().any(|vendor| vendor.as_bytes() == name) {
        return code::BAD_PARAMETER;
    }
    // SAFETY: as the program promises, the data have as many octets as their length says.
    let data = unsafe { core::slice::from_raw_parts(private.cast::<u8>().add(DATA), usize::from(head.length)) };
    let Some((number, image)) = read(data) else { return code::UNKNOWN };
    if image.heap.len() > HEAP_OCTETS {
        return code::BUFFER_SMALL;
    }
    let heap = event as usize + HEAP;
    let place = |base: usize, octets: &[u8]| {
        // SAFETY: an ATTEvent_t has room for every PDU's structure and for its heap, as a test says.
        unsafe { core::ptr::copy_nonoverlapping(octets.as_ptr(), event.cast::<u8>().add(base), octets.len()) };
    };
    place(0, &number.to_ne_bytes());
    place(UNION, &image.body);
    place(HEAP, &image.heap);
    for (at, to) in &image.pointers {
        place(at.offset(UNION, HEAP), &(heap + to).to_ne_bytes());
    }
    code::POSITIVE_ACK
}

/// Reads the data octets of a private PDU.
fn read(data: &[u8]) -> Option<(u16, Image)> {
    let (number, body) = data.strip_prefix(&DISCRIMINATOR)?.split_first_chunk::<2>()?;
    let number = u16::from_le_bytes(*number);
    Some((number, Image::of(private_pdus::find(number)?.node, body).ok()?))
}

/// Writes the list of versions that a stream asks for; returns its length.
///
/// # Safety
/// Pointers are NULL or point to what attpriv.h declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn attMakeVersionString(requested: *const c_char, supported: *mut c_char) -> c_long {
    // SAFETY: as the program promises.
    let Ok(requested) = (unsafe { crate::memory::text(requested) }) else { return code::BAD_PARAMETER };
    if supported.is_null() {
        return code::BAD_PARAMETER;
    }
    let Some(requested) = Versions::parse(requested) else { return code::BAD_PARAMETER };
    let Some(known) = requested.within(&ECS_VERSIONS) else { return 0 };
    let list = ECS_NAMES.map(|vendor| format!("{vendor}#{known}")).join("#");
    if list.len() >= LIST_OCTETS {
        return code::BAD_PARAMETER;
    }
    // SAFETY: it has room for as many characters, as the program promises.
    unsafe { crate::memory::put_text(supported, LIST_OCTETS, &list) };
    list.len() as c_long
}
