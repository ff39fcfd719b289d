//! The media step: one tick of sound for all channels.
//!
//! Received octets are decoded and freed of the echo of what the card played meanwhile; detectors listen on the
//! channels where a line machine wants it; the matrix, tones, players and senders sum up what each party hears; sums
//! are encoded for the cards; recorders take what each party says and is sent. Whatever is not in use costs next to
//! nothing: detectors get the set of lanes to work on, and a channel that hears nothing is given the octet of silence.
//!
//! Nothing mutes: a detected key passes to the other party as it was pressed.
//!
//! Never: allocates after it was made, waits, or knows why anything is played.

use std::collections::VecDeque;

use super::conference::Conferences;
use super::echo::EchoControls;
use super::file_ring::{FileEnds, FileReport, FileRequest};
use super::gain::{Gain, Gains};
use super::matrix::Matrix;
use super::mix::Mix;
use super::player::Players;
use super::recorder::Recorders;
use super::sending::Sending;
use super::voice_activity::Activity;
use super::{MediaCommand, MediaEvent};
use crate::card::{Frame, Law};
use crate::country::{CallerIdService, Country};
use crate::dsp::caller_id::alert::{ALERT, Alert};
use crate::dsp::fax_modem_tones::FAX_MODEM_TONES;
use crate::dsp::progress::sit;
use crate::dsp::tone::Generator;
use crate::dsp::{Lanes, SILENCE, Samples, caller_id, dtmf, g711, progress};
use crate::ids::ChannelId;
use crate::refusal::Refusal;
use crate::signal::FaxModemTone;
use crate::signal::{Detection, DetectorMask, Outgoing, ToneKind};
use crate::spsc::{Consumer, Producer, queue};
use crate::time::{SAMPLES_PER_TICK, Tick};

/// Bounds of the media: players, recorders, rings, conferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaSettings {
    /// Players at work at the same time, at most 65,535.
    pub players: usize,
    /// Sound read ahead for each player, in ticks; 18 octets a tick.
    pub player_ring_ticks: usize,
    /// Recorders at work at the same time, at most 65,535.
    pub recorders: usize,
    /// Sound that can wait for the disk for each recorder, in ticks; 36 octets a tick.
    pub recorder_ring_ticks: usize,
    /// Conferences at the same time. A further one is refused.
    pub conferences: usize,
    /// Echo tail: the longest echo path that is cancelled, in milliseconds: 4 to 128, or 0 for no echo control. 16 is
    /// enough for the hybrid of the line itself, which is what analogue lines return most of; a trunk over packets or
    /// satellites needs more.
    pub echo_tail_ms: u32,
    /// The wall clock when the engine starts, for the caller's identity sent to stations.
    pub clock_at_start: caller_id::Stamp,
}

impl Default for MediaSettings {
    fn default() -> MediaSettings {
        MediaSettings {
            players: 32,
            player_ring_ticks: 512,
            recorders: 32,
            recorder_ring_ticks: 1024,
            conferences: 16,
            echo_tail_ms: 16,
            clock_at_start: caller_id::Stamp { month: 1, day: 1, hour: 0, minute: 0 },
        }
    }
}

/// One report of the media step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// A detection on a line.
    Line(ChannelId, Detection),
    /// A task ended.
    Task(MediaEvent),
}

/// The most reports of one channel in one tick: a key, a tone that ends, another that begins, a special information
/// tone, a machine, something sent, a voice, silence.
const REPORTS_PER_CHANNEL: usize = 8;

/// All sound of an engine.
pub(crate) struct Media {
    country: &'static Country,
    laws: Vec<Law>,
    /// Caller-ID service of each line.
    services: Vec<Option<CallerIdService>>,
    /// Sound of each party in this tick, echo cancelled.
    said: Vec<Samples>,
    echo: EchoControls,
    gains: Gains,
    /// Each party as others hear it in this tick, where a gain is set.
    gained: Vec<Samples>,
    /// Sound sent to each party in this tick.
    sent: Vec<Samples>,
    mix: Mix,
    matrix: Matrix,
    conferences: Conferences,
    tones: Tones,
    senders: Senders,
    players: Players,
    recorders: Recorders,
    requests: Producer<FileRequest>,
    files: Consumer<FileReport>,
    detectors: Detectors,
    reports: Reports,
    clock: caller_id::Stamp,
    now: Tick,
}

