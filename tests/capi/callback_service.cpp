/* The example in C++ calls back: the number is the one that was keyed, and the party that answers hears the
 * message. The wrapper's own rules: exceptions with their texts, handles that close themselves, a lambda as
 * handler. */
#define main example_main
#include "../../cti-core/capi/examples/callback_service.cpp"
#undef main

#include <atomic>
#include <cstring>
#include <thread>

#include "test.h"

static int16_t sound[60 * 8000];

static void calls_back(tr_ctx *ctx, tipring::Context &board, const std::string &folder)
{
    const std::string prompt = folder + "/prompt.wav", message = folder + "/message.wav";
    tr_sim_state line = TR_SIM_STATE_INIT;
    std::atomic<std::uint32_t> outcome{0};
    size_t count;
    write_tone(prompt.c_str(), 700, 1000);
    write_tone(message.c_str(), 900, 1500);
    std::thread example([&] { outcome = serve(board, prompt, message); });
    CHECK(tr_sim_call(ctx, 0, "13800138000", NULL) == TR_OK);
    pass(ctx, 12000);
    count = static_cast<size_t>(tr_sim_heard(ctx, 0, sound, 60 * 8000));
    CHECK(contains_tone(sound, count, 700, 800));
    CHECK(tr_sim_keys(ctx, 0, "10086#") == TR_OK);
    pass(ctx, 3000);
    count = static_cast<size_t>(tr_sim_heard(ctx, 0, sound, 60 * 8000));
    CHECK(contains_tone(sound, count, 1000, 100));
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    for (int ms = 0; std::strcmp(line.dialled, "10086") != 0; ms += 100) {
        CHECK(ms < 60000);
        pass(ctx, 100);
        CHECK(tr_sim_state_read(ctx, 0, &line) == TR_OK);
    }
    pass(ctx, 6000);
    CHECK(tr_sim_answer(ctx, 0) == TR_OK);
    /* The voice of the party that answers is the answer signal of these lines. */
    fill_tone(sound, 8000, 400, 6000);
    CHECK(tr_sim_speak(ctx, 0, sound, 8000) == TR_OK);
    for (int ms = 0; outcome == 0; ms += 100) {
        CHECK(ms < 60000);
        pass(ctx, 100);
    }
    example.join();
    count = static_cast<size_t>(tr_sim_heard(ctx, 0, sound, 60 * 8000));
    CHECK(outcome == TR_REASON_END && contains_tone(sound, count, 900, 1200));
}

static void rules_of_the_wrapper(tr_ctx *ctx, tipring::Context &board)
{
    tr_channel handle;
    {
        tipring::Channel station = board.open("0/1");
        handle = station.handle();
        try {
            board.open("0/1");
            CHECK(!"an open channel was opened again");
        } catch (const tipring::Error &error) {
            CHECK(error.code() == TR_E_BUSY && std::strstr(error.what(), "open already") != NULL);
        }
        tipring::Channel moved = std::move(station);
        CHECK(moved.handle() == handle && moved.state().kind == TR_KIND_STATION && station.handle() == 0);
        tipring::Op op = moved.collect({tipring::Until::max_time(50ms)});
        CHECK(!op.wait(0ms));
        CHECK(tr_sim_advance(ctx, 60) == TR_OK);
        CHECK(op.wait(0ms)->reason == TR_REASON_MAX_TIME);
    }
    tr_state state = TR_STATE_INIT;
    CHECK_ERROR(tr_channel_state(ctx, handle, &state), TR_E_STALE);
    while (board.next(0ms))
        ;
    std::atomic<int> posted{0};
    board.handler([&](const tr_event &event) { posted += event.type == TR_EVENT_USER && event.value == 7; });
    board.post(7);
    for (int i = 0; posted == 0; i++) {
        CHECK(i < 500);
        usleep(10000);
    }
    board.handler({});
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    tr_config config = TR_CONFIG_INIT;
    config.virtual_clock = 1;
    tipring::Context board({"sim:fxo,fxs"}, config);
    CHECK(tr_sim_advance(board.handle(), 6000) == TR_OK);
    calls_back(board.handle(), board, argv[1]);
    rules_of_the_wrapper(board.handle(), board);
    board.close(1000ms);
    std::puts("ok");
    return 0;
}
