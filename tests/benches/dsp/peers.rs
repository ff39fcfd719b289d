//! spandsp 0.0.6 and speexdsp behind the same functions. Linked only with the feature `peers`.
//!
//! Debian's build of spandsp prints from inside its echo canceller, with nearly every sample. What it prints is not the
//! canceller's work, so the cost is taken away from it: this program has a `__printf_chk` of its own that does nothing,
//! and the dynamic linker prefers it to the C library's. A call that returns at once is left, about a nanosecond.
//! [`prints`] tells how many there were.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::hint::black_box;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::contest::Work;
use crate::signals::{Channels, slice};

type State = *mut c_void;
type DigitsHeard = extern "C" fn(*const c_void, *const c_char, c_int);

#[link(name = "spandsp")]
unsafe extern "C" {
    fn dtmf_rx_init(state: State, callback: Option<DigitsHeard>, user: *const c_void) -> State;
    fn dtmf_rx(state: State, samples: *const i16, count: c_int) -> c_int;
    fn dtmf_rx_get(state: State, digits: *mut c_char, most: c_int) -> usize;
    fn dtmf_rx_free(state: State) -> c_int;
    fn adsi_rx_init(
        state: State,
        standard: c_int,
        put: extern "C" fn(*const c_void, *const u8, c_int),
        user: *const c_void,
    ) -> State;
    fn adsi_rx(state: State, samples: *const i16, count: c_int) -> c_int;
    fn adsi_rx_free(state: State) -> c_int;
    fn echo_can_init(taps: c_int, mode: c_int) -> State;
    fn echo_can_update(state: State, far: i16, near: i16) -> i16;
    fn echo_can_free(state: State) -> c_int;
    fn g711_init(state: State, mode: c_int) -> State;
    fn g711_decode(state: State, samples: *mut i16, octets: *const u8, count: c_int) -> c_int;
    fn g711_encode(state: State, octets: *mut u8, samples: *const i16, count: c_int) -> c_int;
    fn g711_free(state: State) -> c_int;
    fn super_tone_rx_make_descriptor(descriptor: State) -> State;
    fn super_tone_rx_add_tone(descriptor: State) -> c_int;
    fn super_tone_rx_add_element(descriptor: State, tone: c_int, f1: c_int, f2: c_int, min: c_int, max: c_int)
    -> c_int;
    fn super_tone_rx_init(
        state: State,
        descriptor: State,
        callback: extern "C" fn(*const c_void, c_int, c_int, c_int),
        user: *const c_void,
    ) -> State;
    fn super_tone_rx(state: State, samples: *const i16, count: c_int) -> c_int;
    fn super_tone_rx_free(state: State) -> c_int;
    fn super_tone_rx_free_descriptor(descriptor: State) -> c_int;
    fn modem_connect_tones_rx_init(state: State, tone: c_int, callback: *const c_void, user: *const c_void) -> State;
    fn modem_connect_tones_rx(state: State, samples: *const i16, count: c_int) -> c_int;
    fn modem_connect_tones_rx_free(state: State) -> c_int;
    fn g726_init(state: State, bits_a_second: c_int, coding: c_int, packing: c_int) -> State;
    fn g726_encode(state: State, codes: *mut u8, samples: *const i16, count: c_int) -> c_int;
    fn g726_decode(state: State, samples: *mut i16, codes: *const u8, count: c_int) -> c_int;
    fn g726_free(state: State) -> c_int;
}

#[link(name = "speexdsp")]
unsafe extern "C" {
    fn speex_echo_state_init(frame: c_int, taps: c_int) -> State;
    fn speex_echo_ctl(state: State, request: c_int, value: *mut c_void) -> c_int;
    fn speex_echo_cancellation(state: State, near: *const i16, far: *const i16, out: *mut i16);
    fn speex_echo_state_destroy(state: State);
    fn speex_preprocess_state_init(frame: c_int, rate: c_int) -> State;
    fn speex_preprocess_ctl(state: State, request: c_int, value: *mut c_void) -> c_int;
    fn speex_preprocess_run(state: State, samples: *mut i16) -> c_int;
    fn speex_preprocess_state_destroy(state: State);
}

