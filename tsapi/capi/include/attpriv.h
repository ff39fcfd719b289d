/* attpriv.h: private data of the ECS vendor (also AT&T Definity G3): what refines a request, and what events and
 * confirmations say beyond the standard.
 *
 * A stream has the version that both sides know: attMakeVersionString writes the list of those that a program knows into
 * the private data of acsOpenStream, and the private data of ACS_OPEN_STREAM_CONF tell the one of the stream.
 *
 *     ATTPrivateData_t priv;
 *     strcpy(priv.vendor, "VERSION");
 *     priv.data[0] = PRIVATE_DATA_ENCODING;
 *     attMakeVersionString("6-8", &priv.data[1]);
 *     priv.length = strlen(&priv.data[1]) + 2;
 *
 * Each function att... fills private data for the request of its name (or, with cstaEscapeService, for a service of the
 * vendor's own). They return 0, ACSERR_BADPARAMETER for a NULL privateData, for a text that is too long or not ASCII and
 * for a list that is too long, and ACSERR_UBUFSMALL for what takes more than ATT_MAX_PRIVATE_DATA octets. A pointer that
 * is NULL means that there is nothing: an empty device, no user-to-user information.
 *
 * attPrivateData reads what came with an event or a confirmation; eventType then tells the member of the union.
 *
 * acs.h and csta.h come first.
 */
#ifndef ATTPRIV_H
#define ATTPRIV_H

#include "attpdefs.h"
#include "csta.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Vendors of these data: today's name, and an older one. */
#define ECS_VENDOR_STRING "ECS"
#define ATT_VENDOR_STRING "AT&T Definity G3"

/* Opens the list of versions. */
#define PRIVATE_DATA_ENCODING 0

/* Octets of private data, and octets that lists of them may take. */
#define ATT_MAX_PRIVATE_DATA 1024
#define ATTPRIV_MAX_HEAP 1024

typedef struct ATTPrivateData_t {
    char vendor[32];
    unsigned short length;
    char data[ATT_MAX_PRIVATE_DATA];
} ATTPrivateData_t;

