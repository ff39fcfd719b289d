//! The bounds of this crate: name, unit, and what happens when one is reached.

use tipring_driver::time::Ticks;

/// Calls at the same time. Beyond this a ringing trunk is left ringing until there is room, a lifted station stays
/// silent, and MakeCall is refused with RESOURCE_LIMITATION_REJECTION; each is counted.
pub const CALLS_MAX: usize = 4096;

/// Requests to keep records that wait for the store. Beyond this a ringing trunk is left ringing until fewer wait, a
/// station that calls hears congestion tone, and MakeCall is refused with SERVICE_BUSY; each is counted. A call has
/// five or so.
pub const RECORDS_WAITING_MAX: u64 = 32_768;

/// Connections of one call in the [model](crate::model): the members of a conference, its observers and a queue.
/// Beyond this RESOURCE_LIMITATION_REJECTION.
pub const CALL_CONNECTIONS_MAX: usize = 16;

/// Calls at one station: one that talks, and those held or alerting beside it. Beyond this
/// RESOURCE_LIMITATION_REJECTION.
pub const APPEARANCES_MAX: usize = 4;

/// Forwardings that one call follows. Beyond this it fails with DEST_NOT_OBTAINABLE.
pub const FORWARDS_MAX: usize = 8;

/// Calls to engaged stations that are to be completed. Beyond this RESOURCE_LIMITATION_REJECTION.
pub const CALL_COMPLETIONS_MAX: usize = 256;

/// Callers on the call-back lists of all queues. Beyond this a caller waits on, or the flow goes on by `failed`.
pub const CALL_BACK_REQUESTS_MAX: usize = 10_000;

/// Time for the store to acknowledge a request to be called back; then its caller waits on.
pub const CALL_BACK_SAVE_MAX: Ticks = Ticks::from_secs(5);

/// Time until a request to be called back that found no trunk is tried again.
pub const CALL_BACK_TRUNK_RETRY: Ticks = Ticks::from_secs(5);

/// Longest time for which an agent is kept for a customer who is being called: a trunk's seizure, its digits, and the
/// ringing.
pub const CALL_BACK_KEPT_MAX: Ticks = Ticks::from_secs(240);

/// Head start of a customer who was called back and has answered: before all who wait.
pub const CALLED_BACK_AHEAD: Ticks = Ticks::from_secs(86_400);

/// Longest time for which the last of masked digits is held down: a recording goes on after it. Keys are held for
/// 0.1 to 0.3 s.
pub const KEY_HELD_MAX: Ticks = Ticks::from_secs(1);

/// Registrations for routing. Beyond this RESOURCE_LIMITATION_REJECTION.
pub const ROUTES_MAX: usize = 256;

/// Monitors of one session. Beyond this OVERALL_MONITOR_LIMIT_EXCEEDED.
pub const SESSION_MONITORS_MAX: usize = 2048;

/// Sessions at the same time that may ask for anything: more than the servers admit. Requests of others are refused
/// with GENERIC_SYSTEM_RESOURCE_AVAILABILITY.
pub const SESSIONS_MAX: usize = 8192;

/// Devices in one answer to CSTA_GET_DEVICE_LIST: the standard's own bound.
pub const DEVICE_LIST_PAGE: usize = 20;

/// Queues that one agent may serve. More are an error of the configuration.
pub const AGENT_QUEUES_MAX: usize = 32;

/// Places on the way of commands to the engine that no new call takes: they are for the releases and the sound of the
/// calls in progress. Without more, calls wait to be answered, telephones are not rung, and calls out fail.
pub const COMMANDS_KEPT: usize = 64;

/// Places on the way of commands to the engine beyond which their number does not matter: no transaction has as
/// many.
pub const COMMANDS_AMPLE: usize = 1024;

/// The time after which a ringing telephone that could not be stopped, or rung, is tried again.
pub const RETRY: Ticks = Ticks::from_secs(1);

/// Longest play time of a prompt, after which its end counts as lost.
pub const PROMPT_MAX: Ticks = Ticks::from_secs(300);

/// Longest time that a trunk is left ringing for the look-up of its caller: a store on a busy disk takes a tenth of a
/// second, and a caller does not notice a third.
pub const LOOK_UP_WAIT_MAX: Ticks = Ticks::from_ms(300);

/// Largest age of a caller identity received before its ringing was validated.
pub const IDENTITY_AGE_MAX: Ticks = Ticks::from_secs(10);

/// Time a recording may take to finish after its call, before it is stored as incomplete.
pub const RECORDING_WAIT_MAX: Ticks = Ticks::from_secs(30);

/// Most taps at a time: they take recorders, which calls need more.
pub const TAPS_MAX: usize = 8;