const ADSI_CLASS: c_int = 1;
const G711_ALAW: c_int = 0;
/// The tones of machines, by the library's numbers: a fax machine that calls, and one that answers.
const CNG: c_int = 1;
const ANS: c_int = 2;
/// Adaption, without the non-linear processor: the linear cancellers are compared.
const ECHO_ADAPTION: c_int = 1;
const SPEEX_ECHO_SET_SAMPLING_RATE: c_int = 24;
const SPEEX_PREPROCESS_SET_DENOISE: c_int = 0;
const SPEEX_PREPROCESS_SET_AGC: c_int = 2;
/// 20 ms.
const CHUNK: usize = 160;

static PRINTS: AtomicU64 = AtomicU64::new(0);

/// Number of messages that peers have wanted to print.
pub fn prints() -> u64 {
    PRINTS.load(Ordering::Relaxed)
}

/// Prints nothing, instead of the C library's function of this name. What comes after the format is never looked at.
// SAFETY: no other function of this program has this name; nothing of Rust's calls it.
#[unsafe(no_mangle)]
extern "C" fn __printf_chk(_flag: c_int, _format: *const c_char) -> c_int {
    // Not one step, since that costs much more: there is one thread.
    PRINTS.store(PRINTS.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    0
}

extern "C" fn ignore_message(_user: *const c_void, _message: *const u8, _length: c_int) {}
extern "C" fn ignore_tone(_user: *const c_void, _code: c_int, _level: c_int, _delay: c_int) {}

/// A state of the library's, and what frees it.
struct Owned {
    state: State,
    free: unsafe fn(State),
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the state was made by the library, belongs to this value alone, and is not used after this.
        unsafe { (self.free)(self.state) };
    }
}

/// Receives keys.
pub struct Keys(Owned);

impl Keys {
    pub fn new() -> Keys {
        // SAFETY: the library allocates the state; without a callback it keeps the keys for `dtmf_rx_get`.
        let state = unsafe { dtmf_rx_init(null_mut(), None, null()) };
        // SAFETY: freed once, when dropped.
        Keys(Owned { state, free: |state| unsafe { _ = dtmf_rx_free(state) } })
    }

    pub fn step(&mut self, samples: &[i16]) {
        // SAFETY: the samples are as many as said.
        unsafe { dtmf_rx(self.0.state, samples.as_ptr(), samples.len() as c_int) };
    }

    /// Digits received since the last call, at most 60.
    pub fn heard(&mut self) -> String {
        let mut digits = [0; 64];
        // SAFETY: there is room for 60 and the zero after them.
        let count = unsafe { dtmf_rx_get(self.0.state, digits.as_mut_ptr(), 60) };
        digits[..count.min(60)].iter().map(|digit| char::from(*digit as u8)).collect()
    }
}

/// Receives callers' identities.
struct Callers(Owned);

impl Callers {
    fn new() -> Callers {
        // SAFETY: the library allocates the state; the callback looks at nothing.
        let state = unsafe { adsi_rx_init(null_mut(), ADSI_CLASS, ignore_message, null()) };
        // SAFETY: freed once, when dropped.
        Callers(Owned { state, free: |state| unsafe { _ = adsi_rx_free(state) } })
    }

    fn step(&mut self, samples: &[i16]) {
        // SAFETY: the samples are as many as said.
        unsafe { adsi_rx(self.0.state, samples.as_ptr(), samples.len() as c_int) };
    }
}

/// Cancels echoes, sample by sample.
struct Echo(Owned);

impl Echo {
    fn new(taps: usize) -> Echo {
        // SAFETY: the library allocates the state.
        let state = unsafe { echo_can_init(taps as c_int, ECHO_ADAPTION) };
        // SAFETY: freed once, when dropped.
        Echo(Owned { state, free: |state| unsafe { _ = echo_can_free(state) } })
    }

