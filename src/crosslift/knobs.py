"""Every knob once: name, type, default, help."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting: `section.key` in TOML, CROSSLIFT_SECTION_KEY in the environment."""

    name: str
    type: type
    default: Any
    help: str
    low: float | None = None
    high: float | None = None

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "CROSSLIFT_" + self.name.upper().replace(".", "_")


KNOBS: tuple[Knob, ...] = (
    Knob("shop.name", str, "My shop", "Name shown to shoppers and in reports."),
    Knob(
        "shop.hosts",
        str,
        "",
        "Host names that lead to this shop where one server serves several, separated by commas.",
    ),
    Knob("shop.currency", str, "USD", "Reporting currency, ISO 4217."),
    Knob("shop.time_zone", str, "UTC", "IANA zone of instants that come without one."),
    Knob("shop.language", str, "en", "Language of sentences where a request names none: en, ko or ja."),
    Knob("shop.prices_include_tax", bool, True, "Whether unit prices in files include tax."),
    Knob(
        "shop.licences",
        str,
        "",
        "Licences the firm holds, separated by commas; an agent may advise on what both hold.",
    ),
    Knob("collect.max_line_bytes", int, 8_000_000, "A longer line or row of a file is refused.", 1_000, 1_000_000_000),
    Knob("collect.max_unpacked_bytes", int, 50_000_000_000, "A gz file that unpacks to more is refused.", 1_000),
    Knob("collect.max_unpacked_ratio", int, 250, "So many times its size may a gz file or a workbook unpack to.", 2),
    Knob("collect.max_workbook_bytes", int, 1_000_000_000, "A workbook that takes more memory is refused.", 1_000),
    Knob(
        "collect.events_source",
        str,
        "events",
        "Source of the orders that events tell of; name that of your order files where both bring the same orders.",
    ),
    Knob(
        "cleaning.net_cancellations",
        bool,
        True,
        "Take cancelled quantities off the newest earlier matching sale.",
    ),
    Knob("cleaning.drop_tests", bool, True, "Leave out orders that were tries: status `test`."),
    Knob(
        "cleaning.drop_adjustments",
        bool,
        True,
        "Leave out negative quantities and bad-debt rows that are no cancellation.",
    ),
    Knob("cleaning.drop_zero_prices", bool, True, "Leave out lines with a price of zero or below."),
    Knob("cleaning.merge_duplicates", bool, False, "Merge identical lines of sources without line ids."),
    Knob("cleaning.drop_non_products", bool, True, "Leave out shipping, fees, gift cards and adjustments."),
    Knob(
        "cleaning.infer_non_products",
        bool,
        True,
        "Propose non-products from titles, code shapes and prices; reviewable.",
    ),
    Knob(
        "cleaning.bot_orders_per_day",
        int,
        100,
        "An identity with more orders on one day is set apart as a bot.",
        1,
    ),
    Knob(
        "cleaning.bot_events_per_hour",
        int,
        1000,
        "An identity with more events in one hour is set apart as a bot.",
        1,
    ),
    Knob("learn.max_basket_items", int, 100, "Baskets with more distinct products are not counted.", 2, 10_000),
    Knob("learn.min_baskets", int, 3, "A pair needs this many baskets to be tested.", 1),
    Knob("learn.min_customers", int, 3, "A pair needs this many distinct customers to be a relation.", 1),
    Knob("learn.max_q_value", float, 0.05, "Expected share of false pairs among those called relations.", 0, 1),
    Knob("learn.min_lift", float, 1.2, "Lowest size-aware lift of a relation.", 0),
    Knob(
        "learn.min_lift_held", float, 1.0, "The same for what people hold, where half of all may hold one product.", 0
    ),
    Knob("learn.ease_lambda", float, 100.0, "Ridge of the EASE ranking model.", 1e-6),
    Knob("learn.ease_items", int, 6000, "EASE covers at most this many products, most bought first.", 2, 15_000),
    Knob("learn.neighbors", int, 800, "Strongest ranking neighbors kept per product.", 1, 10_000),
    Knob(
        "learn.bestseller_days",
        int,
        28,
        "Window of the labeled bestsellers, counted from the newest fact.",
        1,
    ),
    Knob("learn.slice_days", int, 30, "Length of the newest slice that offline replay tests on.", 1),
    Knob("learn.narrow_items", int, 500, "Below this many products chance is drawn by shuffling, not computed.", 0),
    Knob("learn.narrow_share", float, 0.2, "A product in more than this share of baskets has chance drawn too.", 0, 1),
    Knob("learn.narrow_draws", int, 100, "Swap shuffles that chance is drawn from in narrow tables.", 10, 10_000),
    Knob("learn.sequence_days", int, 365, "A later purchase counts as following within this many days.", 1, 3650),
    Knob("learn.sequence_orders", int, 30, "Newest orders of a customer that sequences are learned from.", 2, 1000),
    Knob("learn.min_gaps", int, 20, "Repeat gaps a product needs before it is offered as a refill.", 3),
    Knob("learn.view_minutes", int, 30, "Views of one visitor within this time are one visit.", 1),
    Knob("learn.search_hours", int, 24, "A purchase within this time after a search answers it.", 1),
    Knob("learn.slow_days", int, 90, "A product in stock that nobody bought for this many days is slow.", 1),
    Knob(
        "measure.click_days", float, 7.0, "A click credits a later purchase to its offer for so many days.", 0.01, 365
    ),
    Knob("bundles.min_margin", float, 0.1, "Lowest margin, as a share of its price, that a set may have.", 0, 1),
    Knob("bundles.max_discount", float, 0.15, "Largest discount proposed for a mined set.", 0, 1),
    Knob("identity.max_customers", int, 3, "More customers behind one address, number, card or device join nobody.", 1),
    Knob("identity.max_contacts", int, 20, "More addresses, numbers and cards of one customer id join nobody.", 1),
    Knob("identity.max_devices", int, 1000, "More browsers and devices of one customer id join nobody.", 1),
    Knob("identity.max_person", int, 10, "More customer ids joined by contacts are no person.", 1),
    Knob("privacy.contextual_only", bool, False, "Decide from page, cart and product facts alone, whoever asks."),
    Knob("privacy.events_days", int, 730, "Days events are kept; 0 keeps them.", 0),
    Knob("privacy.message_days", int, 400, "Days a message id is remembered, so that it is not counted twice.", 1),
    Knob(
        "privacy.idle_days",
        int,
        0,
        "Days without any fact after which `customers retain` erases a person; 0 erases nobody by itself.",
        0,
    ),
    Knob("voice.open_cases", bool, True, "Whether a bad answer of a known customer opens a case."),
    Knob("voice.bad_nps", int, 6, "An NPS answer (0 to 10) up to this is bad.", 0, 10),
    Knob("voice.bad_rating", float, 0.4, "Another rating up to this share of its scale is bad: 0.4 is 2 of 5.", 0, 1),
    Knob("voice.bad_sentiment", float, -0.4, "Words judged up to this (-1 blame, 1 praise) are bad.", -1, 0),
    Knob("voice.min_confidence", float, 0.6, "Words count as bad only where the judgment is at least this sure.", 0, 1),
    Knob("voice.case_days", int, 30, "An answer that is older than this when it comes in opens no case.", 1),
    Knob("profile.clv_horizon_days", int, 365, "Days ahead that customer value and churn risk speak of.", 1, 3650),
    Knob("profile.discount_rate_per_year", float, 0.1, "What a year of waiting takes off future value.", 0, 10),
    Knob(
        "profile.service_cost_per_hour", float, 0.0, "Cost of an hour of service, reporting currency; 0 counts none.", 0
    ),
    Knob("profile.contact_cost", float, 0.0, "Cost of a case or contact without cost and minutes of its own.", 0),
    Knob("profile.return_cost_share", float, 0.2, "Handling and lost value of returned goods, of their price.", 0, 2),
    Knob("profile.min_contribution", float, 0.0, "Who leaves less than this, in the reporting currency, is a loss."),
    Knob(
        "profile.serial_return_share",
        float,
        0.5,
        "Share of orders with a return, drawn to the shop's, from which returning is a habit.",
        0,
        1,
    ),
    Knob("profile.serial_returns", int, 3, "Orders with a return below which nobody returns by habit.", 1),
    Knob("profile.heavy_contacts", int, 5, "Cases and contacts below which service is not heavy.", 1),
    Knob("profile.consider_days", int, 30, "Visits, carts and searches within these days tell who considers.", 1),
    Knob(
        "profile.intent_days",
        float,
        0.0,
        "Days within which repeat visits after a purchase count together; 0 learns them from later purchases.",
        0,
        3650,
    ),
    Knob(
        "profile.sensitive_traits",
        str,
        "health, religion, ethnicity, race, sexual_orientation, politics, union, biometrics, genetics",
        "Traits, separated by commas, that are kept with a person and never used to score, group or price.",
    ),
    Knob(
        "offers.promise_days",
        int,
        7,
        "Days the price and terms of an offer hold after it was shown, unless it names its end.",
        1,
    ),
    Knob(
        "guard.agent_columns",
        str,
        "agent_id, agent, staff, sold_by",
        "Further columns of orders and subscriptions that name who sold, separated by commas; the first filled one counts.",
    ),
    Knob(
        "guard.confirm_kinds",
        str,
        "service, warranty, plan, subscription",
        "Assisted sales the customer has to confirm: kinds of product, subscription, category:Name, or * for all.",
    ),
    Knob("guard.grace_days", int, 3, "Days a customer has to confirm before a sale counts as not confirmed.", 0, 365),
    Knob("guard.early_days", int, 30, "A sale ended or brought back within so many days ended early.", 1, 3650),
    Knob("guard.period_end_days", int, 3, "Last days of a month in which sales made for a quota would pile up.", 1, 15),
    Knob("guard.window_days", int, 90, "Days back that agents are compared over, unless a time is named.", 7, 3650),
    Knob(
        "guard.openings_per",
        str,
        "week",
        "What an agent's sales are counted against: week or day (worked), or contact (logged activities).",
    ),
    Knob("guard.max_q_value", float, 0.05, "Expected share of false ones among the alarms over agents.", 0, 1),
    Knob("decide.blob_days", int, 30, "Days the inputs of a decision are kept for replay.", 0),
    Knob(
        "compat.bindings",
        str,
        "",
        "Names that foreign clients ask for and the placements they stand for, such as personalize/home = home, separated by "
        "commas; holdout and exploration hold there. `door/name = placement:policy` names a policy.",
    ),
    Knob(
        "compat.filters",
        str,
        "",
        "Saved filters that clients of Amazon Personalize name by ARN, one a line: name: INCLUDE ItemID WHERE ...",
    ),
    Knob("jobs.collect", str, "never", "When what lies at `jobs.collect_from` is collected."),
    Knob(
        "jobs.collect_from",
        str,
        "",
        "Folders and http(s) addresses of files to collect, separated by commas; of a folder every file in it.",
    ),
    Knob("jobs.retention", str, "every day at 02:00", "When what is past its days under `privacy` is deleted."),
    Knob("jobs.learn", str, "every day at 03:00", "When the shop learns from everything collected."),
    Knob("jobs.quality", str, "every day at 05:00", "When the collected data are looked at for what is odd."),
    Knob("jobs.sealing", str, "every hour at :15", "When what came by API is worked up and old events are sealed."),
    Knob(
        "jobs.guardrails", str, "every hour at :45", "When guardrails of policies are looked at, and breaches paused."
    ),
    Knob(
        "jobs.watch",
        str,
        "every day at 06:00",
        "When days are held against those before them, and drift is looked for.",
    ),
    Knob("jobs.week", str, "every Monday at 06:30", "When the review of the last week is written into `reviews`."),
    Knob("jobs.renewals", str, "every Monday at 08:00", "When consents that must be confirmed again are looked for."),
    Knob("jobs.renewals_days", int, 60, "Consents due for renewal within so many days are told of.", 0, 3650),
    Knob("jobs.review", str, "every Monday at 07:00", "When what waits for a person's eye is told: the weekly review."),
    Knob("jobs.memory_mb", int, 0, "Memory that the process of the jobs may take; 0 is half of the machine's.", 0),
    Knob(
        "jobs.webhook_to",
        str,
        "",
        "The https address that news of jobs are sent to; `crosslift jobs secret` signs them.",
    ),
    Knob("jobs.mail_to", str, "", "Who is written to when a job fails or finds something, separated by commas."),
    Knob("jobs.mail_from", str, "", "The sender of these mails."),
    Knob("jobs.mail_server", str, "localhost:25", "The relay that takes these mails, without a password."),
    Knob(
        "records.address",
        str,
        "",
        "Where the records are: postgresql://user@host:5432/database, without its password; empty for records.db in the folder.",
    ),
    Knob("records.schema", str, "crosslift", "The schema of this shop on PostgreSQL, and of no other."),
    Knob(
        "brand.forbidden_words",
        str,
        "",
        "Words the brand never says, by language: en: cheap, bargain; ko: 대박.",
    ),
    Knob(
        "brand.required_words",
        str,
        "",
        "Words every offer says somewhere in its texts of a language: en: Moru; ko: 모루.",
    ),
    Knob(
        "brand.address",
        str,
        "",
        "How sentences of offers address their reader, by language: formal, polite or plain, such as ko: formal; ja: polite.",
    ),
    Knob(
        "brand.image_flags",
        str,
        "",
        "What pictures must not show, by market, * for all: JP: tattoo; KR: alcohol. Products say theirs in image_flags.",
    ),
    Knob(
        "brand.approved_file",
        str,
        "",
        "File in the shop's folder with every text and picture address that may be published, one a line; empty for no list.",
    ),
    Knob(
        "brand.theme",
        str,
        "",
        "The theme of what we show on pages, such as accent: #0a7d55; radius: 4px. Served as /theme.css.",
    ),
    Knob("brand.theme_dark", str, "", "The same where the reader prefers dark."),
    Knob(
        "chat.contact",
        str,
        "",
        "How people reach the shop directly, told by the chat when it hands over: a telephone number, an address.",
    ),
    Knob("serve.host", str, "127.0.0.1", "Address the server listens on."),
    Knob("serve.port", int, 8765, "Port; 0 picks a free one.", 0, 65535),
    Knob("serve.max_body_bytes", int, 5_000_000, "Largest request body accepted.", 1000),
    Knob("serve.max_in_flight", int, 2000, "Requests under way at once; more are told to come back.", 1),
    Knob(
        "serve.drain_seconds",
        int,
        0,
        "After a stop was asked for, so long `/readyz` says no while requests are still answered.",
        0,
        600,
    ),
    Knob(
        "serve.trusted_proxies",
        str,
        "127.0.0.1, ::1",
        "Addresses of proxies, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    ),
    Knob("serve.slow_ms", float, 250.0, "Requests that take so many milliseconds are logged; 0 for none.", 0),
    Knob("serve.log_json", bool, False, "Whether log lines are JSON, one object a line, instead of text."),
    Knob(
        "serve.traces_to",
        str,
        "",
        "Where OpenTelemetry spans are sent, such as http://localhost:4318/v1/traces; empty for nowhere.",
    ),
    Knob("serve.traces_share", float, 1.0, "Share of the traces that is sent.", 0, 1),
    Knob(
        "plugins.enabled",
        str,
        "",
        "Names of the plugins that run, separated by commas; nothing runs because it is installed.",
    ),
    Knob(
        "plugins.online_ms", float, 10.0, "Milliseconds one call of a plugin may take within a decision.", 0.1, 10_000
    ),
    Knob(
        "plugins.offline_seconds", float, 30.0, "Seconds one call of a plugin may take that no request waits for.", 0.1
    ),
    Knob("plugins.most_failures", int, 5, "So many failures and late answers within both windows end a plugin.", 1),
    Knob("plugins.window_seconds", float, 60.0, "Failures of a plugin within so many seconds count together.", 0.1),
    Knob("plugins.window_calls", int, 100, "Failures of a plugin within so many calls count together.", 1),
    Knob("plugins.threads", int, 4, "Calls of one plugin under way at once; those that hang count.", 1, 64),
    Knob(
        "webhooks.allow_private",
        bool,
        False,
        "Whether webhooks may be sent to addresses inside the network, and by plain http.",
    ),
    Knob(
        "oidc.issuer",
        str,
        "",
        "The OpenID provider people sign in with, such as https://login.example; empty for none.",
    ),
    Knob("oidc.name", str, "", "What the button of the sign-in page calls it; its host by default."),
    Knob("oidc.client_id", str, "", "What the provider calls this shop."),
    Knob(
        "oidc.client_secret_file",
        str,
        "",
        "File that holds the client's secret; empty for a client without (PKCE alone).",
    ),
    Knob(
        "oidc.public_address",
        str,
        "",
        "This server as browsers see it, such as https://shop.example; people come back to /sign-in/oidc/callback there.",
    ),
    Knob(
        "oidc.scopes", str, "openid email profile", "What is asked for; some providers tell groups for a scope alone."
    ),
    Knob("oidc.roles_claim", str, "groups", "The claim that holds groups or roles; a.b for one inside another."),
    Knob(
        "oidc.roles",
        str,
        "",
        "Groups and the roles they stand for, separated by commas: shop-team = merchandiser + marketer. None makes an admin.",
    ),
    Knob(
        "oidc.allow_private",
        bool,
        False,
        "Whether the provider may be inside the network, and asked by plain http.",
    ),
    Knob("limits.key_per_second", float, 0.0, "Requests a second with one secret key; 0 for no limit.", 0),
    Knob(
        "limits.address_per_second",
        float,
        200.0,
        "Requests a second without a secret key from one address, ten seconds' worth at once; 0 for no limit.",
        0,
    ),
    Knob("limits.sign_ins_per_minute", float, 10.0, "Tries to sign in from one address, and as one login.", 0.1),
)
"""Read by `crosslift.settings`, printed in docs/reference/settings.md, checked by tests/docs."""
