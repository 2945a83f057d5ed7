// The desk's page: a scan goes to the backend and is checked here at the same time. Whoever answers first is shown;
// the backend's word replaces the page's own. Without a line the page goes on by itself, and sends its scans later.

import { banner, claimsCard, element, handoverCard } from "./answer.js";
import * as camera from "./camera.js";
import * as scans from "./scans.js";
import * as sound from "./sound.js";
import { canCheck, isScanned, normalise, verify } from "./ticket.js";

const PATIENCE = 700; // ms until the page says what it can say by itself: an answer within a second
const GIVE_UP = 6000; // ms until a call counts as lost
const TRY_AGAIN = 10_000; // ms between two looks whether the line is back
const REFRESH = 10 * 60_000; // ms between two looks for new keys

const desk = document.querySelector(".desk");
const words = JSON.parse(desk.dataset.offline);
const language = document.documentElement.lang;
const field = document.getElementById("ticket");
const answer = document.getElementById("answer");
const line = document.getElementById("line");
const trouble = document.getElementById("trouble");
const token = desk.querySelector("[name=csrfmiddlewaretoken]").value;
const keysPlace = `loket-keys-${words.municipality}`;

let connected = true;
let looking = null;
let asked = 0; // counts questions, so that a late answer never replaces a newer one

// --- The line ----------------------------------------------------------------------------------------

function setLine(on, text = "") {
  connected = on;
  line.textContent = text || (on ? words.say.online : words.say.offline);
  line.classList.toggle("off", !on);
}

async function call(url, options = {}) {
  const response = await fetch(url, {
    ...options,
    headers: { "X-Loket-Part": "1", "X-CSRFToken": token, ...options.headers },
    signal: AbortSignal.timeout(GIVE_UP),
    cache: "no-store",
  });
  if (response.status >= 502) throw new Error("the backend is away");
  if (response.redirected || response.status === 403) {
    setLine(false, words.say.login);
    throw new Error("logged out");
  }
  if (!connected) setLine(true);
  return response;
}

async function fetchKeys() {
  const response = await call(words.urls.keys);
  if (response.ok) {
    const set = await response.json();
    localStorage.setItem(keysPlace, JSON.stringify(Object.fromEntries(set.keys.map((key) => [key.kid, key]))));
  }
}

const knownKeys = () => JSON.parse(localStorage.getItem(keysPlace) ?? "{}");

async function sendScans() {
  const waiting = scans.toSend(words.staff);
  if (waiting.length) {
    const response = await call(words.urls.scans, {
      method: "POST",
      body: JSON.stringify({ scans: waiting }),
      headers: { "Content-Type": "application/json" },
    });
    if (response.ok) {
      const { answers } = await response.json();
      scans.noteAnswers(answers);
      if (answers.some((one) => one.outcome === "double" || one.outcome === "refused")) sound.play("stop");
    }
  }
  showKept();
}

async function tryLine() {
  try {
    await fetchKeys();
    await sendScans();
  } catch {
    if (line.textContent !== words.say.login) setLine(false);
  }
}

// One look at a time: several things ask for one at the same moment when a line comes back.
function lookForLine() {
  looking ??= tryLine().finally(() => {
    looking = null;
  });
  return looking;
}

function complain(text) {
  trouble.textContent = text;
  trouble.hidden = false;
}

// --- Answers -----------------------------------------------------------------------------------------

function show(...nodes) {
  answer.replaceChildren(...nodes);
  settle();
}

function showPart(html) {
  answer.innerHTML = html; // our own templates, which escape what they show; the policy forbids any script in it
  settle();
}

function settle() {
  const said = answer.querySelector("[data-tone]");
  if (said) sound.play(said.dataset.tone);
  const next = answer.querySelector("[autofocus]");
  if (next) {
    next.focus();
  } else {
    field.focus();
    field.select();
  }
}

