// Milestones in the studio: stones move along the road, and what-if answers while one types.

import { money, number } from "./page.js";

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const place = one("#foresight");
let asked = 0;

/** Ask the server for the page that this form would lead to; only the last question counts. */
const ask = async (action, fields) => {
  const mine = (asked += 1);
  const panel = place.closest(".foresight");
  panel.classList.add("is-asking");
  try {
    const answer = await fetch(action, { method: "POST", body: fields });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return mine === asked && (answer.ok || answer.status === 409 || answer.status === 422) ? page : null;
  } catch {
    return null;
  } finally {
    if (mine === asked) panel.classList.remove("is-asking");
  }
};

const show = (page) => {
  const found = page && one("#foresight", page);
  if (!found) return;
  place.replaceChildren(...found.childNodes);
  place.classList.toggle("is-empty", found.classList.contains("is-empty"));
  const [advice, there] = [one(".advice", page), one(".advice")];
  if (advice && there) there.replaceWith(advice);
};

// ── The form: its answer follows what is typed ────────────────────────────────────────────────────

const form = one("form[data-preview]");
if (form) {
  let waiting = 0;
  const look = async () => {
    const fields = new FormData(form);
    for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
    fields.set("do", "preview");
    show(await ask(form.action, fields));
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 350);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    asked += 1;
  });
}

// ── The road: stones are sliders ──────────────────────────────────────────────────────────────────

const line = one("[data-line]");
if (line && place) {
  const { basis, currency } = line.dataset;
  const [end, step, exponent] = ["end", "step", "exponent"].map((name) => Number(line.dataset[name]));
  const map = one(".line-map", line);
  const rtl = document.documentElement.dir === "rtl";
  const amount = (value) => (basis === "money" ? money(value, currency, exponent) : number(value));
  const short = new Intl.NumberFormat(document.documentElement.lang, {
    notation: "compact",
    maximumFractionDigits: 1,
    ...(basis === "money" ? { style: "currency", currency } : {}),
  });
  const compact = (value) => {
    const full = amount(value);
    return full.length <= 8 ? full : short.format(basis === "money" ? value / 10 ** exponent : value);
  };
  const hint = one("[data-hint]");
  if (hint) hint.hidden = false;

  const put = (stop, value) => {
    const target = Math.min(end, Math.max(1, value));
    stop.dataset.now = target;
    stop.setAttribute("x", `${(100 * target) / end}%`);
    const knob = one("[role=slider]", stop);
    knob.setAttribute("aria-valuenow", target);
    knob.setAttribute("aria-valuetext", amount(target));
    const mark = one(".line-mark", stop);
    mark.textContent = compact(target);
    mark.classList.toggle("is-long", mark.textContent.length > 5);
    stop.classList.toggle("is-moving", target !== Number(stop.dataset.target));
  };

  const typed = (value) => {
    const digits = String(value % 10 ** exponent).padStart(exponent, "0");
    return basis === "money" && exponent ? `${Math.floor(value / 10 ** exponent)}.${digits}` : String(value);
  };

  const clear = () => {
    asked += 1;
    place.replaceChildren();
    place.classList.add("is-empty");
  };

  const leave = (stop) => {
    put(stop, Number(stop.dataset.target));
    clear();
  };

  const look = async (stop, then) => {
    const value = Number(stop.dataset.now ?? stop.dataset.target);
    if (value === Number(stop.dataset.target)) return clear();
    for (const other of all("[data-handle].is-moving")) if (other !== stop) put(other, Number(other.dataset.target));
    const fields = new FormData();
    fields.set("target", typed(value));
    fields.set("do", "preview");
    show(await ask(stop.dataset.action, fields));
    if (then) one("[data-save]", place)?.focus();
  };

  for (const stop of all("[data-handle]")) {
    const knob = one("[role=slider]", stop);
    let waiting = 0;
    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => look(stop), 400);
    };
    const now = () => Number(stop.dataset.now ?? stop.dataset.target);
    knob.addEventListener("keydown", (event) => {
      const sign = rtl ? -1 : 1;
      const moves = { ArrowRight: sign, ArrowLeft: -sign, ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
      if (event.key in moves) put(stop, Math.round(now() / step + moves[event.key]) * step);
      else if (event.key === "Home") put(stop, step);
      else if (event.key === "End") put(stop, end);
      else if (event.key === "Escape") return leave(stop);
      else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        clearTimeout(waiting);
        return look(stop, true);
      } else return;
      event.preventDefault();
      soon();
    });
    knob.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      knob.focus({ preventScroll: true });
      knob.setPointerCapture(event.pointerId);
      const box = map.getBoundingClientRect();
      const from = { x: event.clientX, value: now() };
      const drag = (move) => {
        const walked = ((move.clientX - from.x) / box.width) * end * (rtl ? -1 : 1);
        put(stop, Math.round((from.value + walked) / step) * step);
      };
      const drop = () => {
        knob.removeEventListener("pointermove", drag);
        look(stop);
      };
      knob.addEventListener("pointermove", drag);
      knob.addEventListener("lostpointercapture", drop, { once: true });
    });
  }

  place.addEventListener("click", (event) => {
    if (!event.target.closest("[data-leave]")) return;
    event.preventDefault();
    for (const stop of all("[data-handle].is-moving")) {
      leave(stop);
      one("[role=slider]", stop).focus();
    }
  });
}
