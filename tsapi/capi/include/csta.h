/* csta.h: services and events of CSTA phase I over a TSAPI stream.
 *
 * Every service returns at once: 0 or, with LIB_GEN_ID, the number of the request; a negative code if nothing was sent.
 * Its confirmation is an event of the class CSTACONFIRMATION with the request's number, or a CSTA_UNIVERSAL_FAILURE_CONF
 * with the reason. Events of monitors are of the class CSTAUNSOLICITED. A text is taken up to its NUL; a device identifier
 * has at most 63 characters. privateData may be NULL.
 *
 * acs.h comes first.
 */
#ifndef CSTA_H
#define CSTA_H

#include "acs.h"
#include "cstadefs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Octets that lists of an event may take. */
#define CSTA_MAX_HEAP 1024

typedef struct CSTARequestEvent {
    InvokeID_t invokeID;
    union {
        CSTARouteRequestEvent_t routeRequest;
        CSTARouteRequestExtEvent_t routeRequestExt;
        CSTAReRouteRequest_t reRouteRequest;
        CSTAEscapeSvcReqEvent_t escapeSvcReqeust;
        CSTASysStatReqEvent_t sysStatRequest;
    } u;
} CSTARequestEvent;

typedef struct CSTAUnsolicitedEvent {
    CSTAMonitorCrossRefID_t monitorCrossRefId;
    union {
        CSTACallClearedEvent_t callCleared;
        CSTAConferencedEvent_t conferenced;
        CSTAConnectionClearedEvent_t connectionCleared;
        CSTADeliveredEvent_t delivered;
        CSTADivertedEvent_t diverted;
        CSTAEstablishedEvent_t established;
        CSTAFailedEvent_t failed;
        CSTAHeldEvent_t held;
        CSTANetworkReachedEvent_t networkReached;
        CSTAOriginatedEvent_t originated;
        CSTAQueuedEvent_t queued;
        CSTARetrievedEvent_t retrieved;
        CSTAServiceInitiatedEvent_t serviceInitiated;
        CSTATransferredEvent_t transferred;
        CSTACallInformationEvent_t callInformation;
        CSTADoNotDisturbEvent_t doNotDisturb;
        CSTAForwardingEvent_t forwarding;
        CSTAMessageWaitingEvent_t messageWaiting;
        CSTALoggedOnEvent_t loggedOn;
        CSTALoggedOffEvent_t loggedOff;
        CSTANotReadyEvent_t notReady;
        CSTAReadyEvent_t ready;
        CSTAWorkNotReadyEvent_t workNotReady;
        CSTAWorkReadyEvent_t workReady;
        CSTABackInServiceEvent_t backInService;
        CSTAOutOfServiceEvent_t outOfService;
        CSTAPrivateStatusEvent_t privateStatus;
        CSTAMonitorEndedEvent_t monitorEnded;
    } u;
} CSTAUnsolicitedEvent;

typedef struct CSTAConfirmationEvent {
    InvokeID_t invokeID;
    union {
        CSTAAlternateCallConfEvent_t alternateCall;
        CSTAAnswerCallConfEvent_t answerCall;
        CSTACallCompletionConfEvent_t callCompletion;
        CSTAClearCallConfEvent_t clearCall;
        CSTAClearConnectionConfEvent_t clearConnection;
        CSTAConferenceCallConfEvent_t conferenceCall;
        CSTAConsultationCallConfEvent_t consultationCall;
        CSTADeflectCallConfEvent_t deflectCall;
        CSTAPickupCallConfEvent_t pickupCall;
        CSTAGroupPickupCallConfEvent_t groupPickupCall;
        CSTAHoldCallConfEvent_t holdCall;
        CSTAMakeCallConfEvent_t makeCall;
        CSTAMakePredictiveCallConfEvent_t makePredictiveCall;
        CSTAQueryMwiConfEvent_t queryMwi;
        CSTAQueryDndConfEvent_t queryDnd;
        CSTAQueryFwdConfEvent_t queryFwd;
        CSTAQueryAgentStateConfEvent_t queryAgentState;
        CSTAQueryLastNumberConfEvent_t queryLastNumber;
        CSTAQueryDeviceInfoConfEvent_t queryDeviceInfo;
        CSTAReconnectCallConfEvent_t reconnectCall;
        CSTARetrieveCallConfEvent_t retrieveCall;
        CSTASetMwiConfEvent_t setMwi;
        CSTASetDndConfEvent_t setDnd;
        CSTASetFwdConfEvent_t setFwd;
        CSTASetAgentStateConfEvent_t setAgentState;
        CSTATransferCallConfEvent_t transferCall;
        CSTAUniversalFailureConfEvent_t universalFailure;
        CSTAMonitorConfEvent_t monitorStart;
        CSTAChangeMonitorFilterConfEvent_t changeMonitorFilter;
        CSTAMonitorStopConfEvent_t monitorStop;
        CSTASnapshotDeviceConfEvent_t snapshotDevice;
        CSTASnapshotCallConfEvent_t snapshotCall;
        CSTARouteRegisterReqConfEvent_t routeRegister;
        CSTARouteRegisterCancelConfEvent_t routeCancel;
        CSTAEscapeSvcConfEvent_t escapeService;
        CSTASysStatReqConfEvent_t sysStatReq;
        CSTASysStatStartConfEvent_t sysStatStart;
        CSTASysStatStopConfEvent_t sysStatStop;
        CSTAChangeSysStatFilterConfEvent_t changeSysStatFilter;
        CSTAGetAPICapsConfEvent_t getAPICaps;
        CSTAGetDeviceListConfEvent_t getDeviceList;
        CSTAQueryCallMonitorConfEvent_t queryCallMonitor;
    } u;
} CSTAConfirmationEvent;

