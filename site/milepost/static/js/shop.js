// A listing's page: the variant that is chosen shows its own price and its own picture.

const form = document.querySelector("[data-offer]");
const price = document.querySelector("[data-price]");
const pictures = document.querySelector("[data-pictures]");

const show = (choice) => {
  if (price) price.textContent = choice.dataset.priceNow;
  const wanted = choice.dataset.pictureNow;
  const picture = [...(pictures?.children ?? [])].find((one) => one.dataset.pictureOf === wanted);
  // Sideways alone: a page that jumps up under one's finger is worse than a picture out of sight.
  if (wanted && picture) pictures.scrollTo({ left: picture.offsetLeft - pictures.offsetLeft, behavior: "smooth" });
};

form?.addEventListener("change", (event) => {
  if (event.target.name === "product") show(event.target);
});
const first = form?.querySelector('[name="product"][type="radio"]:checked');
if (first && price) price.textContent = first.dataset.priceNow;
