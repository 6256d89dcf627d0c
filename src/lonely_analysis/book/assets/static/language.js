// English or Norwegian: one button on every page. The choice is kept where the browser allows it, also for files.
(() => {
  const KEY = "lonely-language";
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const keep = (language) => { try { localStorage.setItem(KEY, language); } catch { /* a browser that keeps nothing */ } };
  // Before the first paint, so that a page never shows one language and then the other.
  root.dataset.language = stored() === "nb" ? "nb" : "en";

  document.addEventListener("DOMContentLoaded", () => {
    const article = document.querySelector("article.bd-article") ?? document.body;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn la-language";
    const note = document.createElement("p");
    note.className = "la-note la-language-note";
    note.lang = "nb";
    note.textContent = "Du leser på norsk: sammendrag, figurtekster, påstander og ordliste. Brødteksten er på engelsk.";
    article.querySelector("h1")?.after(note);
    (document.querySelector(".article-header-buttons") ?? article).prepend(button);

    const pictures = [...document.querySelectorAll("figure.la-figure")].map((figure) => {
      const image = figure.querySelector("img");
      return { image, en: image?.alt, nb: figure.querySelector(".la-alt p")?.textContent.trim() };
    }).filter(({ image, nb }) => image && nb);

    function show() {
      const norwegian = root.dataset.language === "nb";
      button.textContent = norwegian ? "English" : "Norsk";
      button.lang = norwegian ? "en" : "nb";
      button.title = norwegian ? "Read captions and summaries in English" : "Les figurtekster og sammendrag på norsk";
      pictures.forEach(({ image, en, nb }) => {
        image.alt = norwegian ? nb : en;
        if (norwegian) image.lang = "nb";
        else image.removeAttribute("lang");
      });
    }
    button.addEventListener("click", () => {
      root.dataset.language = root.dataset.language === "nb" ? "en" : "nb";
      keep(root.dataset.language);
      show();
      document.dispatchEvent(new Event("la-language"));
    });
    addEventListener("storage", (event) => {
      if (event.key !== KEY) return;
      root.dataset.language = event.newValue === "nb" ? "nb" : "en";
      show();
      document.dispatchEvent(new Event("la-language"));
    });
    show();
  });
})();
