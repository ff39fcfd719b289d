// The quality desk: recordings found, heard with their waveform, and scored.
//
// Never: a rule of scoring; forms and points are the server's.

import { session } from "./centre.mjs";
import { Component, createRef, duration, html, timeOfDay } from "./parts.mjs";
import { Player, RATE } from "./player.mjs";
import { Scoring } from "./scoring.mjs";
import { change, notice, settings } from "./state.mjs";
import { sentence, word } from "./words.mjs";

/** Step of the arrow keys in s. */
const STEP_S = 5;
/** Days of the search without a day of its own. */
const DAYS = 7;

/** The state of the page: it stays when another page is open. */
export const quality = {
  filter: { agent: "", queue: "", number: "", day: "", unscored: true },
  recordings: [],
  more: false,
  selected: "", // number of a recording
  opened: null, // the reply to openRecording, with its number
  player: null,
  scores: [], // of the opened one
  forms: [],
  busy: false,
};

const show = (members) => {
  Object.assign(quality, members);
  change();
};

/** Carries a request out; a refusal is shown. */
async function ask(request, members) {
  try {
    return await session.records(request, members);
  } catch (refusal) {
    notice(sentence(refusal), "error");
    return null;
  }
}

/** The span of a day, or of the last ones. */
function span(day) {
  if (!day) return { fromMs: Date.now() - DAYS * 86_400_000 };
  const from = new Date(`${day}T00:00`);
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { fromMs: from.getTime(), toMs: to.getTime() };
}

async function search() {
  const { agent, queue, number, day, unscored } = quality.filter;
  show({ busy: true });
  const given = Object.fromEntries(Object.entries({ agent, queue, number }).filter(([, value]) => value));
  const reply = await ask("listRecordings", { ...given, ...span(day), unscored });
  show({ busy: false });
  if (reply) show({ recordings: reply.recordings, more: reply.more });
}

export async function readScores() {
  const reply = quality.opened && (await ask("listScores", { recording: quality.opened.recording }));
  if (reply) show({ scores: reply.scores });
}

/** A part of a recording's sound. A server that was started anew has forgotten that it is open. */
async function readPart(recording, reason, from, count) {
  const read = () => session.records("readSound", { recording, from, count });
  try {
    return await read();
  } catch (refusal) {
    if (refusal.failure !== "invalidObjectState") throw refusal;
    await session.records("openRecording", { recording, reason });
    return read();
  }
}

async function open(recording) {
  const reason = settings.listenReason || word("inspection");
  quality.player?.close();
  show({ selected: recording, opened: null, player: null, scores: [] });
  const reply = await ask("openRecording", { recording, reason });
  if (!reply || quality.selected !== recording) return;
  const player = new Player({
    samples: reply.samples,
    read: (from, count) => readPart(recording, reason, from, count),
    changed: () => change(),
    failed: (refusal) => notice(sentence(refusal), "error"),
  });
  show({ opened: { ...reply, recording }, player });
  await readScores();
}

const chosen = () => quality.recordings.findIndex(({ recording }) => recording === quality.selected);

function choose(step) {
  const { recordings } = quality;
  const at = Math.min(Math.max(chosen() + step, 0), recordings.length - 1);
  if (recordings[at]) show({ selected: recordings[at].recording });
}

/** Keys of the page. */
export const KEYS = {
  ArrowDown: () => choose(1),
  ArrowUp: () => choose(-1),
  Enter: () => quality.selected && open(quality.selected),
  " ": () => quality.player?.toggle(),
  ArrowLeft: () => quality.player?.seek(quality.player.position - STEP_S * RATE),
  ArrowRight: () => quality.player?.seek(quality.player.position + STEP_S * RATE),
};

function Filter() {
  const submit = (event) => {
    event.preventDefault();
    const data = new FormData(event.target);
    const text = (name) => data.get(name)?.trim() ?? "";
    settings.listenReason = text("reason");
    const [agent, queue, number, day] = ["agent", "queue", "number", "day"].map(text);
    quality.filter = { agent, queue, number, day, unscored: data.has("unscored") };
    void search();
  };
  const { filter } = quality;
  const field = (name, label, more = {}) => html`
    <label>${label}<input name=${name} defaultValue=${filter[name] ?? ""} autocomplete="off" ...${more} /></label>
  `;
  return html`
    <form class="filter" onSubmit=${submit} aria-label=${word("search")}>
      ${field("agent", word("agent"))} ${field("queue", word("queue"))} ${field("number", word("number"))}
      ${field("day", word("date"), { type: "date" })}
      ${field("reason", word("listenReason"), { defaultValue: settings.listenReason || word("inspection"), required: true })}
      <label class="check">
        <input type="checkbox" name="unscored" defaultChecked=${filter.unscored} />${word("unscored")}
      </label>
      <button class="main" disabled=${quality.busy}>${word("search")}</button>
    </form>
  `;
}

function Row({ item }) {
  const isChosen = item.recording === quality.selected;
  const began = new Date(item.beganMs);
  const hasSound = item.presence === "whole" || item.presence === "cut-off";
  return html`
    <tr class=${isChosen ? "chosen" : ""}>
      <td>
        <button
          class="link" data-recording=${item.recording} aria-pressed=${isChosen} disabled=${!hasSound}
          onClick=${() => open(item.recording)}
        >
          ${began.toLocaleDateString(settings.language === "zh" ? "zh-CN" : "en-GB")} ${timeOfDay(item.beganMs)}
        </button>
      </td>
      <td>${duration(item.seconds * 1000)}</td>
      <td>${(item.direction === "out" ? item.called : item.caller) ?? ""}</td>
      <td>${item.queue ?? ""}</td>
      <td>${item.agent ?? ""}</td>
      <td>${hasSound ? item.scores || "" : word(`presence_${item.presence}`)}</td>
    </tr>
  `;
}

