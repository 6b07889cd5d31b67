"""A technician with tickets, whose spoken notes have a folder."""

import pytest

from tests.fakes.people import FakePhone
from tests.flows.world import Hotline


@pytest.fixture
def technician(hotline: Hotline) -> FakePhone:
    hotline.home.create_missing()
    return hotline.phone("7020")
