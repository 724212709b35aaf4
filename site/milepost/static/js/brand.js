// The brand's colour as it is typed or picked: what is made of it, by the server's own rule.

const field = document.querySelector("[data-brand]");
const pick = document.querySelector("[data-brand-pick]");
const place = document.querySelector("[data-look]");
const css = document.querySelector("[data-look-css]");
let waiting = null;

const look = async () => {
  if (!/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(field.value.trim())) return;
  const asked = `?brand=${encodeURIComponent(field.value.trim())}`;
  const answer = await fetch(place.dataset.lookAt + asked).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  css.href = `${place.dataset.lookAt}.css${asked}`;
  place.innerHTML = (await answer.json()).html;
};
const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, 200);
};

pick.hidden = false;
pick.addEventListener("input", () => {
  field.value = pick.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
field.addEventListener("input", () => {
  if (/^#[0-9a-f]{6}$/i.test(field.value)) pick.value = field.value;
  soon();
});
document.querySelector("[data-brand-do]").hidden = true;
