/* What a recording holds: what the party says on the left, what it hears on the right, silence in a pause; and echoes
 * cancelled as far as they were asked to be. */
#include "test.h"

#define SECOND 8000

static int16_t said[4 * SECOND], left[4 * SECOND], right[4 * SECOND], both[8 * SECOND];

static tr_ctx *open_with_echo(uint32_t tail_ms, tr_channel *station)
{
    tr_config config = TR_CONFIG_INIT;
    const char *card = "sim:fxs";
    tr_ctx *ctx;
    config.cards = &card;
    config.card_count = 1;
    config.virtual_clock = 1;
    config.echo_tail_ms = tail_ms;
    CHECK(tr_open(&config, &ctx) == TR_OK && tr_sim_advance(ctx, 6000) == TR_OK);
    CHECK(tr_channel_open(ctx, "0/0", NULL, station) == TR_OK && tr_sim_lift(ctx, 0) == TR_OK);
    wait_event(ctx, TR_EVENT_OFF_HOOK, 2000);
    CHECK(tr_sim_advance(ctx, 100) == TR_OK);
    return ctx;
}

/* Two seconds of both sides, of which the second is a pause if it is asked for. */
static void record(tr_ctx *ctx, tr_channel station, int pause)
{
    tr_sink sink = TR_SINK_INIT;
    tr_source tone = TR_SOURCE_INIT;
    tr_op op, playing;
    tr_result result = TR_RESULT_INIT;
    fill_tone(said, 3 * SECOND, 700, 6000);
    CHECK(tr_sim_speak(ctx, 0, said, 3 * SECOND) == TR_OK);
    tone.kind = TR_SOURCE_TONE;
    tone.hertz = 1000;
    tone.level_dbm0 = -10;
    tone.length_ms = 3000;
    sink.kind = TR_SINK_MEMORY;
    sink.samples = both;
    sink.capacity = 4 * SECOND;
    sink.right_side = TR_SIDE_HEARS;
    CHECK(tr_play(ctx, station, &tone, 1, NULL, 0, &playing) == TR_OK && tr_sim_advance(ctx, 200) == TR_OK);
    CHECK(tr_record(ctx, station, &sink, NULL, 0, &op) == TR_OK && tr_sim_advance(ctx, 1000) == TR_OK);
    CHECK_ERROR(tr_record_pause(ctx, playing, 1), TR_E_ARGUMENT);
    CHECK_ERROR(tr_record_pause(ctx, op + (1u << 16), 1), TR_E_STALE);
    CHECK(tr_record_pause(ctx, op, (uint32_t) pause) == TR_OK);
    for (int ms = 0; tr_op_wait(ctx, op, 0, &result) == 0; ms += 10)
        CHECK(ms < 2000 && tr_sim_advance(ctx, 10) == TR_OK);
    CHECK(result.reason == TR_REASON_FULL && result.samples == 2 * SECOND);
    CHECK(tr_record_pause(ctx, op, 0) == TR_OK);
    for (int n = 0; n < 2 * SECOND; n++) {
        left[n] = both[2 * n];
        right[n] = both[2 * n + 1];
    }
    CHECK(tr_op_stop(ctx, playing) == TR_OK && tr_sim_advance(ctx, 3000) == TR_OK);
}

static void each_side_on_its_track(void)
{
    tr_channel station;
    tr_ctx *ctx = open_with_echo(0, &station);
    record(ctx, station, 0);
    CHECK(share_of(left, 2 * SECOND, 700) > 0.9 && share_of(right, 2 * SECOND, 1000) > 0.99);
    CHECK(share_of(right, 2 * SECOND, 700) < 0.01);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

static void silence_in_a_pause(void)
{
    tr_channel station;
    tr_ctx *ctx = open_with_echo(0, &station);
    record(ctx, station, 1);
    CHECK(share_of(left, SECOND, 700) > 0.9 && share_of(right, SECOND, 1000) > 0.99);
    /* A tick or two of the boundary may belong to either. */
    for (int n = SECOND + 100; n < 2 * SECOND; n++)
        CHECK(left[n] == 0 && right[n] == 0);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

/* How much of the tone that is played comes back on the left, where nothing is said. */
static double echo_of(uint32_t tail_ms)
{
    tr_channel station;
    tr_ctx *ctx = open_with_echo(tail_ms, &station);
    tr_source noise = TR_SOURCE_INIT;
    tr_sink sink = TR_SINK_INIT;
    double power = 0;
    uint32_t word = 1;
    for (int n = 0; n < 4 * SECOND; n++)
        said[n] = (int16_t) ((int32_t) ((word = word * 1664525u + 1013904223u) >> 19) - 4096);
    noise.kind = TR_SOURCE_MEMORY;
    noise.samples = said;
    noise.count = 4 * SECOND;
    sink.kind = TR_SINK_MEMORY;
    sink.tracks = TR_TRACKS_LEFT;
    sink.samples = left;
    sink.capacity = 3 * SECOND;
    CHECK(tr_sim_echo(ctx, 0, 12, 10) == TR_OK);
    CHECK(tr_play(ctx, station, &noise, 1, NULL, 0, NULL) == TR_OK);
    CHECK(tr_record(ctx, station, &sink, NULL, 0, NULL) == TR_OK && tr_sim_advance(ctx, 3500) == TR_OK);
    for (int n = 2 * SECOND; n < 3 * SECOND; n++)
        power += (double) left[n] * left[n] / SECOND;
    CHECK(tr_close(ctx, 0) == TR_OK);
    return power;
}

static void an_echo_as_long_as_was_asked(void)
{
    tr_config config = TR_CONFIG_INIT;
    const char *card = "sim:fxs";
    tr_ctx *none;
    double with = echo_of(0), without = echo_of(TR_ECHO_OFF);
    printf("echo: power %.0f with cancelling, %.0f without\n", with, without);
    CHECK(without > 1000 && with < without / 10);
    config.cards = &card;
    config.card_count = 1;
    for (int wrong = 0; wrong < 2; wrong++) {
        config.echo_tail_ms = wrong ? 129 : 3;
        CHECK_ERROR(tr_open(&config, &none), TR_E_ARGUMENT);
    }
}

int main(void)
{
    each_side_on_its_track();
    silence_in_a_pause();
    an_echo_as_long_as_was_asked();
    puts("ok");
    return 0;
}
