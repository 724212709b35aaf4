// The open overview follows its campaign, and the slider moves through the ledger as it is drawn.

const root = document.querySelector("[data-overview]");

/** The page at this address as it is now; null where it can't be had. */
const page = async (address) => {
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

/** Runs `work` for the last thing asked, one at a time and no sooner than `pause` ms after the one before. */
const latest = (work, pause) => {
  let [running, again] = [false, null];
  const run = async (...asked) => {
    if (running) {
      again = asked;
      return;
    }
    running = true;
    try {
      await work(...asked);
      await new Promise((done) => setTimeout(done, pause));
    } finally {
      running = false;
      if (again) {
        const next = again;
        again = null;
        run(...next);
      }
    }
  };
  return run;
};

// ── What is new ──────────────────────────────────────────────────────────────────────────────────

const now = root.querySelector("[data-now]");
const open = (within) => new Set([...within.querySelectorAll("details[open][id]")].map((one) => one.id));

/** How to lead the keyboard back to where it was, in a part that was drawn anew. */
const place = () => {
  const at = document.activeElement;
  if (!now.contains(at)) return null;
  const way = at.id ? `#${at.id}` : at.closest("details[id]") ? `#${at.closest("details[id]").id} summary` : null;
  const href = at.getAttribute("href");
  return () =>
    (way ? now.querySelector(way) : now.querySelector(`a[href="${CSS.escape(href ?? "")}"]`))?.focus({ preventScroll: true });
};

const renew = latest(async () => {
  if (document.hidden) return;
  const fresh = await page(location.href);
  const found = fresh?.querySelector("[data-overview]");
  const part = found?.querySelector("[data-now]");
  if (!part) return;
  const [kept, back] = [open(now), place()];
  now.replaceChildren(...part.childNodes);
  for (const id of kept) document.getElementById(id)?.setAttribute("open", "");
  back?.();
  for (const button of now.querySelectorAll("[data-copy]")) copyable(button);
  root.dataset.version = found.dataset.version;
  const slider = root.querySelector("[data-travel] input");
  const last = found.querySelector("[data-travel] input");
  if (slider && last) slider.max = last.max;
}, 1000);

/** What comes with a new part copies too; those that came with the page do it by `page.js`. */
const copyable = (button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value),
  );
};

if (now && root.dataset.live) {
  let stream = null;
  const listen = () => {
    if (document.hidden) {
      stream?.close();
      stream = null;
    } else if (!stream || stream.readyState === EventSource.CLOSED) {
      stream = new EventSource(root.dataset.live);
      stream.addEventListener("state", (event) => {
        if (JSON.parse(event.data).version !== Number(root.dataset.version)) renew();
      });
    }
  };
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => event.persisted && ((stream = null), listen()));
  listen();
}

// ── Travel in time ───────────────────────────────────────────────────────────────────────────────

const travel = root.querySelector("[data-travel]");

if (travel) {
  const [slider, at] = [travel.querySelector("input"), travel.querySelector("[data-travel-at]")];
  const then = root.querySelector("[data-then]");
  const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);
  travel.querySelector("[data-travel-go]").hidden = true;

  const say = () => {
    at.textContent = number(slider.value);
    slider.setAttribute("aria-valuetext", travel.dataset.words.replace("{seq}", number(slider.value)));
  };
  const show = latest(async () => {
    const seq = slider.value;
    const fresh = await page(`${travel.getAttribute("action")}?at=${seq}${language}`);
    const found = fresh?.querySelector("[data-then]");
    if (found) then.replaceChildren(...found.childNodes);
  }, 60);
  const asked = new URLSearchParams(location.search).get("lang");
  const language = asked ? `&lang=${encodeURIComponent(asked)}` : "";

  slider.addEventListener("input", () => {
    say();
    show();
  });
  travel.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  // The ways to other entries move the slider along.
  then.addEventListener("click", (event) => {
    const link = event.target.closest(".then-ways a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    slider.value = new URL(link.href).searchParams.get("at");
    say();
    show();
    slider.focus();
  });
}
