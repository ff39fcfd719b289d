// Work orders: those of the caller or the agent's own at the desk, and all of them, late ones first; taken down, stepped.
//
// Never: a rule of orders. The kinds and the steps on offer are those that the server names.

import { numberOf } from "./calls.mjs";
import { session, subject } from "./centre.mjs";
import { Reader, Refused, duration, hasRight, html, membersOf, options } from "./parts.mjs";
import { change, notice, state } from "./state.mjs";
import { isWord, sentence, word } from "./words.mjs";

const URGENCIES = ["normal", "urgent", "emergency"];

/** The list that is shown: of whom, its kinds and orders, and the chosen one. */
const shown = { number: null, kinds: [], orders: [], selected: "", more: false };

const show = (members) => {
  Object.assign(shown, members);
  change();
};

const dueOf = ({ dispatchDueMs, answerDueMs }) => Math.min(dispatchDueMs ?? Infinity, answerDueMs ?? Infinity);

/** Late ones first, then by urgency, then by the limit that is nearest. */
const before = (one, other) =>
  other.late - one.late ||
  URGENCIES.indexOf(other.urgency) - URGENCIES.indexOf(one.urgency) ||
  dueOf(one) - dueOf(other) ||
  one.sinceMs - other.sinceMs;

async function read(number) {
  try {
    const members = { watch: true, ...(number && { number }) };
    const { orders, kinds, more } = await session.records("listOrders", members);
    orders.sort(before);
    const selected = orders.find(({ order }) => order === shown.selected)?.order ?? orders[0]?.order ?? "";
    show({ number, orders, kinds, more, selected });
    return true;
  } catch (refusal) {
    if (!["noLink", "sessionLost"].includes(refusal.failure)) notice(sentence(refusal), "error");
    return false;
  }
}

/** Sends an act. Done, it closes the dialogue, and the server has the list read anew; refused, the dialogue says why. */
async function act(request, members, done) {
  try {
    const reply = await session.records(request, members);
    change({ dialogue: null });
    notice(done(reply));
    show({ selected: reply.order.order });
  } catch (refusal) {
    change({ dialogue: state.dialogue && { ...state.dialogue, refusal: sentence(refusal) } });
  }
}

const choose = (step) => {
  const at = shown.orders.findIndex(({ order }) => order === shown.selected);
  const next = Math.min(Math.max(at + step, 0), shown.orders.length - 1);
  show({ selected: shown.orders[next]?.order ?? "" });
};

const openStep = (order) => order?.steps.length > 0 && change({ dialogue: { title: "stepOrder", view: StepForm, order } });

/** Keys of the pages that have a list. */
export const KEYS = {
  ArrowDown: () => choose(1),
  ArrowUp: () => choose(-1),
  Enter: () => openStep(shown.orders.find(({ order }) => order === shown.selected)),
};

/** True if an order can be taken down on the page that is open. */
export const canCreate = () => ["desk", "orders"].includes(state.page) && hasRight("call", "review") && shown.kinds.length > 0;

/** Asks for a new order. */
export const askForOrder = () => change({ dialogue: { title: "newOrder", view: NewForm, call: subject() } });

const titleOf = (kind) => shown.kinds.find((each) => each.kind === kind)?.title || kind;

function NewForm({ dialogue }) {
  const { call } = dialogue;
  const submit = (event) => {
    event.preventDefault();
    const order = membersOf(event.target);
    if (call) order.call = call.callID;
    void act("createOrder", { order }, (reply) => `${word(reply.repeat ? "orderLinked" : "orderTaken")} ${reply.order.order}`);
  };
  return html`
    <form onSubmit=${submit}>
      <label>${word("kind")}<select name="kind">${options(shown.kinds.map(({ kind, title }) => [kind, title || kind]))}</select></label>
      <label>${word("urgency")}<select name="urgency">${options(URGENCIES.map((name) => [name, word(`urgency_${name}`)]))}</select></label>
      <label>${word("matter")}<input name="text" required maxlength="500" autocomplete="off" /></label>
      <label>${word("place")}<input name="place" maxlength="200" autocomplete="off" /></label>
      ${call ? null : html`<label>${word("number")}<input name="number" inputmode="tel" autocomplete="off" /></label>`}
      <${Refused} dialogue=${dialogue} />
      <button class="main" data-action="saveOrder">${word("newOrder")}</button>
    </form>
  `;
}