typedef struct ATTEvent_t {
    ATTEventType_t eventType;
    union {
        ATTHeldEvent_t heldEvent;
        ATTSingleStepConferenceCallConfEvent_t ssconference;
        ATTSelectiveListeningHoldConfEvent_t slhold;
        ATTSelectiveListeningRetrieveConfEvent_t slretrieve;
        ATTSendDTMFToneConfEvent_t sendDTMFTone;
        ATTQueryAcdSplitConfEvent_t queryAcdSplit;
        ATTQueryAgentLoginConfEvent_t queryAgentLogin;
        ATTQueryAgentLoginResp_t queryAgentLoginResp;
        ATTQueryAgentStateConfEvent_t queryAgentState;
        ATTQueryCallClassifierConfEvent_t queryCallClassifier;
        ATTQueryDeviceInfoConfEvent_t queryDeviceInfo;
        ATTQueryDeviceNameConfEvent_t queryDeviceName;
        ATTQueryMwiConfEvent_t queryMwi;
        ATTQueryStationStatusConfEvent_t queryStationStatus;
        ATTQueryTodConfEvent_t queryTod;
        ATTQueryTgConfEvent_t queryTg;
        ATTQueryAgentMeasurementsConfEvent_t queryAgentMeas;
        ATTQuerySplitSkillMeasurementsConfEvent_t querySplitSkillMeas;
        ATTQueryTrunkGroupMeasurementsConfEvent_t queryTrunkGroupMeas;
        ATTQueryVdnMeasurementsConfEvent_t queryVdnMeas;
        ATTSnapshotDeviceConfEvent_t snapshotDevice;
        ATTMonitorConfEvent_t monitorStart;
        ATTMonitorCallConfEvent_t monitorCallStart;
        ATTMonitorStopOnCallConfEvent_t monitorStopOnCall;
        ATTCallClearedEvent_t callClearedEvent;
        ATTConferencedEvent_t conferencedEvent;
        ATTConnectionClearedEvent_t connectionClearedEvent;
        ATTDeliveredEvent_t deliveredEvent;
        ATTEnteredDigitsEvent_t enteredDigitsEvent;
        ATTEstablishedEvent_t establishedEvent;
        ATTLoggedOnEvent_t loggedOnEvent;
        ATTNetworkReachedEvent_t networkReachedEvent;
        ATTOriginatedEvent_t originatedEvent;
        ATTTransferredEvent_t transferredEvent;
        ATTRouteRequestEvent_t routeRequest;
        ATTRouteUsedEvent_t routeUsed;
        ATTLinkStatusEvent_t linkStatus;
        ATTGetAPICapsConfEvent_t getAPICaps;
        ATTServiceInitiatedEvent_t serviceInitiated;
        ATTChargeAdviceEvent_t chargeAdviceEvent;
        ATTSetBillRateConfEvent_t setBillRate;
        ATTQueryUcidConfEvent_t queryUCID;
        ATTLoggedOffEvent_t loggedOffEvent;
        ATTConsultationCallConfEvent_t consultationCall;
        ATTConferenceCallConfEvent_t conferenceCall;
        ATTMakeCallConfEvent_t makeCall;
        ATTMakePredictiveCallConfEvent_t makePredictiveCall;
        ATTTransferCallConfEvent_t transferCall;
        ATTSetAdviceOfChargeConfEvent_t setAdviceOfCharge;
        ATTSetAgentStateConfEvent_t setAgentState;
        ATTQueuedEvent_t queuedEvent;
        ATTDivertedEvent_t divertedEvent;
        ATTFailedEvent_t failedEvent;
        ATTSnapshotCallConfEvent_t snapshotCallConf;
        ATTSingleStepTransferCallConfEvent_t ssTransferCallConf;
        ATTV3ConferencedEvent_t v3conferencedEvent;
        ATTV3DeliveredEvent_t v3deliveredEvent;
        ATTV3EstablishedEvent_t v3establishedEvent;
        ATTV3TransferredEvent_t v3transferredEvent;
        ATTV3LinkStatusEvent_t v3linkStatus;
        ATTV4QueryDeviceInfoConfEvent_t v4queryDeviceInfo;
        ATTV4GetAPICapsConfEvent_t v4getAPICaps;
        ATTV4SnapshotDeviceConfEvent_t v4snapshotDevice;
        ATTV4ConferencedEvent_t v4conferencedEvent;
        ATTV4DeliveredEvent_t v4deliveredEvent;
        ATTV4EstablishedEvent_t v4establishedEvent;
        ATTV4TransferredEvent_t v4transferredEvent;
        ATTV4LinkStatusEvent_t v4linkStatus;
        ATTV4RouteRequestEvent_t v4routeRequest;
        ATTV4QueryAgentStateConfEvent_t v4queryAgentState;
        ATTV4QueryDeviceNameConfEvent_t v4queryDeviceName;
        ATTV4MonitorConfEvent_t v4monitorStart;
        ATTV4MonitorCallConfEvent_t v4monitorCallStart;
        ATTV4NetworkReachedEvent_t v4networkReachedEvent;
        ATTV5QueryAgentStateConfEvent_t v5queryAgentState;
        ATTV5RouteRequestEvent_t v5routeRequest;
        ATTV5TransferredEvent_t v5transferredEvent;
        ATTV5ConferencedEvent_t v5conferencedEvent;
        ATTV5ConnectionClearedEvent_t v5connectionClearedEvent;
        ATTV5OriginatedEvent_t v5originatedEvent;
        ATTV5EstablishedEvent_t v5establishedEvent;
        ATTV5DeliveredEvent_t v5deliveredEvent;
        ATTV6NetworkReachedEvent_t v6networkReachedEvent;
        ATTV6ConferencedEvent_t v6conferencedEvent;
        ATTV6DeliveredEvent_t v6deliveredEvent;
        ATTV6EstablishedEvent_t v6establishedEvent;
        ATTV6TransferredEvent_t v6transferredEvent;
        ATTV6QueryDeviceNameConfEvent_t v6queryDeviceName;
        ATTV6GetAPICapsConfEvent_t v6getAPICaps;
        ATTV6ConnectionClearedEvent_t v6connectionClearedEvent;
        ATTV6RouteRequestEvent_t v6routeRequest;
        ATTV7FailedEvent_t v7failedEvent;
        ATTV8OriginatedEvent_t v8originatedEvent;
        ATTV8ServiceInitiatedEvent_t v8serviceInitiated;
        ATTV8SingleStepTransferCallConfEvent_t v8ssTransferCallConf;
        ATTClearConnection_t clearConnectionReq;
        ATTConsultationCall_t consultationCallReq;
        ATTMakeCall_t makeCallReq;
        ATTDirectAgentCall_t directAgentCallReq;
        ATTMakePredictiveCall_t makePredictiveCallReq;
        ATTSupervisorAssistCall_t supervisorAssistCallReq;
        ATTReconnectCall_t reconnectCallReq;
        ATTSendDTMFTone_t sendDTMFToneReq;
        ATTSingleStepConferenceCall_t ssconferenceReq;
        ATTSelectiveListeningHold_t slholdReq;
        ATTSelectiveListeningRetrieve_t slretrieveReq;
        ATTSetAgentState_t setAgentStateReq;
        ATTQueryAgentState_t queryAgentStateReq;
        ATTQueryAcdSplit_t queryAcdSplitReq;
        ATTQueryAgentLogin_t queryAgentLoginReq;
        ATTQueryCallClassifier_t queryCallClassifierReq;
        ATTQueryDeviceName_t queryDeviceNameReq;
        ATTQueryStationStatus_t queryStationStatusReq;
        ATTQueryTod_t queryTodReq;
        ATTQueryTg_t queryTgReq;
        ATTQueryAgentMeasurements_t queryAgentMeasReq;
        ATTQuerySplitSkillMeasurements_t querySplitSkillMeasReq;
        ATTQueryTrunkGroupMeasurements_t queryTrunkGroupMeasReq;
        ATTQueryVdnMeasurements_t queryVdnMeasReq;
        ATTMonitorFilter_t monitorFilterReq;
        ATTMonitorStopOnCall_t monitorStopOnCallReq;
        ATTRouteSelect_t routeSelectReq;
        ATTSysStat_t sysStatReq;
        ATTSetBillRate_t setBillRateReq;
        ATTQueryUcid_t queryUCIDReq;
        ATTSetAdviceOfCharge_t adviceOfChargeReq;
        ATTSingleStepTransferCall_t ssTransferCallReq;
        ATTMonitorCallsViaDevice_t monitorCallsViaDeviceReq;
        ATTV4SendDTMFTone_t v4sendDTMFToneReq;
        ATTV4SetAgentState_t v4setAgentStateReq;
        ATTV4MonitorFilter_t v4monitorFilterReq;
        ATTV5SetAgentState_t v5setAgentStateReq;
        ATTV5ClearConnection_t v5clearConnectionReq;
        ATTV5ConsultationCall_t v5consultationCallReq;
        ATTV5MakeCall_t v5makeCallReq;
        ATTV5DirectAgentCall_t v5directAgentCallReq;
        ATTV5MakePredictiveCall_t v5makePredictiveCallReq;
        ATTV5SupervisorAssistCall_t v5supervisorAssistCallReq;
        ATTV5ReconnectCall_t v5reconnectCallReq;
        ATTV5RouteSelect_t v5routeSelectReq;
        ATTV6RouteSelect_t v6routeSelectReq;
    } u;
    char heap[ATTPRIV_MAX_HEAP];
} ATTEvent_t;

