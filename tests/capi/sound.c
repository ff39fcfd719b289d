/* Sound from and to the program: phrases, functions and memory, one-track files, gains, tones of the program's own,
 * silence; what each must do is heard or measured at the far end. */
#include <sys/stat.h>

#include "test.h"

static int16_t heard[60 * 8000], kept[20 * 8000];
static char folder[256];

static tr_op begun(tr_ctx *ctx, tr_channel line, tr_source *sources, size_t count)
{
    tr_op op;
    CHECK(tr_play(ctx, line, sources, count, NULL, 0, &op) == TR_OK);
    return op;
}

/* The far end's sound since the last call. */
static size_t listen(tr_ctx *ctx)
{
    int64_t count = tr_sim_heard(ctx, 1, heard, sizeof heard / 2);
    CHECK(count >= 0);
    return (size_t) count;
}

static tr_event done(tr_ctx *ctx, tr_op op, uint32_t limit_ms)
{
    tr_event event = wait_event(ctx, TR_EVENT_OP_DONE, limit_ms);
    CHECK(event.object == op);
    return event;
}

static double peak_of(const int16_t *samples, size_t count)
{
    int peak = 0;
    for (size_t n = 0; n < count; n++)
        peak = abs(samples[n]) > peak ? abs(samples[n]) : peak;
    return peak;
}

/* Each word is a tone of its own: 2026-11-28 in English is "20 26 ... november 28th"; here three words are enough. */
static void phrases(tr_ctx *ctx, tr_channel station)
{
    static const struct { const char *word; double hertz; } words[] = {
        {"2", 500}, {"hundred", 700}, {"and", 900}, {"4", 1100}, {"liang", 1300}, {"bai", 1500}, {"0", 1700}, {"yuan", 1900},
    };
    tr_source source = TR_SOURCE_INIT;
    tr_op op, none;
    size_t count;
    char path[512];
    for (size_t n = 0; n < sizeof words / sizeof words[0]; n++) {
        snprintf(path, sizeof path, "%s/%s.wav", folder, words[n].word);
        write_tone(path, words[n].hertz, 200);
    }
    source.kind = TR_SOURCE_PHRASE;
    source.phrase = TR_PHRASE_NUMBER;
    source.language = TR_LANG_EN;
    source.path = folder;
    source.text = "204";
    listen(ctx);
    op = begun(ctx, station, &source, 1);
    CHECK(done(ctx, op, 3000).reason == TR_REASON_END);
    count = listen(ctx);
    CHECK(contains_tone(heard, count, 500, 150) && contains_tone(heard, count, 700, 150));
    CHECK(contains_tone(heard, count, 1100, 150));
    source.language = TR_LANG_ZH;
    op = begun(ctx, station, &source, 1);
    CHECK(done(ctx, op, 3000).reason == TR_REASON_END);
    count = listen(ctx);
    CHECK(contains_tone(heard, count, 1500, 150) && contains_tone(heard, count, 1700, 150));
    CHECK(!contains_tone(heard, count, 700, 50));
    source.text = "2 or 3";
    CHECK_ERROR(tr_play(ctx, station, &source, 1, NULL, 0, &none), TR_E_ARGUMENT);
    source.text = "7";
    CHECK_ERROR(tr_play(ctx, station, &source, 1, NULL, 0, &none), TR_E_IO);
}

struct voice {
    tr_ctx *ctx;
    uint64_t given, asked;
    int refused;
};

static int32_t says(void *user, int16_t *samples, size_t capacity)
{
    struct voice *voice = user;
    tr_event event = TR_EVENT_INIT;
    voice->asked++;
    CHECK(tr_port_count(voice->ctx) == 4);
    voice->refused += tr_event_next(voice->ctx, &event, 100) == TR_E_STATE;
    voice->refused += tr_close(voice->ctx, 0) == TR_E_STATE;
    voice->refused += tr_sim_advance(voice->ctx, 1) == TR_E_STATE;
    voice->refused += tr_set_handler(voice->ctx, NULL, NULL) == TR_E_STATE;
    if (voice->asked % 3 == 0)
        return 0;
    if (voice->given >= 8000)
        return -1;
    for (size_t n = 0; n < capacity; n++)
        samples[n] = (int16_t) lrint(6000 * sin(2 * M_PI * 600 * (double) voice->given++ / 8000));
    return (int32_t) capacity;
}

