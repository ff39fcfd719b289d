//! Readings for a caller in a queue: the place in line, and the expected wait in minutes.
//!
//! A reading is a number between two phrases, so that each language has its own order of words. Their recordings stand
//! beside those of the numbers, and are needed only where a queue announces them.
//!
//! | phrase | Mandarin | Cantonese | English |
//! |---|---|---|---|
//! | `place-before` | 您现在排在第 | 您而家排喺第 | You are number |
//! | `place-after` | 位 | 位 | in the queue |
//! | `wait-before` | 预计等待时间大约 | 預計等候時間大約 | The expected wait is about |
//! | `minute`, `minutes` | 分钟 | 分鐘 | minute, minutes |
//!
//! Never: says a phrase that is not in [`words`].

use super::say::{self, Language, Phrase};

/// The largest place and the longest wait, in minutes, that is read. What is beyond is not said.
pub const READ_MAX: u64 = 999;

/// The phrases of one reading, without its number: those before it, and behind it for one and for more.
struct Frame {
    before: &'static str,
    one: &'static str,
    more: &'static str,
}

const PLACE: Frame = Frame { before: "place-before", one: "place-after", more: "place-after" };
const WAIT: Frame = Frame { before: "wait-before", one: "minute", more: "minutes" };

/// All phrases of both readings in a language, each to be recorded.
pub fn words(language: Language) -> Vec<&'static str> {
    let mut words = say::counting_words(language);
    words.extend([PLACE.before, PLACE.more, WAIT.before, WAIT.more]);
    if language == Language::English {
        words.push(WAIT.one);
    }
    words
}

/// The phrases for a place in line, from 1; none beyond [`READ_MAX`].
pub fn place(language: Language, place: usize) -> Option<Vec<Phrase>> {
    framed(language, &PLACE, place as u64, say::ordinal(language, place as u64))
}

/// The phrases for an expected wait in minutes, from 1; none beyond [`READ_MAX`].
pub fn wait(language: Language, minutes: u64) -> Option<Vec<Phrase>> {
    framed(language, &WAIT, minutes, say::counted(language, minutes))
}

fn framed(language: Language, frame: &Frame, number: u64, read: Vec<&'static str>) -> Option<Vec<Phrase>> {
    if !(1..=READ_MAX).contains(&number) {
        return None;
    }
    let is_one = number == 1 && language == Language::English;
    let after = if is_one { frame.one } else { frame.more };
    Some([frame.before].into_iter().chain(read).chain([after]).map(Phrase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(phrases: Option<Vec<Phrase>>) -> String {
        let phrases = phrases.expect("within what is read");
        phrases.iter().map(|phrase| phrase.0).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_place_and_a_wait_are_read_as_each_language_has_them() {
        let read = |language, number: usize| (text(place(language, number)), text(wait(language, number as u64)));
        let both = |place: &str, wait: &str| (place.to_owned(), wait.to_owned());
        for (language, number, wanted) in [
            (Language::English, 1, both("place-before 1 place-after", "wait-before 1 minute")),
            (Language::English, 12, both("place-before 12 place-after", "wait-before 12 minutes")),
            (Language::Mandarin, 1, both("place-before 1 place-after", "wait-before 1 minutes")),
            (Language::Mandarin, 2, both("place-before 2 place-after", "wait-before liang minutes")),
            (Language::Cantonese, 105, both("place-before 1 bai 0 5 place-after", "wait-before 1 bai 0 5 minutes")),
        ] {
            assert_eq!(read(language, number), wanted);
        }
    }

    #[test]
    fn every_reading_is_made_of_phrases_that_are_to_be_recorded_and_none_of_them_is_idle() {
        for language in Language::ALL {
            let mut used = std::collections::BTreeSet::new();
            for number in 1..=READ_MAX {
                used.extend(place(language, number as usize).expect("read"));
                used.extend(wait(language, number).expect("read"));
            }
            let used: Vec<_> = used.into_iter().map(|phrase| phrase.0).collect();
            let mut known = words(language);
            known.sort_unstable();
            assert_eq!(used, known, "{language:?}");
            assert_eq!((place(language, 0), wait(language, READ_MAX + 1)), (None, None));
        }
    }
}
