//! Engine, core and recorder together, in random orders of their threads: a caller rings on a card in memory, the queue
//! gives the call to an agent, both are recorded, and the agent hangs up; or the site is stopped in the middle of it.
//!
//! ```text
//! card ↔ engine thread → ring → core → ring → engine thread
//!              ↕ rings
//!        file thread → thread that makes recordings whole
//! ```
//!
//! In each order every recorder that was started ends, its recording has a file with as many samples as its record
//! says, no command is refused, no thread waits for ever, and every line is at rest after the last step.
//!
//! Run by `RUSTFLAGS="--cfg shuttle" cargo test --no-default-features -p tipring-core --test shuttle`;
//! `TIPRING_SCHEDULES` is the number of orders of each model. A failure prints the schedule that leads to it.
//!
//! Never: runs in a build that is not for model checking.

#![cfg(shuttle)]

mod card;

use std::sync::Arc;
use std::sync::Mutex;

use shuttle::rand::Rng;
use shuttle::thread;
use tipring_core::acd::ids::Skills;
use tipring_core::acd::rule::QueueRules;
use tipring_core::channel::{ChannelEvent, ChannelTable, State, TableSink, What};
use tipring_core::config::{
    AgentConfig, CallTimers, Destination, MembershipConfig, PersonalConfig, QueueConfig, QueueSound, StationConfig,
    StationKind, TrunkConfig, UserConfig,
};
use tipring_core::csta::rights::Rights;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, InvokeId, Request, SessionId};
use tipring_core::store::{Record, RecordingEnd, RecordingRecord, StoreReply, StoreRequest};
use tipring_core::time::Ticks;
use tipring_core::{Action, Config, Core};
use tipring_driver::country::CHINA;
use tipring_driver::engine::{Command, Engine, Settings};
use tipring_driver::ids::{ChannelId, PromptId, RecordingId};
use tipring_driver::media::file_io::{FileService, Library, PromptSource, RecordingTarget, SoundSink};
use tipring_driver::media::{MediaCommand, MediaEvent, MediaSettings, RecordingKind};
use tipring_driver::spsc::{Consumer, Producer, queue, queue_with_reserve};
use tipring_driver::sync::atomic::{AtomicBool, Ordering};

use crate::card::Telephone;

const TRUNK: ChannelId = ChannelId(0);
const STATION: ChannelId = ChannelId(1);
/// Orders of each model without TIPRING_SCHEDULES.
const SCHEDULES: usize = 5;
/// Time for which the caller's number is waited for: the exchange sends none.
const IDENTITY: Ticks = Ticks::from_ms(100);
/// The call is over by this tick.
const OVER_BY: u64 = 3_500;
/// Ticks after which a model that goes on is stuck.
const TICKS_MAX: u64 = 20_000;

/// Files of recordings: the recording, its samples, and whether it is whole.
type Files = Arc<Mutex<Vec<(RecordingId, u64, bool)>>>;

struct Shelf(Files);

struct Tape {
    files: Files,
    place: usize,
}

impl Library for Shelf {
    fn prompt(&mut self, _: PromptId) -> Result<PromptSource, String> {
        Err("there are no prompts".into())
    }

    fn recording(&mut self, recording: RecordingId) -> Result<RecordingTarget, String> {
        let mut files = self.0.lock().expect("not poisoned");
        files.push((recording, 0, false));
        let tape = Tape { files: Arc::clone(&self.0), place: files.len() - 1 };
        Ok(RecordingTarget::Sink(Box::new(tape)))
    }
}

impl SoundSink for Tape {
    fn write(&mut self, left: &[i16], _: &[i16]) -> Result<(), String> {
        self.files.lock().expect("not poisoned")[self.place].1 += left.len() as u64;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        self.files.lock().expect("not poisoned")[self.place].2 = true;
        Ok(())
    }
}

fn device(text: &str) -> DeviceId {
    DeviceId::new(text).expect("a short name")
}

fn agent() -> (AgentId, AgentPassword) {
    (AgentId::new("7001").expect("short"), AgentPassword::new("secret").expect("short"))
}

