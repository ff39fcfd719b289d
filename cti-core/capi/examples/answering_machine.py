#!/usr/bin/env python3
"""The answering machine in Python, through ctypes: answers, plays a tone, records five seconds, prints the length.

    answering_machine.py CARD FOLDER [CALLS]       (LD_LIBRARY_PATH names the folder of libtipring.so.0)
"""
import ctypes as c
import itertools
import os
import sys

lib = c.CDLL("libtipring.so.0")
lib.tr_strerror.restype = c.c_char_p
OFFERED, RESTED, OP_DONE = 3, 14, 32
SOURCE_TONE, UNTIL_MAX_TIME, FOREVER = 3, 5, 0xFFFFFFFF


class Sized(c.Structure):
    """A structure of the header: begins with its size; everything not given is zero."""

    def __init__(self, **fields):
        super().__init__(size=c.sizeof(self), **fields)


class Config(Sized):
    _fields_ = [("size", c.c_uint32), ("card_count", c.c_uint32), ("cards", c.POINTER(c.c_char_p)), ("country", c.c_char_p),
                ("queue_capacity", c.c_uint32), ("virtual_clock", c.c_uint32), ("log", c.c_void_p), ("log_user", c.c_void_p)]


class Event(Sized):
    _fields_ = [("size", c.c_uint32), ("type", c.c_uint32), ("sequence", c.c_uint64), ("time_ns", c.c_uint64),
                ("channel", c.c_uint64), ("object", c.c_uint64), ("user", c.c_void_p), ("reason", c.c_uint32),
                ("cause", c.c_uint32), ("value", c.c_uint64), ("text", c.c_char * 128), ("text2", c.c_char * 72)]


class Source(Sized):
    _fields_ = [("size", c.c_uint32), ("kind", c.c_uint32), ("path", c.c_char_p), ("samples", c.c_void_p),
                ("count", c.c_size_t), ("start_ms", c.c_uint32), ("length_ms", c.c_uint32), ("hertz", c.c_float),
                ("hertz2", c.c_float), ("level_dbm0", c.c_float), ("gain_tenth_db", c.c_int32)]


class Until(Sized):
    _fields_ = [("size", c.c_uint32), ("kind", c.c_uint32), ("value", c.c_uint32), ("reserved", c.c_uint32),
                ("text", c.c_char_p)]


class Sink(Sized):
    _fields_ = [("size", c.c_uint32), ("enhance", c.c_uint32), ("path", c.c_char_p), ("right", c.c_uint64)]


def check(result):
    if result < 0:
        raise OSError(lib.tr_strerror(result, 0).decode())
    return result


def open_card(card, **more):
    """Opens a context with one card; `more` are further fields of the configuration."""
    cards = (c.c_char_p * 1)(card.encode())
    ctx = c.c_void_p()
    check(lib.tr_open(c.byref(Config(card_count=1, cards=cards, **more)), c.byref(ctx)))
    return ctx


def next_path(folder):
    """The first file of the folder that is not there yet, nor begun."""
    names = (f"{folder}/message-{number}.wav" for number in itertools.count(1))
    return next(name for name in names if not os.path.exists(name) and not os.path.exists(name + ".part"))


def serve(ctx, folder, calls):
    """Takes this number of calls on port 0 of card 0."""
    line, playing, recording = c.c_uint64(), c.c_uint64(), c.c_uint64()
    check(lib.tr_channel_open(ctx, b"0/0", None, c.byref(line)))
    taken = 0
    while taken < calls:
        event = Event()
        check(lib.tr_event_next(ctx, c.byref(event), c.c_uint32(FOREVER)))
        if event.type == OFFERED and lib.tr_answer(ctx, line) == 0:
            tone = Source(kind=SOURCE_TONE, hertz=1000, level_dbm0=-10, length_ms=1000)
            check(lib.tr_play(ctx, line, c.byref(tone), c.c_size_t(1), None, c.c_size_t(0), c.byref(playing)))
        elif event.type == OP_DONE and event.object == playing.value:
            sink = Sink(path=next_path(folder).encode())
            limit = Until(kind=UNTIL_MAX_TIME, value=5000)
            check(lib.tr_record(ctx, line, c.byref(sink), c.byref(limit), c.c_size_t(1), c.byref(recording)))
        elif event.type == OP_DONE:
            print(f"{event.value / 8000:.1f} s recorded", flush=True)
            lib.tr_release(ctx, line)
        elif event.type == RESTED:
            taken += 1


def main(card, folder, calls=1):
    ctx = open_card(card)
    serve(ctx, folder, calls)
    check(lib.tr_close(ctx, 2000))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
