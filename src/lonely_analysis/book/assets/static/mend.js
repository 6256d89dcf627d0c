// What the theme leaves undone on every page.
// It lets the keyboard scroll code that is wider than the page, but looks for it when the window changes only. What is
// unfolded may be wide as well, so that unfolding counts as such a change.
document.addEventListener("toggle", () => dispatchEvent(new Event("resize")), true);

// Paper is white: a page that is read in the dark theme is printed in the light one.
{
  const root = document.documentElement;
  let theme = "";
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
  });
  addEventListener("afterprint", () => { root.dataset.theme = theme; });
}
