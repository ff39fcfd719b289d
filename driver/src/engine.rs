//! The boundary of the engine: commands in, events out, both plain data over bounded rings; and the body of the media
//! thread between them.
//!
//! In each wake-up every card is serviced once; then whole ticks are stepped, as many as the clock says: a running
//! board, or the pace if there is none. The clock stays with a board until it fails or falls behind the others. A tick
//! goes: commands, sound in and out of the cards, port conditions, the media step, the line machines' timers, the tick
//! marker. Whoever is late catches up; nothing is left out.
//!
//! After [`Engine::new`] nothing allocates, locks, or does I/O but the one wait of the [`Pace`]. A card or module that
//! fails is reported as a [`Trouble`]; its channels go out of service and the others go on.
//!
//! Never: decides what a call is, or reads a clock.

mod board;
mod counters;
#[cfg(test)]
mod counting;
mod elastic;
#[cfg(test)]
mod endurance;
mod lines;
#[cfg(test)]
mod pauses;
mod plain;
#[cfg(test)]
mod test_card;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use core::fmt::{self, Write as _};

use arrayvec::ArrayString;

pub use self::counters::{Counters, CountersSpot, SharedCounters};

use self::board::Board;
use self::lines::{Lines, Surroundings};
use crate::card::{Card, Frame, PortCondition, PortKind};
use crate::country::{Country, LineProfile};
use crate::ids::{BoardId, ChannelId, PortId};
use crate::limits::{
    CATCH_UP_TICKS_MAX, CHANNELS_MAX, CLOCK_LAG_TICKS, COMMANDS_PER_TICK_MAX, TROUBLE_TEXT_MAX, TROUBLES_MAX,
};
pub use crate::line::Acceptance;
use crate::line::{LineCommand, LineEvent};
use crate::media::file_io::FileEnds;
use crate::media::tick::{Media, MediaSettings, Report};
use crate::media::{MediaCommand, MediaEvent};
use crate::pace::Pace;
use crate::refusal::Refusal;
use crate::spsc::{Consumer, Producer, queue};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::time::Tick;

/// Request of the core to the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Command {
    /// A command to a line.
    Line {
        /// The line.
        channel: ChannelId,
        /// The command.
        command: LineCommand,
    },
    /// A command about sound.
    Media(MediaCommand),
}

impl Command {
    /// The channel that it is about; none for the end of a media task.
    pub(crate) const fn channel(&self) -> Option<ChannelId> {
        match self {
            Command::Line { channel, .. } => Some(*channel),
            Command::Media(command) => command.channels()[0],
        }
    }
}

/// A command that was refused; it has changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CommandRefused {
    /// The command.
    pub command: Command,
    /// Reason of the refusal.
    pub reason: Refusal,
}

impl fmt::Display for CommandRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.command {
            Command::Line { command, .. } => write!(f, "The command \"{command}\"")?,
            Command::Media(command) => write!(f, "The command \"{command}\"")?,
        }
        if let Some(channel) = self.command.channel() {
            write!(f, " to {channel}")?;
        }
        write!(f, " was refused: {}", self.reason)
    }
}

/// Sink of the engine's events: in tipring, the channel table.
///
/// Called from the media thread: must not wait, lock or allocate.
pub trait EventSink: Send {
    /// A line said something.
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance;

    /// A media task ended.
    fn media_event(&mut self, now: Tick, event: MediaEvent);

    /// A command was refused.
    fn command_refused(&mut self, now: Tick, refused: CommandRefused);

    /// All events of this tick and of those before have been given: posted once a tick, event or no event.
    fn tick(&mut self, now: Tick);
}

/// Settings of an engine.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Tones, cadences, caller identity and times of the network at the far end.
    pub country: &'static Country,
    /// The lines that differ from the country's ordinary one. One that does not exist is without effect; of two for the
    /// same channel, the last counts.
    pub lines: Vec<(ChannelId, LineProfile)>,
    /// Players, recorders and their rings.
    pub media: MediaSettings,
}

impl Settings {
    /// The usual settings in a country: every line an ordinary one.
    pub fn new(country: &'static Country) -> Settings {
        Settings { country, lines: Vec::new(), media: MediaSettings::default() }
    }
}

