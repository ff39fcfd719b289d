// The console: log-in, the frame around the pages, keys, language and theme.
//
// Never: a service of its own.

import { ACTIONS, actionOf, perform } from "./actions.mjs";
import { Admin, KEYS as ADMIN_KEYS } from "./admin.mjs";
import { keep, logIn, logOut, ownStation, restore } from "./centre.mjs";
import { Day, KEYS as DAY_KEYS } from "./day.mjs";
import { ActionButton, Desk, Question } from "./desk.mjs";
import { Hearing } from "./live.mjs";
import { KEYS as NOTICE_KEYS, NoticesPage } from "./notices.mjs";
import { KEYS as ORDER_KEYS, Orders } from "./orders.mjs";
import { Component, Notices, createRef, hasRight, html, render } from "./parts.mjs";
import { KEYS as QUALITY_KEYS, Quality } from "./quality.mjs";
import { change, changeSettings, onChange, settings, state } from "./state.mjs";
import { KEYS as SUPERVISOR_KEYS, Supervisor } from "./supervisor.mjs";
import { Wallboard } from "./wallboard.mjs";
import { word } from "./words.mjs";

function OrdersPage() {
  return html`<${Orders}><${ActionButton} name="newOrder" /><//>`;
}

/** The pages: the key that opens each, who has it, and its own keys beside those of the actions. */
const PAGES = {
  desk: { key: "1", view: Desk, when: () => Boolean(state.station), keys: ORDER_KEYS },
  wallboard: { key: "2", view: Wallboard, when: () => state.devices.some(({ kind }) => kind === "queue") },
  supervisor: { key: "3", view: Supervisor, when: () => state.devices.filter(({ kind }) => kind === "station").length > 1, keys: SUPERVISOR_KEYS },
  quality: { key: "4", view: Quality, when: () => hasRight("review"), keys: QUALITY_KEYS },
  day: { key: "5", view: Day, when: () => hasRight("review"), keys: DAY_KEYS },
  orders: { key: "6", view: OrdersPage, when: () => hasRight("review"), keys: ORDER_KEYS },
  notices: { key: "8", view: NoticesPage, when: () => hasRight("review", "administer"), keys: NOTICE_KEYS },
  admin: { key: "7", view: Admin, when: () => hasRight("administer"), keys: ADMIN_KEYS },
};

const THEMES = ["auto", "light", "dark"];

const after = (list, item) => list[(list.indexOf(item) + 1) % list.length];
const otherLanguage = () => (settings.language === "zh" ? "en" : "zh");

function Switches() {
  return html`
    <div class="switches">
      <button class="quiet" onClick=${() => changeSettings({ language: otherLanguage() })}>${word("language")}</button>
      <button class="quiet" onClick=${() => changeSettings({ theme: after(THEMES, settings.theme) })}>
        ${word(`theme_${settings.theme}`)}
      </button>
    </div>
  `;
}

/** What the user chooses for this browser, and the log-out; it closes when the focus leaves it. */
function UserMenu() {
  const close = (event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) event.currentTarget.open = false;
  };
  const closeByKey = (event) => {
    if (event.key !== "Escape") return;
    event.currentTarget.open = false;
    event.currentTarget.querySelector("summary").focus();
  };
  return html`
    <details class="menu" onFocusOut=${close} onKeyDown=${closeByKey}>
      <summary>${state.login}</summary>
      <div>
        <${Switches} />
        <button class="quiet" onClick=${() => changeSettings({ keys: !settings.keys })}>${word(settings.keys ? "keysOn" : "keysOff")}</button>
        <button class="quiet" data-action="logOut" onClick=${logOut}>${word("logOut")}</button>
      </div>
    </details>
  `;
}

function LogInForm() {
  const submit = (event) => {
    event.preventDefault();
    const members = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, value.trim()]));
    const { login, station, agent } = members;
    changeSettings({ login, station, agent });
    logIn(members);
  };
  // An address such as that of the demo may fill fields in; its part after # stays in the browser.
  const given = { ...settings, ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))) };
  const field = (name, label, more = {}) => html`
    <label>${label}<input name=${name} defaultValue=${given[name] ?? ""} ...${more} /></label>
  `;
  const secret = { type: "password", autocomplete: "current-password" };
  return html`
    <main class="log-in">
      <form onSubmit=${submit}>
        <h1>${word("title")}</h1>
        ${field("login", word("user"), { autocomplete: "username", required: true, autofocus: true })}
        ${field("password", word("password"), { ...secret, required: true })}
        <fieldset>
          <legend>${word("agentOptional")}</legend>
          ${field("agent", word("agent"), { autocomplete: "off" })}
          ${field("agentPassword", word("agentPassword"), { ...secret, autocomplete: "off" })}
          ${field("station", word("station"), { autocomplete: "off", placeholder: word("stationHint") })}
        </fieldset>
        <button class="main" disabled=${state.busy}>${word("logIn")}</button>
      </form>
      <${Switches} />
    </main>
  `;
}

