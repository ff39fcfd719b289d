// Parts that several pages share.
//
// Never: a request.

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

/** Sentences that come and go, read out by screen readers. */
export const Notices = () => html`
  <div class="notices" role="status" aria-live="polite">
    ${state.notices.map(({ text, kind, at }) => html`<p key=${at} class=${kind}>${text}</p>`)}
  </div>
`;
