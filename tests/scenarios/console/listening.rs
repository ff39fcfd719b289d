//! A conversation heard in the supervisor's browser: the phrases of both parties, as they were spoken at the lines, are
//! found in the samples that the page plays; the listening is on record, and ends.
//!
//! Never: uses a telephone.

use serde_json::Value;
use tipring_hw_sim::people::listen::snr_db;
use tipring_hw_sim::people::voice::{PhraseId, phrase};

use super::browser::Page;
use super::stage::{A_CALL, SEED, SOON, Stage, press_for};
use super::{AGENT, CALLER, is_heard};

/// Least signal to noise of a phrase that came by a line's codec and one more, in dB.
const SNR_MIN_DB: f32 = 20.0;
/// Phrases that have begun before the browser hears anything may be heard in part.
const PHRASES: usize = 2;

/// Hears the conversation of the chosen station in the browser.
pub fn hear_in_the_browser(board: &mut Page, stage: &mut Stage) {
    press_for(board, "hear", ".");
    board.wait_for(".live[data-call]", SOON);
    // Phrases from now on.
    stage.card.seen();
    let spoken = [(CALLER.0, AGENT.1, 0), (AGENT.0, CALLER.1, 1)].map(|(speaker, by, channel)| {
        let heard = (0..PHRASES).map(|_| stage.card.wait_for("a phrase", A_CALL, |line| is_heard(line, speaker, by)));
        let line: Value = serde_json::from_str(&heard.last().expect("a line")).expect("JSON");
        let name = line["phrase"].as_str().or_else(|| line["heard"]["phrase"].as_str()).expect("a phrase").to_owned();
        (name, channel)
    });
    stage.judge(board, "hearing");
    board.wait_until("Number(document.querySelector('.live [data-side=heard]').dataset.level) < 0", SOON);
    for (name, channel) in spoken {
        let id: PhraseId = name.parse().expect("a phrase");
        let source = phrase(SEED, id);
        // The card's simulator is ahead of the browser by the time on the way.
        let found = (0..40).find_map(|_| {
            let samples = board.evaluate(&format!("window.played[{channel}].join(' ')"));
            let samples: Vec<i16> = samples.as_str()?.split(' ').filter_map(|sample| sample.parse().ok()).collect();
            let found = snr_db(&source, &samples).filter(|found| found.snr_db >= SNR_MIN_DB);
            if found.is_none() {
                std::thread::sleep(std::time::Duration::from_millis(250));
            }
            found
        });
        let found = found.unwrap_or_else(|| panic!("the phrase {name} is not heard in the browser"));
        println!("{name} in the browser: {:.1} dB", found.snr_db);
    }
    let is_audited = |line: &str| line.contains("audit: user board at") && line.contains("listens at 1002: call");
    stage.server.wait_for("the audit of listening", SOON, is_audited);
    press_for(board, "stopHearing", ".");
    board.wait_for_no(".live", SOON);
}
