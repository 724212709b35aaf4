// Fills the form with a chosen test card or account, and groups a card number's digits while typing.
const form = document.querySelector("form[action^='/pay/']");

function fill(name, value) {
  const field = form.elements.namedItem(name);
  if (!field) return;
  field.value = value;
  if (field instanceof Element) field.removeAttribute("aria-invalid");
}

document.querySelectorAll("[data-number], [data-account]").forEach((link) => {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (link.dataset.number) {
      fill("method", "card");
      fill("number", link.dataset.number);
      fill("expiry", "12 / 34");
      fill("cvc", link.dataset.cvc);
    } else {
      fill("method", "bank");
      fill("routing", "110000000");
      fill("account", link.dataset.account);
    }
    form.querySelector("button.pay").focus({ preventScroll: true });
  });
});

form?.addEventListener("input", (event) => {
  const field = event.target;
  if (field.name === "number" && field.selectionStart === field.value.length) {
    field.value = field.value.replace(/\D/g, "").slice(0, 19).replace(/(.{4})(?=.)/g, "$1 ");
  }
  if (field.name === "expiry" && event.inputType !== "deleteContentBackward") {
    field.value = field.value.replace(/^(\d\d)\s*\/?\s*(\d*)$/, (_, month, year) => `${month} / ${year}`);
  }
});

form?.addEventListener("submit", () => {
  form.querySelector("button.pay").setAttribute("aria-busy", "true");
});
