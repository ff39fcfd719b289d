/* Private data of the ECS vendor by attpriv.h: without a server the layouts, what the functions make and what wrong
 * arguments get; with one a stream of version 8, a call with user-to-user information, a device's name, an agent's work
 * mode. Arguments: Tlink, login, password, device. */
#include <acs.h>
#include <csta.h>
#include <attpriv.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
#define SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#define OFFSET(type, member, offset) static_assert(offsetof(type, member) == (offset), #type "." #member)
#else
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#define OFFSET(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member)
#endif

SIZE(ATTEvent_t, 3112);
OFFSET(ATTEvent_t, u, 8);
OFFSET(ATTEvent_t, heap, 2088);
SIZE(ATTPrivateData_t, 1058);
OFFSET(ATTPrivateData_t, data, offsetof(PrivateData_t, data));
SIZE(ATTUserToUserInfo_t, 136);
SIZE(ATTV5UserToUserInfo_t, 40);

#define EXPECT(condition)                                       \
    do {                                                        \
        if (!(condition)) {                                     \
            printf("%d: not so: %s\n", __LINE__, #condition);   \
            return 1;                                           \
        }                                                       \
    } while (0)

static ACSHandle_t handle;
static CSTAEvent_t event;
static ATTPrivateData_t priv;
static ATTEvent_t att;

/* Takes events until one of this class and type has come, and reads its private data, if it has any. */
static int await(EventClass_t kind, EventType_t type)
{
    for (;;) {
        unsigned short size = sizeof event;
        RetCode_t code;
        priv.length = ATT_MAX_PRIVATE_DATA;
        code = acsGetEventBlock(handle, &event, &size, (PrivateData_t *)&priv, NULL);
        if (code != ACSPOSITIVE_ACK) {
            printf("%s\n", acsReturnCodeVerboseString(code));
            return 0;
        }
        if (event.eventHeader.eventType == CSTA_UNIVERSAL_FAILURE_CONF && type != CSTA_UNIVERSAL_FAILURE_CONF) {
            printf("%s\n", cstaErrorString(event.event.cstaConfirmation.u.universalFailure.error));
            return 0;
        }
        if (event.eventHeader.eventClass == kind && event.eventHeader.eventType == type) {
            memset(&att, 0, sizeof att);
            return priv.length == 0 || kind == ACSCONFIRMATION || attPrivateData(&priv, &att) == 0;
        }
    }
}

static int without_a_server(void)
{
    static const char make_call[] = { 2, 0, 110, 0, 0x30, 17, 0x16, 1, '9', 1, 1, 0, 0x30, 9, 0x0A, 1, 4, 4, 4, 'H', 'i', '!', '?' };
    ATTUserToUserInfo_t uui;
    ATTV4ConnIDList_t few;
    ATTConnIDList_t many;
    ConnectionID_t parties[2];
    DeviceID_t route = "9", none = "";
    char text[80], tones[] = "12#", long_tones[] = "123456789012345678901234567890123";

    memset(&uui, 0, sizeof uui);
    memset(parties, 0, sizeof parties);
    uui.type = UUI_IA5_ASCII;
    uui.data.length = 4;
    memcpy(uui.data.value, "Hi!?", 4);
    EXPECT(attV6MakeCall(&priv, &route, FALSE, &uui) == 0);
    EXPECT(strcmp(priv.vendor, ECS_VENDOR_STRING) == 0 && priv.length == sizeof make_call);
    EXPECT(memcmp(priv.data, make_call, sizeof make_call) == 0);
    EXPECT(attPrivateData(&priv, &att) == 0 && att.eventType == ATT_MAKE_CALL);
    EXPECT(strcmp(att.u.makeCallReq.destRoute, "9") == 0 && att.u.makeCallReq.userInfo.data.length == 4);

    /* Nothing is an empty device, and no user-to-user information. */
    EXPECT(attMakeCall(&priv, NULL, TRUE, NULL) == 0 && attPrivateData(&priv, &att) == 0);
    EXPECT(att.eventType == ATTV5_MAKE_CALL && att.u.v5makeCallReq.destRoute[0] == 0 && att.u.v5makeCallReq.priorityCalling);
    EXPECT(att.u.v5makeCallReq.userInfo.type == UUI_NONE && att.u.v5makeCallReq.userInfo.data.length == 0);

    /* Lists with a bound lie in the structure, those without in the heap. */
    parties[0].callID = 42;
    parties[1].callID = 43;
    strcpy(parties[1].deviceID, "1002");
    memset(&few, 0, sizeof few);
    few.count = 2;
    memcpy(few.party, parties, sizeof parties);
    EXPECT(attSendDTMFTone(&priv, &parties[0], &few, tones, 10, 5) == 0 && attPrivateData(&priv, &att) == 0);
    EXPECT(att.u.v4sendDTMFToneReq.receivers.count == 2 && att.u.v4sendDTMFToneReq.receivers.party[1].callID == 43);
    many.count = 2;
    many.pParty = parties;
    EXPECT(attSendDTMFToneExt(&priv, &parties[0], &many, tones, 10, 5) == 0 && attPrivateData(&priv, &att) == 0);
    EXPECT(att.u.sendDTMFToneReq.receivers.count == 2 && strcmp(att.u.sendDTMFToneReq.tones, "12#") == 0);
    EXPECT((char *)att.u.sendDTMFToneReq.receivers.pParty >= att.heap);
    EXPECT((char *)(att.u.sendDTMFToneReq.receivers.pParty + 2) <= att.heap + sizeof att.heap);
    EXPECT(strcmp(att.u.sendDTMFToneReq.receivers.pParty[1].deviceID, "1002") == 0);

    EXPECT(attSetBillRate(&priv, &parties[0], BT_FLAT_RATE, 0.25f) == 0 && attPrivateData(&priv, &att) == 0);
    EXPECT(att.u.setBillRateReq.billType == BT_FLAT_RATE && att.u.setBillRateReq.billRate == 0.25f);
    EXPECT(attV6SetAgentState(&priv, WM_AUX_WORK, 7, TRUE) == 0 && attPrivateData(&priv, &att) == 0);
    EXPECT(att.u.setAgentStateReq.workMode == WM_AUX_WORK && att.u.setAgentStateReq.reasonCode == 7);
    EXPECT(attQueryTimeOfDay(&priv) == 0 && attPrivateData(&priv, &att) == 0 && att.eventType == ATT_QUERY_TOD);
    EXPECT(attV7RouteSelect(&priv, NULL, &none, FALSE, &route, NULL, NULL, NULL, NETWORK) == 0);
    EXPECT(attPrivateData(&priv, &att) == 0 && att.u.routeSelectReq.redirectType == NETWORK);
    EXPECT(strcmp(att.u.routeSelectReq.destRoute, "9") == 0);

    /* Any structure by its number. */
    strcpy(att.u.queryUCID.ucid, "00001000421234567890");
    EXPECT(encodePrivate(ATT_QUERY_UCID_CONF, &att.u.queryUCID, &priv) == 0);
    memset(&att, 0, sizeof att);
    EXPECT(attPrivateData(&priv, &att) == 0 && att.eventType == ATT_QUERY_UCID_CONF);
    EXPECT(strcmp(att.u.queryUCID.ucid, "00001000421234567890") == 0);

    /* Wrong arguments, and data that are not the vendor's or not whole. */
    EXPECT(attMakeCall(NULL, NULL, FALSE, NULL) == ACSERR_BADPARAMETER);
    EXPECT(attSendDTMFToneExt(&priv, NULL, NULL, long_tones, 0, 0) == ACSERR_BADPARAMETER && priv.length == 0);
    few.count = 6;
    EXPECT(attSendDTMFTone(&priv, NULL, &few, tones, 0, 0) == ACSERR_BADPARAMETER);
    EXPECT(encodePrivate(0, &att, &priv) == ACSERR_BADPARAMETER && encodePrivate(-1, &att, &priv) == ACSERR_BADPARAMETER);
    EXPECT(encodePrivate(ATT_QUERY_UCID, NULL, &priv) == ACSERR_BADPARAMETER);
    EXPECT(attQueryUCID(&priv, &parties[1]) == 0 && attPrivateData(NULL, &att) == ACSERR_BADPARAMETER);
    priv.length--;
    EXPECT(attPrivateData(&priv, &att) == ACSERR_UNKNOWN);
    priv.length = 0;
    EXPECT(attPrivateData(&priv, &att) == ACSERR_UNKNOWN);
    strcpy(priv.vendor, "TIPRING");
    EXPECT(attPrivateData(&priv, &att) == ACSERR_BADPARAMETER);

    EXPECT(attMakeVersionString((char *)"6-8", text) == (RetCode_t)strlen(text) && strcmp(text, "ECS#6-8#AT&T Definity G3#6-8") == 0);
    EXPECT(attMakeVersionString((char *)"1:4-99", text) > 0 && strncmp(text, "ECS#4-10#", 9) == 0);
    EXPECT(attMakeVersionString((char *)"11-12", text) == 0);
    EXPECT(attMakeVersionString((char *)"eight", text) == ACSERR_BADPARAMETER);
    EXPECT(attMakeVersionString((char *)"8", NULL) == ACSERR_BADPARAMETER);
    return 0;
}

int main(int count, char **arguments)
{
    ServerID_t tlink = "";
    LoginID_t login = "";
    Passwd_t password = "";
    AppName_t name = "private";
    Version_t version = "TS2";
    DeviceID_t device = "", other = "5551234", group = "";
    AgentID_t agent = "7001";
    AgentPassword_t pin = "pin";
    CSTAMonitorFilter_t filter;
    ATTUserToUserInfo_t uui;

    if (without_a_server() != 0)
        return 1;
    EXPECT(count == 5);
    strncpy(tlink, arguments[1], sizeof tlink - 1);
    strncpy(login, arguments[2], sizeof login - 1);
    strncpy(password, arguments[3], sizeof password - 1);
    strncpy(device, arguments[4], sizeof device - 1);

    strcpy(priv.vendor, "VERSION");
    priv.data[0] = PRIVATE_DATA_ENCODING;
    EXPECT(attMakeVersionString((char *)"6-8", &priv.data[1]) > 0);
    priv.length = (unsigned short)(strlen(&priv.data[1]) + 2);
    EXPECT(acsOpenStream(&handle, APP_GEN_ID, 1, ST_CSTA, &tlink, &login, &password, &name, ACS_LEVEL1, &version, 0, 0, 0,
                         0, (PrivateData_t *)&priv) == 0);
    EXPECT(await(ACSCONFIRMATION, ACS_OPEN_STREAM_CONF));
    printf("private data: %s of version %s\n", priv.vendor, &priv.data[1]);

    /* The private filter and the events of the device, with what they say beyond the standard. */
    memset(&filter, 0, sizeof filter);
    EXPECT(attMonitorFilterExt(&priv, ATT_CHARGE_ADVICE_FILTER) == 0);
    EXPECT(cstaMonitorDevice(handle, 2, &device, &filter, (PrivateData_t *)&priv) == 0);
    EXPECT(await(CSTACONFIRMATION, CSTA_MONITOR_CONF));
    memset(&uui, 0, sizeof uui);
    uui.type = UUI_IA5_ASCII;
    uui.data.length = 5;
    memcpy(uui.data.value, "hello", 5);
    EXPECT(attV6MakeCall(&priv, NULL, FALSE, &uui) == 0);
    EXPECT(cstaMakeCall(handle, 3, &device, &other, (PrivateData_t *)&priv) == 0);
    EXPECT(await(CSTACONFIRMATION, CSTA_MAKE_CALL_CONF) && att.eventType == ATT_MAKE_CALL_CONF);
    printf("the call is %s\n", att.u.makeCall.ucid);
    EXPECT(await(CSTAUNSOLICITED, CSTA_ESTABLISHED) && att.eventType == ATT_ESTABLISHED);
    printf("established with %.*s, split %s, device %s before\n", (int)att.u.establishedEvent.userInfo.data.length,
           (char *)att.u.establishedEvent.userInfo.data.value, att.u.establishedEvent.split,
           att.u.establishedEvent.deviceHistory.deviceHistoryList[0].olddeviceID);

    /* Services of the vendor's own. */
    EXPECT(attQueryDeviceName(&priv, &device) == 0);
    EXPECT(cstaEscapeService(handle, 4, (PrivateData_t *)&priv) == 0);
    EXPECT(await(CSTACONFIRMATION, CSTA_ESCAPE_SVC_CONF) && att.eventType == ATT_QUERY_DEVICE_NAME_CONF);
    printf("%s is %s, %u letters\n", att.u.queryDeviceName.device, att.u.queryDeviceName.name,
           (unsigned)att.u.queryDeviceName.uname.count);
    EXPECT(attSetBillRate(&priv, NULL, BT_NEW_RATE, 1.5f) == 0);
    EXPECT(cstaEscapeService(handle, 5, (PrivateData_t *)&priv) == 0);
    EXPECT(await(CSTACONFIRMATION, CSTA_UNIVERSAL_FAILURE_CONF));
    printf("bill rate: %s\n", cstaErrorString(event.event.cstaConfirmation.u.universalFailure.error));

    /* An agent logs on for after-call work with a reason. */
    EXPECT(attV6SetAgentState(&priv, WM_AFTCAL_WK, 3, FALSE) == 0);
    EXPECT(cstaSetAgentState(handle, 6, &device, AM_LOG_IN, &agent, &group, &pin, (PrivateData_t *)&priv) == 0);
    EXPECT(await(CSTACONFIRMATION, CSTA_SET_AGENT_STATE_CONF));
    EXPECT(cstaQueryAgentState(handle, 7, &device, NULL) == 0);
    EXPECT(await(CSTACONFIRMATION, CSTA_QUERY_AGENT_STATE_CONF) && att.eventType == ATT_QUERY_AGENT_STATE_CONF);
    printf("work mode %d, reason %ld\n", (int)att.u.queryAgentState.workMode, att.u.queryAgentState.reasonCode);

    EXPECT(acsCloseStream(handle, 8, NULL) == 0 && await(ACSCONFIRMATION, ACS_CLOSE_STREAM_CONF));
    puts("good");
    return 0;
}
