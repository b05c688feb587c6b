"""Who may come in; see `access_records`."""

from collections.abc import Mapping
from typing import Any

from crosslift.domain.audit import Entry
from crosslift.errors import Conflict
from crosslift.store import sql_chain
from crosslift.store.engine import Connection, Engine, upsert
from crosslift.store.sql_steps import named_rows

Row = dict[str, Any]


class SqlAccess(Engine):
    """The part of the port that knows who may come in."""

    def add_key(self, row: Mapping[str, Any], *entries: Entry) -> None:
        """Store a hashed API key, or what became of it."""

        def add(connection: Connection) -> None:
            upsert(connection, "api_keys", row)
            for entry in entries:
                sql_chain.append(connection, entry)

        self._write(add)

    def replace_key(self, old: Mapping[str, Any], new: Mapping[str, Any], entry: Entry) -> None:
        """Store a key and what became of the one it replaces, together."""

        def replace(connection: Connection) -> None:
            upsert(connection, "api_keys", old)
            upsert(connection, "api_keys", new)
            sql_chain.append(connection, entry)

        self._write(replace)

    def api_key(self, key_hash: str) -> Row | None:
        """Give the key of a hash, whatever became of it: one read by an index."""
        with self._reading():
            row = self._reader().execute(_KEY, (key_hash,)).fetchone()
        return dict(zip(_KEY_COLUMNS, row, strict=True)) if row else None

    def api_keys(self) -> list[Mapping[str, Any]]:
        """List API keys, revoked ones included."""
        found: list[Mapping[str, Any]] = [
            *named_rows(self._reader(), "select * from api_keys order by created_at, key_id")
        ]
        return found

    def note_keys_used(self, used: Mapping[str, int]) -> None:
        """Keep when keys were last used, by id; never earlier than what is kept."""
        rows = [(at, key_id, at) for key_id, at in used.items()]
        statement = "update api_keys set used_at = ? where key_id = ? and coalesce(used_at, 0) < ?"
        self._write(lambda c: c.executemany(statement, rows))

    def save_user(self, row: Mapping[str, Any], entry: Entry, *, ends_sessions: bool = False) -> None:
        """Store somebody of the back office; Conflict if the login is another's."""

        def save(connection: Connection) -> None:
            values = (row["login"], row["user_id"])
            if connection.execute("select 1 from users where login = ? and user_id <> ?", values).fetchone():
                raise Conflict(f"{row['login']!r} is another user's login; choose another")
            upsert(connection, "users", row)
            if ends_sessions:
                connection.execute("delete from sessions where user_id = ?", (row["user_id"],))
            sql_chain.append(connection, entry)

        self._write(save)

    def users(self) -> list[Row]:
        """List the people of the back office by login."""
        return named_rows(self._reader(), "select * from users order by login")

    def save_link(self, row: Mapping[str, Any], entry: Entry) -> None:
        """Store a link by which somebody chooses a password; earlier ones of theirs stop working."""

        def save(connection: Connection) -> None:
            connection.execute("delete from user_links where user_id = ?", (row["user_id"],))
            upsert(connection, "user_links", row)
            sql_chain.append(connection, entry)

        self._write(save)

    def user_link(self, link_hash: str) -> Row | None:
        """Give a link, used or not, with `login`."""
        found = named_rows(self._reader(), _LINK, (link_hash,))
        return found[0] if found else None

    def use_link(self, link_hash: str, password: str, now: int, action: str) -> str | None:
        """Set the password by a link that is open; gives the user."""

        def use(connection: Connection) -> str | None:
            found = named_rows(connection, _LINK, (link_hash,))
            if (
                not found
                or found[0]["used_at"] is not None
                or found[0]["expires_at"] <= now
                or not found[0]["is_active"]
            ):
                return None
            user = str(found[0]["user_id"])
            connection.execute("update user_links set used_at = ? where link_hash = ?", (now, link_hash))
            connection.execute("update users set password = ? where user_id = ?", (password, user))
            connection.execute("delete from sessions where user_id = ?", (user,))
            sql_chain.note(connection, now, action, f"user {user}", {"by": found[0]["purpose"]})
            return user

        return self._write(use)

    def open_session(self, row: Mapping[str, Any], entry: Entry) -> None:
        """Remember who is signed in; sessions that ended go."""

        def begin(connection: Connection) -> None:
            ended = (row["created_at"], row["created_at"])
            connection.execute("delete from sessions where expires_at <= ? or idle_until <= ?", ended)
            upsert(connection, "sessions", row)
            values = (row["created_at"], row["user_id"])
            connection.execute("update users set signed_in_at = ? where user_id = ?", values)
            sql_chain.append(connection, entry)

        self._write(begin)

    def session(self, session_hash: str) -> Row | None:
        """Give a session with `login`, `roles` and `is_active` of its user."""
        statement = (
            "select s.*, u.login, u.roles, u.is_active from sessions s join users u on u.user_id = s.user_id "
            "where s.session_hash = ?"
        )
        with self._reading():
            found = named_rows(self._reader(), statement, (session_hash,))
        return found[0] if found else None

    def touch_session(self, session_hash: str, idle_until: int) -> None:
        """Move on the instant until which a session may rest."""
        statement = "update sessions set idle_until = ? where session_hash = ?"
        self._write(lambda c: c.execute(statement, (idle_until, session_hash)))

    def close_session(self, session_hash: str, entry: Entry) -> None:
        """Sign somebody out."""

        def end(connection: Connection) -> None:
            if connection.execute("delete from sessions where session_hash = ?", (session_hash,)).rowcount:
                sql_chain.append(connection, entry)

        self._write(end)

    def visitor_of(self, decision_id: str) -> str | None:
        """Give the identity a decision was made for; None where it was nobody's, or there is none."""
        statement = (
            "select coalesce(d.identity, p.identity) from decisions d left join decision_people p "
            "on p.decision_id = d.decision_id where d.decision_id = ?"
        )
        with self._reading():
            row = self._reader().execute(statement, (decision_id,)).fetchone()
        return row[0] if row else None

    def is_delivered(self, delivery_hash: str) -> bool:
        """Tell whether a signed delivery was taken in before."""
        statement = "select 1 from deliveries where delivery_hash = ?"
        return self._reader().execute(statement, (delivery_hash,)).fetchone() is not None

    def note_delivery(self, delivery_hash: str, at: int, keep_since: int) -> None:
        """Remember a delivery; those before an instant are forgotten."""

        def note(connection: Connection) -> None:
            connection.execute("delete from deliveries where at < ?", (keep_since,))
            upsert(connection, "deliveries", {"delivery_hash": delivery_hash, "at": at})

        self._write(note)


_KEY_COLUMNS = ("key_id", "kind", "roles", "revoked_at", "expires_at")
_KEY = f"select {', '.join(_KEY_COLUMNS)} from api_keys where key_hash = ?"
_LINK = "select l.*, u.login, u.is_active from user_links l join users u on u.user_id = l.user_id where l.link_hash = ?"
