//! The structures and numbers of `tipring.h`, as Rust sees them. A test compares each with the header.
//!
//! Never: differs from the header in a size, an offset or a number.

use core::ffi::{c_char, c_void};

/// TR_ABI_VERSION.
pub const ABI_VERSION: u32 = 1;

macro_rules! numbers {
    ($ty:ty: $($(#[$doc:meta])* $name:ident = $value:expr),* $(,)?) => {
        $($(#[$doc])* #[allow(dead_code, reason = "a number that only programs use")] pub const $name: $ty = $value;)*
        /// Every number above with its name in the header, for comparison.
        #[cfg(test)]
        pub const NAMED: &[(&str, i64)] = &[$((stringify!($name), $value as i64)),*];
    };
}

/// Results: zero, or why a call failed.
#[allow(missing_docs, reason = "each is documented in tipring.h, which a test compares with this list")]
pub mod error {
    numbers!(i32:
        OK = 0, E_ARGUMENT = -1, E_SIZE = -2, E_STALE = -3, E_STATE = -4, E_SUPERSEDED = -5, E_BUSY = -6,
        E_RESOURCE = -7, E_UNSUPPORTED = -8, E_HARDWARE = -9, E_IO = -10, E_PERMISSION = -11, E_CLOSED = -12,
        E_FORKED = -13, E_INTERNAL = -14,
    );
}

/// Everything else that is numbered.
#[allow(missing_docs, reason = "each is documented in tipring.h, which a test compares with this list")]
pub mod number {
    numbers!(u32:
        LANG_EN = 0, LANG_ZH = 1, LANG_YUE = 2,
        LOG_ERROR = 1, LOG_INFO = 2,
        KIND_UNKNOWN = 0, KIND_TRUNK = 1, KIND_STATION = 2,
        STATE_OUT_OF_SERVICE = 0, STATE_IDLE = 1, STATE_OFFERED = 2, STATE_DIALLING = 3, STATE_RINGING = 4,
        STATE_IN_USE = 5, STATE_RELEASED = 6, STATE_RELEASING = 7,
        CAUSE_NORMAL = 0, CAUSE_RINGING_STOPPED = 1, CAUSE_TONE = 2, CAUSE_LOOP_BREAK = 3, CAUSE_POLARITY = 4,
        CAUSE_SILENCE = 5, CAUSE_NO_DIAL_TONE = 6, CAUSE_NO_BATTERY = 7, CAUSE_BUSY = 8, CAUSE_CONGESTION = 9,
        CAUSE_LOST = 10, CAUSE_GLARE = 11, CAUSE_UNASSIGNED = 12, CAUSE_INTERCEPTED = 13, CAUSE_ANNOUNCED = 14,
        EVENT_IN_SERVICE = 1, EVENT_OUT_OF_SERVICE = 2, EVENT_OFFERED = 3, EVENT_CALLER_ID = 4, EVENT_ABANDONED = 5,
        EVENT_OFF_HOOK = 6, EVENT_ON_HOOK = 7, EVENT_FLASH = 8, EVENT_DIGIT = 9, EVENT_CONNECTED = 10,
        EVENT_MACHINE = 11, EVENT_DISCONNECTED = 12, EVENT_FAILED = 13, EVENT_RESTED = 14,
        EVENT_OP_DONE = 32, EVENT_TIMER = 33, EVENT_USER = 34, EVENT_EVENTS_LOST = 35, EVENT_TROUBLE = 36,
        TONE_NONE = 0, TONE_DIAL = 1, TONE_RINGBACK = 2, TONE_BUSY = 3, TONE_CONGESTION = 4, TONE_ZIP = 5,
        REASON_END = 1, REASON_STOPPED = 2, REASON_HANGUP = 3, REASON_MAX_DIGITS = 4, REASON_DIGIT = 5,
        REASON_FIRST_DIGIT = 6, REASON_INTER_DIGIT = 7, REASON_MAX_TIME = 8, REASON_FILE = 9, REASON_FAILED = 10,
        REASON_RESOURCE = 11, REASON_FULL = 12, REASON_SILENCE = 13, REASON_NO_SOUND = 14, REASON_SOUND = 15,
        REASON_TONE = 16, REASON_IN_USE = 17,
        UNTIL_MAX_DIGITS = 1, UNTIL_DIGIT = 2, UNTIL_FIRST_DIGIT = 3, UNTIL_INTER_DIGIT = 4, UNTIL_MAX_TIME = 5,
        UNTIL_SILENCE = 6, UNTIL_NO_SOUND = 7, UNTIL_SOUND = 8, UNTIL_TONE = 9,
        SOURCE_FILE = 1, SOURCE_MEMORY = 2, SOURCE_TONE = 3, SOURCE_SILENCE = 4, SOURCE_PHRASE = 5,
        SOURCE_FUNCTION = 6,
        PHRASE_DIGITS = 1, PHRASE_NUMBER = 2, PHRASE_MONEY = 3, PHRASE_DATE = 4,
        SINK_FILE = 0, SINK_MEMORY = 1, SINK_FUNCTION = 2,
        TRACKS_EACH = 0, TRACKS_LEFT = 1, TRACKS_SUM = 2,
        SIDE_SAYS = 0, SIDE_HEARS = 1,
        ECHO_OFF = u32::MAX,
        OP_PLAY = 1, OP_RECORD = 2, OP_COLLECT = 3, OP_DIAL = 4, OP_DETECT = 5,
        OP_SELF_TEST = 6, OP_TRACE = 7,
        ALL_PORTS = u32::MAX,
        ROLE_PARTY = 0, ROLE_LISTENER = 1, ROLE_TALKER = 2,
        SIM_BUSY = 1, SIM_CONGESTION = 2, SIM_UNOBTAINABLE = 3,
        SIM_FAULT_DEAD = 1, SIM_FAULT_CUT = 2, SIM_FAULT_SUPPLY = 3, SIM_FAULT_SHORT = 4, SIM_FAULT_REGISTER = 5,
        SIM_FAULT_CLOCK = 6,
        TEXT_MAX = 128, NAME_MAX = 72,
        FOREVER = u32::MAX,
    );
}

/// Octets of the longer text of an event or result, the final zero included.
pub const TEXT_MAX: usize = number::TEXT_MAX as usize;
/// Octets of the shorter text of an event.
pub const NAME_MAX: usize = number::NAME_MAX as usize;

/// A line of the log for the program.
pub type LogFn = unsafe extern "C" fn(*mut c_void, u32, *const c_char);
/// An event for the program's handler.
pub type EventFn = unsafe extern "C" fn(*mut c_void, *const Event);

/// A function of the program that gives sound.
pub type ReadFn = unsafe extern "C" fn(*mut c_void, *mut i16, usize) -> i32;
/// A function of the program that takes sound.
pub type WriteFn = unsafe extern "C" fn(*mut c_void, *const i16, usize) -> i32;

/// A structure that begins with its size in octets, as the program that uses it was built.
///
/// # Safety
/// The type is `repr(C)`, begins with `u32` size, and every pattern of octets is a value of it.
#[allow(unsafe_code)]
pub unsafe trait Sized32: Copy {}

macro_rules! structures {
    ($($(#[$doc:meta])* $name:ident / $c:literal { $($field:ident: $ty:ty),* $(,)? })*) => {
        $($(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy)]
        #[allow(missing_docs, reason = "each field is documented in tipring.h")]
        pub struct $name { $(pub $field: $ty),* }

        // SAFETY: repr(C), `size` stands first, and the fields are numbers, nullable pointers and optional functions.
        #[allow(unsafe_code)]
        unsafe impl Sized32 for $name {})*

        /// Name in the header, size, and offset of each field.
        #[cfg(test)]
        pub fn layouts() -> Vec<(&'static str, usize, Vec<(&'static str, usize)>)> {
            vec![$(($c, size_of::<$name>(), vec![$((stringify!($field), std::mem::offset_of!($name, $field))),*])),*]
        }
    };
}

structures! {
    /// tr_config.
    Config / "tr_config" {
        size: u32, card_count: u32, cards: *const *const c_char, country: *const c_char, queue_capacity: u32,
        virtual_clock: u32, log: Option<LogFn>, log_user: *mut c_void, echo_tail_ms: u32, reserved: u32,
    }
    /// tr_state.
    State / "tr_state" { size: u32, kind: u32, state: u32, cause: u32, r#use: u64 }
    /// tr_event.
    Event / "tr_event" {
        size: u32, r#type: u32, sequence: u64, time_ns: u64, channel: u64, object: u64, user: *mut c_void, reason: u32,
        cause: u32, value: u64, text: [c_char; TEXT_MAX], text2: [c_char; NAME_MAX], monotonic_ns: u64,
    }
    /// tr_until.
    Until / "tr_until" {
        size: u32, kind: u32, value: u32, reserved: u32, text: *const c_char, tone: *const ToneSpec,
    }
    /// tr_tone_spec.
    ToneSpec / "tr_tone_spec" { size: u32, on_ms: u32, off_ms: u32, bursts: u32, hertz: f32, hertz2: f32 }
    /// tr_source.
    Source / "tr_source" {
        size: u32, kind: u32, path: *const c_char, samples: *const i16, count: usize, start_ms: u32, length_ms: u32,
        hertz: f32, hertz2: f32, level_dbm0: f32, gain_tenth_db: i32, times: u32, phrase: u32, language: u32, reserved: u32,
        text: *const c_char, read: Option<ReadFn>, user: *mut c_void,
    }
    /// tr_sink.
    Sink / "tr_sink" {
        size: u32, enhance: u32, path: *const c_char, right: u64, kind: u32, tracks: u32, samples: *mut i16,
        capacity: usize, write: Option<WriteFn>, user: *mut c_void, right_side: u32, reserved: u32,
    }
    /// tr_op_state.
    OpState / "tr_op_state" { size: u32, kind: u32, op: u64, channel: u64, user: *mut c_void, elapsed_ms: u64 }
    /// tr_result.
    OpResult / "tr_result" {
        size: u32, reason: u32, met: u32, cause: u32, duration_ms: u64, samples: u64, text: [c_char; TEXT_MAX],
    }
    /// tr_counters.
    Counters / "tr_counters" {
        size: u32, reserved: u32, ticks: u64, late_ticks: u64, longest_wait_ms: u64, commands_refused: u64, events: u64,
        events_lost: u64, dry_ticks: u64, gap_ticks: u64,
    }
    /// tr_sim_state.
    SimState / "tr_sim_state" {
        size: u32, off_hook: u32, ringing: u32, rings: u32, dialled: [c_char; TEXT_MAX],
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::process::Command;

    use super::{error, layouts, number};

    /// Values of expressions as a C compiler sees them with the headers.
    fn in_c(lines: &[String]) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("tipring-abi-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        let mut source = String::from("#include <stdio.h>\n#include <tipring_sim.h>\nint main(void) {\n");
        for line in lines {
            writeln!(source, "printf(\"%lld\\n\", (long long) ({line}));").expect("a string grows");
        }
        source.push_str("return 0; }\n");
        let (file, program) = (folder.join("abi.c"), folder.join("abi"));
        std::fs::write(&file, source).expect("the source can be written");
        let include = concat!(env!("CARGO_MANIFEST_DIR"), "/include");
        let built = Command::new("cc")
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I", include])
            .arg(&file)
            .arg("-o")
            .arg(&program)
            .output()
            .expect("a C compiler is there");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let output = Command::new(&program).output().expect("it runs");
        let _ = std::fs::remove_dir_all(&folder);
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    #[test]
    fn numbers_and_layouts_are_those_of_the_header() {
        let (mut asked, mut expected) = (Vec::new(), Vec::new());
        for (name, value) in error::NAMED.iter().chain(number::NAMED) {
            asked.push(format!("TR_{name}"));
            expected.push(value.to_string());
        }
        for (name, size, fields) in layouts() {
            asked.push(format!("sizeof({name})"));
            expected.push(size.to_string());
            for (field, offset) in fields {
                let field = field.trim_start_matches("r#");
                asked.push(format!("offsetof({name}, {field})"));
                expected.push(offset.to_string());
            }
        }
        asked.push("TR_ABI_VERSION".into());
        expected.push(super::ABI_VERSION.to_string());
        for ((asked, expected), found) in asked.iter().zip(&expected).zip(in_c(&asked)) {
            assert_eq!(&found, expected, "{asked}");
        }
    }

    /// The layouts that programs in the field were built with: what stands in the list stays, and more may come behind.
    #[test]
    fn structures_keep_the_layout_of_the_stored_list() {
        let now: Vec<String> = layouts()
            .into_iter()
            .flat_map(|(name, _, fields)| {
                fields.into_iter().map(move |(field, at)| format!("{name}.{} {at}", field.trim_start_matches("r#")))
            })
            .collect();
        let stored: Vec<&str> = include_str!("../layout.txt").lines().collect();
        let gone: Vec<_> = stored.iter().filter(|line| !now.iter().any(|now| now == *line)).collect();
        let new: Vec<_> = now.iter().filter(|now| !stored.contains(&now.as_str())).collect();
        assert!(gone.is_empty(), "no longer so: {gone:?}");
        assert!(new.is_empty(), "to be added to layout.txt: {new:?}");
    }

    /// Every number that the header defines is one of those above: none is in the header alone.
    #[test]
    fn the_header_defines_no_number_that_the_library_does_not_know() {
        let headers = [include_str!("../include/tipring.h"), include_str!("../include/tipring_sim.h")];
        let known: Vec<String> =
            error::NAMED.iter().chain(number::NAMED).map(|(name, _)| format!("TR_{name}")).collect();
        let mut seen = 0;
        for line in headers.iter().flat_map(|header| header.lines()) {
            let Some(name) = line.strip_prefix("#define ").and_then(|rest| rest.split_whitespace().next()) else {
                continue;
            };
            if name.starts_with("TR_") && !name.ends_with("_INIT") && name != "TR_ABI_VERSION" {
                assert!(known.iter().any(|known| known == name), "{name}");
                seen += 1;
            }
        }
        assert_eq!(seen, known.len());
    }
}