    fn step(&mut self, far: i16, near: i16) -> i16 {
        // SAFETY: the state is whole until it is dropped.
        unsafe { echo_can_update(self.0.state, far, near) }
    }
}

/// speexdsp's canceller, by its frames of 20 ms.
pub struct SpeexEcho(Owned);

impl SpeexEcho {
    pub fn new(taps: usize) -> SpeexEcho {
        let mut rate: c_int = 8000;
        // SAFETY: the library allocates the state, and reads one number.
        let state = unsafe {
            let state = speex_echo_state_init(CHUNK as c_int, taps as c_int);
            speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, (&raw mut rate).cast());
            state
        };
        // SAFETY: freed once, when dropped.
        SpeexEcho(Owned { state, free: |state| unsafe { speex_echo_state_destroy(state) } })
    }

    /// Whole frames only; what is left over at the end is lost.
    pub fn run(&mut self, far: &[i16], near: &[i16]) -> Vec<i16> {
        let mut out = vec![0; far.len() / CHUNK * CHUNK];
        for ((far, near), out) in
            far.as_chunks::<CHUNK>().0.iter().zip(near.as_chunks::<CHUNK>().0).zip(out.as_chunks_mut::<CHUNK>().0)
        {
            // SAFETY: all three are a frame long.
            unsafe { speex_echo_cancellation(self.0.state, near.as_ptr(), far.as_ptr(), out.as_mut_ptr()) };
        }
        out
    }
}

/// speexdsp's preprocessor, by its frames of 20 ms: noise reduction, and level control if wanted, as its defaults have
/// them.
pub struct SpeexPreprocess(Owned);

impl SpeexPreprocess {
    pub fn new(level_control: bool) -> SpeexPreprocess {
        let (mut on, mut level_control) = (1, c_int::from(level_control));
        // SAFETY: the library allocates the state, and reads one number each time.
        let state = unsafe {
            let state = speex_preprocess_state_init(CHUNK as c_int, 8000);
            speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_DENOISE, (&raw mut on).cast());
            speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_AGC, (&raw mut level_control).cast());
            state
        };
        // SAFETY: freed once, when dropped.
        SpeexPreprocess(Owned { state, free: |state| unsafe { speex_preprocess_state_destroy(state) } })
    }

    fn step(&mut self, chunk: &mut [i16; CHUNK]) {
        // SAFETY: the samples are a frame.
        unsafe { speex_preprocess_run(self.0.state, chunk.as_mut_ptr()) };
    }

    /// Sound without the delay of a frame; a frame less.
    pub fn run(&mut self, samples: &[i16]) -> Vec<i16> {
        let mut out = samples.to_vec();
        out.as_chunks_mut().0.iter_mut().for_each(|chunk| self.step(chunk));
        out.split_off(CHUNK.min(out.len()))
    }
}

/// G.726 either way, uniform samples, one code an octet.
pub struct G726(Owned);

impl G726 {
    pub fn new(bits: usize) -> G726 {
        // SAFETY: the library allocates the state; 0 is for uniform samples and for no packing.
        let state = unsafe { g726_init(null_mut(), 8000 * bits as c_int, 0, 0) };
        // SAFETY: freed once, when dropped.
        G726(Owned { state, free: |state| unsafe { _ = g726_free(state) } })
    }

    pub fn encode(&mut self, samples: &[i16]) -> Vec<u8> {
        let mut codes = vec![0; samples.len()];
        // SAFETY: there is room for a code for each sample.
        unsafe { g726_encode(self.0.state, codes.as_mut_ptr(), samples.as_ptr(), samples.len() as c_int) };
        codes
    }

    pub fn decode(&mut self, codes: &[u8]) -> Vec<i16> {
        let mut samples = vec![0; codes.len()];
        // SAFETY: there is room for a sample for each code.
        unsafe { g726_decode(self.0.state, samples.as_mut_ptr(), codes.as_ptr(), codes.len() as c_int) };
        samples
    }
}

