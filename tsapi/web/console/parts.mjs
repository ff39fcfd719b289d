// Parts that several pages share.
//
// Never: a request of its own.

import { Component, createRef, h, render } from "./vendor/preact.mjs";
import htm from "./vendor/htm.mjs";
import { settings, state } from "./state.mjs";
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

/** Interval at which what is shown is read anew, in ms. */
const READ_MS = 15_000;

/** Reads what is shown inside: at once, at an interval (`once`: until a read returns true), anew when `of` changes. */
export class Reader extends Component {
  #timer;

  componentDidMount() {
    this.#begin();
  }

  componentDidUpdate({ of }) {
    if (of !== this.props.of) this.#begin();
  }

  #begin() {
    clearInterval(this.#timer);
    const timer = setInterval(() => void read(), READ_MS);
    const read = async () => {
      if ((await this.props.read(this.props.of)) === true && this.props.once) clearInterval(timer);
    };
    this.#timer = timer;
    void read();
  }

  componentWillUnmount() {
    clearInterval(this.#timer);
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