/** A dialogue over the page: the browser keeps the focus in it and closes it by Escape. */
class Dialogue extends Component {
  #element = createRef();

  componentDidMount() {
    const { current } = this.#element;
    current.showModal();
    current.querySelector("input, select, textarea, button.choice")?.focus();
  }

  render({ title, children }) {
    return html`
      <dialog ref=${this.#element} aria-label=${title} onClose=${() => change({ dialogue: null })}>
        <header>
          <h2>${title}</h2>
          <button class="quiet" aria-label=${word("close")} onClick=${() => change({ dialogue: null })}>✕</button>
        </header>
        ${children}
      </dialog>
    `;
  }
}

function Help() {
  const pages = Object.entries(PAGES).map(([name, { key }]) => [key, name]);
  const actions = Object.entries(ACTIONS).map(([name, { key }]) => [key.toUpperCase(), name]);
  const rows = [...pages, ...actions, ["?", "help"], ["Esc", "close"]];
  return html`
    <dl class="keys">
      ${rows.map(([key, name]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${word(name)}</dd></div>`)}
    </dl>
    <button onClick=${() => changeSettings({ keys: !settings.keys })}>${word(settings.keys ? "keysOn" : "keysOff")}</button>
  `;
}

function Dialogues() {
  const { dialogue } = state;
  if (!dialogue) return null;
  if (dialogue.help) return html`<${Dialogue} title=${word("help")}><${Help} /><//>`;
  if (dialogue.view) {
    return html`<${Dialogue} title=${word(dialogue.title)}><${dialogue.view} dialogue=${dialogue} /><//>`;
  }
  return html`
    <${Dialogue} key=${dialogue.action} title=${word(dialogue.action)}><${Question} name=${dialogue.action} /><//>
  `;
}

function Frame() {
  const pages = Object.entries(PAGES).filter(([, page]) => page.when());
  const current = pages.find(([name]) => name === state.page) ?? pages[0];
  return html`
    <header class="bar">
      <h1>${word("title")}</h1>
      <nav aria-label=${word("title")}>
        ${pages.map(
          ([name]) => html`
            <button
              class="tab"
              aria-current=${name === current[0] ? "page" : undefined}
              onClick=${() => change({ page: name })}
            >
              ${word(name)}
            </button>
          `,
        )}
      </nav>
      <span class="grow"></span>
      <button class="quiet" onClick=${() => change({ dialogue: { help: true } })}>${word("help")}<kbd>?</kbd></button>
      <${UserMenu} />
    </header>
    ${state.link === "open" ? null : html`<p class="link" role="alert">${word(`link_${state.link}`)}</p>`}
    <${Hearing}><${ActionButton} name="stopHearing" /><//>
    ${current ? html`<${current[1].view} />` : html`<main><p class="empty">${word("noStation")}</p></main>`}
  `;
}

let shownPage = null;

function draw() {
  const root = document.documentElement;
  root.lang = settings.language === "zh" ? "zh-CN" : "en";
  root.dataset.theme = settings.theme;
  const alerting = ownStation()?.calls.find("alerting");
  const caller = alerting?.data?.customer ?? alerting?.parties[0];
  document.title = alerting ? `☎ ${caller ?? ""} · ${word("call_alerting")}` : word("title");
  const page = state.login && state.link !== "closed" ? html`<${Frame} />` : html`<${LogInForm} />`;
  render(html`${page}<${Dialogues} /><${Notices} />`, document.getElementById("console"));
}

/** Keys act outside of fields and without modifiers, so that nothing of the browser is taken away. */
function handleKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !state.login) return;
  if (event.target.closest("input, select, textarea")) return;
  const key = event.key.toLowerCase();
  if (state.dialogue?.action && ACTIONS[state.dialogue.action].reason && /^[0-9]$/.test(key)) {
    void perform(state.dialogue.action, key);
    return;
  }
  if (state.dialogue || !settings.keys) return;
  // A focused scroller takes the arrow keys.
  if (event.target.matches(".scroll") && event.key.startsWith("Arrow")) return;
  const own = PAGES[state.page]?.when() && PAGES[state.page].keys?.[event.key];
  // A focused button or slider takes its own keys first.
  if (own && !(event.target.closest("button") && (event.key === " " || event.key === "Enter"))) {
    void own();
    event.preventDefault();
    return;
  }
  const page = Object.keys(PAGES).find((name) => PAGES[name].key === key && PAGES[name].when());
  const action = actionOf(key);
  if (key === "?") change({ dialogue: { help: true } });
  else if (page) change({ page });
  else if (action) void perform(action);
  else return;
  event.preventDefault();
}

onChange(() => {
  const { page } = state;
  draw();
  // On a narrow screen the pages' names stand in a row that scrolls.
  if (page !== shownPage) document.querySelector(".tab[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  shownPage = page;
});
addEventListener("keydown", handleKey);
addEventListener("pagehide", keep);
restore();
draw();
// Times of calls and states go on.
setInterval(() => state.login && change(), 1000);
