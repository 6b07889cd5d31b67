"""The words of transfers and of clicks at the screen: what is wanted, how far it is, how it ended."""

TRANSFERS: dict[str, tuple[str, str]] = {
    "keying": ("拨号中", "being keyed"),
    "asked": ("征询中", "being asked"),
    "consented": ("同意接听", "consented"),
    "no-consent": ("未按键确认", "no key pressed"),
    "refused": ("不允许", "refused"),
    "agent-gone": ("坐席已挂", "agent gone"),
    "interrupted": ("系统中断", "interrupted"),
    "unknown": ("号码不存在", "no such number"),
    "himself": ("转给本人", "to the same agent"),
    "not-allowed": ("岗位不允许", "not allowed"),
    "complained-of": ("被投诉人", "complained about"),
    "off-duty": ("不在岗", "off duty"),
    "no-reason": ("未说明事由", "no reason given"),
}
CLICKS: dict[str, tuple[str, str]] = {
    "from-screen": ("点击拨号", "called from the screen"),
    "call": ("拨打", "call"),
    "transfer": ("转接", "transfer"),
    "on-hold": ("保持", "hold"),
    "take-back": ("取回", "take back"),
    "dialling": ("正在呼叫对方", "calling the other telephone"),
    "too-late": ("未及时办理,已作废,请重试", "not done in time and void: try again"),
    "call-over": ("该通话已结束", "the call is over"),
    "not-now": ("此刻无法办理,请重试", "not possible at this point: try again"),
    "not-alone": ("同事也在通话中", "a colleague is in the call, too"),
    "nothing-to-take-back": ("没有可取回的来电", "nothing to take back"),
    "own-busy": ("您的话机正在使用", "your telephone is in use"),
    "own-unreachable": ("您的话机未接入", "your telephone is not connected"),
    "not-lifted": ("您未接起话机", "you did not lift your telephone"),
    "already-asked": ("该任务已在回电", "it is being called back already"),
}
