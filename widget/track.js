// crosslift's tracker. What it sends and keeps: README.md beside it.
(() => {
  if (typeof document === "undefined" || self.crosslift?.version) return;
  const SOON = 2e3, LOCAL = "localStorage", VISIT = "sessionStorage";
  const script = document.currentScript, early = self.crosslift, nav = navigator;
  const no = nav.globalPrivacyControl || nav.doNotTrack === "1";
  let server, key, anonymous, session, token, agreed, waits, traffic, product, since, stopped = true;

  const id = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(36)).join("");
  const safely = (work) => (...given) => { try { return work(...given); } catch {} };
  const kept = safely((where, value, name = "crosslift") =>
    value ? self[where].setItem(name, value) : value === "" ? self[where].removeItem(name) : self[where].getItem(name));
  const url = (path) => `${server}${path}?key=${encodeURIComponent(key)}`;
  const post = (path, body, keepalive) =>
    fetch(url(path), { method: "POST", body: JSON.stringify(body), keepalive, credentials: "omit" });

  class Outbox {
    all = [];
    constructor(path, name) { this.path = path; this.name = name; }
    put(one) {
      if (stopped) return;
      this.all = [...this.all, JSON.parse(JSON.stringify(one))].slice(-100);
      this.wake(this.all.length < 20 || this.tries ? SOON : 0);
    }
    wake(wait) {
      if (this.busy || waits && !agreed || wait && this.timer) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), wait);
    }
    body(list) { return { [this.name]: list, traffic, customer_token: token, ...(this === events && { sentAt: now() }) }; }
    async send() {
      this.timer = 0;
      let list = this.all.splice(0, 20), again = 0;
      if (!list[0]) return;
      this.busy = 1;
      try {
        const { status, headers } = await post(this.path, this.body(list), true);
        if (status > 499 || [408, 429].includes(status)) again = 1000 * headers.get("retry-after") || 1;
        else if (status === 401 && token) {
          token = undefined;
          again = 1;
          list = list.filter(({ type }) => type !== "identify");
        }
        else if ([401, 403].includes(status)) stopped = true;
      } catch { again = 1; }
      this.busy = this.timer = 0;
      this.tries = again && (this.tries | 0) + 1;
      if (again) this.all = [...list, ...this.all].slice(-100);
      if (this.all.length) this.wake(again && Math.min(6e4, Math.max(again, SOON * 2 ** this.tries)));
    }
    leave() {
      if (stopped || !this.all.length || waits && !agreed) return;
      if (nav.sendBeacon(url(this.path), JSON.stringify(this.body(this.all)))) this.all = [];
    }
  }
  const events = new Outbox("/v1/collect", "batch"), responses = new Outbox("/v1/respond", "responses");

  const own = (where, same) => {
    const one = agreed && kept(where) || same || id();
    if (agreed) kept(where, one);
    return one;
  };
  const begin = (same) => { anonymous = own(LOCAL, same && anonymous); session = own(VISIT, same && session); };
  const forget = () => { kept(LOCAL, ""); kept(VISIT, ""); };
  const consent = (yes) => {
    const was = agreed;
    agreed = !no && !!yes;
    if (!agreed) { forget(); if (waits) events.all = responses.all = []; }
    if (agreed !== was) begin(agreed);
    if (agreed && !was) { events.wake(SOON); responses.wake(SOON); if (token) say("identify"); }
  };
  const who = () => (no ? {} : agreed ? { anonymous, session } : { session });
  const now = () => new Date().toISOString();
  const say = (type, more) => events.put({
    type, messageId: id(), anonymousId: anonymous, timestamp: now(), channel: "web", ...more });
  const track = (event, properties) => say("track", { event, properties });
  const identify = (given) => {
    if (token && !given) { responses.leave(); forget(); begin(); }
    token = given || undefined;
    if (token && agreed) say("identify");
  };

  const flat = (one) => (Array.isArray(one) ? one.flatMap(flat) : one?.["@graph"] ? flat(one["@graph"]) : [one]);
  const text = (one) => {
    one = flat(one)[0];
    one = one?.name ?? one?.url ?? one;
    return one == null || typeof one === "object" ? undefined : String(one).slice(0, 500);
  };
  const shown = (p) => {
    const offer = flat(p.offers)[0] ?? {};
    const told = {
      product_id: p.sku ?? p.productID ?? p.productGroupID ?? p.mpn, name: p.name, brand: p.brand,
      category: p.category, image_url: p.image, price: offer.price ?? offer.lowPrice, currency: offer.priceCurrency,
      availability: offer.availability,
    };
    for (const name in told) told[name] = text(told[name]);
    return told.product_id && told;
  };
  const read = (get) => shown(new Proxy({}, { get: (_, name, all) => (name === "offers" ? all : get(name) || undefined) }));
  const meta = (name) => document.querySelector(`meta[property="${name}"]`)?.content;
  const GRAPH = {
    sku: "product:retailer_item_id", price: "product:price:amount", priceCurrency: "product:price:currency",
    name: "og:title", image: "og:image",
  };
  const found = () => {
    const all = [...document.querySelectorAll('[type="application/ld+json"]')]
      .flatMap((one) => safely(() => flat(JSON.parse(one.text)))()).filter((one) => /\bProduct(Group)?\b/.test(one?.["@type"]));
    const items = document.querySelectorAll('[itemtype$="schema.org/Product"]');
    if (all[1] || items[1]) return;
    if (all[0]) return shown(all[0]);
    if (items[0]) return read((name) => {
      const one = items[0].querySelector(`[itemprop="${name}"]`);
      return one && (one.content ?? one.src ?? one.href ?? one.textContent.trim());
    });
    if (/product/.test(meta("og:type"))) return read((name) => meta(GRAPH[name] ?? `product:${name}`));
  };
  const told = (name) => document.querySelector(`[data-crosslift-${name}]`)?.getAttribute(`data-crosslift-${name}`);
  const page = (name, properties) => {
    left();
    say("page", { name, properties: { path: location.pathname, ...properties } });
    const mine = told("product"), category = told("category"), search = told("search"), step = told("step");
    const shows = mine ? { product_id: mine } : found();
    product = shows?.product_id;
    if (product) track("Product Viewed", shows);
    if (category) track("Product List Viewed", { category });
    if (search) track("Products Searched", { query: search });
    if (step) track("Checkout Step Viewed", { step });
    watch();
  };

  const dwell = () => (since ? (performance.now() - since) / 1000 : 0);
  const left = () => {
    const seconds = Math.round(dwell());
    since = document.hidden ? 0 : performance.now();
    if (seconds) track("Page Left", { path: location.pathname, dwell_seconds: seconds, product_id: product });
  };
  const waiting = new Map();
  const looker = new IntersectionObserver((all) => all.forEach(({ target, intersectionRatio }) => {
    const one = waiting.get(target);
    clearTimeout(one?.timer);
    if (one && intersectionRatio >= 0.5 && !document.hidden)
      one.timer = setTimeout(() => { looker.unobserve(target); waiting.delete(target); safely(one.then)(); }, 1e3);
  }), { threshold: 0.5 });
  const seen = (element, then) => { waiting.set(element, { then }); looker.observe(element); };
  const respond = (given) => [given].flat().forEach((one) => one.decision_id && responses.put({ ...one, ...who() }));
  const answer = ({ dataset: { decision, product } }, action) => respond({ decision_id: decision, product, action });
  const watch = (root = document) => root.querySelectorAll("[data-decision]").forEach((one) => {
    if (!one.crosslift) seen(one, () => answer(one, "exposure"));
    one.crosslift = 1;
  });
  const decide = async (asked) => {
    try {
      const path = `/v1/decide${asked.page ? "/page" : ""}`;
      const got = await post(path, { ...who(), customer_token: token, traffic, ...asked });
      return got.ok ? await got.json() : null;
    } catch { return null; }
  };

  const on = (what, then) => addEventListener(what, safely(then), true);
  const leave = () => { left(); since = 0; events.leave(); responses.leave(); };
  const start = ({ key: pk, server: at = "", consent: rule, test }) => {
    if (key || !pk) return;
    [key, server, waits, stopped] = [pk, at, rule === "wait", no];
    const staff = /[#&]crosslift-self(=off)?$/.exec(location.hash);
    if (staff) kept(LOCAL, staff[1] ? "" : "1", "crosslift-self");
    traffic = nav.webdriver ? "robot" : kept(LOCAL, undefined, "crosslift-self") ? "staff" : test != null ? "test" : undefined;
    agreed = !no && (rule === "given" || !!kept(LOCAL));
    begin();
    page();
    on("pagehide", leave);
    on("pageshow", () => { since ||= performance.now(); });
    on("visibilitychange", () => {
      if (document.hidden) leave();
      else since = performance.now();
      waiting.forEach((one, element) => { clearTimeout(one.timer); looker.unobserve(element); looker.observe(element); });
    });
    on("click", ({ target }) => {
      const offer = target.closest("[data-decision]"), button = target.closest("[data-crosslift-add],[data-crosslift-remove]");
      if (offer && target.closest("a,button")) answer(offer, "click");
      if (!button) return;
      const { crossliftAdd: more, crossliftRemove: less, crossliftQuantity: n } = button.dataset;
      const decision_id = offer?.dataset.decision;
      track(`Product ${more ? "Added" : "Removed"}`, { product_id: more || less, quantity: +n || 1, decision_id });
    });
  };

  const api = { start, page, track, identify, consent, respond, watch, seen, dwell, traffic: () => traffic,
    anonymousId: () => who().anonymous, sessionId: () => who().session };
  for (const name in api) api[name] = safely(api[name]);
  const push = (...calls) => calls.forEach(([name, ...given]) => api[name]?.(...given));
  self.crosslift = Object.assign(api, { decide, push, version: "0.1.0" });
  const run = safely(() => {
    if (script) start({
      server: script.src.replace(/\/widget\/.*/, ""), key: new URL(script.src).searchParams.get("key"), ...script.dataset,
    });
    if (early?.push) push(...early);
  });
  if (document.prerendering) document.addEventListener("prerenderingchange", run);
  else if (script && document.readyState === "loading") addEventListener("DOMContentLoaded", run);
  else run();
})();
