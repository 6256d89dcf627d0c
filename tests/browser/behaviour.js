// What a reader does: search, move the explorer, choose a language, print, read without scripts.
import { readFileSync } from "node:fs";
import { watch } from "./page.js";

const LEDGER_SHEETS = 2;
const PAPER = { format: "A4", margin: { top: "1cm", right: "1cm", bottom: "1cm", left: "1cm" } };
const DARK_INK = 128; // of 255

// What each tool of the explorer gives to download, and how it begins.
const FILES = [
  ["cuts", "csv", /^survey,.+\n.+/],
  ["cuts", "svg", /^<svg/],
  ["risks", "csv", /^factor,.+\n.+/],
  ["risks", "svg", /^<svg/],
];

class Broken extends Error {}
const must = (holds, what) => { if (!holds) throw new Broken(what); };

async function finds(page, site, word) {
  await page.goto(`${site.base}search.html?q=${encodeURIComponent(word)}`);
  const hits = page.locator("#search-results ul.search li");
  await hits.first().waitFor({ timeout: 15_000 }).catch(() => {});
  must(await hits.count(), `nothing is found for "${word}"`);
}

const reading = (page) => page.locator('[data-tool="cuts"] .la-reading').innerText();

async function moves(page, site) {
  const slider = page.getByRole("slider", { name: "Cut point" });
  await page.goto(`${site.base}chapters/explore.html`);
  const before = { said: await reading(page), value: await slider.inputValue() };
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  const after = { said: await reading(page), value: await slider.inputValue(), hash: new URL(page.url()).hash };
  must(after.value !== before.value, "an arrow key does not move the cut point");
  must(after.said !== before.said, "the sentence read aloud does not follow the cut point");
  must(after.hash.includes(`cut=${after.value}`), `the address does not keep the cut point: ${after.hash}`);
  const announced = await page.locator('[data-tool="cuts"] .la-reading').getAttribute("aria-live");
  must(announced === "polite", "the sentence is not announced");
  await page.reload();
  must((await reading(page)) === after.said, "a reload does not restore the view from the address");
}

async function downloads(page, site) {
  await page.goto(`${site.base}chapters/explore.html`);
  for (const [tool, ending, start] of FILES) {
    const link = page.locator(`[data-tool="${tool}"] a[download$=".${ending}"]`);
    const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
    must(start.test(readFileSync(await file.path(), "utf8")), `${file.suggestedFilename()} is not what it says`);
  }
}

async function ranks(page, site) {
  await page.goto(`${site.base}chapters/explore.html`);
  const said = () => page.locator('[data-tool="risks"] .la-reading').innerText();
  const before = await said();
  const list = page.locator('[data-tool="risks"] select').first();
  const [other] = await list.evaluate((each) => [...each.options].map((one) => one.value).filter((one) => one !== each.value));
  await list.selectOption(other);
  must((await said()) !== before, "another comparison does not change the ranking");
}

async function speaksNorwegian(page, site) {
  await page.goto(`${site.base}chapters/03_how_common.html`);
  const state = () => page.evaluate(() => ({
    language: document.documentElement.dataset.language,
    caption: document.querySelector("figure.la-figure figcaption").innerText,
    alt: document.querySelector("figure.la-figure img").alt,
  }));
  const english = await state();
  await page.locator("button.la-language").click();
  const norwegian = await state();
  must(norwegian.language === "nb", "the button does not choose Norwegian");
  must(norwegian.caption !== english.caption && norwegian.alt !== english.alt, "captions do not become Norwegian");
  await page.reload();
  must(JSON.stringify(await state()) === JSON.stringify(norwegian), "a reload forgets the language");
  await page.locator("button.la-language").click();
  must(JSON.stringify(await state()) === JSON.stringify(english), "the way back to English is not whole");
}

async function standsWithoutScripts(page, site) {
  await page.goto(`${site.base}chapters/explore.html`);
  must(await page.locator("article figure img").first().isVisible(), "no figure without scripts");
  must(await page.locator("article table").count(), "no table without scripts");
}

async function prints(page, site) {
  const sheets = async (name) => {
    await page.goto(`${site.base}chapters/${name}.html`);
    return [...(await page.pdf(PAPER)).toString("latin1").matchAll(/\/Type\s*\/Page\b/g)].length;
  };
  const ledger = await sheets("ledger");
  must(ledger >= 1 && ledger <= LEDGER_SHEETS, `the ledger prints on ${ledger} sheets, ${LEDGER_SHEETS} at most`);
  const chapter = await sheets("03_how_common");
  must(chapter > 1, "a chapter prints on one sheet: something is cut off");
  return `ledger on ${ledger} sheets, chapter 3 on ${chapter}`;
}

async function printsInk(page, site) {
  await page.goto(`${site.base}chapters/03_how_common.html`);
  await page.evaluate(() => addEventListener("beforeprint", () => {
    globalThis.ink = getComputedStyle(document.querySelector("article p")).color.match(/\d+/g).map(Number);
  }));
  await page.pdf(PAPER);
  const ink = await page.evaluate(() => globalThis.ink);
  must(ink && Math.max(...ink) < DARK_INK, `what is read in the dark theme is printed in pale ink: ${ink}`);
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  must(theme === "dark", "the dark theme does not come back after printing");
}

async function showsFormulas(page, site) {
  await page.goto(`${site.base}chapters/02_why.html`);
  must(await page.locator("article .math").count(), "the page has no formula to show");
  await page.locator("mjx-container svg").first().waitFor({ timeout: 15_000 }).catch(() => {});
  must(await page.locator("mjx-container svg").count(), "formulas are not set");
}

const BEHAVIOURS = [
  ["search in English", (page, site) => finds(page, site, "loneliness")],
  ["search in Norwegian", (page, site) => finds(page, site, "ensomhet")],
  ["explorer", moves],
  ["explorer downloads", downloads],
  ["explorer ranking", ranks],
  ["language", speaksNorwegian],
  ["formulas", showsFormulas],
  ["without scripts", standsWithoutScripts, { javaScriptEnabled: false }],
  ["print", prints],
  ["print from the dark theme", printsInk, { colorScheme: "dark" }],
];

// Tries each in a browser profile of its own; returns faults and what was seen, as [name, sentence] pairs.
export async function tryAll(browser, site) {
  const faults = [], seen = [];
  for (const [name, attempt, options] of BEHAVIOURS) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const watched = watch(page, site);
    try {
      const said = await attempt(page, site);
      if (said) seen.push([name, said]);
    } catch (error) {
      faults.push([name, error.message.split("\n")[0]]);
    }
    // Without scripts, those that a page announces are reported as failed: that is what was asked for.
    if (options?.javaScriptEnabled !== false) faults.push(...watched.faults.map((fault) => [name, fault]));
    await context.close();
  }
  return { faults, seen };
}

// Milliseconds until something is to be seen, in a new profile with nothing cached.
export async function firstView(browser, site, name) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(site.base + name);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  await context.close();
  return Math.round(paint);
}
