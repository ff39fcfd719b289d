/* ATT_private_identifiers.h: a name under which programs ask for attpriv.h. */
#include "acs.h"
#include "csta.h"
#include "attpriv.h"