function StepForm({ dialogue }) {
  const { order } = dialogue;
  const submit = (event) => {
    event.preventDefault();
    const members = { order: order.order, ...membersOf(event.target) };
    void act("stepOrder", members, (reply) => `${reply.order.order}: ${word(`order_${reply.order.state}`)}`);
  };
  return html`
    <form onSubmit=${submit}>
      <p>${order.order} · ${titleOf(order.kind)} · ${order.text}</p>
      <label>${word("step")}<select name="step">${options(order.steps.map((step) => [step, word(`order_step_${step}`)]))}</select></label>
      ${order.steps.includes("dispatch") ? html`<label>${word("unit")}<input name="unit" maxlength="200" autocomplete="off" /></label>` : null}
      <label>${word("orderRemark")}<input name="remark" maxlength="500" autocomplete="off" /></label>
      <${Refused} dialogue=${dialogue} />
      <button class="main" data-action="takeStep">${word("stepOrder")}</button>
    </form>
  `;
}

/** The limit that comes first, from now on or past. */
function Due({ order }) {
  const due = dueOf(order);
  if (due === Infinity) return null;
  const left = due - Date.now();
  return html`<span class=${order.late ? "late" : ""}>${word(left < 0 ? "overdue" : "left")} ${duration(Math.abs(left))}</span>`;
}

function Row({ order }) {
  const isChosen = order.order === shown.selected;
  const chosen = () => show({ selected: order.order });
  return html`
    <li class=${`order ${isChosen ? "chosen" : ""}`} data-order=${order.order} data-state=${order.state} onClick=${chosen}>
      <div class="line">
        <button class="link" aria-pressed=${isChosen} onClick=${chosen}>${order.order}</button>
        <span>${titleOf(order.kind)}</span>
        ${order.urgency === "normal" ? null : html`<span class=${`urgency ${order.urgency}`}>${word(`urgency_${order.urgency}`)}</span>`}
        <span class="grow"></span>
        <span>${word(isWord(`order_${order.state}`) ? `order_${order.state}` : order.state)}</span>
      </div>
      <p>${order.text}</p>
      <div class="line soft">
        <span>${[order.name, order.number, order.place].filter(Boolean).join(" · ")}</span>
        <span class="grow"></span>
        ${order.unit ? html`<span>${order.unit}</span>` : null}
        <${Due} order=${order} />
      </div>
      ${isChosen && order.steps.length > 0
        ? html`<button data-action="stepOrder" onClick=${() => openStep(order)}>${word("stepOrder")}<kbd>⏎</kbd></button>`
        : null}
    </li>
  `;
}

/** The orders of a customer, or of the user: of all users where the right permits. */
function List({ number, title, children }) {
  // Those of another customer are not shown while the new one's are read.
  const orders = shown.number === number ? shown.orders : [];
  return html`
    <${Reader} read=${read} of=${number} on="orders">
      <section class="panel orders" aria-label=${title}>
        <header class="line"><h2>${title}</h2><span class="grow"></span>${children}</header>
        ${orders.length === 0
          ? html`<p class="foot">${word("noOrders")}</p>`
          : html`<ul>${orders.map((order) => html`<${Row} key=${order.order} order=${order} />`)}</ul>`}
        ${shown.more ? html`<p class="foot">${word("more")}</p>` : null}
      </section>
    <//>
  `;
}

/** The pane of the desk: the orders of the caller while there is one, else the agent's own. */
export function DeskOrders({ children }) {
  if (!hasRight("call", "review")) return null;
  const number = numberOf(subject()) ?? null;
  return html`<${List} number=${number} title=${word(number ? "ordersOfCaller" : "ordersOwn")}>${children}<//>`;
}

/** The page: every order that the user may see. */
export function Orders({ children }) {
  return html`<main class="orders-page"><${List} number=${null} title=${word("orders")}>${children}<//></main>`;
}
