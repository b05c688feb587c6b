"""The catalogs: complete, compiled, with the same placeholders, and free of pressure."""

import re
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from crosslift.domain.decision import DropCode, NoOffer, ReasonCode
from crosslift.domain.persona import MarkCode
from crosslift.domain.profile import ClvBasis, ContributionClass, Stage
from crosslift.domain.profile_codes import ContributionReason, RfmSegment, Unknown
from crosslift.domain.relation import RelationKind
from crosslift.domain.voice import BadSign, Topic
from crosslift.errors import BadInput
from crosslift.wording.attributes import COUNTED, NAMES, VALUES
from crosslift.wording.chat import KEYS as CHAT
from crosslift.wording.how_we_recommend import KEYS as HOW
from crosslift.wording.markets import PATTERNS, TOO_EARLY
from crosslift.wording.messages import CATALOGS, LANGUAGES, Noun, language_of, text
from crosslift.wording.office import KEYS as OFFICE
from crosslift.wording.personas import TOLD
from crosslift.wording.pressure import pressure_words
from crosslift.wording.profiles import SIGNS
from crosslift.wording.reasons import KINDS, STRENGTHS
from crosslift.wording.slip import KEYS as SLIP
from crosslift.wording.storefront import LABELS
from crosslift.wording.voice import SENTIMENTS, SURENESS
from crosslift.wording.why_not import KEYS as WHY_NOT
from crosslift.wording.widget import BAR, CARD
from crosslift.wording.widget import LABELS as WIDGET

VARIANTS = {
    "bought_together_rare", "bestseller_one_day", "bought_later_within", "owned_together_rare",
    "category_companion_rare", "needed_fact", "needed_mined", "step_up_more", "step_up_same", "step_up_less",
    "instead_of_alike", "instead_of_curated", "stand_in_more", "stand_in_same", "stand_in_less", "alike_words",
    "refill_due_once", "refill_due_others", "refill_due_anyone", "refill_due_lasts", "service_due_reading",
    "merchant_offer_beside", "merchant_offer_plain", "serves_goal_with", "plan_nearly_used_with",
    "for_readers_named", "for_readers_curated", "recommended_plain", "set_saving_with", "set_saving_page", "searched_viewed",
}  # fmt: skip
"""Messages of a reason beside the one that bears its code."""


