//! Recordings as files: their place, the forms in which they leave it, their checksums.
//!
//! | file | holds |
//! |---|---|
//! | [`archive`] | database and folder of a site, the search, the audit record |
//! | [`checksum`] | checksums of whole files |
//! | [`sound`] | a recording's sound, one side or both, as PCM or A-law |
//! | [`vcon`] | call and recordings as one JSON document (vCon) |
//!
//! Never: changes the sound of a recording in its place.

pub mod archive;
pub mod checksum;
pub mod sound;
pub mod vcon;
