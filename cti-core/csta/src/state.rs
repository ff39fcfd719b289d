//! States and modes: of connections, of agents, of the switch; and the selectors of services.
//!
//! Never: knows which state follows which.

use crate::enumerations::numbered;

numbered!(closed
    /// State of a connection at its device (LocalConnectionState).
    LocalConnectionState {
        /// Not reported, as to a monitor that follows calls.
        -1 None,
        /// No connection.
        0 Null,
        /// The device has begun a call.
        1 Initiate,
        /// The device is alerting.
        2 Alerting,
        /// The device takes part.
        3 Connect,
        /// The device holds the call.
        4 Hold,
        /// The call waits at the device.
        5 Queued,
        /// The call could not be completed.
        6 Fail,
    }
);

numbered!(closed
    /// State of an agent (AgentState).
    AgentState {
        /// Not known.
        -1 NotInitialized,
        /// Logged on, gets no calls.
        0 NotReady,
        /// Not logged on.
        1 Null,
        /// Logged on, gets calls.
        2 Ready,
        /// After-call work, gets no calls.
        3 WorkNotReady,
        /// After-call work, gets calls.
        4 WorkReady,
    }
);

numbered!(closed
    /// State that an agent asks for (AgentMode).
    AgentMode {
        /// Logged on.
        0 LogIn,
        /// Logged off.
        1 LogOut,
        /// Not ready.
        2 NotReady,
        /// Ready.
        3 Ready,
        /// After-call work, no calls.
        4 WorkNotReady,
        /// After-call work, calls.
        5 WorkReady,
    }
);

numbered!(closed
    /// State of the switch (SystemStatus).
    SystemStatus {
        /// Starting up.
        0 Initializing,
        /// Enabled.
        1 Enabled,
        /// Normal.
        2 Normal,
        /// Messages were lost.
        3 MessagesLost,
        /// Disabled.
        4 Disabled,
        /// Overload is near.
        5 OverloadImminent,
        /// Overload.
        6 OverloadReached,
        /// Overload is over.
        7 OverloadRelieved,
    }
);

numbered!(closed
    /// Feature of a call completion (Feature).
    Feature {
        /// The call waits until the busy device is free.
        0 CampOn,
        /// The switch calls back when the busy device is free.
        1 CallBack,
        /// The caller joins the busy device's call.
        2 Intrude,
    }
);

numbered!(closed
    /// State of a predictive call at which it is given to the calling device (AllocationState).
    AllocationState {
        /// The called device alerts.
        0 CallDelivered,
        /// The called device has answered.
        1 CallEstablished,
    }
);

numbered!(closed
    /// Rule by which a route is selected (SelectValue).
    SelectValue {
        /// The usual one.
        0 Normal,
        /// The cheapest.
        1 LeastCost,
        /// For an emergency.
        2 Emergency,
        /// By a distribution.
        3 Acd,
        /// By the user's own.
        4 UserDefined,
    }
);

numbered!(closed
    /// Devices that a device list is asked for (CSTALevel).
    DeviceListLevel {
        /// The user's own.
        1 HomeWorkTop,
        /// Devices the user may borrow.
        2 AwayWorkTop,
        /// Devices that may be monitored.
        3 DeviceDeviceMonitor,
        /// Devices whose calls may be monitored.
        4 CallDeviceMonitor,
        /// Devices that may be controlled.
        5 CallControl,
        /// Devices that may be routed.
        6 Routing,
        /// Devices whose calls may be monitored by call.
        7 CallCallMonitor,
    }
);

numbered!(closed
    /// Extent of the check of a user's rights (SDBLevel).
    SdbLevel {
        /// None.
        -1 NoChecking,
        /// The stream and the devices.
        0 AcsAndCsta,
        /// The stream only.
        1 AcsOnly,
    }
);
