/*
 * IVR with a menu: answers a trunk, plays a prompt that the first key interrupts, and acts on the key: 1 plays one
 * file, 2 another, 0 connects the caller with the telephone on station port 1. Without a key the prompt is repeated
 * twice.
 *
 *     ivr_menu CARD PROMPT.wav ONE.wav TWO.wav [CALLS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tipring.h>

#define TRIES 3

static int failed(const char *what, int32_t error)
{
    char detail[256];
    tr_last_detail(detail, sizeof detail);
    fprintf(stderr, "%s: %s. %s\n", what, tr_strerror(error, TR_LANG_EN), detail);
    return 1;
}

struct menu {
    tr_ctx *ctx;
    tr_channel line, desk;
    const char *prompt, *one, *two;
    tr_op prompting, collecting, telling;
    int tries, ringing, talking;
};

static void play(struct menu *menu, const char *path, int interrupted_by_keys, tr_op *op)
{
    tr_source source = TR_SOURCE_INIT;
    tr_until until = TR_UNTIL_INIT;
    int32_t error;
    source.kind = TR_SOURCE_FILE;
    source.path = path;
    until.kind = TR_UNTIL_MAX_DIGITS;
    until.value = 1;
    error = tr_play(menu->ctx, menu->line, &source, 1, &until, interrupted_by_keys ? 1 : 0, op);
    if (error < 0)
        failed(path, error);
}

static void ask(struct menu *menu)
{
    menu->tries++;
    play(menu, menu->prompt, 1, &menu->prompting);
}

/* The prompt is over or was interrupted: the key counts from the beginning of the prompt on. */
static void collect(struct menu *menu)
{
    tr_until until[2] = {TR_UNTIL_INIT, TR_UNTIL_INIT};
    int32_t error;
    until[0].kind = TR_UNTIL_MAX_DIGITS;
    until[0].value = 1;
    until[1].kind = TR_UNTIL_FIRST_DIGIT;
    until[1].value = 4000;
    error = tr_collect(menu->ctx, menu->line, until, 2, 0, &menu->collecting);
    if (error < 0)
        failed("Collecting", error);
}

static void chosen(struct menu *menu, char key)
{
    printf("key %c\n", key ? key : '-');
    fflush(stdout);
    switch (key) {
    case '1':
        play(menu, menu->one, 0, &menu->telling);
        break;
    case '2':
        play(menu, menu->two, 0, &menu->telling);
        break;
    case '0':
        if (tr_ring(menu->ctx, menu->desk, NULL, NULL) == TR_OK) {
            menu->ringing = 1;
            tr_tone(menu->ctx, menu->line, TR_TONE_RINGBACK);
        } else {
            tr_release(menu->ctx, menu->line);
        }
        break;
    default:
        if (menu->tries < TRIES)
            ask(menu);
        else
            tr_release(menu->ctx, menu->line);
    }
}

/* The caller went, or the line was released here. */
static int is_call_over(uint32_t reason)
{
    return reason == TR_REASON_HANGUP || reason == TR_REASON_STOPPED;
}

static int serve(tr_ctx *ctx, const char *prompt, const char *one, const char *two, int calls)
{
    struct menu menu;
    int taken = 0;
    memset(&menu, 0, sizeof menu);
    menu.ctx = ctx;
    menu.prompt = prompt;
    menu.one = one;
    menu.two = two;
    if (tr_channel_open(ctx, "0/0", NULL, &menu.line) < 0 || tr_channel_open(ctx, "0/1", NULL, &menu.desk) < 0)
        return failed("Opening the ports", TR_E_BUSY);
    while (calls == 0 || taken < calls) {
        tr_event event = TR_EVENT_INIT;
        if (tr_event_next(ctx, &event, TR_FOREVER) != 1)
            break;
        if (event.type == TR_EVENT_OFFERED && tr_answer(ctx, menu.line) == TR_OK) {
            menu.tries = 0;
            ask(&menu);
        } else if (event.type == TR_EVENT_OP_DONE && !is_call_over(event.reason)) {
            if (event.object == menu.prompting)
                collect(&menu);
            else if (event.object == menu.collecting)
                chosen(&menu, event.text[0]);
            else if (event.object == menu.telling)
                tr_release(ctx, menu.line);
        } else if (event.type == TR_EVENT_OFF_HOOK && menu.ringing) {
            menu.ringing = 0;
            menu.talking = 1;
            tr_tone(ctx, menu.line, TR_TONE_NONE);
            tr_bridge(ctx, menu.line, menu.desk);
        } else if (event.type == TR_EVENT_DISCONNECTED) {
            tr_unbridge(ctx, menu.line, menu.desk);
            tr_tone(ctx, menu.line, TR_TONE_NONE);
            if (menu.ringing)
                tr_release(ctx, menu.desk);
            else
                tr_tone(ctx, menu.desk, TR_TONE_BUSY);
            menu.ringing = menu.talking = 0;
            tr_release(ctx, menu.line);
        } else if (event.type == TR_EVENT_ON_HOOK) {
            /* It may have been lifted and put down while a caller is at the menu: that call goes on. */
            tr_tone(ctx, menu.desk, TR_TONE_NONE);
            if (menu.talking) {
                menu.talking = 0;
                tr_unbridge(ctx, menu.line, menu.desk);
                tr_release(ctx, menu.line);
            }
        } else if (event.type == TR_EVENT_RESTED && event.channel == menu.line) {
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
    if (argc < 5) {
        fprintf(stderr, "Usage: %s CARD PROMPT.wav ONE.wav TWO.wav [CALLS]\n", argv[0]);
        return 2;
    }
    cards[0] = argv[1];
    config.cards = cards;
    config.card_count = 1;
    error = tr_open(&config, &ctx);
    if (error < 0)
        return failed("Opening the card", error);
    result = serve(ctx, argv[2], argv[3], argv[4], argc > 5 ? atoi(argv[5]) : 0);
    tr_close(ctx, 2000);
    return result;
}
