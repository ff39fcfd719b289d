/* One program for every kind of card: answers a call on port 0, plays a second of a tone, records three seconds of the
 * caller, releases. Built from the installed SDK with what pkg-config prints and nothing else; the same binary runs on
 * a simulated card in its own process, and on one behind a vfio-user socket.
 *
 *     either FOLDER CARD
 */
#include <time.h>

#include "test.h"

#define LIMIT_S 60

int main(int argc, char **argv)
{
    tr_config config = TR_CONFIG_INIT;
    tr_event event = TR_EVENT_INIT;
    tr_source tone = TR_SOURCE_INIT;
    tr_sink sink = TR_SINK_INIT;
    tr_until until = TR_UNTIL_INIT;
    tr_op playing = 0, recording = 0;
    tr_channel line;
    tr_ctx *ctx;
    static int16_t samples[8000];
    const char *cards[1];
    char path[512];
    int called = 0, rested = 0;
    time_t from = time(NULL);
    CHECK(argc == 3);
    cards[0] = argv[2];
    config.cards = cards;
    config.card_count = 1;
    CHECK(tr_open(&config, &ctx) == TR_OK);
    CHECK(tr_channel_open(ctx, "0/0", NULL, &line) == TR_OK);
    snprintf(path, sizeof path, "%s/heard.wav", argv[1]);
    tone.kind = TR_SOURCE_TONE;
    tone.hertz = 1000;
    tone.level_dbm0 = -10;
    tone.length_ms = 1000;
    sink.path = path;
    sink.tracks = TR_TRACKS_LEFT;
    until.kind = TR_UNTIL_MAX_TIME;
    until.value = 3000;
    while (!rested) {
        CHECK(time(NULL) - from < LIMIT_S);
        if (tr_event_next(ctx, &event, 500) != 1)
            continue;
        if (event.type == TR_EVENT_IN_SERVICE) {
            /* The far end of a simulated card is the program's to play; behind a socket the scenario calls. */
            int32_t simulated = tr_sim_call(ctx, 0, "13800138000", NULL);
            CHECK(simulated == TR_OK || simulated == TR_E_UNSUPPORTED);
            called = simulated == TR_OK;
        } else if (event.type == TR_EVENT_OFFERED) {
            CHECK(tr_answer(ctx, line) == TR_OK);
            CHECK(tr_play(ctx, line, &tone, 1, NULL, 0, &playing) == TR_OK);
        } else if (event.type == TR_EVENT_OP_DONE && event.object == playing) {
            CHECK(event.reason == TR_REASON_END);
            if (called) {
                for (int n = 0; n < 8000; n++)
                    samples[n] = n / 6 % 2 ? 6000 : -6000;
                CHECK(tr_sim_speak(ctx, 0, samples, 8000) == TR_OK);
            }
            CHECK(tr_record(ctx, line, &sink, &until, 1, &recording) == TR_OK);
        } else if (event.type == TR_EVENT_OP_DONE && event.object == recording) {
            CHECK(event.reason == TR_REASON_MAX_TIME && event.value >= 23000 && event.value <= 25000);
            CHECK(tr_release(ctx, line) == TR_OK);
        } else if (event.type == TR_EVENT_RESTED) {
            rested = recording != 0;
        }
    }
    CHECK(tr_close(ctx, 2000) == TR_OK);
    puts("ok");
    return 0;
}
