/* A screen pop: opens a stream, monitors a device, prints the next call, closes. Arguments: login, password, device. */
#include <acs.h>
#include <csta.h>

#include <stdio.h>
#include <string.h>

static ServerID_t tlink;

static Boolean take_first(char *name, unsigned long parameter)
{
    (void)parameter;
    strncpy(tlink, name, sizeof tlink - 1);
    return FALSE;
}

static int fail(const char *doing, RetCode_t code)
{
    printf("%s: %s\n", doing, acsReturnCodeVerboseString(code));
    return 1;
}

int main(int count, char **arguments)
{
    ACSHandle_t handle;
    LoginID_t login = "";
    Passwd_t password = "";
    AppName_t name = "screen pop";
    Version_t version = "TS1-2";
    DeviceID_t device = "";
    CSTAEvent_t event;
    struct {
        char vendor[32];
        unsigned short length;
        char data[1024];
    } data;
    CSTAMonitorFilter_t filter;
    ACSAuthInfo_t info;
    RetCode_t code;
    const char offer[] = "\0TIPRING#1";

    if (count != 4)
        return 2;
    strncpy(login, arguments[1], sizeof login - 1);
    strncpy(password, arguments[2], sizeof password - 1);
    strncpy(device, arguments[3], sizeof device - 1);
    code = acsEnumServerNames(ST_CSTA, take_first, 0);
    if (code != ACSPOSITIVE_ACK)
        return fail("names", code);
    code = acsQueryAuthInfo(&tlink, &info);
    if (code != ACSPOSITIVE_ACK || info.authType != NEED_LOGIN_ID_AND_PASSWD)
        return fail("log-in", code);

    memset(&data, 0, sizeof data);
    strcpy(data.vendor, "VERSION");
    data.length = sizeof offer;
    memcpy(data.data, offer, sizeof offer);
    code = acsOpenStream(&handle, LIB_GEN_ID, 0, ST_CSTA, &tlink, &login, &password, &name, ACS_LEVEL1, &version, 0, 5, 0,
                         5, (PrivateData_t *)&data);
    if (code < 1)
        return fail("open", code);
    for (;;) {
        unsigned short size = sizeof event;
        data.length = sizeof data.data;
        code = acsGetEventBlock(handle, &event, &size, (PrivateData_t *)&data, NULL);
        if (code != ACSPOSITIVE_ACK)
            return fail("event", code);
        if (event.eventHeader.eventClass == ACSCONFIRMATION && event.eventHeader.eventType == ACS_OPEN_STREAM_CONF) {
            printf("open: %s with %s\n", event.event.acsConfirmation.u.acsopen.apiVer, data.vendor);
            memset(&filter, 0, sizeof filter);
            code = cstaMonitorDevice(handle, 0, &device, &filter, NULL);
            if (code < 1)
                return fail("monitor", code);
        } else if (event.eventHeader.eventClass == ACSCONFIRMATION
                   && event.eventHeader.eventType == ACS_UNIVERSAL_FAILURE_CONF) {
            printf("refused: %s\n", acsErrorString(event.event.acsConfirmation.u.failureEvent.error));
            return 1;
        } else if (event.eventHeader.eventClass == CSTACONFIRMATION
                   && event.eventHeader.eventType == CSTA_UNIVERSAL_FAILURE_CONF) {
            printf("refused: %s\n", cstaErrorString(event.event.cstaConfirmation.u.universalFailure.error));
            return 1;
        } else if (event.eventHeader.eventClass == CSTACONFIRMATION && event.eventHeader.eventType == CSTA_MONITOR_CONF) {
            printf("monitor %ld\n", event.event.cstaConfirmation.u.monitorStart.monitorCrossRefID);
            fflush(stdout);
        } else if (event.eventHeader.eventClass == CSTAUNSOLICITED && event.eventHeader.eventType == CSTA_DELIVERED) {
            const CSTADeliveredEvent_t *delivered = &event.event.cstaUnsolicited.u.delivered;
            printf("ringing: call %ld from %s at %s, cause %d, %.*s\n", delivered->connection.callID,
                   delivered->callingDevice.deviceID, delivered->alertingDevice.deviceID, (int)delivered->cause,
                   data.length, data.data);
            code = acsCloseStream(handle, 0, NULL);
            if (code < 1)
                return fail("close", code);
        } else if (event.eventHeader.eventClass == ACSCONFIRMATION && event.eventHeader.eventType == ACS_CLOSE_STREAM_CONF) {
            unsigned short left = sizeof event;
            code = acsGetEventPoll(handle, &event, &left, NULL, NULL);
            printf("closed: %s\n", acsReturnCodeString(code));
            return code == ACSERR_BADHDL ? 0 : 1;
        }
    }
}
