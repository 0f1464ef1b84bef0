// The waiting page: asks how far the work is, shows it line by line, and moves on when it is finished.

const list = document.querySelector("[data-wait]");
const refresh = document.querySelector("[data-refresh]");
const already = document.querySelector("[data-counts-already]");
const lost = document.querySelector("[data-lost]");
const patience = [700, 700, 700, 700, 700, 700, 1500, 1500, 1500, 1500, 3000]; // then 5 seconds each time
let asked = 0;

refresh.hidden = true;
next();

function next() {
  setTimeout(ask, patience[asked] ?? 5000);
  asked += 1;
}

async function ask() {
  try {
    const answer = await fetch(list.dataset.wait, { headers: { Accept: "application/json" } });
    if (answer.status === 404) return stop();
    if (!answer.ok) throw new Error(answer.statusText);
    const { finished, steps, counts_already: counts, next: address } = await answer.json();
    show(steps);
    already.hidden = !counts;
    if (finished) return leave(address);
  } catch {
    refresh.hidden = false; // the person can always ask by hand
  }
  next();
}

function show(steps) {
  steps.forEach(({ label, state, note }, index) => {
    const line = list.children[index] ?? list.appendChild(list.lastElementChild.cloneNode(true));
    line.dataset.state = state;
    write(line.querySelector("[data-label]"), label);
    write(line.querySelector("[data-word]"), list.dataset[state] ?? "");
    write(line.querySelector("[data-note]"), note ?? "");
  });
}

// Only what changed is written, so that a screen reader repeats nothing.
function write(place, words) {
  if (place.textContent.trim() !== words) place.textContent = words;
}

// This browser may no longer ask: the last that was read must not pass for what is.
function stop() {
  for (const part of document.querySelectorAll("[data-going-on]")) part.hidden = true;
  lost.hidden = false;
}

function leave(address) {
  const there = new URL(address, window.location.href);
  if (there.origin === window.location.origin) window.location.replace(there);
}
