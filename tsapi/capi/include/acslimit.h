/* acslimit.h: lengths of the texts of an ACS stream, in characters without the closing NUL. */
#ifndef ACSLIMIT_H
#define ACSLIMIT_H

#define ACS_MAX_SERVICEID 48
#define ACS_MAX_LOGINID 48
#define ACS_MAX_PASSWORD 48
#define ACS_MAX_APPNAME 20
#define MAX_VERSION_LEN 20
#define MAX_SDB_DEVICE 15

#endif
