/* The example records both sides of a call, each on its own track, as long as the call was. */
#define main example_main
#include "../../cti-core/capi/examples/recorder.c"
#undef main

#include "test.h"

static char folder[256];
static int16_t sound[60 * 8000];

static int body(tr_ctx *ctx)
{
    return serve(ctx, folder, 1);
}

int main(int argc, char **argv)
{
    struct example example;
    tr_sim_state desk = TR_SIM_STATE_INIT;
    char path[300];
    size_t count, agreeing = 0;
    unsigned char frame[4];
    FILE *file;
    tr_ctx *ctx;
    CHECK(argc == 2);
    snprintf(folder, sizeof folder, "%s", argv[1]);
    ctx = open_simulated("sim:fxo,fxs");
    start_example(&example, ctx, body);
    pass(ctx, 100);
    CHECK(tr_sim_call(ctx, 0, "13800138000", NULL) == TR_OK);
    pass(ctx, 3000);
    CHECK(tr_sim_state_read(ctx, 1, &desk) == TR_OK && desk.ringing);
    CHECK(tr_sim_lift(ctx, 1) == TR_OK);
    pass(ctx, 2000);
    fill_tone(sound, 16000, 700, 6000);
    CHECK(tr_sim_speak(ctx, 0, sound, 16000) == TR_OK);
    fill_tone(sound, 16000, 1100, 6000);
    CHECK(tr_sim_speak(ctx, 1, sound, 16000) == TR_OK);
    pass(ctx, 3000);
    CHECK(tr_sim_put_down(ctx, 1) == TR_OK);
    pass(ctx, 100);
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    finish_example(&example, 30000);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    snprintf(path, sizeof path, "%s/call-1.wav", folder);
    count = read_left(path, sound, sizeof sound / 2);
    CHECK(count > 4 * 8000 && count < 6 * 8000);
    CHECK(contains_tone(sound, count, 700, 1500) && !contains_tone(sound, count, 1100, 100));
    /* The right track. */
    file = fopen(path, "rb");
    CHECK(file != NULL && fseek(file, 44, SEEK_SET) == 0);
    while (agreeing < sizeof sound / 2 && fread(frame, 4, 1, file) == 1)
        sound[agreeing++] = (int16_t) (frame[2] | frame[3] << 8);
    fclose(file);
    CHECK(contains_tone(sound, agreeing, 1100, 1500) && !contains_tone(sound, agreeing, 700, 100));
    puts("ok");
    return 0;
}
