/* What the graph's pass needs to know of join_channels_last. */
#ifndef DCL_OPS_JOIN_CHANNELS_LAST_H
#define DCL_OPS_JOIN_CHANNELS_LAST_H

#define DCL_JOIN_INPUTS 4

#endif
