// The open page follows the crowd: figures, trail, milestones and rewards move as pledges come in.

import { counted, money, number, word } from "./page.js";

const root = document.querySelector("[data-campaign]");
const { basis, currency, zone } = root.dataset;
const exponent = Number(root.dataset.exponent);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const one = (selector, within = root) => within.querySelector(selector);
const all = (selector, within = root) => [...within.querySelectorAll(selector)];
const amount = (value) => (basis === "money" ? money(value, currency, exponent) : number(value));

let shown = Number(root.dataset.total);
let known = { version: Number(root.dataset.version), goal: Number(root.dataset.goal) };
let frame = 0;
let turning = 0;

// ── The trail ────────────────────────────────────────────────────────────────────────────────────

const curve = (t, [a, b, c, d]) =>
  (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;

/** The curve's x where its height is `walked` (0–1); the same drawing as `web/trail.py`. */
const across = (path, walked) => {
  const [x0, , x1, y1, x2, y2, x3] = path.match(/-?[\d.]+/g).map(Number);
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i += 1) {
    const middle = (low + high) / 2;
    if (curve(middle, [0, y1, y2, 100]) < walked * 100) low = middle;
    else high = middle;
  }
  return curve(low, [x0, x1, x2, x3]);
};

const drawLeg = (leg, total) => {
  const [start, end] = [Number(leg.dataset.start), Number(leg.dataset.end)];
  // Two milestones may stand at one target: that leg has no length.
  const walked = end > start ? Math.min(1, Math.max(0, (total - start) / (end - start))) : Number(total >= end);
  one("clipPath rect", leg).setAttribute("height", `${walked * 100}%`);
  leg.classList.toggle("is-here", start <= total && total < end);
  const x = across(one("path", leg).getAttribute("d"), walked);
  for (const dot of all("circle", leg)) {
    dot.setAttribute("cx", `${x}%`);
    dot.setAttribute("cy", `${walked * 100}%`);
  }
};

const draw = (total) => {
  const road = one("[data-road]");
  const share = `${Math.min(100, Math.max(0, (100 * total) / Number(road.dataset.end)))}%`;
  one(".road-walked", road).setAttribute("x2", share);
  one(".walker", road).setAttribute("cx", share);
  for (const leg of all("[data-leg]")) drawLeg(leg, total);
  const whole = basis === "money" ? Math.round(total / 10 ** exponent) * 10 ** exponent : total;
  for (const figure of all("[data-total]")) figure.textContent = amount(Math.round(whole));
};

const settle = (total) => {
  shown = total;
  draw(total);
  for (const figure of all("[data-total]")) figure.textContent = amount(total);
};

const walkTo = (total) => {
  cancelAnimationFrame(frame);
  if (still.matches || document.hidden || total === shown) return settle(total);
  const [from, begun, long] = [shown, performance.now(), 900];
  const step = (now) => {
    const t = Math.min(1, (now - begun) / long);
    shown = from + (total - from) * (1 - (1 - t) ** 3);
    if (t === 1) return settle(total);
    draw(shown);
    frame = requestAnimationFrame(step);
  };
  frame = requestAnimationFrame(step);
};

const spoken = (state, next) => {
  const road = one("[data-road]");
  const fields = {
    total: amount(state.total),
    goal: amount(state.goal),
    percent: new Intl.NumberFormat(document.documentElement.lang, {
      style: "percent",
    }).format(state.goal ? state.total / state.goal : 0),
    left: next ? amount(next.target - state.total) : "",
  };
  road.setAttribute("aria-valuenow", Math.min(Math.max(0, state.total), state.goal));
  road.setAttribute("aria-valuetext", word(next ? "value-next" : "value", fields));
};

// ── Milestones ───────────────────────────────────────────────────────────────────────────────────

const day = (moment) =>
  new Intl.DateTimeFormat(document.documentElement.dataset.dates, {
    day: "numeric",
    month: "long",
    timeZone: zone,
  }).format(new Date(moment));

const status = (m, state) => {
  if (m.state === "ahead") return word("to-go", { left: amount(m.target - state.total) });
  return m.reached_at ? word("reached-on", { date: day(m.reached_at) }) : word("reached");
};

