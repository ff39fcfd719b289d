// Notices: those about the caller at the desk, and the page on which they are loaded and ended.
//
// Never: a rule of notices; whom a notice is about, and who may load one, is what the server says.

import { numberOf } from "./calls.mjs";
import { session, subject } from "./centre.mjs";
import { Reader, Refused, dateTime, hasRight, html, options } from "./parts.mjs";
import { change, notice, state } from "./state.mjs";
import { sentence, word } from "./words.mjs";

/** The notices of a number, or all of them; the prompts there are, and whether the user may change anything. */
const shown = { number: undefined, notices: [], prompts: [], mayChange: false, selected: 0 };

const show = (members) => {
  Object.assign(shown, members);
  change();
};

async function read(number) {
  try {
    const members = { watch: true, ...(number && { number }) };
    const { notices, prompts, mayChange } = await session.records("listNotices", members);
    const selected = notices.find((each) => each.notice === shown.selected)?.notice ?? notices[0]?.notice ?? 0;
    show({ number, notices, prompts, mayChange, selected });
    return true;
  } catch (refusal) {
    if (!["noLink", "sessionLost"].includes(refusal.failure)) notice(sentence(refusal), "error");
    return false;
  }
}

/** Sends a change. Done, it closes the dialogue, and the server has the list read anew; refused, the dialogue says why. */
async function act(request, members, said) {
  try {
    const reply = await session.records(request, members);
    change({ dialogue: null });
    notice(said(reply));
  } catch (refusal) {
    change({ dialogue: state.dialogue && { ...state.dialogue, refusal: refusal.why ?? sentence(refusal) } });
  }
}

const choose = (step) => {
  const at = shown.notices.findIndex((each) => each.notice === shown.selected);
  const next = Math.min(Math.max(at + step, 0), shown.notices.length - 1);
  show({ selected: shown.notices[next]?.notice ?? 0 });
};

const openNew = () => shown.mayChange && change({ dialogue: { title: "newNotice", view: NewForm } });
const openEnd = (each) => each && shown.mayChange && change({ dialogue: { title: "endNotice", view: EndForm, notice: each } });

/** Keys of the page. */
export const KEYS = {
  ArrowDown: () => choose(1),
  ArrowUp: () => choose(-1),
  "+": openNew,
  Delete: () => openEnd(shown.notices.find((each) => each.notice === shown.selected)),
};

/** A moment by this computer's clock, as a field for it has it. */
const fieldTime = (ms) => {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
};

/** Time after which a new notice ends, unless another end is given: 4 h. */
const USUAL_MS = 4 * 3_600_000;

function NewForm({ dialogue }) {
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const time = (name) => (form.get(name) ? new Date(form.get(name)).getTime() : undefined);
    const members = { text: form.get("text").trim(), prompt: form.get("prompt") ?? "", region: form.get("region").trim() };
    const draft = { ...members, fromMs: time("from"), toMs: time("to"), sudden: form.has("sudden") };
    void act("loadNotice", { notice: draft }, (reply) => word(reply.notice.inTime ? "noticeLoaded" : "noticeLate"));
  };
  return html`
    <form class="two" onSubmit=${submit}>
      <label class="wide">${word("noticeText")}<textarea name="text" rows="3" required maxlength="500"></textarea></label>
      <label>${word("prompt")}<select name="prompt" required>${options(shown.prompts.map((name) => [name, name]))}</select></label>
      <label>${word("regions")}<input name="region" placeholder=${word("regionsHint")} autocomplete="off" /></label>
      <label>${word("holdsFrom")}<input type="datetime-local" name="from" /></label>
      <label>${word("holdsTo")}<input type="datetime-local" name="to" required defaultValue=${fieldTime(Date.now() + USUAL_MS)} /></label>
      <label class="check wide"><input type="checkbox" name="sudden" />${word("sudden")}</label>
      ${shown.prompts.length === 0 ? html`<p class="error wide">${word("noPrompts")}</p>` : null}
      <${Refused} dialogue=${dialogue} />
      <button class="main wide" data-action="saveNotice">${word("newNotice")}</button>
    </form>
  `;
}

