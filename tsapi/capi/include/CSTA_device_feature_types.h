/* CSTA_device_feature_types.h: a name under which programs ask for csta.h. */
#include "acs.h"
#include "csta.h"