async function byItself(text) {
  if (!isScanned(text)) {
    const result = normalise(text) === null ? "mistyped" : "needs-line";
    return () => show(banner(words.results[result], result));
  }
  if (!(await canCheck())) return () => show(banner({ ...words.results["needs-line"], advice: words.say["no-ed25519"] }, "needs-line"));
  const { result, claims } = await verify(text, knownKeys(), words.municipality);
  return () => {
    if (result !== "genuine") return show(banner(words.results[result], result));
    const before = scans.handedOver(claims.ticket);
    if (before) {
      const when = new Intl.DateTimeFormat(language, { timeStyle: "short", dateStyle: "short" }).format(new Date(before.at));
      return show(banner(words.results.double, "double", when), claimsCard(claims, words, language));
    }
    scans.keep(words.staff, claims.ticket, claims.code, "seen");
    showKept();
    const act = (action, done) => {
      scans.keep(words.staff, claims.ticket, claims.code, action, done);
      showKept();
      show(banner({ tone: "go", title: words.actions[action], advice: words.outcomes.kept }, action), claimsCard(claims, words, language));
      lookForLine();
    };
    return show(banner(words.results.genuine, "genuine"), claimsCard(claims, words, language), handoverCard(words, act));
  };
}

async function scan(form) {
  const text = field.value.trim();
  if (!text) return;
  const mine = (asked += 1);
  trouble.hidden = true;
  const own = byItself(text);
  const late = setTimeout(async () => {
    const say = await own;
    if (mine === asked) say();
  }, connected ? PATIENCE : 0);
  try {
    const response = await call(form.action, { method: "POST", body: new FormData(form) });
    const html = await response.text();
    clearTimeout(late);
    if (mine === asked) showPart(html);
  } catch {
    clearTimeout(late);
    if (line.textContent !== words.say.login) setLine(false);
    const say = await own;
    if (mine === asked && !answer.querySelector("[data-result=genuine]")) say();
  }
}

async function submit(form, button) {
  const mine = (asked += 1);
  trouble.hidden = true;
  try {
    const response = await call(form.action, { method: "POST", body: new FormData(form, button) });
    const html = await response.text();
    if (!response.ok) throw new Error(`status ${response.status}`);
    if (mine === asked) showPart(html);
  } catch {
    complain(words.say.failed);
  }
}

// --- Kept scans --------------------------------------------------------------------------------------

function showKept() {
  const section = document.getElementById("kept");
  const rows = scans.all().filter((row) => row.staff === words.staff);
  const others = scans.ofOthers(words.staff);
  section.hidden = rows.length === 0 && others === 0;
  section.querySelector("h2").textContent = words.say.kept;
  section.querySelector("tbody").replaceChildren(
    ...rows.toReversed().map((row) => {
      const time = new Intl.DateTimeFormat(language, { timeStyle: "short", dateStyle: "short" }).format(new Date(row.at));
      const tone = { kept: "wait", waiting: "wait", noted: "go", taken: "go" }[row.outcome] ?? "stop";
      const outcome = element("span", { className: `tag ${tone}` }, words.outcomes[row.outcome]);
      const last = element("td", {}, outcome);
      if (row.before) last.append(` ${words.say.before.replace("%(when)s", row.before)}`);
      const made = element("tr", {}, element("td", { className: "figures" }, time), element("td", { className: "figures" }, row.code), element("td", {}, words.actions[row.action]), last);
      if (scans.canBeUndone(row)) {
        const button = element("button", { type: "button", className: "second" }, words.say.undo);
        button.addEventListener("click", () => {
          scans.forget(row.id);
          showKept();
          field.focus();
        });
        made.append(element("td", { className: "money" }, button));
      } else {
        made.append(element("td"));
      }
      return made;
    }),
  );
  const hint = section.querySelector(".hint");
  hint.hidden = others === 0;
  hint.textContent = words.say.others.replace("%(n)s", others);
}

