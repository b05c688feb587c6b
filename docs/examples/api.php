<?php
// The main jobs with PHP 8, without extensions.
// CROSSLIFT_URL, CROSSLIFT_SECRET_KEY, CROSSLIFT_PUBLISHABLE_KEY and CROSSLIFT_WEBHOOK_SECRET say where and who.
declare(strict_types=1);

$secret = ['Authorization: Bearer ' . getenv('CROSSLIFT_SECRET_KEY')];
$publishable = ['Authorization: Bearer ' . getenv('CROSSLIFT_PUBLISHABLE_KEY')];

function call(string $method, string $path, array|string $body, array $headers, string $kind = 'application/json'): string
{
    $sent = is_string($body) ? $body : json_encode($body, JSON_THROW_ON_ERROR);
    $context = stream_context_create(['http' => [
        'method' => $method, 'content' => $sent, 'header' => [...$headers, "Content-Type: $kind"],
        'timeout' => 30, 'ignore_errors' => true,
    ]]);
    $answer = file_get_contents(getenv('CROSSLIFT_URL') . $path, false, $context);
    if ($answer === false || !preg_match('#^HTTP/\S+ 2#', $http_response_header[0])) {
        throw new RuntimeException("$method $path: " . ($answer ?: 'nobody answers'));
    }
    return $answer;
}

// facts
$row = ['order_id' => 'php-1', 'ordered_at' => '2026-03-05T09:30:00Z', 'customer_id' => 'c-php', 'quantity' => 1, 'currency' => 'KRW'];
$rows = [
    $row + ['product_id' => 'DRIP', 'unit_price' => '24000'],
    $row + ['product_id' => 'FILT', 'unit_price' => '6500'],
];
$lines = implode("\n", array_map('json_encode', $rows));
foreach (explode("\n", trim(call('PUT', '/v1/facts/orders', $lines, $secret, 'application/x-ndjson'))) as $line) {
    $told = json_decode($line, true);
    echo $told['line'], ' ', $told['outcome'], ' ', $told['detail'] ?? '', "\n";
}

// identify
echo call('POST', '/v1/identify', ['customer' => 'c-php', 'identifiers' => ['anonymous' => 'browser-php']], $secret), "\n";

// consent
$entry = [
    'customer_id' => 'c-php', 'purpose' => 'personalization', 'channel' => '*', 'status' => 'granted',
    'source' => 'account page', 'wording' => 'Show me what fits what I own.', 'at' => '2026-03-05T09:31:00Z',
];
echo call('POST', '/v1/consents', ['consents' => [$entry]], $secret), "\n";

// token
$token = json_decode(call('POST', '/v1/keys/token', ['customer' => 'c-php'], $secret), true)['token'];

// decide
$asked = ['placement' => 'cart', 'cart' => ['DRIP'], 'customer' => 'c-php', 'anonymous' => 'browser-php', 'k' => 2];
$named = ["X-Crosslift-Customer: $token", 'Idempotency-Key: page-view-php-1'];
$decision = json_decode(call('POST', '/v1/decide', $asked, [...$publishable, ...$named]), true);
foreach ($decision['offers'] as $offer) {
    echo $offer['product'], ' ', $offer['price']['amount'], ' ', $offer['reason'], "\n";
}

// respond
$shown = ['decision_id' => $decision['decision_id'], 'action' => 'exposure', 'anonymous' => 'browser-php'];
echo call('POST', '/v1/respond', $shown, [...$publishable, "X-Crosslift-Customer: $token"]), "\n";

// redeem
$order = ['order' => 'php-2', 'cart_value' => '50000', 'currency' => 'KRW', 'customer' => 'c-php'];
echo call('POST', '/v1/coupons/SPRING/redeem', $order, $secret), "\n";

// webhook
$body = json_encode(['type' => 'customers', 'data' => ['customer_id' => 'c-php', 'locale' => 'ko']]);
[$name, $now] = ['msg-php-1', (string) time()];
$key = base64_decode(str_replace('whsec_', '', getenv('CROSSLIFT_WEBHOOK_SECRET')));
$signature = base64_encode(hash_hmac('sha256', "$name.$now.$body", $key, true));
$signed = ["webhook-id: $name", "webhook-timestamp: $now", "webhook-signature: v1,$signature"];
echo call('POST', '/v1/webhooks/till', $body, $signed), "\n";