const picture = (place, m) => {
  const seen = one("img", place);
  if (!m.image || (seen && seen.getAttribute("src") === m.image)) return;
  const image = Object.assign(new Image(800, 600), { alt: m.image_alt ?? "" });
  if (m.image.includes("-1600.")) {
    image.sizes = "(min-width: 48rem) 28rem, 75vw";
    image.srcset = `${m.image.replace("-1600.", "-800.")} 800w, ${m.image} 1600w`;
  }
  image.src = m.image;
  place.replaceChildren(image);
  place.hidden = false;
};

const tell = (stop, m, state) => {
  const hidden = m.mystery && m.state !== "revealed";
  one("[data-title]", stop).textContent = hidden ? word("waiting") : m.title;
  one("[data-text]", stop).textContent =
    m.state === "reached" ? word("will-reveal") : hidden ? word("waiting-text") : m.text;
  stop.classList.toggle("is-mystery", Boolean(hidden));
  if (!hidden) picture(one("[data-picture]", stop), m);
  one("[data-status]", stop).textContent = status(m, state);
};

const milestones = (state) => {
  const reached = [];
  for (const m of state.milestones) {
    const stop = one(`[data-milestone="${CSS.escape(m.id)}"]`);
    if (!stop) continue;
    const before = stop.dataset.state;
    tell(stop, m, state);
    stop.dataset.state = m.state;
    if (before === "ahead" && m.state !== "ahead") reached.push([stop, m]);
  }
  const goal = one(".stop.is-goal:not([data-milestone])");
  if (goal) {
    const met = state.total >= state.goal;
    if (met && !goal.classList.contains("is-passed")) reached.push([goal, null]);
    one("[data-status]", goal).textContent = met
      ? word("reached")
      : word("to-go", { left: amount(state.goal - state.total) });
  }
  return reached;
};

const passed = (stop, state) =>
  stop.dataset.milestone ? stop.dataset.state !== "ahead" : state.total >= state.goal;

/** Marks what is passed and what is next, on the trail and on the road at a glance. */
const mark = (state) => {
  let next = null;
  for (const stop of all("[data-stop]")) {
    const done = passed(stop, state);
    const first = !done && !next;
    if (first) next = stop;
    const small = one(`[data-mark="${stop.dataset.stop}"]`);
    for (const place of [stop, small]) {
      place?.classList.toggle("is-passed", done);
      place?.classList.toggle("is-next", first);
    }
  }
  const ahead = state.milestones.find((m) => m.state === "ahead");
  const line = one("[data-next]");
  line.hidden = !ahead;
  if (ahead) {
    one("[data-next-left]", line).textContent = word("to-go", {
      left: amount(ahead.target - state.total),
    });
    one("[data-next-title]", line).textContent = ahead.mystery ? word("waiting") : ahead.title;
  }
  spoken(state, ahead);
};

// ── A reach: once a burst, then calm ─────────────────────────────────────────────────────────────

const SVG = "http://www.w3.org/2000/svg";

const burst = (stop) => {
  if (still.matches || document.hidden) return;
  const sky = document.createElementNS(SVG, "svg");
  sky.setAttribute("class", "burst");
  sky.setAttribute("viewBox", "-128 -128 256 256");
  sky.setAttribute("aria-hidden", "true");
  for (let i = 0; i < 18; i += 1) {
    const ray = document.createElementNS(SVG, "line");
    ray.setAttribute("x2", i % 2 ? 112 : 126);
    ray.setAttribute("transform", `rotate(${i * 20 - 90})`);
    sky.append(ray);
  }
  const ring = document.createElementNS(SVG, "circle");
  ring.setAttribute("r", 90);
  sky.append(ring);
  const stone = one(".stone", stop);
  sky.style.insetInlineStart = `${stone.offsetLeft + stone.offsetWidth / 2}px`;
  if (getComputedStyle(stone).position === "absolute") {
    sky.style.insetInlineStart = getComputedStyle(stone).insetInlineStart;
  }
  one(".stop-road", stop).append(sky);
  stop.classList.add("is-new");
  setTimeout(() => sky.remove(), 1400);
  setTimeout(() => stop.classList.remove("is-new"), 2000);
};

