"""What `hotline token` and `webhook` change: both show their secret once, when they are made."""

import time
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from models.clock import SystemClock
from models.events import webhooks
from models.events.destinations import Destinations
from models.events.webhooks import WebhookRefused
from models.people import tokens
from models.people.tokens import May, TokenRefused
from models.states.events import DeliveryState, WebhookState
from models.tables import Delivery
from models.text.wording import word

_LOOK_EVERY_S = 0.3
_TAKEN_UP_WITHIN_S = 20.0


def add_token(acting: Acting, name: str, may: list[str], staff: str | None) -> None:
    """Raises TokenRefused, StoreUnavailable."""
    if unknown := [one for one in may if one not in list(May)]:
        known = ", ".join(May)
        raise TokenRefused(f"no such right: {', '.join(unknown)}; there are {known}", f"没有这种权限；可用：{known}")

    at, rights = SystemClock().now(), set(map(May, may))
    print(acting.this.open_store().write(tokens.add, name, may=rights, staff_number=staff, by=acting.who, at=at))


def revoke_token(acting: Acting, name: str) -> None:
    """Raises TokenRefused without a valid token of that name; StoreUnavailable."""
    if not acting.this.open_store().write(tokens.revoke, name, at=SystemClock().now()):
        raise TokenRefused(f"there is no valid token {name}", f"没有有效的令牌 {name}")
    acting.print(f"令牌 {name} 已吊销", f"token {name} is revoked")


def add_webhook(acting: Acting, url: str, events: list[str]) -> None:
    """Raises WebhookRefused, StoreUnavailable."""
    host = urlsplit(url).hostname or ""
    if Destinations(acting.this.site.webhooks.inside).refused(host):
        raise WebhookRefused(
            f"{host} is not a public address: name it in [webhooks] inside of site.toml, if it is yours",
            f"{host} 不是公网地址：确属本单位的，请写入 site.toml 的 [webhooks] inside",
        )
    added = acting.this.open_store().write(webhooks.add, url, events=events, by=acting.who, at=SystemClock().now())
    print(added.id, added.secret)


def move_webhook(acting: Acting, number: int, to: WebhookState) -> None:
    """Raises WebhookRefused, StoreUnavailable."""
    acting.this.open_store().write(webhooks.move, number, to, at=SystemClock().now())
    print(f"webhook {number}: {word(f'webhook-{to}', acting.view.language)}")


def test_webhook(acting: Acting, number: int) -> bool:
    """Whether it was taken. Raises WebhookRefused, StoreUnavailable."""
    store, language = acting.this.open_store(), acting.view.language
    asked = store.write(webhooks.owe_test, number, at=SystemClock().now())
    until = time.monotonic() + _TAKEN_UP_WITHIN_S
    while not asked.answer and asked.state is DeliveryState.WAITING and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_S)
        asked = store.read(Session.get_one, Delivery, asked.id)
    if asked.answer:
        print(f"{word(f'delivery-{asked.state}', language)}: {asked.answer}")
    else:
        acting.print(
            "尚未发送：后台任务在运行吗？（.venv/bin/hotline status）消息已保存",
            "not sent yet: is the scheduler running, or the webhook paused? (.venv/bin/hotline status) It is kept",
        )
    return asked.state is DeliveryState.DELIVERED
