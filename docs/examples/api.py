"""The main jobs with Python's own library.

CROSSLIFT_URL, CROSSLIFT_SECRET_KEY, CROSSLIFT_PUBLISHABLE_KEY and CROSSLIFT_WEBHOOK_SECRET say where and who.
"""

import base64
import hashlib
import hmac
import json
import os
import time
import urllib.request

URL = os.environ["CROSSLIFT_URL"]
SECRET = {"Authorization": f"Bearer {os.environ['CROSSLIFT_SECRET_KEY']}"}
PUBLISHABLE = {"Authorization": f"Bearer {os.environ['CROSSLIFT_PUBLISHABLE_KEY']}"}


def call(method, path, body, headers, kind="application/json"):
    """Send a value as JSON, or bytes as they are; gives the text of the answer, or raises what urllib raises."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, sent, {"Content-Type": kind, **headers}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


# facts
rows = [
    {
        "order_id": "py-1",
        "ordered_at": "2026-03-05T09:30:00Z",
        "customer_id": "c-py",
        "product_id": product,
        "quantity": 1,
        "unit_price": price,
        "currency": "KRW",
    }
    for product, price in (("DRIP", "24000"), ("FILT", "6500"))
]
lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
for line in call("PUT", "/v1/facts/orders", lines, SECRET, "application/x-ndjson").splitlines():
    told = json.loads(line)
    print(told["line"], told["outcome"], told.get("detail", ""))

# identify
print(call("POST", "/v1/identify", {"customer": "c-py", "identifiers": {"anonymous": "browser-py"}}, SECRET))

# consent
entry = {
    "customer_id": "c-py",
    "purpose": "personalization",
    "channel": "*",
    "status": "granted",
    "source": "account page",
    "wording": "Show me what fits what I own.",
    "at": "2026-03-05T09:31:00Z",
}
print(call("POST", "/v1/consents", {"consents": [entry]}, SECRET))

# token
token = json.loads(call("POST", "/v1/keys/token", {"customer": "c-py"}, SECRET))["token"]

# decide
asked = {"placement": "cart", "cart": ["DRIP"], "customer": "c-py", "anonymous": "browser-py", "k": 2}
named = {"X-Crosslift-Customer": token, "Idempotency-Key": "page-view-py-1"}
decision = json.loads(call("POST", "/v1/decide", asked, PUBLISHABLE | named))
for offer in decision["offers"]:
    print(offer["product"], offer["price"]["amount"], offer["reason"])

# respond
shown = {"decision_id": decision["decision_id"], "action": "exposure", "anonymous": "browser-py"}
print(call("POST", "/v1/respond", shown, PUBLISHABLE | {"X-Crosslift-Customer": token}))

# redeem
order = {"order": "py-2", "cart_value": "50000", "currency": "KRW", "customer": "c-py"}
print(call("POST", "/v1/coupons/SPRING/redeem", order, SECRET))

# webhook
body = json.dumps({"type": "customers", "data": {"customer_id": "c-py", "locale": "ko"}}).encode()
name, now = "msg-py-1", str(int(time.time()))
key = base64.b64decode(os.environ["CROSSLIFT_WEBHOOK_SECRET"].removeprefix("whsec_"))
signature = base64.b64encode(hmac.digest(key, f"{name}.{now}.".encode() + body, hashlib.sha256)).decode()
signed = {"webhook-id": name, "webhook-timestamp": now, "webhook-signature": f"v1,{signature}"}
print(call("POST", "/v1/webhooks/till", body, signed))
