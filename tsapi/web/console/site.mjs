// The site's settings as the pages of administration have them: read, shown, changed.
//
// Never: a setting that the server has not checked; a refusal stands in the dialogue, with file and line.

import { session } from "./centre.mjs";
import { change, notice, state } from "./state.mjs";
import { sentence, word } from "./words.mjs";

/** The settings as they are written, the section that is open, and the chosen row of each. */
export const site = {
  agents: [], queues: [], reasons: [], strategies: [], modes: [], mode: "", flows: [], lines: [],
  section: "agents",
  chosen: {},
};

export const show = (members) => {
  Object.assign(site, members);
  change();
};

async function read(request) {
  try {
    const { reply, id, sequence, ...members } = await session.records(request);
    show(members);
  } catch (refusal) {
    if (!["noLink", "sessionLost"].includes(refusal.failure)) notice(sentence(refusal), "error");
  }
}

export const readSettings = () => read("readSettings");
export const readFlows = () => read("readFlows");
export const readLines = () => read("listLines");

/**
 * Sends changes one after the other: pairs of a request and its members. Done, it closes the dialogue and `again` reads
 * anew; refused, the dialogue says why.
 */
export async function act(requests, again = readSettings) {
  try {
    for (const [request, members] of requests) await session.records(request, members);
    change({ dialogue: null });
    notice(word("inForce"));
  } catch (refusal) {
    change({ dialogue: state.dialogue && { ...state.dialogue, refusal: refusal.why ?? sentence(refusal) } });
  }
  await again();
}

export const skillsText = (skills) => Object.entries(skills).map(([name, level]) => `${name} ${level}`).join(", ");

/** Skills of a text such as `cantonese 5, billing 2`; a level that is no number is left to the server to refuse. */
export const skillsOf = (text) =>
  Object.fromEntries(
    text.split(/[,,、]/).map((each) => each.trim().split(/[\s=]+/)).filter(([name]) => name).map(([name, level]) => [name, Number(level ?? 1)]),
  );
