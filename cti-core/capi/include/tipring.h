/*
 * tipring.h: voice cards for C programs.
 *
 * A context owns cards and their threads. A channel is one port of a card: a trunk (towards an exchange) or a station
 * (towards a telephone). Commands return at once; what follows arrives as events from one queue. An operation (play,
 * record, collect digits, dial, detect) runs beside others on a channel and ends with exactly one TR_EVENT_OP_DONE.
 *
 *     tr_config config = TR_CONFIG_INIT;
 *     const char *cards[] = { "sim:fxo,fxs" };           // or "0000:05:01.0", or "/run/card.sock"
 *     config.cards = cards;
 *     config.card_count = 1;
 *     tr_ctx *ctx;
 *     int32_t error = tr_open(&config, &ctx);
 *     if (error < 0) { fprintf(stderr, "%s\n", tr_strerror(error, TR_LANG_EN)); return 1; }
 *     tr_channel line;
 *     tr_channel_open(ctx, "0/0", NULL, &line);          // card 0, port 0
 *     tr_event event = TR_EVENT_INIT;
 *     while (tr_event_next(ctx, &event, TR_FOREVER) == 1)
 *         if (event.type == TR_EVENT_OFFERED)
 *             tr_answer(ctx, event.channel);
 *
 * Conventions
 *   Return values   Zero or more is success, below zero one of TR_E_*. tr_strerror gives the text, tr_last_detail the
 *                   sentence that belongs to the last failure on this thread.
 *   Threads         Every function may be called from any thread, from the event handler too, except where its comment
 *                   says otherwise. None blocks but those with a time-out, tr_open and tr_close.
 *   Handles         64-bit numbers, never reused in the life of a context: a handle of something that is gone gives
 *                   TR_E_STALE, never another object. 0 is no handle.
 *   Structures      Begin with their size. Initialise them with their TR_*_INIT macro (or to zero, with size set).
 *                   A shorter structure of an older program is completed with defaults; a longer one of a newer program
 *                   is accepted when what this library does not know is zero, and refused (TR_E_SIZE) otherwise.
 *   Text            UTF-8, ended by a zero octet. A buffer that is too short is filled and ended, and the length that
 *                   was needed (without the zero) is returned.
 *   Time            Milliseconds of the board's clock unless a name ends in _ns.
 *   Sound           8,000 samples a second, 16-bit linear, full scale 32,767; 0 dBm0 is a sine of 22,827 peak.
 *   fork            A context belongs to the process that opened it: its calls give TR_E_FORKED in a child. A child
 *                   opens contexts of its own when none was open at the fork (daemon() before tr_open, or after
 *                   tr_close); otherwise tr_open is TR_E_FORKED there until exec.
 *   Signals         No function may be called from a signal handler: let it write to a pipe or an eventfd, and poll
 *                   that beside tr_event_fd.
 *   Reserved fields Are 0, as the INIT macros leave them; TR_E_ARGUMENT otherwise.
 *   Bounds          Beside those at their functions: 128 cards, 1,024 timers, 128 conferences and 4,096 operations of a
 *                   context; 16 conditions of an operation, 256 sources of a play list; 32 keys of a number or of what
 *                   is sent at once; texts of 4,096 octets. What is beyond is TR_E_ARGUMENT, or TR_E_RESOURCE where it
 *                   is a number of things at the same time.
 */
#ifndef TIPRING_H
#define TIPRING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions --------------------------------------------------------------------------------------------------- */

/* The interface described here: raised when something is added, never when something changes its meaning. */
#define TR_ABI_VERSION 1u

/* Returns the interface version of the library that is linked, at least TR_ABI_VERSION of the header it came with. */
uint32_t tr_abi_version(void);

/* Returns the version of the library as text, such as "0.1.0". */
const char *tr_version(void);

/* ---- Errors ----------------------------------------------------------------------------------------------------- */

#define TR_OK             0
#define TR_E_ARGUMENT   (-1)  /* a pointer is NULL, a number out of range, a text malformed */
#define TR_E_SIZE       (-2)  /* a structure has a size that this library cannot take */
#define TR_E_STALE      (-3)  /* the handle, or the context, is of something that is gone */
#define TR_E_STATE      (-4)  /* the line is not in a state in which this can be done */
#define TR_E_SUPERSEDED (-5)  /* an event of the line came first; it is in the queue */
#define TR_E_BUSY       (-6)  /* the card or channel is open elsewhere, or the slot for such an operation is taken */
#define TR_E_RESOURCE   (-7)  /* a bound is reached: operations, timers, conferences, commands under way, open files */
#define TR_E_UNSUPPORTED (-8) /* this line, card or backend has no such function */
#define TR_E_HARDWARE   (-9)  /* the card or its module failed or is not there */
#define TR_E_IO        (-10)  /* a file could not be opened, read or written */
#define TR_E_PERMISSION (-11) /* the system refuses access to the card or a file */
#define TR_E_CLOSED    (-12)  /* the context is being closed */
#define TR_E_FORKED    (-13)  /* the context is of a process that this one was forked from, or one was open then */
#define TR_E_INTERNAL  (-14)  /* a fault of the library; please report it with tr_last_detail */

