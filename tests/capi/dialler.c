/* The example names what became of each call, and whoever answers hears its file. */
#define main example_main
#include "../../cti-core/capi/examples/dialler.c"
#undef main

#include "test.h"

static char message[512];
static int16_t sound[60 * 8000];

static int body(tr_ctx *ctx)
{
    return dial(ctx, "10086", message);
}

static void one_call(const char *expected, uint32_t refusal)
{
    struct example example;
    tr_sim_state line = TR_SIM_STATE_INIT;
    char said[256] = "";
    int ends[2], saved = dup(1);
    ssize_t count;
    tr_ctx *ctx = open_simulated("sim:fxo");
    CHECK(pipe(ends) == 0 && dup2(ends[1], 1) == 1);
    CHECK(tr_sim_refuse(ctx, 0, refusal) == TR_OK);
    start_example(&example, ctx, body);
    for (int ms = 0; strcmp(line.dialled, "10086") != 0; ms += 100) {
        CHECK(ms < 20000);
        pass(ctx, 100);
        CHECK(tr_sim_state_read(ctx, 0, &line) == TR_OK);
    }
    pass(ctx, 6000);
    if (strcmp(expected, "answered") == 0) {  /* the voice of who answers is what tells the answer on these lines */
        CHECK(tr_sim_answer(ctx, 0) == TR_OK);
        pass(ctx, 6000);
        count = (ssize_t) tr_sim_heard(ctx, 0, sound, sizeof sound / 2);
        CHECK(contains_tone(sound, (size_t) count, 800, 1700));
    }
    finish_example(&example, 60000);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    fflush(stdout);
    CHECK(dup2(saved, 1) == 1);
    close(ends[1]);
    count = read(ends[0], said, sizeof said - 1);
    CHECK(count > 0);
    fprintf(stderr, "%s", said);
    CHECK(strstr(said, expected) != NULL);
    close(ends[0]);
    close(saved);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    snprintf(message, sizeof message, "%s/message.wav", argv[1]);
    write_tone(message, 800, 2000);
    one_call("answered", 0);
    one_call("busy", TR_SIM_BUSY);
    one_call("congestion", TR_SIM_CONGESTION);
    one_call("no answer", 0);
    puts("ok");
    return 0;
}
