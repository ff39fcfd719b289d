// Administration: agents with their names, queues and skills, and the event mode, for those with the right.
//
// Never: a setting that the server has not checked; a refusal stands in the dialogue, with file and line.

import { session } from "./centre.mjs";
import { Component, html } from "./parts.mjs";
import { change, notice, state } from "./state.mjs";
import { sentence, word } from "./words.mjs";

/** The settings as they are written, and the chosen agent. */
const site = { agents: [], queues: [], modes: [], mode: "", selected: "" };

const show = (members) => {
  Object.assign(site, members);
  change();
};

async function read() {
  try {
    const { agents, queues, modes, mode } = await session.records("readSettings");
    const selected = site.selected || agents[0]?.agent || "";
    show({ agents, queues, modes, mode, selected });
  } catch (refusal) {
    notice(sentence(refusal), "error");
  }
}

/** Sends a change. Done, it closes the dialogue and the settings are read anew; refused, the dialogue says why. */
async function act(request, members) {
  try {
    await session.records(request, members);
    change({ dialogue: null });
    notice(word("inForce"));
    await read();
  } catch (refusal) {
    change({ dialogue: state.dialogue && { ...state.dialogue, refusal: refusal.why ?? sentence(refusal) } });
  }
}

const choose = (step) => {
  const at = site.agents.findIndex(({ agent }) => agent === site.selected);
  const next = Math.min(Math.max(at + step, 0), site.agents.length - 1);
  show({ selected: site.agents[next]?.agent ?? "" });
};

const openAgent = (agent) => agent && change({ dialogue: { title: "changeAgent", view: AgentForm, agent } });
const openMode = () => site.modes.length > 0 && change({ dialogue: { title: "eventMode", view: ModeForm } });

/** Keys of the page. */
export const KEYS = {
  ArrowDown: () => choose(1),
  ArrowUp: () => choose(-1),
  Enter: () => openAgent(site.agents.find(({ agent }) => agent === site.selected)),
  m: openMode,
};

const skillsText = (skills) => Object.entries(skills).map(([name, level]) => `${name} ${level}`).join(", ");

/** Skills of a text such as `cantonese 5, billing 2`; a level that is no number is left to the server to refuse. */
const skillsOf = (text) =>
  Object.fromEntries(
    text.split(/[,,、]/).map((each) => each.trim().split(/[\s=]+/)).filter(([name]) => name).map(([name, level]) => [name, Number(level ?? 1)]),
  );

const Refused = ({ dialogue: { refusal } }) => (refusal ? html`<p class="error" role="alert">${refusal}</p>` : null);

function AgentForm({ dialogue }) {
  const { agent } = dialogue;
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const text = (name) => form.get(name).trim();
    const setting = { agent: agent.agent, name: text("name"), queues: form.getAll("queue"), skills: skillsOf(text("skills")) };
    void act("setAgent", { setting });
  };
  return html`
    <form onSubmit=${submit}>
      <label>${word("name")}<input name="name" defaultValue=${agent.name} maxlength="60" autocomplete="off" /></label>
      <fieldset class="choices">
        <legend>${word("queues")}</legend>
        ${site.queues.map(
          ({ queue, name }) => html`
            <label class="check">
              <input type="checkbox" name="queue" value=${queue} defaultChecked=${agent.queues.includes(queue)} />${queue} ${name}
            </label>
          `,
        )}
      </fieldset>
      <label>${word("skills")}<input name="skills" defaultValue=${skillsText(agent.skills)} placeholder="cantonese 5, billing 2" autocomplete="off" /></label>
      <${Refused} dialogue=${dialogue} />
      <button class="main" data-action="saveAgent">${word("takeOverSetting")}</button>
    </form>
  `;
}

const modeWord = (mode) => (mode === "normal" ? word("mode_normal") : mode);

/** The event mode to be put in force; the choice and its confirmation are two steps. */
function ModeForm({ dialogue }) {
  const submit = (event) => {
    event.preventDefault();
    const mode = new FormData(event.target).get("mode");
    if (dialogue.mode === mode) void act("setEventMode", { mode });
    else change({ dialogue: { ...dialogue, mode, refusal: null } });
  };
  const options = site.modes.map((mode) => html`<option value=${mode} selected=${mode === (dialogue.mode ?? site.mode)}>${modeWord(mode)}</option>`);
  return html`
    <form onSubmit=${submit}>
      <label>${word("eventMode")}<select name="mode">${options}</select></label>
      ${dialogue.mode ? html`<p role="alert">${word("modeConfirm")} ${modeWord(dialogue.mode)}</p>` : null}
      <${Refused} dialogue=${dialogue} />
      <button class="main" data-action="setMode">${word(dialogue.mode ? "confirm" : "takeOverSetting")}</button>
    </form>
  `;
}

function Row({ agent }) {
  const isChosen = agent.agent === site.selected;
  const chosen = () => show({ selected: agent.agent });
  return html`
    <tr class=${isChosen ? "chosen" : ""} data-agent=${agent.agent} onClick=${chosen}>
      <td><button class="link" aria-pressed=${isChosen} onClick=${chosen}>${agent.agent}</button></td>
      <td>${agent.name}</td>
      <td data-column="queues">${agent.queues.join(", ")}</td>
      <td data-column="skills">${skillsText(agent.skills)}</td>
      <td><button data-action="changeAgent" onClick=${() => openAgent(agent)}>${word("changeAgent")}${isChosen ? html`<kbd>⏎</kbd>` : null}</button></td>
    </tr>
  `;
}

/** The page. */
export class Admin extends Component {
  componentDidMount() {
    void read();
  }

  render() {
    const heads = ["agent", "name", "queues", "skills", "changeAgent"];
    return html`
      <main class="admin">
        <section class="panel line" aria-label=${word("eventMode")}>
          <h2>${word("eventMode")}</h2>
          <span class=${`badge ${site.mode === "normal" ? "ready" : "alerting"}`} data-mode=${site.mode}>${modeWord(site.mode)}</span>
          <span class="grow"></span>
          <button data-action="eventMode" disabled=${site.modes.length === 0} onClick=${openMode}>${word("changeMode")}<kbd>M</kbd></button>
        </section>
        <section class="panel" aria-label=${word("agents")}>
          <h2>${word("agents")}</h2>
          <table>
            <thead><tr>${heads.map((name) => html`<th scope="col">${word(name)}</th>`)}</tr></thead>
            <tbody>${site.agents.map((agent) => html`<${Row} key=${agent.agent} agent=${agent} />`)}</tbody>
          </table>
        </section>
      </main>
    `;
  }
}
