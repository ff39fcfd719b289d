/*
 * Call recorder: puts each call on the trunk (port 0) through to the telephone on port 1 and records both sides
 * while they talk: the caller on the left track, the telephone on the right. One file a call, numbered; prints its
 * length.
 *
 *     recorder CARD FOLDER [CALLS]
 */
#include <stdio.h>
#include <stdlib.h>

#include <tipring.h>

static int failed(const char *what, int32_t error)
{
    char detail[256];
    tr_last_detail(detail, sizeof detail);
    fprintf(stderr, "%s: %s. %s\n", what, tr_strerror(error, TR_LANG_EN), detail);
    return 1;
}

static int serve(tr_ctx *ctx, const char *folder, int calls)
{
    tr_channel line, desk;
    tr_op recording = 0;
    char path[512] = "";
    int taken = 0, number = 0;
    int32_t error = tr_channel_open(ctx, "0/0", NULL, &line);
    if (error < 0 || (error = tr_channel_open(ctx, "0/1", NULL, &desk)) < 0)
        return failed("Opening the ports", error);
    while (calls == 0 || taken < calls) {
        tr_event event = TR_EVENT_INIT;
        if (tr_event_next(ctx, &event, TR_FOREVER) != 1)
            break;
        switch (event.type) {
        case TR_EVENT_OFFERED:
            tr_ring(ctx, desk, NULL, NULL);
            break;
        case TR_EVENT_CALLER_ID:
            printf("call from %s\n", event.text);
            break;
        case TR_EVENT_OFF_HOOK:
            error = tr_answer(ctx, line);
            if (error == TR_OK) {
                tr_sink sink = TR_SINK_INIT;
                snprintf(path, sizeof path, "%s/call-%d.wav", folder, ++number);
                sink.path = path;
                sink.right = desk;
                tr_bridge(ctx, line, desk);
                error = tr_record(ctx, line, &sink, NULL, 0, &recording);
                if (error < 0)
                    failed("Recording", error);
            }
            break;
        case TR_EVENT_ABANDONED:
            tr_release(ctx, desk);
            taken++;
            break;
        case TR_EVENT_ON_HOOK:
        case TR_EVENT_DISCONNECTED:
            tr_op_stop(ctx, recording);
            tr_unbridge(ctx, line, desk);
            tr_tone(ctx, desk, event.type == TR_EVENT_DISCONNECTED ? TR_TONE_BUSY : TR_TONE_NONE);
            tr_release(ctx, line);
            break;
        case TR_EVENT_OP_DONE:
            if (event.reason == TR_REASON_FILE)
                fprintf(stderr, "%s could not be written\n", event.text);
            else
                printf("%s: %.1f s\n", path, (double) event.value / 8000);
            fflush(stdout);
            break;
        case TR_EVENT_RESTED:
            taken += event.channel == line;
            break;
        default:
            break;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    tr_config config = TR_CONFIG_INIT;
    const char *cards[1];
    tr_ctx *ctx;
    int32_t error;
    int result;
    if (argc < 3) {
        fprintf(stderr, "Usage: %s CARD FOLDER [CALLS]\n", argv[0]);
        return 2;
    }
    cards[0] = argv[1];
    config.cards = cards;
    config.card_count = 1;
    error = tr_open(&config, &ctx);
    if (error < 0)
        return failed("Opening the card", error);
    result = serve(ctx, argv[2], argc > 3 ? atoi(argv[3]) : 0);
    tr_close(ctx, 2000);
    return result;
}
