//! What differs from country to country, as data: tones, cadences, levels, caller identity, timers.
