"""Every key of a policy's text once: what it is called, what it is in the domain, how it is written, what it says.

The reader, the writer, the list of changes, the JSON Schema and the reference page are all made from these tables.
"""

import re

from crosslift.domain.guardrail import Guarded, Guardrail, Sign, problem
from crosslift.domain.offer import OfferKind
from crosslift.domain.policy import Goal
from crosslift.domain.policy_forms import Choice, Flag, Many, Named, Perhaps, Text
from crosslift.domain.policy_quantities import Clock, Moment, Number, Share, Span
from crosslift.domain.policy_tables import Field, Outline, Record, Rows, Section
from crosslift.domain.pressure import UNITS, Cap, Cooldown, QuietHours, Reaction, ValueFirst
from crosslift.domain.rule import CODE, Daypart, Gate, Rule, Selector
from crosslift.domain.rule import Moment as RuleMoment
from crosslift.domain.segment_grammar import parse
from crosslift.domain.value import Bar, Lever, Objective
from crosslift.domain.variant import LEAST_FLOOR, OPTION, VariantSet
from crosslift.errors import BadInput

MOST = 1_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
_DAY = re.compile(r"(\d{4}-)?(\d\d)-(\d\d)", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _fits(pattern: re.Pattern[str], what: str) -> Text:
    return Text(
        check=lambda text: None if pattern.fullmatch(text) else f"{text!r}: {what}", pattern=f"^{pattern.pattern}$"
    )


def _day_problem(text: str) -> str | None:
    """Say why a text is no day of the calendar; without a year it is one of every year."""
    found = _DAY.fullmatch(text)
    month, day = (int(found[2]), int(found[3])) if found else (0, 0)
    is_day = 1 <= month <= 12 and 1 <= day <= _DAYS_OF_MONTH[month - 1]
    return None if is_day else f'{text!r} is no day; write "2026-12-24", or "12-24" for every year'


def _condition_problem(text: str) -> str | None:
    try:
        parse(text)
    except BadInput as error:
        return f"cannot be read: {error}"
    return None


_ID = Text()
_IDS = Many(_ID)
_TITLES = Named(Text())
_WORDS = Text(is_filled=False)
_NAMED = _fits(_NAME, "small letters, digits, - and _, at most 60, such as our-shop")
_SOURCES = Many(Text(words="sources"))
_PLACEMENTS = Many(Text(words="placements"))
_COUNT = Number(1, MOST, is_whole=True)
_COUNTS = Named(Number(0, MOST, is_whole=True), words="sources")
_MONEY = Number(0)

_WHEN = Record(RuleMoment, (
    Field("placements", "placements", _PLACEMENTS, "Placements where it is asked; by default all."),
    Field("channels", "channels", _IDS, "Channels on which it is asked."),
    Field("markets", "markets", _IDS, "Markets of the request."),
    Field("devices", "devices", _IDS, "Devices: mobile, desktop, tablet, kiosk …"),
    Field("dayparts", "dayparts", Many(Choice(tuple(Daypart), Daypart)), "Parts of the day, by the person's local time."),
    Field("months", "months", Many(Number(1, 12, is_whole=True)), "Months, 1 to 12, by the person's local time."),
    Field("weekdays", "weekdays", Many(Number(1, 7, is_whole=True)), "Weekdays, 1 for Monday to 7."),
    Field("from", "starts_on", Text(check=_day_problem), "First day, local: 2026-12-01, or 12-01 for every year."),
    Field("until", "ends_on", Text(check=_day_problem), "Last day, included."),
    Field("on_page_less_than", "below_dwell_seconds", Span("second"),
          "Only while the visitor has been on the page for less than this, or nobody says how long."),
    Field("interrupts", "interrupts", Flag(), "Only placements that take the person's attention by themselves, or only others."),
    Field("assisted", "is_assisted", Flag(), "Only where an agent speaks, or only where none does."),
    Field("cart_has", "cart_has", _IDS, "Products or category:Name in the cart or on the page."),
    Field("cart_lacks", "cart_lacks", _IDS, "Products or category:Name that are not."),
))  # fmt: skip

_STOPS = Record(Selector, (
    Field("products", "products", _IDS, "Product or offer ids."),
    Field("categories", "categories", _IDS, "Categories, all below them included."),
    Field("kinds", "kinds", _SOURCES, "Candidate sources, such as upgrade."),
    Field("offer_kinds", "offer_kinds", Many(Choice(tuple(OfferKind))), "Kinds of offer; a bare product is goods."),
    Field("tags", "tags", _IDS, "Tags of an offer, or values of the product attribute tags."),
    Field("goals", "goals", _IDS, "Goals that an offer serves."),
    Field("attributes", "attributes", Named(_WORDS), "Product attributes that have this value."),
    Field("price_from", "min_price_ratio", Share(high=None), "Price from this share of the dearest thing in sight on."),
    Field("serving_no_goal", "lacks_goal", Flag(), "Offers that serve no goal the person declared or confirmed."),
    Field("lacking_licence", "lacks_licence", Flag(), "Offers needing a licence that agent or firm does not hold."),
    Field("paid_incentive", "is_paid_incentive", Flag(), "Offers that cost us a discount, or only those that do not."),
    Field("not_products", "not_products", _IDS, "Exempt: products or offers."),
    Field("not_categories", "not_categories", _IDS, "Exempt: categories."),
    Field("not_tags", "not_tags", _IDS, "Exempt: tags."),
))  # fmt: skip

_RULE = Record(Rule, (
    Field("id", "rule_id", _ID, "The rule's own name; another rule of that name takes its place.", is_needed=True),
    Field("gate", "gate", Choice(tuple(Gate), Gate), "The gate that asks it.", is_needed=True),
    Field("code", "code", _fits(CODE, "small letters, digits and _, such as too_early"),
          "What is counted and explained where it stops something, such as too_early.", is_needed=True),
    Field("owner", "owner", Text(), "Who answers for it.", is_needed=True),
    Field("reason", "reason", Text(), "Why there is such a rule, as shoppers may read it at /how-we-recommend.", is_needed=True),
    Field("who", "who", Text(is_filled=False, check=lambda text: _condition_problem(text) if text else None),
          'People it is for, such as: orders >= 3 and not consent("marketing"); by default everybody.'),
    Field("younger_than", "younger_than", Number(1, 150, is_whole=True),
          "Only people who are not known to have so many years, by their age, birth_year or birth_date."),
    Field("law", "law", _WORDS, "The provision it stands for; such a rule of a pack goes only with its pack."),
    Field("spares_needs", "spares_needs", Flag(), "Whether what is required, stand-ins and service messages pass all the same."),
    Field("when", "moment", _WHEN, "Where and when it is asked; by default always."),
    Field("stops", "stops", _STOPS, "What it stops; by default everything."),
))  # fmt: skip

_GOAL = Record(Goal, (
    Field("id", "goal_id", _ID, "As people, requests and offers name it.", is_needed=True),
    Field("title", "titles", _TITLES, "What it is called, by language.", is_needed=True),
    Field("offers", "offers", _IDS, "Products or offers that serve it."),
    Field("categories", "categories", _IDS, "Categories that serve it."),
    Field("not_offers", "not_offers", _IDS, "What is often sold instead and does not serve it."),
))  # fmt: skip

_LEVER = Record(Lever, (
    Field("id", "lever_id", _ID, "The lever's own name.", is_needed=True),
    Field("factor", "factor", Number(0, 1_000), "How many times more its candidates count.", is_needed=True),
    Field("author", "author", Text(), "Who pulls it.", is_needed=True),
    Field("reason", "reason", Text(), "Why.", is_needed=True),
    Field("from", "starts_at", Moment(), "When it begins; by default at once."),
    Field("until", "ends_at", Moment(), "When it ends; every lever does.", is_needed=True),
    Field("products", "products", _IDS, "Products or offers it is on."),
    Field("categories", "categories", _IDS, "Categories it is on."),
    Field("slow_stock", "slow_stock", Flag(), "Whether it is on slow stock only; without products and categories on all of it."),
    Field("relevance_from", "min_relevance", Share(), "How relevant a candidate must be, as a share of the best of its kind."),
    Field("may_win", "max_share", Share(),
          "Its budget: the share of offers it may win at most that would not have won without it."),
), lambda lever: "it ends before it begins" if lever.starts_at and lever.ends_at <= lever.starts_at else None)  # fmt: skip

_BAR = Record(Bar, (
    Field("id", "bar_id", _ID, "The bar's own name.", is_needed=True),
    Field("amount", "amount", _MONEY, "The cart value from which it gives something.", is_needed=True),
    Field("currency", "currency", _fits(_CURRENCY, "three capital letters, such as USD"), "Of the amount.", is_needed=True),
    Field("title", "titles", _TITLES, "What it gives, by language.", is_needed=True),
    Field("markets", "markets", _IDS, "Markets it holds in; by default all."),
    Field("worth", "worth", _MONEY, "What crossing it costs us."),
    Field("overshoot", "max_overshoot", Share(high=None), "Fillers pass the gap by at most this share of the bar."),
))  # fmt: skip

_VARIANTS = Record(VariantSet, (
    Field("id", "set_id", _ID, "The set's own name.", is_needed=True),
    Field("options", "options", Many(_fits(OPTION, "small letters, digits, - and _, at most 60, such as warm")),
          "Two to eight codes of which each decision draws one; the first is the default.", is_needed=True),
    Field("placements", "placements", _PLACEMENTS, "Placements where it is drawn; by default all."),
    Field("levers", "levers", Named(_IDS), "Under an option, ids of levers that are on under that option only."),
    Field("floor", "floor", Share(LEAST_FLOOR, 0.5), "The least share of decisions that each option is drawn in."),
))  # fmt: skip

_GUARDRAIL = Record(Guardrail, (
    Field("id", "guardrail_id", _ID, "The guardrail's own name.", is_needed=True),
    Field("sign", "sign", Choice(tuple(Sign), Sign), "The bad sign it looks at, a share.", is_needed=True),
    Field("at_most", "at_most", Share(), "Its limit: what lies above it with its whole interval is paused.", is_needed=True),
    Field("of", "of", Choice(tuple(Guarded), Guarded),
          "What it is asked of, each apart, and what rests: strategy, placement, option of a small set, arm of an experiment."),
    Field("within", "days", Span(), "Counts begin anew after so long."),
), problem)  # fmt: skip

_CAP = Record(Cap, (
    Field("at_most", "most", Number(0, MOST, is_whole=True), "So many contacts.", is_needed=True),
    Field("within", "days", Span(), "Within any such time.", is_needed=True),
    Field("channels", "channels", _IDS, "Over these channels together; by default over all."),
    Field("topics", "topics", _IDS, "On these topics together; by default on all."),
    Field("of", "unit", Choice(UNITS), "Whose contacts: the person's, or those of everybody of their accounts."),
))  # fmt: skip

_COOLDOWN = Record(Cooldown, (
    Field("after", "after", Choice(tuple(Reaction), Reaction), "What the person did.", is_needed=True),
    Field("lasts", "days", Span(), "How long the same is left alone.", is_needed=True),
    Field("of", "scope", Choice(("product", "category", "all")), "What is left alone: product, category or all."),
    Field("times", "n_times", _COUNT, "How often they must have done it."),
    Field("counted_within", "within_days", Span(), "How long it is counted."),
    Field("law", "law", _WORDS, "The provision it stands for."),
))  # fmt: skip

_QUIET = Record(QuietHours, (
    Field("from", "start", Clock(), "Local time it begins.", is_needed=True),
    Field("until", "end", Clock(), "Local time it ends; it may pass midnight.", is_needed=True),
    Field("channels", "channels", _IDS, "On these channels; by default on all."),
    Field("markets", "markets", _IDS, "In these markets; by default in all."),
    Field("law", "law", _WORDS, "The provision it stands for."),
))  # fmt: skip

_FIRST = Record(ValueFirst, (
    Field("useful_contacts", "n_useful", Number(0, MOST, is_whole=True), "Useful contacts before the first offer."),
    Field("win_needed", "needs_win", Flag(), "Whether something must have gone well since the last purchase."),
    Field("wins", "win_events", _IDS, "Events that tell of it."),
    Field("channels", "channels", _IDS, "Where it is asked; by default everywhere."),
    Field("markets", "markets", _IDS, "Markets where it is asked; by default all."),
))  # fmt: skip

_HEAD = (
    Field("name", "name", _NAMED, "What requests call the policy by.", is_needed=True),
    Field("version", "version", Number(0, 2**31 - 1, is_whole=True), "Given by the shop; what stands here is not asked."),
    Field("extends", "extends", Text(words="policies"), "The policy it begins with; what is not said is as there."),
    Field("packs", "packs", Many(Text(words="packs")), 'Market and sector packs it holds to, such as "market/us".'),
    Field("without", "without", _IDS, "Ids of inherited rules, goals, levers, bars, variants and guardrails it leaves out."),
    Field("needs_approval", "needs_approval", Flag(),
          "Whether somebody other than its author approves it, and what takes its place, before it is published."),
)  # fmt: skip
_PACK_HEAD = (
    Field("pack", "pack", Text(), "What policies call the pack by, such as market/us.", is_needed=True),
    Field("title", "title", _TITLES, "What it is called, by language.", is_needed=True),
    Field("about", "about", Text(), "What it is for, and what it leaves open.", is_needed=True),
)

_LISTS = (
    Field("timezones", "timezones", Named(Text(words="zones")),
          "Time zone of a market, where a person's own is unknown; * for the others."),
    Field("caps", "pressure.caps", Rows(_CAP), "How many contacts at most; every cap must hold."),
    Field("cooldowns", "pressure.cooldowns", Rows(_COOLDOWN), "How long something is left alone after a no."),
    Field("quiet_hours", "pressure.quiet_hours", Rows(_QUIET), "When nothing interrupts and no message goes out."),
    Field("value_first", "pressure.value_first", Perhaps(_FIRST), "Nothing is sold before something helped."),
    Field("rules", "rules", Rows(_RULE, "rule_id"), "What the gates ask beside what the engine always asks, in order."),
    Field("goals", "goals", Rows(_GOAL, "goal_id"), "What serves which goal of a customer."),
    Field("levers", "value.levers", Rows(_LEVER, "lever_id"), "Factors on some candidates, each until it ends."),
    Field("bars", "value.bars", Rows(_BAR, "bar_id"), "Cart values from which something is free or cheaper."),
    Field("variants", "variants", Rows(_VARIANTS, "set_id"), "Small sets of which each decision draws one option, and learns."),
    Field("guardrails", "guardrails", Rows(_GUARDRAIL, "guardrail_id"),
          "Limits of bad signs; what is over one pauses by itself, until somebody lifts it."),
)  # fmt: skip

_SECTIONS = (
    Section("offers", "Which candidates, how many, how varied.", (
        Field("sources", "candidates", _SOURCES, "Sources that may be asked; the placement says in which order."),
        Field("usual", "default_offers", _COUNT, "How many offers where a request does not say."),
        Field("at_most", "max_offers", Perhaps(_COUNT), "How many offers at most, whatever a request says."),
        Field("at_most_of_category", "max_per_category", Perhaps(_COUNT), "How many of one category at most."),
        Field("at_most_of_kind", "max_per_kind", _COUNTS, "How many of a kind at most."),
        Field("at_most_extras", "max_extras", Named(Number(0, MOST, is_whole=True), words="placements"),
              "How many at a placement at most, beside what is needed."),
        Field("kept_for", "reserved", _COUNTS, "Places kept for a kind where the list has three or more."),
        Field("leave_out_owned", "excludes_owned", Flag(), "Whether what the person owns is left out."),
        Field("gates_in_evaluation", "gates_evaluation", Flag(), "Whether the gates are asked under purpose evaluation too."),
        Field("slow_stock_first", "prefers_slow_stock", Flag(), "Whether one slow or near-date product goes first."),
        Field("slow_stock_from", "slow_floor", Share(), "How relevant it must be at least, as a share of the best."),
        Field("near_date", "near_date_days", Span(is_whole=True), "Best-before dates closer than this are labeled."),
        Field("need_closed_for", "closed_days", Span(may_be_zero=True),
              "How long after a purchase of something that lasts nothing else for the same need is offered."),
        Field("returning_within", "returning_days", Span(may_be_zero=True),
              "How long repeated visits to a category after that open it again."),
        Field("sets", "offers_sets", Flag(), "Whether sets are shown beside the single offers."),
        Field("at_most_sets", "max_sets", Number(0, MOST, is_whole=True), "How many sets at most."),
        Field("outside_holdouts", "is_holdout_exempt", Flag(), "Whether nobody is held out from it."),
        Field("explore", "epsilon", Share(), "How often one place of a list is drawn from what passed every gate."),
    )),
    Section("pressure", "How much attention is asked of a person.", (
        Field("solve_first", "pressure.must_solve_first", Flag(), "Whether an open complaint stops every offer."),
        Field("contact_costs", "pressure.costs", Named(_MONEY),
              "What one contact on a channel must be worth, in the reporting currency."),
    )),
    Section("value", "What an offer is worth, and within which limits that counts.", (
        Field("objectives", "value.objectives", Named(Choice(tuple(Objective), Objective), "placements", has_rest=True),
              "What each placement is for; * for the others."),
        Field("weights", "value.context_weights", Named(Number(0, MOST), "weights"),
              "Weight of a source, or of placement:source."),
        Field("margin_from", "value.margin_floor", Perhaps(Share(low=None)), "Least margin, as a share of the net price."),
        Field("companion_price_to", "value.max_cross_ratio", Perhaps(Share(high=None)),
              "A companion costs at most this share of the dearest thing in sight."),
        Field("step_up_to", "value.max_step", Perhaps(Share(high=None)), "A step up costs at most this share more."),
        Field("worth_from", "value.min_worth", Number(), "Offers worth less than this are not made, in the reporting currency."),
        Field("starting_acceptance", "value.start_accept", Named(Share(), "sources", has_rest=True),
              "How probably an offer of a source is accepted, until that is learned; * for the others."),
        Field("tax", "value.tax_rates", Named(Share(high=None)), "Tax that prices hold, by market; * for the others."),
        Field("starting_acceptance_to", "value.max_accept", Share(), "At most so probable without evidence of our own."),
    )),
)  # fmt: skip

POLICY = Outline((*_HEAD, *_LISTS), _SECTIONS)
"""A policy."""
PACK = Outline((*_PACK_HEAD, *_LISTS), _SECTIONS)
"""A pack: what a market or a sector adds to policies that hold to it."""
