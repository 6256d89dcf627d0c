// node run.js FOLDER [--toc _toc.yml] [--disk]
// Opens built pages in Chromium with the network closed and says what is wrong. With --toc, the pages that it names at
// every width and theme, and what a reader does there; without, every page of FOLDER. --disk opens them from the file
// system, at one width: the offline edition.
import { chromium } from "playwright-core";
import { firstView, tryAll } from "./behaviour.js";
import { THEME_FAULTS } from "./known.js";
import { brokenLinks } from "./links.js";
import { axe, headings, overflow, pictures, references, unfold, watch, weight } from "./page.js";
import { everyPage, onDisk, pagesOf, served } from "./site.js";

const WIDTHS = [1280, 768, 390];
const THEMES = ["light", "dark"];
const AT_ONCE = 3;
// What still fades in would be judged half-way.
const STILL = "*, ::before, ::after { animation: none !important; transition: none !important; }";
const CLOSED = [
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
];
const CHROMIUM = {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", ...CLOSED],
};

const options = process.argv.slice(2);
const folder = options[0];
const toc = options.includes("--toc") ? options[options.indexOf("--toc") + 1] : null;
const disk = options.includes("--disk");

// One page at one width in one theme. What no width or theme changes is looked at once.
async function visit(context, site, name, width, theme) {
  const page = await context.newPage();
  const { faults, asked } = watch(page, site);
  const once = width === WIDTHS[0];
  let found = null;
  try {
    await page.goto(site.base + name);
    await page.addStyleTag({ content: STILL });
    await page.evaluate(() => document.fonts.ready.then(() => globalThis.MathJax?.startup?.promise));
    if (once && theme === "light") {
      faults.push(...weight(asked, site), ...(await pictures(page)), ...(await headings(page)));
      found = await references(page);
    }
    faults.push(...(await overflow(page)));
    await unfold(page);
    faults.push(...(await overflow(page)).map((fault) => `unfolded, ${fault}`));
    if (once && !disk) faults.push(...(await axe(page, THEME_FAULTS)));
  } catch (error) {
    faults.push(`not opened: ${error.message.split("\n")[0]}`);
  }
  await page.close();
  return { faults: [...new Set(faults)], found };
}

async function visitAll(browser, site, names) {
  const [widths, themes] = disk ? [WIDTHS.slice(0, 1), THEMES.slice(0, 1)] : [WIDTHS, THEMES];
  const views = widths.flatMap((width) => themes.map((theme) => ({ width, theme })));
  const all = new Map(), failures = [];
  for (const { width, theme } of views) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme });
    const waiting = [...names];
    const worker = async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) {
        const { faults, found } = await visit(context, site, name, width, theme);
        if (found) all.set(name, found);
        failures.push(...faults.map((fault) => `${name} · ${width} px · ${theme} · ${fault}`));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await context.close();
  }
  return [...failures, ...brokenLinks(site, all).map(([name, fault]) => `${name} · ${fault}`)];
}

async function main() {
  const start = performance.now();
  const site = disk ? onDisk(folder) : await served(folder);
  const browser = await chromium.launch(CHROMIUM);
  const names = toc ? pagesOf(toc) : everyPage(folder);
  const failures = [];
  if (toc) {
    for (const name of [names[0], "chapters/explore.html"]) {
      console.log(`[browser] first view of ${name}: ${await firstView(browser, site, name)} ms`);
    }
    const { faults, seen } = await tryAll(browser, site);
    seen.forEach(([name, what]) => console.log(`[browser] ${name}: ${what}`));
    failures.push(...faults.map(([name, fault]) => `${name} · ${fault}`));
  }
  failures.push(...(await visitAll(browser, site, names)));
  await browser.close();
  site.close();
  failures.forEach((failure) => console.log(`FAIL ${failure}`));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`[browser] ${seconds} s  ${names.length} pages ${disk ? "from disk" : "served"}, ${failures.length} faults`);
  process.exitCode = failures.length ? 1 : 0;
}

await main();
