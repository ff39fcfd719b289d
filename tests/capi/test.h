/* What the C tests share: checks that name their line, WAV files, tones recognised, and an example run in a thread
 * of its own while the test plays the far ends on the virtual clock. */
#ifndef TEST_H
#define TEST_H

#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <tipring.h>
#include <tipring_sim.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

#define CHECK(condition)                                                                        \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            char detail_[256];                                                                  \
            tr_last_detail(detail_, sizeof detail_);                                            \
            fprintf(stderr, "%s:%d: %s (last failure: %s)\n", __FILE__, __LINE__, #condition, detail_); \
            exit(1);                                                                            \
        }                                                                                       \
    } while (0)

#define CHECK_ERROR(call, error)                                                                \
    do {                                                                                        \
        long long got_ = (call);                                                                \
        if (got_ != (error)) {                                                                  \
            fprintf(stderr, "%s:%d: %s gave %lld, not %s\n", __FILE__, __LINE__, #call, got_, #error); \
            exit(1);                                                                            \
        }                                                                                       \
    } while (0)

/* Opens one simulated card on the virtual clock and lets its modules come into service. */
static inline tr_ctx *open_simulated(const char *card)
{
    tr_config config = TR_CONFIG_INIT;
    tr_ctx *ctx;
    config.cards = &card;
    config.card_count = 1;
    config.virtual_clock = 1;
    CHECK(tr_open(&config, &ctx) == TR_OK);
    CHECK(tr_sim_advance(ctx, 6000) == TR_OK);
    return ctx;
}

/* Takes the next event; the test fails when there is none. */
static inline tr_event next_event(tr_ctx *ctx)
{
    tr_event event = TR_EVENT_INIT;
    CHECK(tr_event_next(ctx, &event, 0) == 1);
    return event;
}

/* Lets time pass until an event of this type comes, at most limit_ms; others are dropped. */
static inline tr_event wait_event(tr_ctx *ctx, uint32_t type, uint32_t limit_ms)
{
    tr_event event = TR_EVENT_INIT;
    for (uint32_t ms = 0; ms <= limit_ms; ms += 10) {
        while (tr_event_next(ctx, &event, 0) == 1)
            if (event.type == type)
                return event;
        CHECK(tr_sim_advance(ctx, 10) == TR_OK);
    }
    fprintf(stderr, "no event %u within %u ms\n", type, limit_ms);
    exit(1);
}

static inline void *fill_tone(int16_t *samples, size_t count, double hertz, double peak)
{
    for (size_t n = 0; n < count; n++)
        samples[n] = (int16_t) lrint(peak * sin(2 * M_PI * hertz * (double) n / 8000));
    return samples;
}

/* The share of a sound's power that lies at a frequency: near 1 for that tone, near 0 for others and for silence. */
static inline double share_of(const int16_t *samples, size_t count, double hertz)
{
    double re = 0, im = 0, power = 0;
    for (size_t n = 0; n < count; n++) {
        double angle = 2 * M_PI * hertz * (double) n / 8000;
        re += samples[n] * cos(angle);
        im += samples[n] * sin(angle);
        power += (double) samples[n] * samples[n];
    }
    return power < 1e4 * (double) count / 1000 ? 0 : 2 * (re * re + im * im) / ((double) count * power);
}

/* Whether a tone sounds for at least ms anywhere in a sound. */
static inline int contains_tone(const int16_t *samples, size_t count, double hertz, unsigned ms)
{
    unsigned run = 0;
    for (size_t at = 0; at + 400 <= count; at += 400) {
        run = share_of(samples + at, 400, hertz) > 0.8 ? run + 50 : 0;
        if (run >= ms)
            return 1;
    }
    return 0;
}

static inline void put32(FILE *file, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        fputc((int) (value >> (8 * i) & 255), file);
}

static inline void put16(FILE *file, uint32_t value)
{
    fputc((int) (value & 255), file);
    fputc((int) (value >> 8 & 255), file);
}

/* A WAV file with one tone. */
static inline void write_tone(const char *path, double hertz, unsigned ms)
{
    size_t count = (size_t) ms * 8;
    int16_t *samples = (int16_t *) malloc(count * 2);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && samples != NULL);
    fill_tone(samples, count, hertz, 6000);
    fputs("RIFF", file);
    put32(file, (uint32_t) (36 + count * 2));
    fputs("WAVEfmt ", file);
    put32(file, 16);
    put16(file, 1);
    put16(file, 1);
    put32(file, 8000);
    put32(file, 16000);
    put16(file, 2);
    put16(file, 16);
    fputs("data", file);
    put32(file, (uint32_t) (count * 2));
    for (size_t n = 0; n < count; n++)
        put16(file, (uint16_t) samples[n]);
    fclose(file);
    free(samples);
}

/* The left track of a stereo 16-bit WAV file. */
static inline size_t read_left(const char *path, int16_t *samples, size_t capacity)
{
    unsigned char frame[4];
    size_t count = 0;
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 44, SEEK_SET) == 0);
    while (count < capacity && fread(frame, 4, 1, file) == 1)
        samples[count++] = (int16_t) (frame[0] | frame[1] << 8);
    fclose(file);
    return count;
}

/* ---- An example in a thread of its own ---- */

struct example {
    pthread_t thread;
    int (*body)(tr_ctx *ctx);
    tr_ctx *ctx;
    volatile int result, over;
};

static long example_thread_;

static inline void *run_example_(void *argument)
{
    struct example *example = (struct example *) argument;
    __atomic_store_n(&example_thread_, (long) syscall(SYS_gettid), __ATOMIC_RELEASE);
    example->result = example->body(example->ctx);
    example->over = 1;
    return NULL;
}

static inline void start_example(struct example *example, tr_ctx *ctx, int (*body)(tr_ctx *ctx))
{
    memset(example, 0, sizeof *example);
    example->ctx = ctx;
    example->body = body;
    CHECK(pthread_create(&example->thread, NULL, run_example_, example) == 0);
}

/* True while the example's thread has something to do, by the system's own account of it. */
static inline int example_runs_(void)
{
    char path[64], line[256] = "";
    FILE *file;
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", __atomic_load_n(&example_thread_, __ATOMIC_ACQUIRE));
    if ((file = fopen(path, "r")) == NULL)
        return 0;
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = 0;
    fclose(file);
    return strstr(line, ") R ") != NULL;
}

/* Lets time pass for everyone, and the example's thread do its part: no time passes while it has events to take or is
 * at work on one, however busy the computer is. Where none takes them, that is found out once. */
static inline void pass(tr_ctx *ctx, uint32_t ms)
{
    static int untaken;
    struct pollfd fd = {tr_event_fd(ctx), POLLIN, 0};
    for (uint32_t at = 0; at < ms; at += 10) {
        CHECK(tr_sim_advance(ctx, 10) == TR_OK);
        for (int waits = 0; !untaken && (poll(&fd, 1, 0) == 1 || example_runs_()); waits++) {
            untaken = waits == 10000;
            usleep(200);
        }
        usleep(200);
    }
}

static inline void finish_example(struct example *example, uint32_t limit_ms)
{
    for (uint32_t ms = 0; !example->over; ms += 100) {
        CHECK(ms < limit_ms);
        pass(example->ctx, 100);
    }
    CHECK(pthread_join(example->thread, NULL) == 0);
    CHECK(example->result == 0);
}

#endif