function List() {
  const heads = ["begun", "length", "number", "queue", "agent", "scores"];
  if (quality.recordings.length === 0) return html`<p class="empty">${word("noRecordings")}</p>`;
  return html`
    <table>
      <thead><tr>${heads.map((name) => html`<th scope="col">${word(name)}</th>`)}</tr></thead>
      <tbody>${quality.recordings.map((item) => html`<${Row} key=${item.recording} item=${item} />`)}</tbody>
    </table>
    ${quality.more ? html`<p class="foot">${word("more")}</p>` : null}
  `;
}

/** The waveform: the caller above, what the caller hears below, with the place that is heard now. */
class Waveform extends Component {
  #place = createRef();

  componentDidMount() {
    this.timer = setInterval(() => this.draw(), 50);
    this.draw();
  }

  componentDidUpdate() {
    this.draw();
  }

  componentWillUnmount() {
    clearInterval(this.timer);
  }

  draw() {
    const { current } = this.#place;
    const { opened, player } = this.props;
    const [width, height] = [current.clientWidth, current.clientHeight];
    if (current.width !== width) current.width = width;
    if (current.height !== height) current.height = height;
    const paint = current.getContext("2d");
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    paint.clearRect(0, 0, width, height);
    const half = height / 2;
    const parts = Math.max(opened.left.length, 1);
    for (const [peaks, up, name] of [[opened.left, true, "--ring"], [opened.right, false, "--talk"]]) {
      paint.fillStyle = colour(name);
      peaks.forEach((peak, at) => {
        // Quiet speech is seen as well: by its square root.
        const tall = Math.sqrt(peak / 255) * (half - 1);
        paint.fillRect((at * width) / parts, up ? half - tall : half, Math.max(1, width / parts - 0.5), tall);
      });
    }
    paint.fillStyle = colour("--text");
    paint.fillRect((player.position / Math.max(1, player.samples)) * (width - 2), 0, 2, height);
    const time = current.nextElementSibling;
    if (time) time.textContent = `${duration((player.position / RATE) * 1000)} / ${duration((player.samples / RATE) * 1000)}`;
  }

  render({ player }) {
    const seek = (event) => player.seek((event.offsetX / event.currentTarget.clientWidth) * player.samples);
    const keys = (event) => {
      const to = { Home: 0, End: player.samples }[event.key];
      if (to === undefined) return;
      player.seek(to);
      event.preventDefault();
    };
    const seconds = (samples) => Math.floor(samples / RATE);
    return html`
      <canvas
        ref=${this.#place} class="waveform" role="slider" tabindex="0" aria-label=${word("position")} aria-valuemin="0"
        aria-valuemax=${seconds(player.samples)} aria-valuenow=${seconds(player.position)}
        aria-valuetext=${duration((player.position / RATE) * 1000)} onClick=${seek} onKeyDown=${keys}
      ></canvas>
      <p class="position"></p>
    `;
  }
}

function PlayerPanel({ opened, player }) {
  const side = (name) => html`
    <button data-side=${name} aria-pressed=${player.side === name} onClick=${() => player.choose(name)}>
      ${word(`side_${name}`)}
    </button>
  `;
  return html`
    <section class="panel player" aria-label=${word("recording")} data-playing=${player.isPlaying}>
      <${Waveform} key=${opened.recording} opened=${opened} player=${player} />
      <div class="actions">
        <button class="main" data-action="play" onClick=${() => player.toggle()}>
          ${word(player.isPlaying ? "pause" : "play")}<kbd>␣</kbd>
        </button>
        ${["both", "caller", "agent"].map(side)}
      </div>
      <${Hints} opened=${opened} />
    </section>
  `;
}

/** Measures by machine, as far as they are there. */
function Hints({ opened: { call, talk } }) {
  const seconds = (value) => (value === null || value === undefined ? null : `${value.toFixed(1)} s`);
  const percent = (share) => `${(share * 100).toFixed(0)} %`;
  const facts = [
    ["rang", seconds(call?.rang)],
    ["waited", seconds(call?.waited)],
    ["talked", seconds(call?.talked)],
    ["releasedBy", call?.released_by],
    ["callerSpeaks", percent(talk.caller)],
    ["agentSpeaks", percent(talk.agent)],
    ["overlap", percent(talk.overlap)],
    ["silence", percent(talk.silence)],
    ["longestSilence", seconds(talk.longest_silence)],
    ["leftOut", talk.paused > 0 && seconds(talk.paused)],
    ["agentAfter", seconds(talk.agent_after)],
  ].filter(([, value]) => value);
  return html`<dl class="hints">${facts.map(([name, value]) => html`<div><dt>${word(name)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The page. */
export class Quality extends Component {
  async componentDidMount() {
    void search();
    const reply = await ask("listForms");
    if (reply) show({ forms: reply.forms });
  }

  componentWillUnmount() {
    if (quality.player?.isPlaying) quality.player.toggle();
  }

  render() {
    const { opened, player } = quality;
    return html`
      <main class="quality">
        <section class="panel" aria-label=${word("recordings")}><${Filter} /><${List} /></section>
        <div class="side">
          ${opened && player
            ? html`
                <${PlayerPanel} opened=${opened} player=${player} />
                <${Scoring} key=${opened.recording} quality=${quality} saved=${() => Promise.all([readScores(), search()])} />
              `
            : html`<section class="panel"><p class="empty">${word("chooseRecording")}</p></section>`}
        </div>
      </main>
    `;
  }
}
