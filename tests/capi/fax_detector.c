/* The example tells a calling fax machine from a person. */
#define main example_main
#include "../../cti-core/capi/examples/fax_detector.c"
#undef main

#include "test.h"

static char greeting[300];
static int16_t sound[60 * 8000];

static int body(tr_ctx *ctx)
{
    return serve(ctx, greeting, "8001", 1);
}

static void one_call(const char *expected, double hertz)
{
    struct example example;
    char said[128] = "";
    int ends[2], saved = dup(1);
    ssize_t count;
    tr_ctx *ctx = open_simulated("sim:fxo");
    CHECK(pipe(ends) == 0 && dup2(ends[1], 1) == 1);
    start_example(&example, ctx, body);
    pass(ctx, 100);
    CHECK(tr_sim_call(ctx, 0, NULL, NULL) == TR_OK);
    pass(ctx, 1500);
    /* CNG: half a second of tone every 3.5 s (T.30). */
    memset(sound, 0, sizeof sound);
    for (int burst = 0; burst < 5 && hertz > 0; burst++)
        fill_tone(sound + burst * 28000, 4000, hertz, 3000);
    CHECK(tr_sim_speak(ctx, 0, sound, 5 * 28000) == TR_OK);
    pass(ctx, 12000);
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    finish_example(&example, 30000);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    fflush(stdout);
    CHECK(dup2(saved, 1) == 1);
    close(ends[1]);
    count = read(ends[0], said, sizeof said - 1);
    fprintf(stderr, "%s", said);
    CHECK(count > 0 && strstr(said, expected) == said);
    close(ends[0]);
    close(saved);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    snprintf(greeting, sizeof greeting, "%s/greeting.wav", argv[1]);
    write_tone(greeting, 800, 8000);
    one_call("fax: CNG", 1100);
    one_call("person", 0);
    puts("ok");
    return 0;
}
