// The result page: says that it will move on, counts down quietly, and stays when it is asked to.

const box = document.querySelector("[data-redirect]");

if (box) {
  const sentence = box.querySelector("[data-sentence]");
  const count = box.querySelector("[data-count]");
  const stay = box.querySelector("[data-stay]");
  let left = Number(box.dataset.redirect);
  box.hidden = false;

  const timer = setInterval(() => {
    // Time stands still while the person looks elsewhere, or holds the button that stops it.
    if (document.hidden || stay.matches(":hover, :focus")) return;
    left -= 1;
    count.textContent = box.dataset.left.replace("{seconds}", left);
    if (left > 0) return;
    clearInterval(timer);
    window.location.assign(box.dataset.address);
  }, 1000);

  stay.addEventListener("click", () => {
    clearInterval(timer);
    sentence.textContent = box.dataset.stayed;
    count.textContent = "";
    stay.hidden = true;
  });
}
