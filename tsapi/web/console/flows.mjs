// Flows as pictures: nodes in columns by their distance from the begin, and their exits.
//
// Never: a flow that is not in force; a change of one.

import { html } from "./parts.mjs";
import { site, show } from "./site.mjs";
import { isWord, word } from "./words.mjs";

/** Sizes in units of the picture: about pixels. */
const WIDTH = 156;
const LINE = 18;
const GAP = { across: 108, down: 18 };
const MARGIN = 16;
/** Most characters of a node's text, and of a way's label. */
const TEXT_MAX = 20;
const LABEL_MAX = 15;

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const kindWord = (kind) => (isWord(`node_${kind}`) ? word(`node_${kind}`) : kind);
const wayWord = (label) => (isWord(`way_${label}`) ? word(`way_${label}`) : label);

/** The ways of a node, one for each next node, with all its labels. */
function waysOf({ ways }) {
  const byNext = new Map();
  for (const { label, to } of ways) byNext.set(to, [...(byNext.get(to) ?? []), wayWord(label)]);
  return [...byNext].map(([to, labels]) => ({ to, label: labels.join(", ") }));
}

/**
 * The column of each node, in the order in which they are met: as far from the begin as any way goes, without those that
 * lead back; nodes that no way leads to come last.
 */
function columnsOf(nodes) {
  const known = new Map(nodes.map((node) => [node.node, node]));
  const column = new Map();
  const open = new Set();
  const forward = new Map();
  const done = [];
  const visit = (name) => {
    column.set(name, 0);
    open.add(name);
    const next = [...new Set(known.get(name).ways.map(({ to }) => to))].filter((to) => known.has(to) && !open.has(to));
    forward.set(name, next);
    for (const to of next) if (!column.has(to)) visit(to);
    open.delete(name);
    done.unshift(name);
  };
  if (nodes.length > 0) visit(nodes[0].node);
  for (const name of done) for (const to of forward.get(name)) column.set(to, Math.max(column.get(to), column.get(name) + 1));
  const last = Math.max(0, ...column.values()) + 1;
  for (const { node } of nodes) if (!column.has(node)) column.set(node, last);
  return column;
}

/** Places of the nodes: corner, height and the starts of their ways; the size of the whole. */
function layout(nodes) {
  const columns = columnsOf(nodes);
  const places = new Map();
  const bottom = [];
  const byName = new Map(nodes.map((node) => [node.node, node]));
  for (const [name, column] of columns) {
    const node = byName.get(name);
    const ways = waysOf(node);
    const height = Math.max(2.6, ways.length + 0.6) * LINE;
    const top = bottom[column] ?? MARGIN;
    places.set(name, { node, ways, left: MARGIN + column * (WIDTH + GAP.across), top, height });
    bottom[column] = top + height + GAP.down;
  }
  const count = bottom.length;
  return { places, width: 2 * MARGIN + count * WIDTH + (count - 1) * GAP.across, height: Math.max(MARGIN, ...bottom) };
}

function Way({ from, to, at, label }) {
  const [x, y] = [from.left + WIDTH, from.top + (at + 0.8) * LINE];
  const [endX, endY] = [to.left, to.top + to.height / 2];
  const isBack = endX <= x;
  const bend = isBack ? GAP.across * 0.45 : Math.max(GAP.across * 0.5, (endX - x) / 2);
  const path = `M${x},${y} C${x + bend},${y} ${endX - bend},${endY} ${endX - 5},${endY}`;
  return html`
    <path class=${isBack ? "way back" : "way"} d=${path} />
    <text class="label" x=${x + 6} y=${y - 4}><title>${label}</title>${cut(label, LABEL_MAX)}</text>
    <path class="tip" d=${`M${endX},${endY} l-7,-4 v8 z`} />
  `;
}

function NodeBox({ place: { node, left, top, height }, isFirst }) {
  const about = node.about || node.node;
  return html`
    <g data-node=${node.node} class=${`node ${node.kind} ${isFirst ? "first" : ""}`}>
      <title>${`${node.node}: ${kindWord(node.kind)} ${node.about}`}</title>
      <rect x=${left} y=${top} width=${WIDTH} height=${height} rx="8" />
      <text class="kind" x=${left + 10} y=${top + LINE}>${kindWord(node.kind)}</text>
      <text x=${left + 10} y=${top + 2 * LINE}>${cut(about, TEXT_MAX)}</text>
    </g>
  `;
}

function Picture({ flow: { flow, nodes } }) {
  const { places, width, height } = layout(nodes);
  const drawn = [...places.values()];
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label=${`${word("flow")} ${flow}`}>
      <svg class="flow" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="img" aria-label=${`${word("flow")} ${flow}`}>
        ${drawn.flatMap((from) =>
          from.ways
            .filter(({ to }) => places.has(to))
            .map(({ to, label }, at) => html`<${Way} key=${`${from.node.node} ${to}`} from=${from} to=${places.get(to)} at=${at} label=${label} />`),
        )}
        ${drawn.map((place) => html`<${NodeBox} key=${place.node.node} place=${place} isFirst=${place.node === nodes[0]} />`)}
      </svg>
    </div>
    <details class="as-list">
      <summary>${word("asList")}</summary>
      <table>
        <thead><tr>${["node", "does", "about", "waysOn"].map((name) => html`<th scope="col">${word(name)}</th>`)}</tr></thead>
        <tbody>
          ${drawn.map(
            ({ node, ways }) => html`
              <tr key=${node.node}>
                <th scope="row">${node.node}</th>
                <td>${kindWord(node.kind)}</td>
                <td>${node.about}</td>
                <td>${ways.map(({ to, label }) => `${label} → ${to}`).join("; ")}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </details>
  `;
}

/** The flows of the site, one at a time. */
export function Flows() {
  const chosen = site.flows.find(({ flow }) => flow === site.chosen.flows) ?? site.flows[0];
  if (!chosen) return html`<p class="empty">${word("noFlows")}</p>`;
  const choose = (flow) => show({ chosen: { ...site.chosen, flows: flow } });
  return html`
    <p class="actions">
      ${site.flows.map(
        ({ flow }) => html`<button key=${flow} data-flow=${flow} aria-pressed=${flow === chosen.flow} onClick=${() => choose(flow)}>${flow}</button>`,
      )}
    </p>
    <${Picture} flow=${chosen} />
  `;
}