/// Trouble for the log: a sentence, and the board it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// Tick of the report.
    pub at: Tick,
    /// The board.
    pub board: BoardId,
    /// The fault as a sentence, cut after 240 octets.
    pub text: ArrayString<TROUBLE_TEXT_MAX>,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.board, self.text)
    }
}

/// The ends of an engine for other threads, besides the commands' producer and the sink's other side.
#[derive(Debug)]
pub struct Ends {
    /// For the file thread's [`FileService`](crate::media::file_io::FileService).
    pub files: FileEnds,
    /// For the log.
    pub troubles: Consumer<Trouble>,
    /// For whoever wants to know.
    pub counters: SharedCounters,
}

/// Nominal time between wake-ups, in milliseconds.
const WAKE_MS: u64 = 1;

/// The body of the media thread. Owns the cards.
pub struct Engine<S: EventSink> {
    now: Tick,
    boards: Vec<Board>,
    /// Board of each channel.
    board_of: Vec<u8>,
    received: Vec<Frame>,
    /// Frames played while `received` came in.
    played: Vec<Frame>,
    transmit: Vec<Frame>,
    lines: Lines,
    media: Media,
    commands: Consumer<Command>,
    sink: S,
    troubles: Producer<Trouble>,
    counters: Counters,
    shared: SharedCounters,
    /// The board whose samples are the clock.
    clock: Option<usize>,
    /// Milliseconds that passed by the pace's count and have not been stepped.
    owed: u64,
}

impl<S: EventSink> Engine<S> {
    /// Makes an engine of these cards. Lines of a board become channels, boards in order, ports in order. A board whose
    /// ports do not fit into `CHANNELS_MAX` channels is stopped and left out; a trouble says so.
    pub fn new(
        cards: Vec<Box<dyn Card>>,
        settings: Settings,
        commands: Consumer<Command>,
        sink: S,
    ) -> (Engine<S>, Ends) {
        let counters = SharedCounters::new(cards.len());
        Engine::with_counters(cards, settings, commands, sink, counters)
    }

    /// Makes an engine of these cards as [`new`](Engine::new) does, which publishes its numbers in `shared`.
    pub fn with_counters(
        cards: Vec<Box<dyn Card>>,
        settings: Settings,
        commands: Consumer<Command>,
        sink: S,
        shared: SharedCounters,
    ) -> (Engine<S>, Ends) {
        let (mut troubles, troubles_end) = queue(TROUBLES_MAX);
        let mut counters = Counters::default();
        let mut boards = Vec::new();
        let mut channels = 0;
        for (index, mut card) in cards.into_iter().enumerate() {
            let id = BoardId(index as u8);
            if index > usize::from(u8::MAX) || channels + card.ports() > CHANNELS_MAX {
                card.stop();
                let what = format_args!("There are more ports than the {CHANNELS_MAX} channels an engine can have");
                tell(&mut troubles, &mut counters, Tick::ZERO, id, what);
                continue;
            }
            let board = Board::new(id, card, channels);
            channels = board.channels().end;
            boards.push(board);
        }
        let laws = boards.iter().flat_map(|board| board.channels().map(|_| board.law())).collect();
        let board_of =
            boards.iter().enumerate().flat_map(|(index, board)| board.channels().map(move |_| index as u8)).collect();
        let mut profiles = vec![settings.country.line; channels];
        for (channel, profile) in &settings.lines {
            if let Some(line) = profiles.get_mut(channel.index()) {
                *line = *profile;
            }
        }
        let services = profiles.iter().map(|profile| profile.caller_id).collect();
        let (media, files) = Media::new(settings.country, &settings.media, laws, services);
        let received: Vec<Frame> =
            boards.iter().flat_map(|board| vec![[board.law().idle(); _]; board.channels().len()]).collect();
        let ends = Ends { files, troubles: troubles_end, counters: shared.clone() };
        let engine = Engine {
            now: Tick::ZERO,
            transmit: received.clone(),
            played: received.clone(),
            received,
            boards,
            board_of,
            lines: Lines::new(settings.country, profiles),
            media,
            commands,
            sink,
            troubles,
            counters,
            shared,
            clock: None,
            owed: 0,
        };
        (engine, ends)
    }

