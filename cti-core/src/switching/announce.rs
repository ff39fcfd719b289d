//! Queue announcements: a prompt, the position, the expected wait. [`decide`](crate::acd::decide) says when one is due.
//!
//! They are said in the language of the call in place of the queue music, which then returns. The answer of an
//! agent ends them; no offer waits for their end.
//!
//! Never: decides when.

use tipring_driver::time::Ticks;

use crate::core::Core;
use crate::csta::CallId;
use crate::flow::queue_position;

/// Milliseconds of a minute.
const MINUTE_MS: u64 = 60_000;

impl Core {
    /// Says an announcement that is due. A wait is rounded up to whole minutes; what is not known is not said.
    pub(super) fn announce(&mut self, call: CallId, position: Option<usize>, expected: Option<Ticks>) {
        let Some(detail) = self.details.get_mut(&call) else { return };
        let Some((queue, _)) = detail.place else { return };
        let Some(rule) = self.floor.rules(queue).announce.as_ref() else { return };
        let (book, language) = match &detail.script {
            Some(script) => (self.flows.version(script.book), script.walk.language),
            None => (self.flows.newest(), self.flows.newest().language),
        };
        let minutes = expected.map(|wait| wait.as_ms().div_ceil(MINUTE_MS));
        let readings = [
            position.and_then(|position| queue_position::place(language, position)),
            minutes.and_then(|minutes| queue_position::wait(language, minutes)),
        ];
        let prompt = rule.prompt.as_ref().and_then(|name| book.prompt(language, name));
        let said = readings.into_iter().flatten().filter_map(|phrases| book.phrases(language, &phrases)).flatten();
        detail.speech.say(prompt.into_iter().chain(said));
        self.touch(call);
    }
}
