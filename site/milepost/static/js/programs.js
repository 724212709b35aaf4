// The rule of a program: the trail beside it follows what is typed.

const PAUSE = 400; // milliseconds of quiet before it is drawn anew

const form = document.querySelector("form[data-preview-at]");
const place = document.querySelector("[data-preview]");
let waiting = null;
let asked = 0;

const look = async () => {
  const typed = [...new FormData(form)].filter(([, part]) => typeof part === "string");
  const turn = ++asked;
  const body = new URLSearchParams(typed);
  const answer = await fetch(form.dataset.previewAt, { method: "POST", body }).catch(() => null);
  if (!answer?.ok || answer.redirected || turn !== asked) return;
  place.innerHTML = (await answer.json()).html;
};

if (form && place) {
  for (const button of document.querySelectorAll("[data-preview-do]")) button.hidden = true;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  });
}
document.querySelector("[data-focus]")?.focus();
