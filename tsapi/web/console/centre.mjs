// The call centre as the console knows it: the session, what it monitors, and its messages taken into the state.
//
// Never: draws; chooses a service for the user.

import { Calls } from "./calls.mjs";
import { Session } from "./socket.mjs";
import { change, notice, read, reread, state } from "./state.mjs";
import { sentence, word } from "./words.mjs";

const KEPT = "tipring.session";

/** State of an agent by the event that reports it. */
const AGENT_EVENTS = {
  loggedOn: "notReady",
  loggedOff: "null",
  ready: "ready",
  notReady: "notReady",
  workNotReady: "workNotReady",
  workReady: "workReady",
};

/** Kinds of devices that the pages tell apart. */
const KINDS = { station: "station", acd: "queue", acdGroup: "queue", trunk: "trunk", trunkGroup: "trunk" };

/** Figures of a queue before they are known. */
const NO_FIGURES = { waiting: 0, loggedIn: 0, available: 0, offered: 0, answered: 0, abandoned: 0, serviceLevel: null };

/** Wait in ms from which a wall shows it as bad. */
export const IN_TIME_MS = 20_000;

export let session = null;
let monitors = new Map(); // of devices, by cross reference
let asked = new Map(); // what each device's monitor was asked for by: a promise
let wanted = null; // the agent's log-in, carried out again after the server was started anew
let unsettled = 0; // readings of the state under way; a page that is loaded again meanwhile begins them anew

