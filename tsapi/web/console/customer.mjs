// The customer's card at the desk: who calls, what was before, notes; changed by an agent, begun for a new number.
//
// Never: a rule of customers; the server has those, and a refusal stands in the dialogue.

import { numberOf } from "./calls.mjs";
import { session, subject } from "./centre.mjs";
import { Reader, Refused, dateTime, duration, hasRight, html, options } from "./parts.mjs";
import { change, notice, state } from "./state.mjs";
import { isWord, sentence, word } from "./words.mjs";

const LANGUAGES = ["mandarin", "cantonese", "english"];

/** The card as the server has it: of which number, the customer of the file if there is one, the last calls. */
const shown = { number: null, customer: null, card: null, calls: [] };

/** The customer of a number as the server has it now, if it was asked for. */
export const customerOf = (number) => (number && number === shown.number ? shown.customer : null);

/** The number whose card the desk shows; nothing for a call between the site's own devices. */
function cardNumber() {
  const number = numberOf(subject());
  const isOwn = state.devices.some(({ device }) => device === number);
  return number && !isOwn && /[0-9]/.test(number) ? number : null;
}

const take = (number, { customer, card, calls }) => {
  Object.assign(shown, { number, customer, card, calls });
  change();
};

/** Reads the card of a number. Returns false if it could not be read. */
async function read(number) {
  try {
    const reply = await session.records("showCustomer", { customer: number });
    if (number === cardNumber()) take(number, reply);
    return true;
  } catch (refusal) {
    if (!["noLink", "sessionLost"].includes(refusal.failure)) notice(sentence(refusal), "error");
    return false;
  }
}

/** True if the server has answered what card the number has. */
const isRead = () => hasRight("call", "review") && cardNumber() !== null && shown.number === cardNumber();

/** True if the number has a card, which can be changed. */
export const canEdit = () => isRead() && shown.customer !== null;

/** True if the number is known to have none yet. */
export const canBegin = () => isRead() && shown.customer === null;

/** The action of the card that is shown. */
export const cardAction = () => (canBegin() ? "newCustomer" : "editCustomer");

/** Opens the card for changes, or an empty one for a number that is new. */
export const openCard = () =>
  change({ dialogue: { title: cardAction(), view: Form, number: shown.number, of: shown.customer } });

/** The numbers of a list; a space belongs to a number as its owner writes it. */
const list = (text) => text.split(/[,;、,;\n]/).map((number) => number.trim()).filter(Boolean);

/** Changes of a form: fields as they stand there, numbers that have come and gone. */
function fieldsOf(form, known) {
  const data = new FormData(form);
  const text = (name) => data.get(name).trim();
  const numbers = list(text("numbers"));
  return {
    ...Object.fromEntries(["name", "account", "address", "language", "region", "notes"].map((name) => [name, text(name)])),
    vip: data.has("vip"),
    add: numbers.filter((number) => !known.includes(number)),
    remove: known.filter((number) => !numbers.includes(number)),
  };
}

function Form({ dialogue }) {
  const { number, of } = dialogue;
  const known = of?.numbers ?? [];
  const submit = async (event) => {
    event.preventDefault();
    const fields = fieldsOf(event.target, known);
    try {
      const reply = await session.records("setCustomer", { customer: of?.customer ?? number, fields });
      change({ dialogue: null });
      take(number, reply);
      notice(word("saved"));
    } catch (refusal) {
      change({ dialogue: state.dialogue && { ...state.dialogue, refusal: refusal.why ?? sentence(refusal) } });
    }
  };
  const field = (name, more = {}) => html`
    <label>${word(name === "name" ? "customerName" : name)}<input name=${name} defaultValue=${of?.[name] ?? ""} autocomplete="off" ...${more} /></label>
  `;
  const languages = options([["", word("notKnown")], ...LANGUAGES.map((name) => [name, word(`language_${name}`)])], of?.language ?? "");
  return html`
    <form class="two" onSubmit=${submit}>
      ${field("name")} ${field("account")}
      <label class="wide">${word("numbers")}<input name="numbers" inputmode="tel" defaultValue=${(of ? known : [number]).join(", ")} autocomplete="off" /></label>
      <label class="wide">${word("address")}<input name="address" defaultValue=${of?.address ?? ""} autocomplete="off" /></label>
      <label>${word("speaks")}<select name="language">${languages}</select></label>
      ${field("region")}
      <label class="wide">${word("customerNotes")}<textarea name="notes" rows="3" defaultValue=${of?.notes ?? ""}></textarea></label>
      <label class="check wide"><input type="checkbox" name="vip" defaultChecked=${of?.vip ?? false} />${word("vip")}</label>
      <${Refused} dialogue=${dialogue} />
      <button class="main wide" data-action="saveCustomer">${word("saveCustomer")}</button>
    </form>
  `;
}

