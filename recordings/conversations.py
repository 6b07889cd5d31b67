"""In which conversation each prompt is heard; `prompts.toml` has them in this order."""

from typing import NamedTuple

from recordings import prompts
from recordings.prompts import Prompt


class Conversation(NamedTuple):
    """It begins at the prompt `first`, and ends before the first one of the next conversation."""

    name: str
    zh: str
    en: str
    first: str


CONVERSATIONS = (
    Conversation("menu", "开头语和菜单", "First words and menus", "greeting"),
    Conversation("caller", "询问来电人", "Asking who calls", "ask-building"),
    Conversation("ticket", "查询工单", "How a ticket stands", "ticket-is"),
    Conversation("waiting", "排队、回电和留言", "Waiting, call backs, messages", "all-busy"),
    Conversation("lines", "其他线路和拨号", "Other lines and dialling", "gm-welcome"),
    Conversation("whisper", "接通前播报", "Heard before the connection", "whisper-repair"),
    Conversation("transfer", "转接", "Transfers", "hold-please"),
    Conversation("staff", "在岗、代接和监听", "On duty, pick up, listening", "talk-long-before"),
    Conversation("escalation", "逐级催办", "Escalation", "escalation-late"),
    Conversation("my-tickets", "员工办理工单", "Staff and their tickets", "my-tickets-choices"),
    Conversation("call-back", "给客户回电", "Calling customers back", "whisper-call-back"),
    Conversation("handover", "交接班", "Handover", "handover-reminder"),
    Conversation("follow-up", "回访和评分", "Follow-up and scores", "follow-up-intro"),
    Conversation("wake-up", "叫醒住客", "Waking a guest", "good-day"),
    Conversation("knock", "请人敲门", "Knocking", "knock-told"),
    Conversation("wake-up-order", "登记叫醒", "Ordering a wake-up call", "wakeup-offer"),
    Conversation("states", "工单状态、类别和房号", "Ticket states, kinds, places", "state-new"),
    Conversation("days", "日期", "Days", "yesterday"),
    Conversation("times", "钟点", "Times of day", "hour-0"),
    Conversation("digits", "逐位数字和字母", "Digits and letters", "digit-0"),
    Conversation("numbers", "数目", "Numbers", "number-0"),
)


def prompts_of(conversation: Conversation) -> list[Prompt]:
    """Those heard in it, in their order."""
    every = prompts.load()
    begins = [*(list(every).index(one.first) for one in CONVERSATIONS), len(every)]
    place = CONVERSATIONS.index(conversation)
    return list(every.values())[begins[place] : begins[place + 1]]
