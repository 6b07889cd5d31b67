"""The behaviour of Asterisk on which our conversations rely: each promise is checked on the fake and on the real one.

A promise is a coroutine that receives a stage.
"""

import pytest

pytest.register_assert_rewrite("tests.contract.ringing", "tests.contract.prompts", "tests.contract.talks")
pytest.register_assert_rewrite("tests.contract.holding", "tests.contract.network", "tests.contract.calling_out")
pytest.register_assert_rewrite("tests.contract.verbs", "tests.contract.stage", "tests.contract.listening")

from tests.contract import calling_out, holding, listening, network, prompts, ringing, talks, verbs  # noqa: E402
from tests.contract.stage import PROMISES, ContractStage, Promise, Telephone  # noqa: E402

__all__ = [
    "PROMISES",
    "ContractStage",
    "Promise",
    "Telephone",
    "calling_out",
    "holding",
    "listening",
    "network",
    "prompts",
    "ringing",
    "talks",
    "verbs",
]
