"""Lines of keys in any TOML: a document is written in every style TOML has, each key's line noted as it is written."""

import tomllib
from dataclasses import dataclass, field

from hypothesis import example, given
from hypothesis import strategies as st

from crosslift.domain.policy_forms import key_of
from crosslift.domain.toml_lines import lines_of

KEYS = st.sampled_from(["a", "b-1", "c d", "é", "x.y", 'q"q', "#", "1"])
LEAVES = st.sampled_from([
    "1", "-2.5e3", "true", '"x # y"', "'it = [1'", '"a \\" ]"', "1979-05-27 07:32:00", "07:32:00", '""', "''",
    '"""\nx = 1\n[t]\n"""', "'''\n\\'''", '"""one ""quoted"" """', '""""q"""""', '"""\\\n  a = 1"""', "'''a''''",
])  # fmt: skip
BREAKS = st.sampled_from(["", " ", "\n", " # ] }\n", "\n\n  ", "\r\n"])


@dataclass
class Written:
    """A text under way, and the line of each path written into it."""

    draw: object
    text: str = ""
    lines: dict = field(default_factory=dict)

    def add(self, text):
        self.text += text

    def here(self):
        return self.text.replace("\r\n", "\n").count("\n") + 1

    def leaf(self):
        self.add(self.draw(LEAVES))

    def value(self, path, depth):
        kind = self.draw(st.sampled_from(["leaf", "list", "table"] if depth else ["leaf"]))
        if kind == "leaf":
            self.leaf()
        elif kind == "list":
            self.add("[")
            for place in range(self.draw(st.integers(0, 3))):
                self.add((", " if place else "") + self.draw(BREAKS))
                self.lines[*path, place] = self.here()
                self.value((*path, place), depth - 1)
                self.add(self.draw(BREAKS))
            self.add("]")
        else:
            self.add("{ ")
            for place, key in enumerate(self.draw(st.lists(KEYS, max_size=2, unique=True))):
                self.add(", " if place else "")
                self.pair((*path, key), key_of(key), depth - 1)
            self.add(" }")

    def pair(self, path, key, depth):
        self.lines[path] = self.here()
        if "'" not in path[-1] and self.draw(st.booleans()):
            key = f"'{path[-1]}'"
        self.add(key + self.draw(st.sampled_from([" = ", "=", "\t="])))
        self.value(path, depth)

    def statements(self, path, depth):
        for key in self.draw(st.lists(KEYS, max_size=3, unique=True)):
            self.add(self.draw(st.sampled_from(["", "# a = 1\n", "\n", "  "])))
            self.pair((*path, key), key_of(key), depth)
            self.add(self.draw(st.sampled_from(["\n", " # done\n", "\r\n"])))

    def header(self, path, name, brackets):
        self.add(self.draw(st.sampled_from(["", "\n", "# [z]\n"])))
        self.lines[path] = self.here()
        self.add(f"{brackets[0]}{name}{brackets[1]}\n")


@st.composite
def documents(draw):
    out = Written(draw)
    out.statements((), 2)
    for name in draw(st.lists(st.sampled_from(["t", "u u", "v"]), max_size=2, unique=True)):
        out.header((name,), key_of(name), ("[", "]"))
        out.statements((name,), 1)
    for name in draw(st.lists(st.sampled_from(["rows", "other rows"]), max_size=2, unique=True)):
        for place in range(draw(st.integers(1, 3))):
            out.header((name, place), key_of(name), ("[[", "]]"))
            out.lines.setdefault((name,), out.lines[name, place])
            out.statements((name, place), 1)
            if draw(st.booleans()):
                out.header((name, place, "in side"), f'{key_of(name)} . "in side"', ("[ ", " ]"))
                out.statements((name, place, "in side"), 0)
    return out.text, out.lines


def paths_of(value, path=()):
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in parts:
        yield from paths_of(one, (*path, key))


@given(documents())
@example(("a.b.'c d' = 1\n[a.x]\ny.z = 2\n", {("a",): 1, ("a", "b", "c d"): 1, ("a", "x"): 2, ("a", "x", "y", "z"): 3}))
def test_every_key_has_the_line_it_was_written_on(document):
    text, wanted = document
    found = lines_of(text)
    assert {path: found[path] for path in wanted} == wanted
    assert set(paths_of(tomllib.loads(text))) - {()} == set(found)
