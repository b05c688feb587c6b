"""Records on PostgreSQL keep the contracts of every records engine, and DuckDB over them that of frames."""

import pytest

from crosslift.store.duckdb import DuckdbFrames
from crosslift.testing.access_contract import AccessContract
from crosslift.testing.account_pressure_contract import AccountPressureContract
from crosslift.testing.agents_contract import AgentsContract
from crosslift.testing.audit_contract import AuditContract
from crosslift.testing.coupons_contract import CouponsContract
from crosslift.testing.curation_contract import CurationContract
from crosslift.testing.erasure_contract import ErasureContract
from crosslift.testing.facts_contract import FactsContract
from crosslift.testing.frames_contract import FramesContract
from crosslift.testing.identity_contract import IdentityContract
from crosslift.testing.jobs_contract import JobsContract
from crosslift.testing.offers_contract import OffersContract
from crosslift.testing.policies_contract import PoliciesContract
from crosslift.testing.pressure_contract import PressureContract
from crosslift.testing.records_contract import RecordsContract
from crosslift.testing.trials_contract import TrialsContract
from crosslift.testing.undo_contract import UndoContract


class OnPostgres:
    """Where the contracts are kept."""

    @pytest.fixture
    def records(self, postgres_server):
        from crosslift.store.postgres import PostgresRecords

        store = PostgresRecords(postgres_server)
        yield store
        store.close()

    @pytest.fixture
    def other(self, records, postgres_server):
        """A second process, as far as the schema can tell."""
        from crosslift.store.postgres import PostgresRecords

        store = PostgresRecords(postgres_server)
        yield store
        store.close()


class TestPostgresRecords(OnPostgres, RecordsContract):
    pass


class TestPostgresAccess(OnPostgres, AccessContract):
    pass


class TestPostgresAudit(OnPostgres, AuditContract):
    pass


class TestPostgresJobs(OnPostgres, JobsContract):
    pass


class TestPostgresAgents(OnPostgres, AgentsContract):
    pass


class TestPostgresCoupons(OnPostgres, CouponsContract):
    pass


class TestPostgresCuration(OnPostgres, CurationContract):
    pass


class TestPostgresErasure(OnPostgres, ErasureContract):
    pass


class TestPostgresFacts(OnPostgres, FactsContract):
    pass


class TestPostgresIdentity(OnPostgres, IdentityContract):
    pass


class TestPostgresOffers(OnPostgres, OffersContract):
    pass


class TestPostgresPolicies(OnPostgres, PoliciesContract):
    pass


class TestPostgresPressure(OnPostgres, PressureContract, AccountPressureContract):
    pass


class TestPostgresTrials(OnPostgres, TrialsContract):
    pass


class TestPostgresUndo(OnPostgres, UndoContract):
    pass


class TestDuckdbOverPostgres(OnPostgres, FramesContract):
    @pytest.fixture
    def frames(self, records, tmp_path):
        return DuckdbFrames(records, tmp_path / "parts")

    @pytest.fixture
    def elsewhere(self, other, tmp_path):
        return other, DuckdbFrames(other, tmp_path / "parts")
