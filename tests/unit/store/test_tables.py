"""The tables: one writer each, units in the names, a type for Arrow."""

import ast
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import BigInteger, Integer

import crosslift
from crosslift.store import sql_imports, tables
from crosslift.store.ports import Records

ROOMS = {"collect", "learn", "decide", "deliver", "measure", "shop", "store"}
WRITES = {
    "start_import": {"imports"},
    "import_rows": {
        "orders", "order_lines", "returns", "products", "customers", "consents", "events", "message_ids", "links",
        "bundles", "subscriptions", "usage", "identity_evidence", "accounts", "account_members", "activities", "cases",
        "feedback", "payments_failed", "campaign_costs", "exchange_rates", "assignments", "logged_choices", "agents",
        "confirmations",
    },
    "commit_import": {"imports", "product_live", "live_before", "live_gone", "identities"},
    "abandon_import": {"imports"},
    "recover_imports": {"imports"},
    "undo_import": {"imports", "message_ids", "parts", "product_live", "live_gone"},
    "forget_unseen": {"identities", "person_states"},
    "sweep_undone": {"live_before", "import_needs"},
    "put_rows": {"imports", "products", "product_live", "links", "bundles"},
    "put_tables": {"imports", "orders", "order_lines", "returns", "person_states"},
    "patch_live": {"product_live"},
    "append_events": {"events", "message_ids", "orders", "order_lines", "returns"},
    "record_decisions": {"decisions", "decision_inputs", "decision_people", "contacts", "pressure_versions", "experiment_arms"},
    "record_responses": {"exposures", "responses", "contacts", "reactions", "pressure_versions"},
    "release": {"contacts"},
    "mute": {"reactions", "pressure_versions"},
    "unmute": {"reactions", "pressure_versions"},
    "refresh_person_states": {"person_states"},
    "save_dues": {"refill_dues"},
    "list_parts": {"parts"},
    "seal_events": {"parts"},
    "save_snapshot": {"snapshots"},
    "set_meta": {"shop_meta"},
    "add_key": {"api_keys"},
    "replace_key": {"api_keys"},
    "note_keys_used": {"api_keys"},
    "save_user": {"users", "sessions"},
    "save_link": {"user_links"},
    "use_link": {"user_links", "users", "sessions"},
    "open_session": {"sessions", "users"},
    "touch_session": {"sessions"},
    "close_session": {"sessions"},
    "note_delivery": {"deliveries"},
    "append_audit": {"audit", "audit_people"},
    "add_evidence": {"imports", "identity_evidence"},
    "remap": {"identities", "mapping_changes"},
    "split": {"identity_splits"},
    "unsplit": {"identity_splits"},
    "erase": set(),  # the one exception to one writer (DESIGN 1)
    "save_erasure": {"erasures"},
    "save_profiles": {"profiles"},
    "save_members": {"segment_members"},
    "save_segment": {"segments"},
    "save_model": {"customer_models"},
    "save_offers": {"offers"},
    "save_promise": {"promises"},
    "redeem_promise": {"promises"},
    "save_campaign": {"coupon_campaigns", "coupons"},
    "issue_coupon": {"coupons", "coupon_uses"},
    "redeem_coupon": {"coupons", "coupon_uses"},
    "release_coupon": {"coupons", "coupon_uses"},
    "save_policy": {"policies", "policy_changes"},
    "publish_policy": {"policies", "policy_changes"},
    "switch_policies": {"policy_changes"},
    "save_experiment": {"experiments"},
    "change_job": {"jobs"},
    "start_job_run": {"job_runs", "jobs"},
    "end_job_run": {"job_runs", "jobs"},
    "forget_events": {"events"},
    "forget_messages": {"message_ids"},
    "replace_part": {"parts"},
    "compact": set(),
    "expire": {"decision_inputs", "decision_people", "contacts", "reactions", "experiment_arms"},
}  # fmt: skip
READS = {
    "imports", "table", "live_since", "person", "people_met", "known_customers", "decision", "decided", "dirty_days",
    "part_files", "snapshots", "meta", "api_keys", "api_key", "users", "user_link", "session", "is_delivered", "visitor_of",
    "audit", "audit_chain", "audit_head", "close", "known_products", "links", "bundles", "links_changed_since",
    "bundles_changed_since", "agent", "touched_identities", "mapping_changes", "people", "about", "page", "about_account",
    "count_about", "last_heard", "profile", "segments_of", "segments", "model", "offers", "offer_versions",
    "offers_changed_since", "promise", "promise_of", "campaigns", "campaign_versions", "coupon", "coupon_report", "policies",
    "policy", "policies_in_force", "policies_changed_since", "policy_changes", "experiments", "experiment_versions",
    "first_arms", "count_arms", "crossovers", "peers", "alone", "kept_elsewhere", "jobs", "job_runs",
}  # fmt: skip


def test_every_table_has_one_writer_that_is_a_room():
    assert set(tables.WRITERS) == set(tables.metadata.tables)
    assert set(tables.WRITERS.values()) <= ROOMS


def test_every_method_of_the_port_is_known_as_reading_or_writing():
    parts = [part for part in Records.__mro__ if part.__module__.startswith("crosslift.")]
    methods = {name for part in parts for name in vars(part) if not name.startswith("_")}
    assert methods == set(WRITES) | READS


@pytest.mark.parametrize("room", ["collect", "learn", "decide", "deliver", "measure"])
def test_a_room_calls_only_the_writers_of_its_own_tables(room):
    folder = Path(crosslift.__file__).parent / room
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
                continue
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if name.strip("_") == "records":
                foreign = {t for t in WRITES[node.func.attr] if tables.WRITERS[t] != room}
                assert not foreign, f"{file.name}:{node.lineno} {room} writes {foreign} by {node.func.attr}"


def test_imported_tables_are_those_that_carry_an_import():
    carrying = {
        t.name for t in tables.metadata.tables.values() if {"import_id", "superseded_by"} <= set(t.columns.keys())
    }
    assert carrying == set(sql_imports.IMPORTED)


def test_instants_and_amounts_are_whole_64_bit_numbers():
    for table in tables.metadata.tables.values():
        for column in table.columns:
            if column.name.endswith(("_at", "_micros")) or column.name == "at":
                assert isinstance(column.type, BigInteger), f"{table.name}.{column.name}"
            if column.name.endswith("_on"):
                assert isinstance(column.type, Integer), f"{table.name}.{column.name}"


def test_amounts_have_their_currency_beside_them():
    for table in tables.metadata.tables.values():
        if any(column.name.endswith("_micros") for column in table.columns):
            assert "currency" in table.columns, table.name


def test_arrow_types_follow_the_columns():
    schema = tables.arrow_schema("events", ["id", "message_hash", "name", "at"])
    assert schema == pa.schema(
        [("id", pa.int64()), ("message_hash", pa.binary()), ("name", pa.string()), ("at", pa.int64())]
    )
    assert tables.arrow_schema("products", ["is_active"]).field("is_active").type == pa.bool_()
    assert tables.arrow_schema("snapshots", ["ndcg"]).field("ndcg").type == pa.float64()