/* Writes the list of versions for acsOpenStream: those of requestedVersion, such as "8" or "6-8", that this library knows
 * (2 to 10). supportedVersion has room for 64 characters. Returns its length; 0 if none is known, ACSERR_BADPARAMETER if
 * requestedVersion is no list. */
TSAPI attMakeVersionString(char *requestedVersion, char *supportedVersion);

/* Writes private data from the structure of a private PDU; ACSERR_BADPARAMETER if there is no such PDU. */
TSAPI encodePrivate(int pdunum, void *pdu, ATTPrivateData_t *priv);

/* Reads private data. ACSERR_BADPARAMETER if they are of another vendor, ACSERR_UNKNOWN if they are not what their PDU
 * says, or of none that is known, ACSERR_UBUFSMALL if their lists do not fit the heap. */
TSAPI attPrivateData(ATTPrivateData_t *privateData, ATTEvent_t *eventBuffer);

TSAPI attClearConnection(ATTPrivateData_t *privateData, ATTDropResource_t dropResource,
                         ATTV5UserToUserInfo_t *userInfo);
TSAPI attConsultationCall(ATTPrivateData_t *privateData, DeviceID_t *destRoute, Boolean priorityCalling,
                          ATTV5UserToUserInfo_t *userInfo);
TSAPI attMakeCall(ATTPrivateData_t *privateData, DeviceID_t *destRoute, Boolean priorityCalling,
                  ATTV5UserToUserInfo_t *userInfo);