const celebrate = (reached) => {
  reached.forEach(([stop], index) => setTimeout(() => burst(stop), still.matches ? 0 : 500 + index * 250));
  const sentences = reached.map(([stop, m]) =>
    m ? word("announce", { title: one("[data-title]", stop).textContent }) : word("announce-goal"),
  );
  if (sentences.length) one("[data-say]").textContent = sentences.join(" ");
  const open = reached.filter(([, m]) => m?.state === "revealed").at(-1);
  const prompt = document.querySelector("[data-share-prompt]");
  if (open && prompt) {
    prompt.textContent = word("share-reached", { title: open[1].title });
    prompt.hidden = false;
  }
};

// ── Rewards to choose from ───────────────────────────────────────────────────────────────────────

const tiers = (state) => {
  for (const tier of state.tiers) {
    const place = one(`[data-tier="${CSS.escape(tier.id)}"]`);
    if (!place) continue;
    const line = one("[data-tier-left]", place);
    const gone = tier.state === "sold_out" || tier.left === 0;
    if (gone) line.textContent = word("sold-out");
    else if (tier.state === "ended") line.textContent = word("ended");
    else if (tier.state === "open") line.textContent = tier.left === null ? "" : counted("left", tier.left);
    // A form that someone is filling in stays open; the server has the last word.
    const details = one("details", place);
    place.classList.toggle("is-shut", tier.state !== "open" || gone);
    const quantity = details && one('[name="quantity"]', details);
    if (quantity && tier.left) quantity.max = Math.min(tier.left, tier.most ?? tier.left);
    // What opens now has no form yet.
    if (place.dataset.state === "soon" && tier.state === "open" && !details) turn();
  }
};

/** Add-ons stand in each form; what is typed stays, and the server has the last word. */
const addons = (state) => {
  for (const addon of state.addons) {
    const gone = addon.state !== "open" || addon.left === 0;
    for (const place of all(`[data-addon="${CSS.escape(addon.id)}"]`)) {
      const [line, field] = [one("[data-addon-left]", place), one("input", place)];
      if (addon.state === "ended") line.textContent = word("ended");
      else if (addon.state === "sold_out" || addon.left === 0) line.textContent = word("sold-out");
      else if (addon.state === "open") line.textContent = addon.left === null ? "" : counted("left", addon.left);
      place.classList.toggle("is-shut", gone);
      field.disabled = gone && !field.value;
      if (addon.left) field.max = Math.min(addon.left, addon.most ?? 100);
    }
  }
};

/** Opened or closed: a new page, after a short while that differs from reader to reader. */
const turn = () => {
  if (turning || one("details[open]")) return;
  turning = setTimeout(() => location.reload(), 2000 + Math.random() * 4000);
};

/** What a pledge would unlock: others may have been faster, and targets may move. */
const unlocking = (state) => {
  const place = document.querySelector("[data-unlocking]");
  if (!place) return;
  place.dataset.total = state.total;
  for (const one of [...place.content.children]) {
    const m = state.milestones.find((m) => m.id === one.dataset.id);
    if (m?.state === "ahead") one.dataset.target = m.target;
    else one.remove();
  }
  for (const form of document.querySelectorAll("form[data-pledge]")) form.dispatchEvent(new Event("input"));
};

const apply = (state) => {
  if (state.version < known.version) return;
  known = state;
  if (state.state !== root.dataset.state) turn();
  const change = () => {
    const reached = milestones(state);
    mark(state);
    tiers(state);
    addons(state);
    one("[data-backers]").textContent = counted("backers", state.backers);
    const raised = one("[data-raised]");
    if (raised) raised.textContent = money(state.raised, currency, exponent);
    unlocking(state);
    celebrate(reached);
    const fresh = document.querySelector("[data-fresh]");
    if (fresh?.hidden && state.updates > Number(root.dataset.updates)) {
      fresh.hidden = false;
      one("[data-say]").textContent = fresh.textContent;
    }
  };
  change();
  walkTo(state.total);
};

// A page out of sight lets go of its connection and catches up when it is seen again.
let stream = null;
const listen = () => {
  if (document.hidden) {
    stream?.close();
    stream = null;
  } else if (!stream || stream.readyState === EventSource.CLOSED) {
    stream = new EventSource(root.dataset.live);
    stream.addEventListener("state", (event) => apply(JSON.parse(event.data)));
  }
};
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", (event) => event.persisted && ((stream = null), listen()));
listen();