fn site() -> Config {
    let (id, password) = agent();
    let queue = device("5000");
    Config {
        trunks: vec![TrunkConfig {
            channel: TRUNK,
            device: device("T1"),
            number: device("6000"),
            entry: Destination::Queue(queue),
            fax: None,
        }],
        stations: vec![StationConfig {
            channel: STATION,
            device: device("1001"),
            kind: StationKind::Handset,
            pickup_group: None,
        }],
        agents: vec![AgentConfig {
            id,
            password,
            name: "Agent One".into(),
            skills: Skills::NONE,
            queues: vec![MembershipConfig::equal(queue)],
            greeting: None,
        }],
        queues: vec![QueueConfig {
            device: queue,
            name: "Hotline".into(),
            rules: QueueRules::default(),
            longest_wait: None,
            personal: PersonalConfig::default(),
            after_call_work: Ticks::ZERO,
            sound: QueueSound::Ringback,
            announces_agent: false,
        }],
        users: vec![UserConfig { login: "desk".into(), rights: Rights::everything() }],
        record: Some(RecordingKind::Evidence),
        times: CallTimers { caller_identity: IDENTITY, ..CallTimers::default() },
        ..Config::default()
    }
}

/// The core with its ends, and what it has seen and kept.
struct Middle {
    core: Core,
    table: Arc<ChannelTable>,
    events: Consumer<ChannelEvent>,
    commands: Producer<Command>,
    started: usize,
    ended: usize,
    calls: usize,
    recordings: Vec<RecordingRecord>,
}

impl Middle {
    fn log_on(&mut self) {
        let (desk, (agent_id, password)) = (SessionId(1), agent());
        self.core.handle_session_opened(desk, "desk");
        for (invoke, mode) in [(1, AgentMode::LogIn), (2, AgentMode::Ready)] {
            let agent_group = DeviceId::EMPTY;
            let request = Request::SetAgentState { device: device("1001"), mode, agent_id, agent_group, password };
            self.core.handle_request(desk, InvokeId(invoke), request, None);
        }
        self.act();
    }

    /// Takes the events there are.
    fn step(&mut self) {
        while let Some(event) = self.events.pop() {
            match event.what {
                What::Media(MediaEvent::RecordEnded { .. }) => self.ended += 1,
                What::Refused(refused) => panic!("{refused}"),
                What::Media(_) | What::Line { .. } | What::Tick => {}
            }
            self.core.handle_channel_event(event);
            self.act();
        }
    }

