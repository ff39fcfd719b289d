/*
 * tipring.hpp: tipring.h for C++17: handles that close themselves, exceptions, strings, std::chrono, lambdas.
 *
 *     tipring::Context board({"sim:fxo,fxs"});
 *     tipring::Channel line = board.open("0/0");
 *     for (;;) {
 *         tipring::Event event = board.next();
 *         if (event.type == TR_EVENT_OFFERED)
 *             line.answer();
 *     }
 *
 * Nothing is kept here besides handles and the functions given to handler() and Source::function(): every rule is
 * that of tipring.h, which also says what each function does. Every failure throws tipring::Error. A Context must
 * outlive its channels, and a function of a source its operation.
 */
#ifndef TIPRING_HPP
#define TIPRING_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tipring.h"

namespace tipring {

using std::chrono::milliseconds;

/* A failed call: code() is one of TR_E_*, what() its text and the sentence of tr_last_detail. */
class Error : public std::runtime_error {
public:
    explicit Error(std::int32_t code) : std::runtime_error(text(code)), code_(code) {}
    std::int32_t code() const noexcept { return code_; }

private:
    static std::string text(std::int32_t code)
    {
        std::string detail(tr_last_detail(nullptr, 0) + 1, '\0');
        tr_last_detail(detail.data(), detail.size());
        detail.pop_back();
        return std::string(tr_strerror(code, TR_LANG_EN)) + ": " + detail;
    }
    std::int32_t code_;
};

/* Throws for a failure; returns what the call returned otherwise. */
inline std::int32_t check(std::int32_t result)
{
    if (result < 0)
        throw Error(result);
    return result;
}

namespace detail {

template <typename Structure> Structure sized()
{
    Structure structure{};
    structure.size = sizeof structure;
    return structure;
}

inline std::uint32_t ms(milliseconds time)
{
    return time < milliseconds(0) || time >= milliseconds(TR_FOREVER) ? TR_FOREVER : static_cast<std::uint32_t>(time.count());
}

}  // namespace detail

/* No limit of time. */
inline constexpr milliseconds forever{-1};

/* An event: tr_event, with its texts as strings. */
struct Event : tr_event {
    Event() : tr_event(detail::sized<tr_event>()) {}
    std::string first() const { return text; }
    std::string second() const { return text2; }
};

/* The result of an operation that has ended. */
struct Result : tr_result {
    Result() : tr_result(detail::sized<tr_result>()) {}
    std::string first() const { return text; }
};

/* A condition that ends an operation. */
class Until {
public:
    static Until max_digits(std::uint32_t keys) { return Until(TR_UNTIL_MAX_DIGITS, keys); }
    static Until digit(std::string keys) { return Until(TR_UNTIL_DIGIT, 0, std::move(keys)); }
    static Until first_digit(milliseconds time) { return Until(TR_UNTIL_FIRST_DIGIT, detail::ms(time)); }
    static Until inter_digit(milliseconds time) { return Until(TR_UNTIL_INTER_DIGIT, detail::ms(time)); }
    static Until max_time(milliseconds time) { return Until(TR_UNTIL_MAX_TIME, detail::ms(time)); }
    static Until silence(milliseconds time) { return Until(TR_UNTIL_SILENCE, detail::ms(time)); }
    static Until no_sound(milliseconds time) { return Until(TR_UNTIL_NO_SOUND, detail::ms(time)); }
    static Until sound(milliseconds time) { return Until(TR_UNTIL_SOUND, detail::ms(time)); }
    /* A tone of one or two frequencies; with a pause, a cadence of so many bursts. */
    static Until tone(float hertz, float hertz2, milliseconds on, milliseconds off = milliseconds(0),
                      std::uint32_t bursts = 0)
    {
        Until until(TR_UNTIL_TONE, 0);
        until.tone_ = detail::sized<tr_tone_spec>();
        until.tone_->hertz = hertz;
        until.tone_->hertz2 = hertz2;
        until.tone_->on_ms = detail::ms(on);
        until.tone_->off_ms = detail::ms(off);
        until.tone_->bursts = bursts;
        return until;
    }

