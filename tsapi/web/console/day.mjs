// The team leader's day: intervals of today beside yesterday, callers who were not reached, messages, agents' times.
//
// Never: a figure computed here but the difference of two; figures are those of the reports.

import { perform } from "./actions.mjs";
import { ownStation, session } from "./centre.mjs";
import { Reader, duration, html, reasonWord, timeOfDay } from "./parts.mjs";
import { Shifts } from "./shifts.mjs";
import { change, notice } from "./state.mjs";
import { sentence, word } from "./words.mjs";

const INTERVALS = [15, 30, 60];

/** Lengths of intervals in min, and the chosen one; the list that the arrow keys move in. */
const day = { interval: 30, figures: null, callers: [], messages: [], selected: 0, readAt: 0 };

const show = (members) => {
  Object.assign(day, members);
  change();
};

async function ask(request, members) {
  try {
    return await session.records(request, members);
  } catch (refusal) {
    if (refusal.failure !== "noLink") notice(sentence(refusal), "error");
    return null;
  }
}

async function read() {
  const [figures, abandoned, messages] = await Promise.all([
    ask("reportDay", { interval: day.interval }),
    ask("listAbandoned"),
    ask("listMessages"),
  ]);
  if (figures) show({ figures, readAt: Date.now() });
  if (abandoned) show({ callers: abandoned.callers });
  if (messages) show({ messages: messages.messages });
}

function chooseInterval(interval) {
  show({ interval });
  void read();
}

async function callBack(caller) {
  if (!caller?.caller || caller.callBack) return;
  const reply = await ask("requestCallBack", { number: caller.caller, queue: caller.queue });
  if (!reply) return;
  notice(`${word("callBackAsked")}: ${caller.caller}`);
  // The running site takes it within a second or two.
  setTimeout(() => void read(), 2500);
}

const canDial = (caller) => Boolean(caller?.caller && ownStation());

async function mark(message, state) {
  if (await ask("markMessage", { message, state })) void read();
}

/** Keys of the page. */
export const KEYS = {
  ArrowDown: () => show({ selected: Math.min(day.selected + 1, Math.max(day.callers.length - 1, 0)) }),
  ArrowUp: () => show({ selected: Math.max(day.selected - 1, 0) }),
  b: () => callBack(day.callers[day.selected]),
  d: () => canDial(day.callers[day.selected]) && perform("dial", day.callers[day.selected].caller),
  i: () => chooseInterval(INTERVALS[(INTERVALS.indexOf(day.interval) + 1) % INTERVALS.length]),
};

const share = (value) => (value === null || value === undefined ? "–" : `${Math.round(value * 100)} %`);
const seconds = (value) => (value === null || value === undefined ? "–" : duration(value * 1000));

/** Columns of a queue's row: name, text, and the number to be compared. */
const COLUMNS = [
  ["offered", (row) => row?.offered ?? 0],
  ["answered", (row) => row?.answered ?? 0],
  ["abandoned", (row) => row?.abandoned ?? 0],
  ["serviceLevelShort", (row) => share(row?.service_level)],
  ["asa", (row) => seconds(row?.asa)],
  ["longestWait", (row) => seconds(row?.longest_wait)],
];

