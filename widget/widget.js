// crosslift's widget: <crosslift-offers>, <crosslift-bundle>, <crosslift-bar> and <crosslift-popup>. How to use it: docs/4-deliver.md.

// The settings: where the server is, whose page this is, what it knows. Those of the script tag, until `configure` says more.
const own = [...document.scripts].find((one) => /\/widget\.js(\?|$)/.test(one.src));
const address = new URL(own?.src || import.meta.url);
const settings = {
  server: address.href.replace(/\/widget\/.*/, ""), key: address.searchParams.get("key"), timeout: 300, ...own?.dataset,
};
export const configure = (given) => Object.assign(settings, given);

// Who asks is who answers: the ids of the first question hold for the page.
let me;
const alone = { session: [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(36)).join("") };
const tracker = () => self.crosslift || {};
const who = () => me ||= whoever();
const whoever = () => {
  const [anonymous, session] = [tracker().anonymousId?.(), tracker().sessionId?.()];
  const known = settings.anonymous || anonymous, visit = settings.session || session;
  return known || visit ? { anonymous: known, session: visit } : alone;
};
const traffic = () => tracker().traffic?.() ?? (navigator.webdriver ? "robot" : settings.test != null ? "test" : undefined);
const post = (path, body, more) => fetch(`${settings.server}${path}?key=${encodeURIComponent(settings.key)}`, {
  method: "POST", body: JSON.stringify({ ...body, traffic: traffic(), customer_token: settings.token }), credentials: "omit", ...more,
});
const list = (given) => (typeof given === "string" ? given.split(",").map((one) => one.trim()).filter(Boolean) : given || undefined);

const refused = new Set();
let asked = new Set(), soon;

const ask = async (spots, more) => {
  const got = await post("/v1/widget", {
    ...who(), language: document.documentElement.lang || undefined, ...pick("language", "market", "link", "policy"), base: settings.server,
    cart: list(settings.cart), cart_value: settings.cartValue || undefined, product: settings.product, viewed: list(settings.viewed),
    exclude: [...refused], dwell_seconds: performance.now() / 1000, ...more, page: spots,
  }, { signal: AbortSignal.timeout(+settings.timeout) });
  return got.ok ? got.json() : null;
};
const pick = (...names) => Object.fromEntries(names.filter((name) => settings[name]).map((name) => [name, settings[name]]));

// What asks at the same moment is asked together; who gets no answer in time keeps what the server of the shop rendered.
const enqueue = (element) => {
  asked.add(element);
  soon ||= setTimeout(async () => {
    const all = [...asked].filter((one) => one.isConnected), spots = all.filter((one) => one.spot);
    asked = new Set();
    soon = 0;
    try {
      const found = all.length && settings.key && await ask(spots.map((one) => one.spot), { bar: spots.length < all.length });
      if (!found) return;
      spots.forEach((one, place) => one.show(found.placements[place], found));
      all.forEach((one) => one.spot || found.bar && one.show(found.bar, found));
    } catch { /* late or down: the fallback stays */ }
  });
};

const respond = async (action, { decision, product }, reason) => {
  if (!decision) return true;
  if (action === "decline" || action === "mute") refused.add(product);
  const said = { decision_id: decision, action, product, reason, ...who() };
  try {
    const got = await post("/v1/respond", { responses: [said] }, { keepalive: true });
    return got.ok;
  } catch { return false; }
};
const take = (product) => refused.delete(product);

// An offer was seen when half of it was on the screen for a second, in a tab that is looked at.
const timers = new Map();
const looker = new IntersectionObserver((all) => all.forEach(({ target, intersectionRatio, isIntersecting }) => {
  clearTimeout(timers.get(target));
  if (isIntersecting && intersectionRatio >= .5 && !document.hidden) {
    timers.set(target, setTimeout(() => { forget(target); respond("exposure", target.dataset); }, 1000));
  }
}), { threshold: .5 });
const forget = (card) => { clearTimeout(timers.get(card)); timers.delete(card); looker.unobserve(card); };
const watch = (card) => { timers.set(card); looker.observe(card); };
document.addEventListener("visibilitychange", () => timers.forEach((timer, card) => {
  clearTimeout(timer);
  looker.unobserve(card);
  looker.observe(card);
}));

