"""What each section and each value of the policy is, in words for people."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from models.language import Language
from models.policy.clocks import parts_of_span
from models.text.choices import days_in_words
from models.text.wording import WORDS, say, word

CHAPTERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "answering": (
        "接听",
        "Answering",
        ("answer", "menu", "urgent", "queue", "transfer", "message", "general_manager", "call", "clicks"),
    ),
    "tickets": (
        "工单和催办",
        "Tickets",
        (
            "tickets",
            "promises",
            "first_asked",
            "tasks",
            "call_back",
            "notify",
            "escalation",
            "appointments",
            "follow_up",
        ),
    ),
    "deadlines": ("时限和工作时间", "Deadlines and working time", ("classes", "calendars", "holidays", "profiles")),
    "staff": ("值班和质检", "Staff", ("roster", "handover", "quality", "monitoring")),
    "wake-up": ("叫醒", "Wake-up calls", ("wake_up",)),
    "calls-out": ("外拨和上限", "Calls out and limits", ("gate", "limits", "outgoing", "trunks")),
    "system": (
        "系统",
        "System",
        (
            *("recording", "reports", "console", "api", "webhooks", "canary", "certificate", "guessing"),
            *("backup", "recovery"),
        ),
    ),
}
"""The policy as it is read: each chapter with its name and the tables of the file that it shows, in this order."""

SECTIONS: dict[str, tuple[str, str]] = {
    "answer": ("应答：三声铃响", "Answering: three rings"),
    "menu": ("语音菜单", "Voice menu"),
    "urgent": ("急修", "Urgent repairs"),
    "queue": ("排队", "Queue"),
    "transfer": ("转接", "Transfers"),
    "transfer.targets": ("谁可以转给谁", "Who may transfer to whom"),
    "monitoring": ("旁听", "Listening in"),
    "message": ("留言", "Messages"),
    "recording": ("录音", "Recordings"),
    "general_manager": ("总经理热线的时间", "Hours of the general manager's hotline"),
    "calendars": ("工作时间", "Working time"),
    "holidays": ("法定节假日", "Public holidays"),
    "tickets": ("工单", "Tickets"),
    "classes": ("工单时限", "Deadlines"),
    "profiles": ("其他制度的时限", "Deadlines of other regulations"),
    "promises": ("承诺时间", "Promises"),
    "first_asked": ("首问责任", "First-asked responsibility"),
    "tasks": ("待办", "Tasks"),
    "call_back": ("回电", "Call backs"),
    "gate": ("可以拨打哪些号码", "Which numbers may be called"),
    "limits": ("通话上限", "Limits of calls"),
    "limits.call_back": ("回电的上限", "Limits of call backs"),
    "limits.follow_up": ("回访的上限", "Limits of follow-up calls"),
    "limits.staff_mobile": ("拨打员工手机的上限", "Limits of calls to mobiles of the staff"),
    "limits.price": ("每分钟话费", "Price per minute"),
    "certificate": ("加密证书", "Certificate"),
    "guessing": ("猜话机密码", "Guessed telephone passwords"),
    "outgoing": ("系统拨出的电话", "Calls made by the hotline"),
    "clicks": ("屏幕点击拨号", "Calls clicked on the screen"),
    "notify": ("新工单通知", "Notified at once"),
    "escalation": ("催办", "Escalation"),
    "escalation.emergency": ("催办：急修", "Escalation: emergencies"),
    "escalation.complaint": ("催办：投诉", "Escalation: complaints"),
    "escalation.ordinary": ("催办：一般", "Escalation: ordinary"),
    "appointments": ("预约上门", "Appointments"),
    "follow_up": ("回访与满意度", "Follow-up and satisfaction"),
    "call": ("通话", "Calls"),
    "canary": ("自动拨测", "Test calls"),
    "trunks": ("中继", "Trunks"),
    "backup": ("备份", "Backup"),
    "recovery": ("恢复", "Recovery"),
    "roster": ("值班表", "Roster"),
    "handover": ("交接班", "Handover"),
    "quality": ("通话质检", "Quality of calls"),
    "quality.form": ("评分表", "Scoring form"),
    "reports": ("报表", "Reports"),
    "api": ("接口", "API"),
    "console": ("控制台", "Console"),
    "webhooks": ("事件推送", "Webhooks"),
    "wake_up": ("叫醒", "Wake-up calls"),
    "wake_up.knock": ("敲门", "Knocking"),
}

_VALUES: dict[str, tuple[str, str]] = {
    "answer.mode": ("先放菜单还是先接人工", "menu or a person first"),
    "answer.rings": ("本组话机响几声", "rings at the group's telephones"),
    "answer.rings_widened": ("扩大范围后再响几声", "more rings, with the neighbouring groups"),
    "answer.rings_supervisor": ("主管再响几声", "more rings at the supervisor's telephone"),
    "answer.ring_tone_s": ("一声铃响的长度（秒）", "length of one ring (seconds)"),
    "answer.ring_pause_s": ("两声之间的停顿（秒）", "pause between rings (seconds)"),
    "answer.accept_within_s": ("坐席接听后按键确认的时限（秒）", "time for an agent to accept (seconds)"),
    "answer.first_ring": ("先响谁", "which telephone rings first"),
    "menu.key_wait_s": ("等待按键（秒）", "time to press a key (seconds)"),
    "menu.person_after_s": ("菜单后不按键，多久转人工（秒）", "a person after the menu without a key (seconds)"),
    "menu.tries": ("菜单播放几遍", "times the menu is played"),
    "menu.digit_wait_s": ("两个数字之间等待（秒）", "time between two digits (seconds)"),
    "queue.announce_every_s": ("排队位置多久播报一次（秒）", "position announced every (seconds)"),
    "transfer.speak_every_s": ("保持中多久对客户说一次话（秒）", "message to the caller on hold every (seconds)"),
    "transfer.reason_longest_s": ("口述事由最长（秒）", "longest spoken reason (seconds)"),
    "transfer.reason_required": ("哪些线路必须说明事由", "lines on which a reason is required"),
    "monitoring.roles": ("哪些岗位可以旁听", "roles that may listen in"),
    "monitoring.of_roles": ("可旁听哪些岗位的通话", "roles whose talks may be listened to"),
    "monitoring.pin_tries": ("旁听密码可错几次", "wrong PINs before the telephone is locked"),
    "monitoring.pin_lock_minutes": ("锁定多久（分钟）", "locked for (minutes)"),
    "message.longest_s": ("留言最长（秒）", "longest message (seconds)"),
    "message.silence_s": ("静音多久结束留言（秒）", "silence that ends a message (seconds)"),
    "message.shortest_s": ("留言最短（秒）", "shortest message (seconds)"),
    "recording.retention_days": ("录音保存天数", "recordings are kept (days)"),
    "recording.format": ("录音格式", "format of recordings"),
    "recording.bitrate_kbps": ("录音码率（kbps）", "bit rate (kbit/s)"),
    "recording.target_dbfs": ("录音音量（dBFS）", "loudness (dBFS)"),
    "recording.least_room_mb": ("磁盘剩余低于此值报警（MB）", "least free disk (MB)"),
    "holidays.warn_days": ("提前几天提醒未知节假日", "warning before unknown holidays (days)"),
    "tickets.profile": ("采用哪套时限", "set of deadlines in use"),
    "tickets.calendar": ("工作时间按哪个日历", "calendar of working hours"),
    "promises.best_days": ("承诺宜在几天内", "recommended promise, within (days)"),
    "promises.longest_days": ("承诺最长几天", "longest promise (days)"),
    "first_asked.remind_hours": ("未结工单多久提醒首问人（小时）", "reminder of open tickets every (hours)"),
    "first_asked.rings": ("提醒时也打电话", "the reminder also rings"),
    "first_asked.tell_hours": ("办结后多久内告知客户（小时）", "customer informed within (hours)"),
    "tasks.call_back_minutes": ("回电时限（分钟）", "call back within (minutes)"),
    "tasks.talk_counts_from_s": ("通话满多少秒才算已回电", "shortest talk that counts as called back (seconds)"),
    "call_back.by_itself": ("到点自动回电", "made by themselves"),
    "call_back.first_after_minutes": ("登记后几分钟开始回电", "first call after (minutes)"),
    "call_back.hours": ("自动回电的时段", "hours in which they are made by themselves"),
    "call_back.again_minutes": ("未接通时各隔几分钟再拨", "customer not reached: again after (minutes)"),
    "call_back.no_agent_minutes": ("无坐席接受时隔几分钟再试", "no agent took it: again after (minutes)"),
    "call_back.for_hours": ("登记后几小时内自动回电", "by themselves for (hours)"),
    "call_back.at_once": ("同时自动回电几个", "by themselves at a time"),
    "call_back.wrap_up_s": ("通话后留给小结的时间（秒）", "time for the wrap-up after a talk (seconds)"),
    "gate.call_back": ("回电可拨", "call backs may reach"),
    "gate.follow_up": ("回访可拨", "follow-up may reach"),
    "gate.staff_mobile": ("员工手机可拨", "calls to staff mobiles may reach"),
    "gate.premium": ("另外的声讯号码开头（禁拨）", "further prefixes of premium numbers"),
    "limits.calls_in": ("同时呼入总数", "incoming calls at a time"),
    "limits.per_trunk": ("每条中继同时呼入", "incoming calls of one trunk"),
    "limits.per_caller": ("同一号码同时呼入", "incoming calls of one number"),
    "limits.per_telephone": ("每部话机同时拨出", "outgoing calls of one telephone"),
    "limits.new_numbers_an_hour": ("每小时陌生号码", "unknown numbers called per hour"),
    "limits.night_calls_an_hour": ("夜间每小时拨出报警线", "night calls per hour that raise an alarm"),
    "limits.refusals_an_hour": ("每小时被拒报警线", "refused calls per hour that raise an alarm"),
    "certificate.warn_days": ("到期前几天提醒", "warning before expiry (days)"),
    "guessing.tries": ("同一地址错几次封禁", "wrong passwords from one address"),
    "guessing.account_tries": ("同一话机被猜几次", "guesses at one telephone"),
    "guessing.window_minutes": ("统计时间（分钟）", "counted within (minutes)"),
    "guessing.ban_minutes": ("首次封禁（分钟）", "first ban (minutes)"),
    "guessing.longest_hours": ("最长封禁（小时）", "longest ban (hours)"),
    "guessing.at_most": ("同时封禁最多", "bans at a time"),
    "guessing.firewall": ("同时用防火墙拦截", "also blocked by the firewall"),
    "outgoing.lease_s": ("中断后多久重拨（秒）", "called again after a crash (seconds)"),
    "clicks.counts_s": ("点击多久后作废（秒）", "a click is void after (seconds)"),
    "escalation.hours": ("一般催办的时段", "hours for calls that are not urgent"),
    "escalation.emergencies": ("按急修催办的类别", "kinds that are emergencies"),
    "escalation.complaints": ("按投诉催办的类别", "kinds that are complaints"),
    "escalation.any_hour": ("夜间也立即通知的类别", "called about at any hour, too"),
    "notify.kinds": ("哪些工单立即电话通知部门", "tickets that the department is called about"),
    "notify.hours": ("一般工单的通知时段", "hours for tickets that can wait"),
    "notify.tries": ("最多通知几次", "calls before the supervisor has a task"),
    "appointments.longest_days": ("最远可约几天后", "at most so far ahead (days)"),
    "appointments.remind_minutes": ("提前几分钟提醒处理人", "technician reminded before it (minutes)"),
    "appointments.grace_minutes": ("过几分钟未到场即通知主管", "lead called when nobody is there after (minutes)"),
    "appointments.tries": ("每人最多打几次", "calls to each person"),
    "follow_up.delay_minutes": ("完成多久后回访（分钟）", "called after completion (minutes)"),
    "follow_up.attempts": ("最多打几次", "attempts"),
    "follow_up.gap_minutes": ("两次之间至少（分钟）", "shortest time between two calls (minutes)"),
    "follow_up.satisfied_from": ("几分以上算满意", "score that counts as satisfied"),
    "follow_up.task_minutes": ("不满意须几分钟内处理", "complaint looked into within (minutes)"),
    "follow_up.survey_months": ("几个月做一次全体调查", "survey of all every (months)"),
    "follow_up.survey_warn_days": ("提前几天提醒调查", "reminder before the survey (days)"),
    "follow_up.after_talk": ("通话后请客户评分", "score after a talk"),
    "follow_up.after_talk_from_s": ("通话满几秒才评分", "score only after a talk of (seconds)"),
    "follow_up.after_talk_wait_s": ("等待评分（秒）", "wait for the score (seconds)"),
    "call.longest_minutes": ("通话最长（分钟）", "longest call (minutes)"),
    "call.warn_minutes": ("几分钟后提醒坐席", "the agent is warned after (minutes)"),
    "call.ask_agent": ("客户挂机后请坐席按键登记", "after the customer's hang-up the agent writes it up by key"),
    "call.ask_agent_from_s": ("通话满几秒才请坐席登记", "only after a talk of (seconds)"),
    "call.no_sound_s": ("无声多久视为断线（秒）", "call ends after silence of (seconds)"),
    "canary.every_minutes": ("多久拨测一次（分钟）", "a test call every (minutes)"),
    "trunks.every_s": ("多久检查一次（秒）", "checked every (seconds)"),
    "trunks.down_after_s": ("无应答多久报故障（秒）", "reported down after silence of (seconds)"),
    "trunks.next_after_s": ("多久无动静换下一条（秒）", "the next one is tried after (seconds)"),
    "backup.at": ("每天备份时间", "daily at"),
    "backup.keep": ("保留几份", "copies kept"),
    "roster.horizon_days": ("提前排班几天", "duties are planned ahead (days)"),
    "roster.alarm_days": ("缺人提前几天报警", "warning before a gap (days)"),
    "roster.own_word_hours": ("无班次者 *20 有效（小时）", "*20 without a shift lasts (hours)"),
    "handover.remind_after_minutes": ("多久未接班开始提醒（分钟）", "first reminder after (minutes)"),
    "handover.remind_every_minutes": ("每隔几分钟再提醒", "then every (minutes)"),
    "handover.reminders": ("最多提醒几次", "reminders"),
    "quality.offered": ("每人抽几通未评的通话", "unscored calls drawn for each agent"),
    "quality.offered_days": ("从最近几天的通话中抽", "drawn from the latest days"),
    "quality.training_below": ("平均分低于多少须培训", "training below an average of"),
    "quality.training_of": ("最近几次评分的平均", "average of the latest scores (number)"),
    "quality.training_days": ("几天内完成培训", "training within (days)"),
    "quality.form.greeting": ("开头语", "first words"),
    "quality.form.courtesy": ("礼貌", "courtesy"),
    "quality.form.listening": ("倾听", "listening"),
    "quality.form.facts": ("问清", "facts"),
    "quality.form.handling": ("办理", "handling"),
    "quality.form.promise": ("承诺", "promise"),
    "quality.form.transfer": ("转接", "transfer"),
    "quality.form.confidential": ("保密", "confidential"),
    "quality.form.brevity": ("简明", "brevity"),
    "quality.form.closing": ("结束语", "closing"),
    "reports.periods": ("自动报表周期", "periods"),
    "reports.at": ("发送时间", "sent at"),
    "reports.formats": ("格式", "formats"),
    "api.request_s": ("请求时限（秒）", "time limit of a request (seconds)"),
    "api.connections": ("最多连接", "connections"),
    "api.connections_of_address": ("每个地址最多连接", "connections of one address"),
    "api.requests_a_minute": ("每令牌每分钟请求", "requests per token and minute"),
    "api.follow_tries": ("查询工单可错几次", "failed tries for one ticket"),
    "api.follow_tries_of_token": ("每令牌查询可错几次", "failed tries of one token"),
    "api.follow_seconds": ("查询应答用时（秒）", "each answer takes (seconds)"),
    "api.follow_minutes": ("查询错误统计时间（分钟）", "counted within (minutes)"),
    "console.idle_minutes": ("多久不用自动退出（分钟）", "a sign-in ends unused after (minutes)"),
    "console.longest_hours": ("登录最长（小时）", "longest sign-in (hours)"),
    "console.link_hours": ("链接有效（小时）", "a link is good for (hours)"),
    "console.tries": ("密码可错几次", "wrong passwords of one person"),
    "console.address_tries": ("同一地址可错几次", "wrong passwords from one address"),
    "console.window_minutes": ("统计时间（分钟）", "counted within (minutes)"),
    "console.wait_s": ("首次等待（秒）", "first wait (seconds)"),
    "console.longest_wait_minutes": ("最长等待（分钟）", "longest wait (minutes)"),
    "console.streams": ("同时在看的浏览器", "browsers with live pages at a time"),
    "console.streams_of_sign_in": ("每个登录同时在看", "browsers with live pages per sign-in"),
    "console.photo_mb": ("一张照片最大（MB）", "largest photo (MB)"),
    "console.prompt_mb": ("提示音录音最大（MB）", "largest recording of a prompt (MB)"),
    "console.photo_megapixels": ("一张照片最多像素（百万）", "largest photo (million pixels)"),
    "console.photos_of_ticket": ("每张工单的照片", "photos of a ticket"),
    "webhooks.timeout_s": ("推送时限（秒）", "delivery time limit (seconds)"),
    "webhooks.retry_minutes": ("重推间隔（分钟）", "pauses between attempts (minutes)"),
    "wake_up.again_seconds": ("未醒多久再响（秒）", "rung again after (seconds)"),
    "wake_up.snooze_minutes": ("再睡一会（分钟）", "snooze (minutes)"),
    "wake_up.snoozes": ("可再睡几次", "snoozes"),
    "wake_up.late_from_minutes": ("迟到多久要说明（分钟）", "says it is late from (minutes)"),
    "wake_up.grace_minutes": ("停机后补叫时限（分钟）", "rung after a downtime, at most late by (minutes)"),
    "wake_up.desk_told_seconds": ("停机后迟到多久通知总台（秒）", "the front desk is called when late by (seconds)"),
    "wake_up.horizon_days": ("提前安排几天", "planned ahead (days)"),
    "wake_up.lines": ("可同时响铃的话机", "telephones ringing at a time"),
    "wake_up.inbound_reserve": ("为来电保留线路", "lines reserved for callers"),
    "wake_up.attempt_seconds": ("每次叫醒占线（秒）", "a call needs a line for (seconds)"),
    "wake_up.starts_a_second": ("每秒开始响几间", "rooms that start ringing per second"),
    "wake_up.text_seconds": ("天气等文字最长（秒）", "longest text (seconds)"),
    "wake_up.knock.attendant_minutes": ("未醒多久叫楼层服务员（分钟）", "floor attendant called after (minutes)"),
    "wake_up.knock.desk_minutes": ("未醒多久叫总台和值班经理（分钟）", "front desk and manager called after (minutes)"),
    "wake_up.knock.again_seconds": ("无人去敲门多久叫下一位（秒）", "next person called after (seconds)"),
    "wake_up.knock.on_way_minutes": ("在路上多久再催（分钟）", "called again if on the way for (minutes)"),
}
_NAMES: dict[str, tuple[str, str]] = {
    "rings": ("响几声", "rings"),
    "poll_s": ("多久查看一次（秒）", "checked every (seconds)"),
    "at_once": ("同时最多几路", "calls at a time"),
    "keep_days": ("保存天数", "kept (days)"),
    "tries": ("每人打几次", "calls to each person"),
    "every_s": ("每隔（秒）", "every (seconds)"),
    "retry_minutes": ("失败后重试（分钟）", "tried again after (minutes)"),
    "windows": ("时段", "hours"),
    "weekdays": ("星期", "weekdays"),
    "open_on_make_up_days": ("调休补班日开放", "open on make-up days"),
    "closed_on_public_holidays": ("法定节假日休息", "closed on public holidays"),
    "begins": ("从何日起", "begins on"),
    "before_minutes": ("到期前几分钟开始", "starts before the deadline by (minutes)"),
    "steps": ("依次打给谁", "who is called, in order"),
    "after_minutes": ("每步之前等待（分钟）", "wait before each person (minutes)"),
    "pause_minutes": ("两次拨打间隔（分钟）", "between two calls (minutes)"),
    "again_minutes": ("无人接单多久从头再来（分钟）", "starts again from the first person after (minutes)"),
    "number_a_day": ("同一号码每天几次", "calls to one number per day"),
    "an_hour": ("每小时几次", "calls per hour"),
    "minutes_a_day": ("每天几分钟", "minutes per day"),
    "money_a_day": ("每天多少钱", "cost per day"),
    "local": ("市话", "local"),
    "mobile": ("手机", "mobile"),
    "national": ("国内长途", "national"),
    "respond": ("响应", "response"),
    "on-site": ("到场", "on site"),
    "feedback": ("反馈", "feedback"),
    "solution": ("解决", "solution"),
}


_PREFIXES = (
    (re.compile(r"transfer\.reason_required"), "line-"),
    (re.compile(r"transfer\.targets\.|monitoring\.|escalation\.\w+\.steps"), "role-"),
)
"""Where a value means a line or a post; elsewhere it is a word of its own."""
_UNITS: dict[str, tuple[str, str]] = {
    "minutes": ("分钟", "minutes"),
    "hours": ("小时", "hours"),
    "days": ("天", "days"),
    "working minutes": ("工作分钟", "working minutes"),
    "working hours": ("工作小时", "working hours"),
    "working days": ("工作日", "working days"),
}


def section_in_words(name: str) -> tuple[str, str]:
    """Such as "classes.repair"; a part that the site has named itself stays as it is."""
    if name in SECTIONS:
        return SECTIONS[name]
    first, *rest = (part for part in name.split(".") if part != "seasons")
    zh, en = SECTIONS.get(first, (first, first))
    return (
        f"{zh}：{' '.join(word(one, 'zh') for one in rest)}",
        f"{en}: {' '.join(word(one, 'en') for one in rest)}",
    )


def value_in_words(key: str) -> tuple[str, str]:
    """What stands at a key, such as "answer.rings"."""
    name = key.rpartition(".")[2]
    posts = key.startswith("transfer.targets.")
    return _VALUES.get(key) or _NAMES.get(name) or WORDS.get(f"role-{name}" if posts else name, (name, name))


def value_in_its_section(key: str) -> tuple[str, str]:
    """The same where no section stands above it: several have a value called "on site", or "rings"."""
    section, value = section_in_words(key.rpartition(".")[0]), value_in_words(key)
    return f"{section[0]} · {value[0]}", f"{section[1]} · {value[1]}"


def in_words(key: str, value: Any, language: Language) -> str:
    """A value as people say it: "3 working days" as 3 个工作日, a list of posts by their names."""
    if isinstance(value, bool):
        return say("是", "yes", language) if value else say("否", "no", language)
    if isinstance(value, Mapping):
        weight = value["weight"]
        return say(f"{value['zh']}（{weight} 分）", f"{value['en']} ({weight} points)", language)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return say("、", ", ", language).join(in_words(key, one, language) for one in value) or say(
            "无", "none", language
        )
    if key.endswith(".weekdays") and isinstance(value, int):
        day = days_in_words(str(value), language)
        return say(f"周{day}", day, language)
    span = parts_of_span(value) if isinstance(value, str) else None
    return _span(span, language) if span else choice_in_words(key, value, language)


def choice_in_words(key: str, value: Any, language: Language) -> str:
    """One of the few values that may stand at a key."""
    prefix = next((prefix for pattern, prefix in _PREFIXES if pattern.match(key)), "")
    return say(*WORDS.get(f"{prefix}{value}", (f"{value}", f"{value}")), language)


def units(language: Language) -> list[tuple[str, str]]:
    """The units of a deadline: as the file writes them, and in words."""
    return [(unit, say(*names, language)) for unit, names in _UNITS.items()]


def _span(span: tuple[int, str, str], language: Language) -> str:
    amount, unit, calendar = span
    zh = f"{amount} {'个' if unit.startswith('working') else ''}{_UNITS[unit][0]}"
    en = f"{amount} {unit.removesuffix('s') if amount == 1 else unit}"
    by_zh, by_en = (f"（按{word(calendar, 'zh')}）", f" by {word(calendar, 'en')}") if calendar else ("", "")
    return say(zh + by_zh, en + by_en, language)
