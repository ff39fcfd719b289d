// The agent's desk: state, calls with the customer's card, dialling.
//
// Never: a request of its own; all go through the table of actions.

import { ACTIONS, isPossible, perform } from "./actions.mjs";
import { numberOf } from "./calls.mjs";
import { ownStation } from "./centre.mjs";
import { CustomerCard, cardAction, customerOf } from "./customer.mjs";
import { DeskNotices } from "./notices.mjs";
import { DeskOrders } from "./orders.mjs";
import { Badge, Since, duration, html, reasonWord, shownState, timeOfDay } from "./parts.mjs";
import { settings, state } from "./state.mjs";
import { word } from "./words.mjs";

const USUAL_REASONS = [1, 2, 3, 4, 5];

/** Codes to choose from: none, then the site's. */
const reasonCodes = () => [0, ...(state.reasons.length > 0 ? state.reasons.map(({ code }) => code) : USUAL_REASONS)];

/** A button of an action, with its key. */
export function ActionButton({ name, main }) {
  const { key } = ACTIONS[name];
  const letter = settings.keys ? html`<kbd>${key.toUpperCase()}</kbd>` : null;
  return html`
    <button
      class=${main ? "main" : ""}
      data-action=${name}
      disabled=${!isPossible(name)}
      aria-keyshortcuts=${settings.keys ? key.toUpperCase() : undefined}
      onClick=${() => perform(name)}
    >
      ${word(name)}${letter}
    </button>
  `;
}

/** The state that was asked for during a call, and comes after it. */
function Pending({ station: { pending } }) {
  if (!pending) return null;
  const { agentMode, reasonCode } = pending;
  const reason = agentMode === "notReady" && reasonCode ? ` · ${reasonWord(reasonCode)}` : "";
  return html`<p class="pending" data-pending=${agentMode}>${word("afterCall")} ${word(`state_${agentMode}`)}${reason}</p>`;
}

function AgentPanel({ station }) {
  const shown = shownState(station);
  return html`
    <section class="panel agent" aria-label=${word("agent")}>
      <h2>${station.agent ? `${word("agent")} ${station.agent}` : word("state_null")}</h2>
      <p class="where">${word("station")} ${station.device}</p>
      <p class="state">
        <${Badge} state=${shown} />
        <${Since} at=${station.calls.list[0]?.since ?? station.agentSince} />
      </p>
      <${Pending} station=${station} />
      ${station.reason && station.agentState === "notReady" ? html`<p>${reasonWord(station.reason)}</p>` : null}
      <div class="actions">
        ${["ready", "notReady", "work"].map((name) => html`<${ActionButton} name=${name} main=${name === "ready"} />`)}
      </div>
    </section>
  `;
}

/** Facts of a call, as far as they are known: name and value. */
function facts(call) {
  const data = call.data ?? {};
  const list = [
    ["customer", call.direction === "out" ? (data.customer ?? data.caller) : null],
    ["account", data.account],
    ["keyed", data.keyed],
    ["queue", data.queue && data.queue],
    ["waited", data.wait_ms >= 1000 ? duration(data.wait_ms) : null],
    ["called", call.called && call.called !== data.queue ? call.called : null],
    ["machine", data.machine],
    ["recording", data.recording && word(`recording_${data.recording}`)],
  ];
  return list.filter(([, value]) => value);
}

function callWord(call) {
  return call.state === "initiate" && call.parties.length > 0 ? word("call_out") : word(`call_${call.state}`);
}

/** A call with the customer's card. */
function CallCard({ call }) {
  const data = call.data ?? {};
  const isOut = call.direction === "out";
  const number = numberOf(call) ?? "";
  const others = call.parties.filter((party) => party !== number);
  const known = customerOf(number)?.name || data.customer || data.caller_name;
  const title = isOut ? number : known || (data.caller ? word("stranger") : number);
  return html`
    <article class=${`call ${call.state}`} data-call=${call.callID} data-state=${call.state}>
      <header>
        <span class="call-state">${callWord(call)}</span>
        <${Since} at=${call.state === "connect" ? call.talkSince : call.since} />
      </header>
      <p class="customer">${title}</p>
      ${title === number ? null : html`<p class="number">${number}</p>`}
      ${others.length > 0 ? html`<p class="parties">${word("with")} ${others.join(", ")}</p>` : null}
      <dl>
        ${facts(call).map(([name, value]) => html`<div class=${name}><dt>${word(name)}</dt><dd>${value}</dd></div>`)}
      </dl>
    </article>
  `;
}

