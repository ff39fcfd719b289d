// Parts that several pages share.
//
// Never: a request of its own.

import { Component, createRef, h, render } from "./vendor/preact.mjs";
import htm from "./vendor/htm.mjs";
import { onReread, settings, state } from "./state.mjs";
import { isWord, word } from "./words.mjs";

export const html = htm.bind(h);
export { Component, createRef, render };

/** A span of time as m:ss or h:mm:ss. */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A time of day. */
export const timeOfDay = (ms) => new Date(ms).toLocaleTimeString(settings.language === "zh" ? "zh-CN" : "en-GB");

/** Forms of moments by language and parts: one is costly to make. */
const forms = new Map();

/** A moment: the time of today, with the date of another day. */
export function dateTime(ms) {
  const [at, now] = [new Date(ms), new Date()];
  const isToday = at.toDateString() === now.toDateString();
  const isThisYear = at.getFullYear() === now.getFullYear();
  const key = `${settings.language} ${isToday} ${isThisYear}`;
  if (!forms.has(key)) {
    const day = isToday ? {} : { month: "2-digit", day: "2-digit" };
    const year = isThisYear ? {} : { year: "numeric" };
    const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    forms.set(key, new Intl.DateTimeFormat(settings.language === "zh" ? "zh-CN" : "en-GB", { ...year, ...day, ...time }));
  }
  return forms.get(key).format(at);
}

/** Time since a moment; changes with each drawing. */
export const Since = ({ at }) => html`<span class="since">${duration(Date.now() - at)}</span>`;

/** State of an agent as the pages show it: calls come before the agent's own state. */
export function shownState(station) {
  if (station.calls.find("alerting")) return "alerting";
  if (station.calls.find("connect", "hold", "initiate")) return "talking";
  return station.agentState;
}

/** Colour and word of a state. */
export const Badge = ({ state: name }) => html`<span class=${`badge ${name}`}>${word(`state_${name}`)}</span>`;

/** Name of a reason code: the site's, or a usual one where the site names none. */
export const reasonWord = (code) => {
  if (state.reasons.length === 0 || code === 0) return isWord(`reason_${code}`) ? word(`reason_${code}`) : String(code);
  return state.reasons.find((reason) => reason.code === code)?.name ?? String(code);
};

/** True if the user has one of these kinds of services at any device. */
export const hasRight = (...services) => services.some((service) => state.services.includes(service));

/** Options of a choice, from values and their texts. */
export const options = (pairs, chosen) =>
  pairs.map(([value, text]) => html`<option value=${value} selected=${value === chosen}>${text}</option>`);

/** Members of a form that are filled in. */
export const membersOf = (form) =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));

/** Why the server has refused what a dialogue asked for. */
export const Refused = ({ dialogue: { refusal } }) => (refusal ? html`<p class="error" role="alert">${refusal}</p>` : null);

/** Time in ms after which a reading that has failed is tried again, and at which what is not pushed is read anew. */
const READ_MS = 15_000;

/**
 * Reads what is shown inside, by `read(of)`, which returns false if it has failed: at once, anew when `of` changes and
 * when the server says so of the list `on`; with `repeats`, at an interval. One reading at a time: the last is the newest.
 */
export class Reader extends Component {
  #timer;
  #ends = () => {};
  #reading = false;
  #again = false;

  componentDidMount() {
    const { on } = this.props;
    this.#ends = onReread((lists) => (lists?.includes(on) ?? true) && void this.#read());
    void this.#read();
  }

  componentDidUpdate({ of }) {
    if (of !== this.props.of) void this.#read();
  }

  async #read() {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    clearTimeout(this.#timer);
    let isDone;
    while (this.#again) {
      this.#again = false;
      isDone = await this.props.read(this.props.of);
    }
    this.#reading = false;
    if (this.#timer !== null && (!isDone || this.props.repeats)) this.#timer = setTimeout(() => void this.#read(), READ_MS);
  }

  componentWillUnmount() {
    this.#ends();
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  render({ children }) {
    return children;
  }
}

/** Sentences that come and go, read out by screen readers. */
export const Notices = () => html`
  <div class="notices" role="status" aria-live="polite">
    ${state.notices.map(({ text, kind, at }) => html`<p key=${at} class=${kind}>${text}</p>`)}
  </div>
`;
