// A campaign's steps: one tier gives free shipping, and the preview follows what is typed.

const form = document.querySelector("form#step");

/** Free shipping is greyed out, with its reason, in every tier but the one that gives it (K5). */
const oneShipping = () => {
  const all = [...form.querySelectorAll("[data-free-shipping]")];
  const given = all.find((choice) => choice.checked);
  for (const choice of all) {
    const taken = Boolean(given) && choice !== given;
    choice.disabled = taken;
    choice.closest(".choice").classList.toggle("is-taken", taken);
    document.getElementById(choice.getAttribute("aria-describedby")).hidden = !taken;
  }
};

if (form && !form.querySelector("fieldset.plain").disabled) {
  oneShipping();
  form.addEventListener("change", oneShipping);
}
document.querySelector("[data-focus]")?.focus();

const control = document.querySelector("[data-preview-at]");
const place = document.querySelector("[data-preview]");
const value = control?.querySelector("[data-preview-value]");
const slider = control?.querySelector("[data-preview-slider]");
let waiting = null;
let asked = 0;

/** What is wrong with a message stands under it while it is typed. */
const tellErrors = (errors) => {
  for (const field of form.querySelectorAll("[data-message]")) {
    const wrong = errors[field.name] ?? "";
    let note = document.getElementById(`${field.name}-note`);
    if (!note && wrong) {
      note = Object.assign(document.createElement("span"), { id: `${field.name}-note`, className: "field-note is-error" });
      field.parentElement.append(note);
    }
    if (note) note.textContent = wrong;
    field.parentElement.classList.toggle("is-wrong", Boolean(wrong));
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    const hint = document.getElementById(`${field.name}-hint`);
    const notes = [hint?.id, wrong && note.id].filter(Boolean).join(" ");
    if (notes) field.setAttribute("aria-describedby", notes);
    else field.removeAttribute("aria-describedby");
  }
};

const look = async () => {
  const typed = [...new FormData(form)].filter(([, part]) => typeof part === "string");
  const turn = ++asked;
  const body = new URLSearchParams(typed);
  const answer = await fetch(control.dataset.previewAt, { method: "POST", body }).catch(() => null);
  if (!answer?.ok || answer.redirected || turn !== asked) return;
  const { html, errors } = await answer.json();
  place.innerHTML = html;
  tellErrors(errors);
};
const soon = (pause) => {
  clearTimeout(waiting);
  waiting = setTimeout(look, pause);
};

if (slider) {
  slider.hidden = false;
  control.querySelector("[data-preview-do]").hidden = true;
  slider.addEventListener("input", () => {
    value.value = slider.value;
    soon(60);
  });
  value.addEventListener("input", () => {
    slider.value = Number(value.value.replace(",", "."));
  });
}
if (form && control) {
  form.addEventListener("input", () => soon(300));
  for (const field of control.querySelectorAll("[form]")) {
    field.addEventListener("input", (event) => event.target !== slider && soon(150));
  }
}

const pick = form?.querySelector("[data-colour-pick]");
if (pick) {
  const colour = form.querySelector("[data-colour]");
  pick.hidden = false;
  pick.addEventListener("input", () => {
    colour.value = pick.value;
    colour.dispatchEvent(new Event("input", { bubbles: true }));
  });
  colour.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(colour.value)) pick.value = colour.value;
  });
}
