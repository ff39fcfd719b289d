// Services of the desk as one table: name, key, the state in which each is possible, its requests.
//
// Never: what a page looks like.

import { ownStation, session, setAgentState, tipring } from "./centre.mjs";
import { canBegin, canEdit, openCard } from "./customer.mjs";
import { hear, hearsStation, isHearing, stopHearing } from "./live.mjs";
import { askForOrder, canCreate } from "./orders.mjs";
import { change, notice, state } from "./state.mjs";
import { sentence, word } from "./words.mjs";

const calls = () => ownStation()?.calls;
const call = (...states) => calls()?.find(...states);
const own = (found) => calls().own(found);
const isLoggedOn = () => (ownStation()?.agentState ?? "null") !== "null";

/** Held and active call of a consultation. */
const pair = () => {
  const [held, active] = [call("hold"), call("connect") ?? call("initiate")];
  return held && active ? { heldCall: own(held), activeCall: own(active) } : null;
};

const ask = (dialogue) => () => change({ dialogue });

/** The station that a supervisor has chosen, another than the own one. */
const chosen = () => (state.selected !== state.station ? state.stations.get(state.selected) : undefined);
const theirs = () => {
  const found = chosen()?.calls.find("connect", "hold");
  return found && chosen().calls.own(found);
};
/** The connection of the caller who has waited longest in any queue. */
const longestWaiting = () => {
  const waiting = [...state.queues.values()].flatMap(({ calls: { list }, device }) =>
    list.filter((each) => each.state === "queued").map((each) => ({ ...each, device })),
  );
  const [first] = waiting.sort((one, other) => one.since - other.since);
  return first && state.queues.get(first.device).calls.own(first);
};
const supervise = (mode) => ({
  group: "supervise",
  when: () => state.station && theirs(),
  run: () =>
    tipring("superviseCall", { activeCall: theirs(), supervisor: state.station, mode }).then((reply) => {
      if (reply.isPrompted) notice(word("liftHandset"));
    }),
});
const force = (agentMode, isUseful) => ({
  group: "supervise",
  when: () => chosen() && isUseful(chosen().agentState),
  run: () => tipring("forceAgentState", { device: state.selected, agentMode }),
});

/** The recording of the call that talks: `on`, `paused`, `off`, or nothing while it is not known. */
const recorded = () => call("connect")?.data?.recording;
const record = (service, members) => tipring(service, { activeCall: own(call("connect")), ...members });

/**
 * Each action: `key`, a letter; `group` on the page; `when` it is possible; `run`, its requests. Those with `number`
 * ask for a number first and get it; `reason` and `remark` likewise, a text as the label of its field.
 */