def source(language: str) -> Catalog:
    with path(language, "po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def path(language: str, ending: str) -> Path:
    return CATALOGS / language / "LC_MESSAGES" / f"crosslift.{ending}"


def sentences(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Every message with all its forms, by key."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string)
        )
        for message in catalog
        if message.id
    }


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalog_says_what_its_source_says(language):
    fresh = BytesIO()
    write_mo(fresh, source(language))
    fresh.seek(0)
    with path(language, "mo").open("rb") as file:
        committed = read_mo(file)
    again = read_mo(fresh)
    assert sentences(committed) == sentences(again), "run the pybabel command at the top of wording/messages.py"
    assert committed.plural_expr == again.plural_expr
    assert committed.num_plurals == again.num_plurals


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_doubtful(language):
    catalog = source(language)
    assert sentences(catalog).keys() == sentences(source("en")).keys()
    for key, forms in sentences(catalog).items():
        assert len(forms) == 1 or len(forms) == catalog.num_plurals, key
        assert all(form.strip() for form in forms), key
        assert all(form == form.strip() for form in forms), key
    assert not [message.id for message in catalog if message.id and message.fuzzy]
    assert not catalog.obsolete


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_translations_have_the_placeholders_of_the_english(language):
    english = sentences(source("en"))
    for key, forms in sentences(source(language)).items():
        for form in (*forms, *english[key]):
            assert placeholders(form) == placeholders(english[key][-1]), key


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_translators_see_the_english_of_today(language):
    english = sentences(source("en"))
    for message in source(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            assert message.auto_comments == [english[key][-1]], key


def test_only_korean_asks_for_particles_and_knows_both_forms():
    for language in LANGUAGES:
        for key, forms in sentences(source(language)).items():
            for form in forms:
                pairs = {spec for _, _, spec, _ in Formatter().parse(form) if spec}
                assert not pairs or language == "ko", key
                assert pairs <= {"과/와", "이/가", "을/를", "은/는", "으로/로"}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_words_never_press(language):
    for key, forms in sentences(source(language)).items():
        for form in forms:
            assert pressure_words(form, language) == [], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_words_never_claim_to_be_personal_and_never_shout(language):
    claims = re.compile(
        r"for you|chosen for|picked for|고객님만|당신만|추천해|あなただけ|あなたへ|[!！]", re.IGNORECASE
    )
    for key, forms in sentences(source(language)).items():
        assert not any(claims.search(form) for form in forms), key


def test_full_sentences_keep_the_polite_register():
    for key, forms in sentences(source("ko")).items():
        for form in forms:
            for part in re.findall(r"[^.?]+(?=[.?])", form):
                assert part.endswith(("요", "니다")), key
    for key, forms in sentences(source("ja")).items():
        for form in forms:
            for part in re.findall(r"[^。]+(?=。)", form):
                assert part.endswith(("です", "ます", "ません", "ください", "した", "せん")), key


def test_the_catalog_holds_what_the_code_asks_for_and_nothing_else():
    asked = {f"drop.{code}" for code in (*DropCode, "rule")} | {f"no_offer.{code}" for code in (*NoOffer, "rule")}
    asked |= {f"strength.{strength}" for strength in STRENGTHS} | {f"kind.{kind}" for kind in KINDS}
    asked |= {f"card.{key}" for key in CARD} | {f"widget.{key}" for key in (*WIDGET, *BAR)}
    asked |= {f"storefront.{key}" for key in LABELS} | {f"reason.{code}" for code in ReasonCode}
    asked |= {f"reason.{variant}" for variant in VARIANTS} | {"price.tax_included"}
    asked -= {"reason.step_up"}  # a step up always says what it costs: its three messages are variants
    asked |= {f"unit.{unit}" for unit in COUNTED} | {f"attribute.{name}" for name in NAMES}
    asked |= {f"attribute.{form}" for form in ("is", "changed", "same", "without", "yes", "no")}
    asked |= {f"value.{name}.{value}" for name, values in VALUES.items() for value in values}
    asked |= {f"voice.topic.{topic}" for topic in Topic} | {f"voice.sentiment.{level}" for level in SENTIMENTS}
    asked |= {f"voice.sureness.{level}" for level in SURENESS} | {"voice.verdict", "voice.about"}
    asked |= {f"voice.because.{sign}" for sign in BadSign if sign is not BadSign.TEXT}
    asked |= {f"persona.mark.{code}" for code in MarkCode} | {"persona.usual"}
    asked |= {f"market.{kind}" for kind in PATTERNS} | {f"market.too_early.{why}" for why in TOO_EARLY}
    asked |= {"persona.one_of", "persona.card", "persona.card_only"} | {f"persona.told.{name}" for name in TOLD}
    asked |= {f"profile.{key}" for key in ("as_of", "churn", "less_than_a_day")}
    asked |= {
        "profile.less_than_one_percent",
        "profile.more_than_99_percent",
        "profile.unknown.figures",
        "profile.rfm.cell",
    }
    asked |= {f"profile.stage.{code}" for code in Stage} | {f"profile.sign.{sign}" for sign in SIGNS}
    asked |= {f"profile.contribution.{code}" for code in (*ContributionClass, "left", "beyond", "rests_on")}
    asked |= {f"profile.reason.{code}" for code in ContributionReason} | {f"profile.rfm.{code}" for code in RfmSegment}
    asked |= {f"profile.value.{key}" for key in (*ClvBasis, "between", "nothing")} | {
        f"profile.unknown.{code}" for code in Unknown
    }
    asked |= {f"why_not.{key}" for key in WHY_NOT if key != "no_candidate"} | {f"how.{key}" for key in HOW}
    asked |= {f"office.{key}" for key in OFFICE}
    asked |= {f"slip.{key}" for key in SLIP} | {f"chat.{key}" for key in CHAT}
    assert asked == sentences(source("en")).keys()
    assert set(RelationKind) <= set(KINDS)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ko", "ko"),
        ("ko-KR", "ko"),
        ("KO_kr", "ko"),
        ("ja-JP-x-tokyo", "ja"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("kok", "en"),
        ("", "en"),
    ],
)
def test_language_is_the_first_part_of_the_tag_or_english(tag, language):
    assert language_of(tag) == language


def test_unknown_key_says_where_keys_stand():
    with pytest.raises(BadInput, match=r"No message 'drop\.bored'; the keys stand in catalogs/en"):
        text("drop.bored", "ko")


def test_name_written_from_right_to_left_is_isolated_and_kept():
    filled = "Bought together with {anchor} in 12 orders".format(anchor=Noun("קפה 250"))
    assert filled == "Bought together with \u2068קפה 250\u2069 in 12 orders"
    assert "{anchor}".format(anchor=Noun("커피 250g")) == "커피 250g"
