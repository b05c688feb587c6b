"""What each endpoint asks of its caller. One that is not named here is an admin's alone."""

from collections.abc import Mapping

from crosslift.domain.access import Permission

PERMISSIONS: Mapping[str, Permission] = {
    name: permission
    for permission, names in {
        Permission.LOOK: (
            "get_links", "get_bundles", "get_segments", "get_snapshots", "get_policies", "get_policy_schema", "get_policy",
            "get_policy_changes", "get_offers", "get_offer", "get_card_gaps", "get_coupon_campaigns", "get_experiments",
            "get_experiment", "get_variants", "suggest_threshold", "get_renewals", "get_jobs", "get_job_runs", "get_plugins",
            "get_experiment_effects", "get_holdout", "get_funnel", "value_policy", "get_opportunities", "get_watch",
            "get_journey", "get_satisfaction", "get_feedback", "get_goals", "get_guardrails",
            "get_experiment_markets", "get_experiment_details",
        ),
        Permission.ASK: (
            "decide", "decide_page", "widget", "get_fragment", "decide_text", "chat", "respond", "explain", "get_decision",
        ),
        Permission.CURATE: (
            "put_products", "patch_products", "put_links", "delete_link", "put_bundles", "put_offers", "draft_policy",
            "check_policy", "simulate_policy",
        ),
        Permission.PUBLISH: (
            "publish_policy", "roll_back_policy", "stop_shop", "resume_shop", "lift_pause", "promote_arm", "roll_back_promotion",
        ),
        Permission.CAMPAIGN: (
            "put_segment", "get_segment_members", "put_coupon_campaigns", "put_experiments", "stop_experiment", "hold_out",
            "put_goals", "delete_goal",
        ),
        Permission.SERVE: (
            "get_customer", "get_customer_segments", "get_contact_time", "post_consents", "get_consents", "ask_consent",
            "confirm_consent", "make_promise", "get_promise", "redeem_promise", "issue_coupon", "get_coupon",
            "redeem_coupon", "release_coupon", "ask_confirmation", "show_confirmation", "answer_confirmation", "get_contacts",
            "mute_customer", "unmute_customer",
        ),
        Permission.FEED: ("collect", "put_facts", "identify", "put_identity", "undo_import"),
        Permission.RIGHTS: ("export_customer", "erase_customer"),
        Permission.AUDIT: ("get_audit", "verify_audit", "export_audit", "get_guard_alarms", "get_guard_review"),
    }.items()
    for name in names
}  # fmt: skip
"""By the name of the operation."""


def needed(operation: str) -> Permission:
    """Say what a caller of an endpoint has to be allowed."""
    return PERMISSIONS.get(operation, Permission.MANAGE)
