/* The example takes a message: the caller hears the greeting, and the file holds what the caller said. */
#define main example_main
#include "../../cti-core/capi/examples/answering_machine.c"
#undef main

#include "test.h"

static char greeting[512], folder[256];

static int body(tr_ctx *ctx)
{
    return serve(ctx, greeting, folder, 2);
}

static int16_t sound[60 * 8000];

int main(int argc, char **argv)
{
    struct example example;
    char path[600];
    size_t count;
    tr_ctx *ctx;
    CHECK(argc == 2);
    snprintf(folder, sizeof folder, "%s", argv[1]);
    snprintf(greeting, sizeof greeting, "%s/greeting.wav", folder);
    write_tone(greeting, 1000, 1500);
    ctx = open_simulated("sim:fxo");
    start_example(&example, ctx, body);

    CHECK(tr_sim_call(ctx, 0, "13800138000", NULL) == TR_OK);
    pass(ctx, 16000);
    count = (size_t) tr_sim_heard(ctx, 0, sound, sizeof sound / 2);
    CHECK(contains_tone(sound, count, 1000, 1300));
    fill_tone(sound, 2 * 8000, 700, 6000);
    CHECK(tr_sim_speak(ctx, 0, sound, 2 * 8000) == TR_OK);
    pass(ctx, 2500);
    CHECK(tr_sim_keys(ctx, 0, "#") == TR_OK);
    pass(ctx, 5000);
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    pass(ctx, 3000);
    snprintf(path, sizeof path, "%s/message-1.wav", folder);
    count = read_left(path, sound, sizeof sound / 2);
    CHECK(contains_tone(sound, count, 700, 1800));

    /* Another caller hangs up in the middle of the message. */
    CHECK(tr_sim_call(ctx, 0, NULL, NULL) == TR_OK);
    pass(ctx, 18000);
    fill_tone(sound, 8000, 900, 6000);
    CHECK(tr_sim_speak(ctx, 0, sound, 8000) == TR_OK);
    pass(ctx, 1500);
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    finish_example(&example, 60000);
    snprintf(path, sizeof path, "%s/message-2.wav", folder);
    count = read_left(path, sound, sizeof sound / 2);
    CHECK(contains_tone(sound, count, 900, 800));
    CHECK(tr_close(ctx, 1000) == TR_OK);
    puts("ok");
    return 0;
}
