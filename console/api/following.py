"""A customer with a ticket number and the last digits of the telephone number sees the ticket's state, nothing else.

A few wrong guesses lock a ticket number for a while (R07-8), whether or not the ticket exists.
"""

import threading
from collections import deque
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
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
    """Wrong guesses by ticket number. A restart forgets them, but nobody outside can cause one."""

    def __init__(self, policy: Api) -> None:
        self._most, self._within = policy.follow_tries, timedelta(minutes=policy.follow_minutes)
        self._wrong: dict[int, deque[datetime]] = {}
        self._lock = threading.Lock()

    def left_at(self, number: int, at: datetime) -> bool:
        """Whether one more guess is allowed."""
        with self._lock:
            wrong = self._wrong.get(number)
            return wrong is None or len(wrong) < self._most or wrong[0] <= at - self._within

    def wrong(self, number: int, at: datetime) -> None:
        with self._lock:
            tries = self._wrong.pop(number, None) or deque(maxlen=self._most)
            tries.append(at)
            # In the order of the last try: numbers whose tries no longer count come first.
            self._wrong[number] = tries
            while self._wrong[oldest := next(iter(self._wrong))][-1] <= at - self._within:
                del self._wrong[oldest]


@router.post("/follow", summary="State of my ticket 查询进度", responses=documented(404, 413, 429))
def follow(asker: Annotated[Asker, who_may(May.FOLLOW)], form: Follow, request: Request) -> Standing:
    """For a web form, on behalf of a customer. Wrong digits and an unknown ticket number get the same answer."""
    tries: Tries = request.app.state.tries
    policy = asker.instance.policy.api
    if not tries.left_at(form.number, asker.at):
        raise Refused(
            429,
            "too-many-tries",
            f"too many wrong tries for this number: wait {policy.follow_minutes} minutes",
            f"该工单号错误次数过多,请 {policy.follow_minutes} 分钟后再试",
            headers={"retry-after": str(policy.follow_minutes * 60)},
        )

    def read(session: Session) -> Standing | None:
        ticket = tickets.find_by_end(session, form.number, form.digits)
        return None if ticket is None else standing(session, ticket)

    found = asker.instance.store.read(read)
    if found is None:
        tries.wrong(form.number, asker.at)
        raise Refused(
            404,
            "not-found",
            "no ticket has this number and a telephone number with these last digits",
            "没有与该工单号和电话尾号相符的工单",
        )
    return found