/// Detects China's ringback, busy and congestion.
struct Tones {
    state: Owned,
    /// Goes last: the detector looks at it.
    _descriptor: Owned,
}

impl Tones {
    fn new() -> Tones {
        // SAFETY: the library allocates both; the descriptor is freed after what was made from it.
        unsafe {
            let descriptor = super_tone_rx_make_descriptor(null_mut());
            for (on, off) in [(1000, 4000), (350, 350), (700, 700)] {
                let tone = super_tone_rx_add_tone(descriptor);
                super_tone_rx_add_element(descriptor, tone, 450, 0, on * 85 / 100, on * 115 / 100);
                super_tone_rx_add_element(descriptor, tone, 0, 0, off * 85 / 100, off * 115 / 100);
            }
            let state = super_tone_rx_init(null_mut(), descriptor, ignore_tone, null());
            Tones {
                state: Owned { state, free: |state| _ = super_tone_rx_free(state) },
                _descriptor: Owned { state: descriptor, free: |state| _ = super_tone_rx_free_descriptor(state) },
            }
        }
    }

    fn step(&mut self, samples: &[i16]) {
        // SAFETY: the samples are as many as said.
        unsafe { super_tone_rx(self.state.state, samples.as_ptr(), samples.len() as c_int) };
    }
}

/// Detects one tone of a machine.
struct Machine(Owned);

impl Machine {
    fn new(tone: c_int) -> Machine {
        // SAFETY: the library allocates the state; without a callback it keeps what it heard.
        let state = unsafe { modem_connect_tones_rx_init(null_mut(), tone, null(), null()) };
        // SAFETY: freed once, when dropped.
        Machine(Owned { state, free: |state| unsafe { _ = modem_connect_tones_rx_free(state) } })
    }

    fn step(&mut self, samples: &[i16]) {
        // SAFETY: the samples are as many as said.
        unsafe { modem_connect_tones_rx(self.0.state, samples.as_ptr(), samples.len() as c_int) };
    }
}

/// Either way between samples and octets of A-law.
struct ALaw(Owned);

impl ALaw {
    fn new() -> ALaw {
        // SAFETY: the library allocates the state.
        let state = unsafe { g711_init(null_mut(), G711_ALAW) };
        // SAFETY: freed once, when dropped.
        ALaw(Owned { state, free: |state| unsafe { _ = g711_free(state) } })
    }

    /// At most a chunk.
    fn decode(&mut self, octets: &[u8]) -> [i16; CHUNK] {
        let mut samples = [0; CHUNK];
        // SAFETY: there is room for a chunk.
        unsafe { g711_decode(self.0.state, samples.as_mut_ptr(), octets.as_ptr(), octets.len().min(CHUNK) as c_int) };
        samples
    }

    /// At most a chunk.
    fn encode(&mut self, samples: &[i16]) -> [u8; CHUNK] {
        let mut octets = [0; CHUNK];
        // SAFETY: there is room for a chunk.
        unsafe { g711_encode(self.0.state, octets.as_mut_ptr(), samples.as_ptr(), samples.len().min(CHUNK) as c_int) };
        octets
    }
}

/// Everything on one channel, as in a media gateway: A-law in, echo, keys, tones of the network, CNG, A-law out.
struct Whole {
    law: ALaw,
    echo: Echo,
    keys: Keys,
    tones: Tones,
    machine: Machine,
}

impl Whole {
    fn new() -> Whole {
        Whole {
            law: ALaw::new(),
            echo: Echo::new(128),
            keys: Keys::new(),
            tones: Tones::new(),
            machine: Machine::new(CNG),
        }
    }

    fn step(&mut self, far: &[i16], octets: &[u8]) {
        let mut samples = self.law.decode(octets);
        let samples = &mut samples[..octets.len().min(CHUNK)];
        for (sample, far) in samples.iter_mut().zip(far) {
            *sample = self.echo.step(*far, *sample);
        }
        self.keys.step(samples);
        self.tones.step(samples);
        self.machine.step(samples);
        black_box(self.law.encode(samples));
    }
}