impl Media {
    /// Sound for channels of these laws, whose lines have these caller-ID services, and the file thread's ends of its
    /// rings.
    pub(crate) fn new(
        country: &'static Country,
        settings: &MediaSettings,
        laws: Vec<Law>,
        services: Vec<Option<CallerIdService>>,
    ) -> (Media, FileEnds) {
        let channels = laws.len();
        let slots = settings.players.min(usize::from(u16::MAX)) + settings.recorders.min(usize::from(u16::MAX));
        // A slot has at most two requests and two reports under way.
        let (requests, requests_end) = queue(2 * slots);
        let (reports_end, files) = queue(2 * slots);
        let (prompts_end, prompts) = (0..settings.players).map(|_| queue(settings.player_ring_ticks)).unzip();
        let (recordings, recordings_end) = (0..settings.recorders).map(|_| queue(settings.recorder_ring_ticks)).unzip();
        let media = Media {
            country,
            laws,
            services,
            said: vec![SILENCE; channels],
            echo: EchoControls::new(channels, settings.echo_tail_ms),
            gains: Gains::new(channels),
            gained: vec![SILENCE; channels],
            sent: vec![SILENCE; channels],
            mix: Mix::new(channels),
            matrix: Matrix::new(channels),
            conferences: Conferences::new(settings.conferences),
            tones: Tones { generators: vec![None; channels], sounding: Vec::with_capacity(channels) },
            senders: Senders { senders: vec![None; channels], sending: Vec::with_capacity(channels) },
            players: Players::new(prompts),
            recorders: Recorders::new(recordings),
            requests,
            files,
            detectors: Detectors::new(channels, country),
            reports: Reports::new(channels * REPORTS_PER_CHANNEL + slots),
            clock: settings.clock_at_start,
            now: Tick::ZERO,
        };
        let ends =
            FileEnds { requests: requests_end, reports: reports_end, prompts: prompts_end, recordings: recordings_end };
        (media, ends)
    }

    /// Does what the core asks.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if it names a channel that does not exist, or a connection that cannot be; then nothing has
    /// changed.
    pub(crate) fn handle_command(&mut self, command: MediaCommand) -> Result<(), Refusal> {
        self.check_channels(&command)?;
        match command {
            MediaCommand::Play { task, channel, prompt, repeat } => {
                let end = self.players.play(task, channel, prompt, repeat, &mut self.requests);
                self.reports.extend(end.map(Report::Task));
            }
            MediaCommand::Record { task, left, right, recording, kind, silence } => {
                let end = self.recorders.record(task, (left, right), (recording, kind, silence), &mut self.requests);
                self.reports.extend(end.map(Report::Task));
            }
            MediaCommand::Stop { task } => {
                let end = self.players.stop(task, &mut self.requests);
                self.reports.extend(end.map(Report::Task));
                self.recorders.stop(task, &mut self.requests);
            }
            MediaCommand::Pause { task, pause } => self.recorders.pause(task, pause),
            MediaCommand::Tone { channel, tone } => {
                self.tones.set(channel, tone.map(|kind| Generator::new(self.country.tone(kind))));
                // Its echo stands below the first key of a station.
                self.detectors.dtmf.allow_dial_tone(channel.index(), tone == Some(ToneKind::Dial));
            }
            MediaCommand::Gain { channel, gain } => self.gains.set(channel, gain),
            MediaCommand::Connect { a, b } => self.matrix.connect(a, b)?,
            MediaCommand::Disconnect { a, b } => self.matrix.disconnect(a, b),
            MediaCommand::Listen { listener, talker } => self.matrix.hear(listener, talker)?,
            MediaCommand::Unlisten { listener, talker } => self.matrix.deafen(listener, talker),
            MediaCommand::Join { conference, channel, role } => self.conferences.join(conference, channel, role)?,
            MediaCommand::Leave { conference, channel } => self.conferences.leave(conference, channel)?,
            MediaCommand::Clear => self.clear(),
        }
        Ok(())
    }

    fn clear(&mut self) {
        let reports = &mut self.reports;
        self.players.stop_all(&mut self.requests, &mut |event| reports.push(Report::Task(event)));
        self.recorders.stop_all(&mut self.requests);
        self.conferences.clear();
        for index in 0..self.laws.len() {
            let channel = ChannelId(index as u16);
            self.matrix.isolate(channel);
            self.tones.set(channel, None);
            self.gains.set(channel, Gain::default());
        }
    }

