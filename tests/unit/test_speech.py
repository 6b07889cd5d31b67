"""What a value sounds like in each language; every sound that a value can need is in the pack."""

from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language import LANGUAGES, Language
from models.policy.transfers import Role
from models.states.calls import TRANSFER_MOVES, Refusal, TransferState
from models.states.tickets import TicketKind, TicketState
from recordings import prompts, speech

pytestmark = pytest.mark.unit

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 2, 11, 15, 0, tzinfo=ZONE)  # a Wednesday
PACK = prompts.manifest()
NOBODY_IS_TOLD = {
    TransferState.CONSENTED,
    TransferState.REFUSED,
    TransferState.AGENT_GONE,
    TransferState.CALLER_GONE,
    TransferState.INTERRUPTED,
}
SPOKEN = st.sampled_from(LANGUAGES)
MOMENTS = st.integers(0, 40_000_000).map(lambda minutes: datetime(2020, 1, 1, tzinfo=ZONE) + timedelta(minutes=minutes))


def zh(names: list[str]) -> str:
    """The Chinese words as the caller hears them."""
    return "".join(prompts.load()[name].zh for name in names).strip("。")


def en(names: list[str]) -> str:
    return " ".join(prompts.load()[name].en for name in names)


def at(clock: str, days: int = 0) -> datetime:
    return datetime.combine(NOW.date() + timedelta(days=days), time.fromisoformat(clock), ZONE)


@pytest.mark.parametrize(
    ("n", "chinese", "english"),
    [
        (0, "零", "zero"),
        (2, "二", "two"),
        (10, "十", "ten"),
        (12, "十二", "twelve"),
        (20, "二十", "twenty"),
        (99, "九十九", "ninety-nine"),
        (100, "一百", "one hundred"),
        (105, "一百零五", "one hundred and five"),
        (110, "一百一十", "one hundred and ten"),
        (115, "一百一十五", "one hundred and fifteen"),
        (222, "两百二十二", "two hundred and twenty-two"),
        (1201, "幺二零幺", "one two zero one"),
    ],
)
def test_a_number_is_counted_up_to_999_and_then_read_out(n: int, chinese: str, english: str) -> None:
    assert zh(speech.number(n, "zh")) == chinese
    assert en(speech.number(n, "en")) == english


def test_nobody_hears_a_negative_number() -> None:
    with pytest.raises(ValueError, match="-1"):
        speech.number(-1)


def test_two_is_liang_before_a_measure_word_and_er_elsewhere() -> None:
    assert zh(speech.place(2)) == "您前面还有两位来电者，请稍候"
    assert zh(speech.place(12)) == "您前面还有十二位来电者，请稍候"
    assert zh(speech.duration(120)) == "两小时"
    assert zh(speech.duration(2)) == "两分钟"
    assert zh(speech.digits("2")) == zh(speech.number(2)) == "二"


def test_telephone_badge_and_ticket_numbers_are_read_digit_by_digit_and_one_is_yao() -> None:
    assert zh(speech.digits("138-0011 7")) == "幺三八零零幺幺七"
    assert en(speech.digits("A17")) == "A one seven"
    assert zh(speech.serves_you("7001")) == "工号七零零幺为您服务"  # R11-1
    assert en(speech.serves_you("7001")) == "Staff number seven zero zero one is at your service."


def test_a_ticket_number_is_said_twice() -> None:
    assert zh(speech.ticket_number("1024")) == "您的工单号是幺零二四再重复一遍，您的工单号是幺零二四"


@pytest.mark.parametrize(
    ("clock", "chinese", "english"),
    [
        ("00:00", "零点", "twelve a.m."),
        ("02:05", "凌晨两点零五分", "two oh five a.m."),
        ("09:30", "上午九点三十分", "nine thirty a.m."),
        ("12:00", "中午十二点", "twelve p.m."),
        ("16:30", "下午四点三十分", "four thirty p.m."),
        ("22:12", "晚上十点十二分", "ten twelve p.m."),
    ],
)
def test_a_time_names_its_part_of_the_day(clock: str, chinese: str, english: str) -> None:
    assert zh(speech.time_of_day(at(clock), "zh")) == chinese
    assert en(speech.time_of_day(at(clock), "en")) == english


