#!/bin/sh
# The main jobs with curl. CROSSLIFT_URL, CROSSLIFT_SECRET_KEY, CROSSLIFT_PUBLISHABLE_KEY and CROSSLIFT_WEBHOOK_SECRET say where and who.
set -eu
SECRET="Authorization: Bearer $CROSSLIFT_SECRET_KEY"
PUBLISHABLE="Authorization: Bearer $CROSSLIFT_PUBLISHABLE_KEY"
JSON="Content-Type: application/json"

# facts
printf '%s\n' \
  '{"order_id": "sh-1", "ordered_at": "2026-03-05T09:30:00Z", "customer_id": "c-sh", "product_id": "DRIP", "quantity": 1, "unit_price": "24000", "currency": "KRW"}' \
  '{"order_id": "sh-1", "ordered_at": "2026-03-05T09:30:00Z", "customer_id": "c-sh", "product_id": "FILT", "quantity": 2, "unit_price": "6500", "currency": "KRW"}' |
  gzip |
  curl -fsS -X PUT "$CROSSLIFT_URL/v1/facts/orders" -H "$SECRET" -H 'Content-Type: application/x-ndjson' \
    -H 'Content-Encoding: gzip' --data-binary @-

# identify
curl -fsS "$CROSSLIFT_URL/v1/identify" -H "$SECRET" -H "$JSON" \
  -d '{"customer": "c-sh", "identifiers": {"anonymous": "browser-sh", "email": "sh@shop.example"}}'

# consent
curl -fsS "$CROSSLIFT_URL/v1/consents" -H "$SECRET" -H "$JSON" -d '{"consents": [
  {"customer_id": "c-sh", "purpose": "personalization", "channel": "*", "status": "granted",
   "source": "account page", "wording": "Show me what fits what I own.", "at": "2026-03-05T09:31:00Z"}]}'

# token
TOKEN=$(curl -fsS "$CROSSLIFT_URL/v1/keys/token" -H "$SECRET" -H "$JSON" -d '{"customer": "c-sh"}' |
  sed 's/.*"token":"\([^"]*\)".*/\1/')

# decide
DECISION=$(curl -fsS "$CROSSLIFT_URL/v1/decide" -H "$PUBLISHABLE" -H "X-Crosslift-Customer: $TOKEN" -H "$JSON" \
  -H "Idempotency-Key: page-view-sh-1" \
  -d '{"placement": "cart", "cart": ["DRIP"], "customer": "c-sh", "anonymous": "browser-sh", "k": 2}')
echo "$DECISION"
ID=$(printf '%s' "$DECISION" | sed 's/.*"decision_id":"\([^"]*\)".*/\1/')

# respond
curl -fsS "$CROSSLIFT_URL/v1/respond" -H "$PUBLISHABLE" -H "X-Crosslift-Customer: $TOKEN" -H "$JSON" \
  -d "{\"decision_id\": \"$ID\", \"action\": \"exposure\", \"anonymous\": \"browser-sh\"}"

# redeem
curl -fsS "$CROSSLIFT_URL/v1/coupons/SPRING/redeem" -H "$SECRET" -H "$JSON" \
  -d '{"order": "sh-2", "cart_value": "50000", "currency": "KRW", "customer": "c-sh"}'

# webhook
BODY='{"type": "customers", "data": {"customer_id": "c-sh", "locale": "ko"}}'
NAME="msg-sh-1" NOW=$(date +%s)
HEX=$(printf '%s' "${CROSSLIFT_WEBHOOK_SECRET#whsec_}" | base64 -d | od -An -tx1 | tr -d ' \n')
SIGNED=$(printf '%s' "$NAME.$NOW.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$HEX" -binary | base64)
curl -fsS "$CROSSLIFT_URL/v1/webhooks/till" -H "$JSON" -H "webhook-id: $NAME" -H "webhook-timestamp: $NOW" \
  -H "webhook-signature: v1,$SIGNED" -d "$BODY"
