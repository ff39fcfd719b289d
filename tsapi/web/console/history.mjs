// Figures over time: a sample of the state every few seconds while all devices are monitored, for the last hour.
//
// Never: a figure that the state does not hold; a request, a page.

import { shownState } from "./parts.mjs";
import { state } from "./state.mjs";

/** Interval of samples in ms, and their number: an hour. */
export const SAMPLE_MS = 5000;
const SAMPLES = 720;

/** Times of the samples in s since 1970, and values by the name of a series; a series may begin later than others. */
export const history = { times: [], series: new Map() };

/** Groups of agents' states, as a wall shows them. */
const GROUPS = {
  ready: ["ready"],
  talking: ["talking", "alerting"],
  work: ["workNotReady", "workReady"],
  notReady: ["notReady"],
};

/** Every value of the present moment, by the name of its series. */
function* values() {
  for (const { device, waiting, serviceLevel } of state.queues.values()) {
    yield [`waiting ${device}`, waiting];
    yield [`serviceLevel ${device}`, serviceLevel === null ? null : Math.round(serviceLevel * 100)];
  }
  const shown = [...state.stations.values()].map(shownState);
  for (const [group, states] of Object.entries(GROUPS)) {
    yield [`agents ${group}`, shown.filter((name) => states.includes(name)).length];
  }
  const trunks = [...state.trunks.values()];
  yield ["trunks busy", trunks.filter(({ inService, calls }) => inService && calls.list.length > 0).length];
  yield ["trunks out", trunks.filter(({ inService }) => !inService).length];
}

/** Takes a sample at a time in ms. While the socket is lost there is nothing to sample, and the lines have a gap. */
export function sample(now) {
  const { times, series } = history;
  times.push(now / 1000);
  const present = new Map(state.link === "open" ? values() : []);
  for (const name of present.keys()) {
    if (!series.has(name)) series.set(name, new Array(times.length - 1).fill(null));
  }
  for (const [name, list] of series) list.push(present.get(name) ?? null);
  if (times.length > SAMPLES) for (const list of [times, ...series.values()]) list.shift();
}
