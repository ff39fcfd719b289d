"""The example in Python takes a message: the caller hears its tone, and the file holds what the caller said.

    answering_machine.py EXAMPLES FOLDER
"""
import array
import math
import sys
import threading
import time
import wave

sys.path.insert(0, sys.argv[1])
import answering_machine as example  # noqa: E402
from answering_machine import c, check, lib  # noqa: E402

RATE = 8000


def tone(hertz, seconds):
    return (c.c_int16 * int(RATE * seconds))(*(
        int(6000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(int(RATE * seconds))))


def share(samples, hertz):
    """The share of the power that lies at a frequency, over 50 ms."""
    turns = [2 * math.pi * hertz * n / RATE for n in range(len(samples))]
    re = sum(s * math.cos(t) for s, t in zip(samples, turns))
    im = sum(s * math.sin(t) for s, t in zip(samples, turns))
    power = sum(s * s for s in samples)
    return 2 * (re * re + im * im) / (len(samples) * power) if power else 0


def longest_ms(samples, hertz):
    run = longest = 0
    for at in range(0, len(samples) - 399, 400):
        run = run + 50 if share(samples[at:at + 400], hertz) > 0.8 else 0
        longest = max(longest, run)
    return longest


ctx = example.open_card("sim:fxo", virtual_clock=1)
check(lib.tr_sim_advance(ctx, 6000))
failures = []


def serve():
    try:
        example.serve(ctx, sys.argv[2], 1)
    except BaseException as failure:  # the main thread reports it
        failures.append(failure)


def advance(ms):
    for _ in range(ms // 10):
        check(lib.tr_sim_advance(ctx, 10))
        time.sleep(0.0005)


thread = threading.Thread(target=serve, daemon=True)
thread.start()
check(lib.tr_sim_call(ctx, 0, b"13800138000", None))
room, heard = (c.c_int16 * RATE)(), []
limit = time.monotonic() + 60
while longest_ms(heard[-2 * RATE:], 1000) < 800:
    assert time.monotonic() < limit, "the caller hears the tone"
    advance(200)
    heard += room[:check(lib.tr_sim_heard(ctx, 0, room, c.c_size_t(len(room))))]
said = tone(700, 2)
check(lib.tr_sim_speak(ctx, 0, said, c.c_size_t(len(said))))
limit = time.monotonic() + 60
while thread.is_alive() and time.monotonic() < limit:
    advance(100)
assert not thread.is_alive() and not failures, failures
with wave.open(f"{sys.argv[2]}/message-1.wav") as file:
    assert (file.getnchannels(), file.getframerate()) == (2, RATE)
    frames = array.array("h", file.readframes(file.getnframes()))
assert abs(len(frames) / 2 - 5 * RATE) <= 0.1 * RATE, f"{len(frames) / 2} samples"
assert longest_ms(frames[::2], 700) >= 1500, "the file holds what the caller said"
check(lib.tr_close(ctx, 1000))
print("ok")
