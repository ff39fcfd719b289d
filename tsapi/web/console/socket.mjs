// Session of the JSON socket: log-in, requests with their replies, events in order, resumption after a lost socket.
//
// Never: what a message means for a page.

const BACKOFF_MS = [250, 500, 1000, 2000, 4000];

/** Requests for records that change something: their replies are numbered, and come again after a lost socket. */
const ACTS = new Set([
  "scoreRecording", "stepScore", "requestCallBack", "markMessage", "createOrder", "stepOrder", "loadNotice", "endNotice",
  "setCustomer", "mergeCustomers", "setAgent", "addAgent", "setPin", "setQueue", "setReasons", "blockTrunk", "setEventMode",
  "leadShift",
]);

/** Refusal of a request: `failure` is its name in CSTA, `why` a sentence where the server has one. */
export class Refusal extends Error {
  constructor({ failure, error, why }) {
    super(why ?? failure);
    Object.assign(this, { failure, error, why });
  }
}

/** A session. `handlers`: `opened(opened)`, `resumed()`, `message(message)`, `link(state)`, `refused(refusal)`. */
export class Session {
  #url;
  #handlers;
  #credentials = null;
  #socket = null;
  #token = null;
  #sequence = 0;
  #pending = new Map();
  #nextId = 1;
  #attempt = 0;
  #closed = false;

  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
  }

  /** Opens the session; it is opened again by the same credentials where it cannot be resumed. */
  logIn(login, password) {
    this.#credentials = { login, password };
    this.#connect();
  }

  /** Goes on with a session of this tab after the page was loaded again: at a `position`. */
  resume({ token, sequence, nextId }) {
    this.#token = token;
    this.#sequence = sequence;
    this.#nextId = nextId;
    this.#connect();
  }

  /** Where the session stands, for `resume`. Requests keep counting: a late reply meets no other request. */
  get position() {
    return { token: this.#token, sequence: this.#sequence, nextId: this.#nextId };
  }

  /** Ends the session. */
  close() {
    this.#closed = true;
    this.#socket?.send(JSON.stringify({ close: true }));
    this.#socket?.close();
    this.#dropPending("closed");
  }

  /** Asks for a service. Resolves with the reply, rejects with a `Refusal`. */
  request(request, members = {}, data = undefined) {
    return this.#send(request, { ...members, private: data }, false);
  }

  /** Asks for what the site has on record. A reply that only reads is lost with its socket. */
  records(request, members = {}) {
    return this.#send(request, members, !ACTS.has(request));
  }

  #send(request, members, isLostWithSocket) {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN || this.#attempt > 0) {
        reject(new Refusal({ failure: "noLink" }));
        return;
      }
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject, isLostWithSocket });
      this.#socket.send(JSON.stringify({ id, request, ...members }));
    });
  }

  /** Asks for a vendor service. Resolves with its reply. */
  async escape(vendorRequest, members = {}) {
    const reply = await this.request("escape", {}, { vendor: { vendorRequest, ...members } });
    return reply.vendor?.vendor ?? {};
  }

  #dropPending(failure, isDropped = () => true) {
    for (const [id, pending] of this.#pending) {
      if (!isDropped(pending)) continue;
      this.#pending.delete(id);
      pending.reject(new Refusal({ failure }));
    }
  }

  #connect() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#attempt += 1;
    socket.onopen = () => {
      const resume = { token: this.#token, sequence: this.#sequence };
      socket.send(JSON.stringify(this.#token ? { resume } : { logIn: this.#credentials }));
    };
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => {
      if (this.#closed || socket !== this.#socket) return;
      this.#dropPending("noLink", ({ isLostWithSocket }) => isLostWithSocket);
      this.#handlers.link("lost");
      setTimeout(() => this.#connect(), BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length) - 1] ?? BACKOFF_MS[0]);
    };
  }

  #receive(message) {
    if (message.opened) {
      this.#dropPending("sessionLost");
      this.#token = message.opened.token;
      this.#sequence = 0;
      this.#attempt = 0;
      this.#handlers.link("open");
      this.#handlers.opened(message.opened);
    } else if (message.resumed) {
      this.#attempt = 0;
      this.#handlers.link("open");
      this.#handlers.resumed();
    } else if (message.refused) {
      this.#refused(message.refused);
    } else if (message.gap) {
      this.#dropPending("replyLost");
      this.#handlers.message(message);
    } else {
      if (message.sequence) this.#sequence = message.sequence;
      const asked = message.reply || message.failure ? this.#pending.get(message.id) : undefined;
      if (asked) {
        this.#pending.delete(message.id);
        message.failure ? asked.reject(new Refusal(message)) : asked.resolve(message);
      } else {
        this.#handlers.message(message);
      }
    }
  }

  /** A session that is over is opened again; wrong credentials end the attempts. */
  #refused(refusal) {
    const wasResumed = this.#token !== null;
    this.#token = null;
    if (wasResumed && this.#credentials) return;
    this.#closed = true;
    this.#handlers.refused(refusal);
  }
}
