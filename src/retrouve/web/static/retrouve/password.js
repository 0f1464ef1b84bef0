// The new password's page: rules tick while one types, the server rates the strength, offered passwords fill the fields.

const pause = 800; // milliseconds without a key before anything is announced
const form = document.querySelector("[data-new-password]");
const field = form.elements.namedItem("new_password");
const confirmation = form.elements.namedItem("confirmation");
const status = form.querySelector("[data-status]");
const rules = [...form.querySelectorAll("[data-rule]")].map(ruleOf);
const strength = strengthOf(form.querySelector("[data-strength]"));
let waiting;
let complaint = "";

field.setAttribute("aria-describedby", `rules ${field.getAttribute("aria-describedby") ?? ""}`.trim());
field.addEventListener("input", () => {
  forgetOffer();
  changed();
});
confirmation?.addEventListener("input", later);
form.addEventListener("reset", () => setTimeout(changed));
offersOf(form.querySelector("[data-offers]"));
if (field.value) changed(); // on a slow line, one types before this script is there

function changed() {
  complaint = "";
  for (const rule of rules) rule.show(field.value);
  strength.ask(field.value);
  later();
}

function later() {
  status.textContent = "";
  clearTimeout(waiting);
  waiting = setTimeout(() => say(verdict()), pause);
}

function say(sentence) {
  if (status.textContent !== sentence) status.textContent = sentence;
}

function verdict() {
  const words = status.dataset;
  const missing = rules.filter((rule) => rule.isMet(field.value) === false).length;
  if (field.value === "") return "";
  if (missing === 1) return words.missingOne;
  if (missing > 1) return words.missingMany.replace("{number}", missing);
  if (complaint) return complaint;
  if (!confirmation?.value) return words.met;
  if (confirmation.value === field.value) return words.same;
  return confirmation.value.length < field.value.length ? words.met : words.different;
}

function ruleOf(item) {
  const { code, number, pattern } = item.dataset;
  const expected = pattern ? new RegExp(pattern, "u") : null;
  const word = item.querySelector("[data-word]");

  // true, false, or null where only the server can tell
  function isMet(value) {
    const normal = value.normalize("NFC");
    if (code === "too_short") return [...normal].length >= Number(number);
    if (code === "too_long") return [...normal].length <= Number(number);
    return expected ? expected.test(normal) : null;
  }

  function show(value) {
    const met = value === "" ? false : isMet(value);
    item.dataset.state = met ? "done" : "pending";
    word.textContent = met ? word.dataset.done : "";
  }

  return { isMet, show };
}

function strengthOf(box) {
  let timer;
  let asked = new AbortController();

  async function rate(value) {
    asked = new AbortController();
    const csrfmiddlewaretoken = form.elements.namedItem("csrfmiddlewaretoken").value;
    const body = new URLSearchParams({ new_password: value, csrfmiddlewaretoken });
    try {
      const answer = await fetch(box.dataset.strength, { method: "POST", body, signal: asked.signal });
      if (answer.ok) show(await answer.json());
    } catch {
      // Typing went on, or the line is down: the form works without an opinion.
    }
  }

  function show({ score, word, advice, complaints = [] }) {
    complaint = complaints.join(" ");
    box.dataset.score = score;
    box.querySelector("[data-word]").textContent = word;
    box.querySelector("[data-advice]").textContent = advice ?? "";
    box.hidden = false;
    if (complaint && status.textContent) say(verdict());
  }

  function ask(value) {
    clearTimeout(timer);
    asked.abort();
    if (!box) return;
    if (value === "") box.hidden = true;
    else timer = setTimeout(rate, pause / 2, value);
  }

  return { ask };
}

function forgetOffer() {
  for (const radio of form.querySelectorAll("[name=offered]")) radio.checked = false;
}

function offersOf(box) {
  if (!box) return;
  const list = box.querySelector("[data-list]");
  const more = box.querySelector("[data-more]");
  const news = box.querySelector("[data-news]");

  list.addEventListener("change", (event) => {
    field.value = event.target.value;
    if (confirmation) confirmation.value = event.target.value;
    form.dispatchEvent(new Event("reveal"));
    changed();
    clearTimeout(waiting);
    say(status.dataset.chosen);
  });

  more.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(more.dataset.more);
      if (!answer.ok) throw new Error(answer.statusText);
      const { offers } = await answer.json();
      const lines = offers.map(lineOf);
      list.replaceChildren(...lines);
      news.textContent = news.dataset.said;
    } catch {
      window.location.assign(more.href);
    }
  });

  function lineOf(offer, index) {
    const line = list.firstElementChild.cloneNode(true);
    const radio = line.querySelector("input");
    const label = line.querySelector("label");
    radio.value = offer;
    radio.checked = false;
    radio.id = `offered-${index + 1}`;
    label.htmlFor = radio.id;
    label.textContent = offer;
    return line;
  }
}
