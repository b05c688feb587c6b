// The main jobs with JavaScript, node 18 or newer; in a browser with the publishable key alone.
// CROSSLIFT_URL, CROSSLIFT_SECRET_KEY, CROSSLIFT_PUBLISHABLE_KEY and CROSSLIFT_WEBHOOK_SECRET say where and who.
import { createHmac } from "node:crypto";

const { CROSSLIFT_URL, CROSSLIFT_SECRET_KEY, CROSSLIFT_PUBLISHABLE_KEY, CROSSLIFT_WEBHOOK_SECRET } = process.env;
const SECRET = { Authorization: `Bearer ${CROSSLIFT_SECRET_KEY}` };
const PUBLISHABLE = { Authorization: `Bearer ${CROSSLIFT_PUBLISHABLE_KEY}` };

async function call(method, path, body, headers) {
  const sent = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(CROSSLIFT_URL + path, {
    method, body: sent, headers: { "Content-Type": "application/json", ...headers },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${JSON.parse(text).code}: ${JSON.parse(text).detail}`);
  return text;
}

// facts
const row = { ordered_at: "2026-03-05T09:30:00Z", customer_id: "c-js", quantity: 1, currency: "KRW" };
const rows = [
  { ...row, order_id: "js-1", product_id: "DRIP", unit_price: "24000" },
  { ...row, order_id: "js-1", product_id: "FILT", unit_price: "6500" },
];
const lines = rows.map((one) => JSON.stringify(one)).join("\n");
const outcomes = await call("PUT", "/v1/facts/orders", lines, { ...SECRET, "Content-Type": "application/x-ndjson" });
for (const line of outcomes.trim().split("\n")) console.log(JSON.parse(line));

// identify
console.log(await call("POST", "/v1/identify", { customer: "c-js", identifiers: { anonymous: "browser-js" } }, SECRET));

// consent
const entry = {
  customer_id: "c-js", purpose: "personalization", channel: "*", status: "granted", source: "account page",
  wording: "Show me what fits what I own.", at: "2026-03-05T09:31:00Z",
};
console.log(await call("POST", "/v1/consents", { consents: [entry] }, SECRET));

// token
const { token } = JSON.parse(await call("POST", "/v1/keys/token", { customer: "c-js" }, SECRET));

// decide
const asked = { placement: "cart", cart: ["DRIP"], customer: "c-js", anonymous: "browser-js", k: 2 };
const named = { "X-Crosslift-Customer": token, "Idempotency-Key": "page-view-js-1" };
const decision = JSON.parse(await call("POST", "/v1/decide", asked, { ...PUBLISHABLE, ...named }));
for (const offer of decision.offers) console.log(offer.product, offer.price.amount, offer.reason);

// respond
const shown = { decision_id: decision.decision_id, action: "exposure", anonymous: "browser-js" };
console.log(await call("POST", "/v1/respond", shown, { ...PUBLISHABLE, "X-Crosslift-Customer": token }));

// redeem
const order = { order: "js-2", cart_value: "50000", currency: "KRW", customer: "c-js" };
console.log(await call("POST", "/v1/coupons/SPRING/redeem", order, SECRET));

// webhook
const body = JSON.stringify({ type: "customers", data: { customer_id: "c-js", locale: "ko" } });
const name = "msg-js-1", now = String(Math.floor(Date.now() / 1000));
const key = Buffer.from(CROSSLIFT_WEBHOOK_SECRET.replace("whsec_", ""), "base64");
const signature = createHmac("sha256", key).update(`${name}.${now}.${body}`).digest("base64");
const signed = { "webhook-id": name, "webhook-timestamp": now, "webhook-signature": `v1,${signature}` };
console.log(await call("POST", "/v1/webhooks/till", body, signed));