#define TR_LANG_EN 0u
#define TR_LANG_ZH 1u
#define TR_LANG_YUE 2u  /* Cantonese, of phrases; the texts of errors are those of TR_LANG_ZH */

/* Returns the text of an error in English or Chinese; never NULL, also for numbers that are no error. */
const char *tr_strerror(int32_t error, uint32_t language);

/* Copies the sentence that belongs to the last failure on this thread. Returns the length needed. */
size_t tr_last_detail(char *buffer, size_t capacity);

/* ---- Context ---------------------------------------------------------------------------------------------------- */

typedef struct tr_ctx tr_ctx;

#define TR_LOG_ERROR 1u
#define TR_LOG_INFO  2u

/* Receives one line of the log, without line end: cards when they are opened, and everything that is TR_EVENT_TROUBLE.
 * Called on threads of the library, one call at a time, and in tr_open; the text is valid during the call. Functions of
 * a context give TR_E_STATE there. It runs on the library's file thread: for one that blocks, see tr_read_fn. */
typedef void (*tr_log_fn)(void *user, uint32_t level, const char *text);

typedef struct tr_config {
    uint32_t size;
    /* Cards in the order of their numbers. Each is a PCI address ("0000:05:01.0", bound to vfio-pci), the path of a
     * vfio-user socket (it contains a '/': "./card.sock"), "sim:" and up to four modules ("sim:fxo,fxs,fxs"), or
     * "trace:" and the path of a file that tr_trace wrote: see there. Nobody calls a "sim:" card but tipring_sim.h; a
     * card with callers, for a program as it is, is `tipring sim card --socket card.sock`. */
    uint32_t card_count;
    const char *const *cards;
    /* Country of the lines (ISO 3166-1, "CN" when NULL): tones, ringing, caller ID and supervision. */
    const char *country;
    /* Events kept for a slow reader; 0 is 4,096, the most is 65,536. */
    uint32_t queue_capacity;
    /* Not zero: simulated cards do not follow the wall clock; time passes in tr_sim_advance only. */
    uint32_t virtual_clock;
    tr_log_fn log;
    void *log_user;
    /* The longest echo that is cancelled, 4 to 128 ms; 0 is 16, enough for analogue lines; TR_ECHO_OFF: none. */
    uint32_t echo_tail_ms;
    uint32_t reserved;
} tr_config;
#define TR_ECHO_OFF 0xFFFFFFFFu
#define TR_CONFIG_INIT { sizeof(tr_config), 0, NULL, NULL, 0, 0, NULL, NULL, 0, 0 }

/* Opens the cards and starts their threads. Returns TR_E_ARGUMENT, TR_E_SIZE, TR_E_HARDWARE, TR_E_PERMISSION,
 * TR_E_BUSY, TR_E_RESOURCE, TR_E_IO (the file of a trace) or TR_E_FORKED; a context is made only on success. Several
 * contexts may be open; a card belongs to one of them, of this process or another (TR_E_BUSY). When a card dies its
 * lines go out of service (TR_CAUSE_LOST), what runs on them ends, and they come back with the card; the context goes
 * on. */
int32_t tr_open(const tr_config *config, tr_ctx **ctx);

/* Stops every operation, releases every line, waits for the lines to come to rest for at most drain_ms, stops the
 * threads and closes the cards. A function of the program that gives or takes sound is not called again; a call of it
 * that is under way is waited for, however long it takes. Threads that wait in tr_event_next return TR_E_CLOSED; those
 * in tr_op_wait 1 with the result (TR_REASON_STOPPED). Not from the event handler or the log (TR_E_STATE). The context
 * may be used no more afterwards: calls give TR_E_STALE. */
int32_t tr_close(tr_ctx *ctx, uint32_t drain_ms);

/* ---- Channels --------------------------------------------------------------------------------------------------- */

typedef uint64_t tr_channel;
typedef uint64_t tr_op;
typedef uint64_t tr_timer;
typedef uint64_t tr_conference;

#define TR_KIND_UNKNOWN 0u  /* not in service yet */
#define TR_KIND_TRUNK   1u  /* towards an exchange (FXO) */
#define TR_KIND_STATION 2u  /* towards a telephone (FXS) */

#define TR_STATE_OUT_OF_SERVICE 0u
#define TR_STATE_IDLE           1u
#define TR_STATE_OFFERED        2u  /* a trunk rings */
#define TR_STATE_DIALLING       3u  /* a trunk is seized and dials, or waits for the far end */
#define TR_STATE_RINGING        4u  /* a station is rung */
#define TR_STATE_IN_USE         5u  /* the loop is closed: trunk answered, station lifted */
#define TR_STATE_RELEASED       6u  /* the far end of a trunk has gone */
#define TR_STATE_RELEASING      7u  /* being put on hook; not at rest yet */

