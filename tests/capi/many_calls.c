/* Many calls on the virtual clock, twenty minutes of them or as many seconds as the second argument says: events are
 * numbered without a hole, each operation is completed once, each call ends. */
#include "test.h"

#define OPS 65536

static uint64_t begun[OPS];
static int completed[OPS];

int main(int argc, char **argv)
{
    int seconds = argc > 2 ? atoi(argv[2]) : 1200;
    tr_ctx *ctx = open_simulated("sim:fxo,fxo");
    tr_channel trunks[2];
    tr_event event = TR_EVENT_INIT;
    uint64_t expected = 1;
    int ops = 0, rested = 0, answered = 0;
    for (int port = 0; port < 2; port++) {
        char path[8];
        snprintf(path, sizeof path, "0/%d", port);
        CHECK(tr_channel_open(ctx, path, NULL, &trunks[port]) == TR_OK);
    }
    for (int second = 0; second < seconds; second++) {
        /* Each line is called every twelve seconds; the party goes after six, mostly in the middle of something. */
        for (int port = 0; port < 2; port++) {
            if (second % 12 == port)
                tr_sim_call(ctx, (uint32_t) port, "123456", NULL);
            if (second % 12 == 3 + port)
                tr_sim_keys(ctx, (uint32_t) port, "12");
            if (second % 12 == 6 + port)
                tr_sim_hangup(ctx, (uint32_t) port);
        }
        for (int tenth = 0; tenth < 10; tenth++) {
            CHECK(tr_sim_advance(ctx, 100) == TR_OK);
            while (tr_event_next(ctx, &event, 0) == 1) {
                CHECK(event.sequence == expected++);
                if (event.type == TR_EVENT_OFFERED && tr_answer(ctx, event.channel) == TR_OK) {
                    tr_source tone = TR_SOURCE_INIT;
                    tr_until until = TR_UNTIL_INIT;
                    answered++;
                    tone.kind = TR_SOURCE_TONE;
                    tone.hertz = 600;
                    tone.level_dbm0 = -10;
                    tone.length_ms = 60000;
                    until.kind = TR_UNTIL_MAX_DIGITS;
                    until.value = 1;
                    CHECK(tr_play(ctx, event.channel, &tone, 1, &until, 1, &begun[ops++]) == TR_OK);
                    until.value = 2;
                    CHECK(tr_collect(ctx, event.channel, &until, 1, 0, &begun[ops++]) == TR_OK);
                } else if (event.type == TR_EVENT_OP_DONE) {
                    int at = 0;
                    while (begun[at] != event.object)
                        CHECK(++at < ops);
                    completed[at]++;
                } else if (event.type == TR_EVENT_DISCONNECTED) {
                    CHECK(tr_release(ctx, event.channel) == TR_OK);
                } else if (event.type == TR_EVENT_RESTED) {
                    rested++;
                }
            }
        }
    }
    for (int at = 0; at < ops; at++)
        CHECK(completed[at] == 1);
    printf("%d answered, %d rested, %d operations\n", answered, rested, ops);
    CHECK(answered > seconds / 7 && rested >= answered - 2);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    puts("ok");
    return 0;
}
