// Solves the puzzle of a form (the ALTCHA protocol): finds the number whose digest, after the salt, is the challenge.

const batch = 500; // digests between two breaths, so that the page stays usable

for (const puzzle of document.querySelectorAll("[data-puzzle]")) begin(puzzle);

function begin(puzzle) {
  if (!globalThis.crypto?.subtle) return; // not on https: one waits, as without a script
  const form = puzzle.closest("form");
  const works = puzzle.querySelector("[data-puzzle-works]");
  puzzle.querySelector("[data-puzzle-waits]").hidden = true;
  let submitter = null;
  let solved = false;

  form.addEventListener("submit", (event) => {
    if (solved) return;
    event.preventDefault();
    submitter = event.submitter;
    works.textContent = works.dataset.working;
  });

  const challenge = JSON.parse(puzzle.dataset.puzzle);
  solve(challenge).then((number) => {
    const { algorithm, salt, signature, challenge: digest } = challenge;
    const answer = { algorithm, challenge: digest, number, salt, signature };
    puzzle.querySelector("[name=puzzle_answer]").value = btoa(JSON.stringify(answer));
    solved = true;
    works.textContent = works.dataset.ready;
    if (submitter) form.requestSubmit(submitter);
  });
}

async function solve({ algorithm, challenge, salt, maxnumber }) {
  const encoder = new TextEncoder();
  const digestOf = async (number) => hexadecimal(await crypto.subtle.digest(algorithm, encoder.encode(salt + number)));
  for (let start = 0; start <= maxnumber; start += batch) {
    const numbers = Array.from({ length: batch }, (_, index) => start + index);
    const digests = await Promise.all(numbers.map(digestOf));
    const found = digests.indexOf(challenge);
    if (found >= 0) return start + found;
  }
  throw new Error("no number solves this puzzle");
}

function hexadecimal(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
