// What every page gains with a script: the reader's own clock, the exact sum on the button, sharing.

const page = document.documentElement;
const words = document.getElementById("words");

/** A translated message of the page, its {fields} filled in. */
export const word = (name, fields = {}) => {
  const text = words?.content.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, field) => fields[field] ?? whole);
};

export const number = (value) => new Intl.NumberFormat(page.lang).format(value);

/** The form of a counted message for `value`. */
export const counted = (name, value) =>
  word(`${name}-${new Intl.PluralRules(page.lang).select(value)}`, { count: number(value) });

/** Minor units as the page's language writes them; whole amounts without decimals. */
export const money = (minor, currency, exponent) => {
  const digits = minor % 10 ** exponent === 0 ? 0 : exponent;
  return new Intl.NumberFormat(page.lang, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(minor / 10 ** exponent);
};

/** Minor units of an amount as typed, by the server's own rule; 0 for nothing, null for a slip. */
const typedMinor = (text, exponent) => {
  if (!text.trim()) return 0;
  const match = /^(\d{1,13})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!match || (match[2] ?? "").length > exponent) return null;
  return Number(match[1]) * 10 ** exponent + Number((match[2] ?? "").padEnd(exponent, "0") || 0);
};

/** Zones and fees of the campaign, as the server gave them to the page. */
const shipping = JSON.parse(document.querySelector("[data-shipping]")?.dataset.shipping ?? "null");

/** What it costs to send `[tier, count]` pieces, by the server's own rule; null where nobody can say. */
const shippingFee = (pieces, country) => {
  if (!pieces.length) return 0;
  if (!shipping || shipping.excluded.includes(country)) return null;
  const { zones, excluded } = shipping;
  if (!country && (excluded.length || zones.some((zone) => zone.countries.length))) return null;
  const zone =
    zones.find((one) => one.countries.includes(country)) ??
    zones.find((one) => !one.countries.length);
  const fees = pieces.map(([tier]) => zone?.fees[tier]);
  if (fees.includes(undefined)) return null;
  // One piece goes as the first, the dearest one; each of the others goes along with it.
  const [first, further] = fees.reduce((dearest, fee) => (fee[0] > dearest[0] ? fee : dearest));
  return fees.reduce((sum, fee, i) => sum + pieces[i][1] * fee[1], first - further);
};

/** What `gain` more on the meter unlocks, by the server's own rule: nothing while it would be held. */
const unlocked = (gain, goods) => {
  const place = document.querySelector("[data-unlocking]");
  if (!place || !(goods > 0) || goods > Number(place.dataset.limit ?? Infinity)) return "";
  return [...place.content.children]
    .filter((one) => Number(one.dataset.target) <= Number(place.dataset.total) + gain)
    .map((one) => one.textContent)
    .join("\n");
};

const tellTheSum = (form) => {
  const { currency, price, exponent: places } = form.dataset;
  const exponent = Number(places);
  const button = form.querySelector("[data-do]");
  const note = form.querySelector("[data-fee]");
  const { quantity, bonus, amount, country, shown_total: shown } = form.elements;
  const addons = [...form.querySelectorAll("[data-addon] input")];
  const [plain, plainNote] = [button.textContent, note?.textContent];
  const update = () => {
    const count = Number(quantity.value);
    const counts = addons.map((field) => (field.disabled ? 0 : Number(field.value)));
    const typed = typedMinor((bonus ?? amount).value, exponent);
    const goods = addons.reduce(
      (sum, field, i) => sum + Number(field.dataset.price) * counts[i],
      Number(price) * count + (typed ?? NaN),
    );
    const pieces = addons
      .map((field, i) => [field.closest("[data-addon]").dataset.addon, counts[i], field])
      .filter(([, some, field]) => some && "ships" in field.dataset);
    if ("ships" in form.dataset) pieces.unshift([form.elements.tier.value, count]);
    const fee = shippingFee(pieces, country?.value ?? "");
    const whole = counts.every((some) => Number.isInteger(some) && some >= 0);
    const known = Number.isInteger(count) && count > 0 && whole && goods > 0 && fee !== null;
    if (country) {
      country.required = pieces.length > 0;
      country.closest(".field").hidden = !pieces.length;
      if (fee === null) note.textContent = plainNote;
      else if (fee) note.textContent = word("shipping", { fee: money(fee, currency, exponent) });
      else note.textContent = word("shipping-free");
    }
    shown.value = known ? goods + fee : "";
    const unlocks = form.querySelector("[data-unlocks]");
    if (unlocks) {
      const { units: each } = form.dataset;
      const more = addons.reduce((sum, field, i) => sum + Number(field.dataset.units ?? 0) * counts[i], 0);
      const said = whole && count > 0 ? unlocked(each ? Number(each) * count + more : goods, goods) : "";
      if (unlocks.textContent !== said) unlocks.textContent = said;
      unlocks.hidden = !said;
    }
    button.textContent = known
      ? word(("change" in form.dataset ? "change" : "pledge") + ("tax" in form.dataset ? "-tax" : ""), {
          sum: money(goods + fee, currency, exponent),
        })
      : plain;
  };
  form.addEventListener("input", update);
  update();
};

