//! Messages without a number: live figures, and lists to be read anew.
//!
//! Never: finds a figure or a change out.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::Shared;
use crate::session::Session;

/// Interval at which figures are compared with those sent: half of the 100 ms in which a wallboard shows a change.
const COMPARE: Duration = Duration::from_millis(50);
/// Interval at which changes are looked for that no client of this server has made: by a command, or by the clock.
const LOOK: Duration = Duration::from_secs(1);

/// Pushes figures to those who watch them, for ever.
pub(super) async fn figures(shared: &Shared) {
    loop {
        sleep(COMPARE).await;
        let watchers = shared.hub.watchers(Session::watches_figures);
        if watchers.is_empty() {
            continue;
        }
        let all = shared.records.figures();
        for cell in watchers {
            if cell.session.lock().offer_figures(&all) {
                cell.changed.notify_one();
            }
        }
    }
}

/// Names the lists that are to be read anew to those who have them open, for ever.
pub(super) async fn changes(shared: &Arc<Shared>) {
    let watches = |session: &Session| session.watched.is_any();
    loop {
        tokio::select! {
            () = sleep(LOOK) => {}
            () = shared.acted.notified() => {}
        }
        if shared.hub.watchers(watches).is_empty() {
            continue;
        }
        let records = Arc::clone(&shared.records);
        // Records that cannot be read now are looked at again; the next look finds what this one has not.
        let Ok(Ok(changes)) = tokio::task::spawn_blocking(move || records.changes()).await else { continue };
        if changes.is_empty() {
            continue;
        }
        // Those who have opened a list since the look began have perhaps read it before the change.
        for cell in shared.hub.watchers(watches) {
            let mut session = cell.session.lock();
            let rights = session.rights();
            let user = (cell.login.as_str(), &*rights);
            let concerns = |number: Option<&str>, change: &_| shared.records.concerns(user, number, change);
            if session.watched.offer(&changes, concerns) {
                cell.changed.notify_one();
            }
        }
    }
}
