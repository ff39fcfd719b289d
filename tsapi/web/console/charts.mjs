// Charts of the wallboard, drawn by uPlot: lines over the last hour, with their names and latest values as text.
//
// Never: a value that is not in the history.

import { Component, createRef, html } from "./parts.mjs";
import { history } from "./history.mjs";
import { settings, state } from "./state.mjs";
import { word } from "./words.mjs";

const { uPlot } = globalThis;

/** Lines of a chart differ by colour and by dashes. */
const COLOURS = ["--talk", "--ring", "--hold", "--bad", "--idle"];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5]];
const HEIGHT = 180;
/** Shortest span of the time axis in s. */
const SPAN_S = 300;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const latest = (name) => history.series.get(name)?.at(-1) ?? null;

/** A chart of some series. `lines`: { name, label }; `top`: least upper end of the scale; `unit` follows the values. */
class Chart extends Component {
  place = createRef();

  options() {
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const { lines, top } = this.props;
    return {
      width: Math.max(200, this.place.current.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: true, range: (_, from, to) => [Math.min(from ?? 0, (to ?? 0) - SPAN_S), to ?? SPAN_S] },
        y: { range: (_, low, high) => [0, Math.max(top, high ?? 0)] },
      },
      axes: [
        { ...axis, size: 28, incrs: [60, 300, 600, 900], values: (_, ticks) => ticks.map((at) => timeOf(at)) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 25, 50, 100] },
      ],
      series: [{}, ...lines.map((_, at) => ({ stroke: colour(COLOURS[at % 5]), width: 2, dash: DASHES[at % 5], points: { show: false } }))],
    };
  }

  data() {
    const empty = () => new Array(history.times.length).fill(null);
    return [history.times, ...this.props.lines.map(({ name }) => history.series.get(name) ?? empty())];
  }

  /** Lines, language, theme and width for which the chart was made. */
  get look() {
    const { lines } = this.props;
    const scheme = matchMedia("(prefers-color-scheme: dark)").matches;
    return `${lines.map(({ name }) => name)} ${settings.language} ${settings.theme} ${scheme} ${this.place.current.clientWidth}`;
  }

  componentDidMount() {
    this.draw();
  }

  componentDidUpdate() {
    this.draw();
  }

  componentWillUnmount() {
    this.plot?.destroy();
  }

  draw() {
    const { look } = this;
    if (this.plot && this.drawn === look) {
      if (this.until !== history.times.at(-1)) this.plot.setData(this.data());
    } else {
      this.plot?.destroy();
      this.plot = new uPlot(this.options(), this.data(), this.place.current);
    }
    [this.drawn, this.until] = [look, history.times.at(-1)];
  }

  render({ title, lines, unit = "" }) {
    const value = ({ name }) => (latest(name) === null ? "–" : `${latest(name)}${unit}`);
    return html`
      <section class="panel chart" aria-label=${`${title}, ${word("lastHour")}`}>
        <h2>${title} <small>${word("lastHour")}</small></h2>
        <div ref=${this.place} role="img" aria-label=${`${title}: ${lines.map((line) => `${line.label} ${value(line)}`).join(", ")}`}></div>
        <ul class="legend">
          ${lines.map((line, at) => html`<li key=${line.name} class=${`line${at % 5}`}>${line.label} <b>${value(line)}</b></li>`)}
        </ul>
      </section>
    `;
  }
}

const timeOf = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString(settings.language === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });

/** The charts of a wall: waiting calls, service level, agents, lines. */
export function Charts() {
  const queues = [...state.queues.keys()];
  const each = (kind) => queues.map((device) => ({ name: `${kind} ${device}`, label: device }));
  const agents = ["ready", "talking", "work", "notReady"].map((name) => ({ name: `agents ${name}`, label: word(`group_${name}`) }));
  const trunks = ["busy", "out"].map((name) => ({ name: `trunks ${name}`, label: word(`trunk_${name}`) }));
  return html`
    <div class="charts">
      <${Chart} title=${word("waiting")} lines=${each("waiting")} top=${4} />
      <${Chart} title=${word("serviceLevel")} lines=${each("serviceLevel")} top=${100} unit=" %" />
      <${Chart} title=${word("agents")} lines=${agents} top=${4} />
      <${Chart} title=${word("trunks")} lines=${trunks} top=${4} />
    </div>
  `;
}
