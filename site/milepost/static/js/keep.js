// Keeps what is typed in the studio's editor: in this browser at once, on the server a moment later.
// Without this script a form is kept when it is sent; with it nothing that was typed is lost.

const PAUSE = 700; // milliseconds of quiet before what was typed is sent
const AGAIN = 5000; // and until it is tried once more

const fill = (text, fields) => text.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
const clock = (when) =>
  new Intl.DateTimeFormat(document.documentElement.dataset.dates, { hour: "2-digit", minute: "2-digit" }).format(when);

/** The form's texts by name; a tick that is off is not among them, as in a form that is sent. */
const typedIn = (form) =>
  Object.fromEntries([...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "do"));

const keep = (form) => {
  const { keep: address, keepKept, keepAway, keepBack, keepOvertaken, keepOther } = form.dataset;
  const own = `milepost:${address}`;
  const status = form.querySelector("[data-keep-status]");
  const others = document.querySelector("[data-keep-others]");
  let waiting = null;
  let sending = null;
  let left = false;

  const locally = () => {
    try {
      localStorage.setItem(own, JSON.stringify({ at: Date.now(), typed: typedIn(form) }));
    } catch {
      // A browser that keeps nothing still sends it in a moment.
    }
  };

  const told = (answer) => {
    const words = answer.overtaken
      ? fill(keepOvertaken, { name: answer.saver })
      : fill(keepKept, { time: clock(answer.at || Date.now()) });
    status.textContent = words;
    if (!others) return;
    others.hidden = !answer.others.length;
    others.textContent = answer.others
      .map(({ name, at }) => fill(keepOther, { name, time: clock(new Date(at)) }))
      .join(" ");
  };

  const send = async (last = false) => {
    clearTimeout(waiting);
    waiting = null;
    if (left) return;
    const body = new URLSearchParams(typedIn(form));
    const small = body.toString().length < 60000; // what a page that goes away may still send
    sending?.abort();
    sending = new AbortController();
    try {
      const answer = await fetch(address, { method: "POST", body, keepalive: last && small, signal: sending.signal });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      told(await answer.json());
      if (!waiting) localStorage.removeItem(own);
    } catch (error) {
      if (error.name === "AbortError" || left) return;
      status.textContent = keepAway;
      waiting ??= setTimeout(send, AGAIN);
    }
  };

  /** What this browser still holds and the server never got. */
  const restore = () => {
    let held = null;
    try {
      held = JSON.parse(localStorage.getItem(own) ?? "null");
    } catch {
      // Not ours to read.
    }
    const saved = "keepFresh" in form.dataset || new URLSearchParams(location.search).has("done");
    if (!held || saved || held.at <= Number(form.dataset.keptAt)) return localStorage.removeItem(own);
    const now = typedIn(form);
    if (Object.keys({ ...now, ...held.typed }).every((name) => now[name] === held.typed[name])) return undefined;
    for (const field of form.elements) {
      if (!field.name || field.type === "file" || field.type === "submit") continue;
      const value = held.typed[field.name];
      if (field.type === "checkbox") field.checked = value !== undefined;
      else if (field.type === "radio") field.checked = field.value === value;
      else if (value !== undefined) field.value = value;
    }
    status.textContent = keepBack;
    waiting = setTimeout(send, PAUSE);
    return undefined;
  };

  restore();
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    locally();
    clearTimeout(waiting);
    waiting = setTimeout(send, PAUSE);
  });
  form.addEventListener("submit", () => {
    locally();
    left = true;
    clearTimeout(waiting);
    sending?.abort();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) left = false;
  });
  addEventListener("online", () => waiting && send());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && waiting) send(true);
  });
};

/** The story as the server's own Markdown makes it, while it is typed. */
const preview = (area) => {
  const form = area.form;
  const place = form.querySelector("[data-prose-place]");
  const shown = place?.querySelector("[data-prose-shown]");
  if (!shown) return;
  let waiting = null;
  const look = async () => {
    const body = new URLSearchParams({ text: area.value });
    const answer = await fetch(place.dataset.proseAt, { method: "POST", body }).catch(() => null);
    if (answer?.ok && !answer.redirected) shown.innerHTML = (await answer.json()).html;
  };
  const soon = () => {
    clearTimeout(waiting);
    if (!place.hidden) waiting = setTimeout(look, 250);
  };
  area.addEventListener("input", soon);
  form.querySelector("[data-prose-do]")?.addEventListener("click", (event) => {
    event.preventDefault();
    place.hidden = !place.hidden;
    event.currentTarget.setAttribute("aria-expanded", String(!place.hidden));
    if (!place.hidden) look();
  });
};

/** A file that can't be taken is told of before it is sent, so that the form is not. */
const weigh = (field) =>
  field.addEventListener("change", () => {
    const heavy = [...field.files].some((file) => file.size > Number(field.dataset.most));
    field.setCustomValidity(heavy ? field.dataset.tooHeavy : "");
    if (heavy) field.reportValidity();
  });

document.querySelectorAll("form[data-keep]").forEach(keep);
document.querySelectorAll("textarea[data-prose]").forEach(preview);
document.querySelectorAll("input[type=file][data-most]").forEach(weigh);
document.querySelectorAll("[data-own-zone]").forEach((list) => {
  const field = list.closest("form").elements.zone;
  if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
});