    fn act(&mut self) {
        while let Some(action) = self.core.poll_action() {
            match action {
                Action::Command(command) => {
                    self.started += usize::from(matches!(command, Command::Media(MediaCommand::Record { .. })));
                    self.commands.push(command).expect("there is room for a call's commands");
                }
                Action::Store(StoreRequest::Keep { id, records }) => {
                    for record in &records {
                        self.calls += usize::from(matches!(record, Record::Call(_)));
                        if let Record::Recording(recording) = record {
                            self.recordings.push(recording.clone());
                        }
                    }
                    self.core.handle_stored(StoreReply::Kept { up_to: id });
                }
                Action::Trouble(trouble) => panic!("{trouble}"),
                _ => {}
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        [TRUNK, STATION].iter().all(|channel| self.table.read(*channel).state == State::Idle)
            && self.core.calls() == 0
            && self.started == self.ended
    }
}

/// End of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// By itself, after the agent has hung up.
    Over,
    /// By an orderly stop at a random moment.
    Stopped,
    /// A fault: the program stops when the call has its record, and does not wait for the recording.
    Hasty,
}

fn model(end: End) {
    let table = Arc::new(ChannelTable::new(2));
    let (events_in, events) = queue_with_reserve(256, 32);
    let (commands, commands_out) = queue(64);
    let sink = TableSink::new(Arc::clone(&table), events_in);
    let media =
        MediaSettings { players: 1, recorders: 2, conferences: 1, recorder_ring_ticks: 64, ..Default::default() };
    let settings = Settings { media, ..Settings::new(&CHINA) };
    let (mut engine, ends) = Engine::new(vec![Box::new(Telephone::default())], settings, commands_out, sink);
    let files = Files::default();
    let service = FileService::new(ends.files, Box::new(Shelf(Arc::clone(&files))));
    let mut service = service.finishing_apart().expect("a thread");
    let core = Core::new(site(), Arc::clone(&table)).expect("a site that can be");
    let (is_over, is_engine_stopped, are_files_done) = flags();

    let engine_thread = {
        let (is_over, is_stopped) = (Arc::clone(&is_over), Arc::clone(&is_engine_stopped));
        thread::spawn(move || {
            for _ in 0..TICKS_MAX {
                if is_over.load(Ordering::Acquire) {
                    break;
                }
                engine.step_once(1);
                thread::yield_now();
            }
            engine.stop();
            is_stopped.store(true, Ordering::Release);
        })
    };
    let file_thread = {
        let is_done = Arc::clone(&are_files_done);
        thread::spawn(move || {
            while !is_done.load(Ordering::Acquire) {
                service.step();
                thread::yield_now();
            }
            service.finish();
            assert_eq!((service.recordings_open(), service.recordings_failed()), (0, 0));
        })
    };

    let recordings = Vec::new();
    let mut middle = Middle { core, table, events, commands, started: 0, ended: 0, calls: 0, recordings };
    middle.log_on();
    let stop_at = if end == End::Stopped { shuttle::rand::thread_rng().gen_range(0..OVER_BY) } else { u64::MAX };
    let mut is_stopping = false;
    loop {
        middle.step();
        let now = middle.core.now().0;
        if !is_stopping && now >= stop_at {
            is_stopping = true;
            middle.core.handle_stop();
            middle.act();
        }
        let is_done = match is_stopping {
            true => middle.core.is_settled() && middle.started == middle.ended,
            false if end == End::Hasty => middle.calls > 0,
            false => middle.calls > 0 && middle.is_at_rest(),
        };
        if is_done {
            break;
        }
        assert!(!is_engine_stopped.load(Ordering::Acquire), "after {TICKS_MAX} ticks it is not over");
        thread::yield_now();
    }
    is_over.store(true, Ordering::Release);
    engine_thread.join().expect("the engine");
    middle.step();
    if is_stopping {
        middle.core.handle_stopped();
        middle.act();
    }
    are_files_done.store(true, Ordering::Release);
    file_thread.join().expect("the files");

    let files = files.lock().expect("not poisoned");
    assert_eq!(middle.started, middle.ended, "a recorder has no end");
    assert_eq!(files.len(), middle.started, "a recorder has no file");
    assert_eq!(middle.recordings.len(), middle.started, "a recording has no record");
    for record in &middle.recordings {
        let file = files.iter().find(|(recording, ..)| *recording == record.recording);
        assert_eq!(file, Some(&(record.recording, record.samples, true)), "{record:?}");
        assert_eq!(record.end, RecordingEnd::Whole);
    }
    if end == End::Over {
        assert_eq!((middle.calls, middle.started), (1, 1));
        assert!((OVER_BY / 2..OVER_BY).contains(&middle.core.now().0), "over at {}", middle.core.now());
    }
}

type Flag = Arc<AtomicBool>;

fn flags() -> (Flag, Flag, Flag) {
    let flag = || Arc::new(AtomicBool::new(false));
    (flag(), flag(), flag())
}

fn explore(end: End) {
    let given = std::env::var("TIPRING_SCHEDULES").ok();
    let schedules = given.map_or(SCHEDULES, |text| text.parse().expect("a number of schedules"));
    let mut config = shuttle::Config::new();
    config.stack_size = 1 << 22;
    config.max_steps = shuttle::MaxSteps::None;
    let runner = shuttle::Runner::new(shuttle::scheduler::RandomScheduler::new(schedules), config);
    runner.run(move || model(end));
}

#[test]
fn a_call_is_recorded_to_its_end_in_every_order() {
    explore(End::Over);
}

#[test]
fn a_stop_at_any_moment_ends_every_recording_and_every_thread() {
    explore(End::Stopped);
}

#[test]
#[should_panic(expected = "a recorder has no end")]
fn a_recording_that_is_not_waited_for_is_found() {
    explore(End::Hasty);
}
