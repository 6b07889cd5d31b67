"""The access log in words: what somebody did, and to what. The log itself is a chain, and stays as it was written."""

import re

from models.language import Language
from models.text.wording import column, say, word

_DONE: dict[str, tuple[str, str]] = {
    "monitor-listen": ("旁听通话", "listened to a talk"),
    "monitor-whisper": ("密语坐席", "whispered to the agent"),
    "monitor-join": ("加入通话", "joined a talk"),
    "monitor-ended": ("结束监听", "stopped listening"),
    "monitor-refused: no-role": ("监听被拒：岗位不允许", "refused to listen: role not allowed"),
    "monitor-refused: locked": ("监听被拒：密码已锁定", "refused to listen: PIN locked"),
    "monitor-refused: wrong-pin": ("监听被拒：密码错误", "refused to listen: wrong PIN"),
    "monitor-refused: unknown": ("监听未成：无此工号", "could not listen: no such number"),
    "monitor-refused: not-talking": ("监听未成：没有通话", "could not listen: no talk"),
    "monitor-refused: not-allowed": ("监听被拒：不得监听此人", "refused to listen: not this talk"),
    "listened": ("收听录音", "played a recording"),
    "hold": ("保留录音", "held a recording"),
    "hold ended": ("取消保留", "let a recording go"),
    "names and numbers shown": ("查看完整姓名号码", "saw names and numbers"),
    "password shown": ("查看话机密码", "saw a telephone's password"),
    "settings change proposed": ("提出设置修改", "proposed a change of settings"),
    "settings change approved": ("批准设置修改", "approved a change of settings"),
    "settings change turned down": ("否决设置修改", "turned a change of settings down"),
    "prompt replaced": ("更换提示音", "replaced a prompt"),
    "prompt back to the delivered one": ("恢复自带提示音", "went back to the delivered prompt"),
    "owner's number added": ("添加业主号码", "added an owner's number"),
    "owner's number removed": ("删除业主号码", "removed an owner's number"),
    "sign-in link made": ("生成登录链接", "made a sign-in link"),
    "sign-in link made, with the right to administer": (
        "生成管理员登录链接",
        "made a sign-in link for an administrator",
    ),
    "password chosen by link": ("用链接设置密码", "chose a password by a link"),
    "may administer": ("授予管理员权限", "gave the right to administer"),
    "may no longer administer": ("收回管理员权限", "took the right to administer"),
    "password changed": ("修改密码", "changed the password"),
    "exported": ("导出", "exported"),
    "command": ("以他人名义执行命令", "gave a command as another"),
    "swap approved": ("批准换班", "approved a swap"),
    "swap not-approved": ("不批准换班", "refused a swap"),
    "absence approved": ("批准请假", "approved an absence"),
    "absence not-approved": ("不批准请假", "refused an absence"),
}
_EXPORTED_TO = "exported to "
_SUBJECTS = tuple(
    (re.compile(pattern, re.DOTALL), zh)
    for pattern, zh in (
        (r"owners: (\d+) rows", r"业主名册，\1 行"),
        (r"roster: (\d+) shifts", r"值班表，\1 个班次"),
        (r"roster request (\d+)", r"值班申请 \1"),
        (r"recording (\d+): (.*)", r"录音 \1：\2"),
        (r"recording (\d+) (.*)", r"录音 \1 \2"),
        (r"owner (\d+): (.*)", r"业主 \1：\2"),
        (r"(\S+), call (\d+)", r"\1，通话 \2"),
        (r"report (\S+)", r"报表 \1"),
        (r"ticket (\d+)", r"工单 \1"),
        (r"tickets of (\S+)", r"\1 的工单"),
        (r"the newest (\d+) tickets", r"最近 \1 张工单"),
        (r"the newest (\d+) calls", r"最近 \1 个电话"),
        (r"wake-up sheet (\S+)", r"叫醒登记表 \1"),
        (r"wake-up (\d+)", r"叫醒 \1"),
        (r"blocked numbers", "屏蔽号码"),
        (r"open tasks", "待办任务"),
        (r"opt-outs", "不再回访的号码"),
        (r"rooms", "房间"),
        (r"staff", "员工"),
        (r"surveys", "满意度调查"),
    )
)
_SOUGHT = re.compile(r"tickets: ([^:]*)(.*)", re.DOTALL)
_NAME = re.compile(r"(?:^|(?<=, ))[a-z_]+(?= )")
_CONDITIONS = {
    "text": "内容",
    "building": "楼栋",
    "kinds": "类别",
    "states": "状态",
    "open_only": "只看未结",
    "severity": "级别",
    "opened_from": "受理自",
    "opened_before": "受理至",
    "late_at": "到期",
    "owner_id": "业主",
    "mine": "我的",
    "unassigned": "未派",
}


def what(done: str, language: Language) -> str:
    """What somebody did; where it was exported to stays as it is."""
    if done.startswith(_EXPORTED_TO):
        return say("导出到 ", _EXPORTED_TO, language) + done.removeprefix(_EXPORTED_TO)
    return say(*_DONE[done], language) if done in _DONE else word(done, language)


def subject(written: str, language: Language) -> str:
    """To what; names, numbers, paths and reasons stay as they are."""
    if language == "en":
        return written
    for pattern, zh in _SUBJECTS:
        if found := pattern.fullmatch(written):
            return found.expand(zh)
    if sought := _SOUGHT.fullmatch(written):
        named = _NAME.sub(lambda name: _CONDITIONS.get(name[0]) or column(name[0], language), sought[1])
        return f"查找工单：{named}{sought[2].replace(': ', '：', 1)}"
    return written
