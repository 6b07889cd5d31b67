"""`hotline token` and `hotline webhook`: secrets are shown once, lists hold none, refusals say what to do."""

import re
from datetime import UTC, datetime

import pytest

from hotline.programs import verbs
from models import enrolment
from models.events import webhooks
from models.people import tokens
from models.site import Site
from tests.store.terminal import Terminal
from tests.store.tickets.one_call import hotline

__all__ = ["hotline"]

pytestmark = pytest.mark.store

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def test_a_token_is_made_shown_once_listed_and_revoked(hotline: Terminal) -> None:
    secret = hotline("token", "add", "web-form", "--may", "open, follow").strip()
    store = hotline.store
    bearer = store.read(tokens.bearer, secret)
    assert bearer is not None
    assert bearer.may == {tokens.May.OPEN, tokens.May.FOLLOW}
    (listed,) = hotline.json("token", "list")
    assert (listed["name"], listed["may"], listed["used_at"], listed["revoked_at"]) == (
        "web-form",
        "follow open",
        None,
        None,
    )
    assert secret not in hotline("token", "list")
    assert hotline("token", "revoke", "web-form") == "token web-form is revoked\n"
    assert store.read(tokens.bearer, secret) is None
    hotline("token", "revoke", "web-form")
    assert (hotline.code, "there is no valid token web-form" in hotline.errors) == (1, True)
    store.close()


def test_a_token_that_cannot_be_made_is_refused_with_what_to_do(hotline: Terminal) -> None:
    store = hotline.store
    store.write(enrolment.enrol, Site.load(hotline.home.site_file))
    store.close()
    for words, hint in (
        (("x",), "--may open,follow"),
        (("x", "--may", "fly"), "there are open, follow, read, note, handle, block, personal"),
        (("x", "--may", "handle"), "--staff 7001"),
        (("x", "--may", "handle", "--staff", "7099"), "nobody at work here"),
    ):
        hotline("token", "add", *words)
        assert (hotline.code, hint in hotline.errors) == (1, True), hotline.errors
    assert hotline("token", "add", "x", "--may", "handle", "--staff", "7001").startswith("htl_")


def test_a_webhook_is_added_paused_resumed_tested_and_removed(
    hotline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "_TAKEN_UP_WITHIN_S", 0.0)
    added = hotline("webhook", "add", "https://example.com/hook", "--events", "opened,moved")
    assert re.fullmatch(r"1 whsec_[A-Za-z0-9+/]{43}=\n", added)
    assert hotline("webhook", "pause", "1") == "webhook 1: paused\n"
    assert hotline("webhook", "resume", "1") == "webhook 1: active\n"
    assert "not sent yet" in hotline("webhook", "test", "1")
    assert hotline.code == 1
    (listed,) = hotline.json("webhook", "list")
    assert (listed["events"], listed["state"], listed["waiting"]) == ("moved opened", "active", 1)
    assert "whsec" not in hotline("webhook", "list")
    (delivery,) = hotline.json("webhook", "deliveries", "1")
    assert (delivery["type"], delivery["state"], delivery["tries"]) == ("webhook.test", "waiting", 0)
    assert "webhook.test" in hotline("webhook", "deliveries", "1")
    assert hotline("webhook", "remove", "1") == "webhook 1: removed\n"
    assert hotline.json("webhook", "list") == []


def test_a_webhook_command_that_cannot_be_done_is_refused_with_what_to_do(hotline: Terminal) -> None:
    for words, hint in (
        (("add", "example.com"), "https://HOST/PATH"),
        (("add", "https://example.com", "--events", "explode"), "there are opened, moved"),
        (("pause", "7"), "there is no webhook 7"),
        (("test", "7"), "there is no webhook 7"),
    ):
        hotline("webhook", *words)
        assert (hotline.code, hint in hotline.errors) == (1, True), hotline.errors


def test_the_result_of_a_webhook_test_is_printed(hotline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler sends the test while the command waits."""
    hotline("webhook", "add", "https://example.com/hook")
    store = hotline.store
    asleep = verbs.time.sleep

    def sent(seconds: float) -> None:
        policy = webhooks.Webhooks(timeout_s=1, retry_minutes=[1], keep_days=1)
        message = store.write(webhooks.claim, 1, at=datetime.now(UTC), policy=policy)
        assert message is not None
        store.write(webhooks.settle, message, taken=True, answer="204", at=AT, policy=policy)
        monkeypatch.setattr(verbs.time, "sleep", asleep)

    monkeypatch.setattr(verbs.time, "sleep", sent)
    assert hotline("webhook", "test", "1") == "delivered: 204\n"
    assert hotline.code == 0
    store.close()