@pytest.mark.parametrize(
    ("days", "chinese", "english"),
    [
        (-1, "昨天", "yesterday"),
        (0, "今天", "today"),
        (1, "明天", "tomorrow"),
        (2, "后天", "the day after tomorrow"),
        (3, "二月十四号星期六", "Saturday February the fourteenth"),
        (-2, "二月九号星期一", "Monday February the ninth"),
    ],
)
def test_today_and_days_near_it_have_words_and_other_days_a_date(days: int, chinese: str, english: str) -> None:
    assert zh(speech.day(at("08:00", days), NOW, "zh")) == chinese
    assert en(speech.day(at("08:00", days), NOW, "en")) == english


def test_today_is_today_in_the_sites_time_zone() -> None:
    late_at_night = datetime(2026, 2, 11, 17, 0, tzinfo=UTC)  # 01:00 on the 12th in Shanghai
    assert speech.day(datetime(2026, 2, 12, 9, 0, tzinfo=ZONE), late_at_night) == ["today"]


def test_a_utc_time_is_refused_instead_of_spoken_eight_hours_off() -> None:
    with pytest.raises(ValueError, match="time zone"):
        speech.time_of_day(datetime(2026, 2, 11, 8, 0, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        speech.moment(NOW.replace(tzinfo=None), NOW)


def test_a_promise_is_spoken_with_day_and_time() -> None:
    """R11-2."""
    assert zh(speech.due(at("10:00", 1), NOW)) == "我们将在明天上午十点之前回复您"
    assert en(speech.due(at("10:00", 1), NOW, "en")) == (
        "We will get back to you by tomorrow at ten a.m. at the latest."
    )
    assert zh(speech.call_back(30)) == "好的，已为您登记回电。我们会在三十分钟之内给您回电，请保持电话畅通"


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (0, "零分钟", "zero minutes"),
        (1, "一分钟", "one minute"),
        (60, "一小时", "one hour"),
        (90, "一小时三十分钟", "one hour thirty minutes"),
        (240, "四小时", "four hours"),
        (1440, "一天", "one day"),
        (2880, "两天", "two days"),
    ],
)
def test_a_duration_is_spoken_in_its_largest_units(minutes: int, chinese: str, english: str) -> None:
    assert zh(speech.duration(minutes, "zh")) == chinese
    assert en(speech.duration(minutes, "en")) == english


@pytest.mark.parametrize(
    ("building", "unit", "chinese", "english"),
    [
        ("3", "2-1201", "三栋二单元幺二零幺室", "Building three Unit two Room one two zero one"),
        ("12栋", "101室", "十二栋幺零幺室", "Building twelve Room one zero one"),
        ("A", "502", "A栋五零二室", "Building A Room five zero two"),
        ("", "1101", "幺幺零幺室", "Room one one zero one"),
        ("5号楼", "", "五栋", "Building five"),
    ],
)
def test_an_address_is_spoken_as_the_directory_writes_it(building: str, unit: str, chinese: str, english: str) -> None:
    assert zh(speech.room(building, unit, "zh")).replace("[en]", "").replace("[/en]", "") == chinese
    assert en(speech.room(building, unit, "en")) == english


def test_the_first_in_line_hears_that_they_are_next_instead_of_a_zero() -> None:
    assert speech.place(0) == speech.place(-1) == ["next-is-you"]


@given(st.integers(0, 100_000), SPOKEN)
def test_every_number_can_be_spoken(n: int, language: Language) -> None:
    in_pack([*speech.number(n, language), *speech.count(n, language), *speech.place(n, language)], language)
    in_pack([*speech.duration(n, language), *speech.call_back(n, language), *speech.ticket_number(str(n))], language)


@given(MOMENTS, MOMENTS, SPOKEN)
def test_every_moment_can_be_spoken(when: datetime, now: datetime, language: Language) -> None:
    in_pack(speech.due(when, now, language), language)