/** Counts of a card that are not naught; a call that was missed since the last conversation stands out. */
const COUNTS = [["calls", "cardCalls"], ["missed", "cardMissed"], ["orders", "cardOrders"], ["messages", "cardMessages"]];

function Calls({ calls }) {
  const outcome = (name) => (isWord(`outcome_${name}`) ? word(`outcome_${name}`) : name);
  const row = ({ atMs, inbound, outcome: name, queue, agent, talkMs }) => html`
    <tr key=${atMs}>
      <td>${dateTime(atMs)}</td>
      <td>${word(inbound ? "callIn" : "callOut")}</td>
      <td>${outcome(name)}</td>
      <td>${agent ? `${word("agent")} ${agent}` : queue ? `${word("queue")} ${queue}` : ""}</td>
      <td class="number">${talkMs > 0 ? duration(talkMs) : ""}</td>
    </tr>
  `;
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label=${word("lastCalls")}>
      <table><caption>${word("lastCalls")}</caption><tbody>${calls.map(row)}</tbody></table>
    </div>
  `;
}

/** The card: of the file where the server has answered, else as it came with the call. */
function Card({ number, children }) {
  const isRead = shown.number === number;
  const customer = isRead ? shown.customer : null;
  const card = (isRead ? shown.card : subject()?.data?.card) ?? {};
  const messages = (card.lines ?? []).filter(({ part }) => part === "message");
  const facts = [
    ["account", customer?.account],
    ["numbers", customer && customer.numbers.length > 1 ? customer.numbers.join(", ") : null],
    ["address", customer?.address],
  ].filter(([, value]) => value);
  const language = card.language && word(`language_${card.language}`);
  return html`
    <section class="panel customer-card" aria-label=${word("customer")} data-customer=${customer?.customer ?? ""} data-read=${String(isRead)}>
      <header class="line">
        <h2>${word("customer")}</h2>
        ${card.vip ? html`<span class="tag vip">${word("vipTag")}</span>` : null}
        ${card.region ? html`<span class="tag">${card.region}</span>` : null}
        ${language ? html`<span class="tag">${language}</span>` : null}
        <span class="grow"></span>${children}
      </header>
      ${customer?.notes ? html`<p class="notes">${customer.notes}</p>` : null}
      ${facts.length > 0
        ? html`<dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${word(name)}</dt><dd>${value}</dd></div>`)}</dl>`
        : null}
      <ul class="tallies">
        ${COUNTS.filter(([name]) => card[name] > 0).map(
          ([name, text]) => html`<li key=${name} class=${name}><b>${card[name]}</b> ${word(text)}</li>`,
        )}
      </ul>
      ${isRead && shown.calls.length > 0 ? html`<${Calls} calls=${shown.calls} />` : null}
      ${messages.map(({ at_ms, text }) => html`<p class="soft" key=${at_ms}>${dateTime(at_ms)} · ${word("message")} ${text}</p>`)}
      ${isRead && !customer && !(card.calls > 0) ? html`<p class="foot">${word("firstCall")}</p>` : null}
    </section>
  `;
}

/** The pane of the desk: the card of the caller, while there is one. */
export function CustomerCard({ children }) {
  const number = cardNumber();
  if (!number || !hasRight("call", "review")) return null;
  return html`<${Reader} read=${read} of=${number}><${Card} number=${number}>${children}<//><//>`;
}
