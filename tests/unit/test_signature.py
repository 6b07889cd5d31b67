"""Webhooks are signed so that receivers can verify them: checked by the example of the standard's own libraries."""

from datetime import UTC, datetime

import pytest

from models.events.webhooks import ToSend
from scheduler.post import headers, signature

pytestmark = pytest.mark.unit

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_signature_equals_the_example_of_standard_webhooks() -> None:
    assert signature(SECRET, MESSAGE, "1614265330", BODY) == SIGNED


@pytest.mark.parametrize(
    ("secret", "message", "timestamp", "body"),
    [
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", MESSAGE, "1614265330", BODY),
        (SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJel", "1614265330", BODY),
        (SECRET, MESSAGE, "1614265331", BODY),
        (SECRET, MESSAGE, "1614265330", BODY + b" "),
    ],
)
def test_another_secret_id_moment_or_body_has_another_signature(
    secret: str, message: str, timestamp: str, body: bytes
) -> None:
    assert signature(secret, message, timestamp, body) != SIGNED


def test_the_headers_carry_id_moment_and_signature() -> None:
    message = ToSend(1, 1, "https://example.com", SECRET, MESSAGE, BODY.decode())
    sent = headers(message, datetime.fromtimestamp(1614265330.9, UTC))
    assert (sent["webhook-id"], sent["webhook-timestamp"], sent["webhook-signature"]) == (MESSAGE, "1614265330", SIGNED)
    assert sent["content-type"] == "application/json"
