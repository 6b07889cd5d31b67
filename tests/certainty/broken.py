"""Builds that are broken on purpose: a bench that does not turn red on them would prove nothing."""

from tests.chaos.broken import Change

BUILDS: dict[str, tuple[Change, ...]] = {
    # A process that dials before it writes cannot know, after a restart, what is ringing.
    "intent-after-dialling": (
        (
            "ivr/flows/wakeup.py",
            "    attempt = await at_its_second(house, claim)\n"
            "    if attempt is None:\n"
            "        return None\n"
            "    outcome, rings = await ring_room(call, house, attempt.room, house.policy.wake_up.rings)\n",
            "    await asyncio.sleep((claim.due_at - house.now()).total_seconds())\n"
            "    room = claim.extension or ''\n"
            "    outcome, rings = await ring_room(call, house, room, house.policy.wake_up.rings)\n"
            "    attempt = await at_its_second(house, claim)\n"
            "    if attempt is None:\n"
            "        return None\n",
        ),
        (
            "ivr/outbox.py",
            "        return Call(\n"
            "            self._ari,\n"
            "            self._ari.channel(claim.name),\n"
            "            self._ari.listen(claim.name),\n",
            "        name = f'out-{secrets.token_hex(8)}' if claim.kind is Purpose.WAKE_UP else claim.name\n"
            "        return Call(\n"
            "            self._ari,\n"
            "            self._ari.channel(name),\n"
            "            self._ari.listen(name),\n",
        ),
    ),
    # The claim ends before the call does: the next look takes it again.
    "no-lease": (
        ("ivr/outbox.py", "until=house.leased_until(), **due", "until=house.now() + timedelta(seconds=1), **due"),
        ("ivr/outbox.py", "                await self._keep_what_goes_on()\n", ""),
        ("ivr/outbox.py", '"except_ids": list(self._going_on)}', '"except_ids": ()}'),
        (
            "models/guests/wakeup_attempts.py",
            "to=ToMake.DIALLING, at=at, until=until)",
            "to=ToMake.DIALLING, at=at, until=at + timedelta(seconds=1))",
        ),
    ),
    # Due times are APScheduler's jobs, in its memory; the rows say never.
    "jobs-as-the-truth": (
        (
            "models/guests/wakeup_moves.py",
            "        attempt.id,\n        due_at=due_at,\n",
            "        attempt.id,\n        due_at=due_at.replace(year=due_at.year + 1),\n",
        ),
        (
            "models/guests/wakeups.py",
            "            knock_at=due_at + timedelta(minutes=rules.knock.attendant_minutes),\n",
            "            knock_at=due_at.replace(year=due_at.year + 1),\n",
        ),
        ("scheduler/app.py", "    ticker.start()\n", "    _remember(ticker, scope)\n    ticker.start()\n"),
        (
            "scheduler/app.py",
            "def _look(scan: Scan, scope: Scope) -> None:\n",
            """def _remember(ticker: BackgroundScheduler, scope: Scope) -> None:
    from datetime import timedelta

    from sqlalchemy import func, select, update

    from models.states.calls import Purpose
    from models.tables import CallToMake, Wakeup, WakeupAttempt

    def newest(session):
        return [session.scalar(select(func.max(table.id))) or 0 for table in (WakeupAttempt, Wakeup)]

    known = scope.store.read(newest)
    knock_after = timedelta(minutes=scope.policy.wake_up.knock.attendant_minutes)

    def ring(attempt_id):
        mine = CallToMake.kind == Purpose.WAKE_UP, CallToMake.subject_id == attempt_id
        due = update(CallToMake).where(*mine).values(due_at=scope.clock.now())
        scope.store.write(lambda session: session.execute(due) and None)

    def knock(wakeup_id):
        due = update(Wakeup).where(Wakeup.id == wakeup_id, Wakeup.ended_at.is_(None))
        scope.store.write(lambda session: session.execute(due.values(knock_at=scope.clock.now())) and None)

    def new(session):
        attempts = session.execute(select(WakeupAttempt.id, WakeupAttempt.due_at).where(WakeupAttempt.id > known[0]))
        wakeups = session.execute(select(Wakeup.id, Wakeup.wake_at).where(Wakeup.id > known[1]))
        return list(attempts), list(wakeups)

    def plan():
        attempts, wakeups = scope.store.read(new)
        for attempt_id, due_at in attempts:
            ticker.add_job(ring, "date", (attempt_id,), run_date=due_at)
            known[0] = max(known[0], attempt_id)
        for wakeup_id, wake_at in wakeups:
            ticker.add_job(knock, "date", (wakeup_id,), run_date=wake_at + knock_after)
            known[1] = max(known[1], wakeup_id)

    ticker.add_job(plan, "interval", seconds=1, next_run_time=scope.clock.now())


def _look(scan: Scan, scope: Scope) -> None:
""",
        ),
    ),
}
