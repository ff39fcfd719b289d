// Shifts: who leads those that run, and, for the team leader, who is to lead them and those to come.
//
// Never: a rule of shifts; the site refuses what cannot be.

import { session } from "./centre.mjs";
import { Reader, html, timeOfDay } from "./parts.mjs";
import { change, notice } from "./state.mjs";
import { sentence, word } from "./words.mjs";

const PLACES = ["principal", "deputy"];

const roster = { shifts: [], agents: [] };

async function read() {
  try {
    const { shifts, agents } = await session.records("listShifts");
    Object.assign(roster, { shifts, agents });
    change();
  } catch (refusal) {
    // A wallboard without the right shows none.
    if (refusal.failure !== "noLink" && refusal.failure !== "securityViolation") notice(sentence(refusal), "error");
  }
}

async function lead({ shift, beginMs }, place, agent) {
  try {
    await session.records("leadShift", { shift, beginMs, [place]: agent });
  } catch (refusal) {
    notice(sentence(refusal), "error");
  }
  void read();
}

/** A person in a place, as a word. */
function Leader({ place, of }) {
  const tone = of.signedIn ? "good" : "bad";
  return html`
    <span class=${tone} data-leader=${place}>
      ${word(`shift_${place}`)} ${of.agent ? `${of.agent} ${of.name}` : word("notNamed")}
      ${of.agent && !of.signedIn ? ` (${word("notSignedIn")})` : null}
    </span>
  `;
}

const hours = ({ beginMs, endMs }) => `${timeOfDay(beginMs).slice(0, 5)}–${timeOfDay(endMs).slice(0, 5)}`;
const runs = ({ beginMs, endMs }) => beginMs <= Date.now() && Date.now() < endMs;

/** The shifts that run; nothing for a site without. */
export function RunningShifts() {
  const running = roster.shifts.filter(runs);
  return html`
    <${Reader} read=${read} repeats>
      ${running.length === 0
        ? null
        : html`<section class="panel" aria-label=${word("shifts")}>
            <h2>${word("shifts")}</h2>
            ${running.map(
              (shift) => html`
                <p key=${shift.shift} data-shift=${shift.shift}>
                  <b>${shift.shift}</b> ${hours(shift)}${" "}
                  ${PLACES.map((place) => html`<${Leader} place=${place} of=${shift[place]} />${" "}`)}
                </p>
              `,
            )}
          </section>`}
    <//>
  `;
}

/** The shifts of a day, with the people who lead them to be chosen. */
export function Shifts() {
  const choice = (shift, place) => html`
    <select aria-label=${`${shift.shift} ${word(`shift_${place}`)}`} data-place=${place}
      onChange=${({ target }) => target.value && void lead(shift, place, target.value)}>
      <option value="" selected=${shift[place].agent === ""}>${word("notNamed")}</option>
      ${roster.agents.map((agent) => html`<option value=${agent} selected=${agent === shift[place].agent}>${agent}</option>`)}
    </select>
  `;
  return html`
    <${Reader} read=${read} repeats>
      ${roster.shifts.length === 0
        ? null
        : html`<section class="panel" aria-label=${word("shifts")}>
            <h2>${word("shifts")}</h2>
            <table>
              <thead>
                <tr>${["shift", "hours", ...PLACES.map((place) => `shift_${place}`)].map((name) => html`<th scope="col">${word(name)}</th>`)}</tr>
              </thead>
              <tbody>
                ${roster.shifts.map(
                  (shift) => html`
                    <tr key=${`${shift.shift} ${shift.beginMs}`} data-shift=${shift.shift}>
                      <th scope="row">${shift.shift}</th>
                      <td>${hours(shift)}</td>
                      ${PLACES.map((place) => html`<td>${choice(shift, place)} ${runs(shift) ? html`<${Leader} place=${place} of=${shift[place]} />` : null}</td>`)}
                    </tr>
                  `,
                )}
              </tbody>
            </table>
          </section>`}
    <//>
  `;
}
