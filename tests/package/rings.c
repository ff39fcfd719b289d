/* A simulated trunk rings, and the caller's number arrives: the installed library with nothing else. */
#include <stdio.h>
#include <string.h>

#include <tipring_sim.h>

int main(void)
{
    const char *cards[] = {"sim:fxo,fxs"};
    tr_config config = TR_CONFIG_INIT;
    config.card_count = 1;
    config.cards = cards;
    config.virtual_clock = 1;
    tr_ctx *ctx;
    tr_channel line;
    if (tr_open(&config, &ctx) != TR_OK || tr_channel_open(ctx, "0/0", NULL, &line) != TR_OK)
        return 1;
    tr_sim_advance(ctx, 2000);
    if (tr_sim_call(ctx, 0, "13800138000", NULL) != TR_OK)
        return 2;
    tr_sim_advance(ctx, 10000);
    tr_event event = TR_EVENT_INIT;
    while (tr_event_next(ctx, &event, 0) == 1)
        if (event.type == TR_EVENT_CALLER_ID && strcmp(event.text, "13800138000") == 0) {
            printf("%s calls\n", event.text);
            return tr_close(ctx, 1000) == TR_OK ? 0 : 3;
        }
    return 4;
}
