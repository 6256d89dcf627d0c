// Do links and anchors lead somewhere? Judged from what each page was found to hold; other hosts are not asked.
export function brokenLinks(site, found) {
  const broken = [];
  for (const [page, { links }] of found) {
    for (const link of links) {
      if (!/^(https?|file):/.test(link)) continue;
      const [address, hash] = link.split("#");
      if (!site.owns(address)) {
        if (link.startsWith("file:")) broken.push([page, `link leaves the folder: ${link}`]);
        continue;
      }
      if (!site.has(address)) broken.push([page, `link to no file: ${link.slice(site.base.length)}`]);
      else if (hash && !hash.startsWith("view&") && !named(site, found, address, hash)) {
        broken.push([page, `link to no anchor: ${link.slice(site.base.length)}`]);
      }
    }
  }
  return broken;
}

// A page that was not opened (a source, a downloaded table) has no anchors to judge.
function named(site, found, address, hash) {
  const target = found.get(site.name(address));
  return !target || target.names.includes(decodeURIComponent(hash));
}