    /* The C structure; its pointers are good as long as this is. */
    tr_until c() const
    {
        tr_until until = detail::sized<tr_until>();
        until.kind = kind_;
        until.value = value_;
        until.text = text_.c_str();
        until.tone = tone_ ? &*tone_ : nullptr;
        return until;
    }

private:
    Until(std::uint32_t kind, std::uint32_t value, std::string text = {}) : kind_(kind), value_(value), text_(std::move(text)) {}
    std::uint32_t kind_, value_;
    std::string text_;
    std::optional<tr_tone_spec> tone_;
};

using Conditions = std::vector<Until>;

/* One source of a play list. */
class Source {
public:
    static Source file(std::string path) { return Source(TR_SOURCE_FILE, std::move(path)); }
    static Source samples(std::vector<std::int16_t> samples)
    {
        Source source(TR_SOURCE_MEMORY, {});
        source.samples_ = std::move(samples);
        return source;
    }
    static Source tone(float hertz, float hertz2, float level_dbm0, milliseconds length)
    {
        Source source(TR_SOURCE_TONE, {});
        source.c_.hertz = hertz;
        source.c_.hertz2 = hertz2;
        source.c_.level_dbm0 = level_dbm0;
        source.c_.length_ms = detail::ms(length);
        return source;
    }
    static Source silence(milliseconds length)
    {
        Source source(TR_SOURCE_SILENCE, {});
        source.c_.length_ms = detail::ms(length);
        return source;
    }
    /* `phrase` is one of TR_PHRASE_*, `language` of TR_LANG_*. */
    static Source phrase(std::uint32_t phrase, std::uint32_t language, std::string folder, std::string text)
    {
        Source source(TR_SOURCE_PHRASE, std::move(folder));
        source.c_.phrase = phrase;
        source.c_.language = language;
        source.text_ = std::move(text);
        return source;
    }
    /* Sound from a function, which lives until the operation has ended. */
    static Source function(tr_read_fn read, void *user)
    {
        Source source(TR_SOURCE_FUNCTION, {});
        source.c_.read = read;
        source.c_.user = user;
        return source;
    }

    Source &part(milliseconds start, milliseconds length)
    {
        c_.start_ms = detail::ms(start);
        c_.length_ms = detail::ms(length);
        return *this;
    }
    Source &gain(std::int32_t tenth_db) { c_.gain_tenth_db = tenth_db; return *this; }
    Source &times(std::uint32_t times) { c_.times = times; return *this; }

    /* The C structure; its pointers are good as long as this is. */
    tr_source c() const
    {
        tr_source source = c_;
        source.path = path_.c_str();
        source.text = text_.c_str();
        source.samples = samples_.data();
        source.count = samples_.size();
        return source;
    }

private:
    Source(std::uint32_t kind, std::string path) : c_(detail::sized<tr_source>()), path_(std::move(path)) { c_.kind = kind; }
    tr_source c_;
    std::string path_, text_;
    std::vector<std::int16_t> samples_;
};

/* An operation. Copies name the same one; that it goes does not end it. */
class Op {
public:
    Op() = default;
    Op(tr_ctx *ctx, tr_op op) : ctx_(ctx), op_(op) {}
    tr_op handle() const noexcept { return op_; }
    /* True for the TR_EVENT_OP_DONE of this operation. */
    bool is_done(const Event &event) const noexcept { return event.type == TR_EVENT_OP_DONE && event.object == op_; }
    void stop() const { check(tr_op_stop(ctx_, op_)); }
    /* Of a recording: silence takes the place of what is said, until the pause ends. */
    void pause(bool on) const { check(tr_record_pause(ctx_, op_, on)); }
    /* The result, or nothing when it still runs after that time. */
    std::optional<Result> wait(milliseconds time = forever) const
    {
        Result result;
        if (check(tr_op_wait(ctx_, op_, detail::ms(time), &result)) == 0)
            return std::nullopt;
        return result;
    }

private:
    tr_ctx *ctx_ = nullptr;
    tr_op op_ = 0;
};

/* An open channel; closed when it goes. */
class Channel {
public:
    Channel(tr_ctx *ctx, const std::string &path, void *user = nullptr) : ctx_(ctx)
    {
        check(tr_channel_open(ctx, path.c_str(), user, &channel_));
    }
    Channel(Channel &&other) noexcept : ctx_(other.ctx_), channel_(std::exchange(other.channel_, 0)) {}
    Channel &operator=(Channel &&other) noexcept
    {
        std::swap(ctx_, other.ctx_);
        std::swap(channel_, other.channel_);
        return *this;
    }
    ~Channel() { close(); }

