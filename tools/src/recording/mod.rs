//! Recordings as files: their place, the forms in which they leave it, their checksums.
//!
//! | file | holds |
//! |---|---|
//! | [`archive`] | database and folder of a site, the search, the audit record |
//! | [`checksum`] | checksums of whole files |
//! | [`form`] | scoring forms and the points of answers |
//! | [`call_analytics`] | measures of a call and of its two sides, for the inspector |
//! | [`marks`] | bookmarks and pauses, by their places in the file |
//! | [`retention`] | the recordings whose time is over |
//! | [`disk_space`] | free space of their disk |
//! | [`scoring`] | scores given, appealed, confirmed and withdrawn |
//! | [`sound`] | a recording's sound, one side or both, as PCM or A-law |
//! | [`vcon`] | call and recordings as one JSON document (vCon) |
//!
//! Never: changes the sound of a recording in its place.

pub mod archive;
pub mod call_analytics;
pub mod checksum;
pub mod disk_space;
pub mod form;
pub mod marks;
pub mod retention;
pub mod scoring;
pub mod sound;
pub mod vcon;
