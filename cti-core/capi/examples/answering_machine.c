/*
 * Answering machine: waits for the caller's number (at most six seconds), answers, plays a greeting, records what the
 * caller says until a hang-up, the key # or a minute, and prints the number, the length and the file.
 *
 *     answering_machine CARD GREETING.wav FOLDER [CALLS]
 *     answering_machine 0000:05:01.0 greeting.wav /var/spool/messages
 *
 * To try it, let a simulated card with callers stand behind a socket:
 *
 *     tipring sim card --socket card.sock &
 *     answering_machine ./card.sock greeting.wav /tmp
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tipring.h>

static int failed(const char *what, int32_t error)
{
    char detail[256];
    tr_last_detail(detail, sizeof detail);
    fprintf(stderr, "%s: %s. %s\n", what, tr_strerror(error, TR_LANG_EN), detail);
    return 1;
}

/* The first file of the folder that is not there yet, nor begun. */
static void next_path(char *path, size_t capacity, const char *folder)
{
    char part[600];
    for (int number = 1;; number++) {
        snprintf(path, capacity, "%s/message-%d.wav", folder, number);
        snprintf(part, sizeof part, "%s.part", path);
        if (access(path, F_OK) != 0 && access(part, F_OK) != 0)
            return;
    }
}

/* Answers and plays the greeting; TR_E_SUPERSEDED says that the caller was quicker. */
static int32_t answer(tr_ctx *ctx, tr_channel line, const char *greeting, tr_op *playing)
{
    tr_source source = TR_SOURCE_INIT;
    int32_t error = tr_answer(ctx, line);
    if (error < 0)
        return error == TR_E_SUPERSEDED ? TR_OK : error;
    source.kind = TR_SOURCE_FILE;
    source.path = greeting;
    return tr_play(ctx, line, &source, 1, NULL, 0, playing);
}

/* Serves one trunk until `calls` have ended; 0 is for ever. */
static int serve(tr_ctx *ctx, const char *greeting, const char *folder, int calls)
{
    tr_channel line;
    tr_op playing = 0, recording = 0;
    tr_timer ringing = 0;
    char caller[TR_TEXT_MAX] = "unknown", path[512] = "";
    int taken = 0, offered = 0, named = 0;
    int32_t error = tr_channel_open(ctx, "0/0", NULL, &line);
    if (error < 0)
        return failed("Opening the trunk", error);
    while (calls == 0 || taken < calls) {
        tr_event event = TR_EVENT_INIT;
        if (tr_event_next(ctx, &event, TR_FOREVER) != 1)
            break;
        switch (event.type) {
        case TR_EVENT_CALLER_ID:
            snprintf(caller, sizeof caller, "%s", event.text[0] ? event.text : "unknown");
            named = 1;
            break;
        case TR_EVENT_OFFERED:
            /* Caller ID may come between the first two rings: answering before would lose it. */
            offered = 1;
            tr_timer_start(ctx, 6000, 0, NULL, &ringing);
            break;
        case TR_EVENT_ABANDONED:
            tr_timer_stop(ctx, ringing);
            offered = named = 0;
            snprintf(caller, sizeof caller, "unknown");
            break;
        case TR_EVENT_TIMER:
            /* That of an earlier call may have stood in the queue when it was stopped. */
            named |= event.object == ringing;
            break;
        case TR_EVENT_OP_DONE:
            if (event.object == playing && event.reason == TR_REASON_END) {
                tr_sink sink = TR_SINK_INIT;
                tr_until until[2] = {TR_UNTIL_INIT, TR_UNTIL_INIT};
                until[0].kind = TR_UNTIL_DIGIT;
                until[0].text = "#";
                until[1].kind = TR_UNTIL_MAX_TIME;
                until[1].value = 60000;
                next_path(path, sizeof path, folder);
                sink.path = path;
                error = tr_record(ctx, line, &sink, until, 2, &recording);
                if (error < 0)
                    return failed("Recording", error);
            } else if (event.object == recording) {
                printf("%s left %.1f s in %s\n", caller, (double) event.value / 8000.0, path);
                fflush(stdout);
                tr_release(ctx, line);
            } else if (event.object == playing) {
                printf("%s hung up during the greeting\n", caller);
                tr_release(ctx, line);
            }
            break;
        case TR_EVENT_RESTED:
            offered = named = 0;
            snprintf(caller, sizeof caller, "unknown");
            taken++;
            break;
        case TR_EVENT_TROUBLE:
            fprintf(stderr, "%s\n", event.text);
            break;
        default:
            break;
        }
        if (offered && named) {
            offered = 0;
            tr_timer_stop(ctx, ringing);
            error = answer(ctx, line, greeting, &playing);
            if (error < 0)
                return failed("Answering", error);
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
        fprintf(stderr, "Usage: %s CARD GREETING.wav FOLDER [CALLS]\n", argv[0]);
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
