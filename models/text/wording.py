"""The words that people read in Chinese and English side by side, and how moments and lengths are written."""

from datetime import datetime, tzinfo

from models.language import Language
from models.text.administration import ADMINISTRATION
from models.text.appointments import APPOINTMENTS
from models.text.choices import ACTS, CAUSES, MENU
from models.text.columns import COLUMNS
from models.text.ladders import LADDERS
from models.text.transfers import CLICKS, TRANSFERS

WORDS: dict[str, tuple[str, str]] = {
    **MENU,
    **ACTS,
    **CAUSES,
    **ADMINISTRATION,
    # calls and rings
    "active": ("进行中", "active"),
    "ended": ("已结束", "ended"),
    "caller": ("主叫", "caller"),
    "agent": ("坐席", "agent"),
    "system": ("系统", "system"),
    "network": ("网络", "network"),
    "connected": ("接通", "connected"),
    "no-answer": ("无人接", "no answer"),
    "busy": ("忙", "busy"),
    "declined": ("拒接", "declined"),
    "unreachable": ("未接入", "unreachable"),
    "redirected": ("转移", "redirected"),
    "caller-gone": ("主叫已挂", "caller gone"),
    "taken": ("同事已接", "taken by a colleague"),
    "ringing": ("响铃中", "ringing"),
    "cancelled": ("已取消", "cancelled"),
    # transfers, and what is clicked at the screen
    **TRANSFERS,
    **CLICKS,
    "reason": ("转接事由", "reason of a transfer"),
    # tickets
    "owner": ("业主", "owner"),
    "repair": ("报修", "repair"),
    "urgent-repair": ("急修", "urgent repair"),
    "lift": ("电梯故障", "lift"),
    "power": ("供电故障", "power supply"),
    "water": ("供水故障", "water supply"),
    "public-lighting": ("公共照明", "public lighting"),
    "complaint": ("投诉", "complaint"),
    "enquiry": ("咨询", "enquiry"),
    "suggestion": ("建议", "suggestion"),
    "message": ("留言", "message"),
    "general-manager": ("总经理热线", "general manager"),
    "fault": ("系统故障", "system fault"),
    "new": ("新建", "new"),
    "dispatched": ("已派单", "dispatched"),
    "accepted": ("已接单", "accepted"),
    "on-site": ("已到场", "on site"),
    "waiting": ("等待中", "waiting"),
    "done": ("已完成", "done"),
    "confirmed": ("已确认", "confirmed"),
    "reopened": ("重新打开", "reopened"),
    "closed": ("已关闭", "closed"),
    "merged": ("已合并", "merged"),
    "referred": ("已转外部", "referred"),
    # details filled in later
    "problem": ("问题", "problem"),
    "need": ("诉求", "need"),
    "contact_name": ("联系人", "contact"),
    "contact_number": ("联系电话", "contact's number"),
    "reporter": ("反映人", "reported by"),
    "severity": ("严重程度", "severity"),
    "building": ("楼栋", "building"),
    "room": ("房号", "room"),
    "cause": ("原因", "cause"),
    # events of a ticket
    "opened": ("受理", "opened"),
    "moved": ("改状态", "moved"),
    "classified": ("归类", "classified"),
    "received": ("首问", "first asked"),
    "noted": ("备注", "noted"),
    "filled-in": ("补录", "filled in"),
    "assigned": ("指派", "assigned"),
    "photo": ("照片", "photo"),
    "told": ("已告知客户", "customer informed"),
    "promised": ("承诺", "promised"),
    "postponed": ("延期", "postponed"),
    "handed-over": ("首问移交", "handed over"),
    "on-time": ("按期", "on time"),
    "broken": ("逾期", "late"),
    "carried": ("并入", "carried over"),
    "ordinary": ("一般", "ordinary"),
    "serious": ("重大", "serious"),
    "telephone": ("电话", "telephone"),
    "visit": ("来访", "visit"),
    "notice-board": ("意见箱、公告栏", "notice board"),
    "e-mail": ("邮件", "e-mail"),
    "web": ("网站", "web"),
    "app": ("应用", "app"),
    "employee": ("员工", "employee"),
    "third-party": ("第三方", "third party"),
    "clock-respond": ("响应", "respond"),
    "clock-on-site": ("到场", "on site"),
    "clock-feedback": ("反馈", "feedback"),
    "clock-solution": ("解决", "solution"),
    "public holidays not known": ("尚无法定节假日安排", "public holidays not known"),
    "no survey of all residents": ("尚未开展全体住户满意度调查", "no survey of all residents"),
    "respond": ("响应", "respond"),
    "feedback": ("反馈", "feedback"),
    "solution": ("解决", "solution"),
    # why a call ended, a call back is owed
    "completed": ("正常结束", "completed"),
    "over-telephone": ("本机同时呼叫过多", "too many calls from this telephone"),
    "over-caller": ("该号码同时呼入过多", "too many calls from this number"),
    "over-trunk": ("中继同时呼入过多", "too many calls over this trunk"),
    "over-total": ("同时通话过多", "too many calls in all"),
    "blocked": ("已屏蔽的号码", "blocked number"),
    "hung up while arriving": ("接入时挂机", "hung up while arriving"),
    "hung up while in the menu": ("菜单中挂机", "hung up while in the menu"),
    "hung up while ringing": ("振铃时挂机", "hung up while ringing"),
    "hung up while waiting": ("排队时挂机", "hung up while waiting"),
    "hung up while talking": ("通话中挂机", "hung up while talking"),
    "hung up while on hold": ("等候中挂机", "hung up while on hold"),
    "hung up while on hold, ringing a colleague": (
        "转接振铃中挂机",
        "hung up while on hold, ringing a colleague",
    ),
    "hung up while setting a wake-up": ("设置叫醒时挂机", "hung up while setting a wake-up"),
    "hung up while leaving a message": ("留言时挂机", "hung up while leaving a message"),
    "no sound in common": ("编解码不符，未能接通", "refused, no codec in common"),
    "gone while we were away": ("系统中断时断线", "gone while we were away"),
    "the call was lost": ("来电中断", "the call was lost"),
    "asked how it is": ("来电询问进度", "asked how it is"),
    "to be called again": ("坐席要求再回电", "to be called again"),
    "left a message without words": ("留言无声", "left a message without words"),
    "asked to be called back while all were talking": (
        "坐席全忙，要求回电",
        "asked to be called back: all were talking",
    ),
    "answered by the dialplan alone: message left": ("应急应答：已留言", "answered by the fallback: message left"),
    "answered by the dialplan alone: no message": ("应急应答：未留言", "answered by the fallback: no message"),
    # why a part is down, in the status
    "has never been started here": ("本目录尚未启动过", "has never been started here"),
    "answers with status": ("应答状态码", "answers with status"),
    "does not run": ("未运行", "does not run"),
    "does not answer": ("无应答", "does not answer"),
    "no sign of life any more": ("心跳已停", "no heartbeat any more"),
    "out of reach": ("无法访问", "out of reach"),
    "stands by, as another program serves the callers": (
        "待命：另一程序正在接听",
        "stands by, as another program serves the callers",
    ),
    "starting": ("启动中", "starting"),
    "down": ("已停止", "down"),
    # the step at which a canary failed
    "canary-connect": ("失败：未连上 Asterisk", "failed: no connection to Asterisk"),
    "canary-dialplan": ("失败：来电未到达应用", "failed: the call did not reach the application"),
    "canary-answer": ("失败：未应答", "failed: not answered"),
    "canary-prompt": ("失败：提示音未播放", "failed: the first words were not played"),
    "canary-key": ("失败：按键未收到", "failed: a key did not arrive"),
    "canary-missing": ("失败：应用没有拨测", "failed: the application sends none"),
    "talked with": ("已通话", "talked with"),
    # presence and call backs
    "on-duty": ("在岗", "on duty"),
    "break": ("休息", "on a break"),
    "off-shift": ("不当班", "not on shift"),
    # the roster
    "swap": ("换班", "swap"),
    "absence": ("请假", "absence"),
    "to-decide": ("待批", "to be decided"),
    "approved": ("已批准", "approved"),
    "not-approved": ("未批准", "refused"),
    "nobody": ("无人值班", "nobody on duty"),
    "short": ("缺员", "too few on duty"),
    "no longer so": ("已解除", "resolved"),
    "due": ("待交接", "to be handed over"),
    "given": ("已交班", "given"),
    "taken-over": ("已接班", "taken over"),
    "nothing-open": ("无未结事项", "nothing open"),
    "handover not taken over": ("交接未接收", "handover not taken over"),
    "taken over": ("已接收", "taken over"),
    "registered": ("已注册", "registered"),
    "not registered": ("未注册", "not registered"),
    "registered, silent": (
        "已注册，但无响应（请检查话机与网络）",
        "registered, but does not answer (check it and the network)",
    ),
    # trunks
    "address": ("按地址", "by address"),
    "registration": ("注册", "with registration"),
    "gateway": ("网关", "gateway"),
    "up": ("正常", "up"),
    "unwatched": ("未监测（从不应答 OPTIONS）", "not watched (has never answered OPTIONS)"),
    "silent": ("不应答 OPTIONS", "does not answer OPTIONS"),
    "not-registered": ("注册未成功", "our registration is not accepted"),
    "gateway-gone": ("网关未注册", "the gateway is not registered"),
    "certificate": ("证书不被接受（机构、地址或日期）", "its certificate is not accepted (authority, address or date)"),
    "no-tls": ("不接受 TLS 连接", "takes no TLS connection from us"),
    "call-refused": ("拒绝了呼叫", "refused a call"),
    "call-full": ("通话数已满（max_calls）", "had its max_calls, and took no more"),
    "call-silent": ("呼叫无响应", "did not answer a call"),
    "no-agent": ("坐席未接", "no colleague"),
    "not-needed": ("无需回电", "not needed"),
    # numbers that the gate does not let out
    "refused-emergency": ("紧急号码，系统不自动拨打", "emergency number, never called by itself"),
    "refused-own": ("本站号码，不经外线拨打", "our own number, not called over the trunk"),
    "refused-local": ("市话，[gate] 不允许", "local number, not allowed by [gate]"),
    "refused-mobile": ("手机，[gate] 不允许", "mobile number, not allowed by [gate]"),
    "refused-national": ("国内长途，[gate] 不允许", "national number, not allowed by [gate]"),
    "refused-international": ("境外号码，不自动拨打（R20-1）", "number abroad, never called by itself (R20-1)"),
    "refused-premium": ("声讯号码，禁止拨打（R20-5）", "premium-rate number, never called (R20-5)"),
    "refused-service": ("服务短号，不自动拨打（R05-8）", "service number, never called by itself (R05-8)"),
    "refused-unknown": ("无法识别的号码，不予拨打", "number of no known kind, never called"),
    # calls that the limits do not let out
    "refused-too-often": ("今日呼叫该号码已达上限", "called too often today"),
    "refused-too-many": ("本小时呼出已达上限", "too many calls in this hour"),
    "refused-all-in-use": ("同时呼出已达上限", "too many calls at a time"),
    "refused-minutes-used-up": ("今日呼出时长已用完", "today's minutes are used up"),
    "refused-money-used-up": ("今日呼出费用已用完", "today's money is used up"),
    "refused-not-known": ("未曾通话的外地号码，须由人工拨打", "distant, never talked to us: a person must call"),
    "refused-called-today": ("未曾通话，今日已呼叫", "never talked to us, called today"),
    "refused-too-many-new": ("陌生号码过多，须由人工拨打", "too many new numbers: a person must call"),
    # the access log
    "import": ("导入", "imported"),
    "access-changed": ("被改动", "was changed"),
    "access-missing": ("缺失", "is missing"),
    "access-added": ("是后来插入的", "was slipped in"),
    "access-cut-off": ("缺失：末尾被截去", "is missing: the end was cut off"),
    # follow-up calls and surveys
    "follow-up": ("回访", "follow-up call"),
    "not-satisfied": ("客户不满意", "not satisfied"),
    "no-key": ("未按键", "no key pressed"),
    "not reached by telephone": ("电话回访未接通", "not reached by telephone"),
    "no number to call": ("无可回访号码", "no number to call"),
    "not settled, says the customer": ("客户表示未解决", "not settled, says the customer"),
    "satisfaction": ("满意度", "satisfaction"),
    "ticket": ("工单完成", "ticket done"),
    "campaign": ("满意度调查", "campaign"),
    "after-talk": ("通话后评价", "after a talk"),
    "calling": ("呼叫中", "being called"),
    "offered": ("征询中", "being asked"),
    "answered": ("已答复", "answered"),
    "unanswered": ("未评价", "not answered"),
    "not-reached": ("未接通", "not reached"),
    "opted-out": ("不再回访", "opted out"),
    "running": ("进行中", "running"),
    "paused": ("已暂停", "paused"),
    "finished": ("已完成", "finished"),
    **LADDERS,
    **APPOINTMENTS,
    # rooms
    "free": ("空房", "free"),
    "let": ("已入住", "let"),
    "checked-in": ("入住", "checked in"),
    "checked-out": ("退房", "checked out"),
    "do-not-disturb": ("请勿打扰", "do not disturb"),
    "may-disturb": ("取消请勿打扰", "may be disturbed"),
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "not-in-site-file": ("已不在站点文件中", "no longer in the site file"),
    # wake-ups: how ordered, how far, their events
    "set": ("已登记", "set"),
    "already-set": ("此前已登记", "there already"),
    "not-set": ("未登记", "NOT TAKEN"),
    "room-phone": ("客房话机", "room telephone"),
    "front-desk": ("总台", "front desk"),
    "planned": ("待叫醒", "to come"),
    "snoozed": ("稍后再叫", "snoozed"),
    "overdue": ("系统中断，已通知人员", "missed: staff notified"),
    "awake": ("已醒", "awake"),
    "over": ("已结束", "over"),
    "guest": ("住客", "guest"),
    "key": ("按键", "key"),
    "knock": ("敲门", "knock"),
    "code": ("*56", "*56"),
    "command": ("值班台", "desk"),
    "floor-attendant": ("楼层服务员", "floor attendant"),
    "duty-manager": ("值班经理", "duty manager"),
    "guest-awake": ("客人已醒", "guest awake"),
    "on-my-way": ("前往敲门", "on the way"),
    "ordered": ("登记", "ordered"),
    "this day alone": ("仅取消当天", "this day alone"),
    "rung": ("呼叫客房", "room rung"),
    "state": ("状态", "state"),
    "note": ("备注", "note"),
    # tasks and recordings
    "call-back": ("回电", "call back"),
    "roster-gap": ("值班空档", "gap in the roster"),
    "handover": ("交接班", "handover"),
    "follow-matter": ("首问跟进", "follow up the ticket"),
    "calendar-end": ("节假日安排未录入", "public holidays not known"),
    "certificate-end": ("证书即将到期", "a certificate ends"),
    "guessing": ("有人在猜话机密码", "telephone passwords are guessed"),
    "pin-locked": ("监听密码多次输错", "wrong PINs at a telephone"),
    "ban-lifted": ("解除封禁", "ban lifted"),
    "survey-due": ("半年满意度调查未开展", "survey of all residents is due"),
    "calls-at-night": ("夜间外拨过多", "many calls out at night"),
    "calls-refused": ("被拒外拨过多", "many calls refused"),
    "trunk-down": ("中继中断", "trunk down"),
    "test calls fail": ("自动拨测失败", "test calls fail"),
    "in the last hour": ("最近一小时内", "in the last hour"),
    "the line answers again": ("来电恢复正常", "the line answers again"),
    "the trunk is there again": ("中继已恢复", "the trunk is there again"),
    "training": ("培训", "training"),
    "average score": ("平均分", "average score"),
    # how a call meets a criterion of the scoring form
    "met": ("做到", "met"),
    "partly": ("部分做到", "partly met"),
    "not-met": ("没做到", "not met"),
    "not-applicable": ("不适用", "not applicable"),
    "matter-done": ("已办结，请回告客户", "done: tell the customer"),
    "open": ("待办", "open"),
    "talk": ("通话", "talk"),
    "spool": ("应急留言", "message (fallback)"),
    "reserved": ("录制中", "going on"),
    "recorded": ("待处理", "being stored"),
    "file-without-row": ("无记录的文件", "file without row"),
    "row-without-file": ("文件缺失", "row without file"),
    "talk-without-recording": ("通话无录音", "talk without recording"),
    "disk-nearly-full": ("磁盘将满", "disk nearly full"),
    "scan-late": ("后台扫描停滞", "a scan stands still"),
    "work-late": ("到期事项无人处理", "due work is not started"),
    "row-fails": ("某条记录反复处理失败", "a row fails again and again"),
    "no-backup": ("数据库未备份", "no backup"),
    "kept": ("已保存", "kept"),
    "joined": ("已并入前段", "joined to the one before"),
    "partial": ("不完整", "partial"),
    "empty": ("无声", "empty"),
    "lost": ("缺失", "lost"),
    "removed": ("到期删除", "removed"),
    # reports that are sent automatically
    "report-due": ("待发送", "to be sent"),
    "report-claimed": ("制作中", "being made"),
    "report-sending": ("发送中", "being sent"),
    "report-sent": ("已发送", "sent"),
    "report-filed": ("已存档", "in its folder"),
    "report-failed": ("发送失败，已存档", "not sent, in its folder"),
    "report-uncertain": ("可能已发送", "may have been sent"),
    # webhooks and their deliveries
    "webhook-active": ("启用", "active"),
    "webhook-paused": ("已暂停", "paused"),
    "webhook-removed": ("已移除", "removed"),
    "delivery-waiting": ("待送达", "waiting"),
    "delivery-delivered": ("已送达", "delivered"),
    "delivery-given-up": ("已放弃", "given up"),
    "delivery-cancelled": ("已取消", "cancelled"),
    "webhook-fails": ("消息无法送达其他系统", "another program does not accept its messages"),
}


def column(key: str, language: Language) -> str:
    return _pick(COLUMNS.get(key, (key, key)), language)


def word(value: str | None, language: Language) -> str:
    """A state, kind, outcome or reason in the reader's language; without a wording, as it is."""
    return "" if value is None else _pick(WORDS.get(value, (value, value)), language)


def words(lines: str | None, language: Language) -> str:
    """Several of them, one a line; what follows a colon is a name or number, and stays as it is."""
    parts = (line.partition(": ") for line in (lines or "").splitlines())
    colons = {": ": say("：", ": ", language), "": ""}
    return "\n".join(word(what, language) + (colons[by] if what in WORDS else by) + who for what, by, who in parts)


def say(zh: str, en: str, language: Language) -> str:
    return zh if language == "zh" else en


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]


def moment(at: datetime | None, zone: tzinfo) -> str:
    """A moment by the site's clock, to the second."""
    return "" if at is None else f"{at.astimezone(zone):%m-%d %H:%M:%S}"


def seconds(length: float | None) -> str:
    """A length as a telephone shows it: 0:07, 12:30, 1:02:03."""
    if length is None:
        return ""
    minutes, rest = divmod(round(length), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
