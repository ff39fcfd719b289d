//! The program `tipring`: connects cards, core and clients. Never: decides anything about a call.
//!
//! | module | what it holds |
//! |---|---|
//! | [`cli`] | arguments and help |
//! | [`cmd`] | one file a subcommand |
//! | [`run`] | threads in production, lock-step in simulation |
//! | [`day`] | a day of a call centre in virtual time, without sound |
//! | [`dip`] | data sources of flows |
//! | [`recording`] | recordings as files: their place, forms, checksums |
//! | [`encryption`] | recordings and messages encrypted at rest |
//! | [`orders`] | work orders as rows of lists and exports |
//! | [`shifts`] | shifts, and who leads them |
//! | [`replication`] | the store carried over into its replica on PostgreSQL |
//! | [`report`] | reports from the log of events |
//! | [`config`] | the configuration of a site, from its file |
//! | [`users`], [`password`] | users, their hashes and grants; passwords asked for at the terminal |
//! | [`customers`], [`notices`] | customers and notices as files and rows |
//! | [`sound_file`], [`caller_audio`] | WAV files of any usual kind; speech from them for lines and prompts |
//! | [`log`], [`failure`] | the log; failures of commands and their exit statuses |
//! | [`plural`] | counts with their nouns |
//! | [`owner`] | owners of files that root writes for a site |
//! | [`clock`] | the only reading of the system's clock |
//! | [`site_clock`] | a site's clock: days, hours and moments by its time zone |
//!
//! # Glossary
//!
//! | term | here | source |
//! |---|---|---|
//! | alarm, severity | [`run::alarms::RULES`], [`run::alarms::Severity`] | ITU-T X.733 |
//! | metrics, health probe | [`run::metrics`], [`run::health`] | OpenMetrics 1.0 |
//! | restart with calls in progress (call preservation, warm restart) | `run::threads::core_recovery` | |
//! | calls in progress that cannot be taken over | `run::threads::left_calls` | |
//! | log of inputs, checkpoint: the file | [`run::input_log`] | |
//! | attempts of such a restart that failed | [`run::restart_attempts`] | |
//! | graceful stop, draining of calls | [`run::drain::Drain`] | |
//! | middleware | tipring serve ([`cmd::serve`]): the core with its clients; beside it the engine, [`cmd::engine`] | |
//! | engine in a process of its own | `run::engine::host`, `run::engine::link`, `run::engine::boundary` | |
//! | attach to a running engine; its calls | `run::threads::engine_choice`; `run::threads::core_recovery` | |
//! | watchdog of the threads | `run::threads::watchdog` | |
//! | readiness and watchdog of systemd (sd_notify) | [`cmd::serve`], [`cmd::engine`] | systemd |
//! | SIGHUP, reload | `cmd::serve::reload`; what has changed, [`config::differ`] | |
//! | SIGTERM, SIGINT, SIGUSR1 | [`cmd::serve`] | |
//! | second program on one site | [`run::lock`] | |
//! | certificates, renewal of | [`run::certificates`] | RFC 8446 |
//! | data dip, data source | [`dip::Source`] | |
//! | user, role, grant | [`users::User`], [`users::RoleConfig`], [`users::Grant`] | |
//! | retention, legal hold of recordings | [`recording::retention::Retention`] | |
//! | retention: rows, schedule | `tipring_core::store::sqlite::retention`; `run::threads::recording_upkeep` | |
//! | call analytics of a recording: talk-over, dead air | [`recording::call_analytics`] | |
//! | encryption at rest, key rotation | [`encryption`], [`encryption::key_ring::KeyRing`] | RFC 5116, RFC 5869 |
//! | encryption at rest: AES-256-GCM (AEAD), nonces | `encryption::format` | RFC 5116 |
//! | integrity of recordings, checksum | [`recording::checksum::Checksum`] | |
//! | quality assurance, scorecard, calibration | [`cmd::quality`], [`recording::form`] | |
//! | conversation container (vCon) | [`recording::vcon`] | draft-ietf-vcon-vcon-core |
//! | prompts, announcements | [`run::sounds`] | |
//! | reason codes, break codes | [`config::SiteConfig`] | |
//! | PostgreSQL replica of the store | [`replication`], `run::threads::replica`, the crate tipring-postgres | |
//! | PostgreSQL replica: change log | `tipring_core::store::sqlite::change_log`, `tipring_core::store::replicated` | |
//! | customer file (客户档案) | [`cmd::customer`], [`customers::CustomerRow`] | |
//! | notice of an outage (停电预告) | [`cmd::notice`], [`notices::NoticeRow`] | |
//! | business hours, holidays | [`config::calendar`] | |
//! | event mode (应急模式) | [`config::mode`]; put in force by [`cmd::serve`] | |
//! | shift leader, deputy leader (正值, 副值) | [`cmd::shift`], [`shifts::Duty`] | |
//! | work order (trouble ticket) | [`cmd::order`], [`orders::OrderRow`] | |
//! | historical report, interval | [`report`], [`report::span`] | |
//! | figures of a report, computed from the log of events | [`report::computation`] | |
//! | automatic answer (auto-answer) | the softphone's, [`cmd::agent`]; none in the core | |
//! | wallboard, agent desktop | the pages of tsapi/web/console; on a terminal [`cmd::status`], [`cmd::agent`] | |
//! | sound of a silent monitor in a browser: tap | [`run::taps`] | |
//! | screen latency (event to screen) | `cmd::demo::screen_latency` | |
//! | screen pop | [`cmd::pop`] | |
//! | port self test: registers, codec loopback, battery, dial tone, ringing | [`cmd::board`] | |
//! | line test (GR-909): foreign voltage, leakage, ringer equivalence (REN) | none | |
//! | load simulation, forecast check, simulated day | [`day`], `cmd::sim` | |
//! | fault | a part that fails; an entry of the configuration that cannot be, [`config::fault::Fault`] | |
//! | failure | why a command ended ([`failure::Failure`]); on the wire CSTA's universal failure | |
//! | refusal | a request that is not permitted or possible; nothing has changed | |
//! | trouble | warning or operational event of a line, a record or a client; counted and logged | |
//! | error | why a function of the library could not do it | |
//! | configuration check | [`config::SiteConfig::inspect`], [`config::fault::Fault`] | |
//!
//! The library is there for `tests`; its API is not stable.

pub mod caller_audio;
pub mod cli;
pub mod clock;
pub mod cmd;
pub mod config;
pub mod customers;
pub mod day;
pub mod dip;
pub mod encryption;
pub mod failure;
pub mod log;
pub mod notices;
pub mod orders;
pub mod owner;
pub mod password;
pub mod plural;
pub mod recording;
pub mod replication;
pub mod report;
pub mod run;
pub mod shifts;
pub mod site_clock;
pub mod sound_file;
pub mod users;