static int32_t takes(void *user, const int16_t *samples, size_t count)
{
    struct voice *voice = user;
    CHECK(voice->given + count <= sizeof kept / 2);
    memcpy(kept + voice->given, samples, count * 2);
    voice->given += count;
    return voice->given >= 4000;
}

static void functions(tr_ctx *ctx, tr_channel station)
{
    struct voice voice = {ctx, 0, 0, 0}, ear = {ctx, 0, 0, 0};
    tr_source source = TR_SOURCE_INIT;
    tr_sink sink = TR_SINK_INIT;
    tr_event event;
    tr_op op;
    source.kind = TR_SOURCE_FUNCTION;
    source.read = says;
    source.user = &voice;
    listen(ctx);
    op = begun(ctx, station, &source, 1);
    CHECK(done(ctx, op, 5000).reason == TR_REASON_END);
    CHECK(contains_tone(heard, listen(ctx), 600, 700));
    CHECK(voice.given == 8000 && voice.refused == 4 * (int) voice.asked);
    /* Stopped in the middle: it is not called after the completion. */
    voice.given = 0;
    op = begun(ctx, station, &source, 1);
    CHECK(tr_sim_advance(ctx, 100) == TR_OK);
    CHECK(tr_op_stop(ctx, op) == TR_OK);
    CHECK(done(ctx, op, 100).reason == TR_REASON_STOPPED);
    voice.asked = 0;
    CHECK(tr_sim_advance(ctx, 500) == TR_OK && voice.asked == 0);

    sink.kind = TR_SINK_FUNCTION;
    sink.tracks = TR_TRACKS_LEFT;
    sink.write = takes;
    sink.user = &ear;
    fill_tone(heard, 8000, 800, 6000);
    CHECK(tr_sim_speak(ctx, 1, heard, 8000) == TR_OK);
    CHECK(tr_record(ctx, station, &sink, NULL, 0, &op) == TR_OK);
    event = done(ctx, op, 3000);
    CHECK(event.reason == TR_REASON_END && ear.given == 4000);
    CHECK(contains_tone(kept, ear.given, 800, 400));
    CHECK(tr_sim_advance(ctx, 1000) == TR_OK && ear.given == 4000);
}

static void memory(tr_ctx *ctx, tr_channel station)
{
    tr_sink sink = TR_SINK_INIT;
    tr_event event;
    tr_op op;
    sink.kind = TR_SINK_MEMORY;
    sink.samples = kept;
    sink.capacity = 3200;
    memset(kept, 0x55, sizeof kept);
    fill_tone(heard, 8000, 900, 6000);
    CHECK(tr_sim_speak(ctx, 1, heard, 8000) == TR_OK);
    CHECK(tr_record(ctx, station, &sink, NULL, 0, &op) == TR_OK);
    event = done(ctx, op, 3000);
    CHECK(event.reason == TR_REASON_FULL && event.value == 1600);
    CHECK(kept[3200] == 0x5555 && kept[3199] != 0x5555);
    for (int n = 0; n < 1600; n++)
        kept[n] = kept[2 * n];
    CHECK(contains_tone(kept, 1600, 900, 100));
    CHECK(tr_sim_advance(ctx, 1500) == TR_OK);
    sink.capacity = 1;
    CHECK_ERROR(tr_record(ctx, station, &sink, NULL, 0, &op), TR_E_ARGUMENT);
}

static void a_file_of_one_track(tr_ctx *ctx, tr_channel station)
{
    tr_sink sink = TR_SINK_INIT;
    tr_until until[2] = {TR_UNTIL_INIT, TR_UNTIL_INIT};
    unsigned char header[44];
    char path[512];
    struct stat found;
    FILE *file;
    tr_op op;
    tr_event event;
    snprintf(path, sizeof path, "%s/one.wav", folder);
    sink.path = path;
    sink.tracks = TR_TRACKS_LEFT;
    /* Ends by the silence behind the words. */
    until[0].kind = TR_UNTIL_NO_SOUND;
    until[0].value = 4000;
    until[1].kind = TR_UNTIL_SILENCE;
    until[1].value = 1000;
    CHECK(tr_record(ctx, station, &sink, until, 2, &op) == TR_OK);
    CHECK(tr_sim_advance(ctx, 2000) == TR_OK);
    fill_tone(heard, 8000, 800, 6000);
    CHECK(tr_sim_speak(ctx, 1, heard, 8000) == TR_OK);
    event = done(ctx, op, 5000);
    CHECK(event.reason == TR_REASON_SILENCE && event.value == 1);
    CHECK(stat(path, &found) == 0);
    CHECK(abs((int) found.st_size - 44 - 2 * 8 * 4000) < 2 * 8 * 150);
    file = fopen(path, "rb");
    CHECK(file != NULL && fread(header, sizeof header, 1, file) == 1 && header[22] == 1);
    fclose(file);
    snprintf(path, sizeof path, "%s/none.wav", folder);
    CHECK(tr_record(ctx, station, &sink, until, 2, &op) == TR_OK);
    CHECK(done(ctx, op, 5000).reason == TR_REASON_NO_SOUND);
}