// The look, in the ten variables of a shop's theme; by default that of the storefront.
const css = `
:host {
  --i: var(--crosslift-ink, light-dark(#1B2430, #E6EAF0)); --m: var(--crosslift-muted, light-dark(#55606E, #A3AEBD));
  --s: var(--crosslift-surface, light-dark(#FFF, #12161C)); --t: var(--crosslift-surface-2, light-dark(#F5F6F8, #1B2129));
  --a: var(--crosslift-accent, light-dark(#1D5FBF, #7DB0FF)); --o: var(--crosslift-on-accent, light-dark(#FFF, #12161C));
  --c: var(--crosslift-line, #848E9B); --f: var(--crosslift-focus, var(--a)); --r: var(--crosslift-radius, 6px);
  --l: color-mix(in srgb, var(--c) 40%, var(--s)); --g: 16px; --p: 96px;
  display: block; contain: layout; color: var(--i); overflow-wrap: anywhere; text-align: start;
  font: 15px/1.5 var(--crosslift-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
}
:host([hidden]) { display: none; }
@supports not (color: light-dark(#000, #fff)) {
  :host {
    --i: var(--crosslift-ink, #1B2430); --m: var(--crosslift-muted, #55606E); --a: var(--crosslift-accent, #1D5FBF);
    --s: var(--crosslift-surface, #FFF); --t: var(--crosslift-surface-2, #F5F6F8); --o: var(--crosslift-on-accent, #FFF);
  }
}
*, ::before, ::after { box-sizing: border-box; }
:lang(ko) { word-break: keep-all; line-height: 1.7; font-family: var(--crosslift-font, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", sans-serif); }
:lang(ja) { line-break: strict; word-break: auto-phrase; line-height: 1.7; font-family: var(--crosslift-font, "Hiragino Sans", "Yu Gothic UI", "Noto Sans JP", "Noto Sans CJK JP", sans-serif); }
h2, h3, p, ul, dl, dd, figure, blockquote { margin: 0; padding: 0; }
h2 { font-size: 18px; line-height: 1.4; margin-bottom: 8px; }
h3 { font-size: 15px; line-height: 1.45; }
ul { list-style: none; }
a { color: inherit; text-underline-offset: 3px; }
img { display: block; }
:focus-visible { outline: 3px solid var(--f); outline-offset: 2px; border-radius: var(--r); }
:host([size]) { display: flex; flex-direction: column; }
:host([size]) .box { min-height: 0; overflow: auto; display: flex; gap: var(--g); }
:host([size]) .bar { flex: 1; }
section { padding-block: 8px; }
.cards, .sets > ul { display: grid; gap: var(--g); grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr)); align-items: start; padding: 2px; }
.card, .set { max-width: 560px; }
:host([size]) .cards { grid: auto / auto-flow min(280px, 80vw); }
.card, .set { background: var(--s); border: 1px solid var(--l); border-radius: var(--r); padding: 16px; display: grid; gap: 8px; align-content: start; }
.card { grid-template-columns: auto 1fr; column-gap: 12px; }
.card > * { grid-column: 1 / -1; }
.card > .face { grid-column: 1; align-self: start; }
.card > .words { grid-column: 2; display: grid; gap: 4px; min-width: 0; }
.picture { width: var(--p); max-width: 30vw; height: auto; aspect-ratio: 1; object-fit: cover; border-radius: var(--r); }
.face:has(.none) { display: none; }
.face:has(.none) + .words, dialog .card > .words { grid-column: 1 / -1; }
.benefit { font-weight: 600; }
h3 a { display: inline-block; min-height: 24px; }
.price { font-weight: 700; font-variant-numeric: tabular-nums; }
.reason, .features, .muted, .rating, .buys, dt, figcaption, .dues, .amount { color: var(--m); }
.features, .label, .rating, .buys, figcaption, details, .dues, .promises, .amount { font-size: 13px; }
.label { font-weight: 700; }
.gains { padding-inline-start: 18px; list-style: disc; font-size: 13px; }
.quote { border-inline-start: 3px solid var(--l); padding-inline-start: 8px; }
figcaption a { display: inline-block; min-height: 24px; }
.film { width: 100%; border-radius: var(--r); }
summary { cursor: pointer; min-height: 32px; display: flex; align-items: center; color: var(--a); width: fit-content; }
summary::before { content: "+"; width: 16px; font-weight: 700; }
[open] > summary::before { content: "–"; }
dl div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 12px; padding-block: 3px; border-bottom: 1px solid var(--l); }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: start; padding: 4px; border-bottom: 1px solid var(--l); font-weight: 400; vertical-align: top; }
.differs > * { font-weight: 700; background: var(--t); }
form { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
.others form, .parts form, .set > form { grid-template-columns: 1fr; }
button, .button {
  font: inherit; font-size: 13px; line-height: 1.4; min-height: 44px; padding: 8px; border: 1px solid var(--c); border-radius: var(--r);
  background: var(--s); color: var(--i); cursor: pointer; display: flex; align-items: center; justify-content: center; text-align: center; text-decoration: none;
}
button:hover, .button:hover { border-color: var(--a); background: var(--a); color: var(--o); }
.parts { display: grid; gap: 8px; }
.parts li { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; justify-content: space-between; }
.bar { margin-block: 8px; display: grid; grid-template-columns: 1fr auto; gap: 4px 12px; align-items: center; }
.bar p { grid-column: 1 / -1; }
progress { width: 100%; height: 8px; accent-color: var(--a); appearance: none; border: 0; border-radius: 4px; background: var(--l); }
progress::-webkit-progress-bar { background: var(--l); border-radius: 4px; }
progress::-webkit-progress-value { background: var(--a); border-radius: 4px; }
progress::-moz-progress-bar { background: var(--a); border-radius: 4px; }
.said { display: flex; gap: 12px; align-items: center; justify-content: space-between; min-height: 44px; }
dialog { color: inherit; background: var(--s); border: 1px solid var(--l); border-radius: var(--r); padding: 20px; width: min(640px, 94vw); max-height: 86vh; overflow: auto; }
dialog::backdrop { background: rgb(18 22 28 / .5); }
dialog { --p: 64px; }
.head { display: flex; gap: 12px; align-items: center; justify-content: space-between; position: sticky; top: -20px; padding-block: 4px; background: var(--s); z-index: 1; }
.head h2 { margin: 0; }
.head button { flex: none; padding-inline: 16px; }
@media (max-width: 480px) {
  :host { --p: 64px; }
  .cards { grid: auto / auto-flow min(280px, 88%); overflow-x: auto; }
  .cards:has(> :only-child) { grid: auto / 1fr; }
  .card > .words { grid-column: 1 / -1; }
  .choice button, .choice .button { padding-inline: 2px; }
}
@media (prefers-reduced-motion: no-preference) { button, .button { transition: color .12s, background .12s; } }
@media print { form, details, dialog { display: none; } }
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

const safe = globalThis.trustedTypes?.createPolicy("crosslift", { createHTML: (html) => html });
const parsed = (html) => {
  const { body } = new DOMParser().parseFromString(safe ? safe.createHTML(html) : html, "text/html");
  return [...body.childNodes].map((one) => document.importNode(one, true));
};
const make = (name, more, ...inside) => {
  const one = Object.assign(document.createElement(name), more);
  one.append(...inside);
  return one;
};
const NOES = { decline: ["decline"], have_it: ["decline", "have it"], later: ["decline", "later"], never: ["mute"] };

class Part extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.box = make("div", { className: "box" });
    this.build();
    this.shadowRoot.addEventListener("submit", (event) => { event.preventDefault(); this.answer(event.submitter); });
    this.shadowRoot.addEventListener("click", ({ target }) => {
      const offer = target.closest?.("[data-decision]");
      if (offer && target.closest("a")) respond("click", offer.dataset);
    });
  }

  // A slot without a name holds what the shop's server rendered: it stays until there is something better.
  build() {
    this.shadowRoot.append(make("slot", { name: "before" }), make("slot"), this.box, make("slot", { name: "after" }));
    enqueue(this);
  }

  // Out of sight nobody sees anything move: the reserved room is given back.
  fit() {
    if (this.hasAttribute("size") && this.getBoundingClientRect().top >= innerHeight) this.removeAttribute("size");
  }

  show(found, { words, language }) {
    this.words = words;
    this.fit();
    if (!found.html) return this.tell("crosslift:empty", { no_offer: found.no_offer });
    this.box.lang = language;
    this.box.replaceChildren(...parsed(found.html));
    this.shadowRoot.querySelector("slot:not([name])")?.remove();
    this.box.querySelectorAll(".card").forEach(watch);
    if (this.box.scrollHeight > this.box.clientHeight + 1) Object.assign(this.box, { tabIndex: 0, role: "region", ariaLabel: words.offers });
    this.tell("crosslift:shown", { placement: found.placement, decision_id: found.decision_id, n_cards: found.n_cards });
  }

  tell(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, cancelable: true, detail }));
  }

  async answer(button) {
    const form = button.form, choice = button.value, offer = button.closest("[data-decision], [data-set]");
    if (choice === "undo") return this.undo(button);
    if (choice === "parts") return this.add(offer, [...offer.querySelectorAll("[data-product]")].map((one) => one.dataset.product), form);
    if (choice === "part") return this.add(offer, [form.elements.product.value], form);
    if (choice === "see") {
      respond("click", offer.dataset);
      return this.tell("crosslift:see", { product: offer.dataset.product, decision_id: offer.dataset.decision });
    }
    if (choice === "accept") {
      respond("accept", offer.dataset);
      return this.add(offer, [offer.dataset.product], form);
    }
    const [action, reason] = NOES[choice], { decision, product } = offer.dataset;
    if (!await respond(action, offer.dataset, reason)) return this.say(form, this.words.not_saved);
    this.tell("crosslift:declined", { product, decision_id: decision, answer: choice });
    const note = make("li", { className: "card", tabIndex: -1 }, this.said(this.words.thanks_noted));
    Object.assign(note.dataset, { declined: decision, product });
    if (action === "mute") {
      note.firstChild.append(make("form", {}, make("button", { name: "answer", value: "undo", textContent: this.words.undo })));
    }
    offer.replaceWith(note);
    note.focus();
  }

  async undo(button) {
    const note = button.closest("[data-declined]"), { declined, product } = note.dataset;
    const done = await respond("unmute", { decision: declined, product });
    if (done) take(product);
    note.replaceChildren(this.said(done ? this.words.undone : this.words.not_saved));
    note.focus();
  }

  // The shop puts it into its own cart, and says so by preventDefault(); else the visitor goes to the product.
  add(offer, products, form) {
    const { decision, from } = offer.dataset;
    const detail = { product: products[0], products, decision_id: decision || from, quantity: 1 };
    if (!this.tell("crosslift:add", detail)) this.say(form, this.words.added_to_cart);
    else location.assign(offer.querySelector("h3 a, [data-product] a")?.href || location.href);
  }

  said(words) { return make("p", { className: "said", role: "status", textContent: words }); }

  say(form, words) {
    form.parentElement.querySelector(":scope > .said")?.remove();
    form.after(this.said(words));
  }
}

class Offers extends Part {
  static part = null;

  get spot() {
    const spot = { placement: this.getAttribute("placement") || "product", block: this.constructor.part ?? undefined };
    for (const name of ["block", "product", "query", "content"]) if (this.hasAttribute(name)) spot[name] = this.getAttribute(name);
    if (this.hasAttribute("k")) spot.k = +this.getAttribute("k");
    return spot;
  }

  refresh() { enqueue(this); }
}

class Bundle extends Offers { static part = "set"; }

class Bar extends Part {
  refresh() { enqueue(this); }
}

class Popup extends Part {
  build() {
    const shut = make("button", { type: "button", onclick: () => this.dialog.close() });
    this.heading = make("h2", { id: "said", tabIndex: -1, autofocus: true });
    this.dialog = make("dialog", {}, make("div", { className: "head" }, this.heading, shut), this.box);
    this.dialog.setAttribute("aria-labelledby", "said");
    this.shut = shut;
    this.shadowRoot.append(this.dialog);
    this.heard = ({ detail }) => this.open(detail?.product);
    document.addEventListener("crosslift:added", this.heard);
  }

  disconnectedCallback() { document.removeEventListener("crosslift:added", this.heard); }

  async open(product) {
    try {
      const cart = [settings.cart || [], product || []].flatMap((one) => (typeof one === "string" ? one.split(",") : one)).filter(Boolean);
      const found = settings.key && await ask([{ placement: "popup", product }], { cart: [...new Set(cart)], product });
      if (!found?.placements[0].n_cards) return;
      this.heading.textContent = found.words.added_to_cart;
      this.shut.textContent = found.words.no_thanks;
      this.dialog.lang = found.language;
      this.show(found.placements[0], found);
      this.dialog.showModal();
    } catch { /* late or down: nothing opens */ }
  }
}

const NAMES = { "crosslift-offers": Offers, "crosslift-bundle": Bundle, "crosslift-bar": Bar, "crosslift-popup": Popup };
for (const [name, one] of Object.entries(NAMES)) customElements.get(name) || customElements.define(name, one);

// The cart changed: what depends on it asks again, together.
document.addEventListener("crosslift:cart", ({ detail = {} }) => {
  configure({ cart: detail.cart, cartValue: detail.value });
  document.querySelectorAll("crosslift-bar, crosslift-offers[placement=cart], crosslift-offers[placement=checkout]")
    .forEach((one) => one.refresh());
});
