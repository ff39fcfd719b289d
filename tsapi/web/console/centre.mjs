// The call centre as the console knows it: the session, what it monitors, and its messages taken into the state.
//
// Never: draws; chooses a service for the user.

import { Calls } from "./calls.mjs";
import { Session } from "./socket.mjs";
import { change, notice, read, state } from "./state.mjs";
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

export let session = null;
let monitors = new Map(); // of devices, by cross reference
let wanted = null; // the agent's log-in, carried out again after the server was started anew
let listeners = new Set();

/** Registers a function that gets every message of a monitor with its device. */
export function onMessage(callback) {
  listeners.add(callback);
}

const socketUrl = () => {
  const url = new URL("csta", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
};

function newSession() {
  session = new Session(socketUrl(), {
    opened: ({ login }) => void begin(login).catch((refusal) => notice(sentence(refusal), "error")),
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
  monitors = new Map();
  const empty = { stations: new Map(), queues: new Map(), trunks: new Map(), devices: [] };
  change({ link: "closed", login: null, dialogue: null, ...empty });
}

/** The user's own station. */
export const ownStation = () => state.stations.get(state.station);

/** Changes the state of the agent at a station, the own one unless another is named. */
export async function setAgentState(agentMode, { reasonCode = 0, device = state.station, agentID, enablePending } = {}) {
  const own = device === state.station;
  const members = { device, agentMode, agentID: agentID ?? (own ? state.agent : "") };
  if (agentMode === "logIn") members.agentPassword = wanted.agentPassword;
  const data = reasonCode || enablePending ? { reasonCode, enablePending } : undefined;
  const reply = await session.request("setAgentState", members, data);
  if (own && wanted) wanted.ready = agentMode === "ready";
  return reply;
}

/** The first requests of a session: devices, monitors, states. */
async function begin(login) {
  monitors = new Map();
  change({ login, devices: await deviceList() });
  const stations = state.devices.filter(({ kind }) => kind === "station").map(({ device }) => device);
  const station = state.station || (stations.length === 1 ? stations[0] : "");
  change({ station, busy: false });
  if (station) await watchStation(station);
  if (station && wanted) {
    const { ready } = wanted;
    if (ownStation().agentState === "null") await setAgentState("logIn");
    if (ready) await setAgentState("ready");
  }
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
    return { device, kind: KINDS[about.deviceType] ?? about.deviceType };
  };
  const devices = [];
  // A session may have 64 requests without a reply.
  for (let from = 0; from < found.length; from += 20) {
    devices.push(...(await Promise.all(found.slice(from, from + 20).map(info))));
  }
  return devices;
}

/** Monitors a device once. */
export async function monitor(device) {
  if ([...monitors.values()].includes(device)) return;
  const { monitorCrossRefID } = await session.request("monitorDevice", { deviceID: device });
  monitors.set(monitorCrossRefID, device);
}

/** Monitors a station, and reads its calls and the state of its agent. */
export async function watchStation(device) {
  if (!state.stations.has(device)) {
    const station = { device, agent: "", agentState: "null", agentSince: Date.now(), reason: 0 };
    state.stations.set(device, { ...station, calls: new Calls(device) });
  }
  await monitor(device);
  const [snapshot] = await Promise.all([session.request("snapshotDevice", { snapshotObject: device }), queryAgent(device)]);
  takeSnapshot(device, snapshot.snapshotData);
  change();
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
  takeAgentState(station, reply.agentState, { agent, reason: reply.vendor?.agentState?.reasonCode });
}

function takeAgentState(station, agentState, { agent, reason } = {}) {
  if (station.agentState !== agentState) station.agentSince = Date.now();
  Object.assign(station, { agentState, reason: reason ?? 0 });
  if (agent) station.agent = agent;
  if (agentState === "null") station.agent = "";
}

function takeSnapshot(device, entries) {
  const { calls } = state.stations.get(device);
  calls.handleSnapshot(entries, Date.now());
  for (const { callIdentifier } of entries) {
    session
      .request("snapshotCall", { snapshotObject: callIdentifier })
      .then(({ snapshotData }) => {
        calls.handleCallSnapshot(callIdentifier.callID, snapshotData);
        change();
      })
      .catch(() => {});
  }
}

function handleMessage(message) {
  const device = monitors.get(message.monitorCrossRefID);
  if (message.event && device) handleEvent(message, device);
  if (message.gap) notice(word("gap"));
  if (message.snapshot?.deviceID && state.stations.has(message.snapshot.deviceID)) {
    const { deviceID, snapshotData, failure } = message.snapshot;
    if (!failure) takeSnapshot(deviceID, snapshotData);
    void queryAgent(deviceID).then(() => change());
  }
  for (const listener of listeners) listener(message, device);
  change();
}

function handleEvent(message, device) {
  const station = state.stations.get(device);
  if (!station) return;
  const agentState = AGENT_EVENTS[message.event];
  if (agentState) {
    takeAgentState(station, agentState, { agent: message.agentID, reason: message.vendor?.reasonCode });
    return;
  }
  const alerting = station.calls.handleEvent(message, Date.now());
  if (alerting && device === state.station) change({ page: "desk" });
}

/** Keeps the session for a page that is loaded again. */
export function keep() {
  if (!state.login || state.link === "closed") return;
  const stations = [...state.stations.values()].map(({ calls, ...station }) => ({ ...station, kept: calls.list, ended: calls.ended }));
  const { login, station, agent, page, devices } = state;
  const kept = { position: session.position, monitors: [...monitors], login, station, agent, page, devices, stations };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

/** Goes on with the session that `keep` has kept, if there is one. */
export function restore() {
  const kept = read(sessionStorage, KEPT);
  sessionStorage.removeItem(KEPT);
  if (!kept?.position?.token) return;
  monitors = new Map(kept.monitors);
  for (const { kept: list, ended, ...station } of kept.stations) {
    const calls = new Calls(station.device);
    for (const call of list) calls.calls.set(call.callID, call);
    calls.ended = ended;
    state.stations.set(station.device, { ...station, calls });
  }
  const { login, station, agent, page, devices } = kept;
  change({ login, station, agent, page, devices, link: "connecting" });
  newSession().resume(kept.position.token, kept.position.sequence);
}
