//! Numbers of recordings, and the names of their files.
//!
//! A number holds the moment in which the recording began and a count within it, so numbers are unique over restarts
//! and in the order of time, and the file's name follows from the number alone: its resolution needs no list.
//!
//! Never: touches a file.

use tipring_driver::ids::RecordingId;

/// Bits of the count within a millisecond.
const COUNT_BITS: u32 = 16;
const MS_PER_DAY: u64 = 86_400_000;

/// The number of a recording that began `unix_ms` milliseconds after 1970, the `count`th of the run.
pub const fn recording_id(unix_ms: u64, count: u16) -> RecordingId {
    // 47 bits of milliseconds reach beyond the year 6000, and the sign bit of a database's number stays free.
    RecordingId((unix_ms & ((1 << 47) - 1)) << COUNT_BITS | count as u64)
}

/// The file of a recording below the folder of recordings: a folder a day, then the time of day, in UTC.
pub fn file_name(recording: RecordingId) -> String {
    let ms = recording.0 >> COUNT_BITS;
    let count = recording.0 & ((1 << COUNT_BITS) - 1);
    let (year, month, day) = date(ms / MS_PER_DAY);
    let ms = ms % MS_PER_DAY;
    let (hour, minute, second, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    format!("{year:04}-{month:02}-{day:02}/{hour:02}{minute:02}{second:02}-{ms:03}-{count:05}.wav")
}

/// The recording that a file's name stands for, and the moment in which it began, in milliseconds after 1970; none if
/// it is no name of ours.
pub fn recording_of(file_name: &str) -> Option<(RecordingId, u64)> {
    let (date, rest) = file_name.split_once('/')?;
    let mut fields = rest.strip_suffix(".wav")?.splitn(3, '-');
    let (time, ms, count) = (fields.next()?, fields.next()?, fields.next()?);
    let mut date = date.splitn(3, '-').map(|field| field.parse::<u64>().ok());
    let days = days(date.next()??, date.next()??, date.next()??)?;
    let time: u64 = time.parse().ok()?;
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
    let unix_ms = days * MS_PER_DAY + hour * 3_600_000 + minute * 60_000 + second * 1000 + ms.parse::<u64>().ok()?;
    let recording = recording_id(unix_ms, count.parse().ok()?);
    // Only what we would write ourselves is ours.
    (self::file_name(recording) == file_name).then_some((recording, unix_ms))
}

/// The days from 1 January 1970 to a date, as [`date`] counts them.
const fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if month == 0 || month > 12 || year < 1970 || year > 9999 {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day;
    (year * 365 + year / 4 - year / 100 + year / 400 + day_of_year).checked_sub(719_468 + 1)
}

/// Year, month and day of a day counted from 1 January 1970, in the Gregorian calendar.
///
/// Years are counted from 1 March, so that the day that may be missing comes last; 400 of them are 146,097 days.
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // 1 March of the year 0.
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_named_by_the_moment_it_began() {
        assert_eq!(file_name(recording_id(1_709_210_096_007, 12)), "2024-02-29/123456-007-00012.wav");
    }

    #[test]
    fn dates_agree_with_the_calendar() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(58), (1970, 2, 28));
        assert_eq!(date(59), (1970, 3, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(19_782), (2024, 2, 29));
        assert_eq!(date(20_453), (2025, 12, 31));
    }

    #[test]
    fn a_recording_is_known_again_by_its_file() {
        for (unix_ms, count) in [(0, 0), (951_782_400_000, 3), (1_709_210_096_007, 12), (1_735_689_599_999, u16::MAX)] {
            let recording = recording_id(unix_ms, count);
            assert_eq!(recording_of(&file_name(recording)), Some((recording, unix_ms)));
        }
        for other in ["2024-02-29/notes.wav", "2024-02-30/123456-007-00012.wav", "2024-02-29/123456-007-00012.mp3", "x"]
        {
            assert_eq!(recording_of(other), None, "{other}");
        }
    }

    #[test]
    fn later_recordings_have_greater_numbers() {
        assert!(recording_id(5, 0) > recording_id(4, u16::MAX));
        assert!(recording_id(5, 2) > recording_id(5, 1));
    }
}