TSAPI attDirectAgentCall(ATTPrivateData_t *privateData, DeviceID_t *split, Boolean priorityCalling,
                         ATTV5UserToUserInfo_t *userInfo);
TSAPI attMakePredictiveCall(ATTPrivateData_t *privateData, Boolean priorityCalling, short maxRings,
                            ATTAnswerTreat_t answerTreat, DeviceID_t *destRoute, ATTV5UserToUserInfo_t *userInfo);
TSAPI attSupervisorAssistCall(ATTPrivateData_t *privateData, DeviceID_t *split, ATTV5UserToUserInfo_t *userInfo);
TSAPI attReconnectCall(ATTPrivateData_t *privateData, ATTDropResource_t dropResource, ATTV5UserToUserInfo_t *userInfo);
TSAPI attSendDTMFTone(ATTPrivateData_t *privateData, ConnectionID_t *sender, ATTV4ConnIDList_t *receivers, char *tones,
                      short toneDuration, short pauseDuration);
TSAPI attSetAgentState(ATTPrivateData_t *privateData, ATTWorkMode_t workMode);
TSAPI attQueryAcdSplit(ATTPrivateData_t *privateData, DeviceID_t *device);
TSAPI attQueryAgentLogin(ATTPrivateData_t *privateData, DeviceID_t *device);
TSAPI attQueryAgentState(ATTPrivateData_t *privateData, DeviceID_t *device);
TSAPI attQueryCallClassifier(ATTPrivateData_t *privateData);
TSAPI attQueryDeviceName(ATTPrivateData_t *privateData, DeviceID_t *device);
TSAPI attQueryStationStatus(ATTPrivateData_t *privateData, DeviceID_t *device);
TSAPI attQueryTimeOfDay(ATTPrivateData_t *privateData);
TSAPI attQueryTrunkGroup(ATTPrivateData_t *privateData, DeviceID_t *device);
TSAPI attMonitorFilter(ATTPrivateData_t *privateData, ATTV4PrivateFilter_t privateFilter);
TSAPI attMonitorStopOnCall(ATTPrivateData_t *privateData, CSTAMonitorCrossRefID_t monitorCrossRefID,
                           ConnectionID_t *call);
TSAPI attRouteSelect(ATTPrivateData_t *privateData, DeviceID_t *callingDevice, DeviceID_t *directAgentCallSplit,
                     Boolean priorityCalling, DeviceID_t *destRoute, ATTUserCollectCode_t *collectCode,
                     ATTUserProvidedCode_t *userProvidedCode, ATTV5UserToUserInfo_t *userInfo);
TSAPI attSysStat(ATTPrivateData_t *privateData, Boolean linkStatusReq);
TSAPI attSingleStepConferenceCall(ATTPrivateData_t *privateData, ConnectionID_t *activeCall, DeviceID_t *deviceToBeJoin,
                                  ATTParticipationType_t participationType, Boolean alertDestination);
