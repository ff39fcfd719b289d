//! The functions of acs.h.
//!
//! Never: knows what a stream does.

use core::ffi::{c_char, c_int, c_long, c_uint, c_ulong, c_ushort, c_void};
use std::ffi::CString;

use tipring_csta_types::cause::UniversalFailure;
use tipring_tsapi::pdu::acs::{Acs, AcsFailure, CryptPassword, Level, LoginId, ServerId, StreamType, Version};
use tipring_tsapi::session::login::{NoApiVersion, grant_api_version};

use crate::code;
use crate::memory::{self, PrivateDataT};
use crate::stream::{self, Esr, Opening, Outgoing};

/// ACSAuthInfo_t.
#[derive(Debug)]
#[repr(C)]
pub struct AuthInfoT {
    kind: c_int,
    login: [c_char; 49],
}

/// Returns the code of a result.
fn code_of(result: Result<(), i64>) -> c_long {
    result.err().unwrap_or(code::POSITIVE_ACK)
}

/// Returns a number of 32 bits; what a program gives beyond is cut, as it is on the wire.
pub(crate) const fn invoke(invoke: c_ulong) -> u32 {
    invoke as u32
}

/// Opens a stream to a Tlink; ACS_OPEN_STREAM_CONF says that it is open, ACS_UNIVERSAL_FAILURE_CONF that it is not.
///
/// # Safety
/// Pointers are NULL or point to what acs.h declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn acsOpenStream(
    handle: *mut c_ulong,
    invoke_type: c_int,
    invoke_id: c_ulong,
    stream_type: c_int,
    server: *const c_char,
    login: *const c_char,
    password: *const c_char,
    application: *const c_char,
    _level: c_int,
    api_version: *const c_char,
    _send_queue: c_ushort,
    _send_buffers: c_ushort,
    _receive_queue: c_ushort,
    _receive_buffers: c_ushort,
    private: *const PrivateDataT,
) -> c_long {
    let open = || -> Result<(u64, u32), i64> {
        if handle.is_null() || server.is_null() || api_version.is_null() || !matches!(invoke_type, 0 | 1) {
            return Err(code::BAD_PARAMETER);
        }
        // SAFETY: as the program promises.
        let (server, login, password, application, api_version, private) = unsafe {
            (
                memory::text(server)?,
                memory::text(login)?,
                memory::text(password)?,
                memory::text(application)?,
                memory::text(api_version)?,
                memory::private_area(private)?,
            )
        };
        match grant_api_version(api_version) {
            Ok(_) => {}
            Err(NoApiVersion::Malformed) => return Err(code::BAD_PARAMETER),
            Err(NoApiVersion::Unsupported) => return Err(code::API_VERSION_DENIED),
        }
        let server = ServerId::new(server).map_err(|_| code::BAD_PARAMETER)?;
        let login = LoginId::new(login).map_err(|_| code::BAD_PARAMETER)?;
        let stream_type = StreamType::from_number(stream_type);
        let message = Acs::OpenStream {
            stream_type,
            server: server.clone(),
            login: login.clone(),
            password: CryptPassword::new(&[]),
            application: Version::new(application).map_err(|_| code::BAD_PARAMETER)?,
            level: Level::Level1,
            api_version: Version::new(api_version).map_err(|_| code::BAD_PARAMETER)?,
            library_version: Version::fitted(env!("CARGO_PKG_VERSION")),
            server_version: Version::default(),
        };
        stream::open(Opening {
            server,
            login,
            password: password.as_bytes(),
            message,
            private,
            invoke: invoke(invoke_id),
            library_numbers: invoke_type == 1,
        })
    };
    match open() {
        Ok((opened, number)) => {
            // SAFETY: it is not NULL, and points to a handle as the program promises.
            unsafe { *handle = opened };
            if invoke_type == 1 { i64::from(number) } else { code::POSITIVE_ACK }
        }
        Err(code) => code,
    }
}

