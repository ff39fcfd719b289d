// The scoring form of a recording, drawn from the form as data, and the scores it has, with appeals and calibration.
//
// Never: points computed here.

import { session } from "./centre.mjs";
import { Component, html, timeOfDay } from "./parts.mjs";
import { notice } from "./state.mjs";
import { isWord, sentence, word } from "./words.mjs";

/** States into which a score can be brought, by the state in which it is. */
const STEPS = { standing: ["appealed", "withdrawn"], appealed: ["confirmed", "withdrawn"], confirmed: ["appealed"] };

const answerWord = (answer) => (isWord(`answer_${answer}`) ? word(`answer_${answer}`) : answer);
const percent = ({ points, possible }) => (possible > 0 ? (points / possible) * 100 : 0);

function Question({ question: { id, text, answers, usual } }) {
  return html`
    <fieldset class="question">
      <legend><b>${id}</b> ${text}</legend>
      ${answers.map(
        (answer) => html`
          <label class="check">
            <input type="radio" name=${`q_${id}`} value=${answer} defaultChecked=${answer === usual} required />
            ${answerWord(answer)}
          </label>
        `,
      )}
    </fieldset>
  `;
}

function Form({ form, isBusy, onSubmit }) {
  return html`
    <form class="score" onSubmit=${onSubmit}>
      ${form.sections.map(
        ({ title, points, questions }) => html`
          <section key=${title} aria-label=${title}>
            <h3>${title} (${points})</h3>
            ${questions.map((question) => html`<${Question} key=${question.id} question=${question} />`)}
          </section>
        `,
      )}
      <section aria-label=${word("fatal")}>
        <h3>${word("fatal")}</h3>
        ${form.fatal.map((question) => html`<${Question} key=${question.id} question=${question} />`)}
      </section>
      <label>${word("note")}<input name="remark" maxlength="500" autocomplete="off" /></label>
      <label class="check"><input type="checkbox" name="calibration" />${word("forCalibration")}</label>
      <button class="main" data-action="saveScore" disabled=${isBusy}>${word("saveScore")}</button>
    </form>
  `;
}

/** Mean and spread of the calibrations, as `tipring quality calibration` has them. */
function Calibration({ scores }) {
  const shares = scores.filter(({ kind, state }) => kind === "calibration" && state !== "withdrawn").map(percent);
  if (shares.length < 2) return null;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const spread = Math.max(...shares) - Math.min(...shares);
  return html`<p>${word("calibrationMean")} ${mean.toFixed(1)} %, ${word("calibrationSpread")} ${spread.toFixed(1)}</p>`;
}

/** The scores of the opened recording, and the form for another one. */
export class Scoring extends Component {
  state = { form: "", isBusy: false, step: null };

  async carryOut(request, members) {
    this.setState({ isBusy: true });
    try {
      const reply = await session.records(request, members);
      await this.props.saved();
      return reply;
    } catch (refusal) {
      notice(sentence(refusal), "error");
      return null;
    } finally {
      this.setState({ isBusy: false });
    }
  }

  async save(event, form) {
    event.preventDefault();
    const element = event.target;
    const data = new FormData(element);
    const answers = Object.fromEntries(
      [...data].filter(([name]) => name.startsWith("q_")).map(([name, value]) => [name.slice(2), value]),
    );
    const { recording } = this.props.quality.opened;
    const members = { recording, form: form.title, answers, remark: data.get("remark").trim() };
    const reply = await this.carryOut("scoreRecording", { ...members, calibration: data.has("calibration") });
    if (!reply) return;
    element.reset();
    notice(`${word("saved")}: ${reply.points} / ${reply.possible}${reply.fatal ? `, ${reply.fatal}` : ""}`);
  }

  async step(event, { score, state: to }) {
    event.preventDefault();
    const reason = new FormData(event.target).get("reason").trim();
    if (await this.carryOut("stepScore", { score, state: to, reason })) this.setState({ step: null });
  }

  score(score) {
    const { step } = this.state;
    const buttons = (STEPS[score.state] ?? []).map(
      (to) => html`
        <button data-step=${to} onClick=${() => this.setState({ step: { score: score.score, state: to } })}>
          ${word(`step_${to}`)}
        </button>
      `,
    );
    const asked = step?.score === score.score;
    return html`
      <li key=${score.score} data-score=${score.score}>
        <p>
          <b>${score.points} / ${score.possible}</b> ${score.inspector}, ${timeOfDay(score.atMs)}, ${score.form},${" "}
          ${word(`kind_${score.kind}`)}, ${word(`score_${score.state}`)}
          ${score.fatal ? html` <span class="badge notReady">${score.fatal}</span>` : null}
        </p>
        ${score.remark ? html`<p class="foot">${score.remark}</p>` : null}
        ${score.steps.map(
          ({ state: to, user, reason, atMs }) =>
            html`<p class="foot">${timeOfDay(atMs)} ${word(`score_${to}`)}, ${user}: ${reason}</p>`,
        )}
        <div class="actions">${buttons}</div>
        ${asked
          ? html`
              <form class="filter" onSubmit=${(event) => this.step(event, step)}>
                <label>${word("remark")}<input name="reason" required maxlength="200" autocomplete="off" /></label>
                <button class="main" disabled=${this.state.isBusy}>${word(`step_${step.state}`)}</button>
              </form>
            `
          : null}
      </li>
    `;
  }

  render({ quality: { forms, scores } }) {
    const form = forms.find(({ title }) => title === this.state.form) ?? forms[0];
    return html`
      ${scores.length > 0
        ? html`
            <section class="panel" aria-label=${word("scores")}>
              <h2>${word("scores")}</h2>
              <ul class="scores">${scores.map((score) => this.score(score))}</ul>
              <${Calibration} scores=${scores} />
            </section>
          `
        : null}
      <section class="panel" aria-label=${word("form")}>
        <h2>${word("form")} ${form?.title ?? ""}</h2>
        ${forms.length > 1
          ? html`
              <label>
                ${word("form")}
                <select onChange=${(event) => this.setState({ form: event.target.value })}>
                  ${forms.map(({ title }) => html`<option selected=${title === form.title}>${title}</option>`)}
                </select>
              </label>
            `
          : null}
        ${form
          ? html`<${Form} key=${form.title} form=${form} isBusy=${this.state.isBusy} onSubmit=${(event) => this.save(event, form)} />`
          : html`<p class="foot">${word("noForms")}</p>`}
      </section>
    `;
  }
}
