"""Where a visitor comes from, as limits count it."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from retrouve.web import page


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "origin"),
    [
        ([], "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (["10.0.0.0/8"], "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "<script>", "unknown"),
        (["10.0.0.0/8"], "10.0.0.1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    ],
)
def test_only_a_trusted_proxy_is_believed__att_38(monkeypatch, trusted, peer, forwarded, origin):
    monkeypatch.setattr(page, "trusted_proxies", lambda: tuple(ip_network(one) for one in trusted))
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded})
    assert page.origin_of(request) == origin
