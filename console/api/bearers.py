"""Checks the token in the header `Authorization: Bearer` and whether it may do what the request asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from console.api.problems import Refused
from models.instance.instance import RunningInstance
from models.people import access_log, tokens
from models.people.tokens import Bearer
from models.states.people import May
from models.text.masking import Shown

_scheme = HTTPBearer(
    auto_error=False, scheme_name="token", description="`.venv/bin/hotline token add NAME --may open,follow`. 令牌。"
)


@dataclass(frozen=True)
class Asker:
    """A program with a valid token, and the instance that it uses."""

    instance: RunningInstance
    bearer: Bearer
    at: datetime

    @property
    def who(self) -> str:
        return self.bearer.who

    @property
    def reader(self) -> str | None:
        """The staff number it reads for: complaints about that person are hidden (R15-6)."""
        return self.bearer.staff_number

    @property
    def number(self) -> str:
        """Of its person; empty for a program that acts for nobody (`reach.Reader`)."""
        return self.bearer.staff_number or ""

    @property
    def department(self) -> str | None:
        return self.bearer.department

    @property
    def shown(self) -> Shown:
        return Shown(May.PERSONAL in self.bearer.may)

    def log(self, subject: str) -> None:
        """Logs who sees whole names and numbers, before they are shown (R05-9, R08-9)."""
        if self.shown.reveal:
            self.instance.store.write(
                access_log.log,
                who=f"api:{self.bearer.name}",
                what="names and numbers shown",
                subject=subject,
                at=self.at,
            )


def who_may(right: May) -> Any:
    """An endpoint's parameter: the asking program, once its token is found to have the right."""
    return Depends(_asks_for(right))


def _asks_for(right: May) -> Callable[..., Asker]:
    def asker(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]) -> Asker:
        instance: RunningInstance = request.app.state.instance
        at = instance.clock.now()
        bearer = instance.store.read(tokens.bearer, given.credentials) if given else None
        if bearer is None:
            raise Refused(
                401,
                "unknown-token",
                "this needs a valid token, in the header Authorization: Bearer htl_...; "
                "`.venv/bin/hotline token add` makes one",
                "需要有效的令牌，写在请求头 Authorization: Bearer htl_… 中；用 .venv/bin/hotline token add 创建",
                headers={"www-authenticate": "Bearer"},
            )
        request.app.state.allowance.take(bearer.id, at)
        if right not in bearer.may:
            raise Refused(
                403,
                "not-allowed",
                f"the token {bearer.name} may not do this: it needs the right {right}",
                f"令牌 {bearer.name} 没有权限 {right}",
            )
        if not bearer.used_lately(at):
            instance.store.write(tokens.used, bearer.id, at=at)
        return Asker(instance, bearer, at)

    asker.right = right  # type: ignore[attr-defined]
    return asker
