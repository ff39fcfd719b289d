/* A softphone by poll(): an agent logs on, makes a call, looks at it, holds and clears it. Arguments: Tlink, login,
 * password, device, agent, agent's password. Every request has a number of the program. */
#include <acs.h>
#include <csta.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

static ACSHandle_t handle;
static CSTAEvent_t event;
static volatile int called;

static void on_event(unsigned long parameter)
{
    called += (int)parameter;
}

/* Waits for the confirmation of a request; returns its type, or 0. */
static int await(InvokeID_t invoke)
{
    for (;;) {
        struct pollfd file = { (int)acsGetFile(handle), POLLIN, 0 };
        unsigned short size = sizeof event;
        RetCode_t code = acsGetEventPoll(handle, &event, &size, NULL, NULL);
        if (code == ACSERR_NOMESSAGE) {
            if (poll(&file, 1, 20000) != 1)
                return 0;
            continue;
        }
        if (code != ACSPOSITIVE_ACK) {
            printf("%s\n", acsReturnCodeString(code));
            return 0;
        }
        if (event.eventHeader.eventClass == ACSCONFIRMATION && event.event.acsConfirmation.invokeID == invoke)
            return event.eventHeader.eventType;
        if (event.eventHeader.eventClass == CSTACONFIRMATION && event.event.cstaConfirmation.invokeID == invoke)
            return event.eventHeader.eventType;
    }
}

static int is(const char *step, int got, int expected)
{
    if (got != expected)
        printf("%s gave %d instead of %d\n", step, got, expected);
    return got == expected;
}

int main(int count, char **arguments)
{
    ServerID_t tlink = "";
    LoginID_t login = "";
    Passwd_t password = "";
    AppName_t name = "softphone";
    Version_t version = "TS2";
    DeviceID_t device = "", other = "5551234", group = "";
    AgentID_t agent = "";
    AgentPassword_t pin = "";
    ConnectionID_t call;
    char little[64];
    unsigned short size = sizeof little;
    const CSTASnapshotDeviceData_t *calls;
    RetCode_t opened;

    if (count != 7)
        return 2;
    strncpy(tlink, arguments[1], sizeof tlink - 1);
    strncpy(login, arguments[2], sizeof login - 1);
    strncpy(password, arguments[3], sizeof password - 1);
    strncpy(device, arguments[4], sizeof device - 1);
    strncpy(agent, arguments[5], sizeof agent - 1);
    strncpy(pin, arguments[6], sizeof pin - 1);
    opened = acsOpenStream(&handle, APP_GEN_ID, 70000, ST_CSTA, &tlink, &login, &password, &name, ACS_LEVEL1, &version, 0,
                           0, 0, 0, NULL);
    if (opened != ACSPOSITIVE_ACK) {
        printf("open: %s\n", acsReturnCodeString(opened));
        return 1;
    }
    if (!is("open", await(70000), ACS_OPEN_STREAM_CONF))
        return 1;
    acsSetESR(handle, on_event, 1, TRUE);
    if (cstaSetAgentState(handle, 1, &device, AM_LOG_IN, &agent, &group, &pin, NULL) != 0
        || !is("log-in", await(1), CSTA_SET_AGENT_STATE_CONF))
        return 1;
    if (cstaMakeCall(handle, 2, &device, &other, NULL) != 0 || !is("make", await(2), CSTA_MAKE_CALL_CONF))
        return 1;
    call = event.event.cstaConfirmation.u.makeCall.newCall;
    printf("call %ld at %s\n", call.callID, call.deviceID);
    if (cstaSnapshotDeviceReq(handle, 3, &device, NULL) != 0 || !is("snapshot", await(3), CSTA_SNAPSHOT_DEVICE_CONF))
        return 1;
    calls = &event.event.cstaConfirmation.u.snapshotDevice.snapshotData;
    if (calls->count != 2 || calls->info[1].callIdentifier.callID != 43 || calls->info[1].localCallState.count != 2
        || calls->info[1].localCallState.state[0] != CS_CONNECT || (const char *)calls->info < event.heap
        || (const char *)calls->info > event.heap + sizeof event.heap) {
        printf("the snapshot is not that of the switch\n");
        return 1;
    }
    if (cstaHoldCall(handle, 4, &call, FALSE, NULL) != 0 || !is("hold", await(4), CSTA_UNIVERSAL_FAILURE_CONF))
        return 1;
    printf("hold: %s\n", cstaErrorString(event.event.cstaConfirmation.u.universalFailure.error));
    if (cstaClearConnection(handle, 5, &call, NULL) != 0)
        return 1;
    for (;;) {
        RetCode_t code = acsGetEventBlock(handle, little, &size, NULL, NULL);
        if (code == ACSPOSITIVE_ACK)
            break;
        if (code != ACSERR_UBUFSMALL || size > sizeof event)
            return 1;
        size = sizeof little;
    }
    if (cstaGetDeviceList(handle, 6, -1, CSTA_DEVICE_DEVICE_MONITOR) != 0
        || !is("list", await(6), CSTA_GET_DEVICE_LIST_CONF))
        return 1;
    printf("%d devices, the first %s\n", event.event.cstaConfirmation.u.getDeviceList.devList.count,
           event.event.cstaConfirmation.u.getDeviceList.devList.device[0]);
    if (acsCloseStream(handle, 7, NULL) != 0 || !is("close", await(7), ACS_CLOSE_STREAM_CONF))
        return 1;
    printf("%s\n", called > 0 ? "good" : "no event was announced");
    return called > 0 ? 0 : 1;
}
