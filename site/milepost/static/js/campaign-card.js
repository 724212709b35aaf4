// What <milepost-campaign> shows: a campaign at a glance, and the part of its trail that comes next.
// Whatever anybody wrote is set as text; nothing here makes markup of it.

const still = matchMedia("(prefers-reduced-motion: reduce)");
const NEAR = 4; // stops of the trail that are shown
const LONG = 900; // milliseconds that the crowd walks

const grown = (made, attributes, parts) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...parts.filter((part) => part !== null));
  return made;
};
const html = (name, attributes = {}, ...parts) =>
  grown(document.createElement(name), attributes, parts);
const svg = (name, attributes = {}, ...parts) =>
  grown(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, parts);
const drawing = (attributes, ...parts) =>
  svg("svg", { "aria-hidden": "true", focusable: "false", ...attributes }, ...parts);
const check = () => drawing({ class: "check", viewBox: "0 0 16 16" }, svg("path", { d: "M3 8.5l3.4 3.4L13 4.8" }));

export class Card {
  #dress;
  #link;
  #total = null;
  #frame = 0;
  #stops = new Map();
  #known = null;

  /** `dress` is what `/embed/c/{slug}.json` says; `link` are the attributes of every link. */
  constructor(place, dress, link, compact) {
    this.#dress = dress;
    this.#link = link;
    this.#build(place, dress, compact);
  }

  #build(place, dress, compact) {
    const { picture } = dress;
    const a = (inside, more = {}) => html("a", { href: this.#href(""), ...this.#link, ...more }, inside);
    this.title = a("");
    this.badge = html("p", { class: "badge", hidden: "" }, check(), dress.words.funded);
    this.strong = html("strong");
    this.of = html("span");
    this.map = drawing({ class: "map", width: "100%", height: 40 });
    this.road = html("div", { class: "road", role: "progressbar", "aria-valuemin": 0 }, this.map);
    this.left = html("strong");
    this.ahead = html("span", { dir: "auto" });
    this.next = html("p", { class: "next" }, this.left, " ", this.ahead);
    this.facts = html("ul", { class: "facts" });
    this.button = a("", { class: "button" });
    this.list = html("ol");
    this.more = html("p", { class: "more" }, a(""));
    this.trail = html("div", { class: "trail" }, this.list, this.more);
    this.figure = html("div", { class: "figure" }, html("p", { class: "total" }, this.strong, " ", this.of), this.road, this.next);
    this.spoken = html("p", { class: "unseen", role: "status" });
    const image = picture && html("img", { ...picture, sizes: "(min-width: 40em) 28em, 100vw", loading: "lazy", decoding: "async" });
    const words = html(
      "div",
      { class: "words" },
      html("p", { class: "store", dir: "auto" }, dress.store),
      html("h2", { id: "title", dir: "auto" }, this.title),
      compact ? null : html("p", { class: "blurb", dir: "auto" }, dress.blurb),
      this.figure,
      this.facts,
      html("p", { class: "do" }, this.button),
    );
    const card = html(
      "article",
      { class: `card${compact ? " is-compact" : ""}${compact || !image ? " is-plain" : ""}`, "aria-labelledby": "title" },
      compact || !image ? null : html("div", { class: "picture" }, image),
      words,
      compact ? null : this.trail,
      this.spoken,
    );
    (compact || !image ? words : card.firstChild).prepend(this.badge);
    place.replaceChildren(card);
  }

  #href(hash) {
    return this.#dress.url + (this.#dress.via ? `?via=${encodeURIComponent(this.#dress.via)}` : "") + hash;
  }

  // ── Words, numbers, dates ──────────────────────────────────────────────────────────────────────