// --- Hands -------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!desk.contains(form)) return;
  event.preventDefault();
  if (form.classList.contains("scan")) scan(form);
  else if (form.classList.contains("privacy")) turnPrivacy(form, event.submitter);
  else submit(form, event.submitter);
});

async function turnPrivacy(form, button) {
  try {
    await call(form.action, { method: "POST", body: new FormData(form, button) });
    const hide = button.value === "yes";
    desk.classList.toggle("private", hide);
    button.setAttribute("aria-pressed", String(hide));
    button.value = hide ? "no" : "yes";
    if (answer.querySelector(".list")) desk.querySelector(".find").requestSubmit();
  } catch {
    complain(words.say.failed);
  }
}

const canBeTyped = (target) => target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.key === "F2") cameraButton.click();
  else if (event.key === "F4") document.getElementById("question").focus();
  else if (event.key === "F6") answer.querySelector("input:not([type=hidden]), button")?.focus();
  else if (event.key === "F7") desk.querySelector(".privacy button").click();
  else if (event.key === "Escape") {
    field.value = "";
    field.focus();
  } else {
    // A scanner types wherever the focus is: its text belongs into the field.
    const printed = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (printed && !canBeTyped(event.target)) {
      field.value = "";
      field.focus();
    }
    return;
  }
  event.preventDefault();
});

const soundButton = document.getElementById("sound");
soundButton.setAttribute("aria-pressed", String(sound.isOn()));
soundButton.hidden = false;
soundButton.addEventListener("click", () => {
  sound.turn(!sound.isOn());
  soundButton.setAttribute("aria-pressed", String(sound.isOn()));
  sound.play("go");
  field.focus();
});

const cameraButton = document.getElementById("camera");
const finder = document.getElementById("finder");
const seen = finder.querySelector("p");
let endCamera = null;

async function readPicture(jpeg) {
  if (!connected) throw new camera.CameraProblem("offline");
  const response = await call(words.urls.picture, { method: "POST", body: jpeg, headers: { "Content-Type": "image/jpeg" } }).catch(() => {
    if (line.textContent !== words.say.login) setLine(false);
    throw new camera.CameraProblem("offline");
  });
  if (!response.ok) throw new camera.CameraProblem("unread");
  return (await response.json()).text;
}

function sayOfCamera(what) {
  // Said once: a status that is written again is read aloud again.
  if (seen.textContent !== words.camera[what]) seen.textContent = words.camera[what];
}

function filming(on) {
  finder.hidden = !on;
  desk.classList.toggle("filming", on);
  cameraButton.setAttribute("aria-pressed", String(on));
}

async function startCamera() {
  trouble.hidden = true;
  cameraButton.disabled = true;
  filming(true);
  sayOfCamera("asking");
  try {
    endCamera = await camera.watch(finder.querySelector("video"), {
      read: readPicture,
      say: sayOfCamera,
      found(text) {
        field.value = text;
        scan(desk.querySelector(".scan"));
      },
      ended(why) {
        endCamera = null;
        filming(false);
        if (why) complain(words.camera[why]);
      },
    });
  } catch (problem) {
    filming(false);
    complain(words.camera[problem.reason ?? "busy"]);
  }
  cameraButton.disabled = false;
  field.focus();
}

cameraButton.hidden = false;
cameraButton.addEventListener("click", () => {
  if (endCamera) endCamera();
  else startCamera();
  field.focus();
});

// --- Begin -------------------------------------------------------------------------------------------

showKept();
setLine(true);
lookForLine();
setInterval(() => {
  if (!connected || scans.toSend(words.staff).length) lookForLine();
}, TRY_AGAIN);
setInterval(lookForLine, REFRESH);
addEventListener("online", lookForLine);
addEventListener("offline", () => setLine(false));
// Where the browser forbids it (a private window), the page works, but cannot be opened anew without a line.
navigator.serviceWorker?.register(words.urls.worker).catch(() => {});