function EndForm({ dialogue }) {
  const { notice: each } = dialogue;
  const submit = (event) => {
    event.preventDefault();
    void act("endNotice", { notice: each.notice }, () => word("noticeEnded"));
  };
  return html`
    <form onSubmit=${submit}>
      <p>${each.text}</p>
      <p>${word("endNoticeAsk")}</p>
      <${Refused} dialogue=${dialogue} />
      <button class="main choice" data-action="confirmEnd">${word("endNotice")}</button>
    </form>
  `;
}

const regionOf = ({ region }) => region || word("allCallers");
const span = ({ fromMs, toMs }) => `${dateTime(fromMs)} – ${dateTime(toMs)}`;

/** The pane of the desk: what holds for the caller, or for any while there is none, and what will. */
function Pane({ number }) {
  const notices = shown.number === number ? shown.notices.filter((each) => number || each.state === "holds") : [];
  if (notices.length === 0) return null;
  return html`
    <section class="panel notices-pane" aria-label=${word("noticesNow")}>
      <ul>
        ${notices.map(
          (each) => html`
            <li key=${each.notice} class=${each.state} data-notice=${each.notice}>
              <p><b>${word(`notice_${each.state}`)}</b> ${each.text}</p>
              <p class="soft">${regionOf(each)} · ${span(each)}</p>
            </li>
          `,
        )}
      </ul>
    </section>
  `;
}

/** The pane of the desk. */
export function DeskNotices() {
  if (!hasRight("call", "review")) return null;
  const call = subject();
  const number = call ? (numberOf(call) ?? "-") : null;
  return html`<${Reader} read=${read} of=${number} on="notices"><${Pane} number=${number} /><//>`;
}

function Row({ each }) {
  const isChosen = each.notice === shown.selected;
  const chosen = () => show({ selected: each.notice });
  return html`
    <tr class=${isChosen ? "chosen" : ""} data-notice=${each.notice} data-state=${each.state} onClick=${chosen}>
      <td><button class="link" aria-pressed=${isChosen} onClick=${chosen}>${each.notice}</button></td>
      <td><span class=${`badge ${each.state === "holds" ? "alerting" : ""}`}>${word(`notice_${each.state}`)}</span></td>
      <td class="text">${each.text}</td>
      <td>${regionOf(each)}</td>
      <td>${span(each)}</td>
      <td>${each.prompt}</td>
      <td>${each.person}${each.inTime ? null : html` <span class="late">${word("loadedLate")}</span>`}</td>
      <td>
        ${shown.mayChange
          ? html`<button data-action="endNotice" onClick=${() => openEnd(each)}>${word("endNotice")}${isChosen ? html`<kbd>Del</kbd>` : null}</button>`
          : null}
      </td>
    </tr>
  `;
}

/** The page. */
export function NoticesPage() {
  const heads = ["number", "state", "noticeText", "regions", "span", "prompt", "person"];
  return html`
    <${Reader} read=${read} of=${null} on="notices">
      <main class="notices-page">
        <section class="panel" aria-label=${word("noticesPage")}>
          <header class="line">
            <h2>${word("noticesPage")}</h2>
            <span class="grow"></span>
            ${shown.mayChange ? html`<button class="main" data-action="newNotice" onClick=${openNew}>${word("newNotice")}<kbd>+</kbd></button>` : null}
          </header>
          ${shown.notices.length === 0
            ? html`<p class="empty">${word("noNotices")}</p>`
            : html`
                <div class="scroll" tabindex="0" role="group" aria-label=${word("noticesPage")}>
                  <table>
                    <thead><tr>${heads.map((name) => html`<th scope="col">${word(name)}</th>`)}<td></td></tr></thead>
                    <tbody>${shown.notices.map((each) => html`<${Row} key=${each.notice} each=${each} />`)}</tbody>
                  </table>
                </div>
              `}
        </section>
      </main>
    <//>
  `;
}
