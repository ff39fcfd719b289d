/* tsplatfm.h: base types of the interface on Linux. */
#ifndef TSPLATFM_H
#define TSPLATFM_H

#define FAR

#ifdef __cplusplus
#define CONST_PARAM const
#else
#define CONST_PARAM
#endif

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

typedef long _Int;
typedef char Boolean;
typedef char Nulltype;
typedef _Int RetCode_t;
typedef unsigned long ACSHandle_t;
typedef unsigned long InvokeID_t;
typedef unsigned short EventClass_t;
typedef unsigned short EventType_t;

/* Return type and calling convention of every function. */
#define TSAPI RetCode_t

#endif
