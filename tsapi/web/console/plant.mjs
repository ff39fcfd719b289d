// Sections of administration about queues and lines.
//
// Never: a rule of a queue; the server names the strategies there are, and checks what is set.

import { Refused, html, options } from "./parts.mjs";
import { act, readLines, readSettings, site, skillsOf, skillsText } from "./site.mjs";
import { change } from "./state.mjs";
import { word } from "./words.mjs";

/** Limits of a queue in seconds: those that may be left out are none then. */
const LIMITS = ["alertS", "afterCallWorkS", "retryS", "importanceS", "longestWaitS"];

function QueueForm({ dialogue }) {
  const { queue } = dialogue;
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const text = (name) => form.get(name).trim();
    const limits = LIMITS.map((name) => [name, text(name) === "" ? undefined : Number(text(name))]);
    const setting = {
      queue: queue.queue,
      name: text("name"),
      strategy: text("strategy"),
      bySkill: text("bySkill") || undefined,
      skills: skillsOf(text("skills")),
      ...Object.fromEntries(limits),
    };
    void act([["setQueue", { setting }]]);
  };
  const skills = [...new Set([...site.agents, ...site.queues].flatMap((each) => Object.keys(each.skills)))].sort();
  return html`
    <form class="two" onSubmit=${submit}>
      <label class="wide">${word("name")}<input name="name" required defaultValue=${queue.name} maxlength="60" autocomplete="off" /></label>
      <label>
        ${word("strategy")}
        <select name="strategy">${options(site.strategies.map((name) => [name, word(`strategy_${name}`)]), queue.strategy)}</select>
      </label>
      <label>${word("bySkill")}<input name="bySkill" list="skill-names" defaultValue=${queue.bySkill ?? ""} autocomplete="off" /></label>
      <datalist id="skill-names">${skills.map((name) => html`<option value=${name} />`)}</datalist>
      ${LIMITS.map(
        (name) => html`
          <label>
            ${word(name)}
            <input
              name=${name}
              type="number"
              min="0"
              step="1"
              required=${name !== "longestWaitS"}
              placeholder=${name === "longestWaitS" ? word("noLimit") : ""}
              defaultValue=${queue[name] ?? ""}
            />
          </label>
        `,
      )}
      <label>${word("neededSkills")}<input name="skills" defaultValue=${skillsText(queue.skills)} placeholder="cantonese 3" autocomplete="off" /></label>
      <${Refused} dialogue=${dialogue} />
      <button class="main wide" data-action="saveQueue">${word("takeOverSetting")}</button>
    </form>
  `;
}

/** Queues. */
export const QUEUES = {
  heads: ["queue", "name", "strategy", "alertS", "afterCallWorkS", "longestWaitS", "neededSkills"],
  rows: () => site.queues,
  id: ({ queue }) => queue,
  cells: ({ name, strategy, alertS, afterCallWorkS, longestWaitS, skills }) => ({
    name,
    strategy: word(`strategy_${strategy}`),
    alertS,
    afterCallWorkS,
    longestWaitS: longestWaitS ?? word("noLimit"),
    neededSkills: skillsText(skills),
  }),
  read: readSettings,
  open: (queue) => change({ dialogue: { title: "changeQueue", view: QueueForm, queue } }),
};

const stateOf = ({ inService, blocked }) => (!inService ? "line_out" : blocked ? "line_blocked" : "line_in");

function LineForm({ dialogue }) {
  const { line } = dialogue;
  const submit = (event) => {
    event.preventDefault();
    void act([["blockTrunk", { trunk: line.device, blocked: !line.blocked }]], readLines);
  };
  return html`
    <form onSubmit=${submit}>
      <p>${line.device}${line.number ? ` · ${line.number}` : ""} · ${word(stateOf(line))}</p>
      <p>${word(line.blocked ? "unblockAsk" : "blockAsk")}</p>
      <${Refused} dialogue=${dialogue} />
      <button class="main choice" data-action="saveLine">${word(line.blocked ? "unblock" : "block")}</button>
    </form>
  `;
}

/** Lines: trunks and stations. */
export const LINES = {
  heads: ["line", "kind", "port", "number", "state"],
  rows: () => site.lines,
  id: ({ device }) => device,
  cells: (line) => ({
    kind: word(`line_${line.kind}`),
    port: line.port,
    number: line.number ?? "",
    state: html`<span class=${`badge ${stateOf(line) === "line_in" ? "ready" : stateOf(line) === "line_out" ? "notReady" : "alerting"}`}>${word(stateOf(line))}</span>`,
  }),
  read: readLines,
  canOpen: ({ kind }) => kind === "trunk",
  open: (line) => change({ dialogue: { title: line.blocked ? "unblock" : "block", view: LineForm, line } }),
  openWord: ({ blocked }) => (blocked ? "unblock" : "block"),
};
