/* Each wrong use has the result that the header gives it, and the context goes on. */
#include <signal.h>
#include <sys/wait.h>

#include "test.h"

static void null_pointers(tr_ctx *ctx, tr_channel line)
{
    tr_config config = TR_CONFIG_INIT;
    tr_channel none;
    tr_ctx *no_context;
    tr_op op;
    CHECK_ERROR(tr_open(NULL, &no_context), TR_E_ARGUMENT);
    CHECK_ERROR(tr_open(&config, NULL), TR_E_ARGUMENT);
    CHECK_ERROR(tr_port_count(NULL), TR_E_ARGUMENT);
    CHECK_ERROR(tr_close(NULL, 0), TR_E_ARGUMENT);
    CHECK_ERROR(tr_channel_open(ctx, NULL, NULL, &none), TR_E_ARGUMENT);
    CHECK_ERROR(tr_channel_open(ctx, "0/1", NULL, NULL), TR_E_ARGUMENT);
    CHECK_ERROR(tr_event_next(ctx, NULL, 0), TR_E_ARGUMENT);
    CHECK_ERROR(tr_channel_state(ctx, line, NULL), TR_E_ARGUMENT);
    CHECK_ERROR(tr_play(ctx, line, NULL, 1, NULL, 0, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_collect(ctx, line, NULL, 2, 0, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_dial(ctx, line, NULL, 0, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_record(ctx, line, NULL, NULL, 0, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_timer_start(ctx, 10, 0, NULL, NULL), TR_E_ARGUMENT);
    CHECK_ERROR(tr_conference_create(ctx, NULL), TR_E_ARGUMENT);
    CHECK_ERROR(tr_sim_heard(ctx, 0, NULL, 10), TR_E_ARGUMENT);
    CHECK_ERROR(tr_trace(ctx, 0, NULL, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_self_test(NULL, 0, 0, &op), TR_E_ARGUMENT);
    CHECK(tr_strerror(12345, 7) != NULL && tr_last_detail(NULL, 0) > 0);
}

static void wrong_values(tr_ctx *ctx, tr_channel line)
{
    tr_config config = TR_CONFIG_INIT;
    tr_channel other;
    tr_until until = TR_UNTIL_INIT;
    tr_source source = TR_SOURCE_INIT;
    tr_sink sink = TR_SINK_INIT;
    tr_op op;
    tr_ctx *none = NULL;
    const char *cards[] = {"sim:fxo,modem"};
    config.cards = cards;
    config.card_count = 1;
    CHECK_ERROR(tr_open(&config, &none), TR_E_ARGUMENT);
    cards[0] = "/nowhere/card.sock";
    CHECK_ERROR(tr_open(&config, &none), TR_E_HARDWARE);
    cards[0] = "sim:fxo";
    config.country = "XX";
    CHECK_ERROR(tr_open(&config, &none), TR_E_ARGUMENT);
    CHECK(none == NULL);
    CHECK_ERROR(tr_channel_open(ctx, "0/9", NULL, &other), TR_E_ARGUMENT);
    CHECK_ERROR(tr_channel_open(ctx, "trunk", NULL, &other), TR_E_ARGUMENT);
    CHECK_ERROR(tr_channel_open(ctx, "0/0", NULL, &other), TR_E_BUSY);
    CHECK_ERROR(tr_dial(ctx, line, "12x", 0, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_dial(ctx, line, "", 0, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_answer(ctx, line), TR_E_STATE);
    CHECK_ERROR(tr_flash(ctx, line), TR_E_STATE);
    CHECK_ERROR(tr_message_waiting(ctx, line, 1), TR_E_UNSUPPORTED);
    CHECK_ERROR(tr_collect(ctx, line, NULL, 0, 0, &op), TR_E_ARGUMENT);
    until.kind = 99;
    CHECK_ERROR(tr_collect(ctx, line, &until, 1, 0, &op), TR_E_ARGUMENT);
    until.kind = TR_UNTIL_MAX_DIGITS;
    until.value = 65;
    CHECK_ERROR(tr_collect(ctx, line, &until, 1, 0, &op), TR_E_ARGUMENT);
    source.kind = TR_SOURCE_FILE;
    source.path = "/nowhere.wav";
    CHECK_ERROR(tr_play(ctx, line, &source, 1, NULL, 0, &op), TR_E_IO);
    sink.path = "/nowhere/at/all.wav";
    CHECK_ERROR(tr_record(ctx, line, &sink, NULL, 0, &op), TR_E_IO);
    sink.path = "/dev/null";
    CHECK_ERROR(tr_record(ctx, line, &sink, NULL, 0, &op), TR_E_IO);
    CHECK_ERROR(tr_bridge(ctx, line, line), TR_E_ARGUMENT);
    CHECK_ERROR(tr_tone(ctx, line, 42), TR_E_ARGUMENT);
    CHECK_ERROR(tr_timer_start(ctx, 0, 0, NULL, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_sim_lift(ctx, 0), TR_E_UNSUPPORTED);
    CHECK_ERROR(tr_sim_call(ctx, 77, NULL, NULL), TR_E_UNSUPPORTED);
    CHECK_ERROR(tr_sim_echo(ctx, 0, 10, 129), TR_E_ARGUMENT);
    CHECK_ERROR(tr_record_pause(ctx, 0, 1), TR_E_STALE);
}

static void structure_sizes(tr_ctx *ctx, tr_channel line)
{
    /* A program built with a header that had fewer fields, one with more, and one that never set the size. */
    struct { uint32_t size, type; } older = {8, 0};
    struct { tr_source known; uint64_t later; } newer = {TR_SOURCE_INIT, 0};
    tr_source unset;
    tr_op op;
    memset(&unset, 0, sizeof unset);
    /* The line has been in service for a while. */
    CHECK(next_event(ctx).type == TR_EVENT_IN_SERVICE);
    CHECK(tr_event_post(ctx, 7, NULL) == TR_OK);
    CHECK(tr_event_next(ctx, (tr_event *) &older, 0) == 1);
    CHECK(older.size == 8 && older.type == TR_EVENT_USER);
    newer.known.size = sizeof newer;
    newer.known.kind = TR_SOURCE_SILENCE;
    newer.known.length_ms = 10;
    CHECK(tr_play(ctx, line, &newer.known, 1, NULL, 0, &op) == TR_OK);
    newer.later = 1;
    CHECK_ERROR(tr_play(ctx, line, &newer.known, 1, NULL, 0, &op), TR_E_SIZE);
    CHECK_ERROR(tr_play(ctx, line, &unset, 1, NULL, 0, &op), TR_E_SIZE);
    wait_event(ctx, TR_EVENT_OP_DONE, 6000);
}

static void stale_handles(tr_ctx *ctx)
{
    tr_channel line, again;
    tr_op op;
    tr_timer timer;
    tr_conference room;
    tr_state state = TR_STATE_INIT;
    tr_until until = TR_UNTIL_INIT;
    until.kind = TR_UNTIL_MAX_TIME;
    until.value = 5;
    CHECK(tr_channel_open(ctx, "0/1", NULL, &line) == TR_OK);
    CHECK(tr_collect(ctx, line, &until, 1, 0, &op) == TR_OK);
    CHECK(tr_timer_start(ctx, 1, 0, NULL, &timer) == TR_OK);
    CHECK(tr_conference_create(ctx, &room) == TR_OK);
    wait_event(ctx, TR_EVENT_OP_DONE, 100);
    CHECK_ERROR(tr_op_stop(ctx, op), TR_OK);
    CHECK_ERROR(tr_op_stop(ctx, op + (1u << 16)), TR_E_STALE);
    CHECK_ERROR(tr_op_stop(ctx, line), TR_E_STALE);
    CHECK_ERROR(tr_timer_stop(ctx, timer), TR_OK);
    CHECK_ERROR(tr_timer_stop(ctx, timer + (1u << 16)), TR_E_STALE);
    CHECK(tr_conference_destroy(ctx, room) == TR_OK);
    CHECK_ERROR(tr_conference_join(ctx, room, line, TR_ROLE_PARTY), TR_E_STALE);
    CHECK(tr_channel_close(ctx, line) == TR_OK);
    CHECK_ERROR(tr_channel_state(ctx, line, &state), TR_E_STALE);
    CHECK_ERROR(tr_ring(ctx, line, NULL, NULL), TR_E_STALE);
    CHECK(tr_channel_open(ctx, "0/1", NULL, &again) == TR_OK);
    CHECK(again != line);
    CHECK_ERROR(tr_channel_close(ctx, line), TR_E_STALE);
    CHECK_ERROR(tr_channel_state(ctx, 0, &state), TR_E_STALE);
    CHECK(tr_channel_close(ctx, again) == TR_OK);
}

static void a_slow_reader(void)
{
    tr_config config = TR_CONFIG_INIT;
    tr_event event = TR_EVENT_INIT;
    tr_state states[4];
    const char *cards[] = {"sim:fxo,fxs"};
    uint64_t expected = 1, lost = 0, at = 0;
    tr_timer timer;
    tr_ctx *ctx;
    config.cards = cards;
    config.card_count = 1;
    config.virtual_clock = 1;
    config.queue_capacity = 16;
    CHECK(tr_open(&config, &ctx) == TR_OK);
    /* What the program is told that it cannot post is no loss; what the library cannot deliver is. */
    for (int i = 0; i < 20; i++)
        CHECK(tr_event_post(ctx, (uint64_t) i, NULL) == (i < 16 ? TR_OK : TR_E_RESOURCE));
    CHECK(tr_timer_start(ctx, 1, 1, NULL, &timer) == TR_OK && tr_sim_advance(ctx, 84) == TR_OK);
    CHECK(tr_timer_stop(ctx, timer) == TR_OK);
    CHECK(tr_event_next(ctx, &event, 0) == 1 && event.sequence == 1);
    CHECK(tr_event_next(ctx, &event, 0) == 1 && event.sequence == 2);
    CHECK(tr_event_post(ctx, 100, NULL) == TR_OK);
    expected = 3;
    while (tr_event_next(ctx, &event, 0) == 1) {
        if (event.type == TR_EVENT_EVENTS_LOST) {
            lost = event.value;
            expected += lost;
        }
        CHECK(event.sequence == expected++);
    }
    CHECK(lost == 84);
    for (int i = 0; i < 4; i++)
        states[i] = (tr_state) TR_STATE_INIT;
    CHECK(tr_snapshot(ctx, states, 4, &at) == 4 && at == expected - 1);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

/* The queue is full of ordinary events: a hang-up and a completion find their places all the same. */
static void a_hang_up_with_a_full_queue(void)
{
    tr_config config = TR_CONFIG_INIT;
    tr_event event = TR_EVENT_INIT;
    tr_until until = TR_UNTIL_INIT;
    const char *cards[] = {"sim:fxo,fxs"};
    int hung_up = 0, completed = 0, posted = 0;
    tr_channel station;
    tr_op op;
    tr_ctx *ctx;
    config.cards = cards;
    config.card_count = 1;
    config.virtual_clock = 1;
    config.queue_capacity = 16;
    CHECK(tr_open(&config, &ctx) == TR_OK);
    CHECK(tr_sim_advance(ctx, 6000) == TR_OK);
    CHECK(tr_channel_open(ctx, "0/1", NULL, &station) == TR_OK);
    CHECK(tr_sim_lift(ctx, 1) == TR_OK);
    wait_event(ctx, TR_EVENT_OFF_HOOK, 2000);
    until.kind = TR_UNTIL_MAX_TIME;
    until.value = 600000;
    CHECK(tr_collect(ctx, station, &until, 1, 1, &op) == TR_OK);
    while (tr_event_post(ctx, 1, NULL) == TR_OK)
        posted++;
    CHECK(posted == 16);
    CHECK(tr_sim_put_down(ctx, 1) == TR_OK && tr_sim_advance(ctx, 2000) == TR_OK);
    while (tr_event_next(ctx, &event, 0) == 1) {
        hung_up += event.type == TR_EVENT_ON_HOOK && event.channel == station;
        completed += event.type == TR_EVENT_OP_DONE && event.object == op && event.reason == TR_REASON_HANGUP;
    }
    CHECK(hung_up == 1 && completed == 1);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

static tr_ctx *handled;
static tr_channel handled_line;
static int16_t handled_samples[8];
static volatile int handled_events, handled_errors;

/* What each function does here is not the question: that it comes back is. */
static void every_function(void)
{
    tr_channel channel, line = handled_line;
    tr_event event = TR_EVENT_INIT;
    tr_result result = TR_RESULT_INIT;
    tr_counters counters = TR_COUNTERS_INIT;
    tr_sim_state far = TR_SIM_STATE_INIT;
    tr_state states[4] = {TR_STATE_INIT, TR_STATE_INIT, TR_STATE_INIT, TR_STATE_INIT};
    tr_op_state ops[4] = {TR_OP_STATE_INIT, TR_OP_STATE_INIT, TR_OP_STATE_INIT, TR_OP_STATE_INIT};
    tr_until until = TR_UNTIL_INIT, sound = TR_UNTIL_INIT;
    tr_source source = TR_SOURCE_INIT;
    tr_sink sink = TR_SINK_INIT;
    tr_conference room;
    uint64_t at;
    int16_t samples[8] = {0};
    tr_op op = 0;
    until.kind = TR_UNTIL_MAX_TIME;
    until.value = 1000;
    sound.kind = TR_UNTIL_SOUND;
    sound.value = 1000;
    source.kind = TR_SOURCE_SILENCE;
    source.length_ms = 10;
    sink.kind = TR_SINK_MEMORY;
    sink.samples = handled_samples;
    sink.capacity = 8;
    CHECK(tr_abi_version() == TR_ABI_VERSION && tr_version() != NULL && tr_strerror(0, 0) != NULL);
    CHECK(tr_port_count(handled) == 4);
    CHECK(tr_channel_open(handled, "0/1", NULL, &channel) == TR_OK);
    CHECK(tr_channel_state(handled, line, states) == TR_OK && tr_snapshot(handled, states, 4, &at) == 4);
    CHECK(tr_event_next(handled, &event, 0) >= 0 && tr_event_fd(handled) >= 0);
    tr_answer(handled, line);
    tr_release(handled, line);
    tr_ring(handled, channel, "1", NULL);
    tr_flash(handled, line);
    tr_disconnect(handled, channel);
    tr_message_waiting(handled, channel, 0);
    tr_tone(handled, channel, TR_TONE_NONE);
    tr_gain(handled, channel, 0, 0);
    tr_send_digits(handled, line, "1");
    tr_dial(handled, line, "1", 0, NULL);
    tr_play(handled, channel, &source, 1, NULL, 0, NULL);
    tr_record(handled, channel, &sink, NULL, 0, NULL);
    tr_detect(handled, channel, &sound, 1, NULL);
    tr_collect(handled, channel, &until, 1, 1, &op);
    CHECK(tr_ops(handled, ops, 4, &at) >= 1);
    tr_op_wait(handled, op, 1, &result);
    tr_op_stop(handled, op);
    tr_bridge(handled, line, channel);
    tr_unbridge(handled, line, channel);
    tr_listen(handled, line, channel);
    tr_unlisten(handled, line, channel);
    CHECK(tr_conference_create(handled, &room) == TR_OK);
    tr_conference_join(handled, room, channel, TR_ROLE_PARTY);
    tr_conference_leave(handled, room, channel);
    CHECK(tr_conference_destroy(handled, room) == TR_OK);
    CHECK(tr_counters_read(handled, &counters) == TR_OK);
    tr_self_test(handled, 0, TR_ALL_PORTS, NULL);
    tr_trace(handled, 0, "/nowhere/at.all", NULL);
    tr_sim_call(handled, 0, NULL, NULL);
    tr_sim_answer(handled, 0);
    tr_sim_refuse(handled, 0, 0);
    tr_sim_hangup(handled, 0);
    tr_sim_loop_break(handled, 0, 1);
    tr_sim_lift(handled, 1);
    tr_sim_put_down(handled, 1);
    tr_sim_flash(handled, 1, 1);
    tr_sim_keys(handled, 1, "1");
    tr_sim_speak(handled, 1, samples, 8);
    tr_sim_heard(handled, 1, samples, 8);
    tr_sim_noise(handled, 1, 0);
    tr_sim_echo(handled, 1, 0, 0);
    tr_record_pause(handled, op, 1);
    tr_sim_fault(handled, 1, TR_SIM_FAULT_CUT, 0);
    CHECK(tr_sim_state_read(handled, 1, &far) == TR_OK);
    CHECK(tr_channel_close(handled, channel) == TR_OK);
}

static void handler(void *user, const tr_event *event)
{
    tr_state state = TR_STATE_INIT;
    tr_timer timer;
    CHECK(user == &handled_events);
    if (event->type != TR_EVENT_USER && event->type != TR_EVENT_TIMER)
        return;
    /* Everything that does not wait may be called from here; closing and changing the handler may not. */
    CHECK(tr_port_state(handled, 0, &state) == TR_OK);
    if (handled_events == 0)
        CHECK(tr_timer_start(handled, 1, 0, NULL, &timer) == TR_OK);
    handled_errors += tr_close(handled, 0) == TR_E_STATE;
    handled_errors += tr_set_handler(handled, NULL, NULL) == TR_E_STATE;
    handled_errors += tr_sim_advance(handled, 1) == TR_E_STATE;
    every_function();
    usleep(20000);
    handled_events++;
}

static void calls_from_a_handler(tr_ctx *ctx, tr_channel line)
{
    handled = ctx;
    handled_line = line;
    CHECK(tr_set_handler(ctx, handler, (void *) &handled_events) == TR_OK);
    CHECK(tr_event_post(ctx, 1, NULL) == TR_OK);
    for (int i = 0; handled_events < 2; i++) {
        CHECK(i < 500);
        usleep(10000);
        CHECK(tr_sim_advance(ctx, 10) == TR_OK);
    }
    CHECK(tr_set_handler(ctx, NULL, NULL) == TR_OK);
    CHECK(handled_errors == 3 * handled_events);
}

static volatile int waiting;

static void *waits(void *ctx)
{
    tr_event event = TR_EVENT_INIT;
    waiting = 1;
    CHECK_ERROR(tr_event_next(ctx, &event, TR_FOREVER), TR_E_CLOSED);
    return NULL;
}

static void close_during_a_wait(void)
{
    tr_ctx *ctx = open_simulated("sim:fxo");
    tr_event event = TR_EVENT_INIT;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, waits, ctx) == 0);
    while (!waiting)
        usleep(1000);
    usleep(50000);
    CHECK(tr_close(ctx, 100) == TR_OK);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_ERROR(tr_close(ctx, 100), TR_E_STALE);
    CHECK_ERROR(tr_event_next(ctx, &event, 0), TR_E_STALE);
    CHECK_ERROR(tr_port_count(ctx), TR_E_STALE);
}

static void a_fork(tr_ctx *ctx)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        tr_config config = TR_CONFIG_INIT;
        tr_ctx *other;
        const char *cards[] = {"sim:fxo"};
        config.cards = cards;
        config.card_count = 1;
        _exit(tr_port_count(ctx) == TR_E_FORKED && tr_open(&config, &other) == TR_E_FORKED ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(tr_port_count(ctx) == 4);
}

/* A daemon: its parent had a context and closed it. */
static void a_child_after_the_close(tr_ctx *closed)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        tr_ctx *own = open_simulated("sim:fxo");
        tr_channel line;
        CHECK_ERROR(tr_port_count(closed), TR_E_FORKED);
        CHECK(tr_port_count(own) == 4 && tr_channel_open(own, "0/0", NULL, &line) == TR_OK);
        CHECK(tr_close(own, 0) == TR_OK);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void two_contexts(void)
{
    tr_ctx *one = open_simulated("sim:fxs"), *two = open_simulated("sim:fxs");
    tr_channel first, second;
    CHECK(tr_channel_open(one, "0/0", NULL, &first) == TR_OK && tr_channel_open(two, "0/0", NULL, &second) == TR_OK);
    CHECK(first != second);
    CHECK_ERROR(tr_channel_close(two, first), TR_E_STALE);
    CHECK(tr_close(one, 0) == TR_OK && tr_close(two, 0) == TR_OK);
}

int main(void)
{
    tr_ctx *ctx = open_simulated("sim:fxo,fxs");
    tr_channel line;
    CHECK(tr_channel_open(ctx, "0/0", NULL, &line) == TR_OK);
    null_pointers(ctx, line);
    wrong_values(ctx, line);
    structure_sizes(ctx, line);
    stale_handles(ctx);
    calls_from_a_handler(ctx, line);
    a_fork(ctx);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    a_child_after_the_close(ctx);
    a_slow_reader();
    a_hang_up_with_a_full_queue();
    close_during_a_wait();
    two_contexts();
    puts("ok");
    return 0;
}
