// The supervisor's page: agents and their calls, and the services of supervision for the chosen one.
//
// Never: a request of its own; all go through the table of actions.

import { ACTIONS } from "./actions.mjs";
import { showFloor } from "./centre.mjs";
import { ActionButton } from "./desk.mjs";
import { Badge, Component, Since, html, reasonWord, shownState } from "./parts.mjs";
import { change, state } from "./state.mjs";
import { word } from "./words.mjs";

const NAMES = Object.keys(ACTIONS).filter((name) => ACTIONS[name].group === "supervise");

/** Keys of the page. */
export const KEYS = { ArrowDown: () => choose(1), ArrowUp: () => choose(-1) };

/** Moves the choice by a step among the stations. */
function choose(step) {
  const all = [...state.stations.keys()];
  const at = all.indexOf(state.selected);
  change({ selected: all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)] ?? "" });
}

function Row({ station }) {
  const { device, agent, calls } = station;
  const shown = shownState(station);
  const [call] = calls.list;
  const isChosen = device === state.selected;
  return html`
    <tr class=${isChosen ? "chosen" : ""} onClick=${() => change({ selected: device })}>
      <td>
        <button class="link" aria-pressed=${isChosen} onClick=${() => change({ selected: device })}>
          ${agent || "–"}
        </button>
      </td>
      <td>${device}</td>
      <td>
        <${Badge} state=${shown} /> ${station.reason && shown === "notReady" ? reasonWord(station.reason) : ""}
      </td>
      <td><${Since} at=${call?.since ?? station.agentSince} /></td>
      <td>${call ? (call.data?.customer ?? "") : ""}</td>
      <td>${call ? (call.data?.caller ?? call.parties[0] ?? "") : ""}</td>
    </tr>
  `;
}

/** Callers who wait, by queue, the longest first. */
function Waiting() {
  const rows = [...state.queues.values()].flatMap(({ device, calls }) =>
    calls.list.filter((call) => call.state === "queued").map((call) => ({ device, call })),
  );
  if (rows.length === 0) return null;
  rows.sort((one, other) => one.call.since - other.call.since);
  return html`
    <table aria-label=${word("waiting")}>
      <tbody>
        ${rows.slice(0, 20).map(
          ({ device, call }) => html`
            <tr key=${`${device} ${call.callID}`} data-waiting=${call.callID}>
              <td>${word("queue")} ${device}</td>
              <td><${Since} at=${call.since} /></td>
              <td>${call.data?.customer ?? ""}</td>
              <td>${call.data?.caller ?? call.parties[0] ?? ""}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

/** The page; monitors everything while it is open. */
export class Supervisor extends Component {
  componentDidMount() {
    showFloor();
  }

  render() {
    const heads = ["agent", "station", "state", "time", "customer", "number"];
    return html`
      <main class="supervisor">
        <section class="panel" aria-label=${word("agents")}>
          <table>
            <thead><tr>${heads.map((name) => html`<th scope="col">${word(name)}</th>`)}</tr></thead>
            <tbody>
              ${[...state.stations.values()].map((station) => html`<${Row} key=${station.device} station=${station} />`)}
            </tbody>
          </table>
        </section>
        <section class="panel" aria-label=${word("supervisor")}>
          <${Waiting} />
          <p class="foot">${state.selected ? `${word("station")} ${state.selected}` : word("choose")}</p>
          <div class="actions">${NAMES.map((name) => html`<${ActionButton} key=${name} name=${name} />`)}</div>
        </section>
      </main>
    `;
  }
}