    /// Steps until `stop` is set, then stops the cards. What was asked before `stop` is still taken.
    pub fn run(&mut self, pace: &mut dyn Pace, stop: &AtomicBool) {
        touch_stack();
        // Acquire: what the stopping thread did before is seen here.
        while !stop.load(Ordering::Acquire) {
            let elapsed = pace.wait();
            self.step_once(elapsed);
        }
        self.stop();
    }

    /// One wake-up, `elapsed` milliseconds after the last by the pace's count: services every card and steps as many
    /// ticks as the clock says.
    pub fn step_once(&mut self, elapsed: u64) {
        self.counters.wakes += 1;
        self.counters.late_ticks += elapsed.saturating_sub(WAKE_MS);
        self.counters.longest_wait_ms = self.counters.longest_wait_ms.max(elapsed);
        // The clock first: whatever holds us up between the boards, the others have as many ticks as it has, or more.
        let clock = self.clock.unwrap_or(0);
        for index in (clock..self.boards.len()).chain(0..clock.min(self.boards.len())) {
            self.poll_board(index);
        }
        self.choose_clock();
        let due = self.ticks_due(elapsed);
        for _ in 0..due {
            self.step_tick();
        }
        // Without a tick the other boards have got nothing to play: what they have stays in their cards.
        if let Some(clock) = self.clock.filter(|_| due > 0) {
            for (_, board) in self.boards.iter_mut().enumerate().filter(|(index, _)| *index != clock) {
                board.settle();
            }
        }
        self.publish();
    }

    /// Stops every card. The engine can only be dropped after that.
    pub fn stop(&mut self) {
        for board in &mut self.boards {
            board.stop();
        }
    }

    /// The last tick that was stepped.
    pub fn now(&self) -> Tick {
        self.now
    }

