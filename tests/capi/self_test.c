/* Self tests of modules: those that are well pass, each fault is found and named, and a line that is needed is served
 * at once. Exactly one completion each. */
#include "test.h"

/* Lets time pass until an operation has ended; its completion must be the only one. */
static tr_event completion(tr_ctx *ctx, tr_op op)
{
    tr_event event = TR_EVENT_INIT, done = TR_EVENT_INIT;
    int completions = 0;
    for (int ms = 0; ms < 5000; ms++) {
        while (tr_event_next(ctx, &event, 0) == 1)
            if (event.type == TR_EVENT_OP_DONE && event.object == op) {
                done = event;
                completions++;
            }
        CHECK(tr_sim_advance(ctx, 1) == TR_OK);
    }
    CHECK(completions == 1 && done.channel == 0);
    return done;
}

static tr_event tested(tr_ctx *ctx, uint32_t card, uint32_t port)
{
    tr_op op = 0;
    CHECK(tr_self_test(ctx, card, port, &op) == TR_OK && op != 0);
    return completion(ctx, op);
}

static void modules_that_are_well_pass(void)
{
    tr_ctx *ctx = open_simulated("sim:fxo,fxs,fxs");
    tr_op_state state = TR_OP_STATE_INIT;
    tr_result result = TR_RESULT_INIT;
    tr_event event;
    tr_op op;
    event = tested(ctx, 0, TR_ALL_PORTS);
    CHECK(event.reason == TR_REASON_END && event.text[0] == 0);
    for (uint32_t port = 0; port < 3; port++)
        CHECK(tested(ctx, 0, port).reason == TR_REASON_END);
    CHECK_ERROR(tr_self_test(ctx, 0, 3, &op), TR_E_STATE);
    CHECK_ERROR(tr_self_test(ctx, 0, 4, &op), TR_E_ARGUMENT);
    CHECK_ERROR(tr_self_test(ctx, 1, 0, &op), TR_E_ARGUMENT);
    /* One at a time on a card; one that is stopped ends at once, and the next can begin. */
    CHECK(tr_self_test(ctx, 0, TR_ALL_PORTS, &op) == TR_OK);
    CHECK_ERROR(tr_self_test(ctx, 0, 0, NULL), TR_E_BUSY);
    CHECK(tr_ops(ctx, &state, 1, NULL) == 1 && state.kind == TR_OP_SELF_TEST && state.op == op && state.channel == 0);
    CHECK(tr_sim_advance(ctx, 30) == TR_OK && tr_op_stop(ctx, op) == TR_OK);
    CHECK(tr_op_wait(ctx, op, 0, &result) == 1 && result.reason == TR_REASON_STOPPED);
    CHECK(tested(ctx, 0, TR_ALL_PORTS).reason == TR_REASON_END);
    CHECK_ERROR(tr_op_stop(ctx, op), TR_OK);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

static void each_fault_is_named(void)
{
    tr_ctx *ctx = open_simulated("sim:fxo,fxs,fxs");
    tr_event event;
    CHECK(tr_sim_fault(ctx, 1, TR_SIM_FAULT_REGISTER, 1) == TR_OK);
    event = tested(ctx, 0, TR_ALL_PORTS);
    CHECK(event.reason == TR_REASON_FAILED && strstr(event.text, "Port 1: register 48") != NULL);
    CHECK(tr_sim_fault(ctx, 1, TR_SIM_FAULT_REGISTER, 0) == TR_OK);
    /* The supply runs down; a little later the module takes itself out of service. */
    CHECK(tr_sim_fault(ctx, 2, TR_SIM_FAULT_SUPPLY, 1) == TR_OK && tr_sim_advance(ctx, 600) == TR_OK);
    event = tested(ctx, 0, 2);
    CHECK(event.reason == TR_REASON_FAILED);
    CHECK(strstr(event.text, "Port 2: the supply") != NULL);
    CHECK(tested(ctx, 0, 1).reason == TR_REASON_END);
    CHECK_ERROR(tr_sim_fault(ctx, 0, TR_SIM_FAULT_SUPPLY, 1), TR_E_UNSUPPORTED);
    CHECK_ERROR(tr_sim_fault(ctx, 3, TR_SIM_FAULT_DEAD, 1), TR_E_UNSUPPORTED);
    CHECK_ERROR(tr_sim_fault(ctx, 0, 99, 1), TR_E_ARGUMENT);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

static void a_module_that_dies_under_test_is_reported(void)
{
    tr_ctx *ctx = open_simulated("sim:fxs");
    tr_event event;
    tr_op op;
    CHECK(tr_self_test(ctx, 0, 0, &op) == TR_OK && tr_sim_advance(ctx, 60) == TR_OK);
    CHECK(tr_sim_fault(ctx, 0, TR_SIM_FAULT_DEAD, 1) == TR_OK);
    event = completion(ctx, op);
    CHECK(event.reason == TR_REASON_FAILED && strncmp(event.text, "Port 0: ", 8) == 0);
    CHECK_ERROR(tr_self_test(ctx, 0, TR_ALL_PORTS, &op), TR_E_STATE);
    /* It comes back, and passes. */
    CHECK(tr_sim_fault(ctx, 0, TR_SIM_FAULT_DEAD, 0) == TR_OK && tr_sim_advance(ctx, 20000) == TR_OK);
    CHECK(tested(ctx, 0, 0).reason == TR_REASON_END);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

/* A call outranks a test: the caller is offered, the person who lifts is served, and no sound of the test is left. */
static void a_line_that_is_needed_is_served(void)
{
    static int16_t samples[16000];
    tr_ctx *ctx = open_simulated("sim:fxo,fxs");
    tr_until until = TR_UNTIL_INIT;
    tr_sink sink = TR_SINK_INIT;
    tr_channel trunk, station;
    tr_event event;
    tr_op op, recording;
    CHECK(tr_channel_open(ctx, "0/0", NULL, &trunk) == TR_OK && tr_channel_open(ctx, "0/1", NULL, &station) == TR_OK);
    CHECK(tr_self_test(ctx, 0, 1, &op) == TR_OK && tr_sim_advance(ctx, 60) == TR_OK);
    CHECK(tr_sim_lift(ctx, 1) == TR_OK);
    event = wait_event(ctx, TR_EVENT_OP_DONE, 3000);
    CHECK(event.object == op && event.reason == TR_REASON_IN_USE && strncmp(event.text, "Port 1: ", 8) == 0);
    wait_event(ctx, TR_EVENT_OFF_HOOK, 3000);
    CHECK_ERROR(tr_self_test(ctx, 0, 1, &op), TR_E_STATE);
    CHECK_ERROR(tr_self_test(ctx, 0, TR_ALL_PORTS, &op), TR_E_STATE);
    /* The chip is out of its loopback: the person is heard, and what is played is not. */
    CHECK(tr_tone(ctx, station, TR_TONE_DIAL) == TR_OK);
    CHECK(tr_sim_speak(ctx, 1, (int16_t *) fill_tone(samples, 8000, 1000, 6000), 8000) == TR_OK);
    sink.kind = TR_SINK_MEMORY;
    sink.samples = samples;
    sink.capacity = 16000;
    sink.tracks = TR_TRACKS_LEFT;
    until.kind = TR_UNTIL_MAX_TIME;
    until.value = 900;
    CHECK(tr_record(ctx, station, &sink, &until, 1, &recording) == TR_OK);
    event = wait_event(ctx, TR_EVENT_OP_DONE, 3000);
    CHECK(event.object == recording && contains_tone(samples, (size_t) event.value, 1000, 600));
    /* A trunk that rings during its test. */
    CHECK(tr_self_test(ctx, 0, 0, &op) == TR_OK && tr_sim_advance(ctx, 60) == TR_OK);
    CHECK(tr_sim_call(ctx, 0, NULL, NULL) == TR_OK);
    wait_event(ctx, TR_EVENT_OFFERED, 10000);
    CHECK(tr_op_wait(ctx, op, 0, NULL) == 1);
    CHECK(tr_close(ctx, 1000) == TR_OK);
}

int main(void)
{
    modules_that_are_well_pass();
    each_fault_is_named();
    a_module_that_dies_under_test_is_reported();
    a_line_that_is_needed_is_served();
    puts("ok");
    return 0;
}
