// Scans that are kept until there is a line: a random ticket id, a code, a moment, what was done. No name, no number.

const PLACE = "loket-scans";
const SHOWN_FOR = 12 * 3600 * 1000; // after this, what was sent is forgotten here
const UNDO_WITHIN = 15 * 60 * 1000;

function load() {
  try {
    const rows = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(rows) ? rows : [];
  } catch {
    return [];
  }
}

const store = (rows) => localStorage.setItem(PLACE, JSON.stringify(rows));
const isSent = (row) => row.outcome !== "kept" && row.outcome !== "waiting";

/** All that is shown: what waits to be sent, and what was sent today. */
export function all() {
  const rows = load().filter((row) => !isSent(row) || Date.now() - Date.parse(row.at) < SHOWN_FOR);
  store(rows);
  return rows;
}

/** Keep a scan. Returns its row. */
export function keep(staff, ticket, code, action, done = []) {
  const row = { id: crypto.randomUUID(), at: new Date().toISOString(), staff, ticket, code, action, done, outcome: "kept" };
  store([...load().filter((one) => !(action !== "seen" && one.action === "seen" && one.ticket === ticket && !isSent(one))), row]);
  return row;
}

/** The scan with which this ticket was handed over here without a line, if there is one. */
export const handedOver = (ticket) =>
  load().find((row) => row.ticket === ticket && row.action === "collected" && ["kept", "taken", "waiting", "double"].includes(row.outcome));

export const canBeUndone = (row) => row.outcome === "kept" && Date.now() - Date.parse(row.at) < UNDO_WITHIN;

export const forget = (id) => store(load().filter((row) => row.id !== id));

/** How many scans wait for another member of staff to log in. */
export const ofOthers = (staff) => load().filter((row) => !isSent(row) && row.staff !== staff).length;

/** What is to be sent for this member of staff, as the backend wants it. */
export const toSend = (staff) =>
  load()
    .filter((row) => row.outcome === "kept" && row.staff === staff)
    .slice(0, 200)
    .map(({ id, ticket, at, action, done }) => ({ id, ticket, at, action, done }));

/** Note what became of scans that were sent. */
export function noteAnswers(answers) {
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  store(load().map((row) => (byId.has(row.id) ? { ...row, ...byId.get(row.id) } : row)));
}
