/* The layouts of the structures on 64-bit Linux, and what bad arguments get. Runs without a server. */
#include <acs.h>
#include <csta.h>

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

SIZE(ACSEventHeader_t, 16);
SIZE(CSTAEvent_t, 2352);
OFFSET(CSTAEvent_t, event, 16);
OFFSET(CSTAEvent_t, heap, 1328);
SIZE(ACSConfirmationEvent, 96);
SIZE(CSTARequestEvent, 272);
SIZE(CSTAUnsolicitedEvent, 392);
SIZE(CSTAConfirmationEvent, 1312);
SIZE(CSTAEventReport, 168);
OFFSET(CSTAUnsolicitedEvent, u, 8);
OFFSET(CSTAConfirmationEvent, u, 8);
SIZE(ConnectionID_t, 80);
OFFSET(ConnectionID_t, deviceID, 8);
OFFSET(ConnectionID_t, devIDType, 72);
SIZE(ExtendedDeviceID_t, 72);
OFFSET(ExtendedDeviceID_t, deviceIDStatus, 68);
SIZE(Connection_t, 152);
SIZE(CSTAMonitorFilter_t, 16);
OFFSET(CSTAMonitorFilter_t, privateFilter, 8);
SIZE(CSTADeliveredEvent_t, 376);
SIZE(CSTAEstablishedEvent_t, 376);
SIZE(CSTAQueuedEvent_t, 384);
SIZE(CSTAConferencedEvent_t, 328);
SIZE(CSTATransferredEvent_t, 328);
SIZE(CSTAMonitorConfEvent_t, 24);
SIZE(CSTAGetAPICapsConfEvent_t, 158);
SIZE(CSTAGetDeviceListConfEvent_t, 1304);
SIZE(ForwardingInfo_t, 72);
OFFSET(ForwardingInfo_t, forwardDN, 5);
SIZE(PrivateData_t, 36);
OFFSET(PrivateData_t, data, 34);
SIZE(ACSAuthInfo_t, 56);

#define EXPECT(expected, call)                                                             \
    do {                                                                                   \
        RetCode_t got = (call);                                                            \
        if (got != (expected)) {                                                           \
            printf("%s gave %ld (%s)\n", #call, got, acsReturnCodeString(got));             \
            return 1;                                                                      \
        }                                                                                  \
    } while (0)

int main(void)
{
    ACSHandle_t handle = 0;
    ServerID_t server = "NO#SUCH#CSTA#TLINK";
    LoginID_t login = "desk1";
    Passwd_t password = "secret";
    AppName_t name = "layout";
    Version_t version = "TS1-2", future = "TS9", nonsense = "2";
    CSTAEvent_t event;
    unsigned short size = sizeof event;

    EXPECT(ACSERR_NOSERVER, acsOpenStream(&handle, APP_GEN_ID, 1, ST_CSTA, &server, &login, &password, &name, ACS_LEVEL1,
                                          &version, 0, 0, 0, 0, NULL));
    EXPECT(ACSERR_APIVERDENIED, acsOpenStream(&handle, APP_GEN_ID, 1, ST_CSTA, &server, &login, &password, &name,
                                              ACS_LEVEL1, &future, 0, 0, 0, 0, NULL));
    EXPECT(ACSERR_BADPARAMETER, acsOpenStream(&handle, APP_GEN_ID, 1, ST_CSTA, &server, &login, &password, &name,
                                              ACS_LEVEL1, &nonsense, 0, 0, 0, 0, NULL));
    EXPECT(ACSERR_BADPARAMETER, acsOpenStream(NULL, APP_GEN_ID, 1, ST_CSTA, &server, &login, &password, &name, ACS_LEVEL1,
                                              &version, 0, 0, 0, 0, NULL));
    EXPECT(ACSERR_BADHDL, acsGetEventPoll(77, &event, &size, NULL, NULL));
    EXPECT(ACSERR_BADHDL, acsGetEventBlock(77, &event, &size, NULL, NULL));
    EXPECT(ACSERR_NOMESSAGE, acsGetEventPoll(0, &event, &size, NULL, NULL));
    EXPECT(ACSERR_NOMESSAGE, acsGetEventBlock(0, &event, &size, NULL, NULL));
    EXPECT(ACSERR_BADPARAMETER, acsGetEventPoll(77, NULL, &size, NULL, NULL));
    EXPECT(ACSERR_BADHDL, acsCloseStream(77, 1, NULL));
    EXPECT(ACSERR_BADHDL, acsAbortStream(77, NULL));
    EXPECT(ACSERR_BADHDL, acsGetFile(77));
    EXPECT(ACSERR_BADPARAMETER, cstaAnswerCall(77, 1, NULL, NULL));
    EXPECT(ACSERR_BADHDL, cstaGetAPICaps(77, 1));
    if (strcmp(acsReturnCodeString(-7), "ACSERR_UBUFSMALL") != 0 || strlen(acsErrorString(TSERVER_BAD_SERVERID)) == 0
        || strlen(cstaErrorString(INVALID_OBJECT_STATE)) == 0 || csConnect != CS_CONNECT)
        return 1;
    puts("good");
    return 0;
}