/** A queue's intervals, with the same of yesterday. */
function Queue({ name, figures }) {
  const of = (rows) => rows.filter((row) => row.name === name);
  const before = new Map(of(figures.yesterday).map((row) => [row.begin - figures.yesterdayMs, row]));
  const today = of(figures.today);
  const [total] = of(figures.queues);
  const cells = (row, other) =>
    COLUMNS.map(([column, value]) => html`<td data-column=${column}>${value(row)}${other === undefined ? null : html` <small>${value(other)}</small>`}</td>`);
  return html`
    <section class="panel" aria-label=${`${word("queue")} ${name}`} data-queue=${name}>
      <h2>${word("queue")} ${name} <small>${word("besideYesterday")}</small></h2>
      <div class="scroll" tabindex="0" role="group" aria-label=${word("intervals")}>
        <table>
          <thead>
            <tr><th scope="col">${word("from")}</th>${COLUMNS.map(([column]) => html`<th scope="col">${word(column)}</th>`)}</tr>
          </thead>
          <tbody>
            ${today.map(
              (row) => html`
                <tr key=${row.begin}>
                  <th scope="row">${timeOfDay(row.begin).slice(0, 5)}</th>
                  ${cells(row, before.get(row.begin - figures.todayMs) ?? null)}
                </tr>
              `,
            )}
            <tr class="total"><th scope="row">${word("inAll")}</th>${cells(total)}</tr>
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function Callers() {
  const rows = day.callers.map((caller, at) => {
    const isChosen = at === day.selected;
    return html`
      <tr key=${`${caller.atMs} ${caller.caller}`} class=${isChosen ? "chosen" : ""} data-caller=${caller.caller}
        onClick=${() => show({ selected: at })}>
        <td>${duration(Date.now() - caller.atMs)}</td>
        <td>
          <button class="link" aria-pressed=${isChosen} onClick=${() => show({ selected: at })}>
            ${caller.caller || word("notKnown")}
          </button>
          ${caller.times > 1 ? ` ×${caller.times}` : ""}
        </td>
        <td>${caller.name ?? ""}</td>
        <td>${caller.queue}</td>
        <td>${caller.waitMs === null ? "" : duration(caller.waitMs)}</td>
        <td>
          ${caller.callBack
            ? `${word("callBackAsked")}${caller.tries ? ` (${caller.tries})` : ""}`
            : html`<button data-action="callBack" disabled=${!caller.caller} onClick=${() => callBack(caller)}>${word("callBack")}</button>`}
          <button disabled=${!canDial(caller)} onClick=${() => perform("dial", caller.caller)}>${word("dial")}</button>
        </td>
      </tr>
    `;
  });
  const heads = ["age", "number", "customer", "queue", "waited", "callBack"];
  return html`
    <section class="panel" aria-label=${word("notReached")}>
      <h2>${word("notReached")} <small><kbd>B</kbd> ${word("callBack")} <kbd>D</kbd> ${word("dial")}</small></h2>
      ${rows.length === 0
        ? html`<p class="foot">${word("allReached")}</p>`
        : html`<table>
            <thead><tr>${heads.map((name) => html`<th scope="col">${word(name)}</th>`)}</tr></thead>
            <tbody>${rows}</tbody>
          </table>`}
    </section>
  `;
}

function Messages() {
  const row = ({ message, caller, name, mailbox, owner, atMs, seconds: length, state, takenBy, calledMs }) => html`
    <tr key=${message} data-message=${message}>
      <td>${duration(Date.now() - atMs)}</td>
      <td>${caller || word("notKnown")}</td>
      <td>${name}</td>
      <td>${mailbox}${owner ? ` (${owner})` : ""}</td>
      <td>${seconds(length)}</td>
      <td>${word(`message_${state}`)}${calledMs ? `, ${word("message_calledBack")}` : ""}</td>
      <td data-column="takenBy">${takenBy}</td>
      <td>
        <button disabled=${state === "recording" || takenBy !== ""} onClick=${() => mark(message, "taken")}>${word("message_take")}</button>
        <button disabled=${!canDial({ caller })} onClick=${() => perform("dial", caller)}>${word("dial")}</button>
        <button disabled=${state !== "new"} onClick=${() => mark(message, "heard")}>${word("message_heard")}</button>
        <button disabled=${state === "recording"} onClick=${() => mark(message, "done")}>${word("message_done")}</button>
      </td>
    </tr>
  `;
  const heads = ["age", "number", "customer", "mailbox", "length", "state", "takenBy", "mark"];
  return html`
    <section class="panel" aria-label=${word("messages")}>
      <h2>${word("messages")}</h2>
      ${day.messages.length === 0
        ? html`<p class="foot">${word("noMessages")}</p>`
        : html`<table>
            <thead><tr>${heads.map((name) => html`<th scope="col">${word(name)}</th>`)}</tr></thead>
            <tbody>${day.messages.map(row)}</tbody>
          </table>`}
    </section>
  `;
}

const TIMES = ["logged_on", "idle", "talking", "work", "not_ready"];

/** Agents' times of today. */
function Agents({ agents }) {
  if (agents.length === 0) return null;
  return html`
    <section class="panel" aria-label=${word("agentsTimes")}>
      <h2>${word("agentsTimes")}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">${word("agent")}</th>
            ${TIMES.map((name) => html`<th scope="col">${word(`time_${name}`)}</th>`)}
            <th scope="col">${word("occupancy")}</th>
          </tr>
        </thead>
        <tbody>
          ${agents.map(
            (row) => html`
              <tr key=${row.agent}>
                <th scope="row">${row.agent}</th>
                ${TIMES.map((name) => html`<td>${seconds(row[name])}</td>`)}
                <td>${share(row.occupancy)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </section>
  `;
}

/** Agents' breaks of today by reason; those beyond the limit of their reason stand out. */
function Breaks({ breaks }) {
  if (breaks.length === 0) return null;
  const heads = ["agent", "reason", "breaks", "time_not_ready", "breaksTooLong"];
  return html`
    <section class="panel" aria-label=${word("breaks")}>
      <h2>${word("breaks")}</h2>
      <table>
        <thead><tr>${heads.map((name) => html`<th scope="col">${word(name)}</th>`)}</tr></thead>
        <tbody>
          ${breaks.map(
            (row) => html`
              <tr key=${`${row.agent} ${row.reason}`} data-break=${`${row.agent} ${row.reason}`}>
                <th scope="row">${row.agent}</th>
                <td>${row.reason_name || reasonWord(row.reason)}</td>
                <td data-column="breaks">${row.breaks}</td>
                <td>${seconds(row.break_time)}</td>
                <td class=${row.breaks_too_long > 0 ? "bad" : ""}>${row.breaks_too_long}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </section>
  `;
}

/** The page; asks anew while it is open. */
export function Day() {
  const { figures } = day;
  const names = figures ? [...new Set(figures.queues.map(({ name }) => name))] : [];
  return html`
    <${Reader} read=${read} repeats><main class="day">
      <p class="actions">
        ${INTERVALS.map(
          (interval) => html`
            <button data-interval=${interval} aria-pressed=${interval === day.interval} onClick=${() => chooseInterval(interval)}>
              ${interval} ${word("minutes")}
            </button>
          `,
        )}
        <kbd>I</kbd>
        ${day.readAt ? html`<span class="foot">${word("asOf")} ${timeOfDay(day.readAt)}</span>` : null}
      </p>
      ${names.map((name) => html`<${Queue} key=${name} name=${name} figures=${figures} />`)}
      <${Shifts} />
      <${Callers} />
      <${Messages} />
      ${figures ? html`<${Agents} agents=${figures.agents} /><${Breaks} breaks=${figures.breaks} />` : null}
    </main><//>
  `;
}