/** Actions on calls: those that are possible, in the order of the table. */
function CallActions() {
  const names = Object.keys(ACTIONS).filter((name) => ["call", "record"].includes(ACTIONS[name].group) && isPossible(name));
  const main = new Set(["answer", "clear"]);
  return html`
    <div class="actions" role="group" aria-label=${word("calls")}>
      ${names.map((name) => html`<${ActionButton} key=${name} name=${name} main=${main.has(name)} />`)}
    </div>
  `;
}

/** Calls that are over, newest first; a click calls the number again. */
function Recent({ calls }) {
  if (calls.ended.length === 0) return null;
  const row = (call) => {
    const number = call.data?.caller ?? call.parties[0] ?? "";
    const talk = call.answered ? duration(call.endedAt - call.talkSince) : word("missed");
    return html`
      <tr key=${call.callID}>
        <td>${timeOfDay(call.endedAt)}</td>
        <td>${call.data?.customer ?? ""}</td>
        <td><button class="link" disabled=${!isPossible("dial")} onClick=${() => perform("dial", number)}>${number}</button></td>
        <td>${talk}</td>
      </tr>
    `;
  };
  return html`
    <section class="panel recent" aria-label=${word("recent")}>
      <h2>${word("recent")}</h2>
      <table><tbody>${calls.ended.map(row)}</tbody></table>
    </section>
  `;
}

/** A question for a number or a reason, as a dialogue of the page. */
export function Question({ name }) {
  const action = ACTIONS[name];
  const submit = (event) => {
    event.preventDefault();
    const value = new FormData(event.target).get("value").trim();
    if (value) perform(name, value);
  };
  const remark = () => html`
    <label>${word(action.remark === true ? "remark" : action.remark)}<input name="value" required maxlength="200" autocomplete="off" /></label>
    <button class="main">${word(name)}</button>
  `;
  const field = action.remark
    ? remark()
    : action.reason
    ? reasonCodes().map((code) => html`
        <button type="button" class="choice" onClick=${() => perform(name, String(code))}>
          <kbd>${code}</kbd>${reasonWord(code)}
        </button>`)
    : html`
        <label>${word("number")}<input name="value" inputmode="tel" autocomplete="off" list="devices" /></label>
        <datalist id="devices">
          ${state.devices
            .filter(({ kind, device }) => kind !== "trunk" && device !== state.station)
            .map(({ device }) => html`<option value=${device} />`)}
        </datalist>
        <button class="main">${word(name)}</button>
      `;
  return html`<form class=${action.reason ? "reasons" : ""} onSubmit=${submit}>${field}</form>`;
}

/** The desk. */
export function Desk() {
  const station = ownStation();
  if (!station) return html`<main class="desk"><p class="empty">${word("noStation")}</p></main>`;
  const { list } = station.calls;
  return html`
    <main class="desk">
      <div class="side">
        <${AgentPanel} station=${station} />
        <section class="panel" aria-label=${word("dial")}>
          <${ActionButton} name="dial" />
        </section>
      </div>
      <section class="calls" aria-label=${word("calls")}>
        <div class="cards">
          ${list.map((call) => html`<${CallCard} key=${call.callID} call=${call} />`)}
          ${list.length === 0
            ? html`<div class="empty"><p>${word("noCalls")}</p><p>${word("waitingForCalls")}</p></div>`
            : null}
        </div>
        ${list.length > 0 ? html`<${CallActions} />` : null}
        <${DeskNotices} />
        <${CustomerCard}><${ActionButton} name=${cardAction()} /><//>
      </section>
      <div class="aside">
        <${DeskOrders}><${ActionButton} name="newOrder" /><//>
        <${Recent} calls=${station.calls} />
      </div>
    </main>
  `;
}
