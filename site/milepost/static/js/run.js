// A long run's progress moves by itself; when it has come to its end the page is shown anew.
const place = document.getElementById("run");

const look = async () => {
  if (!document.hidden) {
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    const html = answer?.ok ? await answer.text() : "";
    const found = new DOMParser().parseFromString(html, "text/html").getElementById("run");
    if (found && found.dataset.state !== place.dataset.state) return location.reload();
    const bar = found?.querySelector("[data-progress]");
    if (bar) {
      place.querySelector("[data-progress]").value = bar.value;
      place.querySelector("[data-said]").textContent = found.querySelector("[data-said]").textContent;
    }
  }
  setTimeout(look, 700);
};
setTimeout(look, 700);
