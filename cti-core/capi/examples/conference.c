/*
 * Three-party conference: whoever lifts one of the telephones on ports 0 to 2 is in it, and hears the others; each who
 * comes or goes is announced to the rest by a short tone.
 *
 *     conference CARD [SECONDS]
 */
#include <stdio.h>
#include <stdlib.h>

#include <tipring.h>

#define SEATS 3

static int failed(const char *what, int32_t error)
{
    char detail[256];
    tr_last_detail(detail, sizeof detail);
    fprintf(stderr, "%s: %s. %s\n", what, tr_strerror(error, TR_LANG_EN), detail);
    return 1;
}

/* 0.2 s of tone to one member. */
static void beep(tr_ctx *ctx, tr_channel seat, float hertz)
{
    tr_source tone = TR_SOURCE_INIT;
    tone.kind = TR_SOURCE_TONE;
    tone.hertz = hertz;
    tone.level_dbm0 = -20;
    tone.length_ms = 200;
    tr_play(ctx, seat, &tone, 1, NULL, 0, NULL);
}

/* Runs until the timer of `seconds` is over; 0 is for ever. */
static int serve(tr_ctx *ctx, int seconds)
{
    tr_channel seats[SEATS];
    int present[SEATS] = {0};
    tr_conference room;
    tr_timer end = 0;
    int32_t error = tr_conference_create(ctx, &room);
    if (error < 0)
        return failed("Making the conference", error);
    for (int seat = 0; seat < SEATS; seat++) {
        char path[8];
        snprintf(path, sizeof path, "0/%d", seat);
        error = tr_channel_open(ctx, path, &present[seat], &seats[seat]);
        if (error < 0)
            return failed(path, error);
    }
    if (seconds > 0)
        tr_timer_start(ctx, (uint32_t) seconds * 1000, 0, NULL, &end);
    for (;;) {
        tr_event event = TR_EVENT_INIT;
        int *here;
        if (tr_event_next(ctx, &event, TR_FOREVER) != 1)
            return 0;
        if (event.type == TR_EVENT_TIMER && event.object == end)
            return 0;
        if (event.type != TR_EVENT_OFF_HOOK && event.type != TR_EVENT_ON_HOOK)
            continue;
        here = event.user;
        *here = event.type == TR_EVENT_OFF_HOOK;
        if (*here)
            tr_conference_join(ctx, room, event.channel, TR_ROLE_PARTY);
        else
            tr_conference_leave(ctx, room, event.channel);
        for (int seat = 0; seat < SEATS; seat++)
            if (present[seat] && seats[seat] != event.channel)
                beep(ctx, seats[seat], *here ? 1000 : 500);
        printf("%d present\n", present[0] + present[1] + present[2]);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    tr_config config = TR_CONFIG_INIT;
    const char *cards[1];
    tr_ctx *ctx;
    int32_t error;
    int result;
    if (argc < 2) {
        fprintf(stderr, "Usage: %s CARD [SECONDS]\n", argv[0]);
        return 2;
    }
    cards[0] = argv[1];
    config.cards = cards;
    config.card_count = 1;
    error = tr_open(&config, &ctx);
    if (error < 0)
        return failed("Opening the card", error);
    result = serve(ctx, argc > 2 ? atoi(argv[2]) : 0);
    tr_close(ctx, 2000);
    return result;
}
