import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.customers.sources import Sources, source_of


@pytest.mark.parametrize(
    ("properties", "source"),
    [
        ('{"utm_source": " letter "}', ("letter", "utm_source")),
        ('{"search": "?a=1&utm_source=kakao", "referrer": "https://talk.example/"}', ("kakao", "utm_source")),
        ('{"url": "https://shop.example/?utm_source=%E3%83%A1%E3%83%AB#x"}', ("メル", "utm_source")),
        ('{"campaign": {"source": "autumn"}, "referrer": ""}', ("autumn", "campaign")),
        ('{"referrer": "https://www.search.example/?q=a"}', ("search.example", "referrer")),
        ('{"referrer": ""}', ("direct", "referrer")),
        ('{"referrer": "https://shop.example/a", "url": "https://www.shop.example/b"}', (None, None)),
        ('{"referrer": "http://[broken"}', ("direct", "referrer")),
        ('{"referrer": null, "utm_source": 7}', (None, None)),
        ("no json", (None, None)),
    ],
)  # fmt: skip
def test_where_a_visit_came_from(properties, source):
    assert source_of(properties) == source


def test_each_person_has_the_source_of_the_own_first_visit():
    found = Sources.of(np.array([2, 0], np.int32), pa.array(['{"referrer": ""}', '{"utm_source": "x"}']), 3)
    assert found.name.to_pylist() == ["x", None, "direct"]
    assert found.said_by.to_pylist() == ["utm_source", None, "referrer"]


def test_nobody_came_from_anywhere():
    assert Sources.of(np.zeros(0, np.int32), pa.array([], pa.string()), 2).name.to_pylist() == [None, None]
