//! The functions as a program calls them, on simulated cards and the virtual clock.
//!
//! Never: looks inside; what a program cannot see is tested where it is.

use std::ffi::CString;
use std::ptr;

use super::maintenance::*;
use super::operation::*;
use super::simulation::*;
use super::*;
use crate::abi::error;

/// A context of simulated modules, two seconds old.
struct Simulated {
    context: *mut Entry,
}

impl Simulated {
    fn open(modules: &str) -> Simulated {
        let card = c_text(&format!("sim:{modules}"));
        let cards = [card.as_ptr()];
        let config = abi::Config { card_count: 1, cards: cards.as_ptr(), virtual_clock: 1, ..sized() };
        let mut context = ptr::null_mut();
        assert_eq!(tr_open(&raw const config, &raw mut context), 0, "{}", detail());
        let simulated = Simulated { context };
        simulated.advance(2000);
        simulated
    }

    fn advance(&self, ms: u32) {
        assert_eq!(tr_sim_advance(self.context, ms), 0, "{}", detail());
    }

    fn channel(&self, path: &str) -> u64 {
        let mut channel = 0;
        let opened = tr_channel_open(self.context, c_text(path).as_ptr(), ptr::null_mut(), &raw mut channel);
        assert_eq!(opened, 0, "{}", detail());
        channel
    }

    fn next(&self) -> Option<abi::Event> {
        let mut event: abi::Event = sized();
        match tr_event_next(self.context, &raw mut event, 0) {
            1 => Some(event),
            none => {
                assert_eq!(none, 0);
                None
            }
        }
    }

