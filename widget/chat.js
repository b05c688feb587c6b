// <crosslift-chat key="pk_..." product="..." lang="ko">: a question, an answer with its source. No dependency, no eval, no cookie.
const SAYS = {
  en: {
    open: "Ask a question", title: "Questions and answers",
    about: "Answers come by fixed rules from this shop’s catalog and guides, not from a person.",
    close: "Close", input: "Your question", send: "Send", you: "You", source: "Source",
    handed_over: "Passed on to our staff", failed: "It could not be sent. Please try again.", no: "No, thanks",
  },
  ko: {
    open: "질문하기", title: "질문과 답변",
    about: "답변은 사람이 아니라 정해진 규칙에 따라 상품 정보와 안내 글에서 찾아요.",
    close: "닫기", input: "질문 내용", send: "보내기", you: "나", source: "출처",
    handed_over: "담당자에게 전달됨", failed: "보내지 못했어요. 다시 시도해 주세요.", no: "괜찮아요",
  },
  ja: {
    open: "質問する", title: "ご質問と回答",
    about: "回答は担当者ではなく、決められた規則により商品情報と案内ページから作成しています。",
    close: "閉じる", input: "ご質問の内容", send: "送信", you: "お客様", source: "出典",
    handed_over: "担当者へ引き継ぎ済み", failed: "送信できませんでした。もう一度お試しください。", no: "結構です",
  },
};
const COLORS = "ink muted surface surface-2 line accent on-accent focus".split(" ");
const scheme = (values) => COLORS.map((name, at) => `--${name}:var(--crosslift-${name},${values.split(" ")[at]});`).join("");
const STYLE = `
:host{${scheme("#1b2430 #55606e #fff #f5f6f8 #848e9b #1d5fbf #fff #1d5fbf")}
--r:var(--crosslift-radius,6px);font:15px/1.5 var(--crosslift-font,system-ui,sans-serif);color:var(--ink)}
@media(prefers-color-scheme:dark){:host{${scheme("#e6eaf0 #a3aebd #12161c #1b2129 #848e9b #7db0ff #12161c #7db0ff")}}}
:host(:lang(ko)){word-break:keep-all;overflow-wrap:anywhere;line-height:1.7}
:host(:lang(ja)){line-break:strict;line-height:1.7}
*{box-sizing:border-box}
button,input{font:inherit;color:inherit;min-height:44px;border-radius:var(--r);border:1px solid var(--line);background:var(--surface);padding:0 12px}
button{cursor:pointer}
.go{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
dialog{color:var(--ink);background:var(--surface);border:1px solid var(--line);border-radius:var(--r);padding:0;
width:min(26rem,100vw - 16px);max-width:none;height:min(36rem,100dvh - 16px);max-height:none;position:fixed;inset:auto 8px 8px auto;margin:0}
dialog[open]{display:flex;flex-direction:column}
header,form{display:flex;gap:8px;align-items:center;padding:8px 8px 8px 16px}
h2{font-size:18px;margin:0;flex:1}
form{padding:8px;border-top:1px solid var(--line)}
input{flex:1;min-width:0}
::placeholder{color:var(--muted);opacity:1}
.log{flex:1;overflow:auto;background:var(--surface-2);padding:16px;margin:0}
.log>*{margin:0 0 12px;scroll-margin:16px;white-space:pre-line;overflow-wrap:anywhere}
.small,b{font-size:13px;color:var(--muted);font-weight:400}
b{display:block}
.you{text-align:end}
a{color:var(--accent)}
ul{margin:4px 0 0;padding:0 0 0 18px}
.own{background:var(--surface);border:1px solid var(--line);border-radius:var(--r);padding:8px 12px}`;

const make = (tag, given = {}, ...inside) => {
  const one = Object.assign(document.createElement(tag), given);
  one.append(...inside.filter(Boolean));
  return one;
};
const safe = (url) => (/^(https?:\/\/|\/(?!\/))/i.test(url || "") ? url : "");
const link = ({ title, url }) => (safe(url) ? make("a", { href: safe(url) }, title) : title);

