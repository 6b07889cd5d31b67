"""A customer with a ticket number and the last digits of the telephone number sees the ticket's state, nothing else.

Nobody who guesses locks the customer out (R07-8): after a few wrong tries the whole telephone number is asked for, and
only the visitor who guesses, where the form names its visitors, has to wait.
"""

import asyncio
import math
from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from console.api.bearers import Asker, who_may
from console.api.forms import Follow
from console.api.problems import Refused, documented
from console.api.shown import Standing
from console.api.tickets import standing
from models.policy.webhooks import Api
from models.states.people import May
from models.tickets import tickets

router = APIRouter(tags=["customers"])


class Tries:
    """Wrong tries by ticket, visitor and token. A restart forgets them, but nobody outside can cause one."""

    def __init__(self, policy: Api) -> None:
        self._within = timedelta(minutes=policy.follow_minutes)
        self._most = max(policy.follow_tries, policy.follow_tries_of_token)
        self._wrong: dict[Hashable, deque[datetime]] = {}

    def count(self, whose: Hashable, at: datetime) -> int:
        return sum(one > at - self._within for one in self._wrong.get(whose, ()))

    def free_again_s(self, whose: Hashable, at: datetime) -> int:
        """Seconds until the oldest try that counts no longer does."""
        oldest = min(one for one in self._wrong[whose] if one > at - self._within)
        return math.ceil((oldest + self._within - at).total_seconds())

    def take(self, *whose: Hashable, at: datetime) -> None:
        """Counts as wrong until `give_back`: tries at the same moment are not free."""
        for one in whose:
            tries = self._wrong.pop(one, None) or deque(maxlen=self._most)
            tries.append(at)
            # In the order of the last try: those that no longer count come first.
            self._wrong[one] = tries
        while self._wrong[oldest := next(iter(self._wrong))][-1] <= at - self._within:
            del self._wrong[oldest]

    def give_back(self, *whose: Hashable) -> None:
        for one in whose:
            self._wrong[one].pop()
            if not self._wrong[one]:
                del self._wrong[one]


@router.post("/follow", summary="State of my ticket 查询进度", responses=documented(404, 413))
async def follow(asker: Annotated[Asker, who_may(May.FOLLOW)], form: Follow, request: Request) -> Standing:
    """For a web form, on behalf of a customer. Wrong digits and an unknown ticket get the same answer, after the same
    time. A merged ticket is answered by the one that goes on."""
    policy = asker.instance.policy.api
    answer_at = asyncio.get_running_loop().time() + policy.follow_seconds
    try:
        return await _standing(asker, form, request.app.state.tries)
    finally:
        await asyncio.sleep(answer_at - asyncio.get_running_loop().time())


async def _standing(asker: Asker, form: Follow, tries: Tries) -> Standing:
    policy, at = asker.instance.policy.api, asker.at
    ticket, token = ("ticket", form.number), ("token", asker.bearer.id)
    visitor = ("visitor", asker.bearer.id, form.visitor) if form.visitor else None
    if visitor and tries.count(visitor, at) >= policy.follow_tries:
        raise Refused(
            429,
            "too-many-tries",
            "too many wrong tries by this visitor: wait",
            "该访客错误次数过多，请稍后再试",
            headers={"retry-after": str(tries.free_again_s(visitor, at))},
        )
    whole = tries.count(ticket, at) >= policy.follow_tries or tries.count(token, at) >= policy.follow_tries_of_token
    if whole and len(form.digits) < tickets.WHOLE:
        raise Refused(
            403,
            "whole-number",
            "after several wrong tries the whole telephone number is needed: give all its digits",
            "已多次输错：请输入完整的电话号码",
        )

    def read(session: Session) -> Standing | None:
        found = tickets.find_by_end(session, form.number, form.digits, whole=whole)
        return None if found is None else standing(session, tickets.survivor(session, found))

    counted = [one for one in (ticket, token, visitor) if one is not None]
    tries.take(*counted, at=at)
    found = await run_in_threadpool(asker.instance.store.read, read)
    if found is None:
        raise Refused(
            404,
            "not-found",
            "no ticket has this number and a telephone number with these last digits",
            "没有与该工单号和电话尾号相符的工单",
        )
    tries.give_back(*counted)
    return found