static void gains(tr_ctx *ctx, tr_channel station)
{
    tr_source source = TR_SOURCE_INIT;
    double plain, softer;
    source.kind = TR_SOURCE_TONE;
    source.hertz = 1000;
    source.level_dbm0 = -10;
    source.length_ms = 1000;
    listen(ctx);
    done(ctx, begun(ctx, station, &source, 1), 2000);
    plain = peak_of(heard, listen(ctx));
    CHECK(plain > 6000);
    source.gain_tenth_db = -60;
    done(ctx, begun(ctx, station, &source, 1), 2000);
    softer = peak_of(heard, listen(ctx));
    CHECK(fabs(softer / plain - 0.501) < 0.03);
    source.gain_tenth_db = 0;
    CHECK(tr_gain(ctx, station, -120, 0) == TR_OK);
    done(ctx, begun(ctx, station, &source, 1), 2000);
    softer = peak_of(heard, listen(ctx));
    CHECK(fabs(softer / plain - 0.251) < 0.03);
    CHECK(tr_gain(ctx, station, 0, 0) == TR_OK);
    CHECK_ERROR(tr_gain(ctx, station, 0, 241), TR_E_ARGUMENT);
    source.gain_tenth_db = 241;
    CHECK_ERROR(tr_play(ctx, station, &source, 1, NULL, 0, NULL), TR_E_ARGUMENT);
}

static void detection(tr_ctx *ctx, tr_channel station)
{
    tr_tone_spec low = TR_TONE_SPEC_INIT, high = TR_TONE_SPEC_INIT;
    tr_until until[3] = {TR_UNTIL_INIT, TR_UNTIL_INIT, TR_UNTIL_INIT};
    tr_source source = TR_SOURCE_INIT;
    tr_op_state ops[4] = {TR_OP_STATE_INIT, TR_OP_STATE_INIT, TR_OP_STATE_INIT, TR_OP_STATE_INIT};
    tr_event event;
    uint64_t sequence = 0;
    tr_op detecting, playing;
    low.hertz = 600;
    low.on_ms = 200;
    high.hertz = 1400;
    high.on_ms = 200;
    until[0].kind = TR_UNTIL_TONE;
    until[0].tone = &low;
    until[1].kind = TR_UNTIL_TONE;
    until[1].tone = &high;
    until[2].kind = TR_UNTIL_MAX_TIME;
    until[2].value = 10000;
    CHECK(tr_detect(ctx, station, until, 3, &detecting) == TR_OK);
    CHECK_ERROR(tr_detect(ctx, station, until, 3, NULL), TR_E_BUSY);
    CHECK(tr_sim_advance(ctx, 500) == TR_OK);
    CHECK(tr_ops(ctx, ops, 4, &sequence) == 1 && ops[0].op == detecting && ops[0].kind == TR_OP_DETECT);
    CHECK(ops[0].channel == station && ops[0].elapsed_ms == 500 && sequence > 0);
    fill_tone(heard, 4000, 1400, 6000);
    CHECK(tr_sim_speak(ctx, 1, heard, 4000) == TR_OK);
    event = done(ctx, detecting, 2000);
    CHECK(event.reason == TR_REASON_TONE && event.value == 1);
    CHECK(tr_ops(ctx, NULL, 0, NULL) == 0);
    CHECK(tr_sim_advance(ctx, 1000) == TR_OK);
    /* A voice interrupts a prompt; the prompt's own sound does not. */
    source.kind = TR_SOURCE_TONE;
    source.hertz = 1000;
    source.level_dbm0 = -10;
    source.length_ms = 1000;
    source.times = TR_FOREVER;
    until[0] = (tr_until) TR_UNTIL_INIT;
    until[0].kind = TR_UNTIL_SOUND;
    until[0].value = 300;
    CHECK(tr_play(ctx, station, &source, 1, until, 1, &playing) == TR_OK);
    CHECK(tr_sim_advance(ctx, 3000) == TR_OK);
    CHECK(tr_ops(ctx, ops, 4, &sequence) == 1 && ops[0].op == playing);
    fill_tone(heard, 8000, 400, 9000);
    CHECK(tr_sim_speak(ctx, 1, heard, 8000) == TR_OK);
    CHECK(done(ctx, playing, 1500).reason == TR_REASON_SOUND);
    CHECK_ERROR(tr_detect(ctx, station, until + 2, 1, &detecting), TR_E_ARGUMENT);
    high.on_ms = 0;
    CHECK_ERROR(tr_detect(ctx, station, until + 1, 1, &detecting), TR_E_ARGUMENT);
}

