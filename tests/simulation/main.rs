//! Seeded whole runs on virtual time: calls from ring to record, judged, counted again, and the same twice;
//! and in every country that there is a profile of.

mod counted_again;
mod countries;
mod faulty_days;
mod fax;
mod hotline;
mod sound_days;
mod whole_runs;