    fn check_channels(&self, command: &MediaCommand) -> Result<(), Refusal> {
        let exist = command.channels().into_iter().flatten().all(|channel| self.exists(channel));
        if exist { Ok(()) } else { Err(Refusal::NoChannel) }
    }

    /// Sets the detectors of a channel.
    pub(crate) fn listen(&mut self, channel: ChannelId, detectors: DetectorMask) {
        self.detectors.listen(channel, detectors);
        self.echo.set(channel.index(), detectors.conversation);
    }

    /// Sends something over a line, instead of whatever was being sent.
    pub(crate) fn send(&mut self, channel: ChannelId, outgoing: Outgoing<'_>) {
        let timing = &self.country.dtmf;
        let sending = match outgoing {
            Outgoing::Digits(digits) => Some(Sending::digits(digits, timing)),
            Outgoing::CallerId(caller) => {
                let stamp = later(self.clock, self.now);
                self.services[channel.index()].map(|service| Sending::identity(caller, stamp, service.kind, timing))
            }
            Outgoing::MessageWaiting(waiting) => {
                let stamp = later(self.clock, self.now);
                self.services[channel.index()].and_then(|service| Sending::waiting(waiting, stamp, service.kind))
            }
            Outgoing::Alert => Some(Sending::alert()),
            Outgoing::Nothing => None,
        };
        self.senders.set(channel, sending);
    }

    /// A line is gone: nothing is sent or sounded on it any more. Tasks and connections are the core's to end.
    pub(crate) fn silence(&mut self, channel: ChannelId) {
        self.senders.set(channel, None);
        self.tones.set(channel, None);
        self.detectors.dtmf.allow_dial_tone(channel.index(), false);
        self.listen(channel, DetectorMask::default());
    }

    /// One tick: takes what every channel received, and what its card played in the same time, and says what every
    /// channel is to transmit.
    pub(crate) fn step(&mut self, now: Tick, received: &[Frame], played: &[Frame], transmit: &mut [Frame]) {
        self.now = now;
        self.take_file_reports();
        for ((said, frame), law) in self.said.iter_mut().zip(received).zip(&self.laws) {
            *said = g711::decode_frame(*law, frame);
        }
        let (said, heard) = self.echo.step(&self.laws, &mut self.said, played);
        self.detectors.step(said, &mut self.reports);
        let heard = self.gains.says(heard, &mut self.gained);
        self.matrix.step(heard, &mut self.mix);
        self.conferences.step(heard, &mut self.mix);
        self.tones.step(&mut self.mix);
        self.senders.step(&mut self.mix, &mut self.reports);
        let reports = &mut self.reports;
        self.players.step(&mut self.mix, &mut self.requests, &mut |event| reports.push(Report::Task(event)));
        for (index, (frame, law)) in transmit.iter_mut().zip(&self.laws).enumerate() {
            let channel = ChannelId(index as u16);
            let mut given = self.mix.take(channel);
            if let Some(mix) = &mut given {
                self.gains.hears(channel, mix);
            }
            *frame = match &given {
                Some(samples) => g711::encode_frame(*law, samples),
                None => [law.idle(); SAMPLES_PER_TICK],
            };
            self.sent[index] = given.unwrap_or(SILENCE);
            if self.detectors.activity_lanes.contains(index) {
                let detectors = &mut self.detectors;
                let network = detectors.progress.is_sounding(index) && detectors.progress_lanes.contains(index);
                let given = given.as_ref().filter(|_| !detectors.detectors[index].line_only);
                detectors.activity.handle(channel, &heard[index], network, given);
            }
        }
        self.recorders.step(said, heard, &self.sent, &mut self.requests);
        self.detectors.activity.step(&self.detectors.activity_lanes, &mut |channel, heard| {
            self.reports.push(Report::Line(channel, heard));
        });
    }

    /// The next thing the step had to say.
    pub(crate) fn poll_report(&mut self) -> Option<Report> {
        self.reports.queue.pop_front()
    }

    /// Ticks of silence because a player's ring had run dry.
    pub(crate) fn player_dry_ticks(&self) -> u64 {
        self.players.dry_ticks()
    }

    /// Ticks that were not recorded because a recorder's ring was full.
    pub(crate) fn recorder_lost_ticks(&self) -> u64 {
        self.recorders.lost_ticks()
    }

