// A campaign's steps: one tier gives free shipping, and the preview follows what is typed.

const form = document.querySelector("form#step");

/** Free shipping is greyed out, with its reason, in every tier but the one that gives it (K5). */
const oneShipping = () => {
  const all = [...form.querySelectorAll("[data-shipping]")];
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
