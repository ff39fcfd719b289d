//! The signal processing, timed; beside spandsp and speexdsp on the same samples in the same run if they are linked.
//!
//! ```text
//! cargo bench -p tipring-tests --bench dsp
//! apt-get install libspandsp-dev libspeexdsp-dev
//! cargo bench -p tipring-tests --bench dsp --features peers
//! cargo bench -p tipring-tests --bench dsp --features peers -- echo     # what has this in its name
//! ```
//!
//! Figures are nanoseconds a sample of one channel. Ours and the peer's take turns, see `contest`. Ours works on all
//! channels side by side, a millisecond at a time, as the media thread does; the peers get 20 ms of one channel at a
//! time, which suits them best. The peer is Debian's build, for any processor of its kind; ours takes the widest
//! instructions at hand, as it does in use. What spandsp prints from inside is taken away from it, see `peers`. What
//! the times do not show: caches that other work has emptied.

#[path = "dsp/contest.rs"]
mod contest;
#[path = "../standards/enhanced.rs"]
mod enhanced;
#[path = "dsp/erle.rs"]
mod erle;
#[cfg(feature = "peers")]
#[path = "dsp/g726.rs"]
mod g726;
#[path = "dsp/limits.rs"]
mod limits;
#[path = "dsp/ours.rs"]
mod ours;
#[path = "../standards/erle.rs"]
mod pairs;
#[cfg(feature = "peers")]
#[path = "dsp/peers.rs"]
mod peers;
#[path = "../standards/press.rs"]
mod press;
#[path = "dsp/recording.rs"]
mod recording;
#[path = "../standards/signal.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod signal;
#[path = "dsp/signals.rs"]
mod signals;
#[path = "../standards/speech.rs"]
mod speech;

use contest::{Contest, Work};
use tipring_driver::country::CHINA;
use tipring_driver::dsp::fax_modem_tones::FAX_MODEM_TONES;

/// Channels of the longest canceller: each takes as long as many others.
const FEW: usize = 8;

/// The peer's work if a peer is linked.
macro_rules! peer {
    ($work:expr) => {{
        #[cfg(feature = "peers")]
        let work: Option<Work<'_>> = Some($work);
        #[cfg(not(feature = "peers"))]
        let work: Option<Work<'_>> = None;
        work
    }};
}

fn main() {
    // What was asked for by a part of its name, or everything. (Cargo adds --bench.)
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    let speech = signals::speech();
    let keys = signals::keys();
    let callers = signals::callers();
    let echoes = signals::echoes(&speech);
    let octets = signals::octets(&echoes);
    let all = signals::CHANNELS;
    let noisy = signals::noisy(&speech);
    let (few_far, few_near) = (&speech[..FEW], &echoes[..FEW]);

    println!("{:28}{:>12}{:>12}{:>8}{:>8}", "ns a sample, medians", "tipring", "spandsp", "ratio", "target");
    let contests = [
        Contest::new(
            "DTMF receive, speech",
            0.35,
            all,
            ours::receive_keys(&speech),
            peer!(peers::receive_keys(&speech)),
        ),
        Contest::new("DTMF receive, keys", 0.35, all, ours::receive_keys(&keys), peer!(peers::receive_keys(&keys))),
        Contest::new(
            "caller identity receive",
            0.35,
            all,
            ours::receive_callers(&callers),
            peer!(peers::receive_callers(&callers)),
        ),
        Contest::new(
            "call progress tones",
            0.25,
            all,
            ours::hear_tones(&speech, &CHINA.detection),
            peer!(peers::hear_tones(&speech)),
        ),
        Contest::new(
            "fax and modem tones",
            0.25,
            all,
            ours::hear_tones(&speech, &FAX_MODEM_TONES),
            peer!(peers::hear_machines(&speech)),
        ),
        Contest::new("A-law both ways", 0.5, all, ours::a_law(&octets), peer!(peers::a_law(&octets))),
        Contest::new(
            "echo canceller, 128 taps",
            0.25,
            all,
            ours::cancel(&speech, &echoes, 128),
            peer!(peers::cancel(&speech, &echoes, 128)),
        ),
        Contest::new(
            "echo canceller, 1,024 taps",
            0.2,
            FEW,
            ours::cancel(few_far, few_near, 1024),
            peer!(peers::cancel(few_far, few_near, 1024)),
        ),
        Contest::new(
            "the whole channel",
            0.25,
            all,
            ours::whole(&speech, &octets),
            peer!(peers::whole(&speech, &octets)),
        ),
        // The peer of this one is speexdsp.
        Contest::new("recording for listening", 1.0, all, ours::enhance(&noisy), peer!(peers::preprocess(&noisy))),
    ];
    for mut contest in contests {
        if is_wanted(contest.name()) {
            contest.run();
        }
    }
    #[cfg(feature = "peers")]
    println!("(spandsp wanted to print {} lines; it was not let.)", peers::prints());
    #[cfg(feature = "peers")]
    if is_wanted("G.726") {
        g726::run(&speech, &keys);
    }
    if is_wanted("DTMF limits") {
        limits::run();
    }
    if is_wanted("recording for listening") {
        recording::run();
    }
    if is_wanted("echo taken away") {
        erle::run();
    }
}