    /// Reports that found no room.
    pub(crate) fn reports_lost(&self) -> u64 {
        self.reports.lost
    }

    fn exists(&self, channel: ChannelId) -> bool {
        channel.index() < self.laws.len()
    }

    fn take_file_reports(&mut self) {
        while let Some(report) = self.files.pop() {
            let end = match report {
                FileReport::PromptReady { slot } => {
                    self.players.handle_ready(slot);
                    None
                }
                FileReport::PromptClosed { slot } => {
                    self.players.handle_closed(slot);
                    None
                }
                FileReport::RecordingFailed { slot, samples } => {
                    self.recorders.handle_failed(slot, samples, &mut self.requests)
                }
                FileReport::RecordingClosed { slot, end, samples } => self.recorders.handle_closed(slot, end, samples),
            };
            self.reports.extend(end.map(Report::Task));
        }
    }
}

/// Reports on their way out; bounded.
struct Reports {
    queue: VecDeque<Report>,
    room: usize,
    lost: u64,
}

impl Reports {
    fn new(room: usize) -> Reports {
        Reports { queue: VecDeque::with_capacity(room), room, lost: 0 }
    }

    fn push(&mut self, report: Report) {
        if self.queue.len() == self.room {
            self.lost += 1;
        } else {
            self.queue.push_back(report);
        }
    }

    fn extend(&mut self, report: Option<Report>) {
        if let Some(report) = report {
            self.push(report);
        }
    }
}

/// The tone that sounds on each channel.
struct Tones {
    generators: Vec<Option<Generator>>,
    sounding: Vec<ChannelId>,
}

impl Tones {
    fn set(&mut self, channel: ChannelId, generator: Option<Generator>) {
        self.sounding.retain(|sounding| *sounding != channel);
        if generator.is_some() {
            self.sounding.push(channel);
        }
        self.generators[channel.index()] = generator;
    }

    fn step(&mut self, mix: &mut Mix) {
        for channel in &self.sounding {
            if let Some(generator) = &mut self.generators[channel.index()] {
                mix.add(*channel, &generator.next());
            }
        }
    }
}

/// The sender at work on each channel.
struct Senders {
    senders: Vec<Option<Sending>>,
    sending: Vec<ChannelId>,
}

impl Senders {
    fn set(&mut self, channel: ChannelId, sending: Option<Sending>) {
        self.sending.retain(|sending| *sending != channel);
        if sending.is_some() {
            self.sending.push(channel);
        }
        self.senders[channel.index()] = sending;
    }

    fn step(&mut self, mix: &mut Mix, reports: &mut Reports) {
        let senders = &mut self.senders;
        self.sending.retain(|channel| {
            let next = senders[channel.index()].as_mut().and_then(Sending::next);
            match &next {
                Some(samples) => mix.add(*channel, samples),
                None => {
                    senders[channel.index()] = None;
                    reports.push(Report::Line(*channel, Detection::Sent));
                }
            }
            next.is_some()
        });
    }
}

/// The banks, and on which channels each listens.
struct Detectors {
    detectors: Vec<DetectorMask>,
    dtmf: dtmf::Bank,
    dtmf_lanes: Lanes,
    caller_id: caller_id::Bank,
    caller_id_lanes: Lanes,
    alert: progress::Bank<Alert>,
    alert_lanes: Lanes,
    progress: progress::Bank,
    progress_lanes: Lanes,
    sit: sit::Bank,
    sit_lanes: Lanes,
    machine: progress::Bank<FaxModemTone>,
    machine_lanes: Lanes,
    activity: Activity,
    activity_lanes: Lanes,
}

impl Detectors {
    fn new(channels: usize, country: &Country) -> Detectors {
        Detectors {
            detectors: vec![DetectorMask::default(); channels],
            dtmf: dtmf::Bank::new(channels),
            dtmf_lanes: Lanes::NONE,
            caller_id: caller_id::Bank::new(channels),
            caller_id_lanes: Lanes::NONE,
            alert: progress::Bank::new(channels, &ALERT),
            alert_lanes: Lanes::NONE,
            progress: progress::Bank::new(channels, &country.detection),
            progress_lanes: Lanes::NONE,
            sit: sit::Bank::new(channels),
            sit_lanes: Lanes::NONE,
            machine: progress::Bank::new(channels, &FAX_MODEM_TONES),
            machine_lanes: Lanes::NONE,
            activity: Activity::new(channels),
            activity_lanes: Lanes::NONE,
        }
    }

