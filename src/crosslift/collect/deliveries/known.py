"""The platforms we know, by name."""

from collections.abc import Mapping

from crosslift.collect.deliveries import facts, shopify, woocommerce
from crosslift.collect.deliveries.platform import Platform

PLATFORMS: Mapping[str, Platform] = {one.name: one for one in (shopify.PLATFORM, woocommerce.PLATFORM, facts.PLATFORM)}
