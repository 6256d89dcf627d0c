// A *site* is a folder of built pages and an address under which they are opened: our own server, or the file system.
import { createServer } from "node:http";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { extname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

const TYPES = {
  ".css": "text/css", ".csv": "text/csv", ".html": "text/html; charset=utf-8", ".js": "text/javascript",
  ".json": "application/json", ".svg": "image/svg+xml", ".woff2": "font/woff2",
};

// What the site offers beside its pages: where it is (`base`, ending in a slash), and what lies under an address.
function site(folder, base, close) {
  const root = resolve(folder);
  const path = (address) => {
    const file = join(root, decodeURIComponent(address.slice(base.length).replace(/[?#].*/, "")));
    return existsSync(file) && statSync(file).isDirectory() ? join(file, "index.html") : file;
  };
  return {
    base,
    close,
    path,
    owns: (address) => address.startsWith(base),
    has: (address) => existsSync(path(address)),
    name: (address) => relative(root, path(address)).split(sep).join("/"),
    bytes: (address) => statSync(path(address)).size,
  };
}

export const onDisk = (folder) => site(folder, `${pathToFileURL(resolve(folder)).href}/`, () => {});

export async function served(folder) {
  let here;
  const server = createServer((request, response) => {
    const address = here.base + request.url.slice(1);
    if (!here.has(address)) return response.writeHead(404).end();
    const file = here.path(address);
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "max-age=600" }).end(readFileSync(file));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  here = site(folder, `http://127.0.0.1:${server.address().port}/`, () => server.close());
  return here;
}

// The pages that _toc.yml names, in reading order.
export const pagesOf = (toc) =>
  [...readFileSync(toc, "utf8").matchAll(/^\s*(?:-\s+)?(?:root|file):\s*(\S+)/gm)].map(([, name]) => `${name}.html`);

export const everyPage = (folder) =>
  readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith(".html")).sort();