/// Asks the server to close a stream; ACS_CLOSE_STREAM_CONF is its last event, with which the handle is free.
///
/// # Safety
/// Pointers are NULL or point to what acs.h declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn acsCloseStream(handle: c_ulong, id: c_ulong, private: *const PrivateDataT) -> c_long {
    // SAFETY: as the program promises.
    match unsafe { memory::private_area(private) } {
        Ok(area) => stream::request(handle, invoke(id), &Outgoing::Stream(Acs::CloseStream), &area),
        Err(code) => code,
    }
}

/// Ends a stream at once, without an event.
#[unsafe(no_mangle)]
pub extern "C" fn acsAbortStream(handle: c_ulong, _private: *const PrivateDataT) -> c_long {
    if stream::forget(handle) { code::POSITIVE_ACK } else { code::BAD_HANDLE }
}

/// Drops all events that wait.
#[unsafe(no_mangle)]
pub extern "C" fn acsFlushEventQueue(handle: c_ulong) -> c_long {
    code_of(stream::flush(handle))
}

/// # Safety
/// Pointers are NULL or point to what acs.h declares.
unsafe fn get(
    handle: c_ulong,
    wait: bool,
    buffer: *mut c_void,
    size: *mut c_ushort,
    private: *mut PrivateDataT,
    left: *mut c_ushort,
) -> c_long {
    if buffer.is_null() || size.is_null() {
        return code::BAD_PARAMETER;
    }
    let taken = stream::take(handle, wait, |handle, event| {
        // SAFETY: neither is NULL; the rest is as the program promises.
        unsafe { memory::lay_down(handle, event, buffer, size, private) }
    });
    match taken {
        Ok(((), count)) => {
            if !left.is_null() {
                // SAFETY: it is not NULL, and points to a number as the program promises.
                unsafe { *left = c_ushort::try_from(count).unwrap_or(c_ushort::MAX) };
            }
            code::POSITIVE_ACK
        }
        Err(code) => code,
    }
}

/// Takes the next event, if one waits; handle 0 takes one of any stream.
///
/// # Safety
/// Pointers are NULL or point to what acs.h declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn acsGetEventPoll(
    handle: c_ulong,
    buffer: *mut c_void,
    size: *mut c_ushort,
    private: *mut PrivateDataT,
    left: *mut c_ushort,
) -> c_long {
    // SAFETY: as the program promises.
    unsafe { get(handle, false, buffer, size, private, left) }
}

/// Takes the next event, and waits for it; handle 0 takes one of any stream.
///
/// # Safety
/// Pointers are NULL or point to what acs.h declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn acsGetEventBlock(
    handle: c_ulong,
    buffer: *mut c_void,
    size: *mut c_ushort,
    private: *mut PrivateDataT,
    left: *mut c_ushort,
) -> c_long {
    // SAFETY: as the program promises.
    unsafe { get(handle, true, buffer, size, private, left) }
}

/// Has a function called, on the reader's thread, when an event has come; NULL ends it.
#[unsafe(no_mangle)]
pub extern "C" fn acsSetESR(
    handle: c_ulong,
    esr: Option<extern "C" fn(c_ulong)>,
    parameter: c_ulong,
    notify_all: c_char,
) -> c_long {
    code_of(stream::set_esr(handle, esr.map(|call| Esr { call, parameter, always: notify_all != 0 })))
}

/// Returns a descriptor that is readable while events wait.
#[unsafe(no_mangle)]
pub extern "C" fn acsGetFile(handle: c_ulong) -> c_long {
    stream::file(handle).map_or_else(|code| code, i64::from)
}

/// Calls a function with the name of each Tlink that can be reached.
#[unsafe(no_mangle)]
pub extern "C" fn acsEnumServerNames(
    stream_type: c_int,
    call: Option<extern "C" fn(*mut c_char, c_ulong) -> c_char>,
    parameter: c_ulong,
) -> c_long {
    let Some(call) = call else { return code::BAD_PARAMETER };
    if StreamType::from_number(stream_type) != StreamType::Csta {
        return code::BAD_PARAMETER;
    }
    let names = stream::names();
    if names.is_empty() {
        return code::NO_SERVER;
    }
    for reached in names {
        let Ok(name) = CString::new(reached.name) else { continue };
        let mut octets = name.into_bytes_with_nul();
        if call(octets.as_mut_ptr().cast(), parameter) == 0 {
            break;
        }
    }
    code::POSITIVE_ACK
}