export const ACTIONS = {
  answer: {
    key: "a",
    group: "call",
    when: () => call("alerting"),
    run: () => session.request("answerCall", { alertingCall: own(call("alerting")) }),
  },
  clear: {
    key: "x",
    group: "call",
    when: () => call("connect", "initiate", "fail", "hold"),
    run: () => {
      const found = call("connect") ?? call("initiate") ?? call("fail") ?? call("hold");
      return session.request("clearConnection", { call: own(found) });
    },
  },
  hold: {
    key: "h",
    group: "call",
    when: () => call("connect") && !call("hold"),
    run: () => session.request("holdCall", { activeCall: own(call("connect")) }),
  },
  retrieve: {
    key: "h",
    group: "call",
    when: () => call("hold") && !call("connect", "initiate"),
    run: () => session.request("retrieveCall", { heldCall: own(call("hold")) }),
  },
  swap: {
    key: "s",
    group: "call",
    when: () => call("hold") && call("connect"),
    run: () =>
      session.request("alternateCall", { activeCall: own(call("connect")), otherCall: own(call("hold")) }),
  },
  consult: {
    key: "k",
    group: "call",
    number: true,
    when: () => call("connect") && !call("hold"),
    run: (calledDevice) => session.request("consultationCall", { activeCall: own(call("connect")), calledDevice }),
  },
  transfer: {
    key: "t",
    group: "call",
    when: pair,
    run: () => session.request("transferCall", pair()),
  },
  conference: {
    key: "c",
    group: "call",
    when: () => call("hold") && call("connect"),
    run: () => session.request("conferenceCall", pair()),
  },
  reconnect: {
    key: "b",
    group: "call",
    when: pair,
    run: () => session.request("reconnectCall", pair()),
  },
  blindTransfer: {
    key: "u",
    group: "call",
    number: true,
    when: () => call("connect") && !call("hold"),
    run: (transferredTo) =>
      session.escape("singleStepTransferCall", { activeCall: own(call("connect")), transferredTo }),
  },
  deflect: {
    key: "f",
    group: "call",
    number: true,
    when: () => call("alerting"),
    run: (calledDevice) => session.request("deflectCall", { deflectCall: own(call("alerting")), calledDevice }),
  },
  digits: {
    key: "g",
    group: "call",
    number: true,
    when: () => call("connect"),
    run: (tones) =>
      session.escape("sendDtmfTone", {
        sender: own(call("connect")),
        receivers: [],
        tones,
        toneDuration: 0,
        pauseDuration: 0,
      }),
  },
  startRecording: {
    key: "v",
    group: "record",
    when: () => recorded() === "off",
    run: () => record("startRecording").then(() => Object.assign(call("connect"), { isOnDemand: true })),
  },
  stopRecording: {
    key: "v",
    group: "record",
    when: () => recorded() === "on" && call("connect").isOnDemand,
    run: () => record("stopRecording"),
  },
  pauseRecording: {
    key: "i",
    group: "record",
    when: () => recorded() === "on",
    run: () => record("pauseRecording"),
  },
  resumeRecording: {
    key: "i",
    group: "record",
    when: () => recorded() === "paused",
    run: () => record("resumeRecording"),
  },
  bookmark: {
    key: "m",
    group: "record",
    remark: "bookmarkText",
    when: () => ["on", "paused"].includes(recorded()),
    run: (text) => record("bookmarkRecording", { text }),
  },
  dial: {
    key: "d",
    group: "dial",
    number: true,
    when: () => ownStation() && !call("connect", "initiate", "alerting"),
    run: (calledDevice) => session.request("makeCall", { callingDevice: state.station, calledDevice }),
  },
  ready: {
    key: "r",
    group: "agent",
    when: () => isLoggedOn() && ownStation().agentState !== "ready",
    run: () => setAgentState("ready"),
  },
  notReady: {
    key: "n",
    group: "agent",
    reason: true,
    when: isLoggedOn,
    run: (reasonCode) => setAgentState("notReady", { reasonCode: Number(reasonCode), enablePending: true }),
  },
  work: {
    key: "w",
    group: "agent",
    when: () => isLoggedOn() && ownStation().agentState !== "workNotReady",
    run: () => setAgentState("workNotReady"),
  },
  newOrder: {
    key: "o",
    group: "orders",
    when: canCreate,
    run: async () => askForOrder(),
  },
  editCustomer: {
    key: "e",
    group: "customer",
    when: canEdit,
    run: async () => openCard(),
  },
  newCustomer: {
    key: "e",
    group: "customer",
    when: canBegin,
    run: async () => openCard(),
  },
  listen: { key: "l", ...supervise("listen") },
  hear: {
    key: ".",
    group: "supervise",
    when: () => theirs() && !hearsStation(),
    run: () => hear(state.selected),
  },
  stopHearing: {
    key: ".",
    group: "hearing",
    when: isHearing,
    run: stopHearing,
  },
  whisper: { key: "p", ...supervise("whisper") },
  barge: { key: "j", ...supervise("barge") },
  takeOver: {
    key: "o",
    group: "supervise",
    when: () => state.station && theirs(),
    run: () => tipring("takeOverCall", { activeCall: theirs(), supervisor: state.station }),
  },
  stopSupervision: {
    key: "q",
    group: "supervise",
    when: () => call("connect"),
    run: () => tipring("stopSupervision", { supervisor: state.station }),
  },
  forceRelease: {
    key: "e",
    group: "supervise",
    remark: true,
    when: theirs,
    run: (remark) => tipring("forceRelease", { call: theirs(), scope: "connection", remark }),
  },
  moveWaiting: {
    key: "m",
    group: "supervise",
    when: () => chosen() && chosen().calls.list.length === 0 && longestWaiting(),
    run: () => session.request("pickupCall", { deflectCall: longestWaiting(), calledDevice: state.selected }),
  },
  forceReady: { key: "y", ...force("ready", (agent) => !["ready", "null"].includes(agent)) },
  forceNotReady: { key: "z", ...force("notReady", (agent) => !["notReady", "null"].includes(agent)) },
  forceLogOut: { key: "v", ...force("logOut", (agent) => agent !== "null") },
};

/** Groups that act on one page alone: a letter may stand for another action elsewhere. */
const PAGE_OF = { record: "desk", customer: "desk", supervise: "supervisor" };

/** True if an action is possible now. */
export const isPossible = (name) => {
  const { group, when } = ACTIONS[name];
  return state.link === "open" && (PAGE_OF[group] ?? state.page) === state.page && Boolean(when());
};

/** Carries an action out; one that needs a number or a reason asks for it first. */
export async function perform(name, argument) {
  const action = ACTIONS[name];
  if (!isPossible(name)) return;
  if ((action.number || action.reason || action.remark) && argument === undefined) {
    ask({ action: name })();
    return;
  }
  change({ dialogue: null });
  try {
    await action.run(argument);
  } catch (refusal) {
    notice(sentence(refusal), "error");
  }
}

/** The action of a key that is possible now. */
export const actionOf = (key) => Object.keys(ACTIONS).find((name) => ACTIONS[name].key === key && isPossible(name));