    fn listen(&mut self, channel: ChannelId, detectors: DetectorMask) {
        let lane = channel.index();
        let before = core::mem::replace(&mut self.detectors[lane], detectors);
        if detectors == before {
            return;
        }
        // A lane that begins to listen remembers nothing of what it heard before.
        if turn(&mut self.dtmf_lanes, lane, before.dtmf, detectors.dtmf) {
            self.dtmf.reset(lane);
        }
        if turn(&mut self.caller_id_lanes, lane, before.caller_id, detectors.caller_id) {
            self.caller_id.reset(lane);
        }
        if turn(&mut self.alert_lanes, lane, before.alert, detectors.alert) {
            self.alert.reset(lane);
        }
        if turn(&mut self.progress_lanes, lane, before.progress, detectors.progress) {
            self.progress.reset(lane);
        }
        if turn(&mut self.sit_lanes, lane, before.sit, detectors.sit) {
            self.sit.reset(lane);
        }
        if turn(&mut self.machine_lanes, lane, before.machine, detectors.machine) {
            self.machine.reset(lane);
        }
        let otherwise = before.line_only != detectors.line_only;
        if turn(&mut self.activity_lanes, lane, before.activity, detectors.activity) || otherwise {
            self.activity.reset(lane);
        }
    }

    fn step(&mut self, said: &[Samples], reports: &mut Reports) {
        let mut tell = |lane: usize, heard| reports.push(Report::Line(ChannelId(lane as u16), heard));
        if !self.dtmf_lanes.is_empty() {
            self.dtmf.step(said, &self.dtmf_lanes, &mut |lane, event| match event {
                dtmf::Event::Begun(digit) => tell(lane, Detection::Digit(digit)),
                dtmf::Event::Ended(..) => {}
            });
        }
        if !self.caller_id_lanes.is_empty() {
            self.caller_id
                .step(said, &self.caller_id_lanes, &mut |lane, caller| tell(lane, Detection::CallerId(caller)));
        }
        if !self.alert_lanes.is_empty() {
            self.alert.step(said, &self.alert_lanes, &mut |lane, event| {
                if let progress::Event::Recognised(Alert) = event {
                    tell(lane, Detection::Alert);
                }
            });
        }
        if !self.progress_lanes.is_empty() {
            self.progress.step(said, &self.progress_lanes, &mut |lane, event| {
                let heard = match event {
                    progress::Event::Begun => Detection::ToneBegun,
                    progress::Event::Recognised(tone) => Detection::Tone(tone),
                    progress::Event::Ended(tone) => Detection::ToneEnded(tone),
                };
                tell(lane, heard);
            });
        }
        if !self.sit_lanes.is_empty() {
            self.sit.step(said, &self.sit_lanes, &mut |lane, sit| tell(lane, Detection::SpecialInformationTone(sit)));
        }
        if !self.machine_lanes.is_empty() {
            self.machine.step(said, &self.machine_lanes, &mut |lane, event| {
                if let progress::Event::Recognised(tone) = event {
                    tell(lane, Detection::FaxModemTone(tone));
                }
            });
        }
    }
}

/// Puts a lane into a set or takes it out. True if it is new there.
fn turn(lanes: &mut Lanes, lane: usize, before: bool, wanted: bool) -> bool {
    match (before, wanted) {
        (false, true) => lanes.insert(lane),
        (true, false) => lanes.remove(lane),
        (false, false) | (true, true) => {}
    }
    !before && wanted
}

/// The wall clock at `now`, from what it was at the start. There is no year in a caller's identity, so February has 28
/// days.
fn later(start: caller_id::Stamp, now: Tick) -> caller_id::Stamp {
    const DAYS: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let minutes = u64::from(start.hour) * 60 + u64::from(start.minute) + now.0 / 60_000;
    let (mut month, mut day) = (start.month.clamp(1, 12), start.day);
    for _ in 0..minutes / (24 * 60) {
        day += 1;
        if day > DAYS[usize::from(month) - 1] {
            day = 1;
            month = month % 12 + 1;
        }
    }
    caller_id::Stamp { month, day, hour: (minutes / 60 % 24) as u8, minute: (minutes % 60) as u8 }
}
