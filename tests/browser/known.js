// What is the theme's and not ours to mend. Each entry says why it may stand; nothing else is forgiven.
import { readdirSync } from "node:fs";

export const THEME_FAULTS = [
  // Its search button reads "Search" and "Ctrl+K" and is named "Search": a screen reader still says what it does.
  { rule: "label-content-name-mismatch", where: /^\.search-button-field$/ },
];

// Files of the theme and its parts, MathJax among them, which the weight of our own parts leaves out.
const OURS = readdirSync(new URL("../../src/lonely_analysis/book/assets/static/", import.meta.url));
export const isThemes = (name) =>
  name.startsWith("vendor/") || (name.startsWith("_static/") && !OURS.includes(name.slice("_static/".length)));