pub fn receive_keys(channels: &Channels) -> Work<'_> {
    let mut receivers: Vec<Keys> = channels.iter().map(|_| Keys::new()).collect();
    Box::new(move |from_ms| {
        for (keys, channel) in receivers.iter_mut().zip(channels) {
            channel[slice(from_ms)].chunks(CHUNK).for_each(|chunk| keys.step(chunk));
            black_box(keys.heard());
        }
    })
}

pub fn receive_callers(channels: &Channels) -> Work<'_> {
    let mut receivers: Vec<Callers> = channels.iter().map(|_| Callers::new()).collect();
    Box::new(move |from_ms| {
        for (callers, channel) in receivers.iter_mut().zip(channels) {
            channel[slice(from_ms)].chunks(CHUNK).for_each(|chunk| callers.step(chunk));
        }
    })
}

pub fn hear_tones(channels: &Channels) -> Work<'_> {
    let mut detectors: Vec<Tones> = channels.iter().map(|_| Tones::new()).collect();
    Box::new(move |from_ms| {
        for (tones, channel) in detectors.iter_mut().zip(channels) {
            channel[slice(from_ms)].chunks(CHUNK).for_each(|chunk| tones.step(chunk));
        }
    })
}

pub fn hear_machines(channels: &Channels) -> Work<'_> {
    let mut detectors: Vec<[Machine; 2]> = channels.iter().map(|_| [CNG, ANS].map(Machine::new)).collect();
    Box::new(move |from_ms| {
        for (machines, channel) in detectors.iter_mut().zip(channels) {
            for chunk in channel[slice(from_ms)].chunks(CHUNK) {
                machines.iter_mut().for_each(|machine| machine.step(chunk));
            }
        }
    })
}

pub fn a_law(octets: &[Vec<u8>]) -> Work<'_> {
    let mut laws: Vec<ALaw> = octets.iter().map(|_| ALaw::new()).collect();
    Box::new(move |from_ms| {
        for (law, octets) in laws.iter_mut().zip(octets) {
            for chunk in octets[slice(from_ms)].chunks(CHUNK) {
                let samples = black_box(law.decode(chunk));
                black_box(law.encode(&samples));
            }
        }
    })
}

pub fn cancel<'a>(far: &'a [Vec<i16>], near: &'a [Vec<i16>], taps: usize) -> Work<'a> {
    let mut cancellers: Vec<Echo> = far.iter().map(|_| Echo::new(taps)).collect();
    Box::new(move |from_ms| {
        for ((echo, far), near) in cancellers.iter_mut().zip(far).zip(near) {
            for (far, near) in far[slice(from_ms)].iter().zip(&near[slice(from_ms)]) {
                black_box(echo.step(*far, *near));
            }
        }
    })
}

pub fn preprocess(channels: &Channels) -> Work<'_> {
    let mut states: Vec<SpeexPreprocess> = channels.iter().map(|_| SpeexPreprocess::new(true)).collect();
    Box::new(move |from_ms| {
        for (state, channel) in states.iter_mut().zip(channels) {
            for chunk in channel[slice(from_ms)].as_chunks::<CHUNK>().0 {
                let mut chunk = *chunk;
                state.step(&mut chunk);
                black_box(chunk);
            }
        }
    })
}

pub fn whole<'a>(far: &'a Channels, octets: &'a [Vec<u8>]) -> Work<'a> {
    let mut channels: Vec<Whole> = far.iter().map(|_| Whole::new()).collect();
    Box::new(move |from_ms| {
        for ((channel, far), octets) in channels.iter_mut().zip(far).zip(octets) {
            for (far, octets) in far[slice(from_ms)].chunks(CHUNK).zip(octets[slice(from_ms)].chunks(CHUNK)) {
                channel.step(far, octets);
            }
        }
    })
}
