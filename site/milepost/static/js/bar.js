// A cart's HTML, as the server made it, put in the place of the former: its bar runs on from where it stood.

const all = (selector, place) => [...place.querySelectorAll(selector)];
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const SVG = "http://www.w3.org/2000/svg";

const shares = (place) =>
  new Map(all("[data-fill]", place).map((line) => [line.dataset.fill, line.getAttribute("width")]));

/** Rays around a mark, once. */
const burst = (mark) => {
  const rays = document.createElementNS(SVG, "svg");
  rays.setAttribute("class", "bar-burst");
  rays.setAttribute("viewBox", "-100 -100 200 200");
  rays.setAttribute("aria-hidden", "true");
  for (let i = 0; i < 14; i += 1) {
    const ray = document.createElementNS(SVG, "line");
    ray.setAttribute("x2", "100");
    ray.setAttribute("transform", `rotate(${(i * 360) / 14})`);
    rays.append(ray);
  }
  mark.append(rays);
  setTimeout(() => rays.remove(), 1100);
};

/** Swap `html` in; `reached` are the tiers that were unlocked just now. The focus stays where it was. */
export const swap = (place, html, reached = []) => {
  const root = place.getRootNode();
  const before = shares(place);
  const focused = place.contains(root.activeElement) ? root.activeElement.id : "";
  const opened = all("details[open] > summary", place).map((summary) => summary.id);
  place.innerHTML = html;
  for (const id of opened) root.getElementById(id)?.parentElement.setAttribute("open", "");
  if (!still()) {
    for (const line of all("[data-fill]", place)) {
      const to = line.getAttribute("width");
      line.setAttribute("width", before.get(line.dataset.fill) ?? (before.size && !reached.length ? "100%" : "0%"));
      line.getBoundingClientRect();
      line.setAttribute("width", to);
    }
    for (const id of reached) {
      const mark = place.querySelector(`[data-tier="${id}"]`) ?? place.querySelector("[data-tier]");
      if (!mark) continue;
      mark.classList.add("is-new");
      burst(mark);
    }
  }
  if (!focused) return;
  const again = root.getElementById(focused);
  const next = again && !again.disabled ? again : place.querySelector(".cart-quantity input, a, button");
  (next ?? place.querySelector("[data-cart]"))?.focus({ preventScroll: true });
};

/** What a form of the cart says, with the button that sent it. */
export const told = (form, button) => new URLSearchParams(new FormData(form, button));

/** Fields that send their form by themselves. */
export const atOnce = (event) => {
  const field = event.target;
  if (field.matches?.('.cart-quantity input, form[data-at-once] :is(select, input)')) field.form.requestSubmit();
};
