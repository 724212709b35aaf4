// <milepost-cart>: the shop's cart on another site, made by the shop, in a shadow tree of its own.

import { atOnce, swap, told } from "./bar.js";

const KEY = `milepost-cart ${BASE}`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLES);
const tabs = new BroadcastChannel(KEY);

const token = () => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
};

const NUMBERS = ["product", "quantity", "tier", "option"];

/** What a form of the cart asks for, as the shop's API takes it; nothing where a number is missing. */
const change = ({ place, step, ...fields }) => {
  for (const name of NUMBERS) if (name in fields) fields[name] = Math.trunc(Number(fields[name] || NaN));
  if (step) fields.quantity = Math.max(0, fields.quantity + Number(step));
  if (fields.country === "") fields.country = null;
  return NUMBERS.some((name) => Number.isNaN(fields[name])) ? undefined : fields;
};

/** The shop's answer; what a bad network swallowed is said again, under its key, so that it is done once. */
const ask = async (url, options) => {
  for (const pause of [400, 1600]) {
    try {
      return await fetch(url, options);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return fetch(url, options);
};

class MilepostCart extends HTMLElement {
  #place = document.createElement("div");
  #tokens = new CSSStyleSheet();
  #said = document.createElement("p");
  #turn = Promise.resolve();
  #away = "";

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet, this.#tokens];
    this.#said.className = "unseen";
    this.#said.setAttribute("role", "status");
    root.append(this.#place, this.#said);
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      const form = event.target;
      if (form.getAttribute("action") === "/checkout") location.assign(`${BASE}/cart#take=${token()}`);
      else this.#send(change(Object.fromEntries(told(form, event.submitter))));
    });
    root.addEventListener("change", atOnce);
  }

  connectedCallback() {
    tabs.addEventListener("message", this.look);
    document.addEventListener("click", this.#clicked);
    this.look();
  }

  disconnectedCallback() {
    tabs.removeEventListener("message", this.look);
    document.removeEventListener("click", this.#clicked);
  }

  /** Put a product into the cart. */
  add(product, quantity = 1) {
    return this.#send(change({ do: "add", product, quantity }));
  }

  /** Show the cart as the shop has it now. */
  look = () => (this.#turn = this.#turn.then(() => this.#ask("")).catch(() => {}));

  #clicked = (event) => {
    const button = event.target.closest?.("[data-milepost-add]");
    if (button) this.add(button.dataset.milepostAdd, button.dataset.quantity ?? 1);
  };

  #send(fields) {
    this.#turn = this.#turn
      .then(() => this.#ask(fields ? "/changes" : "", fields))
      .then(() => tabs.postMessage(""))
      .catch(() => (this.#said.textContent = this.#away));
    return this.#turn;
  }

  async #ask(path, fields) {
    const lang = this.lang || document.documentElement.lang || "en";
    const headers = { accept: "application/json" };
    const own = token();
    if (own) headers["milepost-cart"] = own;
    if (fields) {
      headers["content-type"] = "application/json";
      headers["idempotency-key"] = crypto.randomUUID();
    }
    const answer = await ask(`${BASE}/api/v1/cart${path}?html=1&lang=${encodeURIComponent(lang)}`, {
      method: fields ? "POST" : "GET",
      headers,
      body: fields && JSON.stringify(fields),
      credentials: "omit",
    });
    const said = await answer.json();
    const cart = said.cart ?? said; // what is refused is told with the cart as it stands
    if (!("html" in cart)) throw new Error(said.detail);
    if (cart.token) localStorage.setItem(KEY, cart.token);
    if (cart.css) this.#tokens.replaceSync(cart.css);
    this.#place.lang = cart.lang;
    this.#place.dir = cart.dir;
    this.#away = cart.away ?? this.#away;
    swap(this.#place, cart.html, cart.reached);
    this.#said.textContent = cart.said;
    this.dispatchEvent(new CustomEvent("milepost-cart", { detail: cart, bubbles: true }));
  }
}

if (!customElements.get("milepost-cart")) customElements.define("milepost-cart", MilepostCart);
