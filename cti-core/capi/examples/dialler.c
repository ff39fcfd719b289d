/*
 * Dialler with progress analysis: calls a number on a trunk and prints what became of it: answered, busy, congestion,
 * no answer, no dial tone, number not in service. When the call is answered it plays a file and hangs up.
 *
 *     dialler CARD NUMBER MESSAGE.wav
 */
#include <stdio.h>
#include <string.h>

#include <tipring.h>

static int failed(const char *what, int32_t error)
{
    char detail[256];
    tr_last_detail(detail, sizeof detail);
    fprintf(stderr, "%s: %s. %s\n", what, tr_strerror(error, TR_LANG_EN), detail);
    return 1;
}

static const char *outcome(uint32_t reason, uint32_t cause)
{
    if (reason == TR_REASON_END)
        return "answered";
    if (reason == TR_REASON_MAX_TIME)
        return "no answer";
    switch (cause) {
    case TR_CAUSE_BUSY:
    case TR_CAUSE_TONE:
        return "busy";
    case TR_CAUSE_CONGESTION:
        return "congestion";
    case TR_CAUSE_NO_DIAL_TONE:
        return "no dial tone";
    case TR_CAUSE_NO_BATTERY:
        return "no line";
    case TR_CAUSE_GLARE:
        return "a call came in";
    case TR_CAUSE_UNASSIGNED:
    case TR_CAUSE_INTERCEPTED:
    case TR_CAUSE_ANNOUNCED:
        return "not in service";
    default:
        return "failed";
    }
}

/* Waits until the line can be used. */
static int in_service(tr_ctx *ctx, tr_channel line)
{
    tr_state state = TR_STATE_INIT;
    tr_event event = TR_EVENT_INIT;
    while (tr_channel_state(ctx, line, &state) == TR_OK && state.state == TR_STATE_OUT_OF_SERVICE)
        if (tr_event_next(ctx, &event, 10000) != 1)
            return 0;
    return 1;
}

static int dial(tr_ctx *ctx, const char *number, const char *message)
{
    tr_channel line;
    tr_op dialling, playing = 0;
    int32_t error = tr_channel_open(ctx, "0/0", NULL, &line);
    if (error < 0)
        return failed("Opening the trunk", error);
    if (!in_service(ctx, line)) {
        fprintf(stderr, "The line did not come into service within ten seconds\n");
        return 1;
    }
    error = tr_dial(ctx, line, number, 30000, &dialling);
    if (error < 0)
        return failed("Dialling", error);
    for (;;) {
        tr_event event = TR_EVENT_INIT;
        if (tr_event_next(ctx, &event, TR_FOREVER) != 1)
            return 1;
        if (event.type == TR_EVENT_OP_DONE && event.object == dialling) {
            printf("%s: %s\n", number, outcome(event.reason, event.cause));
            fflush(stdout);
            if (event.reason == TR_REASON_END) {
                tr_source source = TR_SOURCE_INIT;
                source.kind = TR_SOURCE_FILE;
                source.path = message;
                error = tr_play(ctx, line, &source, 1, NULL, 0, &playing);
                if (error < 0)
                    return failed("Playing", error);
            } else {
                tr_release(ctx, line);
            }
        } else if (event.type == TR_EVENT_OP_DONE && event.object == playing) {
            tr_release(ctx, line);
        } else if (event.type == TR_EVENT_RESTED) {
            return 0;
        }
    }
}

int main(int argc, char **argv)
{
    tr_config config = TR_CONFIG_INIT;
    const char *cards[1];
    tr_ctx *ctx;
    int32_t error;
    int result;
    if (argc < 4) {
        fprintf(stderr, "Usage: %s CARD NUMBER MESSAGE.wav\n", argv[0]);
        return 2;
    }
    cards[0] = argv[1];
    config.cards = cards;
    config.card_count = 1;
    error = tr_open(&config, &ctx);
    if (error < 0)
        return failed("Opening the card", error);
    result = dial(ctx, argv[2], argv[3]);
    tr_close(ctx, 2000);
    return result;
}