@given(st.text(max_size=12), st.text(max_size=12), SPOKEN)
def test_everything_in_the_directory_can_be_spoken(building: str, unit: str, language: Language) -> None:
    in_pack([*speech.room(building, unit, language), *speech.serves_you(unit)], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_the_year_and_kind_and_state_can_be_spoken(language: Language) -> None:
    for days in range(366):
        in_pack(
            speech.day(datetime.combine(date(2028, 1, 1) + timedelta(days), time(8), ZONE), NOW, language), language
        )
    for kind in TicketKind:
        in_pack(speech.kind(kind), language)
    for state in TicketState:
        in_pack(speech.ticket_state(state), language)
    for role in get_args(Role):
        in_pack(speech.department(role), language)
    endings = set(TransferState) - TRANSFER_MOVES.keys() - NOBODY_IS_TOLD
    for why in (*Refusal, *endings):
        in_pack(speech.not_transferred(why), language)


def in_pack(names: list[str], language: Language) -> None:
    assert [name for name in names if name not in PACK[language]] == []


def test_every_fragment_in_the_pack_is_needed_by_a_value() -> None:
    said: set[str] = {*speech.digits("0123456789abcdefghijklmnopqrstuvwxyz"), *speech.count(2), "hundred-and"}
    said |= {name for n in range(1000) for name in speech.number(n)}
    for language in LANGUAGES:
        for step in range(366):
            when = datetime(2028, 1, 1, 0, 0, tzinfo=ZONE) + timedelta(days=step, minutes=step * 61)
            said |= {*speech.day(when, NOW, language), *speech.time_of_day(when, language)}
        said |= {name for minute in range(60) for name in speech.time_of_day(at("00:00") + timedelta(minutes=minute))}
    said |= {name for hour in range(24) for name in speech.time_of_day(at("00:00") + timedelta(hours=hour))}
    said |= {f"state-{state}" for state in TicketState} | {f"kind-{kind}" for kind in TicketKind} | {"state-is"}
    families = ("digit-", "letter-", "number-", "hundred-", "hour-", "minute-", "month-", "weekday-", "kind-", "state-")
    spare = {name for name in prompts.load() if name.startswith(families)} - said
    assert spare == {"number-unknown", "number-unavailable"}  # announcements of the dialplan


def test_a_repeated_time_is_spoken_with_its_days() -> None:
    """R21-9."""
    assert zh(speech.repeated(time(6, 30), [1, 2, 3, 4, 5, 6, 7])) == "每天早上六点三十分"
    assert zh(speech.repeated(time(6), [1, 2, 3, 4, 5])) == "星期一至星期五早上六点"
    assert speech.repeated(time(18, 5), [6], "en") == ["weekday-6", "at", "hour-18", "minute-5", "pm"]


def test_a_handover_announces_wake_ups_and_escalations_if_there_are_any() -> None:
    assert zh(speech.handover(1, 0, 0, 0)) == "上一班向您移交，一张未结工单，零项待办任务"
    assert zh(speech.handover(1, 0, 2, 0)) == "上一班向您移交，一张未结工单，零项待办任务。两个待执行的叫醒"
    assert zh(speech.handover(1, 0, 0, 1)) == "上一班向您移交，一张未结工单，零项待办任务。一个超时工单正在电话催办"


def test_opening_hours_are_spoken_as_the_policy_has_them() -> None:
    windows = [(time(8, 30), time(11, 30)), (time(13, 30), time(16, 30))]
    said = zh(speech.opening_hours(windows, [1, 2, 3, 4, 5], "zh"))
    assert said == "星期一至星期五早上八点三十分至上午十一点三十分下午一点三十分至下午四点三十分"
    assert zh(speech.opening_hours([(time(9), time(12))], [2, 4], "zh")) == "星期二星期四上午九点至中午十二点"
    assert speech.opening_hours([(time(9), time(12))], [6], "en") == [
        "weekday-6",
        "hour-9",
        "am",
        "until",
        "hour-12",
        "pm",
    ]