/* ---- On the wall clock: a function that blocks ---- */

static volatile int blocked, released;

static int32_t blocks(void *user, int16_t *samples, size_t capacity)
{
    (void) user;
    (void) samples;
    blocked = 1;
    for (int i = 0; i < 1000 && !released; i++)
        usleep(10000);
    return capacity > 0 ? -1 : 0;
}

static void a_function_that_blocks(void)
{
    tr_config config = TR_CONFIG_INIT;
    const char *cards[] = {"sim:fxs,fxs"};
    tr_source source = TR_SOURCE_INIT;
    tr_event event = TR_EVENT_INIT;
    tr_result result = TR_RESULT_INIT;
    tr_channel stations[2];
    tr_timer timer;
    tr_op op;
    int timers = 0, lifted = 0;
    tr_ctx *ctx;
    config.cards = cards;
    config.card_count = 1;
    CHECK(tr_open(&config, &ctx) == TR_OK);
    CHECK(tr_channel_open(ctx, "0/0", NULL, &stations[0]) == TR_OK);
    CHECK(tr_channel_open(ctx, "0/1", NULL, &stations[1]) == TR_OK);
    while (event.type != TR_EVENT_IN_SERVICE || event.channel != stations[1])
        CHECK(tr_event_next(ctx, &event, 20000) == 1);
    source.kind = TR_SOURCE_FUNCTION;
    source.read = blocks;
    CHECK(tr_play(ctx, stations[0], &source, 1, NULL, 0, &op) == TR_OK);
    for (int i = 0; i < 500 && !blocked; i++)
        usleep(10000);
    CHECK(blocked);
    /* Lines, timers and events go on; the operation ends only when its function has returned. */
    CHECK(tr_op_stop(ctx, op) == TR_OK);
    CHECK(tr_timer_start(ctx, 20, 1, NULL, &timer) == TR_OK);
    CHECK(tr_sim_lift(ctx, 1) == TR_OK);
    while (timers < 20 || !lifted) {
        CHECK(tr_event_next(ctx, &event, 20000) == 1);
        timers += event.type == TR_EVENT_TIMER;
        lifted |= event.type == TR_EVENT_OFF_HOOK && event.channel == stations[1];
        CHECK(event.type != TR_EVENT_OP_DONE);
    }
    CHECK(tr_op_wait(ctx, op, 0, &result) == 0);
    released = 1;
    CHECK(tr_op_wait(ctx, op, 20000, &result) == 1 && result.reason == TR_REASON_STOPPED);
    CHECK(tr_close(ctx, 1000) == TR_OK);
}

int main(int argc, char **argv)
{
    tr_ctx *ctx = open_simulated("sim:fxo,fxs");
    tr_channel station;
    CHECK(argc == 2);
    snprintf(folder, sizeof folder, "%s", argv[1]);
    CHECK(tr_channel_open(ctx, "0/1", NULL, &station) == TR_OK);
    CHECK(tr_sim_lift(ctx, 1) == TR_OK);
    wait_event(ctx, TR_EVENT_OFF_HOOK, 2000);
    phrases(ctx, station);
    functions(ctx, station);
    memory(ctx, station);
    a_file_of_one_track(ctx, station);
    gains(ctx, station);
    detection(ctx, station);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    a_function_that_blocks();
    puts("ok");
    return 0;
}
