//! G.726, ours against spandsp's, which passes the Recommendation's own vectors: every code and every sample must be
//! the same.
//!
//! One thing is different on purpose: a sample that is too large for 16 bits is held at the limit here, where spandsp
//! lets it wrap.

use tipring_driver::dsp::g726::{Codes, Decoder, Encoder, Rate};

use crate::peers::G726;
use crate::signal::Random;
use crate::signals::Channels;

/// Signals to code: speech, keys, noise of all levels up to the loudest, and codes that no encoder would send.
fn sounds(speech: &Channels, keys: &Channels) -> Vec<i16> {
    let mut random = Random::new(726);
    let noise = (0..80_000).map(|n| (random.next() as i16) >> (n / 8000 % 8));
    let square = (0..800).map(|n| if n / 20 % 2 == 0 { i16::MAX } else { i16::MIN });
    speech.iter().chain(keys).flatten().copied().chain(noise).chain(square).collect()
}

/// Prints how much was compared. Panics if anything differs.
pub fn run(speech: &Channels, keys: &Channels) {
    println!("\n{:40}{:>12}{:>12}{:>12}", "G.726, the same as spandsp's", "codes", "samples", "at a limit");
    let sounds = sounds(speech, keys);
    let mut random = Random::new(40);
    for rate in [Rate::Kbit16, Rate::Kbit24, Rate::Kbit32, Rate::Kbit40] {
        let mut encoder = Encoder::new(rate);
        let codes: Vec<Codes> = sounds.as_chunks().0.iter().map(|tick| encoder.step(tick)).collect();
        assert!(G726::new(rate.bits()).encode(&sounds) == codes.as_flattened(), "{rate:?}: codes differ");
        let wild: Vec<u8> = (0..80_000).map(|_| random.below(1 << rate.bits()) as u8).collect();
        let mut limited = 0;
        for codes in [codes.as_flattened(), &wild] {
            let mut decoder = Decoder::new(rate);
            let own = codes.as_chunks().0.iter().flat_map(|codes| decoder.step(codes));
            for (own, other) in own.zip(G726::new(rate.bits()).decode(codes)) {
                let at_limit = own == i16::MAX || own == i16::MIN;
                limited += usize::from(at_limit);
                assert!(own == other || at_limit, "{rate:?}: {own} for {other}");
            }
        }
        let samples = sounds.len() + wild.len();
        println!("{:40}{:>12}{samples:>12}{limited:>12}", format!("{} kbit/s", 8 * rate.bits()), sounds.len());
    }
}