typedef struct CSTAEventReport {
    union {
        CSTARouteRegisterAbortEvent_t registerAbort;
        CSTARouteUsedEvent_t routeUsed;
        CSTARouteUsedExtEvent_t routeUsedExt;
        CSTARouteEndEvent_t routeEnd;
        CSTAPrivateEvent_t privateEvent;
        CSTASysStatEvent_t sysStat;
        CSTASysStatEndedEvent_t sysStatEnded;
    } u;
} CSTAEventReport;

/* An event: the header's class says which part of the union holds it, the type which member of that. */
typedef struct CSTAEvent_t {
    ACSEventHeader_t eventHeader;
    union {
        ACSUnsolicitedEvent acsUnsolicited;
        ACSConfirmationEvent acsConfirmation;
        CSTARequestEvent cstaRequest;
        CSTAUnsolicitedEvent cstaUnsolicited;
        CSTAConfirmationEvent cstaConfirmation;
        CSTAEventReport cstaEventReport;
    } event;
    char heap[CSTA_MAX_HEAP];
} CSTAEvent_t;

const char *cstaErrorString(CSTAUniversalFailure_t error);

TSAPI cstaAlternateCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *activeCall,
                        ConnectionID_t *otherCall, PrivateData_t *privateData);
TSAPI cstaAnswerCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *alertingCall,
                     PrivateData_t *privateData);
TSAPI cstaCallCompletion(ACSHandle_t acsHandle, InvokeID_t invokeID, Feature_t feature, ConnectionID_t *call,
                         PrivateData_t *privateData);
TSAPI cstaClearCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *call, PrivateData_t *privateData);
TSAPI cstaClearConnection(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *call,
                          PrivateData_t *privateData);
TSAPI cstaConferenceCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *heldCall,
                         ConnectionID_t *activeCall, PrivateData_t *privateData);
TSAPI cstaConsultationCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *activeCall,
                           DeviceID_t *calledDevice, PrivateData_t *privateData);
TSAPI cstaDeflectCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *deflectCall,
                      DeviceID_t *calledDevice, PrivateData_t *privateData);
TSAPI cstaGroupPickupCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *deflectCall,
                          DeviceID_t *pickupDevice, PrivateData_t *privateData);
TSAPI cstaHoldCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *activeCall, Boolean reservation,
                   PrivateData_t *privateData);
TSAPI cstaMakeCall(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *callingDevice, DeviceID_t *calledDevice,
                   PrivateData_t *privateData);
TSAPI cstaMakePredictiveCall(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *callingDevice,
                             DeviceID_t *calledDevice, AllocationState_t allocationState, PrivateData_t *privateData);
TSAPI cstaPickupCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *deflectCall,
                     DeviceID_t *calledDevice, PrivateData_t *privateData);
TSAPI cstaReconnectCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *activeCall,
                        ConnectionID_t *heldCall, PrivateData_t *privateData);
TSAPI cstaRetrieveCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *heldCall,
                       PrivateData_t *privateData);
TSAPI cstaTransferCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *heldCall,
                       ConnectionID_t *activeCall, PrivateData_t *privateData);
TSAPI cstaSetMsgWaitingInd(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device, Boolean messages,
                           PrivateData_t *privateData);
TSAPI cstaSetDoNotDisturb(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device, Boolean doNotDisturb,
                          PrivateData_t *privateData);
TSAPI cstaSetForwarding(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device,
                        ForwardingType_t forwardingType, Boolean forwardingOn, DeviceID_t *forwardingDestination,
                        PrivateData_t *privateData);
TSAPI cstaSetAgentState(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device, AgentMode_t agentMode,
                        AgentID_t *agentID, AgentGroup_t *agentGroup, AgentPassword_t *agentPassword,
                        PrivateData_t *privateData);
TSAPI cstaQueryMsgWaitingInd(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device,
                             PrivateData_t *privateData);
TSAPI cstaQueryDoNotDisturb(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device,
                            PrivateData_t *privateData);