/* Causes of a state or of an event. */
#define TR_CAUSE_NORMAL          0u
#define TR_CAUSE_RINGING_STOPPED 1u
#define TR_CAUSE_TONE            2u  /* busy or congestion tone from the far end */
#define TR_CAUSE_LOOP_BREAK      3u  /* loop current interrupted (CPC) */
#define TR_CAUSE_POLARITY        4u  /* battery polarity reversed */
#define TR_CAUSE_SILENCE         5u
#define TR_CAUSE_NO_DIAL_TONE    6u
#define TR_CAUSE_NO_BATTERY      7u
#define TR_CAUSE_BUSY            8u
#define TR_CAUSE_CONGESTION      9u
#define TR_CAUSE_LOST           10u  /* card or module gone */
#define TR_CAUSE_GLARE          11u  /* the trunk rang when it was to be seized */
#define TR_CAUSE_UNASSIGNED     12u  /* special information tone: number not assigned */
#define TR_CAUSE_INTERCEPTED    13u  /* special information tone: number changed or cut off */
#define TR_CAUSE_ANNOUNCED      14u  /* special information tone: an announcement tells why */

typedef struct tr_state {
    uint32_t size;
    uint32_t kind;     /* TR_KIND_* */
    uint32_t state;    /* TR_STATE_* */
    uint32_t cause;    /* TR_CAUSE_* */
    uint64_t use;      /* counts uses of the line: the same number is the same call */
} tr_state;
#define TR_STATE_INIT { sizeof(tr_state), 0, 0, 0, 0 }

/* Returns the number of ports of all cards, empty sockets included. */
int32_t tr_port_count(tr_ctx *ctx);

/* Reads the state of a port, 0 to tr_port_count - 1, open or not. Never waits. */
int32_t tr_port_state(tr_ctx *ctx, uint32_t port, tr_state *state);

/* Opens a channel for exclusive use by its path: "card/port", both from 0, or a port counted over all cards. `user`
 * comes back in each of its events. TR_E_BUSY when it is open already. Events of ports that are not open are not
 * kept; those that say where the line stands now come first: TR_EVENT_IN_SERVICE, then TR_EVENT_OFFERED and
 * TR_EVENT_CALLER_ID of a call that rings, TR_EVENT_OFF_HOOK of a station that is lifted. */
int32_t tr_channel_open(tr_ctx *ctx, const char *path, void *user, tr_channel *channel);

/* Ends the channel's operations, takes it out of bridges and conferences, releases its line, and forgets the handle. */
int32_t tr_channel_close(tr_ctx *ctx, tr_channel channel);

/* Reads the state of a channel: one atomic word, wait-free. */
int32_t tr_channel_state(tr_ctx *ctx, tr_channel channel, tr_state *state);

/* Copies the states of all ports, as many as fit, with the sequence number of the last event they reflect. A reader
 * that met TR_EVENT_EVENTS_LOST continues from there. Returns the number of ports. */
int32_t tr_snapshot(tr_ctx *ctx, tr_state *states, size_t capacity, uint64_t *sequence);

/* ---- Events ----------------------------------------------------------------------------------------------------- */

/* Of a line. */
#define TR_EVENT_IN_SERVICE      1u
#define TR_EVENT_OUT_OF_SERVICE  2u
#define TR_EVENT_OFFERED         3u  /* a trunk rings: tr_answer takes the call */
/* Once a call, before or after TR_EVENT_OFFERED; text: number, text2: name; value: 0 sent, 1 withheld, 2 unavailable,
 * 3 none, and none will come. Where it is sent between two rings, an answer before it cuts it off: a program that needs
 * the number answers with this event. */
#define TR_EVENT_CALLER_ID       4u
#define TR_EVENT_ABANDONED       5u  /* ringing stopped before the answer */
#define TR_EVENT_OFF_HOOK        6u  /* a station was lifted */
#define TR_EVENT_ON_HOOK         7u  /* a station was put down */
#define TR_EVENT_FLASH           8u
#define TR_EVENT_DIGIT           9u  /* text: the key */
#define TR_EVENT_CONNECTED      10u  /* answer supervision: the far end of a dialled trunk answered */
#define TR_EVENT_MACHINE        11u  /* fax or modem at the far end; text: "CNG", "CED", ... */
#define TR_EVENT_DISCONNECTED   12u  /* disconnect supervision: the far end of a trunk has gone; cause */
#define TR_EVENT_FAILED         13u  /* a line command failed; cause */
#define TR_EVENT_RESTED         14u  /* the line is idle again after a release */
/* Of operations and of the context. */
/* object: the operation; reason, cause, text: as in tr_result. value, by the first line that fits: the place in the
 * list (from 0) of the condition on what was heard, where the reason is TR_REASON_SILENCE, _NO_SOUND, _SOUND or _TONE;
 * of a recording the samples of each track; of a trace its records; of all others tr_result.duration_ms. */
