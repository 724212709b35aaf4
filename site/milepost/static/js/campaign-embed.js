// <milepost-campaign slug="…">: a campaign's live trail on any site, in a shadow tree of its own.
// It keeps nothing, sends no cookie, and holds a connection only while somebody can see it.

import { Card } from "./campaign-card.js";

const MOST_STREAMS = 4; // a browser opens six connections to one site, and pictures need some
const PAUSES = [5, 15, 60, 300]; // seconds until a site that is away is asked again
const WITHOUT_STREAM = 30; // seconds until the next look, where no stream is to be had
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLES);
let streams = 0;

const watcher = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) target.seen(isIntersecting);
});

class MilepostCampaign extends HTMLElement {
  static observedAttributes = ["slug", "lang", "compact", "target", "via"];
  #tokens = new CSSStyleSheet();
  #place = document.createElement("div");
  #note = document.createElement("p");
  #own = document.createElement("slot");
  #card = null;
  #live = "";
  #stream = null;
  #isSeen = false;
  #misses = 0;
  #begun = false;
  #looking = null;
  #again = 0;
  #minute = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet, this.#tokens];
    this.#place.className = "place";
    this.#note.className = "note";
    this.#note.setAttribute("role", "status");
    // Until the campaign is here, what the page has put into the element stays: a plain link.
    this.#place.append(this.#own);
    root.append(this.#place, this.#note);
  }

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#heed);
    addEventListener("pageshow", this.#heed);
    watcher.observe(this);
    this.#begun = true;
    this.#look();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#heed);
    removeEventListener("pageshow", this.#heed);
    watcher.unobserve(this);
    this.#looking?.abort();
    this.seen(false);
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#begun || !this.isConnected || before === after) return;
    this.#card = null;
    this.#rest();
    this.#look();
  }

  /** Whether any of it is in sight. */
  seen(isSeen) {
    this.#isSeen = isSeen;
    this.#heed();
  }

  #heed = () => {
    if (!this.#isSeen || document.hidden) this.#rest();
    else if (!this.#card) this.#later(this.#misses ? PAUSES[Math.min(this.#misses, PAUSES.length) - 1] : 0);
    else if (!this.#stream) this.#listen();
  };

  /** Lets go of everything. */
  #rest() {
    clearTimeout(this.#again);
    clearInterval(this.#minute);
    this.#again = 0;
    if (!this.#stream) return;
    this.#stream.close();
    this.#stream = null;
    streams -= 1;
  }

  #later(seconds) {
    if (this.#again || this.#looking) return;
    this.#again = setTimeout(() => {
      this.#again = 0;
      this.#look();
    }, seconds * 1000);
  }

  #listen() {
    clearInterval(this.#minute);
    this.#minute = setInterval(() => this.#card?.tellTime(), 60_000);
    if (streams >= MOST_STREAMS) return this.#later(WITHOUT_STREAM);
    streams += 1;
    this.#stream = new EventSource(this.#live);
    this.#stream.addEventListener("state", (event) => this.#tell(JSON.parse(event.data)));
    this.#stream.addEventListener("error", () => {
      // A browser comes again by itself after a broken line, and gives up after a wrong answer.
      if (this.#stream?.readyState !== EventSource.CLOSED) return;
      this.#rest();
      this.#later(WITHOUT_STREAM);
    });
  }

  #tell(state) {
    this.#card?.show(state);
    this.dispatchEvent(new CustomEvent("milepost-campaign", { detail: state, bubbles: true }));
  }

  /** Asks once how the campaign stands and how it is shown; the stream goes on from there. */
  async #look() {
    this.#looking?.abort();
    const looking = (this.#looking = new AbortController());
    const lang = this.closest("[lang]")?.lang || navigator.language;
    const said = SAID[lang.split("-")[0].toLowerCase()] ?? SAID.en;
    const slug = encodeURIComponent(this.getAttribute("slug") ?? "");
    let trouble = "away";
    try {
      const answer = await fetch(`${BASE}/embed/c/${slug}.json?lang=${encodeURIComponent(lang)}`, {
        credentials: "omit",
        signal: looking.signal,
      });
      if (answer.status === 404) trouble = "unknown";
      if (!answer.ok) throw new Error(answer.status);
      this.#dress(await answer.json());
      this.#misses = 0;
      trouble = "";
    } catch (error) {
      if (looking.signal.aborted) return;
      this.#misses += 1;
    }
    this.#looking = null;
    if (!this.#card) this.#place.replaceChildren(this.#own);
    this.#note.textContent = this.#card ? "" : said[trouble];
    if (trouble === "unknown") this.#misses = PAUSES.length;
    this.#heed();
  }

  #dress(dress) {
    if (!this.#card) {
      this.#tokens.replaceSync(dress.css);
      Object.assign(this.#place, { lang: dress.lang, dir: dress.dir });
      this.#live = BASE + dress.live;
      const target = this.getAttribute("target");
      const link = target ? { target, rel: "noopener" } : {};
      this.#card = new Card(this.#place, { ...dress, via: this.getAttribute("via") }, link, this.hasAttribute("compact"));
    }
    this.#tell(dress.state);
  }
}

if (!customElements.get("milepost-campaign")) customElements.define("milepost-campaign", MilepostCampaign);