class Chat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.tongue = (this.closest("[lang]")?.lang || "en").slice(0, 2);
    const say = (this.say = SAYS[this.tongue] || SAYS.en);
    if (say === SAYS.en) this.tongue = "en";
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.log = make("div", { className: "log", tabIndex: 0 }, make("p", { className: "small" }, say.about));
    for (const [name, value] of [["role", "log"], ["aria-live", "polite"], ["aria-label", say.title]]) this.log.setAttribute(name, value);
    this.input = make("input", { maxLength: 500, required: true, autocomplete: "off", enterKeyHint: "send", ariaLabel: say.input, placeholder: say.input });
    const close = make("button", { type: "button" }, say.close);
    const form = make("form", {}, this.input, make("button", { className: "go" }, say.send));
    this.box = make("dialog", { ariaLabel: say.title, lang: this.tongue }, make("header", {}, make("h2", {}, say.title), close), this.log, form);
    const open = make("button", { type: "button", className: "go" }, say.open);
    open.setAttribute("aria-haspopup", "dialog");
    open.onclick = () => { this.box.showModal(); this.input.focus(); };
    close.onclick = () => this.box.close();
    this.box.onclose = () => open.focus();
    form.onsubmit = (event) => { event.preventDefault(); this.ask(this.input.value.trim()); };
    root.append(open, this.box);
  }

  put(...inside) {
    const one = make("div", { className: "own" }, ...inside);
    this.log.append(one);
    one.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    return one;
  }

  async ask(text) {
    if (!text || this.busy) return;
    this.busy = true;
    const { say } = this, of = (name) => this.getAttribute(name) || undefined, own = self.crosslift;
    const who = { anonymous: of("anonymous") || own?.anonymousId?.(), session: own?.sessionId?.() };
    this.put(make("b", {}, say.you), text).className = "own you";
    try {
      const answer = await this.post("chat", {
        text, language: this.tongue, product: of("product"), cart: of("cart")?.split(","), decision: of("decision"),
        customer_token: of("token"), conversation: this.talk, traffic: own?.traffic?.(), ...who,
      });
      this.talk = answer.conversation;
      this.input.value = "";
      this.show(answer, who);
    } catch {
      this.put(say.failed);
    }
    this.busy = false;
  }

  async post(verb, body) {
    const server = this.getAttribute("server") || new URL(import.meta.url).origin;
    const got = await fetch(`${server}/v1/${verb}?key=${encodeURIComponent(this.getAttribute("key"))}`, {
      method: "POST", body: JSON.stringify(body), credentials: "omit", signal: AbortSignal.timeout(9e3),
    });
    if (!got.ok) throw got.status;
    return got.json();
  }

  show({ answer, language, sources, offers, decision_id, handover }, who) {
    const { say } = this, pages = sources.filter((one) => safe(one.url) && !offers.some(({ product }) => product === one.id));
    const price = ({ total }) => total && new Intl.NumberFormat(language, { style: "currency", currency: total.currency }).format(total.amount);
    this.put(
      answer,
      offers[0] && make("ul", {}, ...offers.map((one) => make("li", {}, link(one), ` ${price(one) || ""} `, make("b", {}, one.reason)))),
      offers[0] && make("button", { type: "button", onclick: () => this.ask(say.no) }, say.no),
      pages[0] && make("b", {}, `${say.source}: `, ...pages.flatMap((one, at) => [at ? ", " : "", link(one)])),
      handover && make("b", {}, say.handed_over),
    ).lang = language;
    if (decision_id && offers[0])
      this.post("respond", { responses: offers.map((one) => ({ decision_id, action: "exposure", product: one.product, ...who })), customer_token: this.getAttribute("token") || undefined }).catch(() => {});
  }
}
customElements.get("crosslift-chat") || customElements.define("crosslift-chat", Chat);
