/*
 * Callback service in C++: a caller is asked for a number and a "#", hears a tone for yes, and hangs up; then the
 * number is dialled on the same trunk and whoever answers hears the message.
 *
 *     callback_service CARD PROMPT.wav MESSAGE.wav
 */
#include <iostream>

#include <tipring.hpp>

using namespace std::chrono_literals;

/* Serves one caller. Returns the reason for which the call back ended: TR_REASON_END when it was answered. */
static std::uint32_t serve(tipring::Context &board, const std::string &prompt, const std::string &message)
{
    tipring::Channel line = board.open("0/0");
    tipring::Op asking, collecting, confirming, dialling, playing;
    std::string number;
    std::uint32_t outcome = 0;
    for (;;) {
        tipring::Event event = board.next();
        if (event.type == TR_EVENT_OFFERED) {
            line.answer();
            asking = line.play({tipring::Source::file(prompt)}, {tipring::Until::max_digits(1)});
            collecting = line.collect({tipring::Until::digit("#"), tipring::Until::first_digit(20s),
                                       tipring::Until::inter_digit(5s)}, true);
        } else if (collecting.is_done(event)) {
            /* Without its "#" a number is not whole: the caller hung up, or stopped in the middle of it. */
            number = event.reason == TR_REASON_DIGIT ? event.first() : std::string();
            if (number.size() > 1) {
                number.pop_back();
                confirming = line.play({tipring::Source::tone(1000, 0, -10, 200ms), tipring::Source::silence(100ms),
                                        tipring::Source::tone(1000, 0, -10, 200ms)});
            } else if (event.reason != TR_REASON_HANGUP) {
                number.clear();
                line.release();
            }
        } else if (confirming.is_done(event) || playing.is_done(event)) {
            if (event.reason != TR_REASON_HANGUP)
                line.release();
        } else if (event.type == TR_EVENT_DISCONNECTED) {
            line.release();
        } else if (dialling.is_done(event)) {
            outcome = event.reason;
            std::cout << number << (outcome == TR_REASON_END ? ": answered" : ": not reached") << std::endl;
            if (outcome == TR_REASON_END)
                playing = line.play({tipring::Source::file(message)});
            else
                line.release();
        } else if (event.type == TR_EVENT_RESTED && outcome == 0 && !number.empty()) {
            dialling = line.dial(number, 30s);
        } else if (event.type == TR_EVENT_RESTED && outcome != 0) {
            return outcome;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        std::cerr << "Usage: " << argv[0] << " CARD PROMPT.wav MESSAGE.wav\n";
        return 2;
    }
    try {
        tipring::Context board({argv[1]});
        return serve(board, argv[2], argv[3]) == TR_REASON_END ? 0 : 1;
    } catch (const tipring::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
