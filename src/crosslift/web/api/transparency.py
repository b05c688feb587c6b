"""`GET /v1/how-we-recommend`: what shoppers are told of how offers are chosen, for pages of the shop's own."""

import msgspec

from crosslift.domain.policy import HELPFUL
from crosslift.shop.how_we_recommend import page
from crosslift.web.api.operation import Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.wording.messages import language_of


class Section(msgspec.Struct):
    """One part of the page: its key is the same in every language."""

    key: str
    heading: str
    sentences: list[str]


class HowWeRecommend(msgspec.Struct):
    """The page as plain text: escape it for HTML."""

    language: str
    policy: str
    title: str
    lead: list[str]
    sections: list[Section]


async def get(served: ServedShop, policy: str, language: str | None) -> HowWeRecommend:
    """Write it from what is in force at this moment."""
    spoken = language_of(language or served.shop.settings["shop.language"])
    told = await served.in_thread(lambda: page(served.shop, spoken, policy))
    sections = [Section(one.key, one.heading, list(one.sentences)) for one in told.sections]
    return HowWeRecommend(spoken, policy, told.title, list(told.lead), sections)


OPERATION = Operation(
    name="get_how_we_recommend",
    method="GET",
    path="/v1/how-we-recommend",
    summary="Tell shoppers how offers are chosen",
    about=(
        "What is looked at, in what order things are decided, where the shop's own interest counts, what is left to chance, "
        "what is never used, how often we speak at most and how to say no: written from the policy, the settings and the "
        "experiments in force, in English, Korean or Japanese. The same stands as a page at `/how-we-recommend`. `ETag` "
        "changes with what is told."
    ),
    group="decide",
    parameters=(
        Parameter("language", "query", "BCP 47 tag; by default the shop's. The answer names the one it is written in."),
        Parameter("policy", "query", "A policy in force.", {"type": "string", "default": HELPFUL.name}),
    ),
    answer=HowWeRecommend,
    answer_example={
        "language": "en", "policy": "helpful", "title": "How we recommend",
        "lead": ["This page is written from the rules in force at this moment: policy helpful, version 3."],
        "sections": [
            {"key": "never", "heading": "What is never used",
             "sentences": ["No price is ever raised because of who you are."]},
        ],
    },
    problems=(400, 422),
)  # fmt: skip