const here = new URLSearchParams(location.search);
const hide = (form, name, value) =>
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));

/** Where the reader came from, and by whose link, goes along with the form; nothing is kept. */
const comeFrom = (form) => {
  const friend = here.get("friend");
  if (friend && !form.elements.friend) hide(form, "friend", friend);
  const came = URL.canParse(document.referrer) ? new URL(document.referrer) : null;
  if (form.elements.came_from || !came || came.host === location.host) return;
  hide(form, "came_from", came.hostname);
};

/** The same into the other languages, and a friend's code into every page of the campaign. */
const keepTag = (link) => {
  const there = new URL(link.href);
  const names = link.matches(".languages a") ? ["friend", "via", "utm_source", "utm_campaign"] : ["friend"];
  for (const name of names) {
    if (here.has(name)) there.searchParams.set(name, here.get(name));
  }
  link.href = there;
};

const ownClock = (time) => {
  const moment = new Date(time.dateTime);
  time.title = time.textContent.trim();
  time.textContent = new Intl.DateTimeFormat(page.dataset.dates, {
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(moment);
};

const rest = (place) => {
  const hours = (new Date(place.dataset.rest) - Date.now()) / 36e5;
  if (hours <= 0) return;
  const [value, unit] =
    hours >= 48 ? [hours / 24, "day"] : hours >= 2 ? [hours, "hour"] : [hours * 60, "minute"];
  place.textContent = new Intl.RelativeTimeFormat(page.dataset.dates).format(Math.floor(value), unit);
};

const share = (button) => {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator
      .share({ url: button.dataset.share, title: button.dataset.shareTitle })
      .catch(() => {}),
  );
};

const copy = (button) => {
  if (!navigator.clipboard) return;
  const plain = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.copied ?? word("copied");
    setTimeout(() => (button.textContent = plain), 2000);
  });
};

/** The payment's event may come a moment after the backer: look again until the state moves. */
const follow = (place) => {
  let looks = 0;
  const look = async () => {
    looks += 1;
    if (!document.hidden) {
      const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
      const html = answer?.ok ? await answer.text() : "";
      const found = new DOMParser().parseFromString(html, "text/html").querySelector(".receipt");
      if (found && found.dataset.refresh !== place.dataset.refresh) return location.reload();
    }
    setTimeout(look, looks < 20 ? 1500 : 10000);
  };
  setTimeout(look, 1000);
};

const each = (selector, action) => document.querySelectorAll(selector).forEach(action);
each("time[data-moment]", ownClock);
each("[data-rest]", rest);
each("form[data-pledge]", tellTheSum);
each("form[data-pledge]", comeFrom);
each(here.has("friend") ? ".languages a, a[href^='/c/']" : ".languages a", keepTag);
each("[data-share]", share);
each("[data-copy]", copy);
each("[data-refresh]", follow);
each("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
each(".tabs [aria-current], .rail-nav [aria-current]", (link) =>
  link.scrollIntoView({ block: "nearest", inline: "center" }),
);
each("[data-focus]", (place) => place.focus());