#define TR_EVENT_OP_DONE        32u
#define TR_EVENT_TIMER          33u  /* object: the timer */
#define TR_EVENT_USER           34u  /* posted by tr_event_post; value is the caller's */
#define TR_EVENT_EVENTS_LOST    35u  /* value: how many were lost before this one */
#define TR_EVENT_TROUBLE        36u  /* text: a fault of a card or file, as a sentence */

/* Octets of text and text2, the final zero included. */
#define TR_TEXT_MAX 128u
#define TR_NAME_MAX  72u

typedef struct tr_event {
    uint32_t size;
    uint32_t type;        /* TR_EVENT_*; skip those you do not know */
    uint64_t sequence;    /* without holes, but for TR_EVENT_EVENTS_LOST */
    uint64_t time_ns;     /* board clock since tr_open */
    tr_channel channel;   /* 0 if it belongs to none */
    uint64_t object;      /* operation or timer */
    void *user;           /* of the channel, timer or post */
    uint32_t reason;      /* TR_REASON_*, of TR_EVENT_OP_DONE */
    uint32_t cause;       /* TR_CAUSE_* */
    uint64_t value;
    char text[TR_TEXT_MAX];
    char text2[TR_NAME_MAX];
    /* CLOCK_MONOTONIC of this computer: the end of the tick that brought an event of a line, a prompt or a recording,
     * else when the event was put into the queue. */
    uint64_t monotonic_ns;
} tr_event;
#define TR_EVENT_INIT { sizeof(tr_event), 0, 0, 0, 0, 0, NULL, 0, 0, 0, "", "", 0 }

#define TR_FOREVER 0xFFFFFFFFu

/* Takes the next event, waiting at most timeout_ms (0 polls, TR_FOREVER waits). Returns 1 with an event, 0 without one.
 * Fills no more than event->size octets. */
int32_t tr_event_next(tr_ctx *ctx, tr_event *event, uint32_t timeout_ms);

/* Returns a descriptor that is readable while events wait, for poll and its relatives. It belongs to the context. Now
 * and then it is readable without an event: tr_event_next with a time-out of 0 returns 0 then, and clears it. */
int32_t tr_event_fd(tr_ctx *ctx);

/* Delivers events by a call on one thread of the library instead; NULL goes back to the queue. The handler may call
 * every function but tr_close and tr_set_handler; events wait in the queue while it runs. */
typedef void (*tr_event_fn)(void *user, const tr_event *event);
int32_t tr_set_handler(tr_ctx *ctx, tr_event_fn handler, void *user);

/* Puts an event of the caller's own into the queue, behind those that are there. TR_E_RESOURCE when it is full: that is
 * no loss that TR_EVENT_EVENTS_LOST would tell. */
int32_t tr_event_post(tr_ctx *ctx, uint64_t value, void *user);

/* Starts a timer: TR_EVENT_TIMER after interval_ms (at least 1), again and again if periodic. */
int32_t tr_timer_start(tr_ctx *ctx, uint32_t interval_ms, uint32_t periodic, void *user, tr_timer *timer);

/* Stops a timer. TR_OK when it had fired or been stopped already; its event may stand in the queue. */
int32_t tr_timer_stop(tr_ctx *ctx, tr_timer timer);

/* ---- Lines ------------------------------------------------------------------------------------------------------ */

/* Commands of one kind of line are TR_E_UNSUPPORTED on the other, and TR_E_STATE on a port that has not come into
 * service. Trunks: tr_answer, tr_flash, tr_dial, tr_send_digits. Stations: tr_ring, tr_disconnect and
 * tr_message_waiting. */

/* Answers an offered trunk. TR_E_SUPERSEDED when the caller was quicker. */
int32_t tr_answer(tr_ctx *ctx, tr_channel trunk);

/* Puts a trunk on hook, or stops ringing a station; TR_EVENT_RESTED follows. TR_OK and nothing follows when it is
 * at rest. Operations of the channel end with TR_REASON_STOPPED; TR_REASON_HANGUP is the other side's. */
int32_t tr_release(tr_ctx *ctx, tr_channel channel);

/* Rings a station, sending caller ID where the line has it. number may be NULL (none is sent), or empty (it is said to
 * be unavailable): 0 to 9, *, # and +. name goes with a number and may be NULL: at most 30 octets of GB 2312, two for a
 * Chinese character. TR_E_ARGUMENT for what cannot be sent. */
int32_t tr_ring(tr_ctx *ctx, tr_channel station, const char *number, const char *name);

/* Sends a hook flash on a trunk in conversation. */
int32_t tr_flash(tr_ctx *ctx, tr_channel trunk);

