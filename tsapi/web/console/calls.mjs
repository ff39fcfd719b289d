// Calls at a station: the monitor's events and the snapshots of a device, as a list of calls.
//
// Never: a request, a clock, a page.

/** The connection that names the call of each event. */
const CONNECTION_OF = {
  callCleared: "clearedCall",
  connectionCleared: "droppedConnection",
  delivered: "connection",
  diverted: "connection",
  established: "establishedConnection",
  failed: "failedConnection",
  held: "heldConnection",
  networkReached: "connection",
  originated: "originatedConnection",
  queued: "queuedConnection",
  retrieved: "retrievedConnection",
  serviceInitiated: "initiatedConnection",
  callInformation: "connection",
};

/** States in which a call is at the station no more. */
const GONE = new Set(["null", "none"]);

const named = (device) => (device?.deviceIDStatus === "provided" && device.deviceID ? device.deviceID : null);

/** The customer's number of a call; nothing for one that is withheld. */
export const numberOf = (call) =>
  (call && (call.direction === "out" ? call.parties[0] : (call.data?.caller ?? call.parties[0]))) || null;

/** The calls of one station, by their numbers. Each has `callID`, `state`, `parties`, `data`, `since`, `talkSince`. */
export class Calls {
  constructor(station) {
    this.station = station;
    this.calls = new Map();
    this.ended = [];
  }

  get list() {
    return [...this.calls.values()];
  }

  /** First call in one of these states. */
  find(...states) {
    return this.list.find((call) => states.includes(call.state));
  }

  /** The station's own connection in a call. */
  own(call) {
    return { callID: call.callID, deviceID: this.station, devIDType: "static" };
  }

  #call(callID, now) {
    let call = this.calls.get(callID);
    if (!call) {
      call = { callID, state: "initiate", parties: [], data: null, since: now, talkSince: null, answered: false };
      this.calls.set(callID, call);
    }
    return call;
  }

  /** Moves a call to a state; a call that is gone goes to the list of ended ones, newest first. */
  #move(callID, state, now) {
    if (GONE.has(state)) {
      const call = this.calls.get(callID);
      if (!call) return null;
      this.calls.delete(callID);
      this.ended = [{ ...call, endedAt: now }, ...this.ended].slice(0, 20);
      return null;
    }
    const call = this.#call(callID, now);
    if (call.state !== state) Object.assign(call, { state, since: now });
    if (state === "connect" && call.talkSince === null) Object.assign(call, { talkSince: now, answered: true });
    return call;
  }

  /** Event of the station's monitor at a time in ms. Returns the call if it begins to alert here. */
  handleEvent(message, now) {
    const { event } = message;
    if (event === "transferred" || event === "conferenced") {
      this.#merge(message, now);
      return null;
    }
    const connection = message[CONNECTION_OF[event]];
    if (!connection) return null;
    const { callID } = connection;
    const before = this.calls.get(callID)?.state;
    const local = event === "callCleared" ? "null" : message.localConnectionInfo;
    const call = local === undefined ? this.calls.get(callID) : this.#move(callID, local, now);
    if (!call) return null;
    if (message.private) call.data = { ...call.data, ...message.private };
    this.#updateParties(call, message);
    return call.state === "alerting" && before !== "alerting" ? call : null;
  }

  /** Other parties of a call, as far as the event names them. */
  #updateParties(call, message) {
    const { event } = message;
    const calling = named(message.callingDevice);
    const called = named(message.calledDevice);
    if (["delivered", "established", "originated", "networkReached", "failed"].includes(event)) {
      if (calling && calling !== this.station) {
        call.parties = call.parties.includes(calling) ? call.parties : [calling, ...call.parties].slice(0, 8);
        call.called ??= called;
      } else if (called && call.parties.length === 0) {
        call.parties = [called];
      }
      call.direction ??= calling === this.station || event === "originated" ? "out" : "in";
    }
    if (event === "connectionCleared") {
      const gone = message.droppedConnection.deviceID;
      if (call.parties.length > 1) call.parties = call.parties.filter((party) => party !== gone);
    }
    if (event === "failed") call.cause = message.cause;
  }

  /** Two calls have become one. */
  #merge(message, now) {
    const list = message.transferredConnections ?? message.conferenceConnections ?? [];
    const callID = list[0]?.party.callID ?? message.primaryOldCall.callID;
    const olds = [message.primaryOldCall, message.secondaryOldCall].map((old) => this.calls.get(old.callID));
    const data = Object.assign({}, ...olds.map((old) => old?.data).reverse());
    for (const old of olds) if (old && old.callID !== callID) this.calls.delete(old.callID);
    // A call that leaves the station here was talked to since the older of the two was.
    const begins = olds.map((old) => old?.talkSince).filter(Boolean);
    const left = this.calls.get(callID);
    if (left && begins.length > 0) Object.assign(left, { talkSince: Math.min(...begins), answered: true });
    const call = this.#move(callID, message.localConnectionInfo, now);
    if (!call) return;
    const devices = list.map(({ party, staticDevice }) => named(staticDevice) ?? party.deviceID);
    call.parties = devices.filter((device) => device && device !== this.station);
    call.data = { ...data, ...message.private };
    call.isConference = call.parties.length > 1;
    if (begins.length > 0) call.talkSince = Math.min(...begins);
  }

  /** The station's snapshot: states of the calls there; calls that it does not name are gone. */
  handleSnapshot(entries, now) {
    const present = new Set(entries.map(({ callIdentifier }) => callIdentifier.callID));
    for (const callID of [...this.calls.keys()]) if (!present.has(callID)) this.#move(callID, "null", now);
    for (const { callIdentifier, localCallState } of entries) this.#move(callIdentifier.callID, localCallState[0], now);
  }

  /** A call's snapshot: its parties, and its data as the next event would carry them. */
  handleCallSnapshot(callID, entries, data) {
    const call = this.calls.get(callID);
    if (!call) return;
    if (data) call.data = { ...call.data, ...data };
    const devices = entries.map(({ deviceOnCall, callIdentifier }) => named(deviceOnCall) ?? callIdentifier.deviceID);
    const others = devices.filter((device) => device && device !== this.station);
    if (others.length > 0) call.parties = others;
  }
}
