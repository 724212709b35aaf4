// The cart in the shop's frame: a drawer that opens when something is added, and follows in every tab.

import { atOnce, swap, told } from "./bar.js";

const one = (selector, place = document) => place.querySelector(selector);
const drawer = one("[data-drawer]");
const body = one("[data-drawer-body]");
const page = one("[data-cart-page]");
const badge = one("[data-cart-count]");
const tabs = new BroadcastChannel("milepost-cart");
const lang = document.documentElement.lang;
const place = page ? "page" : "drawer";
let turn = Promise.resolve();

/** A sentence for whoever can't see; what lies behind an open drawer is not read out. */
const tell = (sentence) => {
  for (const line of document.querySelectorAll("[data-cart-said]")) line.textContent = sentence;
};

const counted = (count) => {
  badge.textContent = count > 99 ? "99+" : count;
  badge.hidden = !count;
};

const remember = (count) => {
  counted(count);
  try {
    localStorage.setItem("milepost-cart", count);
  } catch {}
};

const show = (answer) => {
  swap(page ?? body, answer.html, answer.reached);
  remember(answer.count);
};

/** The cart as the server has it now. */
const look = async () => {
  const answer = await fetch(`/cart/drawer?place=${place}&lang=${lang}`, { headers: { accept: "application/json" } });
  if (answer.ok) show(await answer.json());
};

const open = () => {
  if (page || drawer.open) return;
  drawer.showModal();
  one("#drawer-title").focus();
};

const send = async (form, fields) => {
  fields.set("place", place);
  fields.set("lang", lang);
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: fields, headers: { accept: "application/json" } });
  } catch {
    answer = null;
  }
  if (answer?.headers.get("content-type") !== "application/json") {
    tell(drawer.dataset.away);
    const here = form.closest("[data-cart]");
    here?.prepend(Object.assign(document.createElement("p"), { className: "notice cart-notice is-error", textContent: drawer.dataset.away }));
    return;
  }
  const cart = await answer.json();
  show(cart);
  if (!form.closest("[data-cart]")) open();
  tell(cart.said);
  tabs.postMessage(cart.count);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.action || new URL(form.action).pathname !== "/cart/change") return;
  event.preventDefault();
  const fields = told(form, event.submitter);
  turn = turn.then(() => send(form, fields));
});
document.addEventListener("change", atOnce);

one("[data-cart-button]").addEventListener("click", (event) => {
  if (page || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  turn = turn.then(look).then(open, () => location.assign("/cart"));
});
one("[data-drawer-close]").addEventListener("click", () => drawer.close());
drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());

tabs.addEventListener("message", (event) => {
  counted(event.data);
  if (page || drawer.open) turn = turn.then(look).catch(() => {});
});

/** Whoever comes from another site brings the cart along, in a part of the address that no server sees. */
const given = /^#take=([\w-]{20,100})$/.exec(location.hash);
if (given && page) {
  history.replaceState(null, "", location.pathname + location.search);
  const token = new URLSearchParams({ token: given[1] });
  turn = turn.then(() => fetch("/cart/take", { method: "POST", body: token })).then(look).catch(() => {});
}

/** The studio wants to know that there is a drawer; once a visit is enough. */
const report = () => {
  const { store } = drawer.dataset;
  try {
    if (!store || sessionStorage.getItem("milepost-drawer")) return;
    sessionStorage.setItem("milepost-drawer", "told");
  } catch {
    return;
  }
  fetch("/cart/seen", { method: "POST", body: new URLSearchParams({ store }), keepalive: true }).catch(() => {});
};

const known = () => {
  try {
    return Number(localStorage.getItem("milepost-cart"));
  } catch {
    return 0;
  }
};
if (page) remember(Number(one("[data-cart]", page).dataset.count));
else if (known()) {
  counted(known());
  turn = turn.then(look).catch(() => {});
}
report();