/* Shows a station off hook that the far end has gone (CPC), where its line has a signal for that. */
int32_t tr_disconnect(tr_ctx *ctx, tr_channel station);

/* Switches the message-waiting lamp of a station on hook. */
int32_t tr_message_waiting(tr_ctx *ctx, tr_channel station, uint32_t on);

#define TR_TONE_NONE       0u
#define TR_TONE_DIAL       1u
#define TR_TONE_RINGBACK   2u
#define TR_TONE_BUSY       3u
#define TR_TONE_CONGESTION 4u
#define TR_TONE_ZIP        5u  /* the short tone in a headset before a call */

/* Plays a call progress tone of the country towards the party at a channel until another, or none, is asked for. */
int32_t tr_tone(tr_ctx *ctx, tr_channel channel, uint32_t tone);

/* ---- Operations ------------------------------------------------------------------------------------------------- */

/* Why an operation ended: the first that came true, and in tr_result.met every one that was true then. */
#define TR_REASON_END         1u  /* of its own: list played, digits dialled and answered */
#define TR_REASON_STOPPED     2u  /* the program's own doing: tr_op_stop, tr_release, tr_channel_close, tr_close */
#define TR_REASON_HANGUP      3u  /* the party went, or the line failed; cause */
#define TR_REASON_MAX_DIGITS  4u
#define TR_REASON_DIGIT       5u  /* a key of the set was pressed */
#define TR_REASON_FIRST_DIGIT 6u  /* no key within the first-digit time */
#define TR_REASON_INTER_DIGIT 7u  /* no further key within the inter-digit time */
#define TR_REASON_MAX_TIME    8u
#define TR_REASON_FILE        9u  /* a file failed; tr_result.text says which and why */
#define TR_REASON_FAILED     10u  /* the call out failed; cause. Of a self test: text says which port, and why */
#define TR_REASON_RESOURCE   11u  /* too many players or recorders at once */
#define TR_REASON_FULL       12u  /* the memory of the sink is full */
#define TR_REASON_SILENCE    13u  /* these four: a condition on what was heard; tr_event.value is its place */
#define TR_REASON_NO_SOUND   14u
#define TR_REASON_SOUND      15u
#define TR_REASON_TONE       16u
#define TR_REASON_IN_USE     17u  /* a self test gave way: the line came into use before its end */

/* What ends an operation besides its natural end and the party's hang-up: a list, the first to come true. */
#define TR_UNTIL_MAX_DIGITS  1u  /* value: keys, 1 to 64 */
#define TR_UNTIL_DIGIT       2u  /* text: keys, such as "#" or "0123456789" */
#define TR_UNTIL_FIRST_DIGIT 3u  /* value: ms from the start to the first key */
#define TR_UNTIL_INTER_DIGIT 4u  /* value: ms between two keys */
#define TR_UNTIL_MAX_TIME    5u  /* value: ms from the start */
/* On what the party says, in steps of 20 ms; sound is what is above -42 dBm0. */
#define TR_UNTIL_SILENCE     6u  /* value: ms of silence after a sound */
#define TR_UNTIL_NO_SOUND    7u  /* value: ms from the start without any sound */
#define TR_UNTIL_SOUND       8u  /* value: ms of sound, pauses of up to 200 ms in it included */
#define TR_UNTIL_TONE        9u  /* tone: a tone of the program's own */

/* A tone to be detected: at least -38 dBm0, frequencies within 1.5 %, 0.7 of the sound's power in it. */
typedef struct tr_tone_spec {
    uint32_t size;
    uint32_t on_ms;     /* a burst, 40 or more: at least this if off_ms is 0, else this and a quarter either way */
    uint32_t off_ms;    /* length of the pause, and a quarter either way; 0: one steady burst */
    uint32_t bursts;    /* with pauses: how many bursts and pauses; else 0 */
    float hertz, hertz2; /* 1 to 4,000; the second 0 for a tone of one frequency */
} tr_tone_spec;
#define TR_TONE_SPEC_INIT { sizeof(tr_tone_spec), 0, 0, 0, 0, 0 }

typedef struct tr_until {
    uint32_t size;
    uint32_t kind;      /* TR_UNTIL_* */
    uint32_t value;
    uint32_t reserved;
    const char *text;
    const tr_tone_spec *tone;
} tr_until;
#define TR_UNTIL_INIT { sizeof(tr_until), 0, 0, 0, NULL, NULL }

#define TR_SOURCE_FILE     1u  /* path: a WAV file, 8 kHz, one channel: 16-bit PCM, A-law or mu-law */
#define TR_SOURCE_MEMORY   2u  /* samples, count: copied before tr_play returns */
#define TR_SOURCE_TONE     3u  /* hertz, hertz2 (0 for none), level_dbm0 each, length_ms */
#define TR_SOURCE_SILENCE  4u  /* length_ms */
/* phrase, language, text; path: the folder with the words of that language, such as "/sounds/zh" with its wan.wav */
#define TR_SOURCE_PHRASE   5u
#define TR_SOURCE_FUNCTION 6u  /* read, user */