    /// The counters.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The sink, for looking at it between steps.
    pub fn sink(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Keeps the clock with its board while that runs and its samples come; else it goes to another that does. All
    /// other boards are beside it.
    fn choose_clock(&mut self) {
        let ahead = |board: &Board| board.is_running() && board.waiting() >= CLOCK_LAG_TICKS;
        let boards = || self.boards.iter();
        let keeps = |clock: &usize| {
            let board = &self.boards[*clock];
            board.is_running() && (board.waiting() > 0 || !boards().any(ahead))
        };
        self.clock = self
            .clock
            .filter(keeps)
            .or_else(|| boards().position(ahead).or_else(|| boards().position(Board::is_running)));
        let clock = self.clock;
        let beside =
            self.boards.iter_mut().enumerate().filter(|(index, board)| clock != Some(*index) && board.is_running());
        beside.for_each(|(_, board)| board.put_beside());
    }

    fn ticks_due(&mut self, elapsed: u64) -> u64 {
        self.owed += elapsed;
        match self.clock {
            Some(clock) => {
                let due = self.boards[clock].waiting() as u64;
                if due > 0 {
                    // The board's samples are the time. Should it stop, what passed since is made up for.
                    self.owed = 0;
                }
                due
            }
            None => {
                let due = self.owed.min(CATCH_UP_TICKS_MAX);
                self.owed -= due;
                due
            }
        }
    }

    fn poll_board(&mut self, index: usize) {
        let Err(error) = self.boards[index].poll() else { return };
        let id = self.boards[index].id();
        tell(&mut self.troubles, &mut self.counters, self.now, id, format_args!("{error}"));
        for port in 0..self.boards[index].channels().len() {
            self.handle_condition(index, PortId(port as u8), PortCondition::Service(PortKind::Absent));
        }
    }

    fn step_tick(&mut self) {
        self.now = Tick(self.now.0 + 1);
        for _ in 0..COMMANDS_PER_TICK_MAX {
            let Some(command) = self.commands.pop() else { break };
            self.handle_command(command);
        }
        for board in &mut self.boards {
            let channels = board.channels();
            let (received, played) = (&mut self.received[channels.clone()], &mut self.played[channels.clone()]);
            board.exchange(received, played, &self.transmit[channels]);
        }
        for index in 0..self.boards.len() {
            while let Some((port, condition)) = self.boards[index].poll_condition() {
                self.tell_fault(index, port, condition);
                self.handle_condition(index, port, condition);
            }
        }
        self.media.step(self.now, &self.received, &self.played, &mut self.transmit);
        while let Some(report) = self.media.poll_report() {
            match report {
                Report::Line(channel, heard) => {
                    self.with_line(channel, |lines, around| lines.handle_detection(channel, heard, around));
                }
                Report::Task(event) => self.sink.media_event(self.now, event),
            }
        }
        while let Some(channel) = self.lines.poll_due(self.now) {
            self.with_line(channel, |lines, around| lines.handle_time(channel, around));
        }
        self.counters.ticks += 1;
        self.sink.tick(self.now);
    }

    fn handle_command(&mut self, command: Command) {
        self.counters.commands += 1;
        let done = match command {
            Command::Line { channel, command } => {
                let done = self.with_line(channel, |lines, around| lines.handle_command(channel, command, around));
                done.unwrap_or(Err(Refusal::NoChannel))
            }
            Command::Media(command) => self.media.handle_command(command),
        };
        if let Err(reason) = done {
            self.counters.commands_refused += 1;
            self.sink.command_refused(self.now, CommandRefused { command, reason });
        }
    }

    /// A module that went out of service because something is wrong with it is reported.
    fn tell_fault(&mut self, board: usize, port: PortId, condition: PortCondition) {
        let board = &self.boards[board];
        if condition == PortCondition::Service(PortKind::Broken)
            && let Some(fault) = board.fault(port)
        {
            let what = format_args!("Port {} is out of service. {fault}", port.0);
            tell(&mut self.troubles, &mut self.counters, self.now, board.id(), what);
        }
    }

    fn handle_condition(&mut self, board: usize, port: PortId, condition: PortCondition) {
        let channels = self.boards[board].channels();
        if usize::from(port.0) >= channels.len() {
            return;
        }
        let channel = ChannelId((channels.start + usize::from(port.0)) as u16);
        self.with_line(channel, |lines, around| lines.handle_condition(channel, condition, around));
    }

    /// Tells a line machine something, with the world at its hand. None for a channel that does not exist.
    fn with_line<R>(
        &mut self,
        channel: ChannelId,
        tell: impl FnOnce(&mut Lines, &mut Surroundings<'_, S>) -> R,
    ) -> Option<R> {
        let board = &mut self.boards[usize::from(*self.board_of.get(channel.index())?)];
        let port = PortId((channel.index() - board.channels().start) as u8);
        let mut around =
            Surroundings { now: self.now, channel, sink: &mut self.sink, media: &mut self.media, board, port };
        Some(tell(&mut self.lines, &mut around))
    }

    fn publish(&mut self) {
        self.counters.player_dry_ticks = self.media.player_dry_ticks();
        self.counters.recorder_lost_ticks = self.media.recorder_lost_ticks();
        self.counters.reports_lost = self.media.reports_lost();
        self.counters.slips = self.boards.iter().map(Board::slips).sum();
        self.shared.set_engine(&self.counters);
        for (index, board) in self.boards.iter().enumerate() {
            self.shared.set_card(index, &board.counters(), board.is_running());
        }
    }
}

/// Touches as much stack as the media thread will ever need, so that it meets no page fault later. Its heap was written
/// when it was made. Where the process may lock its memory, nothing of either is ever swapped out.
#[inline(never)]
fn touch_stack() {
    core::hint::black_box([0u8; 64 * 1024]);
}

/// Puts a sentence where the log can find it.
fn tell(troubles: &mut Producer<Trouble>, counters: &mut Counters, at: Tick, board: BoardId, what: fmt::Arguments<'_>) {
    let mut text = ArrayString::new();
    // What does not fit is cut: the beginning says which operation it was.
    let _ = Cut(&mut text).write_fmt(what);
    if troubles.push(Trouble { at, board, text }).is_err() {
        counters.troubles_lost += 1;
    }
}

/// Writes as much as there is room for, by whole characters.
struct Cut<'a>(&'a mut ArrayString<TROUBLE_TEXT_MAX>);

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.0.try_push(character).is_err() {
                return Err(fmt::Error);
            }
        }
        Ok(())
    }
}
