// A draft that keeps itself while it is typed, and its page beside it; nothing that was typed is lost.
import { word } from "./page.js";

const PAUSE = 1500; // milliseconds without a key until it is kept
const form = document.getElementById("writing");
const told = form.querySelector("[data-kept]");
const shown = document.querySelector("[data-shown]");
const page = document.querySelector("[data-page]");
const restore = document.querySelector("[data-restore]");
let shelf = form.dataset.store;
let touched = false;
let leaving = false;
let busy = false;
let timer = 0;
let work = Promise.resolve();
let place = "";

const typed = () => {
  const data = new FormData(form);
  data.delete("do");
  return data;
};
const snapshot = () => JSON.stringify([...typed()].filter(([name]) => /^(title|text|audience)/.test(name)));
const first = snapshot();
let last = first;

const say = (name) => (told.textContent = name ? word(name) : "");
const remember = () => {
  try {
    localStorage.setItem(shelf, snapshot());
  } catch {} // a browser that keeps nothing keeps nothing
};
const forget = () => {
  try {
    localStorage.removeItem(shelf);
  } catch {}
};

const send = (address) =>
  fetch(address, { method: "POST", body: new URLSearchParams(typed()), headers: { accept: "application/json" } });

const keep = async () => {
  const now = snapshot();
  if (now === last || leaving) return;
  say("keeping");
  busy = true;
  try {
    const answer = await send(`${form.action}/keep`);
    const said = await answer.json();
    if (!answer.ok) {
      told.textContent = said.error ?? word("waits");
      return;
    }
    last = now;
    if (form.elements.revision) form.elements.revision.value = said.revision;
    else {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "revision", value: said.revision });
      form.append(field);
      forget();
      shelf = shelf.replace(/:new.*$/, `:${said.here.split("/").pop()}`);
      remember();
      form.action = said.here;
      history.replaceState(null, "", said.here);
    }
    if (snapshot() === now) {
      forget();
      say("kept");
    }
  } catch {
    say("waits");
  } finally {
    busy = false;
  }
};

const look = async () => {
  const language = place.split("-")[1] ?? "";
  const data = typed();
  data.set("language", language);
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(data) });
    if (!answer.ok) return;
    page.innerHTML = (await answer.json()).html; // made and cleaned by the server
    shown.hidden = false;
  } catch {} // the next key tries again
};

const later = () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!shown.hidden) look();
    if ("keeps" in form.dataset) work = work.then(keep);
  }, PAUSE);
};

form.addEventListener("input", (event) => {
  touched = true;
  place = event.target.name.startsWith("audience") ? place : event.target.name;
  remember();
  later();
});

form.querySelector("[data-look]").addEventListener("click", async (event) => {
  event.preventDefault();
  await look();
  shown.scrollIntoView({ block: "nearest" });
});

form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (!busy) {
    leaving = true;
    return;
  }
  // A draft that is just being kept for the first time gets its address before the form goes there.
  event.preventDefault();
  const button = event.submitter;
  work.finally(() => setTimeout(() => form.requestSubmit(button)));
});
addEventListener("pageshow", (event) => {
  if (event.persisted) leaving = false;
});

addEventListener("beforeunload", (event) => {
  if (touched && !leaving && snapshot() !== last) event.preventDefault();
});

const kept = (() => {
  try {
    return localStorage.getItem(shelf);
  } catch {
    return null;
  }
})();
if (kept && kept !== first && !document.querySelector(".told.is-good")) {
  restore.hidden = false;
  restore.querySelector("[data-take]").addEventListener("click", () => {
    for (const [name, value] of JSON.parse(kept)) {
      const field = form.elements[name];
      if (field) field.value = value;
      field?.closest?.("details")?.setAttribute("open", "");
    }
    restore.hidden = true;
    touched = true;
    later();
  });
  restore.querySelector("[data-leave]").addEventListener("click", () => {
    forget();
    restore.hidden = true;
  });
} else if (kept) forget();
