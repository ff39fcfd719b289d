//! The numbers by which sessions, requests and monitors are known. Channels and time come from the driver.

/// A client's session, as the server counts them; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// The number a client gave its request; echoed with the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvokeId(pub u32);

/// A monitor of one session (CSTAMonitorCrossRefID): positive, unique within its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonitorCrossRefId(pub i32);
