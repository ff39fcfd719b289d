/* acs.h: streams to a TSAPI server.
 *
 * A stream is opened, used and closed by its handle, from any thread. Requests return at once; their results are events,
 * taken by acsGetEventBlock or acsGetEventPoll in the order of the server. acsGetFile gives a descriptor for poll() that
 * is readable while events wait; acsSetESR has a function called, on a thread of the library, when one has come.
 *
 * Servers are found by the name of their Tlink among those of the variable TIPRING_CSTA_SERVERS (host:port, separated by
 * commas) or, without it, of the file /usr/lib/tslibrc (a line a server: host and port, separated by blanks, '=' or ':').
 * The port is 450 where none is given. TIPRING_CSTA_FILE names another file.
 *
 * A Tlink whose third part is CSTA-S is within TLS 1.2 or 1.3. Its server's certificate must be signed by one of those in
 * "Trusted CA File=PATH" (PEM) in the section [Config] of the file, or in TIPRING_CSTA_CA, or be one of them; without
 * such a file acsOpenStream gives ACSERR_SSL_INIT_FAILED. It must be of the host's name as the configuration writes it
 * (else ACSERR_SSL_FQDN_MISMATCH), unless [Config] has "Verify Server FQDN=0".
 *
 * Link with -lcsta; pkg-config knows it as tipring-csta.
 */
#ifndef ACS_H
#define ACS_H

#include "acsdefs.h"
#include "tsplatfm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Octets that lists of an event may take. */
#define ACS_MAX_HEAP 1024

/* Return codes. A library that numbers requests (LIB_GEN_ID) returns the number, 1 to 32767. */
#define ACSPOSITIVE_ACK 0          /* done, or sent */
#define ACSERR_APIVERDENIED (-1)   /* no version of the interface in the list is spoken here */
#define ACSERR_BADPARAMETER (-2)   /* a pointer is NULL, or a text is too long */
#define ACSERR_DUPSTREAM (-3)
#define ACSERR_NODRIVER (-4)
#define ACSERR_NOSERVER (-5)       /* no server that can be reached has this Tlink */
#define ACSERR_NORESOURCE (-6)     /* no thread, descriptor or memory */
#define ACSERR_UBUFSMALL (-7)      /* the buffer is too small; the event waits, its size is in *eventBufSize */
#define ACSERR_NOMESSAGE (-8)      /* no event waits, or no stream could bring one */
#define ACSERR_UNKNOWN (-9)
#define ACSERR_BADHDL (-10)        /* there is no such stream */
#define ACSERR_STREAM_FAILED (-11) /* the connection is lost; abort the stream */
#define ACSERR_NOBUFFERS (-12)
#define ACSERR_QUEUE_FULL (-13)
#define ACSERR_SSL_INIT_FAILED (-14)    /* no trusted certificate is configured, or it cannot be read */
#define ACSERR_SSL_CONNECT_FAILED (-15) /* no TLS with the server, or its certificate is not trusted */
#define ACSERR_SSL_FQDN_MISMATCH (-16)  /* the certificate is of another name */

/* Numbers of requests: those of the program, or of the library. The choice holds for the stream. */
typedef enum InvokeIDType_t {
    APP_GEN_ID = 0,
    LIB_GEN_ID = 1
} InvokeIDType_t;

typedef struct ACSEventHeader_t {
    ACSHandle_t acsHandle;
    EventClass_t eventClass;
    EventType_t eventType;
} ACSEventHeader_t;

typedef struct ACSUnsolicitedEvent {
    union {
        ACSUniversalFailureEvent_t failureEvent;
    } u;
} ACSUnsolicitedEvent;

typedef struct ACSConfirmationEvent {
    InvokeID_t invokeID;
    union {
        ACSOpenStreamConfEvent_t acsopen;
        ACSCloseStreamConfEvent_t acsclose;
        ACSSetHeartbeatIntervalConfEvent_t acssetheartbeatinterval;
        ACSUniversalFailureConfEvent_t failureEvent;
    } u;
} ACSConfirmationEvent;

typedef struct ACSEvent_t {
    ACSEventHeader_t eventHeader;
    union {
        ACSUnsolicitedEvent acsUnsolicited;
        ACSConfirmationEvent acsConfirmation;
    } event;
    char heap[ACS_MAX_HEAP];
} ACSEvent_t;

/* Data of a vendor. Before an event is taken, length is the room in data; afterwards, what came. */
typedef struct PrivateData_t {
    char vendor[32];
    unsigned short length;
    char data[1];
} PrivateData_t;

#define ACS_MAX_PRIVATE_DATA 1024

/* Gets the name of each Tlink in turn; returns FALSE to get no more. */
typedef Boolean (*EnumServerNamesCB)(char *serverName, unsigned long lParam);

/* Is called with the parameter given to acsSetESR when an event has come. */
typedef void (*EsrFunc)(unsigned long esrParam);

TSAPI acsOpenStream(ACSHandle_t *acsHandle, InvokeIDType_t invokeIDType, InvokeID_t invokeID, StreamType_t streamType,
                    ServerID_t *serverID, LoginID_t *loginID, Passwd_t *passwd, AppName_t *applicationName,
                    Level_t acsLevelReq, Version_t *apiVer, unsigned short sendQSize, unsigned short sendExtraBufs,
                    unsigned short recvQSize, unsigned short recvExtraBufs, PrivateData_t *priv);
TSAPI acsCloseStream(ACSHandle_t acsHandle, InvokeID_t invokeID, PrivateData_t *priv);
TSAPI acsAbortStream(ACSHandle_t acsHandle, PrivateData_t *priv);
TSAPI acsFlushEventQueue(ACSHandle_t acsHandle);
TSAPI acsGetEventPoll(ACSHandle_t acsHandle, void *eventBuf, unsigned short *eventBufSize, PrivateData_t *privData,
                      unsigned short *numEvents);
TSAPI acsGetEventBlock(ACSHandle_t acsHandle, void *eventBuf, unsigned short *eventBufSize, PrivateData_t *privData,
                       unsigned short *numEvents);
TSAPI acsSetESR(ACSHandle_t acsHandle, EsrFunc esr, unsigned long esrParam, Boolean notifyAll);
TSAPI acsGetFile(ACSHandle_t acsHandle);
TSAPI acsEnumServerNames(StreamType_t streamType, EnumServerNamesCB userCB, unsigned long lParam);
TSAPI acsQueryAuthInfo(ServerID_t *serverID, ACSAuthInfo_t *authInfo);
TSAPI acsGetServerID(ACSHandle_t acsHandle, ServerID_t *serverID);
TSAPI acsSetHeartbeatInterval(ACSHandle_t acsHandle, InvokeID_t invokeID, unsigned short heartbeatInterval,
                              PrivateData_t *privData);
const char *acsReturnCodeString(RetCode_t returnCode);
const char *acsReturnCodeVerboseString(RetCode_t returnCode);
const char *acsErrorString(ACSUniversalFailure_t error);

#ifdef __cplusplus
}
#endif

#endif
