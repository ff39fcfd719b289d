// Administration for those with the right: sections of the site's settings, and the event mode.
//
// Never: a section's own forms.

import { Flows } from "./flows.mjs";
import { Component, Refused, html, options } from "./parts.mjs";
import { LINES, QUEUES } from "./plant.mjs";
import { act, readFlows, readSettings, show, site } from "./site.mjs";
import { AGENTS, REASONS } from "./staff.mjs";
import { change } from "./state.mjs";
import { word } from "./words.mjs";

/**
 * The sections: `rows` with an `id`, their `cells` by head, `open` for a change of one, `add` for a new one; or a `view`
 * of its own. `read` asks the server.
 */
const SECTIONS = {
  agents: AGENTS,
  queues: QUEUES,
  reasons: REASONS,
  lines: LINES,
  flows: { view: Flows, read: readFlows, rows: () => site.flows, id: ({ flow }) => flow, open: () => {} },
};

const section = () => SECTIONS[site.section];

/** The chosen row of the open section: the first, until another is chosen. */
function chosenRow() {
  const { rows, id } = section();
  return rows().find((row) => id(row) === site.chosen[site.section]) ?? rows()[0];
}

const choose = (row) => row && show({ chosen: { ...site.chosen, [site.section]: section().id(row) } });

function move(step) {
  const rows = section().rows();
  choose(rows[Math.min(Math.max(rows.indexOf(chosenRow()) + step, 0), rows.length - 1)]);
}

function openSection(name) {
  show({ section: name });
  void SECTIONS[name].read();
}

function turn(step) {
  const names = Object.keys(SECTIONS);
  openSection(names[(names.indexOf(site.section) + step + names.length) % names.length]);
}

const canOpen = (row) => row && (section().canOpen?.(row) ?? true);
const openMode = () => site.modes.length > 0 && change({ dialogue: { title: "eventMode", view: ModeForm } });

/** Keys of the page. */
export const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  ArrowRight: () => turn(1),
  ArrowLeft: () => turn(-1),
  Enter: () => canOpen(chosenRow()) && section().open(chosenRow()),
  "+": () => section().add?.(),
  m: openMode,
};

const modeWord = (mode) => (mode === "normal" ? word("mode_normal") : mode);

/** The event mode to be put in force; the choice and its confirmation are two steps. */
function ModeForm({ dialogue }) {
  const submit = (event) => {
    event.preventDefault();
    const mode = new FormData(event.target).get("mode");
    if (dialogue.mode === mode) void act([["setEventMode", { mode }]]);
    else change({ dialogue: { ...dialogue, mode, refusal: null } });
  };
  const modes = options(site.modes.map((mode) => [mode, modeWord(mode)]), dialogue.mode ?? site.mode);
  return html`
    <form onSubmit=${submit}>
      <label>${word("eventMode")}<select name="mode">${modes}</select></label>
      ${dialogue.mode ? html`<p role="alert">${word("modeConfirm")} ${modeWord(dialogue.mode)}</p>` : null}
      <${Refused} dialogue=${dialogue} />
      <button class="main" data-action="setMode">${word(dialogue.mode ? "confirm" : "takeOverSetting")}</button>
    </form>
  `;
}

function Row({ row, of, kind }) {
  const id = of.id(row);
  const isChosen = row === chosenRow();
  const attributes = { [`data-${kind}`]: id };
  return html`
    <tr class=${isChosen ? "chosen" : ""} ...${attributes} onClick=${() => choose(row)}>
      <td><button class="link" aria-pressed=${isChosen} onClick=${() => choose(row)}>${id}</button></td>
      ${Object.entries(of.cells(row)).map(([name, value]) => html`<td key=${name} data-column=${name}>${value}</td>`)}
      <td class="end">
        ${canOpen(row)
          ? html`<button data-action="open" onClick=${() => of.open(row)}>${word(of.openWord?.(row) ?? "changeIt")}${isChosen ? html`<kbd>⏎</kbd>` : null}</button>`
          : null}
      </td>
    </tr>
  `;
}

function Rows({ of, kind }) {
  const rows = of.rows();
  if (rows.length === 0) return html`<p class="foot">${word(of.empty ?? "nothingHere")}</p>`;
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label=${word(site.section)}>
      <table>
        <thead><tr>${of.heads.map((name) => html`<th scope="col">${word(name)}</th>`)}<td></td></tr></thead>
        <tbody>${rows.map((row) => html`<${Row} key=${of.id(row)} row=${row} of=${of} kind=${kind} />`)}</tbody>
      </table>
    </div>
  `;
}

/** Names of rows in the page's text, by section. */
const KINDS = { agents: "agent", queues: "queue", reasons: "reason", lines: "line" };

/** The page. */
export class Admin extends Component {
  componentDidMount() {
    void readSettings();
    if (section().read !== readSettings) void section().read();
  }

  render() {
    const of = section();
    return html`
      <main class="admin">
        <section class="panel line" aria-label=${word("eventMode")}>
          <h2>${word("eventMode")}</h2>
          <span class=${`badge ${site.mode === "normal" ? "ready" : "alerting"}`} data-mode=${site.mode}>${modeWord(site.mode)}</span>
          <span class="grow"></span>
          <button data-action="eventMode" disabled=${site.modes.length === 0} onClick=${openMode}>${word("changeMode")}<kbd>M</kbd></button>
        </section>
        <section class="panel" aria-label=${word(site.section)}>
          <header class="line sections">
            ${Object.keys(SECTIONS).map(
              (name) => html`<button key=${name} data-section=${name} aria-pressed=${name === site.section} onClick=${() => openSection(name)}>${word(name)}</button>`,
            )}
            <kbd>←</kbd><kbd>→</kbd>
            <span class="grow"></span>
            ${of.add ? html`<button class="main" data-action="add" onClick=${of.add}>${word("add")}<kbd>+</kbd></button>` : null}
          </header>
          ${of.view ? html`<${of.view} />` : html`<${Rows} of=${of} kind=${KINDS[site.section]} />`}
        </section>
      </main>
    `;
  }
}
