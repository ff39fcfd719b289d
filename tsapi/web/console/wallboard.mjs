// The wallboard: queues, agents by state, lines; large enough for a wall.
//
// Never: a request that changes anything.

import { IN_TIME_MS, showFloor } from "./centre.mjs";
import { Charts } from "./charts.mjs";
import { SAMPLE_MS, sample } from "./history.mjs";
import { Badge, Component, duration, html, shownState } from "./parts.mjs";
import { RunningShifts } from "./shifts.mjs";
import { state } from "./state.mjs";
import { word } from "./words.mjs";

/** Shares of calls in time from which a figure is good, and below which it is bad. */
const [GOOD, BAD] = [0.8, 0.6];

const AGENT_STATES = ["ready", "alerting", "talking", "workNotReady", "workReady", "notReady", "null"];

/** A figure with its name. */
const Figure = ({ name, value, tone = "" }) => html`
  <div class=${`figure ${tone}`} data-figure=${name}><dt>${word(name)}</dt><dd>${value}</dd></div>
`;

function QueuePanel({ queue }) {
  const waiting = queue.calls.list.filter((call) => call.state === "queued");
  const longest = waiting.length > 0 ? Date.now() - Math.min(...waiting.map((call) => call.since)) : 0;
  const share = queue.serviceLevel;
  const tone = share === null ? "" : share >= GOOD ? "good" : share < BAD ? "bad" : "fair";
  return html`
    <section class="panel" aria-label=${`${word("queue")} ${queue.device}`}>
      <h2>${word("queue")} ${queue.device} ${queue.name ?? ""}</h2>
      <dl class="figures">
        <${Figure} name="waiting" value=${queue.waiting} tone=${queue.waiting > queue.available ? "fair" : ""} />
        <${Figure} name="longestWait" value=${duration(longest)} tone=${longest > IN_TIME_MS ? "bad" : ""} />
        <${Figure} name="serviceLevel" value=${share === null ? "–" : `${Math.round(share * 100)}\u00a0%`} tone=${tone} />
        <${Figure} name="offered" value=${queue.offered} />
        <${Figure} name="answered" value=${queue.answered} />
        <${Figure} name="abandoned" value=${queue.abandoned} />
        <${Figure} name="available" value=${queue.available} />
        <${Figure} name="loggedIn" value=${queue.loggedIn} />
      </dl>
    </section>
  `;
}

function AgentStates() {
  const counts = new Map();
  for (const station of state.stations.values()) {
    const shown = shownState(station);
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  return html`
    <section class="panel" aria-label=${word("agents")}>
      <h2>${word("agents")}</h2>
      <ul class="counts">
        ${AGENT_STATES.filter((name) => counts.has(name)).map(
          (name) => html`<li key=${name}><${Badge} state=${name} /><b>${counts.get(name)}</b></li>`,
        )}
      </ul>
    </section>
  `;
}

const trunkState = ({ inService, calls }) => (!inService ? "out" : calls.list.length > 0 ? "busy" : "idle");

function Trunks() {
  if (state.trunks.size === 0) return null;
  return html`
    <section class="panel" aria-label=${word("trunks")}>
      <h2>${word("trunks")}</h2>
      <ul class="trunks">
        ${[...state.trunks.values()].map((trunk) => {
          const name = trunkState(trunk);
          return html`<li key=${trunk.device} class=${name}><b>${trunk.device}</b> ${word(`trunk_${name}`)}</li>`;
        })}
      </ul>
    </section>
  `;
}

/** The wallboard; monitors everything while it is open. */
export class Wallboard extends Component {
  componentDidMount() {
    showFloor();
    sample(Date.now());
    this.sampler = setInterval(() => sample(Date.now()), SAMPLE_MS);
  }

  componentWillUnmount() {
    clearInterval(this.sampler);
  }

  render() {
    return html`
      <main class="wallboard">
        ${[...state.queues.values()].map((queue) => html`<${QueuePanel} key=${queue.device} queue=${queue} />`)}
        <${RunningShifts} />
        <div class="row"><${AgentStates} /><${Trunks} /></div>
        <${Charts} />
        <p class="foot">${word("figuresOfToday")}</p>
      </main>
    `;
  }
}