    /// The types of the events that wait.
    fn types(&self) -> Vec<u32> {
        std::iter::from_fn(|| self.next()).map(|event| event.r#type).collect()
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        assert_eq!(tr_close(self.context, 0), 0);
    }
}

/// A structure as its INIT macro makes it.
fn sized<T: abi::Sized32>() -> T {
    // SAFETY: every pattern of octets is a value (Sized32), and the size stands first.
    unsafe {
        let mut value: T = std::mem::zeroed();
        (&raw mut value).cast::<u32>().write(size_of::<T>() as u32);
        value
    }
}

fn c_text(text: &str) -> CString {
    CString::new(text).expect("no zero in it")
}

/// The sentence of the last failure.
fn detail() -> String {
    let mut room = [0u8; 512];
    let length = tr_last_detail(room.as_mut_ptr().cast(), room.len()).min(room.len() - 1);
    String::from_utf8_lossy(&room[..length]).into_owned()
}

/// Every function for one kind of line: what it gives on a trunk and on a station, each at rest.
#[test]
fn each_command_is_refused_at_once_on_the_kind_of_line_that_it_is_not_for() {
    type Call = fn(*mut Entry, u64) -> i32;
    const OTHER: i32 = error::E_UNSUPPORTED;
    const STATE: i32 = error::E_STATE;
    let table: [(&str, Call, i32, i32); 8] = [
        ("tr_answer", |ctx, line| tr_answer(ctx, line), STATE, OTHER),
        ("tr_flash", |ctx, line| tr_flash(ctx, line), STATE, OTHER),
        ("tr_send_digits", |ctx, line| tr_send_digits(ctx, line, c"1".as_ptr()), STATE, OTHER),
        ("tr_dial", |ctx, line| tr_dial(ctx, line, c"1".as_ptr(), 0, ptr::null_mut()), 0, OTHER),
        ("tr_disconnect", |ctx, line| tr_disconnect(ctx, line), OTHER, STATE),
        ("tr_message_waiting", |ctx, line| tr_message_waiting(ctx, line, 1), OTHER, 0),
        ("tr_ring", |ctx, line| tr_ring(ctx, line, ptr::null(), ptr::null()), OTHER, 0),
        ("tr_release", |ctx, line| tr_release(ctx, line), 0, 0),
    ];
    let board = Simulated::open("fxo,fxs");
    let (trunk, station) = (board.channel("0/0"), board.channel("0/1"));
    for (name, call, on_trunk, on_station) in table {
        assert_eq!(call(board.context, trunk), on_trunk, "{name} on a trunk: {}", detail());
        assert_eq!(call(board.context, station), on_station, "{name} on a station: {}", detail());
    }
    // Nothing stuck: both lines come to rest.
    board.advance(5000);
    for port in [0, 1] {
        let mut state: abi::State = sized();
        assert_eq!(tr_port_state(board.context, port, &raw mut state), 0);
        assert_eq!(state.state, number::STATE_IDLE, "port {port}");
    }
    let socket = board.channel("0/2");
    assert_eq!(tr_ring(board.context, socket, ptr::null(), ptr::null()), STATE, "an empty socket");
    assert_eq!(tr_flash(board.context, trunk), STATE);
    assert_eq!(detail(), "The line is TR_STATE_IDLE; this can be done while it is TR_STATE_IN_USE");
}

#[test]
fn a_count_that_no_object_in_memory_can_have_is_refused() {
    let board = Simulated::open("fxo,fxs");
    let line = board.channel("0/0");
    let (ctx, mut samples, op) = (board.context, [0i16; 64], ptr::null_mut());
    let mut source: abi::Source = sized();
    (source.kind, source.samples) = (number::SOURCE_MEMORY, samples.as_ptr());
    let mut sink: abi::Sink = sized();
    (sink.kind, sink.samples) = (number::SINK_MEMORY, samples.as_mut_ptr());
    let (mut state, mut running): (abi::State, abi::OpState) = (sized(), sized());
    for count in [usize::MAX, 1 << 62, isize::MAX as usize / 2 + 1] {
        (source.count, sink.capacity) = (count, count);
        let results = [
            tr_play(ctx, line, &raw const source, 1, ptr::null(), 0, op),
            tr_record(ctx, line, &raw const sink, ptr::null(), 0, op),
            tr_sim_speak(ctx, 0, samples.as_ptr(), count),
            tr_sim_heard(ctx, 0, samples.as_mut_ptr(), count) as i32,
            tr_snapshot(ctx, &raw mut state, count, ptr::null_mut()),
            tr_ops(ctx, &raw mut running, count, ptr::null_mut()),
            tr_play(ctx, line, &raw const source, count, ptr::null(), 0, op),
            tr_collect(ctx, line, ptr::dangling(), count, 0, op),
        ];
        assert_eq!(results, [error::E_ARGUMENT; 8], "{count}");
    }
}

#[test]
fn reserved_fields_and_empty_paths_are_refused_and_a_pipe_is_no_file() {
    let board = Simulated::open("fxo");
    let line = board.channel("0/0");
    let (ctx, op, none) = (board.context, ptr::null_mut(), ptr::null());
    let mut source: abi::Source = sized();
    (source.kind, source.length_ms) = (number::SOURCE_SILENCE, 10);
    source.reserved = 1;
    assert_eq!(tr_play(ctx, line, &raw const source, 1, none, 0, op), error::E_ARGUMENT);
    assert_eq!(detail(), "A reserved field is 1; it must be 0, as the INIT macro leaves it");
    let mut until: abi::Until = sized();
    (until.kind, until.value, until.reserved) = (number::UNTIL_MAX_TIME, 1, 1);
    assert_eq!(tr_collect(ctx, line, &raw const until, 1, 0, op), error::E_ARGUMENT);
    let mut sink: abi::Sink = sized();
    sink.path = c"".as_ptr();
    assert_eq!(tr_record(ctx, line, &raw const sink, none, 0, op), error::E_ARGUMENT);
    (sink.path, sink.reserved) = (c"/tmp/none/none.wav".as_ptr(), 1);
    assert_eq!(tr_record(ctx, line, &raw const sink, none, 0, op), error::E_ARGUMENT);
    assert_eq!(tr_trace(ctx, 0, c"".as_ptr(), op), error::E_ARGUMENT);
    let mut config: abi::Config = sized();
    let (cards, mut other) = ([c"sim:fxo".as_ptr()], ptr::null_mut());
    (config.card_count, config.cards, config.reserved) = (1, cards.as_ptr(), 1);
    assert_eq!(tr_open(&raw const config, &raw mut other), error::E_ARGUMENT);
    // A device that never ends, as a pipe without a writer never begins.
    source = sized();
    (source.kind, source.path) = (number::SOURCE_FILE, c"/dev/zero".as_ptr());
    assert_eq!(tr_play(ctx, line, &raw const source, 1, none, 0, op), error::E_IO);
    source.path = c"".as_ptr();
    assert_eq!(tr_play(ctx, line, &raw const source, 1, none, 0, op), error::E_ARGUMENT);
    // The name of a socket in the present folder.
    let cards = [c"card.sock".as_ptr()];
    (config.cards, config.reserved) = (cards.as_ptr(), 0);
    assert_eq!(tr_open(&raw const config, &raw mut other), error::E_ARGUMENT);
    assert!(detail().ends_with("./card.sock"), "{}", detail());
}

#[test]
fn a_recording_that_was_cut_off_is_named_before_the_next_of_its_name_begins() {
    let board = Simulated::open("fxo");
    let line = board.channel("0/0");
    let folder = std::env::temp_dir().join(format!("tipring-part-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    std::fs::write(folder.join("q.wav.part"), "RIFF").expect("a file can be written");
    let path = c_text(folder.join("q.wav").to_str().expect("a plain path"));
    let sink = abi::Sink { path: path.as_ptr(), ..sized() };
    let recorded = tr_record(board.context, line, &raw const sink, ptr::null(), 0, ptr::null_mut());
    assert_eq!(recorded, error::E_IO);
    assert!(detail().contains("q.wav.part is there"), "{}", detail());
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn what_cannot_be_sent_or_pressed_is_refused_and_a_chinese_name_arrives() {
    let board = Simulated::open("fxo,fxs");
    let (trunk, station) = (board.channel("0/0"), board.channel("0/1"));
    let ctx = board.context;
    let longest = "9".repeat(33);
    for (number, name) in [("12a", "LIN"), (&longest, "LIN"), ("12", "👍"), ("12", "a name of thirty-one characters")]
    {
        let (number, name) = (c_text(number), c_text(name));
        assert_eq!(tr_ring(ctx, station, number.as_ptr(), name.as_ptr()), error::E_ARGUMENT, "{number:?} {name:?}");
        assert_eq!(tr_sim_call(ctx, 0, number.as_ptr(), name.as_ptr()), error::E_ARGUMENT, "{number:?} {name:?}");
    }
    assert_eq!(tr_ring(ctx, station, ptr::null(), c"LIN".as_ptr()), error::E_ARGUMENT);
    for keys in ["xyz", "", "1,2"] {
        assert_eq!(tr_sim_keys(ctx, 0, c_text(keys).as_ptr()), error::E_ARGUMENT, "{keys:?}");
    }
    board.types();
    assert_eq!(tr_sim_call(ctx, 0, c"13800138000".as_ptr(), c"王小明".as_ptr()), 0, "{}", detail());
    board.advance(8000);
    let caller = std::iter::from_fn(|| board.next()).find(|event| event.r#type == number::EVENT_CALLER_ID);
    let caller = caller.expect("the number is sent between the first two rings");
    let name = CString::from_vec_with_nul(
        caller.text2.iter().map(|octet| *octet as u8).take_while(|octet| *octet != 0).chain([0]).collect(),
    );
    assert_eq!(name.expect("one zero").to_str(), Ok("王小明"));
    assert_eq!(caller.channel, trunk);
}

#[test]
fn a_port_that_is_opened_late_is_told_where_its_line_stands() {
    let board = Simulated::open("fxo,fxs");
    let ctx = board.context;
    assert_eq!(tr_sim_call(ctx, 0, c"13800138000".as_ptr(), ptr::null()), 0);
    assert_eq!(tr_sim_lift(ctx, 1), 0);
    board.advance(6000);
    assert_eq!(board.types(), [0u32; 0], "nothing is kept of ports that are not open");
    let trunk = board.channel("0/0");
    assert_eq!(board.types(), [number::EVENT_IN_SERVICE, number::EVENT_OFFERED, number::EVENT_CALLER_ID]);
    let station = board.channel("0/1");
    assert_eq!(board.types(), [number::EVENT_IN_SERVICE, number::EVENT_OFF_HOOK]);
    assert_eq!((tr_answer(ctx, trunk), tr_channel_close(ctx, station)), (0, 0));
    assert_eq!(tr_channel_close(ctx, trunk), 0);
    board.advance(3000);
    board.channel("0/0");
    assert_eq!(board.types(), [number::EVENT_IN_SERVICE], "the call is over");
}

#[test]
fn a_release_of_ones_own_is_told_from_a_hang_up() {
    let board = Simulated::open("fxo");
    let (ctx, trunk) = (board.context, board.channel("0/0"));
    assert_eq!(tr_sim_call(ctx, 0, ptr::null(), ptr::null()), 0);
    board.advance(3000);
    assert_eq!(tr_answer(ctx, trunk), 0, "{}", detail());
    let mut until: abi::Until = sized();
    (until.kind, until.value) = (number::UNTIL_MAX_TIME, 60_000);
    let mut op = 0;
    assert_eq!(tr_collect(ctx, trunk, &raw const until, 1, 0, &raw mut op), 0);
    assert_eq!(tr_release(ctx, trunk), 0);
    let mut result: abi::OpResult = sized();
    assert_eq!(tr_op_wait(ctx, op, 0, &raw mut result), 1);
    assert_eq!(result.reason, number::REASON_STOPPED);
}

#[test]
fn a_timer_that_has_fired_is_stopped_like_an_operation_that_has_ended() {
    let board = Simulated::open("fxo");
    let (ctx, mut timer) = (board.context, 0);
    assert_eq!(tr_timer_start(ctx, 1, 0, ptr::null_mut(), &raw mut timer), 0);
    board.advance(5);
    assert_eq!((tr_timer_stop(ctx, timer), tr_timer_stop(ctx, timer)), (0, 0));
    assert_eq!(tr_timer_stop(ctx, timer + (1 << 16)), error::E_STALE, "the next of its slot, not started yet");
    assert_eq!(tr_timer_stop(ctx, 0), error::E_STALE);
}

#[test]
fn an_event_that_was_refused_is_not_counted_as_lost() {
    let card = c_text("sim:fxo");
    let cards = [card.as_ptr()];
    let config = abi::Config { card_count: 1, cards: cards.as_ptr(), virtual_clock: 1, queue_capacity: 1, ..sized() };
    let mut context = ptr::null_mut();
    assert_eq!(tr_open(&raw const config, &raw mut context), 0);
    let board = Simulated { context };
    assert_eq!(tr_event_post(board.context, 1, ptr::null_mut()), 0);
    assert_eq!(tr_event_post(board.context, 2, ptr::null_mut()), error::E_RESOURCE);
    assert_eq!(board.types(), [number::EVENT_USER]);
    assert_eq!(tr_event_post(board.context, 3, ptr::null_mut()), 0);
    assert_eq!(board.types(), [number::EVENT_USER], "no loss is reported");
    let mut counters: abi::Counters = sized();
    assert_eq!(tr_counters_read(board.context, &raw mut counters), 0);
    assert_eq!((counters.events, counters.events_lost), (2, 0));
}
