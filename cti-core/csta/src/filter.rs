//! Filters of monitors (CSTAMonitorFilter): the events that a monitor does not want.
//!
//! Never: knows which monitors there are.

use serde::{Deserialize, Serialize};

use crate::event::Event;

/// Events that a monitor does not want: a bit of 1 suppresses. Most significant bit first, as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct MonitorFilter {
    /// 14 bits: call cleared 0x8000, conferenced 0x4000, connection cleared 0x2000, delivered 0x1000, diverted 0x0800,
    /// established 0x0400, failed 0x0200, held 0x0100, network reached 0x0080, originated 0x0040, queued 0x0020,
    /// retrieved 0x0010, service initiated 0x0008, transferred 0x0004.
    pub call: u16,
    /// 4 bits: call information 0x80, do not disturb 0x40, forwarding 0x20, message waiting 0x10.
    pub feature: u8,
    /// 6 bits: logged on 0x80, logged off 0x40, not ready 0x20, ready 0x10, work not ready 0x08, work ready 0x04.
    pub agent: u8,
    /// 2 bits: back in service 0x80, out of service 0x40.
    pub maintenance: u8,
    /// Not zero: no private events.
    pub private: i32,
}

impl MonitorFilter {
    /// The filter that suppresses nothing.
    pub const NONE: MonitorFilter = MonitorFilter { call: 0, feature: 0, agent: 0, maintenance: 0, private: 0 };

    /// Returns true if the filter lets an event through.
    pub const fn passes(&self, event: &Event) -> bool {
        match event {
            Event::CallCleared { .. } => self.call & 0x8000 == 0,
            Event::Conferenced { .. } => self.call & 0x4000 == 0,
            Event::ConnectionCleared { .. } => self.call & 0x2000 == 0,
            Event::Delivered { .. } => self.call & 0x1000 == 0,
            Event::Diverted { .. } => self.call & 0x0800 == 0,
            Event::Established { .. } => self.call & 0x0400 == 0,
            Event::Failed { .. } => self.call & 0x0200 == 0,
            Event::Held { .. } => self.call & 0x0100 == 0,
            Event::NetworkReached { .. } => self.call & 0x0080 == 0,
            Event::Originated { .. } => self.call & 0x0040 == 0,
            Event::Queued { .. } => self.call & 0x0020 == 0,
            Event::Retrieved { .. } => self.call & 0x0010 == 0,
            Event::ServiceInitiated { .. } => self.call & 0x0008 == 0,
            Event::Transferred { .. } => self.call & 0x0004 == 0,
            Event::CallInformation { .. } => self.feature & 0x80 == 0,
            Event::DoNotDisturb { .. } => self.feature & 0x40 == 0,
            Event::Forwarding { .. } => self.feature & 0x20 == 0,
            Event::MessageWaiting { .. } => self.feature & 0x10 == 0,
            Event::LoggedOn { .. } => self.agent & 0x80 == 0,
            Event::LoggedOff { .. } => self.agent & 0x40 == 0,
            Event::NotReady { .. } => self.agent & 0x20 == 0,
            Event::Ready { .. } => self.agent & 0x10 == 0,
            Event::WorkNotReady { .. } => self.agent & 0x08 == 0,
            Event::WorkReady { .. } => self.agent & 0x04 == 0,
            Event::BackInService { .. } => self.maintenance & 0x80 == 0,
            Event::OutOfService { .. } => self.maintenance & 0x40 == 0,
            Event::PrivateStatus => self.private == 0,
            // The end of the monitor itself cannot be filtered out.
            Event::MonitorEnded { .. } => true,
        }
    }
}
