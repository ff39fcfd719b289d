/* The log: a line for each card and for each trouble, one at a time; a function that calls back is refused; one that
 * blocks holds up neither keys nor timers. */

#include "test.h"

static tr_ctx *ctx;
static int infos, errors, inside, refused, blocks;
static volatile int blocked, released;
static char last[256];

static void line(void *user, uint32_t level, const char *text)
{
    CHECK(user == &infos);
    CHECK(__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST) == 0);
    infos += level == TR_LOG_INFO;
    errors += level == TR_LOG_ERROR;
    snprintf(last, sizeof last, "%s", text);
    if (ctx != NULL) {
        tr_event event = TR_EVENT_INIT;
        refused += tr_close(ctx, 0) == TR_E_STATE && tr_port_count(ctx) == TR_E_STATE
                   && tr_event_next(ctx, &event, 0) == TR_E_STATE && tr_event_post(ctx, 1, NULL) == TR_E_STATE;
    }
    if (blocks) {
        blocked = 1;
        while (!released)
            usleep(1000);
    }
    __atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
}

static tr_ctx *open_with_log(uint32_t virtual_clock)
{
    tr_config config = TR_CONFIG_INIT;
    const char *cards[] = {"sim:fxo", "sim:fxs"};
    tr_ctx *opened;
    config.cards = cards;
    config.card_count = 2;
    config.virtual_clock = virtual_clock;
    config.log = line;
    config.log_user = &infos;
    infos = errors = refused = 0;
    CHECK(tr_open(&config, &opened) == TR_OK);
    CHECK(infos == 2 && strcmp(last, "Card 1 is sim:fxs") == 0);
    return opened;
}

/* A recording whose temporary file cannot be made, which only the file thread finds out: its name is too long. */
static void begin_a_bad_recording(const char *folder, tr_channel station)
{
    tr_sink sink = TR_SINK_INIT;
    char path[1024], rest[246];
    memset(rest, 'x', sizeof rest - 1);
    rest[sizeof rest - 1] = '\0';
    snprintf(path, sizeof path, "%s/bad.wav%s", folder, rest);
    sink.path = path;
    CHECK(tr_record(ctx, station, &sink, NULL, 0, NULL) == TR_OK);
}

static void a_line_for_each_trouble(const char *folder)
{
    tr_channel station;
    tr_ctx *opened;
    opened = open_with_log(1);
    CHECK(tr_sim_advance(opened, 6000) == TR_OK && errors == 0);
    ctx = opened;
    CHECK(tr_channel_open(ctx, "1/0", NULL, &station) == TR_OK);
    begin_a_bad_recording(folder, station);
    CHECK(strstr(wait_event(ctx, TR_EVENT_TROUBLE, 1000).text, "bad.wav") != NULL);
    CHECK(errors == 1 && refused == 1 && strstr(last, "bad.wav") != NULL);
    opened = ctx;
    ctx = NULL;
    CHECK(tr_close(opened, 0) == TR_OK);
}

static void one_that_blocks(const char *folder)
{
    tr_event event = TR_EVENT_INIT;
    tr_channel station;
    tr_timer timer;
    ctx = open_with_log(0);
    CHECK(tr_channel_open(ctx, "1/0", NULL, &station) == TR_OK);
    do
        CHECK(tr_event_next(ctx, &event, 30000) == 1);
    while (event.type != TR_EVENT_IN_SERVICE);
    blocks = 1;
    begin_a_bad_recording(folder, station);
    for (int i = 0; i < 30000 && !blocked; i++)
        usleep(1000);
    CHECK(blocked);
    CHECK(tr_timer_start(ctx, 20, 0, NULL, &timer) == TR_OK && tr_sim_lift(ctx, 4) == TR_OK);
    for (int lifted = 0, timed = 0; !lifted || !timed;) {
        CHECK(tr_event_next(ctx, &event, 30000) == 1);
        lifted |= event.type == TR_EVENT_OFF_HOOK;
        timed |= event.type == TR_EVENT_TIMER;
    }
    released = 1;
    do
        CHECK(tr_event_next(ctx, &event, 30000) == 1);
    while (event.type != TR_EVENT_TROUBLE);
    CHECK(tr_close(ctx, 0) == TR_OK);
    CHECK(errors == 1 && inside == 0);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    a_line_for_each_trouble(argv[1]);
    one_that_blocks(argv[1]);
    puts("ok");
    return 0;
}
