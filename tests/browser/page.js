// What must hold on every page. Each check returns sentences that say what is wrong; none means that all is well.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { isThemes } from "./known.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MOST_BYTES = 1_000_000;
// Milliseconds after which the theme has looked what the keyboard must be able to scroll: 300 after unfolding.
const THEME_LOOKS = 500;
const SERIOUS = ["serious", "critical"];

// Writes down what goes wrong while a page is open, and what it asked for.
export function watch(page, site) {
  const faults = [];
  const asked = new Set();
  page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const address = request.url();
    if (/^(data|blob):/.test(address)) return;
    if (site.owns(address)) asked.add(address.replace(/[?#].*/, ""));
    else faults.push(`external request: ${address}`);
  });
  page.on("requestfailed", (request) => site.owns(request.url()) && faults.push(`failed request: ${request.url()}`));
  page.on("response", (response) => response.status() >= 400 && faults.push(`${response.status()}: ${response.url()}`));
  return { faults, asked };
}

// Opens everything that is folded: what a reader can unfold must fit as well.
export const unfold = (page) => page.evaluate(() => {
  document.querySelectorAll("article details").forEach((each) => { each.open = true; });
  document.querySelectorAll(".toggle-hidden").forEach((each) => each.classList.remove("toggle-hidden"));
});

export const overflow = (page) => page.evaluate(() => {
  const wide = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - wide;
  if (over <= 0) return [];
  const keeps = (element) => /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX);
  const kept = (element) => element && (keeps(element) || kept(element.parentElement));
  const outside = [...document.body.querySelectorAll("*")].filter(
    (each) => each.getBoundingClientRect().right > wide + 1 && !kept(each.parentElement),
  );
  const named = outside.slice(0, 3).map((each) => [each.tagName.toLowerCase(), ...each.classList].join("."));
  return [`overflow: ${over} px too wide (${named.join(", ") || "no single element"})`];
});

export const pictures = (page) => page.evaluate(() => {
  const images = [...document.querySelectorAll("article img")].filter((image) => !image.alt.trim());
  const drawings = [...document.querySelectorAll('article svg[role="img"]')].filter(
    (one) => !one.closest("mjx-container") && !one.getAttribute("aria-label")?.trim() && !one.querySelector("title"),
  );
  return [
    ...images.map((image) => `no alt text: ${image.getAttribute("src")}`),
    ...drawings.map(() => "no alt text: a drawing in the page"),
  ];
});

export const headings = (page) => page.evaluate(() => {
  const found = [...(document.querySelector("article") ?? document).querySelectorAll("h1, h2, h3, h4, h5, h6")];
  const levels = [0, ...found.map((heading) => Number(heading.tagName[1]))];
  const jumps = found.flatMap((heading, at) => {
    const [from, to] = [levels[at], levels[at + 1]];
    return to > from + 1 ? [`heading jumps from h${from} to h${to}: ${heading.textContent.trim()}`] : [];
  });
  const first = levels.filter((level) => level === 1).length;
  return first === 1 ? jumps : [`${first} headings of the first level`, ...jumps];
});

export function weight(asked, site) {
  const own = [...asked].filter((address) => site.has(address) && !isThemes(site.name(address)));
  const bytes = own.reduce((sum, address) => sum + site.bytes(address), 0);
  own.sort((a, b) => site.bytes(b) - site.bytes(a));
  const heaviest = own.slice(0, 2).map((address) => basename(site.name(address)));
  return bytes <= MOST_BYTES ? [] : [`weight: ${bytes} bytes of our own, ${MOST_BYTES} at most (${heaviest.join(", ")})`];
}

export async function axe(page, allowed) {
  await page.waitForTimeout(THEME_LOOKS);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return violations.filter((one) => SERIOUS.includes(one.impact)).flatMap(({ id, nodes }) => {
    const isKnown = (target) => allowed.some((known) => known.rule === id && known.where.test(target));
    const ours = nodes.map((node) => node.target.join(" ")).filter((target) => !isKnown(target));
    return ours.length ? [`axe: ${id} (${ours.length}): ${ours.slice(0, 3).join(" | ")}`] : [];
  });
}

// Addresses that lead somewhere, and names that can be led to; the links are checked once all pages are known.
export const references = (page) => page.evaluate(() => ({
  links: [...new Set([...document.querySelectorAll("a[href], area[href], link[href]")].map((each) => each.href))],
  names: [...document.querySelectorAll("[id], a[name]")].map((each) => each.id || each.name),
}));
