"""What people choose: keys of the menu, acts on a ticket, the cause of a call, days of the week."""

from models.language import Language

MENU: dict[str, tuple[str, str]] = {
    "urgent_repair": ("急修", "urgent repair"),
    "ordinary_repair": ("一般报修", "ordinary repair"),
    "enquiry_or_suggestion": ("咨询与建议", "enquiry or suggestion"),
    "progress": ("查询进度", "how a ticket stands"),
    "other_language": ("换语言", "other language"),
    "person": ("人工", "a person"),
    "prices": ("收费标准", "prices"),
}
ACTS: dict[str, tuple[str, str]] = {
    "accepted on the telephone": ("电话中接单", "accepted on the telephone"),
    "accepted at the screen": ("在屏幕上接单", "accepted at the screen"),
    "waiting for parts": ("等配件", "waiting for parts"),
    "spoken-note": ("语音备注", "spoken note"),
    "spoken-note-cut-off": ("语音备注（系统中断，未确认）", "spoken note, cut off by a fault and not confirmed"),
}
CAUSES: dict[str, tuple[str, str]] = {
    "slow": ("处理不及时", "slow"),
    "poor-work": ("处理质量", "poor work"),
    "attitude": ("服务态度", "attitude of staff"),
    "promise-not-kept": ("承诺未兑现", "promise not kept"),
    "not-informed": ("未告知或告知不清", "not informed"),
    "charges": ("收费", "charges"),
    "equipment": ("设施设备", "equipment"),
    "cleaning": ("保洁绿化", "cleaning, greenery"),
    "safety": ("秩序安全", "order and safety"),
    "neighbours": ("邻里纠纷", "neighbours"),
    "other": ("其他", "other"),
}
_WEEKDAYS = (("一", "Mon"), ("二", "Tue"), ("三", "Wed"), ("四", "Thu"), ("五", "Fri"), ("六", "Sat"), ("日", "Sun"))


def days_in_words(digits: str, language: Language) -> str:
    """Weekdays as an order has them ("135", 1 is Monday): 一、三、五, or Mon, Wed, Fri."""
    days = [_WEEKDAYS[int(digit) - 1] for digit in digits]
    return "、".join(zh for zh, _ in days) if language == "zh" else ", ".join(en for _, en in days)
