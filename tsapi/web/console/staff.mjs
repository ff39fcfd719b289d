// Sections of administration about people: agents with their queues, skills and PINs, and the reasons of not ready.
//
// Never: a PIN that is kept, here or in a field that the browser remembers.

import { Refused, html } from "./parts.mjs";
import { act, readSettings, site, skillsOf, skillsText } from "./site.mjs";
import { change } from "./state.mjs";
import { word } from "./words.mjs";

function AgentForm({ dialogue }) {
  const { agent, isNew } = dialogue;
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const text = (name) => form.get(name).trim();
    const setting = { agent: isNew ? text("agent") : agent.agent, name: text("name"), queues: form.getAll("queue"), skills: skillsOf(text("skills")) };
    const pin = text("pin");
    if (isNew) void act([["addAgent", { setting, pin }]]);
    else void act([["setAgent", { setting }], ...(pin ? [["setPin", { agent: agent.agent, pin }]] : [])]);
  };
  return html`
    <form onSubmit=${submit}>
      ${isNew ? html`<label>${word("agent")}<input name="agent" required maxlength="31" inputmode="numeric" autocomplete="off" /></label>` : null}
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
      <label>
        ${word(isNew ? "pin" : "otherPin")}
        <input name="pin" type="password" required=${isNew} maxlength="31" autocomplete="new-password" aria-describedby="pin-hint" />
      </label>
      <p class="soft" id="pin-hint">${word("pinHint")}</p>
      <${Refused} dialogue=${dialogue} />
      <button class="main" data-action="saveAgent">${word("takeOverSetting")}</button>
    </form>
  `;
}

/** Agents. */
export const AGENTS = {
  heads: ["agent", "name", "queues", "skills"],
  rows: () => site.agents,
  id: ({ agent }) => agent,
  cells: ({ name, queues, skills }) => ({ name, queues: queues.join(", "), skills: skillsText(skills) }),
  read: readSettings,
  open: (agent) => change({ dialogue: { title: "changeAgent", view: AgentForm, agent } }),
  add: () => change({ dialogue: { title: "newAgent", view: AgentForm, agent: { name: "", queues: [], skills: {} }, isNew: true } }),
};

function ReasonForm({ dialogue }) {
  const { reason } = dialogue;
  const others = site.reasons.filter(({ code }) => code !== reason.code);
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const minutes = form.get("limit").trim();
    const limitS = minutes === "" ? undefined : Math.round(Number(minutes) * 60);
    const changed = { code: Number(form.get("code")), name: form.get("name").trim(), limitS };
    void act([["setReasons", { reasons: [...others, changed].sort((one, other) => one.code - other.code) }]]);
  };
  const remove = () => void act([["setReasons", { reasons: others }]]);
  return html`
    <form onSubmit=${submit}>
      <label>${word("code")}<input name="code" type="number" min="1" max="99" required defaultValue=${reason.code ?? ""} /></label>
      <label>${word("reason")}<input name="name" required maxlength="60" defaultValue=${reason.name} autocomplete="off" /></label>
      <label>${word("limitMinutes")}<input name="limit" type="number" min="0" step="any" defaultValue=${reason.limitS ? reason.limitS / 60 : ""} /></label>
      <${Refused} dialogue=${dialogue} />
      <button class="main" data-action="saveReason">${word("takeOverSetting")}</button>
      ${reason.code ? html`<button type="button" data-action="removeReason" onClick=${remove}>${word("removeReason")}</button>` : null}
    </form>
  `;
}

/** Reasons of not ready. */
export const REASONS = {
  heads: ["code", "reason", "limitMinutes"],
  rows: () => site.reasons,
  id: ({ code }) => String(code),
  cells: ({ name, limitS }) => ({ reason: name, limitMinutes: limitS ? limitS / 60 : word("noLimit") }),
  read: readSettings,
  open: (reason) => change({ dialogue: { title: "changeReason", view: ReasonForm, reason } }),
  add: () => change({ dialogue: { title: "newReason", view: ReasonForm, reason: { name: "" } } }),
  empty: "noReasons",
};