const socketUrl = () => {
  const url = new URL("csta", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
};

const complain = (refusal) => notice(sentence(refusal), "error");

function newSession() {
  session = new Session(socketUrl(), {
    opened: ({ login, services }) => {
      forgetMonitors();
      void begin(login, services).catch(complain);
      reread();
    },
    resumed: () => {
      // What was said of lists meanwhile is lost with the socket.
      reread();
      if (!state.isWhole && unsettled === 0) void begin(state.login, state.services).catch(complain);
    },
    message: handleMessage,
    link: (link) => change({ link }),
    refused: ({ why, text }) => {
      notice(state.login ? word("sessionOver") : `${word("refused")}: ${why ?? text}`, "error");
      change({ link: "closed", login: null, busy: false });
    },
  });
  return session;
}

/** Opens the session of a user; with an agent, logs it in at the station. */
export function logIn({ login, password, station, agent, agentPassword }) {
  wanted = agent ? { agent, agentPassword, ready: false } : null;
  change({ link: "connecting", busy: true, station, agent });
  newSession().logIn(login, password);
}

/** Ends the session; the agent is logged out before. */
export async function logOut() {
  const own = ownStation();
  if (own?.agent && own.agentState !== "null") {
    await setAgentState("logOut").catch(() => {});
  }
  wanted = null;
  session?.close();
  forgetMonitors();
  sessionStorage.removeItem(KEPT);
  const empty = { stations: new Map(), queues: new Map(), trunks: new Map(), devices: [], floor: false };
  change({ link: "closed", login: null, dialogue: null, ...empty });
}

/** The user's own station. */
export const ownStation = () => state.stations.get(state.station);

/** States of a call that has a customer at the desk; the one that talks first. */
const AT_DESK = ["connect", "hold", "alerting"];

/** The call that the desk is about: the one that goes on, or the one whose work is being done. */
export function subject() {
  const station = ownStation();
  const [ended] = station?.calls.ended ?? [];
  const found = AT_DESK.map((name) => station?.calls.find(name)).find(Boolean);
  return found ?? (station?.agentState === "workNotReady" ? ended : undefined);
}

/** Changes the state of the agent at a station, the own one unless another is named. */
export async function setAgentState(agentMode, { reasonCode = 0, device = state.station, agentID, enablePending } = {}) {
  const own = device === state.station;
  const members = { device, agentMode, agentID: agentID ?? (own ? state.agent : "") };
  // After a reload the page knows no password: the server has verified it for this session before.
  if (agentMode === "logIn") members.agentPassword = wanted.agentPassword ?? "";
  const data = reasonCode || enablePending ? { reasonCode, enablePending } : undefined;
  const reply = await session.request("setAgentState", members, data);
  if (own && wanted) wanted.ready = agentMode === "ready";
  const station = state.stations.get(device);
  if (station) station.pending = reply.vendor?.isPending ? { agentMode, reasonCode } : null;
  change();
  return reply;
}

/** Carries out what reads the state; until then the page is not whole. */
async function settle(reading) {
  unsettled += 1;
  state.isWhole = false;
  let isDone = false;
  try {
    await reading();
    isDone = true;
  } finally {
    unsettled -= 1;
    state.isWhole = isDone && unsettled === 0;
  }
}

/** The first requests of a session: devices, monitors, states. */
const begin = (login, services) => settle(() => readState(login, services));

async function readState(login, services) {
  const [devices, reasons] = await Promise.all([deviceList(), reasonList()]);
  change({ login, services, devices, reasons });
  const stations = state.devices.filter(({ kind }) => kind === "station").map(({ device }) => device);
  const station = state.station || (stations.length === 1 ? stations[0] : "");
  change({ station, busy: false });
  if (station) await watchStation(station);
  if (station && wanted) {
    const { ready } = wanted;
    if (ownStation().agentState === "null") await setAgentState("logIn");
    if (ready) await setAgentState("ready");
  }
  if (state.floor) await watchFloor();
  change();
}

async function deviceList() {
  const found = [];
  for (let index = -1; ; ) {
    const reply = await session.request("getDeviceList", { index, level: "deviceDeviceMonitor" });
    found.push(...reply.devList);
    index = reply.index;
    if (index === -1 || reply.devList.length === 0) break;
  }
  const info = async (device) => {
    const about = await session.request("queryDeviceInfo", { device }).catch(() => ({}));
    const isNumber = about.vendor?.deviceInfo?.extensionClass === "vdn";
    return { device, kind: isNumber ? "number" : (KINDS[about.deviceType] ?? about.deviceType) };
  };
  const devices = [];
  // A session may have 64 requests without a reply.
  for (let from = 0; from < found.length; from += 20) {
    devices.push(...(await Promise.all(found.slice(from, from + 20).map(info))));
  }
  return devices;
}

/** Names and limits of the reasons of not ready; none where the site names none. */
async function reasonList() {
  const found = [];
  for (let from = 0; ; ) {
    const { reasons, next } = await tipring("queryReasons", { from }).catch(() => ({ reasons: [], next: 0 }));
    found.push(...reasons);
    from = next;
    if (from === 0) break;
  }
  return found;
}

/** Asks for a service of the vendor `TIPRING`. Resolves with its reply. */
export async function tipring(tipringRequest, members) {
  const reply = await session.request("escape", {}, { tipring: { tipringRequest, ...members } });
  return reply.vendor?.tipring ?? {};
}

/** Monitors a device once: of two monitors each event would come twice. */
function monitor(device) {
  const ask = async () => {
    const { monitorCrossRefID } = await session.request("monitorDevice", { deviceID: device });
    monitors.set(monitorCrossRefID, device);
  };
  if (!asked.has(device)) asked.set(device, ask());
  const asking = asked.get(device);
  asking.catch(() => asked.get(device) === asking && asked.delete(device));
  return asking;
}

function forgetMonitors() {
  monitors = new Map();
  asked = new Map();
}

/** What the pages know of a device that is monitored. */
const entryOf = (device) => state.stations.get(device) ?? state.queues.get(device) ?? state.trunks.get(device);

/** Monitors a device, and reads the calls there. */
async function watch(device) {
  await monitor(device);
  const { snapshotData } = await session.request("snapshotDevice", { snapshotObject: device });
  takeSnapshot(device, snapshotData);
}

/** Monitors a station, and reads its calls and the state of its agent. */
export async function watchStation(device) {
  if (!state.stations.has(device)) {
    const station = { device, agent: "", agentState: "null", agentSince: Date.now(), reason: 0 };
    state.stations.set(device, { ...station, calls: new Calls(device) });
  }
  await Promise.all([watch(device), queryAgent(device)]);
  change();
}

/** Has every device watched from now on, and after each loss of the session. */
export function showFloor() {
  if (state.floor) return;
  change({ floor: true, isWhole: false });
  if (state.link === "open") void watchFloor().catch(complain);
}

/** Monitors every device that the user may observe: stations, queues and trunks. */
const watchFloor = () => settle(readFloor);

async function readFloor() {
  for (const { device, kind } of state.devices) {
    const known = { queue: state.queues, trunk: state.trunks }[kind];
    if (kind === "station") await watchStation(device);
    else if (known) {
      if (!known.has(device)) known.set(device, { device, inService: true, calls: new Calls(device), ...NO_FIGURES });
      await watch(device);
    }
  }
  change();
  await session.records("watchFigures");
}

/** Reads the state of the agent at a station. */
async function queryAgent(device) {
  const station = state.stations.get(device);
  const [reply, info] = await Promise.all([
    session.request("queryAgentState", { device }).catch(() => null),
    session.request("queryDeviceInfo", { device }).catch(() => null),
  ]);
  if (!reply || !station) return;
  const agent = info?.vendor?.deviceInfo?.associatedDevice || station.agent;
  const { reasonCode: reason, pendingReasonCode } = reply.vendor?.agentState ?? {};
  takeAgentState(station, reply.agentState, { agent, reason });
  if (pendingReasonCode) station.pending = { agentMode: "notReady", reasonCode: pendingReasonCode };
}

function takeAgentState(station, agentState, { agent, reason } = {}) {
  if (station.agentState !== agentState) station.agentSince = Date.now();
  // The work after a call does not end what was asked for during it.
  if (agentState !== "workNotReady") station.pending = null;
  Object.assign(station, { agentState, reason: reason ?? 0 });
  if (agent) station.agent = agent;
  if (agentState === "null") station.agent = "";
}

function takeSnapshot(device, entries) {
  const { calls } = entryOf(device);
  calls.handleSnapshot(entries, Date.now());
  for (const { callIdentifier } of entries) {
    session
      .request("snapshotCall", { snapshotObject: callIdentifier })
      .then(({ snapshotData, private: data }) => {
        calls.handleCallSnapshot(callIdentifier.callID, snapshotData, data);
        change();
      })
      .catch(() => {});
  }
}

function handleMessage(message) {
  const device = monitors.get(message.monitorCrossRefID);
  if (message.event && device) handleEvent(message, device);
  for (const { queue, ...figures } of message.figures?.queues ?? []) {
    const known = state.queues.get(queue);
    if (known) Object.assign(known, figures);
  }
  if (message.changed) reread(message.changed);
  if (message.gap) notice(word("gap"));
  if (message.snapshot?.deviceID && entryOf(message.snapshot.deviceID)) {
    const { deviceID, snapshotData, failure } = message.snapshot;
    if (!failure) takeSnapshot(deviceID, snapshotData);
    if (state.stations.has(deviceID)) void queryAgent(deviceID).then(() => change());
  }
  change();
}

function handleEvent(message, device) {
  const entry = entryOf(device);
  if (!entry) return;
  const agentState = state.stations.has(device) ? AGENT_EVENTS[message.event] : undefined;
  if (agentState) {
    takeAgentState(entry, agentState, { agent: message.agentID, reason: message.vendor?.reasonCode });
    return;
  }
  if (message.event === "outOfService") entry.inService = false;
  if (message.event === "backInService") entry.inService = true;
  const alerting = entry.calls.handleEvent(message, Date.now());
  if (alerting && device === state.station) change({ page: "desk" });
  if (message.event === "established" && device === state.station) void queryRecording();
}

/** Asks for the recording of the own conversation: one that a rule begins is no event. */
async function queryRecording() {
  const { calls } = ownStation();
  const call = calls.find("connect");
  if (!call || call.data?.recording) return;
  // A conversation that is over by now is not recorded any more.
  const reply = await tipring("queryRecording", { activeCall: calls.own(call) }).catch(() => ({}));
  if (reply.state) call.data = { recording: reply.state, ...call.data };
  change();
}

/** Members of the state that a page loaded again begins with. */
const MEMBERS = ["login", "services", "station", "agent", "page", "selected", "devices", "reasons", "floor", "isWhole"];

/** Keeps the session for a page that is loaded again. */
export function keep() {
  if (!state.login || state.link === "closed") return;
  const kept = { position: session.position, monitors: [...monitors] };
  for (const member of MEMBERS) kept[member] = state[member];
  if (wanted) kept.wanted = { ready: wanted.ready };
  for (const kind of ["stations", "queues", "trunks"]) {
    kept[kind] = [...state[kind].values()].map(({ calls, ...entry }) => ({ entry, list: calls.list, ended: calls.ended }));
  }
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

/** Goes on with the session that `keep` has kept, if there is one. */
export function restore() {
  const kept = read(sessionStorage, KEPT);
  sessionStorage.removeItem(KEPT);
  if (!kept?.position?.token) return;
  monitors = new Map(kept.monitors);
  asked = new Map(kept.monitors.map(([, device]) => [device, Promise.resolve()]));
  for (const kind of ["stations", "queues", "trunks"]) {
    for (const { entry, list, ended } of kept[kind]) {
      const calls = new Calls(entry.device);
      for (const call of list) calls.calls.set(call.callID, call);
      calls.ended = ended;
      state[kind].set(entry.device, { ...entry, calls });
    }
  }
  const members = Object.fromEntries(MEMBERS.map((member) => [member, kept[member]]));
  wanted = kept.wanted ?? null;
  change({ ...members, link: "connecting" });
  newSession().resume(kept.position);
}
