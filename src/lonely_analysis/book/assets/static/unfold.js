// The theme lets the keyboard scroll code that is wider than the page, but looks for it when the window changes only.
// What is unfolded may be wide as well, so that unfolding counts as such a change.
document.addEventListener("toggle", () => dispatchEvent(new Event("resize")), true);
