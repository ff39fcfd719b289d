//! spandsp 0.0.6 behind the same functions. Linked only with the feature `peers`.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::ptr::{null, null_mut};

type State = *mut c_void;

#[link(name = "spandsp")]
unsafe extern "C" {
    fn dtmf_rx_init(state: State, callback: *const c_void, user: *const c_void) -> State;
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
    fn modem_connect_tones_rx_init(state: State, tone: c_int, callback: *const c_void, user: *const c_void) -> State;
    fn modem_connect_tones_rx(state: State, samples: *const i16, count: c_int) -> c_int;
    fn modem_connect_tones_rx_free(state: State) -> c_int;
}

unsafe extern "C" {
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn dup(descriptor: c_int) -> c_int;
    fn dup2(from: c_int, to: c_int) -> c_int;
    fn close(descriptor: c_int) -> c_int;
    fn fflush(stream: *mut c_void) -> c_int;
}

const ADSI_CLASS: c_int = 1;
const G711_ALAW: c_int = 0;
const CNG: c_int = 1;
/// Adaption, without the non-linear processor, which ours does not have either.
const ECHO_ADAPTION: c_int = 1;
/// 20 ms.
const CHUNK: usize = 160;

extern "C" fn ignore_message(_user: *const c_void, _message: *const u8, _length: c_int) {}
extern "C" fn ignore_tone(_user: *const c_void, _code: c_int, _level: c_int, _delay: c_int) {}

/// The Debian build of spandsp's canceller prints a line for every sample. They go nowhere, but still cost it time: see [`hushed`].
///
/// Does `work` with standard output closed to the library.
fn hushed(work: impl FnOnce()) {
    // SAFETY: only descriptors that were just opened, and standard output, are touched; it is put back.
    unsafe {
        let kept = dup(1);
        let nowhere = open(c"/dev/null".as_ptr(), 1);
        dup2(nowhere, 1);
        work();
        fflush(null_mut());
        dup2(kept, 1);
        close(nowhere);
        close(kept);
    }
}

pub fn receive_keys(channels: &[Vec<i16>]) {
    for channel in channels {
        // SAFETY: the state is used between init and free only, and the chunks are as long as said.
        unsafe {
            let state = dtmf_rx_init(null_mut(), null(), null());
            for chunk in channel.chunks(CHUNK) {
                dtmf_rx(state, chunk.as_ptr(), chunk.len() as c_int);
            }
            let mut digits = [0; 64];
            dtmf_rx_get(state, digits.as_mut_ptr(), 60);
            dtmf_rx_free(state);
        }
    }
}

pub fn receive_callers(channels: &[Vec<i16>]) {
    for channel in channels {
        // SAFETY: as above.
        unsafe {
            let state = adsi_rx_init(null_mut(), ADSI_CLASS, ignore_message, null());
            for chunk in channel.chunks(CHUNK) {
                adsi_rx(state, chunk.as_ptr(), chunk.len() as c_int);
            }
            adsi_rx_free(state);
        }
    }
}

pub fn cancel(far: &[Vec<i16>], near: &[Vec<i16>], taps: c_int) {
    hushed(|| {
        for (far, near) in far.iter().zip(near) {
            // SAFETY: as above.
            unsafe {
                let state = echo_can_init(taps, ECHO_ADAPTION);
                for (far, near) in far.iter().zip(near) {
                    echo_can_update(state, *far, *near);
                }
                echo_can_free(state);
            }
        }
    });
}

pub fn whole(far: &[Vec<i16>], octets: &[Vec<u8>]) {
    hushed(|| {
        for (far, octets) in far.iter().zip(octets) {
            // SAFETY: as above; the tone descriptor lives as long as the detector made from it.
            unsafe { whole_channel(far, octets) };
        }
    });
}

/// # Safety
///
/// Calls into the library with states of its own making only.
unsafe fn whole_channel(far: &[i16], octets: &[u8]) {
    // SAFETY: as above.
    unsafe {
        let law = g711_init(null_mut(), G711_ALAW);
        let echo = echo_can_init(128, ECHO_ADAPTION);
        let keys = dtmf_rx_init(null_mut(), null(), null());
        let descriptor = super_tone_rx_make_descriptor(null_mut());
        for (on, off) in [(1000, 4000), (350, 350), (700, 700)] {
            let tone = super_tone_rx_add_tone(descriptor);
            super_tone_rx_add_element(descriptor, tone, 450, 0, on * 85 / 100, on * 115 / 100);
            super_tone_rx_add_element(descriptor, tone, 0, 0, off * 85 / 100, off * 115 / 100);
        }
        let tones = super_tone_rx_init(null_mut(), descriptor, ignore_tone, null());
        let machines = modem_connect_tones_rx_init(null_mut(), CNG, null(), null());
        let mut samples = [0; CHUNK];
        let mut out = [0; CHUNK];
        for (far, octets) in far.chunks(CHUNK).zip(octets.chunks(CHUNK)) {
            let count = octets.len() as c_int;
            g711_decode(law, samples.as_mut_ptr(), octets.as_ptr(), count);
            for (sample, far) in samples.iter_mut().zip(far) {
                *sample = echo_can_update(echo, *far, *sample);
            }
            dtmf_rx(keys, samples.as_ptr(), count);
            super_tone_rx(tones, samples.as_ptr(), count);
            modem_connect_tones_rx(machines, samples.as_ptr(), count);
            g711_encode(law, out.as_mut_ptr(), samples.as_ptr(), count);
        }
        modem_connect_tones_rx_free(machines);
        super_tone_rx_free(tones);
        dtmf_rx_free(keys);
        echo_can_free(echo);
        g711_free(law);
    }
}
