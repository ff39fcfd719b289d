//! Calls at cards with faults, which the judge leaves alone.
//!
//! Never: writes a recording.

use super::*;

/// A phrase of the agent beside.
const ELSEWHERE: PhraseId = PhraseId { speaker: Speaker::Agent { station: OTHER, occasion: 1 }, turn: 1 };

impl Case {
    /// Lets the telephone beside hear the caller, too.
    pub(super) fn overhear(&mut self) {
        let heard = self.truths.iter().find(|truth| matches!(truth.what, What::Heard { phrase: CALLER, .. }));
        let mut heard = heard.expect("it was heard").clone();
        if let What::Heard { by, .. } = &mut heard.what {
            *by = Listener::Station(OTHER);
        }
        self.truths.push(heard);
    }
}

#[test]
fn what_a_card_with_faults_does_to_its_calls_is_not_judged_at_its_trunks_nor_at_its_stations() {
    type Doctor = fn(&mut Case);
    let doctors: [(&str, Doctor); 2] = [
        ("disturbed-trunk", |run| {
            run.disturbed.insert(LINE);
            run.trunks.clear();
            // Without a call that both have seen answered the clocks are one.
            let row = &mut run.calls[0];
            (row.alerting_ms, row.ended_ms) = (row.alerting_ms.map(|ms| ms - OFFSET), row.ended_ms - OFFSET);
        }),
        ("disturbed-station", |run| {
            run.disturbed.insert(STATION);
        }),
    ];
    for (name, doctor) in doctors {
        let mut run = Case::new(name);
        doctor(&mut run);
        run.recordings.clear();
        run.calls[0].outcome = "out-of-service".into();
        let unheard = [AGENT, CALLER].map(|phrase| Truth { ms: 30_000, what: What::Unheard { phrase } });
        run.truths.extend(unheard);
        assert_eq!(run.findings().faults, [""; 0], "{name}");
        run.overhear();
        let stranger = Truth { ms: 30_000, what: What::Unheard { phrase: PhraseId { turn: 9, ..ELSEWHERE } } };
        run.truths.push(stranger);
        let faults = run.findings().faults;
        assert_eq!(faults, ["phrase s3.1.9 was spoken, and was not heard"], "{name}");
    }
}
