/* A router: registers for the calls of a number and says where each of them goes. Arguments: login, password, number,
 * then one answer a call: a destination, "end" to leave the call to the switch, or "silent" to say nothing. Prints what
 * it is asked, and how each dialogue ends; ends itself after the last. A dialogue that the client ends has no report. */
#include <acs.h>
#include <csta.h>

#include <stdio.h>
#include <string.h>

static ACSHandle_t handle;
static CSTAEvent_t event;

static Boolean take_first(char *name, unsigned long tlink)
{
    strncpy((char *)tlink, name, sizeof(ServerID_t) - 1);
    return FALSE;
}

static int fail(const char *doing, RetCode_t code)
{
    printf("%s: %s\n", doing, acsReturnCodeVerboseString(code));
    return 1;
}

static RetCode_t next(void)
{
    unsigned short size = sizeof event;
    return acsGetEventBlock(handle, &event, &size, NULL, NULL);
}

static int is(EventClass_t kind, EventType_t type)
{
    return event.eventHeader.eventClass == kind && event.eventHeader.eventType == type;
}

/* Waits for a confirmation; 1 if another one came in its place. */
static int confirmed(const char *doing, EventClass_t kind, EventType_t type)
{
    for (;;) {
        RetCode_t code = next();
        if (code != ACSPOSITIVE_ACK)
            return fail(doing, code);
        if (is(kind, type))
            return 0;
        if (is(ACSCONFIRMATION, ACS_UNIVERSAL_FAILURE_CONF)) {
            printf("%s: %s\n", doing, acsErrorString(event.event.acsConfirmation.u.failureEvent.error));
            return 1;
        }
        if (is(CSTACONFIRMATION, CSTA_UNIVERSAL_FAILURE_CONF)) {
            printf("%s: %s\n", doing, cstaErrorString(event.event.cstaConfirmation.u.universalFailure.error));
            return 1;
        }
    }
}

/* Answers a request for a route. */
static RetCode_t answer(const char *with)
{
    const CSTARouteRequestExtEvent_t *asked = &event.event.cstaRequest.u.routeRequestExt;
    DeviceID_t destination = "";

    printf("call %ld from %s to %s: %s\n", asked->routedCall.callID, asked->callingDevice.deviceID,
           asked->currentRoute.deviceID, with);
    fflush(stdout);
    if (strcmp(with, "silent") == 0)
        return ACSPOSITIVE_ACK;
    if (strcmp(with, "end") == 0)
        return cstaRouteEndInv(handle, event.event.cstaRequest.invokeID, asked->routeRegisterReqID,
                               asked->routingCrossRefID, GENERIC_UNSPECIFIED, NULL);
    strncpy(destination, with, sizeof destination - 1);
    return cstaRouteSelectInv(handle, event.event.cstaRequest.invokeID, asked->routeRegisterReqID,
                              asked->routingCrossRefID, &destination, 0, NULL, TRUE, NULL);
}

int main(int count, char **arguments)
{
    ServerID_t tlink = "";
    LoginID_t login = "";
    Passwd_t password = "";
    AppName_t name = "router";
    Version_t version = "TS2";
    DeviceID_t number = "";
    RouteRegisterReqID_t registration;
    RetCode_t code;
    int calls = 0, over = 0;

    if (count < 5)
        return 2;
    strncpy(login, arguments[1], sizeof login - 1);
    strncpy(password, arguments[2], sizeof password - 1);
    strncpy(number, arguments[3], sizeof number - 1);
    code = acsEnumServerNames(ST_CSTA, take_first, (unsigned long)tlink);
    if (code != ACSPOSITIVE_ACK)
        return fail("names", code);
    code = acsOpenStream(&handle, APP_GEN_ID, 1, ST_CSTA, &tlink, &login, &password, &name, ACS_LEVEL1, &version, 0, 0, 0,
                         0, NULL);
    if (code != ACSPOSITIVE_ACK)
        return fail("open", code);
    if (confirmed("open", ACSCONFIRMATION, ACS_OPEN_STREAM_CONF) != 0)
        return 1;
    cstaRouteRegisterReq(handle, 2, &number, NULL);
    if (confirmed("register", CSTACONFIRMATION, CSTA_ROUTE_REGISTER_REQ_CONF) != 0)
        return 1;
    registration = event.event.cstaConfirmation.u.routeRegister.registerReqID;
    printf("routes %s\n", number);
    fflush(stdout);
    while (over < count - 4) {
        code = next();
        if (code != ACSPOSITIVE_ACK)
            return fail("event", code);
        if (is(CSTAREQUEST, CSTA_ROUTE_REQUEST_EXT) && calls < count - 4) {
            code = answer(arguments[4 + calls]);
            if (code != ACSPOSITIVE_ACK)
                return fail("answer", code);
            over += strcmp(arguments[4 + calls++], "end") == 0;
        } else if (is(CSTAEVENTREPORT, CSTA_ROUTE_USED_EXT)) {
            printf("used %s\n", event.event.cstaEventReport.u.routeUsedExt.routeUsed.deviceID);
        } else if (is(CSTAEVENTREPORT, CSTA_ROUTE_END)) {
            printf("end %d\n", (int)event.event.cstaEventReport.u.routeEnd.errorValue);
            over++;
        }
        fflush(stdout);
    }
    cstaRouteRegisterCancel(handle, 3, registration, NULL);
    if (confirmed("cancel", CSTACONFIRMATION, CSTA_ROUTE_REGISTER_CANCEL_CONF) != 0)
        return 1;
    acsCloseStream(handle, 4, NULL);
    return confirmed("close", ACSCONFIRMATION, ACS_CLOSE_STREAM_CONF);
}
