/*
 * Fax-tone detector: answers each call on the trunk, plays a greeting, and prints within seconds whether a fax machine
 * calls (CNG) or a person: a machine is transferred by a hook flash and digits, a person hears the greeting to its end.
 *
 *     fax_detector CARD GREETING.wav FAX-EXTENSION [CALLS]
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

static int serve(tr_ctx *ctx, const char *greeting, const char *extension, int calls)
{
    tr_channel line;
    tr_op playing = 0;
    tr_timer flashed = 0, dialled = 0;
    int taken = 0, machine = 0;
    int32_t error = tr_channel_open(ctx, "0/0", NULL, &line);
    if (error < 0)
        return failed("Opening the trunk", error);
    while (calls == 0 || taken < calls) {
        tr_event event = TR_EVENT_INIT;
        if (tr_event_next(ctx, &event, TR_FOREVER) != 1)
            break;
        if (event.type == TR_EVENT_OFFERED && tr_answer(ctx, line) == TR_OK) {
            tr_source source = TR_SOURCE_INIT;
            machine = 0;
            source.kind = TR_SOURCE_FILE;
            source.path = greeting;
            error = tr_play(ctx, line, &source, 1, NULL, 0, &playing);
            if (error < 0)
                return failed("Playing", error);
        } else if (event.type == TR_EVENT_MACHINE && !machine) {
            machine = 1;
            printf("fax: %s\n", event.text);
            fflush(stdout);
            tr_op_stop(ctx, playing);
            /* The exchange gives dial tone after a flash; half a second is enough for it. */
            tr_flash(ctx, line);
            tr_timer_start(ctx, 1000, 0, NULL, &flashed);
        } else if (event.type == TR_EVENT_TIMER && event.object == flashed) {
            tr_send_digits(ctx, line, extension);
            tr_timer_start(ctx, 3000, 0, NULL, &dialled);
        } else if (event.type == TR_EVENT_TIMER && event.object == dialled) {
            tr_release(ctx, line);
        } else if (event.type == TR_EVENT_OP_DONE && event.object == playing && !machine) {
            printf("person\n");
            fflush(stdout);
            tr_release(ctx, line);
        } else if (event.type == TR_EVENT_DISCONNECTED) {
            tr_release(ctx, line);
        } else if (event.type == TR_EVENT_RESTED) {
            taken++;
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
    if (argc < 4) {
        fprintf(stderr, "Usage: %s CARD GREETING.wav FAX-EXTENSION [CALLS]\n", argv[0]);
        return 2;
    }
    cards[0] = argv[1];
    config.cards = cards;
    config.card_count = 1;
    error = tr_open(&config, &ctx);
    if (error < 0)
        return failed("Opening the card", error);
    result = serve(ctx, argv[2], argv[3], argc > 4 ? atoi(argv[4]) : 0);
    tr_close(ctx, 2000);
    return result;
}
