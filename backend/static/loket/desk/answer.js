// What the page says by itself, without a line. Built of elements and text only: nothing scanned becomes markup.

const SIGNS = {
  go: ["M32 2a30 30 0 1 0 .1 0z", "M18 33l10 10 19-21"],
  wait: ["M32 4l30 55H2z", "M32 24v17M32 49v.5"],
  stop: ["M20 2h24l18 18v24L44 62H20L2 44V20z", "M21 21l22 22M43 21L21 43"],
  nothing: ["M32 2a30 30 0 1 0 .1 0z", "M24 25c0-13 17-11 16-1-1 7-8 6-8 14M32 47v.5"],
};

/** An element with properties and children; a text is a child too. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function sign(tone) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "sign");
  drawing.setAttribute("viewBox", "0 0 64 64");
  drawing.setAttribute("aria-hidden", "true");
  for (const line of SIGNS[tone]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", line);
    drawing.append(path);
  }
  return drawing;
}

/** The big answer: tone, title, advice, and perhaps a line more. */
export function banner({ tone, title, advice }, result, more = "") {
  const words = element("div", {}, element("h1", { tabIndex: -1 }, title), element("p", {}, advice));
  if (more) words.append(element("p", {}, element("strong", {}, more)));
  const made = element("section", { className: `answer ${tone}` }, sign(tone), words);
  made.setAttribute("role", "status");
  made.dataset.tone = tone;
  made.dataset.result = result;
  return made;
}

/** What the ticket itself says. */
export function claimsCard(claims, words, language) {
  const when = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short", timeZone: "Europe/Brussels" });
  const money = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });
  const rows = [
    [words.say.issued, when.format(claims.issuedAt)],
    [words.say.payment, `${money.format(claims.payment.cents / 100)} · ${words.payments[claims.payment.state]}`],
    [words.say.appointment, claims.appointment ? `${when.format(claims.appointment.start)} · ${claims.appointment.desk ?? ""}` : words.say.none],
  ];
  const list = element("dl");
  for (const [name, value] of rows) list.append(element("dt", {}, name), element("dd", {}, value));
  return element("section", { className: "card" }, element("p", { className: "code" }, claims.code), list);
}

/** The steps of a handover, and two buttons; the first press asks, the second counts. */
export function handoverCard(words, act) {
  const tick = (type, { code, label }) =>
    element("label", { className: "tick" }, element("input", { type, name: "step", value: code }), element("span", {}, label));
  const steps = element("fieldset", {}, ...words.steps.map((step) => tick("checkbox", step)));
  const who = element("fieldset", {}, ...words.who.map((one) => tick("radio", one)));
  const form = element("form", { className: "card deeds" }, element("div", { className: "columns" }, steps, who));
  const button = (action, label, className) => {
    const made = element("button", { type: "button", className }, label);
    made.addEventListener("click", () => {
      if (made.dataset.sure) {
        act(action, [...form.querySelectorAll(":checked")].map((box) => box.value));
      } else {
        made.dataset.sure = "asked";
        made.textContent = words.say.sure;
      }
    });
    return made;
  };
  form.append(
    element("div", { className: "buttons" }, button("collected", words.say.handover, "primary"), button("arrived", words.say.arrived, "second")),
  );
  return form;
}
