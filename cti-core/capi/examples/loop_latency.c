/*
 * Loop latency meter: how long a key takes from one telephone to the other. Two telephones (ports 0 and 1) are
 * lifted and connected; for each key pressed at the first, the time until the same key is heard at the second is
 * measured by the board's clock and printed in milliseconds, at last the median.
 *
 * The second telephone has to send back what it hears (on a bench: its two wires joined with the first telephone's
 * receiver, or an echo unit). On the simulator nobody does: a program that plays the far ends presses the key there,
 * too (tr_sim_keys).
 *
 *     loop_latency CARD [KEYS]
 */
#include <stdio.h>
#include <stdlib.h>

#include <tipring.h>

#define KEYS_MAX 100

static int failed(const char *what, int32_t error)
{
    char detail[256];
    tr_last_detail(detail, sizeof detail);
    fprintf(stderr, "%s: %s. %s\n", what, tr_strerror(error, TR_LANG_EN), detail);
    return 1;
}

static int by_size(const void *a, const void *b)
{
    double one = *(const double *) a, two = *(const double *) b;
    return (one > two) - (one < two);
}

/* Measures `keys` round trips and returns the median in ms, below zero on failure. */
static double measure(tr_ctx *ctx, int keys)
{
    tr_channel near_end, far_end;
    double times[KEYS_MAX];
    uint64_t pressed_ns = 0;
    int lifted = 0, count = 0;
    int32_t error = tr_channel_open(ctx, "0/0", NULL, &near_end);
    if (error < 0 || (error = tr_channel_open(ctx, "0/1", NULL, &far_end)) < 0) {
        failed("Opening the ports", error);
        return -1;
    }
    while (count < keys) {
        tr_event event = TR_EVENT_INIT;
        if (tr_event_next(ctx, &event, TR_FOREVER) != 1)
            return -1;
        if (event.type == TR_EVENT_OFF_HOOK && ++lifted == 2) {
            error = tr_bridge(ctx, near_end, far_end);
            if (error < 0) {
                failed("Connecting", error);
                return -1;
            }
        } else if (event.type == TR_EVENT_DIGIT && event.channel == near_end) {
            pressed_ns = event.time_ns;
        } else if (event.type == TR_EVENT_DIGIT && event.channel == far_end && pressed_ns != 0) {
            times[count] = (double) (event.time_ns - pressed_ns) / 1e6;
            printf("%s: %.0f ms\n", event.text, times[count]);
            fflush(stdout);
            count++;
            pressed_ns = 0;
        }
    }
    qsort(times, (size_t) count, sizeof times[0], by_size);
    return times[count / 2];
}

int main(int argc, char **argv)
{
    tr_config config = TR_CONFIG_INIT;
    const char *cards[1];
    tr_ctx *ctx;
    int32_t error;
    int keys = argc > 2 ? atoi(argv[2]) : 10;
    double median;
    if (argc < 2 || keys < 1 || keys > KEYS_MAX) {
        fprintf(stderr, "Usage: %s CARD [KEYS]\n", argv[0]);
        return 2;
    }
    cards[0] = argv[1];
    config.cards = cards;
    config.card_count = 1;
    error = tr_open(&config, &ctx);
    if (error < 0)
        return failed("Opening the card", error);
    median = measure(ctx, keys);
    printf("median %.0f ms\n", median);
    tr_close(ctx, 2000);
    return median < 0;
}