    void close() noexcept
    {
        if (channel_ != 0)
            tr_channel_close(ctx_, std::exchange(channel_, 0));
    }
    tr_channel handle() const noexcept { return channel_; }
    tr_state state() const
    {
        tr_state state = detail::sized<tr_state>();
        check(tr_channel_state(ctx_, channel_, &state));
        return state;
    }

    void answer() { check(tr_answer(ctx_, channel_)); }
    void release() { check(tr_release(ctx_, channel_)); }
    void ring() { check(tr_ring(ctx_, channel_, nullptr, nullptr)); }
    void ring(const std::string &number, const std::string &name = {})
    {
        check(tr_ring(ctx_, channel_, number.c_str(), name.c_str()));
    }
    void flash() { check(tr_flash(ctx_, channel_)); }
    void disconnect() { check(tr_disconnect(ctx_, channel_)); }
    void message_waiting(bool on) { check(tr_message_waiting(ctx_, channel_, on)); }
    void tone(std::uint32_t tone) { check(tr_tone(ctx_, channel_, tone)); }
    void gain(std::int32_t hears_tenth_db, std::int32_t says_tenth_db)
    {
        check(tr_gain(ctx_, channel_, hears_tenth_db, says_tenth_db));
    }
    void send_digits(const std::string &digits) { check(tr_send_digits(ctx_, channel_, digits.c_str())); }

    Op play(const std::vector<Source> &list, const Conditions &until = {})
    {
        std::vector<tr_source> sources;
        for (const Source &source : list)
            sources.push_back(source.c());
        return begin(until, [&](const tr_until *conditions, std::size_t count, tr_op *op) {
            return tr_play(ctx_, channel_, sources.data(), sources.size(), conditions, count, op);
        });
    }
    /* Records into a file; `right` goes on the right track. */
    Op record(const std::string &path, const Conditions &until = {}, const Channel *right = nullptr)
    {
        tr_sink sink = detail::sized<tr_sink>();
        sink.path = path.c_str();
        sink.right = right ? right->channel_ : 0;
        return record(sink, until);
    }
    Op record(const tr_sink &sink, const Conditions &until = {})
    {
        return begin(until, [&](const tr_until *conditions, std::size_t count, tr_op *op) {
            return tr_record(ctx_, channel_, &sink, conditions, count, op);
        });
    }
    Op collect(const Conditions &until, bool clear_first = false)
    {
        return begin(until, [&](const tr_until *conditions, std::size_t count, tr_op *op) {
            return tr_collect(ctx_, channel_, conditions, count, clear_first, op);
        });
    }
    Op detect(const Conditions &until)
    {
        return begin(until, [&](const tr_until *conditions, std::size_t count, tr_op *op) {
            return tr_detect(ctx_, channel_, conditions, count, op);
        });
    }
    Op dial(const std::string &number, milliseconds time = milliseconds(0))
    {
        tr_op op = 0;
        check(tr_dial(ctx_, channel_, number.c_str(), detail::ms(time), &op));
        return Op(ctx_, op);
    }

