// Search: what does not have every word is hidden. On a phone the list of
// operations begins closed.
(() => {
  const box = document.getElementById("search");
  const nothing = document.getElementById("nothing");
  const about = document.getElementById("about");
  const list = document.querySelector("nav details");
  const entries = [...document.querySelectorAll("article")].map((article) => ({
    article,
    item: document.querySelector(`nav li[data-for="${article.id}"]`),
    text: article.textContent.toLowerCase(),
  }));

  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { article, item, text } of entries) {
      const has = words.every((word) => text.includes(word));
      article.hidden = !has;
      if (item) item.hidden = !has;
      if (has) found++;
    }
    for (const group of document.querySelectorAll(".group, .entries")) {
      const of = group.matches(".entries") ? "li" : "article";
      group.hidden = !group.querySelector(`${of}:not([hidden])`);
    }
    about.hidden = words.length > 0;
    nothing.hidden = found > 0;
  };

  box.parentElement.hidden = false;
  box.addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box) {
      event.preventDefault();
      box.focus();
    }
  });
  addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.closest("[hidden]")) {
      box.value = "";
      show();
      target.scrollIntoView();
    }
  });
  if (list && matchMedia("(max-width: 52rem)").matches) list.open = false;
})();
