//! Faults that call centres have met, each as the sentence that must hold.
//!
//! | file | holds |
//! |---|---|
//! | `acceptance` | sentences across services: transfers and held calls |
//! | `agents` | states of agents, pending work modes, history |
//! | `carried_along` | legs, work, data and identifiers across consultation, transfer and conference |
//! | `drain` | a site that is to stop when its calls have ended |
//! | `events` | the events that clients are sent |
//! | `records` | outcomes, figures, and the end of a shift |
//! | `store_behind` | new calls while records wait |
//! | `endurance` | what must not grow, stick or be lost |

mod acceptance;
mod agents;
mod carried_along;
mod drain;
mod endurance;
mod events;
mod records;
mod store_behind;
