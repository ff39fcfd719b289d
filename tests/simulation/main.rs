//! Seeded whole runs on virtual time: calls from ring to record, judged, counted again, and the same twice.

mod counted_again;
mod whole_runs;