/// Asks which kind of log-in a Tlink wants.
///
/// # Safety
/// Pointers are NULL or point to what acs.h declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn acsQueryAuthInfo(server: *const c_char, info: *mut AuthInfoT) -> c_long {
    let ask = || {
        // SAFETY: as the program promises.
        let name = ServerId::new(unsafe { memory::text(server) }?).map_err(|_| code::BAD_PARAMETER)?;
        // SAFETY: as the program promises.
        let info = unsafe { info.as_mut() }.ok_or(code::BAD_PARAMETER)?;
        let (kind, login) = stream::auth_info(&name)?;
        info.kind = kind.number();
        // SAFETY: the array has 49 characters.
        unsafe { memory::put_text(info.login.as_mut_ptr(), 49, login.as_str()) };
        Ok(())
    };
    code_of(ask())
}

/// Returns the name of a stream's Tlink.
///
/// # Safety
/// Pointers are NULL or point to what acs.h declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn acsGetServerID(handle: c_ulong, server: *mut c_char) -> c_long {
    if server.is_null() {
        return code::BAD_PARAMETER;
    }
    // SAFETY: it is not NULL, and points to 49 characters as the program promises.
    code_of(stream::server(handle).map(|name| unsafe { memory::put_text(server, 49, &name) }))
}

/// Asks for a heartbeat of the server every 5 to 60 seconds.
#[unsafe(no_mangle)]
pub extern "C" fn acsSetHeartbeatInterval(
    handle: c_ulong,
    id: c_ulong,
    interval: c_ushort,
    _private: *const PrivateDataT,
) -> c_long {
    let Ok(seconds) = i16::try_from(interval) else { return code::BAD_PARAMETER };
    stream::request(handle, invoke(id), &Outgoing::Stream(Acs::SetHeartbeat { seconds }), &[])
}

/// Returns the constant of a return code.
#[unsafe(no_mangle)]
pub extern "C" fn acsReturnCodeString(code: c_long) -> *const c_char {
    code::text(code).0.as_ptr()
}

/// Returns a sentence on a return code.
#[unsafe(no_mangle)]
pub extern "C" fn acsReturnCodeVerboseString(code: c_long) -> *const c_char {
    code::text(code).1.as_ptr()
}

/// Texts of failures, made once each.
fn interned(family: u8, number: i32, make: impl FnOnce() -> String) -> *const c_char {
    use std::collections::BTreeMap;
    static TEXTS: parking_lot::Mutex<BTreeMap<(u8, i32), CString>> = parking_lot::Mutex::new(BTreeMap::new());
    let mut texts = TEXTS.lock();
    // Entries are never removed, and their texts stay where they are.
    texts.entry((family, number)).or_insert_with(|| CString::new(make()).unwrap_or_default()).as_ptr()
}

/// Returns a sentence on a failure of a stream.
#[unsafe(no_mangle)]
pub extern "C" fn acsErrorString(error: c_int) -> *const c_char {
    match AcsFailure::from_number(error) {
        AcsFailure::Other(_) => interned(0, 0, || "A failure without a name".into()),
        known => interned(1, error, || known.to_string()),
    }
}

/// Returns a sentence on a failure of a service.
#[unsafe(no_mangle)]
pub extern "C" fn cstaErrorString(error: c_int) -> *const c_char {
    match UniversalFailure::from_number(error) {
        Some(failure) if UniversalFailure::ALL.contains(&failure) => interned(2, error, || failure.to_string()),
        Some(_) | None => interned(0, 0, || "A failure without a name".into()),
    }
}

/// The C type of an enumeration is an int on this platform.
const _: () = assert!(size_of::<c_uint>() == 4 && size_of::<c_long>() == 8);