/* What a phrase says. The words of a language are the files that playing a phrase asks for: digits "0" to "9";
 * English "10" to "19", "20" to "90", "hundred" to "billion", months, "1st" to "31st", "minus", "and", "oh",
 * "yuan", "fen"; Chinese "yao", "liang", "shi", "bai", "qian", "wan", "yi", "fu", "nian", "yue", "ri", "yuan",
 * "jiao", "fen". */
#define TR_PHRASE_DIGITS 1u  /* text: digits, read one by one */
#define TR_PHRASE_NUMBER 2u  /* text: a whole number, at most 12 digits, "-" before it for a negative one */
#define TR_PHRASE_MONEY  3u  /* text: yuan with up to two decimals, such as "12.50" */
#define TR_PHRASE_DATE   4u  /* text: "2026-11-28" */

/* Gives sound: puts at most capacity samples at samples. Returns their number, 0 when there are none yet (it is
 * asked again within milliseconds, and the party hears silence), or less than 0 at the end.
 *
 * Functions that give or take sound run on the library's file thread (on the virtual clock: in tr_sim_advance), one
 * at a time. They may call every function that does not wait; those that do give TR_E_STATE. They should return
 * within some milliseconds: half a second of every channel's sound is read ahead, and one second can wait for
 * files; a function that blocks longer makes prompts fall silent and leaves gaps of silence in recordings until it
 * returns (tr_counters: dry_ticks, gap_ticks). Lines, keys, timers and events go on all the while. They are not
 * called after their operation's TR_EVENT_OP_DONE, which waits for them; a tr_read_fn is not called again after
 * tr_op_stop, and neither is after tr_channel_close and tr_close. */
typedef int32_t (*tr_read_fn)(void *user, int16_t *samples, size_t capacity);

typedef struct tr_source {
    uint32_t size;
    uint32_t kind;           /* TR_SOURCE_* */
    const char *path;
    const int16_t *samples;
    size_t count;
    uint32_t start_ms;       /* of a file or memory: skipped at its beginning */
    uint32_t length_ms;      /* of a file, memory or function: 0 is to its end */
    float hertz, hertz2;
    float level_dbm0;        /* -60 to 0 */
    int32_t gain_tenth_db;   /* -240 to 240 */
    uint32_t times;          /* it is played, but a phrase or function; 0 is once, TR_FOREVER without end */
    uint32_t phrase;         /* TR_PHRASE_* */
    uint32_t language;       /* TR_LANG_* of the phrase */
    uint32_t reserved;
    const char *text;        /* of the phrase */
    tr_read_fn read;
    void *user;
} tr_source;
#define TR_SOURCE_INIT { sizeof(tr_source), 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL }

/* Plays a list of sources, one after the other without a gap, to the party at a channel. One list at a time. A file
 * that is missing, or no regular file, is TR_E_IO; one that fails while it plays, TR_REASON_FILE. */
int32_t tr_play(tr_ctx *ctx, tr_channel channel, const tr_source *sources, size_t source_count,
                const tr_until *until, size_t until_count, tr_op *op);

#define TR_SINK_FILE     0u  /* path */
#define TR_SINK_MEMORY   1u  /* samples, capacity: the operation's own until its TR_EVENT_OP_DONE */
#define TR_SINK_FUNCTION 2u  /* write, user */

#define TR_TRACKS_EACH 0u  /* two: left and right; in memory a sample of each in turn */
#define TR_TRACKS_LEFT 1u  /* one: the channel alone */
#define TR_TRACKS_SUM  2u  /* one: both together */

#define TR_SIDE_SAYS  0u  /* what the party says */
#define TR_SIDE_HEARS 1u  /* what it is sent: other parties, prompts, tones */

/* Takes sound: count samples at samples, 20 ms of each track or less, valid during the call. Returns 0 to go on;
 * anything else ends the recording with TR_REASON_END. See tr_read_fn for what it may do. */
typedef int32_t (*tr_write_fn)(void *user, const int16_t *samples, size_t count);

typedef struct tr_sink {
    uint32_t size;
    uint32_t enhance;        /* not zero: noise reduction (G.160) and level control (G.169), for listening */
    /* A WAV file that does not exist yet; written as path.part until it is whole. A path.part that is there already, of
     * a recording under way or one that a power cut ended, is TR_E_IO: its sound may be wanted. */
    const char *path;
    tr_channel right;        /* who goes on the right track; 0: the channel itself */
    uint32_t kind;           /* TR_SINK_* */
    uint32_t tracks;         /* TR_TRACKS_* */
    int16_t *samples;
    size_t capacity;         /* samples, of all tracks together; TR_REASON_FULL when they are there */
    tr_write_fn write;
    void *user;
    uint32_t right_side;     /* TR_SIDE_*, of the right track: a caller and all it hears is right 0, TR_SIDE_HEARS */
    uint32_t reserved;
} tr_sink;
#define TR_SINK_INIT { sizeof(tr_sink), 0, NULL, 0, 0, 0, NULL, 0, NULL, NULL, 0, 0 }