TSAPI attSelectiveListeningHold(ATTPrivateData_t *privateData, ConnectionID_t *subjectConnection, Boolean allParties,
                                ConnectionID_t *selectedParty);
TSAPI attSelectiveListeningRetrieve(ATTPrivateData_t *privateData, ConnectionID_t *subjectConnection,
                                    Boolean allParties, ConnectionID_t *selectedParty);
TSAPI attSetAgentStateExt(ATTPrivateData_t *privateData, ATTWorkMode_t workMode, long reasonCode);
TSAPI attSetBillRate(ATTPrivateData_t *privateData, ConnectionID_t *call, ATTBillType_t billType, float billRate);
TSAPI attQueryUCID(ATTPrivateData_t *privateData, ConnectionID_t *call);
TSAPI attSetAdviceOfCharge(ATTPrivateData_t *privateData, Boolean flag);
TSAPI attSendDTMFToneExt(ATTPrivateData_t *privateData, ConnectionID_t *sender, ATTConnIDList_t *receivers, char *tones,
                         short toneDuration, short pauseDuration);
TSAPI attMonitorFilterExt(ATTPrivateData_t *privateData, ATTPrivateFilter_t privateFilter);
TSAPI attV6SetAgentState(ATTPrivateData_t *privateData, ATTWorkMode_t workMode, long reasonCode, Boolean enablePending);
TSAPI attV6MakeCall(ATTPrivateData_t *privateData, DeviceID_t *destRoute, Boolean priorityCalling,
                    ATTUserToUserInfo_t *userInfo);
TSAPI attV6ClearConnection(ATTPrivateData_t *privateData, ATTDropResource_t dropResource,
                           ATTUserToUserInfo_t *userInfo);
TSAPI attV6ConsultationCall(ATTPrivateData_t *privateData, DeviceID_t *destRoute, Boolean priorityCalling,
                            ATTUserToUserInfo_t *userInfo);
TSAPI attV6DirectAgentCall(ATTPrivateData_t *privateData, DeviceID_t *split, Boolean priorityCalling,
                           ATTUserToUserInfo_t *userInfo);
TSAPI attV6MakePredictiveCall(ATTPrivateData_t *privateData, Boolean priorityCalling, short maxRings,
                              ATTAnswerTreat_t answerTreat, DeviceID_t *destRoute, ATTUserToUserInfo_t *userInfo);
TSAPI attV6SupervisorAssistCall(ATTPrivateData_t *privateData, DeviceID_t *split, ATTUserToUserInfo_t *userInfo);
TSAPI attV6ReconnectCall(ATTPrivateData_t *privateData, ATTDropResource_t dropResource, ATTUserToUserInfo_t *userInfo);
TSAPI attV6RouteSelect(ATTPrivateData_t *privateData, DeviceID_t *callingDevice, DeviceID_t *directAgentCallSplit,
                       Boolean priorityCalling, DeviceID_t *destRoute, ATTUserCollectCode_t *collectCode,
                       ATTUserProvidedCode_t *userProvidedCode, ATTUserToUserInfo_t *userInfo);
TSAPI attV7RouteSelect(ATTPrivateData_t *privateData, DeviceID_t *callingDevice, DeviceID_t *directAgentCallSplit,
                       Boolean priorityCalling, DeviceID_t *destRoute, ATTUserCollectCode_t *collectCode,
                       ATTUserProvidedCode_t *userProvidedCode, ATTUserToUserInfo_t *userInfo,
                       ATTRedirectType_t networkredirect);
TSAPI attSingleStepTransferCall(ATTPrivateData_t *privateData, ConnectionID_t *activeCall, DeviceID_t *transferredTo);
TSAPI attMonitorCallsViaDevice(ATTPrivateData_t *privateData, ATTPrivateFilter_t privateFilter,
                               Boolean flowPredictiveCallEvents);

#ifdef __cplusplus
}
#endif

#endif
