#!/usr/bin/env python3
"""Recomputes every figure of every report from the raw log of events and compares.

Usage: recount.py TIPRING DATABASE [INTERVAL]

TIPRING is the program; it exports the log (`report log`) and the reports (`--json`). The figures are computed here in
another way than there: the story of each call and the spans of each agent and trunk are gathered first, then each row
is counted from them alone. Python's standard library is enough. Exit status 0 if everything is equal.
"""
import collections
import json
import subprocess
import sys

IN_TIME, SHORT, HOLD, RINGS, CALL = 20_000, 5_000, 60_000, 4, 180_000
ACTIVITIES = ["logged_off", "out_of_order", "talking", "offered", "work", "busy_tone", "off_hook", "not_ready", "idle"]


def run(program, *arguments, command="report"):
    """Gives the JSON lines that the program prints."""
    done = subprocess.run([program, command, *arguments], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def stories(log):
    """Gathers the story of each queue's call, the activity spans of agents and the occupied spans of trunks."""
    calls, opened, agents, doing, trunks, busy, counts, backs = [], {}, {}, {}, {}, {}, [], []
    breaks = {"begun": [], "too_long": []}
    last = now = 0
    for entry in log:
        kind, at = entry["event"], max(entry["at"], now)
        if kind == "started":
            for call in opened.values():
                if call["answered"] is None:
                    call["left"] = (now, "cleared")
            for agent, (since, activity, queue) in doing.items():
                agents[agent].append((since, now, activity, queue))
            for trunk, (since, group) in busy.items():
                trunks.setdefault(group, []).append((since, now))
            opened, doing, busy = {}, {}, {}
        now = at
        if last and entry["seq"] != last + 1:
            sys.exit(f"entry {last + 1} is missing from the log")
        last = entry["seq"]
        call = opened.get(entry.get("call"))
        if kind == "queued":
            call = dict(call=entry["call"], queue=entry["queue"], group=entry["group"], dialled=entry["dialled"], agent=None, queued=at,
                        answered=None, rings=0, left=None, ended=None, missed=[], called_back=False)
            opened[entry["call"]] = call
            calls.append(call)
        elif kind == "called_back":
            call["called_back"] = True
        elif kind == "missed":
            call["missed"].append((at, entry["agent"]))
        elif kind == "answered":
            call.update(answered=at, agent=entry["agent"], rings=entry["rings"])
        elif kind in ("abandoned", "cleared", "flowed_out", "call_back_left"):
            call["left"] = (at, kind)
            del opened[entry["call"]]
        elif kind == "call_back_done":
            backs.append((at, entry["queue"], entry["state"]))
        elif kind == "ended":
            call["ended"] = (at, entry["hold"], entry["longest_hold"], entry["transferred"], entry["by_customer"])
            del opened[entry["call"]]
        elif kind == "agent":
            agent = entry["agent"]
            if agent in doing:
                since, activity, queue = doing[agent]
                agents[agent].append((since, at, activity, queue))
            agents.setdefault(agent, [])
            to = entry["to"]
            if isinstance(to, str):
                doing[agent] = (at, to, entry["queue"])
            else:
                # The reason stands in the place of the queue, which a break has not.
                [(activity, reason)] = to.items()
                if doing.get(agent, (0, ""))[1:] != (activity, reason):
                    breaks["begun"].append((at, agent, reason))
                doing[agent] = (at, activity, reason)
        elif kind == "break_too_long":
            breaks["too_long"].append((at, entry["agent"], entry["reason"]))
        elif kind == "seized":
            if entry["trunk"] in busy:
                since, group = busy[entry["trunk"]]
                trunks.setdefault(group, []).append((since, at))
            busy[entry["trunk"]] = (at, entry["group"])
            counts.append((at, entry["group"], "incoming" if entry["incoming"] else "outgoing"))
        elif kind == "released" and entry["trunk"] in busy:
            since, group = busy.pop(entry["trunk"])
            trunks.setdefault(group, []).append((since, at))
        elif kind == "blocked":
            counts.append((at, entry["group"], "blocked"))
    for agent, (since, activity, queue) in doing.items():
        agents[agent].append((since, now, activity, queue))
    for since, group in busy.values():
        trunks.setdefault(group, []).append((since, now))
    return calls, agents, trunks, counts, backs, breaks


def count_day(program, database, agent, spans):
    """Compares the states in one agent's day with the spans of the log. Gives the figures compared, and the faults."""
    rows = run(program, "agent", agent, "--from", "1970-01-02", "--to", "2200-01-01", "--json", "--db", database)[1:]
    expected = [(since, activity, (until - since) / 1000) for since, until, activity, _ in spans if activity != "logged_off"]
    got = [(row["began"], row["state"].replace(" ", "_"), row["length"]) for row in rows if row["part"] == "state"]
    if got != expected:
        print(f"agent {agent}: states {set(got) ^ set(expected)} differ, of {len(got)} and {len(expected)}")
    signed_in = sum(row["length"] for row in rows if row["part"] == "log-in")
    logged_on = sum(length for _, _, length in expected)
    if abs(signed_in - logged_on) > 1e-6 * max(1, logged_on):
        print(f"agent {agent}: logged in {signed_in} s, states {logged_on} s")
    answered = {row["call"] for row in rows if row["part"] == "call" and row["reached"] == "connected"}
    faults = (got != expected) + (abs(signed_in - logged_on) > 1e-6 * max(1, logged_on))
    return len(got) + 1, faults, answered


def by_name(calls, agents, backs):
    """Sorts what rows are counted from by their names: (kind, name) to calls, missed offers, work and call-backs."""
    named = collections.defaultdict(lambda: dict(calls=[], missed=[], work=[], backs=[]))

    for call in calls:
        for kind in ("queue", "agent", "group", "dialled"):
            named[kind, call[kind]]["calls"].append(call)
        for at, agent in call["missed"]:
            named["agent", agent]["missed"].append(at)
    for agent, spans in agents.items():
        for since, until, activity, queue in spans:
            if activity == "work" and queue:
                named["queue", queue]["work"].append((since, until))
                named["agent", agent]["work"].append((since, until))
    for at, queue, state in backs:
        named["queue", queue]["backs"].append((at, state))
    return named


def share(part, whole):
    return part / whole if whole else None


def count_calls(row, named):
    """Counts a row about the calls of a queue, an agent, a trunk group or a dialled number."""
    kind, name, begin, end = row["kind"], row["name"], row["begin"], row["end"]
    of = named[kind, name]

    def inside(at):
        return at is not None and begin <= at < end

    is_agent = kind == "agent"
    mine = of["calls"]
    offered = [call for call in mine if inside(call["queued"])]
    answered = [call for call in mine if inside(call["answered"])]
    left = [] if is_agent else [call for call in mine if call["left"] and inside(call["left"][0])]
    handled = [call for call in mine if call["ended"] and inside(call["ended"][0])]
    misses = of["missed"] if is_agent else [at for call in mine for at, _ in call["missed"]]
    missed = sum(inside(at) for at in misses)
    waits = [call["answered"] - call["queued"] for call in answered]
    lost = [call["left"][0] - call["queued"] for call in left if call["left"][1] == "abandoned"]
    talk = [call["ended"][0] - call["answered"] for call in handled]
    holds = [call["ended"][1] for call in handled]
    longest = [call["ended"][2] for call in handled]
    rings = [max(call["rings"], 1) for call in answered]
    work = sum(max(0, min(until, end) - max(since, begin)) for since, until in of["work"])
    # What an agent was offered was answered or missed.
    o, a, b = len(answered) + missed if is_agent else len(offered), len(answered), len(lost)
    good, early, short = (sum(w <= IN_TIME for w in waits), sum(w <= IN_TIME for w in lost), sum(w <= SHORT for w in lost))
    ends = [state for at, state in of["backs"] if inside(at)]
    aht = share((sum(talk) + work) / 1000, len(handled))
    asa = share(sum(waits) / 1000, a)
    return {
        "begin": begin, "end": end, "kind": kind, "name": name, "offered": o, "answered": a, "answered_in_time": good,
        "abandoned": b, "abandoned_short": short, "abandoned_in_time": early,
        "flowed_out": sum(call["left"][1] == "flowed_out" for call in left),
        "call_backs": sum(call["left"][1] == "call_back_left" for call in left),
        "called_back": ends.count("reached"), "call_backs_given_up": ends.count("given_up"),
        "call_backs_lost": sum(call["left"][1] == "abandoned" and call["called_back"] for call in left),
        "cleared": sum(call["left"][1] == "cleared" for call in left), "missed": missed,
        "service_level": share(good, a + b), "formula": "standard", "sl_strict": share(good, o),
        "sl_standard": share(good, a + b), "sl_without_short": share(good, a + b - short),
        "sl_neutral": share(good, a + b - early), "sl_abandons_good": share(good + early, a + b),
        "sl_answered_only": share(good, a), "asa": asa, "abandon_time": share(sum(lost) / 1000, b),
        "longest_wait": max(waits + lost, default=0) / 1000, "handled": len(handled),
        "talk": (sum(talk) - sum(holds)) / 1000, "hold": sum(holds) / 1000,
        "longest_hold": max(longest, default=0) / 1000, "held_too_long": sum(hold > HOLD for hold in longest),
        "too_long": sum(length > CALL for length in talk), "work": work / 1000, "aht": aht,
        "abandon_rate": share(b, o), "abandon_rate_without_short": share(b - short, max(o - short, 0)),
        "within_2_rings": sum(n <= 2 for n in rings), "within_3_rings": sum(n <= 3 for n in rings),
        "within_4_rings": sum(n <= 4 for n in rings), "late": sum(n > RINGS for n in rings),
        "transferred": sum(call["ended"][3] for call in handled), "by_customer": sum(call["ended"][4] for call in handled),
    }


def count_times(row, agents):
    """Counts a row about an agent's time."""
    begin, end = row["begin"], row["end"]
    time = dict.fromkeys(ACTIVITIES, 0)
    for since, until, activity, _ in agents.get(row["agent"], []):
        time[activity] += max(0, min(until, end) - max(since, begin))
    logged_on = sum(time.values()) - time["logged_off"]
    busy = time["talking"] + time["offered"] + time["work"]
    return {
        "begin": begin, "end": end, "agent": row["agent"], "logged_on": logged_on / 1000, "idle": time["idle"] / 1000,
        "offered_time": time["offered"] / 1000, "talking": time["talking"] / 1000, "work": time["work"] / 1000,
        "not_ready": time["not_ready"] / 1000,
        "line_out": (time["off_hook"] + time["busy_tone"] + time["out_of_order"]) / 1000,
        "occupancy": share(busy, busy + time["idle"]), "utilisation": share(busy, logged_on),
    }


def count_breaks(row, agents, breaks):
    """Counts a row about an agent's time not ready for one reason."""
    begin, end, agent, reason = row["begin"], row["end"], row["agent"], row["reason"]

    def count(kind):
        return sum(of == agent and code == reason and begin <= at < end for at, of, code in breaks[kind])

    spans = [span for span in agents.get(agent, []) if span[2:] == ("not_ready", reason)]
    time = sum(max(0, min(until, end) - max(since, begin)) for since, until, _, _ in spans)
    return {
        "begin": begin, "end": end, "agent": agent, "reason": reason, "reason_name": "", "breaks": count("begun"),
        "break_time": time / 1000, "breaks_too_long": count("too_long"),
    }


def count_trunks(row, trunks, counts):
    """Counts a row about a trunk group."""
    begin, end, group = row["begin"], row["end"], row["group"]
    busy = sum(max(0, min(until, end) - max(since, begin)) for since, until in trunks.get(group, []))
    counted = [what for at, of, what in counts if of == group and begin <= at < end]
    result = {"begin": begin, "end": end, "group": group, "traffic": busy / (end - begin)}
    result.update((what, counted.count(what)) for what in ("incoming", "outgoing", "blocked"))
    return result


def returned(log):
    """Gathers each caller who hung up or was cut off: until when, and when and how it was settled first."""
    queued, waiting, lost, callers, now = {}, {}, [], {}, 0

    def lose(call, at, due):
        if call["caller"]:
            one = dict(at=at, caller=call["caller"], queue=call["queue"], due=due, reached=None, given_up=None)
            lost.append(one)
            callers.setdefault(call["caller"], []).append(one)

    for entry in log:
        kind, before, now = entry["event"], now, max(entry["at"], now)
        if kind == "started":
            for call in waiting.values():
                lose(call, before, None)
            waiting = {}
        elif kind == "queued":
            queued[entry["call"]] = waiting[entry["call"]] = entry
        elif kind in ("abandoned", "cleared", "answered", "flowed_out", "call_back_left"):
            call = waiting.pop(entry["call"], None)
            if call and kind in ("abandoned", "cleared"):
                lose(call, now, entry.get("due"))
        caller = None
        if kind == "answered":
            caller = queued[entry["call"]]["caller"]
        elif kind == "reached" or (kind == "call_back_done" and entry["state"] == "reached"):
            caller = entry["caller"]
        elif kind == "call_back_done" and entry["state"] in ("given_up", "cancelled"):
            for one in callers.get(entry["caller"], []):
                if one["reached"] is None and one["given_up"] is None:
                    one["given_up"] = now
        for one in callers.get(caller, []):
            if one["reached"] is None:
                one["reached"] = now
    return lost


def count_returns(row, lost):
    """Counts a row about the callers of one queue who hung up or were cut off."""
    begin, end = row["begin"], row["end"]
    mine = [one for one in lost if one["queue"] == row["queue"] and one["at"] < end]

    def inside(at):
        return at is not None and begin <= at < end

    back = [one for one in mine if inside(one["reached"])]
    took = [(one["reached"] - one["at"]) / 1000 for one in back]
    settled = [min(at for at in (one["reached"], one["given_up"], 1e15) if at is not None) for one in mine]
    still = [one for one, at in zip(mine, settled) if at >= end]
    return {
        "begin": begin, "end": end, "queue": row["queue"], "lost_callers": sum(inside(one["at"]) for one in mine),
        "returned": len(back),
        "returned_in_time": sum(one["due"] is not None and one["reached"] <= one["due"] for one in back),
        "returned_late": sum(one["due"] is not None and one["reached"] > one["due"] for one in back),
        "returns_given_up": sum(inside(one["given_up"]) for one in mine),
        "return_mean": share(sum(took), len(took)), "return_longest": max(took, default=None),
        "to_return": len(still), "to_return_late": sum(one["due"] is not None and one["due"] < end for one in still),
        "oldest_to_return": max(((end - one["at"]) / 1000 for one in still), default=None),
    }


def count_orders(row, steps):
    """Counts a row about the work orders of one kind: each order's own story, cut at the end of the row's interval."""
    begin, end, kind = row["begin"], row["end"], row["order_kind"]
    orders = {}
    for step in steps:
        if step["kind"] == kind and step["at_ms"] < end:
            orders.setdefault(step["order"], []).append(step)
    result = dict.fromkeys(["dispatch_in_time", "dispatch_late", "answer_in_time", "answer_late", "open", "open_late",
                            "to_revisit", "to_revisit_late", "try_in_time", "try_late", "revisit_in_time",
                            "revisit_late"], 0)
    names = dict(accepted="accept", repeats="repeat", dispatches="dispatch", done="done", tries="try",
                 revisited="revisit", unreached="unreached", filed="file", reopened="reopen")
    taken = [step["step"] for story in orders.values() for step in story if step["at_ms"] >= begin]
    result.update((column, taken.count(name)) for column, name in names.items())
    times, ages = [], []
    for story in orders.values():
        clocks = {}
        for step in story:
            counts = step["at_ms"] >= begin
            if step["step"] in ("accept", "reopen"):
                clocks.update(dispatch=step["dispatch_due_ms"], answer=step["answer_due_ms"])
                start = step["since_ms"]
            after = ["try", "revisit"]
            stops = {"dispatch": ["dispatch"], "done": ["dispatch", "answer"], "try": ["try"], "revisit": after,
                     "unreached": after, "reopen": after}.get(step["step"], [])
            if step["step"] == "dispatch" and step["from"] == "accepted" and counts:
                times.append(step["at_ms"] - start)
            for clock in stops:
                due = clocks.pop(clock, None)
                if due is not None and counts:
                    result[clock + ("_late" if step["at_ms"] > due else "_in_time")] += 1
            if step["step"] == "done":
                clocks.update({"try": step["try_due_ms"], "revisit": step["revisit_due_ms"]})
        state = story[-1]["to"]
        is_late = any(due is not None and due < end for due in clocks.values())
        result["to_revisit"] += state == "done"
        result["to_revisit_late"] += state == "done" and is_late
        if state in ("accepted", "dispatched"):
            result["open"] += 1
            ages.append((end - start) / 1000)
            result["open_late"] += is_late
    return {
        **result, "begin": begin, "end": end, "order_kind": kind,
        "dispatch_mean": share(sum(times) / 1000, len(times)), "oldest_open": max(ages, default=None),
    }


def count_messages(row, steps):
    """Counts a row about the messages of one mailbox and queue: each one's own story, cut at the end of the interval."""
    begin, end, place = row["begin"], row["end"], (row["mailbox"], row["queue"])
    stories = {}
    for step in steps:
        if (step["mailbox"], step["queue"]) == place and step["at_ms"] < end:
            stories.setdefault(step["message"], []).append(step)
    counts = dict.fromkeys(["left", "heard", "taken", "called", "done", "reopened"], 0)
    took = {"heard": [], "called": [], "done": []}
    ages, unheard, untaken = [], 0, 0
    for story in stories.values():
        left = story[0]["at_ms"]
        taken = [step["step"] for step in story]
        for at, step in enumerate(story):
            name = step["step"]
            # Only the first listening and the first call back count.
            if step["at_ms"] < begin or (name in ("heard", "called") and name in taken[:at]):
                continue
            counts[name] += 1
            if name in took:
                took[name].append((step["at_ms"] - left) / 1000)
        if story[-1]["to"] != "done":
            ages.append((end - left) / 1000)
            unheard += "heard" not in taken
            untaken += "taken" not in taken
    result = {"messages_" + name: count for name, count in counts.items()}
    for name, step in (("hear", "heard"), ("call", "called"), ("settle", "done")):
        result[name + "_mean"] = share(sum(took[step]), len(took[step]))
        result[name + "_longest"] = max(took[step], default=None)
    bounds = [("within_1h", 0, 3600), ("within_4h", 3600, 14400), ("within_24h", 14400, 86400), ("beyond_24h", 86400, 1e12)]
    for name, least, most in bounds:
        result["open_" + name] = sum(least < age <= most or age == least == 0 for age in ages)
    return {
        **result, "begin": begin, "end": end, "mailbox": row["mailbox"], "queue": row["queue"],
        "messages_open": len(ages), "messages_unheard": unheard, "messages_untaken": untaken,
        "oldest_message": max(ages, default=None),
    }


def count_shifts(row, namings, agents, now):
    """Counts a row about a shift, millisecond by bound: who was in force, and whether both were signed in."""
    begin, end = row["begin"], max(min(row["end"], now), row["begin"])
    mine = [one for one in namings if (one["begin_ms"], one["shift"]) == (begin, row["shift"])]

    def spans(agent):
        return [(since, until) for since, until, activity, _ in agents.get(agent, []) if activity != "logged_off"]

    bounds = {begin, end} | {one["named_ms"] for one in mine}
    for one in mine:
        bounds |= {at for agent in (one["principal"], one["deputy"]) for span in spans(agent) for at in span}
    bounds = sorted(at for at in bounds if begin <= at <= end)
    time = dict.fromkeys(["principal", "deputy", "both"], 0)
    for since, until in zip(bounds, bounds[1:]):
        force = [one for one in mine if one["named_ms"] <= since]
        on = [role for role in ("principal", "deputy") if force
              and any(a <= since and until <= b for a, b in spans(force[-1][role]))]
        for role in on + (["both"] if len(on) == 2 else []):
            time[role] += until - since
    last = mine[-1] if mine else {"principal": "", "deputy": "", "named_by": ""}
    return {
        "begin": begin, "end": row["end"], "shift": row["shift"], "principal": last["principal"],
        "deputy": last["deputy"], "named_by": last["named_by"],
        "renamed": sum(one["named_ms"] > begin for one in mine), "principal_on": time["principal"] / 1000,
        "deputy_on": time["deputy"] / 1000, "both_on": time["both"] / 1000,
        "unled": (end - begin - time["both"]) / 1000, "one_of_each": int(time["both"] > 0),
    }


def differs(got, expected):
    """Gives the columns that differ."""
    def equal(one, other):
        if isinstance(one, float) or isinstance(other, float):
            return one is not None and other is not None and abs(one - other) <= 1e-9 * max(1.0, abs(other))
        return one == other

    return [name for name in set(got) | set(expected) if not equal(got.get(name), expected.get(name))]


def main():
    program, database, interval = sys.argv[1], sys.argv[2], (sys.argv[3:] or ["30m"])[0]
    log = run(program, "log", "--db", database)
    calls, agents, trunks, counts, backs, breaks = stories(log)
    named, lost = by_name(calls, agents, backs), returned(log)
    namings = run(program, "list", "--json", "--db", database, command="shift")
    faults = rows = figures = 0
    totals = {}
    steps = run(program, "export", "--steps", "--json", "--db", database, command="order")
    messages = run(program, "steps", "--json", "--db", database, command="message")
    for report in ("queues", "agents", "groups", "numbers", "times", "breaks", "trunks", "orders", "messages", "returns", "shifts"):
        head, *table = run(program, report, "--db", database, "--interval", interval, "--json")
        for row in table:
            if report == "times":
                expected = count_times(row, agents)
            elif report == "breaks":
                expected = count_breaks(row, agents, breaks)
            elif report == "trunks":
                expected = count_trunks(row, trunks, counts)
            elif report == "orders":
                expected = count_orders(row, steps)
                totals[report] = totals.get(report, 0) + row["accepted"]
            elif report == "shifts":
                expected = count_shifts(row, namings, agents, log[-1]["at"])
                totals[report] = totals.get(report, 0) + 1
            elif report == "returns":
                expected = count_returns(row, lost)
                totals[report] = totals.get(report, 0) + row["lost_callers"]
            elif report == "messages":
                expected = count_messages(row, messages)
                totals[report] = totals.get(report, 0) + row["messages_left"]
            else:
                expected = count_calls(row, named)
                totals[report] = totals.get(report, 0) + row["answered"]
            if set(row) != set(head["definitions"]):
                print(f"{report}: columns without a definition: {set(row) ^ set(head['definitions'])}")
                faults += 1
            for name in differs(row, expected):
                print(f"{report} {row}: {name} is {row.get(name)}, recomputed {expected.get(name)}")
                faults += 1
            rows, figures = rows + 1, figures + len(row)
    for agent, spans in agents.items():
        compared, differing, connected = count_day(program, database, agent, spans)
        missing = [call["call"] for call in calls if call["agent"] == agent and call["call"] not in connected]
        if missing:
            print(f"agent {agent}: calls {missing} are not in the agent's day")
        rows, figures, faults = rows + compared, figures + compared, faults + differing + len(missing)
    answered = sum(call["answered"] is not None for call in calls)
    for report, total in totals.items():
        # A row left out would not be missed otherwise. A telephone without an agent has no row.
        counted = answered if report != "agents" else sum(bool(call["agent"]) for call in calls)
        if report == "orders":
            counted = sum(step["step"] == "accept" for step in steps)
        if report == "shifts":
            counted = len({(one["begin_ms"], one["shift"]) for one in namings if one["begin_ms"] <= log[-1]["at"]})
        if report == "returns":
            counted = len(lost)
        if report == "messages":
            counted = sum(step["step"] == "left" for step in messages)
        if total != counted:
            print(f"{report}: {total} in all rows, {counted} in the log")
            faults += 1
    left = [call for call in calls if call["left"] and call["left"][1] == "abandoned"]
    print(f"{len(calls)} calls ({answered} answered, {len(left)} abandoned), {rows} rows, {figures} figures: {faults} differ")
    if not rows or not calls:
        sys.exit("there was nothing to compare")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