/* Records what the party at a channel says (left) and a second side (right) into a WAV file, memory or a function. One
 * at a time. */
int32_t tr_record(tr_ctx *ctx, tr_channel channel, const tr_sink *sink,
                  const tr_until *until, size_t until_count, tr_op *op);

/* Begins or ends the pause of a recording, such as while a card number is said: silence of its length is recorded, and
 * conditions hear silence. TR_OK when it has ended already; TR_E_ARGUMENT for an operation of another kind. */
int32_t tr_record_pause(tr_ctx *ctx, tr_op op, uint32_t pause);

/* Listens to the party at a channel and keeps nothing: ends with the first condition, of which at least one is on
 * what is heard. One at a time; one with several tones says in tr_event.value which. */
int32_t tr_detect(tr_ctx *ctx, tr_channel channel, const tr_until *until, size_t until_count, tr_op *op);

/* Collects keys. Those that were pressed while no collection ran count first, up to the last 64, unless clear_first is
 * not 0, which forgets them. A new call begins without any. At least one condition. */
int32_t tr_collect(tr_ctx *ctx, tr_channel channel, const tr_until *until, size_t until_count,
                   uint32_t clear_first, tr_op *op);

/* Seizes a trunk, waits for dial tone and dials: 0 to 9, *, #, A to D, and "," for a pause, 32 at most; a "+" has no
 * key. Ends with TR_REASON_END when the far end answers, TR_REASON_FAILED, or TR_REASON_MAX_TIME after timeout_ms (0:
 * 60 s). The trunk stays off hook in each case until tr_release.
 *
 * A line without reversal does not say that the far end answers; it is heard, by the first of these:
 *   reversal of the battery, where the country's lines have it, and the answer tone of a machine: at once
 *   ringback, then a voice that goes on or comes again: about 1.3 s after it begins
 *   ringback, then nothing but silence: 3 s (China) or 5 s after the next burst is overdue, 4 to 10 s in all
 *   no ringback: 20 s of silence after the last key, all in all. A voice does not count: it may be an announcement
 * Ringback is a whole burst and half a second of silence behind it: an answer before that is found late. */
int32_t tr_dial(tr_ctx *ctx, tr_channel trunk, const char *number, uint32_t timeout_ms, tr_op *op);

/* Sends keys as DTMF on a trunk in conversation. Not followed by an operation's end: it takes 0.1 s a key. */
int32_t tr_send_digits(tr_ctx *ctx, tr_channel trunk, const char *digits);

/* Asks an operation to end. TR_OK when it had ended already: its TR_EVENT_OP_DONE is the only one. */
int32_t tr_op_stop(tr_ctx *ctx, tr_op op);

typedef struct tr_result {
    uint32_t size;
    uint32_t reason;      /* TR_REASON_* */
    uint32_t met;         /* bit n: the reason n was true */
    uint32_t cause;       /* TR_CAUSE_* */
    uint64_t duration_ms; /* from start to end */
    uint64_t samples;     /* of each track, of a recording; of a trace, records */
    char text[TR_TEXT_MAX]; /* digits collected, or the failure of a file or module */
} tr_result;
#define TR_RESULT_INIT { sizeof(tr_result), 0, 0, 0, 0, 0, "" }

#define TR_OP_PLAY    1u
#define TR_OP_RECORD  2u
#define TR_OP_COLLECT 3u
#define TR_OP_DIAL    4u
#define TR_OP_DETECT  5u
#define TR_OP_SELF_TEST 6u
#define TR_OP_TRACE   7u

typedef struct tr_op_state {
    uint32_t size;
    uint32_t kind;        /* TR_OP_* */
    tr_op op;
    tr_channel channel;   /* 0 of a self test and a trace */
    void *user;           /* of the channel */
    uint64_t elapsed_ms;
} tr_op_state;
#define TR_OP_STATE_INIT { sizeof(tr_op_state), 0, 0, 0, NULL, 0 }

/* Copies the operations at work, as many as fit, with the sequence number of the last event they reflect: the other
 * half of tr_snapshot. Returns their number. */
int32_t tr_ops(tr_ctx *ctx, tr_op_state *ops, size_t capacity, uint64_t *sequence);

/* Waits for an operation to end, at most timeout_ms. Returns 1 with its result, 0 when it still runs. The result of an
 * operation that has ended is kept until 4,096 others have (then TR_E_STALE). Not for the virtual clock: nothing ends
 * unless it advances. */
int32_t tr_op_wait(tr_ctx *ctx, tr_op op, uint32_t timeout_ms, tr_result *result);