TSAPI cstaQueryForwarding(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device, PrivateData_t *privateData);
TSAPI cstaQueryAgentState(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device, PrivateData_t *privateData);
TSAPI cstaQueryLastNumber(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device, PrivateData_t *privateData);
TSAPI cstaQueryDeviceInfo(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *device, PrivateData_t *privateData);
TSAPI cstaMonitorDevice(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *deviceID,
                        CSTAMonitorFilter_t *monitorFilter, PrivateData_t *privateData);
TSAPI cstaMonitorCall(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *call,
                      CSTAMonitorFilter_t *monitorFilter, PrivateData_t *privateData);
TSAPI cstaMonitorCallsViaDevice(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *deviceID,
                                CSTAMonitorFilter_t *monitorFilter, PrivateData_t *privateData);
TSAPI cstaChangeMonitorFilter(ACSHandle_t acsHandle, InvokeID_t invokeID, CSTAMonitorCrossRefID_t monitorCrossRefID,
                              CSTAMonitorFilter_t *filterlist, PrivateData_t *privateData);
TSAPI cstaMonitorStop(ACSHandle_t acsHandle, InvokeID_t invokeID, CSTAMonitorCrossRefID_t monitorCrossRefID,
                      PrivateData_t *privateData);
TSAPI cstaSnapshotCallReq(ACSHandle_t acsHandle, InvokeID_t invokeID, ConnectionID_t *snapshotObj,
                          PrivateData_t *privateData);
TSAPI cstaSnapshotDeviceReq(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *snapshotObj,
                            PrivateData_t *privateData);
TSAPI cstaRouteRegisterReq(ACSHandle_t acsHandle, InvokeID_t invokeID, DeviceID_t *routingDevice,
                           PrivateData_t *privateData);
TSAPI cstaRouteRegisterCancel(ACSHandle_t acsHandle, InvokeID_t invokeID, RouteRegisterReqID_t routeRegisterReqID,
                              PrivateData_t *privateData);
TSAPI cstaRouteSelect(ACSHandle_t acsHandle, RouteRegisterReqID_t routeRegisterReqID,
                      RoutingCrossRefID_t routingCrossRefID, DeviceID_t *routeSelected, RetryValue_t remainRetry,
                      SetUpValues_t *setupInformation, Boolean routeUsedReq, PrivateData_t *privateData);
TSAPI cstaRouteEnd(ACSHandle_t acsHandle, RouteRegisterReqID_t routeRegisterReqID,
                   RoutingCrossRefID_t routingCrossRefID, CSTAUniversalFailure_t errorValue,
                   PrivateData_t *privateData);
TSAPI cstaRouteSelectInv(ACSHandle_t acsHandle, InvokeID_t invokeID, RouteRegisterReqID_t routeRegisterReqID,
                         RoutingCrossRefID_t routingCrossRefID, DeviceID_t *routeSelected, RetryValue_t remainRetry,
                         SetUpValues_t *setupInformation, Boolean routeUsedReq, PrivateData_t *privateData);
TSAPI cstaRouteEndInv(ACSHandle_t acsHandle, InvokeID_t invokeID, RouteRegisterReqID_t routeRegisterReqID,
                      RoutingCrossRefID_t routingCrossRefID, CSTAUniversalFailure_t errorValue,
                      PrivateData_t *privateData);
TSAPI cstaEscapeService(ACSHandle_t acsHandle, InvokeID_t invokeID, PrivateData_t *privateData);
TSAPI cstaEscapeServiceConf(ACSHandle_t acsHandle, InvokeID_t invokeID, CSTAUniversalFailure_t error,
                            PrivateData_t *privateData);
TSAPI cstaSendPrivateEvent(ACSHandle_t acsHandle, PrivateData_t *privateData);
TSAPI cstaSysStatReq(ACSHandle_t acsHandle, InvokeID_t invokeID, PrivateData_t *privateData);
TSAPI cstaSysStatStart(ACSHandle_t acsHandle, InvokeID_t invokeID, SystemStatusFilter_t statusFilter,
                       PrivateData_t *privateData);
TSAPI cstaSysStatStop(ACSHandle_t acsHandle, InvokeID_t invokeID, PrivateData_t *privateData);
TSAPI cstaChangeSysStatFilter(ACSHandle_t acsHandle, InvokeID_t invokeID, SystemStatusFilter_t statusFilter,
                              PrivateData_t *privateData);
TSAPI cstaSysStatReqConf(ACSHandle_t acsHandle, InvokeID_t invokeID, SystemStatus_t systemStatus,
                         PrivateData_t *privateData);
TSAPI cstaSysStatEvent(ACSHandle_t acsHandle, SystemStatus_t systemStatus, PrivateData_t *privateData);
TSAPI cstaGetAPICaps(ACSHandle_t acsHandle, InvokeID_t invokeID);
TSAPI cstaGetDeviceList(ACSHandle_t acsHandle, InvokeID_t invokeID, long index, CSTALevel_t level);
TSAPI cstaQueryCallMonitor(ACSHandle_t acsHandle, InvokeID_t invokeID);

#ifdef __cplusplus
}
#endif

#endif
