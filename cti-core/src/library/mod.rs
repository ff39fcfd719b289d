//! Catalogues of sound. The sound itself is the driver's.

pub mod recordings;
