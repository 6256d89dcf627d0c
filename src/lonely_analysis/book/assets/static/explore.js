// The explorer: draws numbers that the page carries. No library, no request; the view is kept in the address.
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const INK = { ink: "#1f2328", muted: "#5c6470", grid: "#d5d9de", main: "#0067a5", other: "#6c7683", paper: "#ffffff" };
  const nb = () => document.documentElement.dataset.language === "nb";
  const say = (pair) => pair[nb() ? 1 : 0];
  const fill = (pair, values) => say(pair).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...inside);
    return element;
  };

  const plain = (value, decimals) => {
    const [whole, rest] = value.toFixed(decimals).split(".");
    const thousands = whole.replace(/\B(?=(\d{3})+$)/g, nb() ? "\u202f" : ",");
    return rest ? thousands + (nb() ? "," : ".") + rest : thousands;
  };
  const percent = (value, decimals = 1) => plain(value, decimals) + (nb() ? "\u00a0%" : "%");

  // The address: #view&survey=euls&cut=6
  const read = () => {
    const [first, ...rest] = decodeURIComponent(location.hash.slice(1)).split("&");
    return first === "view" ? Object.fromEntries(rest.map((part) => part.split("="))) : {};
  };
  const write = (state) => "#view&" + Object.entries(state).filter(([, v]) => v !== "").map((pair) => pair.join("=")).join("&");

  // A picture of rows: words above, interval and dot below, the number at the right.
  function draw(rows, options) {
    const width = Math.max(280, Math.min(options.width, 720));
    const lines = (row) => wrap(row.label, Math.floor((width - 8 - textWidth(row.value)) / 7.2));
    const blocks = rows.map(lines);
    const heights = blocks.map((block) => block.length * 17 + 18);
    const height = heights.reduce((sum, one) => sum + one, 0) + 46;
    const svg = document.createElementNS(NS, "svg");
    const node = (tag, attributes, text) => {
      const element = document.createElementNS(NS, tag);
      Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
      if (text !== undefined) element.textContent = text;
      svg.append(element);
      return element;
    };
    const set = { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", xmlns: NS, "aria-label": options.what };
    Object.entries(set).forEach(([name, value]) => svg.setAttribute(name, value));
    const colour = (name) => `var(--la-ex-${name}, ${INK[name]})`;
    const font = `font: 13px system-ui, sans-serif;paint-order:stroke;stroke:${colour("paper")};stroke-width:4px;stroke-linejoin:round;`;
    const [from, to] = options.domain;
    const scale = options.log ? Math.log : (value) => value;
    const x = (value) => 8 + ((scale(value) - scale(from)) / (scale(to) - scale(from))) * (width - 16);
    const bottom = height - 40;
    options.ticks.forEach((tick) => {
      node("line", { x1: x(tick), x2: x(tick), y1: 0, y2: bottom, style: `stroke:${colour("grid")};stroke-width:1` });
      const anchor = x(tick) < 20 ? "start" : x(tick) > width - 20 ? "end" : "middle";
      node("text", { x: x(tick), y: bottom + 15, "text-anchor": anchor, style: `${font}fill:${colour("muted")}` }, options.tick(tick));
    });
    if (options.reference) node("line", { x1: x(1), x2: x(1), y1: 0, y2: bottom, style: `stroke:${colour("muted")};stroke-width:1.4;stroke-dasharray:4 3` });
    node("text", { x: 8, y: height - 6, style: `${font}fill:${colour("muted")}` }, options.axis);
    let top = 0;
    rows.forEach((row, place) => {
      const shade = colour(row.strong ? "main" : "other");
      const weight = row.strong ? "font-weight:600;" : "";
      blocks[place].forEach((line, at) => node("text", { x: 8, y: top + 14 + at * 17, style: `${font}${weight}fill:${colour("ink")}` }, line));
      node("text", { x: width - 8, y: top + 14, "text-anchor": "end", style: `${font}${weight}fill:${colour("ink")}` }, row.value);
      const y = top + blocks[place].length * 17 + 6;
      if (row.low != null && row.high != null) {
        node("line", { x1: x(row.low), x2: x(row.high), y1: y, y2: y, style: `stroke:${shade};stroke-width:${row.strong ? 4 : 2.5};stroke-linecap:round;opacity:.6` });
      }
      if (row.estimate != null) node("circle", { cx: x(row.estimate), cy: y, r: row.strong ? 6 : 4.5, style: `fill:${shade}` });
      else if (row.bound != null) node("circle", { cx: x(row.bound), cy: y, r: 4.5, style: `fill:none;stroke:${shade};stroke-width:2` });
      top += heights[place];
    });
    if (options.note) node("text", { x: width - 8, y: height - 6, "text-anchor": "end", style: `${font}font-style:italic;fill:${colour("muted")}` }, options.note);
    return svg;
  }
  const textWidth = (text) => text.length * 7.2 + 14;
  function wrap(text, most) {
    return text.split(" ").reduce((lines, word) => {
      const last = lines[lines.length - 1];
      if (last !== undefined && (last + " " + word).length <= Math.max(most, 12)) lines[lines.length - 1] = last + " " + word;
      else lines.push(word);
      return lines;
    }, []);
  }
  function alone(svg) {
    const copy = svg.cloneNode(true);
    const paper = document.createElementNS(NS, "rect");
    Object.entries({ width: "100%", height: "100%", fill: "#ffffff" }).forEach(([name, value]) => paper.setAttribute(name, value));
    copy.prepend(paper);
    const title = document.createElementNS(NS, "title");
    title.textContent = svg.getAttribute("aria-label");
    copy.prepend(title);
    return copy.outerHTML.replace(/var\(--la-ex-\w+, (#\w+)\)/g, "$1");
  }
  const csv = (table) => table.map((line) => line.map((cell) => {
    const plain = cell == null ? "" : String(cell);
    // A text that a spreadsheet would run as a formula, as in downloads.py.
    const text = /^[=+@\t\r-]/.test(plain) && isNaN(Number(plain)) ? `'${plain}` : plain;
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }).join(",")).join("\n") + "\n";

  // One tool: a heading, controls, what the view says, the picture, the downloads.
  function tool(root, id, title, controls) {
    const section = make("section", { class: "la-tool", "data-tool": id, "aria-labelledby": `la-${id}` });
    const heading = make("h3", { class: "la-tool-title", id: `la-${id}` });
    const bar = make("div", { class: "la-controls" });
    const parts = Object.fromEntries(controls.map(([name, kind]) => {
      const input = kind === "range" ? make("input", { type: "range", step: "1" }) : make("select");
      input.id = `la-${id}-${name}`;
      const label = make("label", { for: input.id });
      const shown = kind === "range" ? make("output", { for: input.id, "aria-hidden": "true" }) : null;
      const field = make("div", { class: `la-control la-control-${kind}` }, label, input, ...(shown ? [shown] : []));
      bar.append(field);
      return [name, { input, label, shown, field }];
    }));
    const reading = make("p", { class: "la-reading", role: "status", "aria-live": "polite" });
    const about = make("dl", { class: "la-about" });
    const picture = make("div", { class: "la-canvas" });
    const links = make("p", { class: "la-downloads" });
    section.append(heading, bar, reading, about, picture, links);
    root.append(section);
    heading.dataset.title = title;
    return { section, heading, parts, reading, about, picture, links };
  }
  function options(select, choices, chosen) {
    select.replaceChildren(...choices.map(([value, words]) => new Option(words, value)));
    select.value = choices.some(([value]) => value === chosen) ? chosen : choices[0][0];
    return select.value;
  }
  function show(view, words, reading, about, rows, table, settings, file, address) {
    view.reading.textContent === reading || (view.reading.textContent = reading);
    view.about.replaceChildren(...about.filter(([, text]) => text).flatMap(([name, text]) => [make("dt", {}, say(words[name])), make("dd", {}, text)]));
    view.picture.replaceChildren();
    const links = [make("a", { href: address, class: "la-link" }, say(words.link))];
    if (rows.length) {
      const svg = draw(rows, { ...settings, width: view.picture.clientWidth || 560 });
      view.picture.append(svg);
      const data = (kind, text) => `data:${kind};charset=utf-8,${encodeURIComponent(text)}`;
      links.unshift(
        make("a", { download: `${file}.csv`, href: data("text/csv", csv(table)) }, say(words.csv)),
        make("a", { download: `${file}.svg`, href: data("image/svg+xml", alone(svg)) }, say(words.svg)),
      );
    }
    view.links.replaceChildren(...links.flatMap((link, place) => (place ? [" · ", link] : [link])));
  }
  const ticksTo = (most) => {
    const step = [1, 2, 5, 10, 20, 25].find((one) => most / one <= 5) || 25;
    const end = Math.min(100, Math.ceil(most / step) * step);
    return Array.from({ length: Math.floor(end / step) + 1 }, (_, place) => place * step);
  };

  function start(root) {
    const data = JSON.parse(root.querySelector(".la-explorer-data").textContent);
    const { words } = data;
    root.querySelector(".la-note").remove();
    const cuts = tool(root, "cuts", "cuts_title", [["survey"], ["instrument"], ["cut", "range"], ["group"], ["country"]]);
    const factors = data.risks.factors.map((factor) => [factor.id]);
    const risks = tool(root, "risks", "risks_title", [["start"], ["adjusted"], ["scale"], ...factors]);
    const state = { survey: data.surveys[0].id, instrument: "", cut: "", group: "", country: "", start: "newer", adjusted: "as_rows", scale: "printed" };
    const picked = {};
    const own = () => (state.start === "own" ? Object.fromEntries(Object.entries(picked).map(([id, row]) => [`r_${id}`, row])) : {});
    const address = () => write({ ...state, ...own() });

    function showCuts() {
      state.survey = options(cuts.parts.survey.input, [...data.surveys.map((one) => [one.id, say(one.name)]), ["published", say(data.published.name)]], state.survey);
      const chosen = data.surveys.find((one) => one.id === state.survey);
      return chosen ? surveyCuts(chosen) : publishedCuts(data.published);
    }
    function slider(values, names) {
      const { input, shown } = cuts.parts.cut;
      const place = Math.max(0, values.findIndex((value) => String(value) === String(state.cut)));
      Object.assign(input, { min: values[0], max: values[values.length - 1] });
      input.value = values[place];
      input.disabled = values.length < 2;
      state.cut = String(values[place]);
      shown.textContent = names[place];
      input.setAttribute("aria-valuetext", names[place]);
      return place;
    }
    function surveyCuts(survey) {
      const { parts } = cuts;
      state.instrument = options(parts.instrument.input, survey.instruments.map((one) => [one.id, say(one.name)]), state.instrument || "ucla3");
      const instrument = survey.instruments.find((one) => one.id === state.instrument);
      if (!instrument.cuts.map(String).includes(String(state.cut))) state.cut = instrument.cuts[Math.floor(instrument.cuts.length / 2)];
      const at = slider(instrument.cuts, instrument.counts.map(say));
      const groupings = [...new Map(survey.groups.map((group) => [group[0], say(group[2])])).entries()];
      if (survey.places.length > 1) groupings.splice(1, 0, ["country", say(words.by_country)]);
      state.group = options(parts.group.input, groupings, state.group);
      state.country = options(parts.country.input, survey.places.map(([id, ...name]) => [id, id ? say(name) : say(words.every_country)]), state.country);
      const place = survey.places.findIndex(([id]) => id === state.country);
      const numbers = (p, g, c) => {
        const cell = instrument.cells[p][g];
        if (!cell) return null;
        const [estimate, down, up] = cell.slice(1 + 3 * c, 4 + 3 * c);
        return { n: cell[0], estimate: estimate / data.unit, low: (estimate - down) / data.unit, high: (estimate + up) / data.unit };
      };
      const where = (p) => { const [id, ...name] = survey.places[p]; return id ? say(name) : say(words.every_country); };
      let wanted;
      if (state.group === "") wanted = instrument.cuts.map((cut, c) => [`${say(instrument.counts[c])}`, place, 0, c, c === at]);
      else if (state.group === "country") wanted = survey.places.map((_, p) => [where(p), p, 0, at, p === place]);
      else wanted = survey.groups.flatMap((group, g) => (group[0] === state.group || g === 0 ? [[say(group[3]), place, g, at, g === 0]] : []));
      const found = wanted.map(([label, p, g, c, strong]) => ({ label, p, g, c, strong, ...numbers(p, g, c) })).filter((row) => row.estimate != null);
      if (state.group === "country") found.sort((a, b) => b.estimate - a.estimate);
      const every = wanted.flatMap(([, p, g]) => instrument.cuts.map((_, c) => numbers(p, g, c)?.high ?? 0));
      const rows = found.map((row) => ({ ...row, value: percent(row.estimate) + "  (" + plain(row.low, 1) + "–" + plain(row.high, 1) + ")" }));
      const main = numbers(place, 0, at);
      const spread = found.filter((row) => state.group && !(row.g === 0 && state.group !== "country")).map((row) => row.estimate);
      const reading = main
        ? fill(words.reading, { place: where(place), value: percent(main.estimate) }) +
          ` (${fill(words.interval, { level: 95, low: plain(main.low, 1), high: plain(main.high, 1) })}; n = ${plain(main.n, 0)}).` +
          (spread.length > 1 ? " " + fill(words.spread, { low: percent(Math.min(...spread)), high: percent(Math.max(...spread)) }) : "") +
          (found.length < wanted.length ? " " + fill(words.too_few, { fewest: data.fewest, rows: wanted.length - found.length }) : "") +
          (survey.synthetic ? " " + say(words.synthetic) : "")
        : fill(words.too_few, { fewest: data.fewest, rows: wanted.length - found.length });
      const head = ["survey", "instrument", "cut", "counts_as_lonely", "country", "grouping", "group", "n", "percent", "ci_low", "ci_high"];
      const table = [head, ...found.map((row) => [survey.name[0], instrument.id, instrument.cuts[row.c], instrument.counts[row.c][0], survey.places[row.p][0] || "all",
        survey.groups[row.g][0] || "all", survey.groups[row.g][1] || "all", row.n, row.estimate, row.low, row.high])];
      const ticks = ticksTo(Math.max(...every));
      const about = [["item", say(instrument.asks)], ["counts", say(instrument.counts[at])]];
      const settings = { domain: [0, ticks[ticks.length - 1]], ticks, tick: (value) => String(value), axis: say(words.share),
        what: fill(words.picture, { what: reading }), note: survey.synthetic ? (nb() ? "Syntetiske data" : "Synthetic data") : "" };
      show(cuts, words, reading, about, rows, table, settings, `${survey.id}_${instrument.id}_${state.cut}`, address());
    }
    function publishedCuts(published) {
      const { parts } = cuts;
      const movable = published.instruments.findIndex((one) => one.cuts.length > 1);
      state.instrument = options(parts.instrument.input, published.instruments.map((one, place) => [String(place), say(one.name)]), state.instrument || String(movable));
      const item = published.instruments[Number(state.instrument)];
      const here = published.rows.filter((row) => row[0] === Number(state.instrument));
      const at = slider(item.cuts.map((_, place) => place + 1), item.cuts.map(say));
      const places = [...new Set(here.map((row) => row[2]))];
      const groups = published.groups.filter(([id]) => here.some((row) => row[3] === id));
      state.group = options(parts.group.input, groups.map(([id, name]) => [id, say(name)]), state.group);
      state.country = options(parts.country.input, [["", say(words.every_place)], ...places.map((place) => [String(place), say(published.places[place])])], state.country);
      const found = here.filter((row) => row[1] === at && row[3] === state.group && (state.country === "" || row[2] === Number(state.country)));
      const value = (row) => {
        if (row[6] != null) return percent(row[6], Number.isInteger(row[6]) ? 0 : 1) + (row[7] != null ? `  (${plain(row[7], 1)}–${plain(row[8], 1)})` : "");
        if (row[9] != null && row[10] != null) return `${plain(row[9], 0)}–${percent(row[10], 0)}`;
        return row[9] != null ? fill(words.over, { value: percent(row[9], 0) }) : fill(words.below, { value: percent(row[10], 0) });
      };
      const rows = found.map((row) => ({ label: `${say(row[4])} · ${row[11]}${row[12] ? ` (${say(words.second_hand)})` : ""}`, value: value(row),
        estimate: row[6], low: row[7] ?? (row[10] != null ? row[9] : null), high: row[8] ?? (row[9] != null ? row[10] : null), bound: row[9] ?? row[10], strong: found.length === 1 }));
      const one = found[0];
      const interval = one && one[7] != null ? fill(words.interval, { level: 95, low: plain(one[7], 1), high: plain(one[8], 1) }) : say(words.no_interval);
      const sized = one && one[5] != null ? `n = ${plain(one[5], 0)}` : say(words.n_unknown);
      const shares = found.map((row) => row[6]).filter((share) => share != null);
      const reading = !one ? "–" : `${fill(words.reading, { place: say(one[4]), value: value(one).split("  ")[0] })} (${interval}; ${sized}).` +
        (shares.length > 1 ? " " + fill(words.spread, { low: percent(Math.min(...shares)), high: percent(Math.max(...shares)) }) : "");
      const head = ["source", "second_hand", "instrument", "counts_as_lonely", "row", "n", "percent", "ci_low", "ci_high", "over", "below"];
      const table = [head, ...found.map((row) => [row[11], row[12] ? "yes" : "no", item.name[0], item.cuts[row[1]][0], row[4][0], ...row.slice(5, 11)])];
      const ticks = ticksTo(Math.max(...here.flatMap((row) => row.slice(6, 11).map((number) => number ?? 0))));
      const settings = { domain: [0, ticks[ticks.length - 1]], ticks, tick: (number) => String(number), axis: say(words.share), what: fill(words.picture, { what: reading }) };
      show(cuts, words, reading, [["item", say(item.name)], ["counts", say(item.cuts[at])]], rows, table, settings, "published_loneliness", address());
    }

    function pick(factor, id) {
      const known = data.risks.factors.find((one) => one.id === factor).rows.some((row) => row.id === id);
      picked[factor] = known ? id : "none";
    }
    function apply() {
      const comparison = data.risks.comparisons.find((one) => one.id === state.start);
      if (comparison) data.risks.factors.forEach(({ id }) => pick(id, comparison.rows[id]));
      const better = data.risks[state.adjusted];
      if (better) Object.entries(better).forEach(([factor, id]) => picked[factor] === "none" || pick(factor, id));
    }
    function showRisks() {
      const { parts } = risks;
      const risk = plain(100 * data.risks.deaths, 0);
      state.start = options(parts.start.input, [...data.risks.comparisons.map((one) => [one.id, say(one.name)]), ["own", say(words.chosen)]], state.start);
      state.adjusted = options(parts.adjusted.input, ["as_rows", "least", "most"].map((id) => [id, say(words[id])]), state.adjusted);
      state.scale = options(parts.scale.input, [["printed", say(words.printed)], ["hazard", fill(words.hazard, { risk })]], state.scale);
      const rows = [];
      data.risks.factors.forEach((factor) => {
        const choices = [...factor.rows.map((row) => [row.id, say(row.name)]), ["none", say(words.left_out)]];
        picked[factor.id] = options(parts[factor.id].input, choices, picked[factor.id] ?? "none");
        const row = factor.rows.find((one) => one.id === picked[factor.id]);
        if (!row) return;
        const converted = state.scale === "hazard" && row.hazard;
        const [estimate, low, high] = converted ? row.hazard : row.printed;
        const level = 100 * (row.level ?? 0.95);
        const value = plain(estimate, 2) + (low == null ? "" : `  (${plain(low, 2)}–${plain(high, 2)})`);
        const measure = converted ? "HR" : row.measure;
        rows.push({ factor, row, estimate, low, high, level, value, measure, strong: factor.id === "lonely",
          label: `${say(factor.name)} · ${say(row.name)} · ${measure}${row.second ? ` (${say(words.second_hand)})` : ""}${level !== 95 && low != null ? ` · ${plain(level, 0)}${nb() ? " % KI" : "% CI"}` : ""}` });
      });
      rows.sort((a, b) => b.estimate - a.estimate);
      const place = rows.findIndex((row) => row.strong);
      const full = (row) => `${row.value.split("  ")[0]} (${row.low == null ? say(words.no_interval) : fill(words.interval, { level: plain(row.level, 0), low: plain(row.low, 2), high: plain(row.high, 2) })})`;
      const top = rows[0];
      const reading = !top ? "–" : fill(place < 0 ? words.no_rank : words.rank, { what: say(rows[Math.max(place, 0)].factor.name), rank: place + 1, many: rows.length,
        value: full(rows[Math.max(place, 0)]), top: say(top.factor.name), topvalue: full(top) });
      const about = rows.map((row) => [row.factor.name, row.row.adjusted ? `${say(words.adjusted_for)} ${say(row.row.adjusted)}` : say(words.not_stated)]);
      const named = { ...words };
      about.forEach(([name], at) => { named[`factor${at}`] = name; });
      const head = ["factor", "row", "id", "measure", "ratio", "ci_low", "ci_high", "level", "second_hand", "adjusted_for"];
      const table = [head, ...rows.map((row) => [row.factor.name[0], row.row.name[0], row.row.id, row.measure, row.estimate, row.low, row.high, row.low == null ? null : row.level / 100, row.row.second ? "yes" : "no", row.row.adjusted?.[0]])];
      const ends = rows.flatMap((row) => [row.low ?? row.estimate, row.high ?? row.estimate]);
      const domain = [Math.min(0.8, ...ends), Math.max(2, ...ends) * 1.03];
      const ticks = [0.8, 1, 1.25, 1.5, 2, 2.5, 3].filter((tick) => tick >= domain[0] && tick <= domain[1]);
      const settings = { domain, ticks, tick: (tick) => plain(tick, Number.isInteger(tick * 10) ? (Number.isInteger(tick) ? 0 : 1) : 2), axis: say(words.axis), log: true, reference: true, what: fill(words.picture, { what: reading }) };
      show(risks, named, reading, about.map(([, text], at) => [`factor${at}`, text]), rows, table, settings, "risk_ranking", address());
    }

    function all() {
      root.lang = nb() ? "nb" : "en";
      [cuts, risks].forEach((view) => {
        view.heading.textContent = say(words[view.heading.dataset.title]);
        Object.entries(view.parts).forEach(([name, part]) => {
          part.label.textContent = say(words[name] ?? data.risks.factors.find((one) => one.id === name).name);
        });
      });
      showCuts();
      showRisks();
    }
    function keep() {
      history.replaceState(null, "", address());
    }
    function restore() {
      const wanted = read();
      Object.keys(state).forEach((name) => { if (name in wanted) state[name] = wanted[name]; });
      apply();
      Object.entries(wanted).forEach(([name, id]) => { if (name.startsWith("r_") && data.risks.factors.some((one) => one.id === name.slice(2))) picked[name.slice(2)] = id; });
      all();
    }
    ["survey", "instrument", "cut", "group", "country"].forEach((name) => {
      cuts.parts[name].input.addEventListener(name === "cut" ? "input" : "change", (event) => {
        state[name] = event.target.value;
        if (name === "survey") Object.assign(state, { instrument: "", cut: "", group: "", country: "" });
        if (name === "instrument") state.cut = "";
        showCuts();
        keep();
      });
    });
    ["start", "adjusted", "scale"].forEach((name) => {
      risks.parts[name].input.addEventListener("change", (event) => {
        state[name] = event.target.value;
        if (name === "start") state.adjusted = "as_rows";
        if (name !== "scale") apply();
        showRisks();
        keep();
      });
    });
    data.risks.factors.forEach(({ id }) => {
      risks.parts[id].input.addEventListener("change", (event) => {
        picked[id] = event.target.value;
        Object.assign(state, { start: "own", adjusted: "as_rows" });
        showRisks();
        keep();
      });
    });
    restore();
    addEventListener("hashchange", () => location.hash.startsWith("#view") && restore());
    document.addEventListener("la-language", all);
    let width = root.clientWidth;
    new ResizeObserver(() => {
      if (Math.abs(root.clientWidth - width) < 2) return;
      width = root.clientWidth;
      all();
    }).observe(root);
  }
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".la-explorer").forEach(start));
})();
