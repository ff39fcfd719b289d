/*
 * tipring_sim.h: the far ends of simulated cards ("sim:..." in tr_config.cards).
 *
 * On each trunk port hangs a line of an exchange with a party beyond it, on each station port a telephone with a person
 * beside it. These functions are that party and that person. Ports are counted over all cards, as in tr_port_state.
 * On a port that is not simulated, or is of the other kind, they return TR_E_UNSUPPORTED.
 */
#ifndef TIPRING_SIM_H
#define TIPRING_SIM_H

#include "tipring.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lets ms milliseconds pass on the virtual clock, as fast as the processor can, and returns when everything that
 * belongs to them is done. TR_E_STATE when the context follows the wall clock. Not from the event handler. */
int32_t tr_sim_advance(tr_ctx *ctx, uint32_t ms);

/* ---- The party beyond a trunk ----------------------------------------------------------------------------------- */

/* Calls in: the line rings. number and name are sent as caller ID in the country's manner; number may be NULL (none is
 * sent), "" (unavailable) or "P" (withheld), else at most 20 of 0 to 9, *, # and +; name goes with a number and may be
 * NULL: at most 15 octets of GB 2312, two for a Chinese character. TR_E_ARGUMENT for what cannot be sent, TR_E_BUSY
 * when the line is engaged. */
int32_t tr_sim_call(tr_ctx *ctx, uint32_t port, const char *number, const char *name);

/* Answers a call that came out of the port. */
int32_t tr_sim_answer(tr_ctx *ctx, uint32_t port);

#define TR_SIM_BUSY         1u  /* busy tone */
#define TR_SIM_CONGESTION   2u  /* congestion tone */
#define TR_SIM_UNOBTAINABLE 3u  /* the tone of a number that does not exist */

/* Lets the next numbers dialled on the port fail; 0 lets them ring again, as at the start. */
int32_t tr_sim_refuse(tr_ctx *ctx, uint32_t port, uint32_t how);

/* The party goes: ringing stops, or the exchange gives the disconnect signal of its line. */
int32_t tr_sim_hangup(tr_ctx *ctx, uint32_t port);

/* Interrupts the battery for ms without meaning anything by it. */
int32_t tr_sim_loop_break(tr_ctx *ctx, uint32_t port, uint32_t ms);

/* ---- The person at a station ------------------------------------------------------------------------------------ */

int32_t tr_sim_lift(tr_ctx *ctx, uint32_t port);
int32_t tr_sim_put_down(tr_ctx *ctx, uint32_t port);
int32_t tr_sim_flash(tr_ctx *ctx, uint32_t port, uint32_t ms);

/* ---- Either ----------------------------------------------------------------------------------------------------- */

/* Presses keys (0 to 9, *, #, A to D; TR_E_ARGUMENT for others), 100 ms each with 100 ms between. */
int32_t tr_sim_keys(tr_ctx *ctx, uint32_t port, const char *keys);

/* Says samples, after what is being said already. They are copied. */
int32_t tr_sim_speak(tr_ctx *ctx, uint32_t port, const int16_t *samples, size_t count);

/* Copies the sound that the party or person has heard since the last call, oldest first: at most the last 60 s are
 * kept. Returns the number of samples copied. */
int64_t tr_sim_heard(tr_ctx *ctx, uint32_t port, int16_t *samples, size_t capacity);

/* White noise towards the card, in dBm0 (-70 to -20); 0 for none. */
int32_t tr_sim_noise(tr_ctx *ctx, uint32_t port, float dbm0);

/* Lets what the card sends come back to it, as the hybrid of a line does: weaker by loss_db (1 to 60; 0 for no echo),
 * later by delay_ms (0 to 128). Echo control works on it while the line is in conversation. */
int32_t tr_sim_echo(tr_ctx *ctx, uint32_t port, float loss_db, uint32_t delay_ms);

#define TR_SIM_FAULT_DEAD     1u  /* the module does not answer */
#define TR_SIM_FAULT_CUT      2u  /* the wires of the line are cut */
#define TR_SIM_FAULT_SUPPLY   3u  /* the power cable is missing: the module cannot feed its line (station) */
#define TR_SIM_FAULT_SHORT    4u  /* the wires of the line touch (station) */
#define TR_SIM_FAULT_REGISTER 5u  /* a bit of a register always reads 0: found by tr_self_test only (station) */
#define TR_SIM_FAULT_CLOCK    6u  /* the whole card stands still, on whichever of its ports this is set */

/* Switches a fault on (not 0) or off (0), from the next millisecond on. TR_E_UNSUPPORTED where such a module has no
 * such fault. A module whose fault is gone comes back into service by itself within some seconds. */
int32_t tr_sim_fault(tr_ctx *ctx, uint32_t port, uint32_t fault, uint32_t on);

typedef struct tr_sim_state {
    uint32_t size;
    uint32_t off_hook;      /* trunk: the card has closed the loop; station: lifted */
    uint32_t ringing;       /* trunk: the exchange rings; station: the bell rings */
    uint32_t rings;         /* station: bursts of the present call */
    char dialled[TR_TEXT_MAX]; /* trunk: the last whole number; station: the caller's number on its display */
} tr_sim_state;
#define TR_SIM_STATE_INIT { sizeof(tr_sim_state), 0, 0, 0, "" }

int32_t tr_sim_state_read(tr_ctx *ctx, uint32_t port, tr_sim_state *state);

#ifdef __cplusplus
}
#endif

#endif
