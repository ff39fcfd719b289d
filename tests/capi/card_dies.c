/* A card whose process dies: its lines go out of service, what runs on them ends, the context goes on, and the
 * lines come back with the card. While it lives, it belongs to one context, of this process or of another.
 *
 *     card_dies FOLDER CARD          (prints "ready", then "gone", then "ok"; or "busy") */
#include <time.h>

#include "test.h"

#define LIMIT_S 60

int main(int argc, char **argv)
{
    tr_config config = TR_CONFIG_INIT;
    tr_event event = TR_EVENT_INIT;
    tr_until until = TR_UNTIL_INIT;
    tr_state state = TR_STATE_INIT;
    tr_op collecting = 0;
    tr_channel station;
    tr_ctx *ctx, *other = NULL;
    const char *cards[1];
    int gone = 0, done = 0, back = 0;
    int32_t opened;
    time_t from = time(NULL);
    CHECK(argc == 3);
    cards[0] = argv[2];
    config.cards = cards;
    config.card_count = 1;
    opened = tr_open(&config, &ctx);
    if (opened == TR_E_BUSY) {
        puts("busy");
        return 0;
    }
    CHECK(opened == TR_OK);
    CHECK(tr_channel_open(ctx, "0/2", NULL, &station) == TR_OK);
    until.kind = TR_UNTIL_MAX_TIME;
    until.value = 600000;
    while (!back) {
        CHECK(time(NULL) - from < LIMIT_S);
        if (tr_event_next(ctx, &event, 500) != 1)
            continue;
        if (event.type == TR_EVENT_IN_SERVICE && !gone) {
            CHECK_ERROR(tr_open(&config, &other), TR_E_BUSY);
            CHECK(other == NULL);
            CHECK(tr_collect(ctx, station, &until, 1, 1, &collecting) == TR_OK);
            puts("ready");
            fflush(stdout);
        } else if (event.type == TR_EVENT_OUT_OF_SERVICE) {
            gone = 1;
            CHECK(event.cause == TR_CAUSE_LOST && tr_channel_state(ctx, station, &state) == TR_OK);
            CHECK(state.state == TR_STATE_OUT_OF_SERVICE);
            CHECK_ERROR(tr_ring(ctx, station, NULL, NULL), TR_E_STATE);
            puts("gone");
            fflush(stdout);
        } else if (event.type == TR_EVENT_OP_DONE) {
            CHECK(event.object == collecting && event.reason == TR_REASON_HANGUP && event.cause == TR_CAUSE_LOST);
            done++;
        } else if (event.type == TR_EVENT_IN_SERVICE) {
            back = 1;
        }
    }
    CHECK(gone && done == 1);
    CHECK(tr_close(ctx, 2000) == TR_OK);
    puts("ok");
    return 0;
}