    void bridge(const Channel &other) { check(tr_bridge(ctx_, channel_, other.channel_)); }
    void unbridge(const Channel &other) { check(tr_unbridge(ctx_, channel_, other.channel_)); }
    void listen(const Channel &talker) { check(tr_listen(ctx_, channel_, talker.channel_)); }
    void unlisten(const Channel &talker) { check(tr_unlisten(ctx_, channel_, talker.channel_)); }

private:
    template <typename Start> Op begin(const Conditions &until, Start start)
    {
        std::vector<tr_until> conditions;
        for (const Until &condition : until)
            conditions.push_back(condition.c());
        tr_op op = 0;
        check(start(conditions.data(), conditions.size(), &op));
        return Op(ctx_, op);
    }
    tr_ctx *ctx_;
    tr_channel channel_ = 0;
};

/* A conference; its members leave when it goes. */
class Conference {
public:
    explicit Conference(tr_ctx *ctx) : ctx_(ctx) { check(tr_conference_create(ctx, &conference_)); }
    Conference(Conference &&other) noexcept : ctx_(other.ctx_), conference_(std::exchange(other.conference_, 0)) {}
    Conference &operator=(Conference &&other) noexcept
    {
        std::swap(ctx_, other.ctx_);
        std::swap(conference_, other.conference_);
        return *this;
    }
    ~Conference()
    {
        if (conference_ != 0)
            tr_conference_destroy(ctx_, conference_);
    }
    tr_conference handle() const noexcept { return conference_; }
    void join(const Channel &channel, std::uint32_t role = TR_ROLE_PARTY)
    {
        check(tr_conference_join(ctx_, conference_, channel.handle(), role));
    }
    void leave(const Channel &channel) { check(tr_conference_leave(ctx_, conference_, channel.handle())); }

private:
    tr_ctx *ctx_;
    tr_conference conference_ = 0;
};

/* A timer; stopped when it goes. */
class Timer {
public:
    Timer(tr_ctx *ctx, milliseconds interval, bool periodic, void *user) : ctx_(ctx)
    {
        check(tr_timer_start(ctx, detail::ms(interval), periodic, user, &timer_));
    }
    Timer(Timer &&other) noexcept : ctx_(other.ctx_), timer_(std::exchange(other.timer_, 0)) {}
    Timer &operator=(Timer &&other) noexcept
    {
        std::swap(ctx_, other.ctx_);
        std::swap(timer_, other.timer_);
        return *this;
    }
    ~Timer()
    {
        if (timer_ != 0)
            tr_timer_stop(ctx_, timer_);
    }
    bool is(const Event &event) const noexcept { return event.type == TR_EVENT_TIMER && event.object == timer_; }

private:
    tr_ctx *ctx_;
    tr_timer timer_ = 0;
};

/* Cards, their threads and their events; closed when it goes. */
class Context {
public:
    explicit Context(std::initializer_list<std::string> cards, tr_config config = TR_CONFIG_INIT)
    {
        std::vector<const char *> names;
        for (const std::string &card : cards)
            names.push_back(card.c_str());
        config.cards = names.data();
        config.card_count = static_cast<std::uint32_t>(names.size());
        check(tr_open(&config, &ctx_));
    }
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;
    ~Context()
    {
        if (ctx_ != nullptr)
            tr_close(ctx_, 2000);
    }

    /* Closes now; a failure can be seen, unlike in the destructor. */
    void close(milliseconds drain)
    {
        if (ctx_ != nullptr)
            check(tr_close(std::exchange(ctx_, nullptr), detail::ms(drain)));
    }
    tr_ctx *handle() const noexcept { return ctx_; }

    std::size_t ports() const { return static_cast<std::size_t>(check(tr_port_count(ctx_))); }
    Channel open(const std::string &path, void *user = nullptr) { return Channel(ctx_, path, user); }
    Conference conference() { return Conference(ctx_); }
    Timer timer(milliseconds interval, bool periodic = false, void *user = nullptr)
    {
        return Timer(ctx_, interval, periodic, user);
    }

    /* The next event, however long it takes. */
    Event next()
    {
        Event event;
        check(tr_event_next(ctx_, &event, TR_FOREVER));
        return event;
    }
    /* The next event, or nothing after that time. */
    std::optional<Event> next(milliseconds time)
    {
        Event event;
        if (check(tr_event_next(ctx_, &event, detail::ms(time))) == 0)
            return std::nullopt;
        return event;
    }
    int descriptor() const { return check(tr_event_fd(ctx_)); }
    void post(std::uint64_t value, void *user = nullptr) { check(tr_event_post(ctx_, value, user)); }

    /* Delivers events by calls on a thread of the library; an empty function goes back to the queue. It must not
     * throw. */
    void handler(std::function<void(const tr_event &)> function)
    {
        check(tr_set_handler(ctx_, nullptr, nullptr));
        handler_ = std::move(function);
        if (handler_)
            check(tr_set_handler(ctx_, [](void *user, const tr_event *event) { (*static_cast<decltype(&handler_)>(user))(*event); },
                                 &handler_));
    }
    /* Tests the module in a port of a card, or each. */
    Op self_test(std::uint32_t card, std::uint32_t port = TR_ALL_PORTS)
    {
        tr_op op = 0;
        check(tr_self_test(ctx_, card, port, &op));
        return Op(ctx_, op);
    }
    /* Writes what goes in and out of a card into a file until it is stopped. */
    Op trace(std::uint32_t card, const std::string &path)
    {
        tr_op op = 0;
        check(tr_trace(ctx_, card, path.c_str(), &op));
        return Op(ctx_, op);
    }
    tr_counters counters() const
    {
        tr_counters counters = detail::sized<tr_counters>();
        check(tr_counters_read(ctx_, &counters));
        return counters;
    }

private:
    tr_ctx *ctx_ = nullptr;
    std::function<void(const tr_event &)> handler_;
};

}  // namespace tipring

#endif
