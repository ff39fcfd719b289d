//! Catalogues of sound, and the rules by which calls are recorded. The sound itself is the driver's.

pub mod recordings;
pub mod rules;
