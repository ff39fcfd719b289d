//! The parts put together: the same cores under threads in production and in lock-step in simulation.
//!
//! | file | what it holds |
//! |---|---|
//! | [`site`] | what a configuration means: the core's own configuration, prompts, accounts |
//! | [`ports`] | addresses at which a site listens |
//! | [`pump`] | where the core's actions go, whoever runs it |
//! | [`alarms`] | conditions that a person has to do something about |
//! | [`cards`] | opening cards, real or simulated |
//! | [`clients`] | the core's way to the sessions of all sockets |
//! | [`control`] | requests to a running site over a local socket |
//! | [`drain`] | the stop that lets calls end |
//! | [`edit`] | changes of the configuration file by the running site |
//! | [`engine`] | the engine in a process of its own |
//! | [`folders`] | the site's folders, and the proof that they can be written |
//! | [`gauges`] | numbers that threads publish |
//! | [`certificates`] | certificates of the sockets, read again while they serve |
//! | [`health`] | the reasons for which a site does not serve |
//! | [`lock`] | exclusive locks on database and recordings |
//! | [`metrics`] | the snapshot in OpenMetrics |
//! | [`observe`] | the site's own view of calls, agents and devices |
//! | [`snapshot`] | everything that a site shows of itself, at one moment |
//! | [`sources`] | the sources of snapshots |
//! | [`taps`] | the sound of taps on its way to listeners |
//! | [`records`] | recordings, scores, reports and messages for the console |
//! | [`input_log`] | the file of the core's inputs, for a middleware that comes back |
//! | [`restart_attempts`] | come-backs to the calls of an engine that have failed |
//! | [`sounds`] | the shelf of prompts, in memory |
//! | [`status`] | the snapshot over a local socket |
//! | [`threads`] | media, file, core, store and session threads, on the wall clock |
//! | [`alarm_watch`] | alarms observed, logged and kept |
//! | [`lockstep`] | one thread and virtual time |
//! | [`readings`] | disks, key file and clock of the machine |
//! | [`recovery`] | recordings and messages that a crash cut off |
//! | [`realtime`] | real-time priority, where the system allows it |

pub mod alarm_watch;
pub mod alarms;
pub mod cards;
pub mod certificates;
pub mod clients;
pub mod control;
pub mod drain;
pub mod edit;
pub mod engine;
pub mod folders;
pub mod gauges;
pub mod health;
pub mod input_log;
pub mod lock;
pub mod lockstep;
pub mod metrics;
pub mod observe;
pub mod ports;
pub mod pump;
pub mod readings;
pub mod realtime;
pub mod records;
pub mod recovery;
pub mod restart_attempts;
pub mod site;
pub mod snapshot;
pub mod sounds;
pub mod sources;
pub mod status;
pub mod taps;
pub mod threads;