  #word(name, fields = {}) {
    const text = this.#dress.words[name] ?? this.#dress.words[name.replace(/-\w+$/, "-other")];
    return text.replace(/\{(\w+)\}/g, (whole, field) => fields[field] ?? whole);
  }

  #counted(name, value) {
    return this.#word(`${name}-${new Intl.PluralRules(this.#dress.lang).select(value)}`, { count: this.#number(value) });
  }

  #number(value, options = {}) {
    return new Intl.NumberFormat(this.#dress.lang, options).format(value);
  }

  #money(minor, currency, more = {}) {
    const style = { style: "currency", currency };
    const exponent = new Intl.NumberFormat("en", style).resolvedOptions().maximumFractionDigits;
    const digits = minor % 10 ** exponent ? exponent : 0;
    return this.#number(minor / 10 ** exponent, { ...style, minimumFractionDigits: digits, maximumFractionDigits: digits, ...more });
  }

  #amount(value, { basis, currency }) {
    return basis === "money" ? this.#money(value, currency) : this.#number(value);
  }

  #short(value, state) {
    const full = this.#amount(value, state);
    const small = { notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 };
    if (full.length < 6) return full;
    return state.basis === "money" ? this.#money(value, state.currency, small) : this.#number(value, small);
  }

  #day(moment) {
    const form = { day: "numeric", month: "long", year: "numeric", timeZone: this.#dress.zone };
    return new Intl.DateTimeFormat(this.#dress.dates, form).format(new Date(moment));
  }

  /** A fact about a moment that comes, how far off it is, and its day for whoever points at it. */
  #until(name, moment) {
    const hours = (new Date(moment) - Date.now()) / 36e5;
    const [value, unit] = hours >= 48 ? [hours / 24, "day"] : hours >= 2 ? [hours, "hour"] : [hours * 60, "minute"];
    const when = new Intl.RelativeTimeFormat(this.#dress.lang).format(Math.max(1, Math.floor(value)), unit);
    return html("li", {}, html("time", { datetime: moment, title: this.#day(moment) }, this.#word(name, { when })));
  }

  // ── What moves ─────────────────────────────────────────────────────────────────────────────────

  /** The campaign as it stands now; an older version than the one that is shown changes nothing. */
  show(state) {
    const before = this.#known;
    if (before && state.version < before.version) return;
    this.#known = state;
    this.title.textContent = state.title;
    const begins = state.state === "announced" || state.state === "upcoming";
    const open = state.state === "live";
    this.button.textContent = this.#word(open ? "choose" : begins ? "notify" : "see");
    this.button.href = this.#href(open ? "#pledge" : "");
    const counts = state.state !== "announced";
    this.figure.hidden = this.trail.hidden = !counts;
    this.tellTime();
    if (!counts) return;
    this.badge.hidden = !(state.outcome === "funded" || (state.outcome === null && state.total >= state.goal));
    this.of.textContent = this.#word("of", { goal: this.#amount(state.goal, state) });
    const stops = this.#places(state);
    this.#tellNext(stops.find((stop) => !stop.passed && stop.m), state);
    const reached = this.#tellTrail(stops, state);
    this.#walk(state, stops);
    if (before) this.#celebrate(reached);
  }

  /** What time alone moves: said again once a minute. */
  tellTime() {
    const { state, opens_at, closes_at, backers, basis, raised, currency } = this.#known;
    const facts = [];
    if (state === "live" || state === "closed") facts.push(html("li", {}, this.#counted("backers", backers)));
    if (facts.length && basis === "units") facts.push(html("li", {}, this.#word("raised", { sum: this.#money(raised, currency) })));
    if (state === "live") facts.push(this.#until("closes", closes_at));
    else if (state === "closed") facts.push(html("li", {}, this.#word("closed", { date: this.#day(closes_at) })));
    else if (new Date(opens_at) > Date.now()) facts.push(this.#until("opens", opens_at));
    this.facts.replaceChildren(...facts);
  }

  /** The milestones and the goal in their order, and how far the leg to each is walked (0–1). */
  #places({ milestones, goal, total }) {
    const places = milestones.map((m) => ({ key: m.id, target: m.target, m, passed: m.state !== "ahead" }));
    if (!places.some(({ target }) => target === goal)) places.push({ key: "goal", target: goal, m: null, passed: total >= goal });
    places.sort((one, other) => one.target - other.target);
    const next = places.find(({ passed }) => !passed);
    let start = 0;
    for (const place of places) {
      const long = place.target - start;
      place.walked = long ? Math.min(1, Math.max(0, (total - start) / long)) : Number(total >= place.target);
      place.isHere = start <= total && total < place.target;
      place.isGoal = place.target === goal;
      place.isNext = place === next;
      start = place.target;
    }
    return places;
  }

  #title({ m }) {
    if (!m) return this.#word("goal");
    return m.mystery && m.state !== "revealed" ? this.#word("waiting") : m.title;
  }

  #tellNext(next, state) {
    this.next.hidden = !next;
    if (next) {
      this.left.textContent = this.#word("to-go", { left: this.#amount(next.target - state.total, state) });
      this.ahead.textContent = this.#title(next);
    }
    const fields = {
      total: this.#amount(state.total, state),
      goal: this.#amount(state.goal, state),
      percent: this.#number(state.total / state.goal, { style: "percent" }),
      left: next ? this.#amount(next.target - state.total, state) : "",
    };
    this.road.setAttribute("aria-label", this.#word("progress", { title: state.title }));
    this.road.setAttribute("aria-valuemax", state.goal);
    this.road.setAttribute("aria-valuenow", Math.min(Math.max(0, state.total), state.goal));
    this.road.setAttribute("aria-valuetext", this.#word(next ? "value-next" : "value", fields));
  }

  /** The stops about the crowd; those that were just passed are returned. */
  #tellTrail(stops, state) {
    const next = stops.findIndex((stop) => !stop.passed);
    const from = Math.max(0, Math.min(next < 0 ? stops.length : next - 1, stops.length - NEAR));
    const reached = [];
    stops.forEach((stop, index) => {
      const was = this.#stops.get(stop.key);
      if (was && !was.passed && stop.passed) reached.push(stop);
      const row = was?.row ?? html("li");
      this.#stops.set(stop.key, { row, passed: stop.passed });
      const leg = index + 1 < Math.min(stops.length, from + NEAR) ? stops[index + 1] : null;
      if (index >= from && index < from + NEAR) this.#tellStop(row, stop, leg, index, state);
      stop.row = row;
    });
    const rows = stops.slice(from, from + NEAR).map(({ row }) => row);
    const shown = [...this.list.children];
    if (rows.length !== shown.length || rows.some((row, i) => row !== shown[i])) this.list.replaceChildren(...rows);
    this.more.hidden = stops.length <= NEAR;
    this.more.firstChild.textContent = this.#counted("all", state.milestones.length);
    this.more.firstChild.href = this.#href("#trail-title");
    return reached;
  }

  #tellStop(row, stop, onward, index, state) {
    const { m, passed, isNext, isGoal, target } = stop;
    const names = [passed && "is-passed", isNext && "is-next", isGoal && "is-goal"];
    row.className = names.filter(Boolean).join(" ");
    const short = this.#short(target, state);
    const at = html("span", { class: "unseen" }, this.#word("at"));
    const mark = html("span", { class: short.length > 5 ? "stone is-long" : "stone" }, at, " ", short, passed ? check() : null);
    if (isGoal) mark.append(drawing({ class: "flag", viewBox: "0 0 20 24" }, svg("path", { d: "M3 24V2h14l-4 5 4 5H3" })));
    const open = m && (m.state === "revealed" || !m.mystery);
    const said = !passed
      ? this.#word("to-go", { left: this.#amount(target - state.total, state) })
      : this.#word(m?.state === "reached" ? "will-reveal" : "reached");
    const words = html("div", {}, html("p", { class: "status" }, said), html("p", { class: "name", dir: "auto" }, this.#title(stop)));
    if (isNext && open && m.text) words.append(html("p", { class: "text", dir: "auto" }, m.text));
    const thumb = open && m.image ? this.#thumb(row, m) : null;
    const road = row.querySelector(".way") ?? html("div", { class: "way" });
    road.replaceChildren(...(onward ? this.#leg(onward, index) : []), mark);
    row.replaceChildren(...[road, words, thumb].filter(Boolean));
  }

  /** The picture of a milestone, kept while it is the same. */
  #thumb(row, { image, image_alt: alt }) {
    const src = new URL(image.replace("-1600.", "-800."), this.#dress.url).href;
    const old = row.querySelector("img");
    return old?.src === src ? old : html("img", { src, alt, width: 800, height: 600, loading: "lazy", decoding: "async" });
  }

  /** The road to the stop onward: dots ahead, a line where the crowd has walked. */
  #leg({ walked, isHere }, index) {
    const bend = index % 2 ? 20 : 80;
    const path = (name) =>
      drawing({ class: name, viewBox: "0 0 100 100", preserveAspectRatio: "none" }, svg("path", { d: `M50 0C${bend} 30 ${bend} 70 50 100`, "vector-effect": "non-scaling-stroke" }));
    const done = path("walked");
    done.style.clipPath = `inset(-1em -1em ${100 - walked * 100}% -1em)`;
    const leg = html("div", { class: "leg" }, path("dots"), done);
    if (isHere) {
      const dot = html("span", { class: "walker" });
      dot.style.insetBlockStart = `${walked * 100}%`;
      dot.style.insetInlineStart = `${50 + (bend - 50) * 3 * walked * (1 - walked)}%`;
      leg.append(dot);
    }
    return [leg];
  }

  // ── The road at a glance ───────────────────────────────────────────────────────────────────────

  #walk(state, stops) {
    cancelAnimationFrame(this.#frame);
    const [from, to] = [this.#total ?? state.total, state.total];
    const begun = performance.now();
    const end = Math.max(state.goal, ...stops.map(({ target }) => target), 1);
    const share = (value) => `${Math.min(100, Math.max(0, (100 * value) / end))}%`;
    const line = svg("line", { class: "walked", y1: 33, y2: 33 });
    const dot = svg("circle", { class: "dot", cy: 33, r: 7 });
    this.map.replaceChildren(svg("line", { class: "dots", x2: "100%", y1: 33, y2: 33 }), line, ...stops.map((stop) => this.#mark(stop, share(stop.target))), dot);
    const place = (value) => {
      this.#total = value;
      line.setAttribute("x2", share(value));
      dot.setAttribute("cx", share(value));
      const whole = state.basis === "money" && value !== to ? Math.round(value / 100) * 100 : Math.round(value);
      this.strong.textContent = this.#amount(whole, state);
      this.strong.classList.toggle("is-long", this.strong.textContent.length > 9);
    };
    if (from === to || still.matches || document.hidden) return place(to);
    const step = (now) => {
      const t = Math.min(1, Math.max(0, (now - begun) / LONG));
      place(t === 1 ? to : from + (to - from) * (1 - (1 - t) ** 3));
      if (t < 1) this.#frame = requestAnimationFrame(step);
    };
    step(begun);
  }

  #mark({ passed, isNext, isGoal }, x) {
    const name = `mark${passed ? " is-passed" : ""}${isNext ? " is-next" : ""}`;
    const shape = isGoal
      ? [svg("path", { class: "pole", d: "M0 0V-31" }), svg("path", { class: "flag", d: "M0-31h15l-4 5.5 4 5.5H0z" })]
      : [svg("path", { d: "M-7 0v-13a7 7 0 0 1 14 0v13z" })];
    return svg("svg", { class: name, x, y: 33, overflow: "visible" }, ...shape);
  }

  /** At a reach, once: a burst, and one polite sentence; never at each pledge. */
  #celebrate(reached) {
    if (!reached.length) return;
    const said = reached.map((stop) => this.#word(stop.m ? "announce" : "announce-goal", { title: this.#title(stop) }));
    this.spoken.textContent = said.join(" ");
    for (const { row } of reached) {
      row.classList.add("is-new");
      setTimeout(() => row.classList.remove("is-new"), 2000);
    }
  }
}
