// State of the page, in one place: pages are drawn from it, and drawn again when it changes.
//
// Never: a password; anything that draws.

const SETTINGS = "tipring.settings";

const browserLanguage = () => (navigator.language?.toLowerCase().startsWith("zh") ? "zh" : "en");

/** Settings of this browser, kept between visits. */
export const settings = {
  language: browserLanguage(),
  theme: "auto", // or "light", "dark"
  keys: true, // single-letter keys
  login: "",
  station: "",
  agent: "",
  listenReason: "", // why recordings are listened to, for the audit record
  ...read(localStorage, SETTINGS),
};

/** What the pages show. */
export const state = {
  page: "desk",
  link: "closed", // connecting, open, lost
  login: null, // the user, once the session is open
  services: [], // kinds of services to which the user has a right at any device
  station: "", // the user's own
  agent: "",
  devices: [], // { device, kind }
  reasons: [], // { code, name, limitSeconds } of not ready, as the site names them
  stations: new Map(), // by extension
  queues: new Map(), // by device
  trunks: new Map(),
  floor: false, // all devices are monitored
  isWhole: true, // nothing of the state is being read
  selected: "", // the station that a supervisor has chosen
  notices: [],
  dialogue: null, // what asks for a number, a form with its view, or the help
  busy: false,
};

let draw = () => {};
let scheduled = false;

/** Names the function that draws. */
export function onChange(callback) {
  draw = callback;
}

/** Changes members of the state, and draws before the next frame. */
export function change(members = {}) {
  Object.assign(state, members);
  if (scheduled) return;
  scheduled = true;
  // A page in the background has no frames, and its title must change all the same.
  const later = document.hidden ? (callback) => setTimeout(callback, 0) : requestAnimationFrame;
  later(() => {
    scheduled = false;
    draw();
  });
}

/** Changes settings, and keeps them. */
export function changeSettings(members) {
  Object.assign(settings, members);
  localStorage.setItem(SETTINGS, JSON.stringify(settings));
  change();
}

/** Shows a sentence for a while; `kind` is "error", "info". */
export function notice(text, kind = "info") {
  const entry = { text, kind, at: Date.now() };
  state.notices = [...state.notices.filter((other) => other.text !== text), entry].slice(-4);
  change();
  setTimeout(() => change({ notices: state.notices.filter((other) => other !== entry) }), kind === "error" ? 9000 : 5000);
}

const readers = new Set();

/** Has `reread(list)` called when a list is to be read anew. Returns what ends that. */
export function onReread(reread) {
  readers.add(reread);
  return () => readers.delete(reread);
}

/** Has open lists read anew: those named, or all of them. */
export function reread(lists = null) {
  for (const each of [...readers]) each(lists);
}

/** An object of a storage; nothing if there is none or it cannot be read. */
export function read(storage, key) {
  try {
    return JSON.parse(storage.getItem(key)) ?? undefined;
  } catch {
    return undefined;
  }
}
