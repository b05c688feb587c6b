"""Moru Coffee Supply (모루 커피상회 / モル珈琲商会): the seeded demo shop, its mess, and its truth.

A shop of home-brewing gear and beans: 220 products and four plans with titles in English, Korean and Japanese, 9,000
people (60 of them cafés and offices), 40,000 orders in the eighteen months that end on 2026-10-31, about 290,000 product
views, 20,000 searches and pages read, subscriptions, meters, returns, consents, pictures. `write(folder)` makes the
files a merchant would bring, in the canonical columns of DESIGN 9, the same bytes for the same seed. They enter
crosslift through the ordinary door.

How the shop sells, told in full in `process`: people of five kinds come for a refill that is due, on a path from one
purchase to a later one, or just so; they take things by popularity, leaning and season; some things bring a companion;
nobody takes two kettles. Gift wrap goes on at a constant rate, whatever is in the basket.

What is planted, and where it is told:

- goes with: `relations.goes_with()`; dripper and server, machine and tamper, cups and lids;
- needs, and wrong fit: `relations.needs()`, `relations.WRONG_FITS`, stated as rules in the catalog's attribute
  `requires` (`facts`); size-02 drippers need size-02 filters, 01 is wrong;
- refill: `relations.REFILLS`; filters 38 days, beans 17, descaler 90;
- step up, and later: `relations.PATHS`; hand grinder, electric, pro; a machine and its check half a year on;
- instead of: `relations.VIEWED_INSTEAD`; two kettles looked at side by side, never in one basket;
- held together: `holdings.HOLDS_WITH`; espresso beans by subscription and the descaling plan; meters of machines;
- searched, read: `searches.TERMS`, `guides.GUIDES`; 「드리퍼」 and then a dripper, the descaling guide and then descaler;
- written down by the merchant: `curation`; pins, bans, what lies in the box, sets, one of which cannot pay;
- season: `seasons.SEASONS`; summer ice, Chuseok, 설날, お中元, お歳暮;
- traps: `stories` (a mega-buyer's pair, a bot, wrong sizes that come back), `catalog` (no price, picture or cost, sold
  out, withdrawn, slow), `facts` (near its best-before day, past it), `sales` (cancellations, negative quantities,
  nameless tills, a grinder that comes back).

The truth of each kind (`truth.load_truth()`) is counted from two million orders of the same process, not copied from
these tables: segments, seasons and shared anchors make pairs go together that nobody designed, and they count.
"""

from crosslift.testing.demo.catalog import CATALOG, CATEGORIES, CURRENCY, SHOP_NAME, get_item
from crosslift.testing.demo.files import DemoFiles, write
from crosslift.testing.demo.item import Item, Variant
from crosslift.testing.demo.people import NamedPerson, named_people
from crosslift.testing.demo.pictures import svg_of
from crosslift.testing.demo.process import draw

__all__ = [
    "CATALOG",
    "CATEGORIES",
    "CURRENCY",
    "SHOP_NAME",
    "DemoFiles",
    "Item",
    "NamedPerson",
    "Variant",
    "draw",
    "get_item",
    "named_people",
    "svg_of",
    "write",
]