/* ---- Levels ----------------------------------------------------------------------------------------------------- */

/* Makes what the party at a channel hears, and what others hear of it, louder or softer, in tenths of a decibel
 * (-240 to 240, 0 at the start). Keys, tones and conditions are detected before it. */
int32_t tr_gain(tr_ctx *ctx, tr_channel channel, int32_t hears_tenth_db, int32_t says_tenth_db);

/* ---- Switching -------------------------------------------------------------------------------------------------- */

/* Connects two channels: each party hears the other. */
int32_t tr_bridge(tr_ctx *ctx, tr_channel a, tr_channel b);

/* Takes such a connection down. */
int32_t tr_unbridge(tr_ctx *ctx, tr_channel a, tr_channel b);

/* One way: the party at `listener` hears the one at `talker` (silent monitoring; a whisper, the other way round). */
int32_t tr_listen(tr_ctx *ctx, tr_channel listener, tr_channel talker);
int32_t tr_unlisten(tr_ctx *ctx, tr_channel listener, tr_channel talker);

#define TR_ROLE_PARTY    0u  /* speaks, and hears all others */
#define TR_ROLE_LISTENER 1u  /* hears all others, is not heard */
#define TR_ROLE_TALKER   2u  /* is heard, hears no one */

/* Makes a conference; it costs nothing until channels join it. */
int32_t tr_conference_create(tr_ctx *ctx, tr_conference *conference);

/* Takes every member out and forgets the handle. */
int32_t tr_conference_destroy(tr_ctx *ctx, tr_conference conference);

/* Lets a channel in, or changes its role. */
int32_t tr_conference_join(tr_ctx *ctx, tr_conference conference, tr_channel channel, uint32_t role);
int32_t tr_conference_leave(tr_ctx *ctx, tr_conference conference, tr_channel channel);

/* ---- Maintenance ------------------------------------------------------------------------------------------------ */

#define TR_ALL_PORTS 0xFFFFFFFFu

/* Tests the module in one port of a card (both counted from 0), or each that is in service (TR_ALL_PORTS): a register
 * is written and read back, the chip sends back what is played to it, and a station's supply is measured. Takes about
 * a second a module; whether its channel is open does not matter. The lines must be at rest (TR_E_STATE); one that is
 * called or lifted meanwhile is served at once, and its test ends there. One operation a card, whose
 * TR_EVENT_OP_DONE has the reason TR_REASON_END (every module passed), TR_REASON_FAILED (text: the first fault, with
 * its remedy), TR_REASON_IN_USE (text: the port) or TR_REASON_STOPPED, and channel 0. */
int32_t tr_self_test(tr_ctx *ctx, uint32_t card, uint32_t port, tr_op *op);

/* Writes all that goes in and out of a card (sound, signals of the lines, commands to them) into a file that does not
 * exist yet (TR_E_IO), 24 octets a millisecond and port that sounds, until tr_op_stop. One operation a card. Its
 * TR_EVENT_OP_DONE comes when the file is whole: value is the number of records; text is not empty if records were
 * lost because the file was too slow. TR_REASON_FILE when it cannot be written.
 *
 * "trace:PATH" in tr_config.cards replays it: a context with the same country meets the same events at the same
 * times of the board's clock as the one that was traced, from the beginning of the trace on. Begin a trace while the
 * lines are at rest, right after tr_open or later: one that is in use then cannot be met again, and goes out of
 * service. A command of the trace is a meeting point: the line waits there until the program gives the same command,
 * and goes straight there if it does so sooner. A line that is given another command goes out of service
 * (TR_CAUSE_LOST) with a TR_EVENT_TROUBLE that says which, and so does each at the trace's end. What the program plays
 * is not heard by anyone. Self tests and traces of a replay are TR_E_UNSUPPORTED. */
int32_t tr_trace(tr_ctx *ctx, uint32_t card, const char *path, tr_op *op);

/* ---- Counters --------------------------------------------------------------------------------------------------- */

typedef struct tr_counters {
    uint32_t size;
    uint32_t reserved;
    uint64_t ticks;             /* milliseconds served */
    uint64_t late_ticks;        /* of these, served late; repaired by the card's rings */
    uint64_t longest_wait_ms;
    uint64_t commands_refused;  /* line and media commands that the engine would not take */
    uint64_t events;            /* put into the queue */
    uint64_t events_lost;
    uint64_t dry_ticks;         /* milliseconds of silence because sound to be played came late */
    uint64_t gap_ticks;         /* milliseconds of silence in recordings because files or functions were slow */
} tr_counters;
#define TR_COUNTERS_INIT { sizeof(tr_counters), 0, 0, 0, 0, 0, 0, 0, 0, 0 }

int32_t tr_counters_read(tr_ctx *ctx, tr_counters *counters);

#ifdef __cplusplus
}
#endif

#endif
